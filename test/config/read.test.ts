import { describe, expect, test } from "vitest";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";

const lines = (...all: string[]) => all.join("\n");
/** The model of a text that must be free of problems. */
const modelOf = (...all: string[]) => {
  const { model, problems } = readConfiguration(lines(...all));
  expect(problems).toEqual([]);
  return model;
};
const problemsOf = (...all: string[]) => readConfiguration(lines(...all)).problems;

/** A configuration file as documented, as far as the commands of these views go. */
const DEVICE_A = lines(
  "#",
  "sysname DeviceA",
  "#",
  "lacp priority 100",
  "#",
  "interface Eth-Trunk1",
  " mode lacp-static",
  "#",
  "interface GigabitEthernet0/1/1",
  " undo shutdown",
  "#",
  "interface GigabitEthernet0/1/2",
  " undo shutdown",
  " eth-trunk 1",
  "#",
  "interface GigabitEthernet0/1/3",
  " undo shutdown",
  "#",
  "interface NULL0",
  "#",
  "return",
  "",
);

const MODEL_A = {
  sysname: "DeviceA",
  lacpPriority: 100,
  interfaces: {
    "Eth-Trunk1": { mode: "lacp-static" },
    "GigabitEthernet0/1/1": {},
    "GigabitEthernet0/1/2": { ethTrunk: { id: 1 } },
    "GigabitEthernet0/1/3": {},
  },
};

test("a documented configuration file is read, and printed to the letter", () => {
  expect(modelOf(DEVICE_A)).toEqual(MODEL_A);
  expect(printConfiguration(modelOf(DEVICE_A))).toBe(DEVICE_A);
});

describe("the same model comes of", () => {
  test.for([
    ["a text without # lines and without return", DEVICE_A.replaceAll("#\n", "").replace("return\n", "")],
    ["CRLF line ends", DEVICE_A.replaceAll("\n", "\r\n")],
    ["trailing blanks", DEVICE_A.replaceAll("\n", " \t\n")],
    ["deeper indentation", DEVICE_A.replaceAll("\n ", "\n     ")],
    ["tabs", DEVICE_A.replaceAll("\n ", "\n\t")],
    ["a text indented as a whole", DEVICE_A.replaceAll(/^/gm, "  ")],
    ["comments at any place", DEVICE_A.replaceAll("#\n", "#\n! a comment\n  ! another\n # and one\n")],
    ["a # inside a view", DEVICE_A.replace(" eth-trunk 1", " #\n eth-trunk 1")],
    ["a byte order mark", `\uFEFF${DEVICE_A}`],
    ["anything after return", `${DEVICE_A}no command at all`],
    ["upper case and doubled blanks", DEVICE_A.replace("lacp priority", "LACP  Priority").replace("mode", "MODE")],
    [
      "cut-short keywords",
      DEVICE_A.replaceAll("interface", "int")
        .replace("mode lacp-static", "mo l")
        .replace("undo shutdown", "un sh")
        .replace("lacp priority 100", "lac priority 100"),
    ],
    ["other forms of names", DEVICE_A.replaceAll("GigabitEthernet", "ge ").replace("Eth-Trunk1", "eth-trunk 1")],
    [
      "members that stand before their trunk",
      lines(
        "interface ge0/1/2",
        " eth-trunk 1",
        "interface ge0/1/1",
        "interface ge0/1/3",
        "lacp priority 100",
        "interface Eth-Trunk1",
        " mode lacp-static",
        "sysname DeviceA",
      ),
    ],
    [
      "members named by the trunk",
      lines(
        "interface eth-trunk 1",
        " trunkport gigabitethernet 0/1/1 to 0/1/3",
        " undo trunkport ge 0/1/1 0/1/3",
        " mode lacp-static",
        "sysname DeviceA",
        "lacp priority 100",
      ),
    ],
    ["its JSON form", JSON.stringify(MODEL_A)],
    [
      "JSON with line ends, blanks in front and defaults",
      ` \n${JSON.stringify({ lacpSystemPriority: 32768, lacpPriorityCommandMode: "system-priority", ...MODEL_A }, null, 2)}`
        .replace('"lacpSystemPriority": 32768,', "")
        .replace('"system-priority"', '"default"'),
    ],
  ] as const)("%s", ([, text]) => {
    expect(modelOf(text)).toEqual(MODEL_A);
  });
});

test("interfaces and attributes come in printed order, whatever the order of the lines", () => {
  const model = modelOf(
    "interface eth1",
    "interface ge0/1/10",
    " speed 100",
    "interface ge0/1/9",
    "interface Eth-Trunk2",
    " lacp priority 1",
    " mode lacp-static",
    "sysname x",
  );
  expect(JSON.stringify(model)).toBe(
    '{"sysname":"x","interfaces":{"Eth-Trunk2":{"mode":"lacp-static","lacpPriority":1},"GigabitEthernet0/1/9":{},"GigabitEthernet0/1/10":{"speed":100},"eth1":{}}}',
  );
});

