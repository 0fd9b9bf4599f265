import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CommandLine } from "../../src/cli/command-line.js";
import { Pager } from "../../src/cli/pager.js";
import { TabCompletion } from "../../src/cli/tab.js";
import { FakeDaemon, usual } from "./fake-daemon.js";
import { CTRL, LEFT, Terminal, UP } from "./terminal.js";

vi.setConfig({ testTimeout: 30_000 });

let fake: FakeDaemon;

beforeEach(async () => {
  fake = await FakeDaemon.listening();
});

afterEach(() => fake.close());

async function open(): Promise<Terminal> {
  const terminal = new Terminal(fake.path);
  await terminal.shows("<DeviceA>");
  return terminal;
}

test("the prompt names the host, a command prints, quit ends the session", async () => {
  const terminal = await open();
  expect(terminal.text).toBe("etrunkctl 0.1.0: ? helps, Tab completes, quit ends.\n<DeviceA>");
  terminal.type("dis ver\r");
  await terminal.showsText("<DeviceA>dis ver\netrunkd 0.1.0\nNode.js v20.20.2");
  await terminal.shows("<DeviceA>");
  terminal.type("quit\r");
  expect(await terminal.ended).toBe(0);
});

test("a refused line has its caret under the fault, past the prompt", async () => {
  const terminal = await open();
  terminal.type("display foo\r");
  await terminal.showsText(
    "<DeviceA>display foo\n                 ^\nError: Unrecognized command found at '^' position.\n<DeviceA>",
  );
  terminal.type("display eth-trunk 9\r");
  await terminal.showsText("<DeviceA>display eth-trunk 9\nError: Eth-Trunk9 does not exist.\n<DeviceA>");
});

test("? helps at once and leaves the line as it was", async () => {
  const terminal = await open();
  terminal.type("display lacp ");
  await terminal.shows("<DeviceA>display lacp ");
  terminal.type("?");
  await terminal.showsText("<DeviceA>display lacp ?\n  brief       System priority");
  await terminal.shows("<DeviceA>display lacp ");
  terminal.type("brief\r");
  await terminal.showsText("System Priority: 32768\n");
});

test("? before the end of a line helps with what stands left of it and keeps the rest", async () => {
  const terminal = await open();
  terminal.type(`display version${LEFT.repeat(7)}?`);
  await terminal.showsText("<DeviceA>display ?\n  alarm ");
  await terminal.shows("<DeviceA>display version");
  terminal.type("lacp brief |");
  await terminal.shows("<DeviceA>display lacp brief |version");
});

test("a caret of help stands under the fault too", async () => {
  const terminal = await open();
  terminal.type("foo ?");
  await terminal.showsText("<DeviceA>foo ?\n         ^\nError: Unrecognized command");
});

test("Tab completes a word, walks through several and prints the line again for none", async () => {
  const terminal = await open();
  terminal.type("di\t");
  await terminal.shows("<DeviceA>display ");
  terminal.type("eth\t");
  await terminal.shows("<DeviceA>display eth-trunk ");
  for (const candidate of ["1", "20", "brief", "1"]) {
    terminal.type("\t");
    await terminal.shows(`<DeviceA>display eth-trunk ${candidate}`);
  }
  terminal.type(" x\t");
  await terminal.showsText("<DeviceA>display eth-trunk 1 x\n<DeviceA>display eth-trunk 1 x");
});

test("keys typed while Tab asks the daemon are not lost", async () => {
  const terminal = await open();
  terminal.type("di\tver\t\r");
  await terminal.showsText("<DeviceA>display version \netrunkd 0.1.0");
});

test("Up brings the last line back, Ctrl+X and Ctrl+Y jump to start and end, Ctrl+G shows the configuration", async () => {
  const terminal = await open();
  terminal.type("display version\r");
  await terminal.showsText("uptime is");
  await terminal.shows("<DeviceA>");
  terminal.type(UP);
  await terminal.shows("<DeviceA>display version");
  terminal.type(`${CTRL.x}a${CTRL.y}b`);
  await terminal.shows("<DeviceA>adisplay versionb");
  terminal.type(CTRL.g);
  await terminal.showsText("<DeviceA>display current-configuration\n#\nsysname DeviceA\n");
});

test("Ctrl+C drops the line, Ctrl+Z does nothing, the shell goes on", async () => {
  const terminal = await open();
  terminal.type(`nonsense${CTRL.z}${CTRL.c}`);
  await terminal.shows("<DeviceA>");
  terminal.type("display history-command\r");
  await terminal.showsText("<DeviceA>display history-command\n  display history-command\n<DeviceA>");
});

test("Ctrl+C stops a command that waits for its answer and keeps the shell", async () => {
  fake.handler = (request, socket) => (request.ask === "marker" ? undefined : usual(request, socket));
  const terminal = await open();
  terminal.type("marker eth-trunk 1\r");
  await vi.waitFor(() => expect(fake.requests.at(-1)?.ask).toBe("marker"), { timeout: 15_000 });
  terminal.type(CTRL.c);
  await terminal.shows("<DeviceA>");
  terminal.type("display version\r");
  await terminal.showsText("uptime is");
});

test("Ctrl+C stops a display that refreshes itself", async () => {
  const terminal = await open();
  terminal.type("display version | refresh | include uptime\r");
  await terminal.showsText("DeviceA uptime is");
  terminal.type(CTRL.c);
  await terminal.showsText("^C\n<DeviceA>");
});

