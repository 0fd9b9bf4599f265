import { isIP } from "node:net";
import { Command, CommanderError, Option } from "commander";
import { isLinuxName, parseInterfaceName } from "../config/language/interface-name.js";
import { isGroupMac, type Mac, NO_MAC, parseMac } from "../core/base/address.js";
import { programVersion } from "./version.js";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export interface Flags {
  readonly config: string | undefined;
  readonly socket: string;
  readonly stateDirectory: string;
  /** Configured interface name to Linux name, from `--bind`. */
  readonly bindings: ReadonlyMap<string, string>;
  readonly link: "ring" | "pcap";
  readonly systemMac: Mac | undefined;
  readonly metrics: { readonly address: string; readonly port: number } | undefined;
  readonly record: string | undefined;
  /** The recording holds no key. */
  readonly redact: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly check: boolean;
  /** With `check`: whether it fits this host. */
  readonly here: boolean;
}

/** The outcome without a start: text for stdout (help, version), or problems for stderr, one in each line. */
export interface Ending {
  readonly code: 0 | 2;
  readonly text: string;
}

/** Longest path of a Unix socket: sun_path has 108 octets with its closing zero. */
const LONGEST_SOCKET_PATH = 107;

const DEFAULT_SOCKET = "/run/etrunkd/etrunkd.sock";

interface Typed {
  config?: string;
  socket?: string;
  stateDir: string;
  bind: string[];
  link: Flags["link"];
  systemMac?: string;
  metrics?: string;
  record?: string;
  redact?: boolean;
  logLevel: Flags["logLevel"];
  check?: boolean;
  here?: boolean;
}

function command(out: (text: string) => void): Command {
  const each = (value: string, before: string[]): string[] => [...before, value];
  return new Command("etrunkd")
    .description("Bundles links: LACP and Eth-Trunk on Linux, configured like a VRP router. Runs in the foreground.")
    .allowExcessArguments(false)
    .option("--config <file>", "configuration: VRP text, or the JSON model")
    .option("--socket <path>", `control socket (default: $ETRUNKD_SOCKET, or "${DEFAULT_SOCKET}")`)
    .option("--state-dir <dir>", "what must survive a restart; one daemon at a time", "/var/lib/etrunkd")
    .option("--bind <name=iface>", "binds a configured interface name to a Linux interface; repeatable", each, [])
    .addOption(
      new Option("--link <backend>", "how frames are sent and received").choices(["ring", "pcap"]).default("ring"),
    )
    .option("--system-mac <mac>", "device MAC, instead of the one kept in the state directory")
    .option("--metrics <[address:]port>", "Prometheus text over HTTP at /metrics; loopback unless an address is given")
    .option("--record <file>", "write every input of the core to FILE, for replay")
    .option("--redact", "with --record: no key is in FILE, which may be handed on")
    .addOption(new Option("--log-level <level>", "least level logged").choices(LOG_LEVELS).default("info"))
    .option("--check", "validate the configuration and exit")
    .option("--here", "with --check: for this host, with its kernel and its interfaces")
    .version(programVersion(), "--version", "print the version")
    .helpOption("--help", "print this help")
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: () => {} });
}

/** Reads the command line (without node and script) and the environment. */
export function readFlags(words: readonly string[], environment: NodeJS.ProcessEnv): Flags | Ending {
  let printed = "";
  const parser = command((text) => {
    printed += text;
  });
  try {
    parser.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { code: 0, text: printed };
    return { code: 2, text: `etrunkd: ${error.message.replace(/^error: /, "").replaceAll("\n", " ")}\n` };
  }
  const typed = parser.opts<Typed>();
  // An empty variable is an unset one, as everywhere in the shell's world.
  return judge(typed, typed.socket ?? (environment.ETRUNKD_SOCKET || DEFAULT_SOCKET));
}