test("every problem is listed with its line", () => {
  const problems = problemsOf(
    "#",
    "sysname a,b",
    "nonsense",
    "lacp priority 65536",
    "interface Eth-Trunk70000",
    " mode lacp-dynamic",
    " least nonsense",
    "interface Eth-Trunk1",
    " mode lacp-static",
    "  lacp timeout fast",
    " least active-linknumber 0",
    " least active-linknumber",
    " eth-trunk 1",
    "shutdown",
    "interface eth1",
    " eth-trunk 5",
    "display version",
    "#",
    " shutdown",
    `description ${"x".repeat(3100)}`,
  );
  expect(problems).toEqual([
    { line: 2, text: "Wrong parameter at 'a,b' (column 9), expected STRING<1-246>." },
    {
      line: 3,
      text: "Unrecognized command at 'nonsense' (column 1), expected bfd | e-trunk | interface | ip | ipv6 | isis | lacp | multicast | pim | pim-ipv6 | remote-backup-profile | remote-backup-service or 5 more.",
    },
    { line: 4, text: "Wrong parameter at '65536' (column 15), expected INTEGER<0-65535>." },
    { line: 5, text: "Wrong parameter at 'Eth-Trunk70000' (column 11), expected Eth-Trunk<0-65535>." },
    { line: 6, text: "Unrecognized command at 'lacp-dynamic' (column 7), expected lacp-static | manual." },
    {
      line: 7,
      text: "Unrecognized command at 'nonsense' (column 8), expected active-bandwidth | active-linknumber.",
    },
    { line: 10, text: "The line is indented under 'mode lacp-static', which opens no view." },
    { line: 11, text: "Wrong parameter at '0' (column 26), expected INTEGER<1-64>." },
    { line: 12, text: "Incomplete command at column 25, expected INTEGER<1-64>." },
    { line: 13, text: "The command is not available on an Eth-Trunk." },
    {
      line: 14,
      text: "Unrecognized command at 'shutdown' (column 1), expected bfd | e-trunk | interface | ip | ipv6 | isis | lacp | multicast | pim | pim-ipv6 | remote-backup-profile | remote-backup-service or 5 more.",
    },
    { line: 16, text: "Eth-Trunk5 does not exist." },
    { line: 17, text: "display is a command of the shell, not of a configuration." },
    {
      line: 19,
      text: "Unrecognized command at 'shutdown' (column 2), expected bfd | e-trunk | interface | ip | ipv6 | isis | lacp | multicast | pim | pim-ipv6 | remote-backup-profile | remote-backup-service or 5 more.",
    },
    { line: 20, text: "The line has 3112 characters, 3100 is the maximum." },
  ]);
});

test("after a refused interface line only what no interface understands is a problem of its own", () => {
  expect(problemsOf("interface Eth-Trunk65536", " mode lacp-static", " speed 10", " speed 1", " quit")).toEqual([
    { line: 1, text: "Wrong parameter at 'Eth-Trunk65536' (column 11), expected Eth-Trunk<0-65535>." },
    { line: 4, text: "Wrong parameter at '1' (column 8), expected INTEGER<10-400000>." },
    { line: 5, text: "quit is a command of the shell, not of a configuration." },
  ]);
});

test("what stands under an interface of a kind we do not have is not looked at", () => {
  expect(
    problemsOf("interface Global-VE 0", " ip address 1.1.1.1 32", "interface Vlanif10.1", " vlan-type dot1q 5"),
  ).toEqual([
    { line: 1, text: "Global-VE interfaces are not available in this version." },
    { line: 3, text: "Vlanif interfaces have no sub-interfaces." },
  ]);
});

test("a problem of an interface is told at the line that wrote the attribute last", () => {
  expect(
    problemsOf("interface eth1", " eth-trunk 3", "interface eth2", "interface eth1", " undo eth-trunk", " eth-trunk 4"),
  ).toEqual([{ line: 6, text: "Eth-Trunk4 does not exist." }]);
});

test("a line that is kept without effect is told", () => {
  const { model, problems, notices } = readConfiguration(
    lines(
      "interface Eth-Trunk1",
      " mode lacp-static",
      " lacp track vrrp 5 interface eth9",
      " lacp unique-port-number enable",
    ),
  );
  const text = "Kept in the configuration; etrunkd does not act on it.";
  expect(problems).toEqual([]);
  expect(notices).toEqual([
    { line: 3, text },
    { line: 4, text },
  ]);
  expect(readConfiguration(JSON.stringify(model, null, 1)).notices).toHaveLength(2);
});

test("of a file that is no configuration ten thousand problems are listed, and that there are more", () => {
  const { problems } = readConfiguration("x\n".repeat(12_000));
  expect(problems).toHaveLength(10_001);
  expect(problems.at(-1)).toEqual({ line: 10_001, text: "10000 problems; the rest is not listed." });
});

test("defaults and flags that are off are not stored", () => {
  expect(
    modelOf(
      "lacp priority 32768",
      "interface Eth-Trunk1",
      " mode lacp-static",
      " least active-linknumber 1",
      " max active-linknumber 16",
      " lacp timeout slow",
      " lacp preempt enable",
      " lacp preempt delay 30",
      " lacp selected priority",
      " lacp system-id ffff-ffff-ffff",
      " lacp mixed-rate link enable",
      " undo lacp mixed-rate link enable",
      "interface eth1",
      " undo shutdown",
      " distribute-weight 1",
      " lacp priority 32768",
      " eth-trunk 1 mode active",
    ),
  ).toEqual({
    interfaces: {
      "Eth-Trunk1": { mode: "lacp-static", lacpPreemptEnable: true },
      eth1: { ethTrunk: { id: 1 } },
    },
  });
});

test("names that every object inherits are names like others", () => {
  const model = modelOf("interface constructor", " description of mine", "interface toString", " shutdown");
  expect(Object.entries(model.interfaces!)).toEqual([
    ["constructor", { description: "of mine" }],
    ["toString", { shutdown: true }],
  ]);
  expect(problemsOf("undo interface hasOwnProperty")).toEqual([{ line: 1, text: "hasOwnProperty does not exist." }]);
});

test("an empty text is an empty configuration", () => {
  for (const text of ["", "\n", "#\nreturn\n", "{}"])
    expect(readConfiguration(text)).toEqual({ model: {}, problems: [], notices: [] });
});