test("a daemon that is lost is told, and asked again with the next command", async () => {
  const terminal = await open();
  fake.handler = () => fake.hangUp();
  terminal.type("display version\r");
  await terminal.showsText(`etrunkctl: cannot reach the daemon at ${fake.path}: the daemon closed the connection\n`);
  fake.handler = usual;
  terminal.type("display version\r");
  await terminal.showsText("uptime is");
});

test("Ctrl+D on an empty line and the end of input end the session", async () => {
  const first = await open();
  first.type(CTRL.d);
  expect(await first.ended).toBe(0);
  const second = await open();
  second.keys.end();
  expect(await second.ended).toBe(0);
});

test("a long display stops after a page, and screen-length changes or ends that", async () => {
  const terminal = await open();
  terminal.type("screen-length 4 temporary\rdisplay eth-trunk 1\r");
  await terminal.shows("  ---- More ----");
  expect(terminal.text).toMatch(/Local:\n {2}---- More ----$/);
  terminal.type("\r");
  await vi.waitFor(() => expect(terminal.text).toMatch(/LAG ID: .*\n {2}---- More ----$/), { timeout: 15_000 });
  terminal.type(" ");
  await vi.waitFor(() => expect(terminal.text).toMatch(/Operate status: .*\n {2}---- More ----$/), { timeout: 15_000 });
  terminal.type(CTRL.c);
  await terminal.shows("<DeviceA>");
  terminal.type("display eth-trunk 1 | no-more\r");
  await terminal.showsText("Partner:\n");
  await terminal.shows("<DeviceA>");
  terminal.type("screen-length 0 temporary\rdisplay eth-trunk 20\r");
  await terminal.showsText("GigabitEthernet1/0/2      no such interface\n<DeviceA>");
});

/** A pager over ten lines, three a page: what is on the screen without what was erased, and whether it is over. */
function paged(...keys: string[]) {
  let shown = "";
  let isOver = false;
  const text = Array.from({ length: 10 }, (_, n) => `line ${n}\n`).join("");
  const write = (more: string) => {
    shown += more;
  };
  const pager = new Pager(text, 3, { write, columns: 80 }, () => {
    isOver = true;
  });
  for (const key of keys) pager.key(key.length === 1 ? key : undefined, { name: nameOf(key) });
  const rows = shown.split("\n").map((row) => row.slice(row.lastIndexOf("\r") + 1).replace("\x1b[K", ""));
  return { rows, isOver };
}

const nameOf = (key: string): string => ({ " ": "space", "\r": "return" })[key] ?? key;

test.for([
  ["no key", [], ["line 0", "line 1", "line 2", "  ---- More ----"], false],
  ["any other key", ["q"], ["line 0", "line 1", "line 2", ""], true],
  ["Space", [" ", " ", " "], [...Array.from({ length: 10 }, (_, n) => `line ${n}`), ""], true],
  ["+re", [..."+[79]\r"], ["line 0", "line 1", "line 2", "+[79]", "line 7", "line 9", ""], true],
  ["-re", [..."-[3-8]\r"], ["line 0", "line 1", "line 2", "-[3-8]", "line 9", ""], true],
  ["/re", [..."/7\r"], ["line 0", "line 1", "line 2", "/7", "line 7", "line 8", "line 9", ""], true],
  ["/re of nothing", [..."/x\r"], ["line 0", "line 1", "line 2", "/x", ""], true],
  ["a filter taken back", ["+", "7", "backspace", "backspace", "q"], ["line 0", "line 1", "line 2", ""], true],
  [
    "a filter that is no expression",
    [..."+(\r"],
    ["line 0", "line 1", "line 2", "+(", "Error: a '(' is not closed.", "  ---- More ----"],
    false,
  ],
] as const)("the pager obeys %s", ([, keys, rows, isOver]) => {
  expect(paged(...keys)).toEqual({ rows, isOver });
});

test("a line wider than the screen counts as the rows it takes", () => {
  let shown = "";
  const write = (text: string) => {
    shown += text;
  };
  new Pager(`${"x".repeat(25)}\nb\nc\n`, 3, { write, columns: 10 }, () => {});
  expect(shown).toBe(`${"x".repeat(25)}\n  ---- More ----`);
});

test("Tab gives the longest common beginning first, then one candidate after the other", () => {
  const tab = new TabCompletion();
  const commands = new CommandLine();
  const known = { trunks: [10, 11, 2] };
  expect(tab.next("display eth-trunk 1", known, commands)).toBe("display eth-trunk 10");
  expect(tab.next("display eth-trunk 10", known, commands)).toBe("display eth-trunk 11");
  expect(tab.next("display eth-trunk 11", known, commands)).toBe("display eth-trunk 10");
  expect(tab.next("display version | i", known, commands)).toBe("display version | ignore-case");
  expect(tab.next("DIS", known, commands)).toBe("display ");
  expect(tab.next("display eth-trunk ", { trunks: [100, 101] }, commands)).toBe("display eth-trunk 100");
  expect(tab.next("marker eth-trunk ", { trunks: [100, 101] }, commands)).toBe("marker eth-trunk 10");
  expect(tab.next("marker eth-trunk 10", { trunks: [100, 101] }, commands)).toBe("marker eth-trunk 100");
  expect(tab.next("nosuch", known, commands)).toBeUndefined();
});
