import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Daemon, Refused, Stopped, Unreachable } from "../../src/cli/client.js";
import { CommandLine } from "../../src/cli/command-line.js";
import { runMarker } from "../../src/cli/commands/marker.js";
import type { Output } from "../../src/cli/output.js";
import { NO_FILTERS } from "../../src/cli/output-filters.js";
import { run } from "../../src/cli/run.js";
import { parseValueTest } from "../../src/cli/value-test.js";
import { waitFor } from "../../src/cli/wait.js";
import { typed } from "../support/typed.js";
import { FakeDaemon, type Handler, usual } from "./fake-daemon.js";
import { trunk, version } from "./views.js";

let fake: FakeDaemon;
let daemon: Daemon;

class Collected implements Output {
  text = "";
  complaints: string[] = [];
  print(text: string): void {
    this.text += text;
  }
  complain(line: string): void {
    this.complaints.push(line);
  }
}

beforeEach(async () => {
  fake = await FakeDaemon.listening();
  daemon = new Daemon(fake.path);
});

afterEach(() => {
  daemon.close();
  fake.close();
});

const ask = (path: string) => new Daemon(path).ask<"version">({ ask: "version" });

test("requests on one connection are answered in turn", async () => {
  expect(await daemon.ask<"version">({ ask: "version" })).toEqual(version);
  expect(await daemon.ask<"eth-trunk">({ ask: "eth-trunk", id: 1 })).toEqual(trunk());
  expect(fake.clients).toBe(1);
  expect(fake.requests).toEqual([{ ask: "version" }, { ask: "eth-trunk", id: 1 }]);
});

test("a refusal carries the daemon's words and the connection goes on", async () => {
  await expect(daemon.ask<"eth-trunk">({ ask: "eth-trunk", id: 9 })).rejects.toThrow(
    new Refused("Eth-Trunk9 does not exist"),
  );
  expect(await daemon.ask<"version">({ ask: "version" })).toEqual(version);
  expect(fake.clients).toBe(1);
});

test("a missing socket is named with its reason", async () => {
  const path = join(fake.directory, "nosuch.sock");
  await expect(ask(path)).rejects.toThrow(
    new Unreachable(path, "no such file (is etrunkd running? --socket or ETRUNKD_SOCKET names another place)"),
  );
});

test("a file that is no socket is refused, as a directory in the way is", async () => {
  const file = join(fake.directory, "file");
  writeFileSync(file, "");
  await expect(ask(file)).rejects.toThrow(`cannot reach the daemon at ${file}: connection refused`);
  await expect(ask(join(file, "x"))).rejects.toThrow("a part of the path is not a directory");
});

test("a path too long for a socket is told, not cut", async () => {
  await expect(ask(`/${"x".repeat(107)}`)).rejects.toThrow("the path is longer than 107 octets");
});

test("a daemon that hangs up is lost, and found again by the next request", async () => {
  fake.handler = () => fake.hangUp();
  await expect(daemon.ask<"version">({ ask: "version" })).rejects.toThrow("the daemon closed the connection");
  fake.handler = usual;
  expect(await daemon.ask<"version">({ ask: "version" })).toEqual(version);
});

test("a daemon that does not answer is given up, and its late answer is not taken for another", async () => {
  let answerLate = () => {};
  fake.handler = (_, socket) => {
    answerLate = () => void socket.write(`${JSON.stringify({ ok: true, data: version })}\n`);
  };
  await expect(daemon.ask<"version">({ ask: "version" }, { timeoutMs: 20 })).rejects.toThrow("no answer within 0.02 s");
  fake.handler = (request, socket) => {
    answerLate();
    return usual(request, socket);
  };
  expect(await daemon.ask<"eth-trunk">({ ask: "eth-trunk", id: 1 })).toEqual(trunk());
});

test.for(["garbage", "null", "17"])("whoever answers %s is not etrunkd", async (text) => {
  fake.handler = (_, socket) => void socket.write(`${text}\n`);
  await expect(daemon.ask<"version">({ ask: "version" })).rejects.toThrow("what answers there is not etrunkd");
});

test("an answer of many megabytes in many pieces arrives whole", async () => {
  const trunks = Array.from({ length: 4_000 }, (_, id) => trunk({ id }));
  fake.handler = () => ({ trunks });
  const answer = await daemon.ask<"eth-trunk">({ ask: "eth-trunk" });
  expect("trunks" in answer && answer.trunks.length).toBe(4_000);
});

