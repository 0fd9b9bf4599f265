import { join } from "node:path";
import { Wire } from "../../src/lab/wire.js";
import { Daemon } from "./daemon.js";
import type { Lab } from "./lab.js";
import { ipIn } from "./namespace.js";

/** The two PEs of a pair. */
export type Pe = "PE1" | "PE2";
const PES: readonly Pe[] = ["PE1", "PE2"];

export const ADDRESSES: { readonly [pe in Pe]: string } = { PE1: "10.9.0.1", PE2: "10.9.0.2" };
const SYSTEM_MACS: { readonly [pe in Pe]: string } = { PE1: "00e0-fc00-0001", PE2: "00e0-fc00-0002" };
const other = (pe: Pe): Pe => (pe === "PE1" ? "PE2" : "PE1");
/** The PE's link to the CE, under the same name at both ends. */
export const CE_LINK: { readonly [pe in Pe]: string } = { PE1: "eth1", PE2: "eth2" };

/** Lines that a test adds to the configuration of a PE, without indentation. */
export interface PeParts {
  /** One-line commands of system view. */
  readonly system?: readonly string[];
  /** Lines of the E-Trunk view. */
  readonly etrunk?: readonly string[];
  /** Lines of the member trunk. */
  readonly trunk?: readonly string[];
}

/** Key of both PEs of a lab. */
export const KEY = "lab-key-7Xq2";

/** Configuration of a PE: hellos every second, a fail time of 3 s, and a short revert delay. */
export function peConfiguration(pe: Pe, { system = [], etrunk = [], trunk = [] }: PeParts = {}): string {
  const defaults = [
    `priority ${pe === "PE1" ? 10 : 20}`,
    `peer-address ${ADDRESSES[other(pe)]} source-address ${ADDRESSES[pe]}`,
    "timer hold-on-failure multiplier 3",
    "timer revert delay 3",
    `security-key cipher ${KEY}`,
  ];
  // A line of the test replaces the default line of the same command.
  const isReplaced = (line: string) =>
    etrunk.some((own) => own.split(" ")[0] === line.split(" ")[0] && own.split(" ")[1] === line.split(" ")[1]);
  const lines = [...defaults.filter((line) => !isReplaced(line)), ...etrunk];
  return [
    `sysname ${pe}`,
    ...system,
    "e-trunk 1",
    ...lines.map((line) => ` ${line}`),
    "interface Eth-Trunk10",
    " mode lacp-static",
    " lacp timeout fast",
    " e-trunk 1",
    ...trunk.map((line) => ` ${line}`),
    `interface ${CE_LINK[pe]}`,
    " eth-trunk 10",
    "",
  ].join("\n");
}

/** Configuration of the CE; `trunk`: further lines of its trunk. */
const ceConfiguration = (trunk: readonly string[] = []): string =>
  [
    "sysname CE",
    "interface Eth-Trunk1",
    " mode lacp-static",
    " lacp timeout fast",
    ...trunk.map((line) => ` ${line}`),
    ...Object.values(CE_LINK).flatMap((link) => [`interface ${link}`, " eth-trunk 1"]),
    "",
  ].join("\n");

/** Two PEs and a CE, each an etrunkd: a link from each PE to the CE, and one between the PEs. */
export class EtrunkLab {
  readonly pe: { readonly [pe in Pe]: Daemon };
  readonly ce: Daemon;
  /** Each PE's link to the CE. */
  readonly ceWire: { readonly [pe in Pe]: Wire };
  /** Wire between the PEs, with one link, `ctl`. */
  readonly control: Wire;

  private constructor(parts: Pick<EtrunkLab, "pe" | "ce" | "ceWire" | "control">) {
    this.pe = parts.pe;
    this.ce = parts.ce;
    this.ceWire = parts.ceWire;
    this.control = parts.control;
  }

  /** Starts everything; resolves when all links are plugged in. `flags`: flags of each PE besides its device MAC. */
  static async start(
    lab: Lab,
    parts: { readonly [pe in Pe]?: PeParts } & { readonly CE?: readonly string[] } = {},
    flags: { readonly [pe in Pe]?: readonly string[] } = {},
  ): Promise<EtrunkLab> {
    const [pe1, pe2, ce] = [await lab.namespace("p1"), await lab.namespace("p2"), await lab.namespace("ce")];
    const namespaces: { readonly [pe in Pe]: string } = { PE1: pe1, PE2: pe2 };
    const control = await Wire.create(lab, [pe1, pe2], ["ctl"], "wc");
    const ceWire = {
      PE1: await Wire.create(lab, [pe1, ce], [CE_LINK.PE1], "w1"),
      PE2: await Wire.create(lab, [pe2, ce], [CE_LINK.PE2], "w2"),
    };
    for (const pe of PES) await ipIn(namespaces[pe], "address", "add", `${ADDRESSES[pe]}/24`, "dev", "ctl");
    await control.connect("ctl");
    for (const pe of PES) await ceWire[pe].connect(CE_LINK[pe]);
    const start = (pe: Pe) =>
      Daemon.start({
        namespace: namespaces[pe],
        folder: join(lab.folder, pe),
        configuration: peConfiguration(pe, parts[pe]),
        flags: ["--system-mac", SYSTEM_MACS[pe], ...(flags[pe] ?? [])],
      });
    const ceDaemon = await Daemon.start({
      namespace: ce,
      folder: join(lab.folder, "CE"),
      configuration: ceConfiguration(parts.CE),
    });
    const started = { PE1: await start("PE1"), PE2: await start("PE2") };
    return new EtrunkLab({ pe: started, ce: ceDaemon, ceWire, control });
  }

  /** Gives a PE another configuration. */
  configure(pe: Pe, parts: PeParts = {}): void {
    this.pe[pe].configure(peConfiguration(pe, parts));
  }

  /** Logs of all three daemons. */
  get logs(): string {
    return [this.pe.PE1, this.pe.PE2, this.ce].map(({ log }) => log).join("--- the next\n");
  }

  async stop(): Promise<void> {
    await Promise.all([this.pe.PE1, this.pe.PE2, this.ce].map((daemon) => daemon.stop()));
  }
}