function judge(typed: Typed, socket: string): Flags | Ending {
  const problems: string[] = [];
  const bindings = readBindings(typed.bind, problems);
  const systemMac = typed.systemMac === undefined ? undefined : readSystemMac(typed.systemMac, problems);
  const metrics = typed.metrics === undefined ? undefined : readMetrics(typed.metrics, problems);
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_PATH)
    problems.push(`--socket ${socket}: the path is longer than ${LONGEST_SOCKET_PATH} octets`);
  for (const [flag, value] of Object.entries({
    config: typed.config,
    socket,
    "state-dir": typed.stateDir,
  }))
    if (value === "") problems.push(`--${flag}: the path is empty`);
  if (typed.redact && typed.record === undefined) problems.push("--redact: needs --record FILE");
  if (typed.here && !typed.check) problems.push("--here: needs --check");
  if (typed.check && typed.config === undefined) problems.push("--check: needs --config FILE");
  if (problems.length > 0) return { code: 2, text: problems.map((problem) => `etrunkd: ${problem}\n`).join("") };
  return {
    config: typed.config,
    socket,
    stateDirectory: typed.stateDir,
    bindings,
    link: typed.link,
    systemMac,
    metrics,
    record: typed.record,
    redact: typed.redact ?? false,
    logLevel: typed.logLevel,
    check: typed.check ?? false,
    here: typed.here ?? false,
  };
}

/** An interface name in the configuration's form: `ge0/1/2` is GigabitEthernet0/1/2. */
function physicalName(text: string): string | undefined {
  const name = parseInterfaceName(text);
  const isPhysical = (name?.kind === "physical" || name?.kind === "linux") && name.subInterface === undefined;
  return isPhysical ? name.text : undefined;
}

function readBindings(texts: readonly string[], problems: string[]): ReadonlyMap<string, string> {
  const bindings = new Map<string, string>();
  for (const text of texts) {
    const [typed = "", device = "", ...more] = text.split("=");
    const name = physicalName(typed);
    const problem = (what: string): number => problems.push(`--bind ${text}: ${what}`);
    if (typed === "" || !text.includes("=") || more.length > 0)
      problem("write NAME=IFACE, for example GigabitEthernet0/1/2=eth2");
    else if (name === undefined) problem(`"${typed}" is not the name of a physical interface`);
    else if (!isLinuxName(device)) problem(`"${device}" is not the name of a Linux interface`);
    else if (bindings.has(name)) problem(`${name} is bound twice`);
    else if ([...bindings.values()].includes(device)) problem(`${device} is bound twice`);
    else bindings.set(name, device);
  }
  return bindings;
}

function readSystemMac(text: string, problems: string[]): Mac | undefined {
  const mac = parseMac(text);
  const problem = (what: string): number => problems.push(`--system-mac ${text}: ${what}`);
  if (mac === undefined) problem("not a MAC address; write 00e0-fc12-3455 or 00:e0:fc:12:34:55");
  else if (mac === NO_MAC) problem("the address of no device");
  else if (isGroupMac(mac)) problem("a group address; the device needs a unicast one");
  return mac;
}

function readMetrics(text: string, problems: string[]): Flags["metrics"] {
  const parts = /^(?:(?:\[(?<six>[^\]]*)\]|(?<four>[^:[\]]*)):)?(?<port>\d{1,5})$/.exec(text)?.groups;
  const port = Number(parts?.port);
  const address = parts?.six ?? parts?.four ?? "127.0.0.1";
  const family = isIP(address);
  if (parts === undefined || port < 1 || port > 65535)
    problems.push(`--metrics ${text}: write [ADDRESS:]PORT with a port of 1-65535, for example 9100 or [::1]:9100`);
  else if (family === 0 || (family === 6) !== (parts.six !== undefined))
    problems.push(`--metrics ${text}: "${address}" is not an IPv4 address, nor an IPv6 address in brackets`);
  else return { address, port };
  return undefined;
}