test("a signal ends a request", async () => {
  fake.handler = () => undefined;
  const controller = new AbortController();
  const asked = daemon.ask<"version">({ ask: "version" }, { signal: controller.signal });
  controller.abort();
  await expect(asked).rejects.toThrow(Stopped);
  await expect(daemon.ask<"version">({ ask: "version" }, { signal: controller.signal })).rejects.toThrow(Stopped);
});

test("events arrive as the daemon's own lines, in order, until it is gone", async () => {
  const lines = ['{"time":"t","mono":1,"event":"watching"}', '{"time":"t","mono":2,"event":"alarm","id":"x"}'];
  fake.handler = (_, socket) => void socket.end(`${lines.join("\n")}\n`);
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { text } of daemon.monitor(["alarm"])) seen.push(text);
  })();
  await expect(watching).rejects.toThrow("the daemon closed the connection");
  expect(seen).toEqual(lines);
  expect(fake.requests).toEqual([{ ask: "monitor", events: ["alarm"] }]);
});

test("an event the daemon does not know is refused", async () => {
  fake.handler = () => {
    throw new Error("there is no event nosuch");
  };
  await expect(daemon.monitor(["nosuch"]).next()).rejects.toThrow(new Refused("there is no event nosuch"));
});

const tests = (...texts: string[]) => texts.map((text) => parseValueTest(text)!);
const display = typed("display eth-trunk 1");

test("a wait ends with the first answer for which every test holds", async () => {
  let asked = 0;
  fake.handler = () => trunk({ upPorts: ++asked });
  const outcome = await waitFor(display, tests("upPorts>=3", "operState=up"), 5, daemon);
  expect(outcome).toMatchObject({ held: true, answer: { document: { upPorts: 3 } } });
});

test("a wait outlasts a daemon that is not there, a daemon that dies and a trunk that is not there", async () => {
  const stages: Handler[] = [
    () => late.hangUp(),
    () => {
      throw new Error("Eth-Trunk1 does not exist");
    },
    () => trunk(),
  ];
  const late = new FakeDaemon((request, socket) => stages.shift()!(request, socket));
  const waiting = waitFor(display, tests("upPorts=1"), 5, new Daemon(late.path));
  await late.listen();
  expect(await waiting).toMatchObject({ held: true });
  expect(stages).toEqual([]);
  late.close();
});

test("when time is up the last values are told", async () => {
  const outcome = await waitFor(display, tests("upPorts=2", "operState=up", "ports.0.x=1"), 0.1, daemon);
  expect(outcome).toMatchObject({
    held: false,
    answer: { document: trunk() },
    reasons: [
      "upPorts=2 does not hold: upPorts is 1",
      "ports.0.x=1 does not hold: ports.0.x is not there; there is name, interface, linkUp, linkDowns, status, reason, ...",
    ],
  });
});

test("a wait of no time asks once, and a silent daemon does not prolong a wait", async () => {
  expect(await waitFor(display, tests("upPorts=1"), 0, daemon)).toMatchObject({ held: true });
  fake.handler = () => undefined;
  const outcome = await waitFor(display, tests("upPorts=1"), 0.1, daemon);
  expect(outcome).toMatchObject({
    held: false,
    answer: undefined,
    reasons: [expect.stringMatching("no answer within")],
  });
});

test("markers print round trips and missing answers, and one JSON document on demand", async () => {
  const text = new Collected();
  await runMarker(daemon, { id: 1, count: 1, json: false, output: text });
  expect(text.text).toBe("eth1   round trip 0.500 ms\neth22  no answer\n");
  const json = new Collected();
  await runMarker(daemon, { id: 1, count: 1, json: true, output: json });
  expect(JSON.parse(json.text)).toEqual({
    id: 1,
    count: 1,
    ports: [
      { name: "eth1", roundTripMs: 0.5, roundTripsMs: [0.5] },
      { name: "eth22", roundTripMs: null, roundTripsMs: [null] },
    ],
  });
});

