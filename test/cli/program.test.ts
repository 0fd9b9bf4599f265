// etrunkctl as a process: exit codes, streams, signals. It runs the built program, which `npm run build` makes.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lacpduFrame, patched } from "../support/frames.js";
import { encodePcap } from "../support/pcap.js";
import { FakeDaemon, usual } from "./fake-daemon.js";
import { reload, trunk } from "./views.js";

// A process takes a good part of a second to start on a busy machine, and some tests start several.
vi.setConfig({ testTimeout: 30_000 });

const PROGRAM = new URL("../../dist/etrunkctl.js", import.meta.url).pathname;

let fake: FakeDaemon;
const children: ChildProcess[] = [];

beforeEach(async () => {
  fake = await FakeDaemon.listening();
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  fake.close();
});

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running etrunkctl that talks to the fake daemon, what it printed so far, and its end. */
function start(words: readonly string[], { socket = fake.path, input = "" } = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...words], { env: { ...process.env, ETRUNKD_SOCKET: socket } });
  children.push(child);
  const printed = { out: "", err: "" };
  child.stdout.on("data", (text) => {
    printed.out += String(text);
  });
  child.stderr.on("data", (text) => {
    printed.err += String(text);
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = new Promise<Result>((resolve) => child.once("close", (code) => resolve({ code, ...printed })));
  return { child, printed, ended };
}

const etrunkctl = (words: readonly string[], options: { socket?: string; input?: string } = {}) =>
  start(words, options).ended;

const split = (line: string): string[] => line.split(" ").filter((word) => word !== "");

test("a display is done: exit 0, the text on stdout, nothing on stderr", async () => {
  const { code, out, err } = await etrunkctl(split("dis eth-trunk 1"));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^Eth-Trunk1's state information is:\n/);
});

test("--json prints one JSON document, also behind the words", async () => {
  const { code, out } = await etrunkctl(split("display eth-trunk 1 --json"));
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual(trunk());
});

test("--socket wins over ETRUNKD_SOCKET, and an empty ETRUNKD_SOCKET is unset", async () => {
  expect((await etrunkctl(["--socket", fake.path, ...split("display version")], { socket: "/nosuch" })).code).toBe(0);
  const { err } = await etrunkctl(split("display version"), { socket: "" });
  expect(err).toContain("/run/etrunkd/etrunkd.sock");
});

test("what is not found is refused: exit 1 and one line", async () => {
  expect(await etrunkctl(split("display eth-trunk 9"))).toEqual({
    code: 1,
    out: "",
    err: "Error: Eth-Trunk9 does not exist.\n",
  });
});

test("--reload says by its exit code what came of it: 0 in force, 1 refused with each problem, 3 without a daemon", async () => {
  fake.handler = () => reload();
  expect(await etrunkctl(["--reload"])).toEqual({ code: 0, out: "", err: "" });
  expect(JSON.parse((await etrunkctl(["--reload", "--json"])).out)).toEqual(reload());
  const problems = ["etrunkd.cfg:1: The file is empty.", "etrunkd.cfg:3: No."];
  fake.handler = () => reload({ outcome: "refused", changed: [], problems });
  expect(await etrunkctl(["--reload"])).toEqual({ code: 1, out: "", err: `${problems.join("\n")}\n` });
  expect((await etrunkctl(["--reload"], { socket: "/nosuch" })).code).toBe(3);
});

test("a line that is no command is refused: exit 1, the line, the caret, the reason", async () => {
  expect(await etrunkctl(split("display eth-trunk x"))).toEqual({
    code: 1,
    out: "",
    err: "display eth-trunk x\n                  ^\nError: Wrong parameter found at '^' position.\n       INTEGER<0-65535>\n",
  });
});

test("no daemon: exit 3 and one line that names the path and the reason", async () => {
  const socket = join(fake.directory, "nosuch.sock");
  for (const words of ["display version", "--monitor", "marker eth-trunk 1"]) {
    const { code, out, err } = await etrunkctl(split(words), { socket });
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toBe(
      `etrunkctl: cannot reach the daemon at ${socket}: no such file (is etrunkd running? --socket or ETRUNKD_SOCKET names another place)\n`,
    );
  }
});

test.for([
  ["--nosuch", "unknown option '--nosuch'"],
  ["--wait 1 reset lacp statistics eth-trunk", "--wait repeats a display, nothing else"],
  ["--wait 1 display version | refresh", "--wait repeats a display, nothing else"],
])("bad flags end with 2: %s", async ([words, problem]) => {
  const { code, out, err } = await etrunkctl(split(words!));
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(problem);
  expect(err.split("\n")).toHaveLength(2);
});

test("--help shows examples and exit codes, --version the version", async () => {
  const help = await etrunkctl(["--help"]);
  expect(help.code).toBe(0);
  expect(help.out).toContain("etrunkctl --wait 10 operState=up");
  expect(help.out).toContain("4 time is up");
  expect(await etrunkctl(["--version"])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("a reader that stops early, as head does, is no error", () => {
  fake.handler = () => ({ trunks: Array.from({ length: 2_000 }, (_, id) => trunk({ id })) });
  const pipeline = `"$NODE" "$PROGRAM" display eth-trunk | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const env = { ...process.env, NODE: process.execPath, PROGRAM, ETRUNKD_SOCKET: fake.path };
  return new Promise<void>((resolve, reject) => {
    const child = spawn("bash", ["-c", pipeline], { env });
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => {
        printed += String(text);
      });
    child.once("close", () => {
      try {
        expect(printed).toBe("Eth-Trunk0's state information is:\n0\n");
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
});

test("--wait ends with 0 and the display as soon as every test holds", async () => {
  let asked = 0;
  fake.handler = () => trunk({ upPorts: ++asked });
  const { code, out, err } = await etrunkctl(split("--wait 10 upPorts>=3 operState=up --json display eth-trunk 1"));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({ upPorts: 3 });
});

test("--wait ends with 4 when time is up, and prints the last values", async () => {
  const { code, out, err } = await etrunkctl(split("--wait 0.2 upPorts=2 display eth-trunk 1 | include Up"));
  expect(code).toBe(4);
  expect(out).toBe("Operate status: up                         Number Of Up Ports In Trunk: 1\n");
  expect(err).toBe("etrunkctl: time is up after 0.2 s\nupPorts=2 does not hold: upPorts is 1\n");
});

test("--wait ends with 4 when no daemon comes, and says why", async () => {
  const { code, out, err } = await etrunkctl(split("--wait 0.1 display version"), { socket: "/nosuch/socket" });
  expect({ code, out }).toEqual({ code: 4, out: "" });
  expect(err).toContain("cannot reach the daemon at /nosuch/socket: no such file");
});

test("--wait refuses a line that is no command at once", async () => {
  expect(await etrunkctl(split("--wait 60 a=1 display nosuch"))).toMatchObject({ code: 1, out: "" });
});

const watching = '{"time":"2026-11-20T10:00:00.000Z","mono":1,"event":"watching"}\n';
const event = '{"time":"2026-11-20T10:00:01.000Z","mono":2,"event":"trunk-state","trunk":1,"from":"up","to":"down"}\n';

test("--monitor prints each line as it comes and ends on Ctrl+C with 0", async () => {
  fake.handler = (_, socket) => void socket.write(watching);
  const { child, printed, ended } = start(split("--monitor trunk-state alarm"));
  await vi.waitFor(() => expect(printed.out).toBe(watching), { timeout: 20_000 });
  expect(fake.requests).toEqual([{ ask: "monitor", events: ["trunk-state", "alarm"] }]);
  child.kill("SIGINT");
  expect(await ended).toEqual({ code: 0, out: watching, err: "" });
});

test("--monitor ends with 3 when the daemon is lost, after its last line", async () => {
  fake.handler = (_, socket) => void socket.end(watching + event);
  const { code, out, err } = await etrunkctl(["--monitor"]);
  expect({ code, out }).toEqual({ code: 3, out: watching + event });
  expect(err).toBe(`etrunkctl: cannot reach the daemon at ${fake.path}: the daemon closed the connection\n`);
});

test("--monitor of an unknown event is refused", async () => {
  fake.handler = () => {
    throw new Error("there is no event nosuch");
  };
  const refused = await etrunkctl(["--monitor", "nosuch"]);
  expect(refused).toEqual({ code: 1, out: "", err: "Error: there is no event nosuch.\n" });
});

test("Ctrl+C ends a row of markers with what there is and 0", async () => {
  const { child, printed, ended } = start(split("marker eth-trunk 1 100"));
  await vi.waitFor(() => expect(printed.out).toContain("1: eth22  no answer\n"), { timeout: 20_000 });
  child.kill("SIGINT");
  const { code, out } = await ended;
  expect(code).toBe(0);
  expect(out).toMatch(/eth1: \d+ sent, \d+ answered, round trip min\/avg\/max 0\.500\/0\.500\/0\.500 ms\n/);
});

const lacpdu = lacpduFrame({
  source: "02:00:00:00:00:01",
  actor: { systemPriority: 1, system: "02:00:00:00:0a:01", key: 2, portPriority: 3, port: 4, state: "10111100" },
});

function capture(...frames: readonly Uint8Array[]): string {
  const file = join(fake.directory, "capture.pcap");
  writeFileSync(file, encodePcap(frames.map((bytes, n) => ({ time: n * 1_000, bytes }))));
  return file;
}

test("--decode of good PDUs ends with 0 and needs no daemon", async () => {
  const { code, out, err } = await etrunkctl(["--decode", capture(lacpdu, lacpdu)], { socket: "/nosuch" });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/LACPDU\n {7}Actor .*\n2 frames, 2 PDUs, 0 faults\n$/s);
});

test("--decode ends with 1 when a PDU has a fault, in JSON too", async () => {
  const file = capture(lacpdu, patched(lacpdu, { 17: 3 }));
  expect(await etrunkctl(["--decode", file])).toMatchObject({ code: 1, out: expect.stringMatching(/1 fault\n$/) });
  const { code, out } = await etrunkctl(["--json", "--decode", file]);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    frames: [{ fault: null }, { fault: { name: "actor-length", clause: "802.1AX-2014 6.4.2.3" } }],
    pdus: 2,
    faults: 1,
    damage: null,
  });
});

test("--decode of a damaged file shows what is whole, says what is wrong and ends with 1", async () => {
  const file = capture(lacpdu, lacpdu);
  const whole = encodePcap([
    { time: 0, bytes: lacpdu },
    { time: 1, bytes: lacpdu },
  ]);
  writeFileSync(file, whole.slice(0, -1));
  const { code, out, err } = await etrunkctl(["--decode", file]);
  expect(code).toBe(1);
  expect(out).toMatch(/1 frame, 1 PDU, 0 faults\n$/);
  expect(err).toBe(`etrunkctl: ${file}: the file ends inside frame 2\n`);
  const json = await etrunkctl(["--json", "--decode", file]);
  expect(JSON.parse(json.out)).toMatchObject({ frames: [{ what: "LACPDU" }], damage: "the file ends inside frame 2" });
});

test.for([
  ["/nosuch/file", "no such file or directory"],
  ["/", "illegal operation on a directory"],
  [PROGRAM, "not a pcap or pcapng capture"],
])("--decode of %s says why it cannot and ends with 1", async ([file, reason]) => {
  expect(await etrunkctl(["--decode", file!])).toEqual({ code: 1, out: "", err: `etrunkctl: ${file}: ${reason}\n` });
});

test("--decode - reads standard input", () => {
  const input = encodePcap([{ time: 0, bytes: lacpdu }]);
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, "--decode", "-"], { input });
  expect(status).toBe(0);
  expect(String(stdout)).toMatch(/1 frame, 1 PDU, 0 faults\n$/);
});

test("-f types a file into the shell, comments and all, and ends with 0 at quit", async () => {
  const file = join(fake.directory, "commands");
  writeFileSync(file, "# a comment\r\n\r\ndis ver | inc uptime\r\n! another\r\nquit\r\nnosuch\r\n");
  expect(await etrunkctl(["-f", file])).toEqual({
    code: 0,
    out: "DeviceA uptime is 3 days, 4 hours, 5 minutes\n",
    err: "",
  });
});

test.for([
  ["display nosuch", "Unrecognized command at 'nosuch' (column 9), expected"],
  ["display eth-trunk 9", "Eth-Trunk9 does not exist."],
  ["display version | refresh", "Nothing would end | refresh here."],
  [`display ${"x".repeat(3_100)}`, "The line is longer than 3100 characters."],
])("-f stops at the first refused line with 1, FILE:LINE and the reason: %.40s", async ([line, reason]) => {
  const input = `display version\n${line}\ndisplay lacp brief\n`;
  const { code, out, err } = await etrunkctl(["-f", "-"], { input });
  expect(code).toBe(1);
  expect(out).toMatch(/^etrunkd 0\.1\.0\n.*minutes\n$/s);
  expect(err.startsWith(`-:2: ${reason}`)).toBe(true);
  expect(err.split("\n")).toHaveLength(2);
});

test("-f of a missing file ends with 1, without a daemon with 3", async () => {
  const missing = await etrunkctl(["-f", "/nosuch/file"]);
  expect(missing).toEqual({ code: 1, out: "", err: "etrunkctl: /nosuch/file: no such file or directory\n" });
  expect(await etrunkctl(["-f", "-"], { input: "display version\n", socket: "/nosuch" })).toMatchObject({ code: 3 });
});

test("lines piped in without -f stop at the first that is refused, which is printed over its caret", async () => {
  const input = "display version | include uptime\ndisplay foo\ndisplay version\n";
  const { code, out, err } = await etrunkctl([], { input });
  expect({ code, out }).toEqual({ code: 1, out: "DeviceA uptime is 3 days, 4 hours, 5 minutes\n" });
  expect(err).toBe("display foo\n        ^\nError: Unrecognized command found at '^' position.\n");
  expect(await etrunkctl([], { input: "display lacp ?\n" })).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^ {2}brief +\S/),
  });
});

test("on a real terminal the shell prompts, helps, completes and gives the terminal back", async () => {
  const command = `"${process.execPath}" "${PROGRAM}"; echo "exit $?"; stty -a | grep -o " icanon"`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: { ...process.env, ETRUNKD_SOCKET: fake.path, TERM: "xterm" },
  });
  children.push(child);
  let shown = "";
  child.stdout.on("data", (text) => {
    shown += String(text);
  });
  const shows = (text: string) => vi.waitFor(() => expect(shown).toContain(text), { timeout: 20_000 });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await shows("<DeviceA>");
  child.stdin.write("dis ve?");
  await shows("version\r\n");
  child.stdin.write("\t\r");
  await shows("DeviceA uptime is");
  child.stdin.write("\x03quit\r");
  await ended;
  expect(shown).toMatch(/exit 0\r\n icanon\r\n$/);
});

test("a shell without a daemon ends with 3", async () => {
  fake.handler = usual;
  expect(await etrunkctl([], { input: "display version\n", socket: "/nosuch" })).toMatchObject({ code: 3 });
});
