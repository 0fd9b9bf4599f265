import { expect, test } from "vitest";
import { readFlags } from "../../src/cli/flags.js";

const read = (line: string, environment = {}) => readFlags(line.split(" ").filter(Boolean), environment);

const nothing = {
  socket: "/run/etrunkd/etrunkd.sock",
  json: false,
  words: [],
  file: undefined,
  decode: undefined,
  monitor: false,
  reload: false,
  replace: undefined,
  check: false,
  wait: undefined,
};

test.for([
  ["", {}],
  ["display eth-trunk 1", { words: ["display", "eth-trunk", "1"] }],
  ["--socket /s --json display version", { socket: "/s", json: true, words: ["display", "version"] }],
  ["display version --json", { json: true, words: ["display", "version"] }],
  ["-f -", { file: "-" }],
  ["--decode -", { decode: "-" }],
  ["--monitor alarm", { monitor: true, words: ["alarm"] }],
  ["--wait 0.5 a=1 display version", { wait: 0.5, words: ["a=1", "display", "version"] }],
  ["-- display version | include --x", { words: ["display", "version", "|", "include", "--x"] }],
] as const)("%s is read", ([line, flags]) => {
  expect(read(line)).toEqual({ ...nothing, ...flags });
});

test("the environment names the socket, unless it is empty or the flag is given", () => {
  expect(read("", { ETRUNKD_SOCKET: "/e" })).toMatchObject({ socket: "/e" });
  expect(read("", { ETRUNKD_SOCKET: "" })).toMatchObject({ socket: "/run/etrunkd/etrunkd.sock" });
  expect(read("--socket /s", { ETRUNKD_SOCKET: "/e" })).toMatchObject({ socket: "/s" });
});

test.for([
  ["--nosuch", "unknown option '--nosuch'"],
  ["--wait x display version", "--wait takes 0 to 86400 seconds, not 'x'"],
  ["--wait 86401 display version", "--wait takes 0 to 86400 seconds, not '86401'"],
  ["--wait 1", "--wait needs a display to repeat"],
  ["--wait", "option '--wait <seconds>' argument missing"],
  ["--monitor --decode x", "--decode and --monitor exclude each other"],
  ["-f x display version", "-f takes no words, but 'display' was given"],
  ["--decode x y", "--decode takes no words, but 'y' was given"],
])("%s is refused with one line", ([line, problem]) => {
  expect(read(line!)).toEqual({ code: 2, text: `etrunkctl: ${problem}; see --help` });
});

test("an empty socket path is refused", () => {
  expect(readFlags(["--socket", ""], {})).toEqual({ code: 2, text: "etrunkctl: --socket needs a path; see --help" });
});