test("markers stopped early sum up what there is", async () => {
  const output = new Collected();
  const controller = new AbortController();
  output.print = (text) => {
    output.text += text;
    controller.abort();
  };
  await runMarker(daemon, { id: 1, count: 5, json: false, output, signal: controller.signal });
  expect(output.text.split("\n")).toEqual([
    "1: eth1   round trip 0.500 ms",
    "1: eth22  no answer",
    "eth1: 1 sent, 1 answered, round trip min/avg/max 0.500/0.500/0.500 ms",
    "eth22: 1 sent, 0 answered",
    "",
  ]);
});

test("a trunk without a selected port sends no marker and says so", async () => {
  fake.handler = () => ({ id: 1, ports: [] });
  const marking = runMarker(daemon, { id: 1, count: 1, json: false, output: new Collected() });
  await expect(marking).rejects.toThrow(new Refused("Eth-Trunk1 has no selected port"));
});

const printed = async (line: string, json = false): Promise<string> => {
  const parsed = new CommandLine().parse(line);
  if (!parsed.ok || parsed.row.kind !== "asking") throw new Error(line);
  const output = new Collected();
  await run(parsed.row, parsed.match, parsed.filters, { daemon, output, json });
  return output.text;
};

test.for([
  ["display eth-trunk", /^Eth-Trunk1's state.*\n\nEth-Trunk20's state/s],
  ["display eth-trunk 20", /^Eth-Trunk20's state/],
  ["display eth-trunk brief", /\nEth-Trunk1 +STATIC/],
  ["display trunkmembership eth-trunk 20", /^Trunk ID: 20\n/],
  ["display lacp statistics eth-trunk", /^Eth-trunk1's PDU statistic is:/],
  ["display lacp statistics eth-trunk 1", /^Eth-trunk1's PDU statistic is:/],
  ["display lacp brief", /^System Priority: 32768\n/],
  ["display alarm active", /^1:Critical/],
  ["display alarm active verbose", /^Sequence: 12\n/],
  ["display smart-link flush", /^Receive flush packets count: +1191\n/],
  ["display smart-link flush interface", /^Interface +VLAN/],
  ["reset smart-link flush", /^$/],
  ["protect-switch eth-trunk 20", /^$/],
  ["display version", /^etrunkd 0\.1\.0\n/],
  ["display current-configuration", /^#\nsysname DeviceA\n#\nreturn\n$/],
  ["display current-configuration | include sysname", /^sysname DeviceA\n$/],
  ["reset lacp statistics eth-trunk", /^$/],
  ["reset lacp statistics eth-trunk 1", /^$/],
] as const)("%s prints its text", async ([line, text]) => {
  expect(await printed(line)).toMatch(text);
});

test.for([
  ["display eth-trunk", { trunks: [{ id: 1 }, { id: 20 }] }],
  ["display eth-trunk 20", { id: 20 }],
  ["display eth-trunk brief", { trunks: [{ id: 1 }, { id: 20 }] }],
  ["display alarm active", { alarms: [{ sequence: 12 }] }],
  ["display smart-link flush", { interfaces: [{ name: "GigabitEthernet1/0/1" }] }],
  ["reset smart-link flush", null],
  ["display version", { sysname: "DeviceA" }],
  ["display current-configuration", { sysname: "DeviceA" }],
  ["reset lacp statistics eth-trunk", null],
] as const)("%s with --json or | json is one JSON document", async ([line, document]) => {
  const json = JSON.parse(await printed(line, true)) as unknown;
  if (document === null) expect(json).toBeNull();
  else expect(json).toMatchObject(document);
  if (line.startsWith("display")) expect(JSON.parse(await printed(`${line} | json`))).toEqual(json);
});

test("JSON is not filtered by lines", async () => {
  await expect(printed("display version | count", true)).rejects.toThrow("JSON cannot be filtered by lines");
});

test("| refresh prints again until it is stopped", async () => {
  const controller = new AbortController();
  const parsed = new CommandLine().parse("display version | refresh 1 | include uptime");
  if (!parsed.ok || parsed.row.kind !== "asking") throw new Error("not read");
  const output = new Collected();
  output.print = (text) => {
    output.text += text;
    controller.abort();
  };
  const around = { daemon, output, json: false, signal: controller.signal };
  await expect(run(parsed.row, parsed.match, parsed.filters, around)).rejects.toThrow(Stopped);
  expect(output.text).toBe("DeviceA uptime is 3 days, 4 hours, 5 minutes\n");
  expect(NO_FILTERS.refreshSeconds).toBeUndefined();
});
