import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { readConfiguration } from "../../src/config/reading/read.js";
import { piecesOf, slicesOf } from "../../src/daemon/control/document.js";
import type { Daemon } from "../../src/daemon/daemon.js";
import { metricsPage } from "../../src/daemon/http/metrics.js";
import { serveHttp } from "../../src/daemon/http/server.js";
import { QUESTIONS } from "../../src/daemon/questions.js";
import { startInProcess } from "../support/daemon-in-process.js";

const ROWS = 100_000;

test("the pieces of a document are its JSON, whatever it holds", () => {
  const value = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const document = fc.oneof(value, fc.array(value), fc.dictionary(fc.string(), value));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), document), (whole) => {
      expect([...piecesOf(whole)].join("")).toBe(JSON.stringify(whole));
    }),
  );
  expect([...piecesOf({ rows: new Set([1, undefined, { a: undefined }]), text: "[1]" })].join("")).toBe(
    '{"rows":[1,null,{}],"text":"[1]"}',
  );
});

test("a slice is made when it is asked for, and ends after 64 KiB", () => {
  let made = 0;
  function* pieces() {
    for (; made < 100; made++) yield "x".repeat(1_000);
  }
  const slices = slicesOf(pieces());
  expect(slices.next().value?.length).toBeLessThanOrEqual(66_000);
  expect(made).toBeLessThan(67);
});

let folder: string;
let turn = 0;
let counting: NodeJS.Immediate;
const sockets: Socket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "etrunkd-slices-"));
  counting = setImmediate(function count() {
    turn++;
    counting = setImmediate(count);
  });
});
afterEach(async () => {
  clearImmediate(counting);
  for (const socket of sockets.splice(0)) socket.destroy();
  await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
});

function connect(): Socket {
  const socket = createConnection(join(folder, "socket"));
  sockets.push(socket);
  socket.on("error", () => {});
  return socket;
}

/** Asks and reads one line of reply. */
async function replyTo(request: object): Promise<string> {
  const socket = connect().setEncoding("utf8");
  socket.write(`${JSON.stringify(request)}\n`);
  let text = "";
  for await (const part of socket) {
    text += part;
    if (text.endsWith("\n")) break;
  }
  return text;
}

describe("an answer of 100,000 rows", () => {
  let daemon: Daemon;
  /** Of each answer, in which turns of the event loop its rows were made. */
  let answers: { readonly turns: Set<number>; made: number; isOver: boolean }[];

  function* rows(count: number) {
    const answer = { turns: new Set<number>(), made: 0, isOver: false };
    answers.push(answer);
    try {
      for (; answer.made < count; answer.made++) {
        answer.turns.add(turn);
        yield { number: answer.made, text: `row ${answer.made}` };
      }
    } finally {
      answer.isOver = true;
    }
  }

  beforeEach(async () => {
    answers = [];
    daemon = await startInProcess(folder, {
      questions: { ...QUESTIONS, rows: { count: z.number() } },
      answers: { rows: ({ count }: { count: number }) => ({ rows: rows(count), end: true }) },
    });
  });
  afterEach(() => daemon.stopForRestart());

  const ask = (count: number): Promise<string> => replyTo({ ask: "rows", count });

  test("arrives whole, and the event loop has turns of its own in between", async () => {
    const text = await ask(ROWS);
    const whole = { rows: Array.from({ length: ROWS }, (_, n) => ({ number: n, text: `row ${n}` })), end: true };
    expect(text).toBe(`${JSON.stringify({ ok: true, data: whole })}\n`);
    // 64 KiB a slice at most, each in a turn of its own.
    expect(answers[0]?.turns.size).toBeGreaterThanOrEqual(Math.floor(text.length / 66_000));
  });

  test("shares no turn with another one", async () => {
    await Promise.all([ask(ROWS), ask(ROWS), ask(ROWS)]);
    const turns = answers.flatMap((answer) => [...answer.turns]);
    expect(new Set(turns).size).toBe(turns.length);
  });

  test("is made no further than its client reads, and not at all when that is gone", async () => {
    const slow = connect();
    slow.pause();
    slow.write(`${JSON.stringify({ ask: "rows", count: 100 * ROWS })}\n`);
    // Another client is served meanwhile: long enough for the first to fill every buffer.
    await ask(ROWS);
    const [, other] = answers;
    expect([answers.length, other?.made]).toEqual([2, ROWS]);
    const made = answers[0]?.made;
    await ask(ROWS);
    expect(answers[0]).toMatchObject({ made, isOver: false });
    slow.destroy();
    await vi.waitFor(() => expect(answers[0]).toMatchObject({ made, isOver: true }));
  });
});

describe("an answer about 3,840 sub-interfaces or 4,094 VLANs", () => {
  const SUB_INTERFACES = 3_840;
  const VLANS = 4_094;
  let daemon: Daemon;
  /** How many descriptions were read in each turn of the event loop. */
  let read: Map<number, number>;

  beforeEach(async () => {
    const { model } = readConfiguration(
      [
        `vlan batch 1 to ${VLANS}`,
        ...Array.from({ length: VLANS }, (_, n) => `#\nvlan ${n + 1}\n description noted`),
        "#\ninterface Eth-Trunk1",
        ...Array.from({ length: SUB_INTERFACES }, (_, n) => `#\ninterface Eth-Trunk1.${n + 1}\n description noted`),
        `#\ninterface Eth-Trunk2\n portswitch\n port link-type trunk\n port trunk allow-pass vlan 2 to ${VLANS}`,
      ].join("\n"),
    );
    const get = (): string => {
      read.set(turn, (read.get(turn) ?? 0) + 1);
      return "noted";
    };
    read = new Map();
    const records = [...Object.values(model.interfaces ?? {}), ...Object.values(model.vlans ?? {})];
    for (const record of records)
      if ("description" in record) Object.defineProperty(record, "description", { enumerable: true, get });
    daemon = await startInProcess(folder, { model });
    read.clear();
  });
  afterEach(() => daemon.stopForRestart());

  const ask = async (question: string) => JSON.parse(await replyTo({ ask: question })).data;
  const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

  /** Rows of at least so many characters of JSON: in one turn no more were made than fill a slice. */
  const expectSlices = (rows: number, shortestRow: number): void => {
    expect(sum(read.values())).toBe(rows);
    expect(Math.max(...read.values())).toBeLessThanOrEqual(66_000 / shortestRow);
  };

  test("is the configuration, printed section by section", async () => {
    const { lines, model } = await ask("current-configuration");
    expect(lines.filter((line: string) => line === " description noted").length).toBe(SUB_INTERFACES + VLANS);
    expect(Object.keys(model.interfaces).length).toBeGreaterThan(SUB_INTERFACES);
    // Each is in the text and in the model.
    expectSlices(2 * (SUB_INTERFACES + VLANS), '"1":{"description":"noted"},'.length);
  });

  test("is the VLANs, listed one by one", async () => {
    const { vlans } = await ask("vlans");
    expect(vlans.length).toBe(VLANS);
    expectSlices(VLANS, JSON.stringify(vlans[0]).length);
  });
});

describe("a page of metrics", () => {
  test("is made piece by piece, each in a turn of its own", async () => {
    const turns = new Set<number>();
    async function* pieces() {
      for (let n = 0; n < 50; n++) {
        turns.add(turn);
        yield `${"x".repeat(999)}\n`;
      }
    }
    const server = await serveHttp(
      "--metrics",
      { address: "127.0.0.1", port: 0 },
      { "/metrics": { type: "text", pieces } },
    );
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect((await response.text()).length).toBe(50_000);
    server.close();
    expect(turns.size).toBe(50);
  });

  test("has a head for each metric, and few samples in a piece, however many ports there are", async () => {
    const trunks = Array.from({ length: 64 }, (_, n) => n + 1);
    const members = trunks.flatMap((id) =>
      ["a", "b", "c", "d"].map((name) => `#\ninterface m${id}${name}\n eth-trunk ${id}`),
    );
    const { model } = readConfiguration(
      [...trunks.map((id) => `#\ninterface Eth-Trunk${id}\n mode lacp-static`), ...members].join("\n"),
    );
    const daemon = await startInProcess(folder, { model });
    const nothing = {
      received: 0,
      dropped: 0,
      sendErrors: 0,
      restarts: 0,
      tooLong: 0,
      lost: 0,
      worstLateness: 0,
      sessions: 0,
    };
    const zero = () => 0;
    const { pieces } = metricsPage({
      engine: daemon.engine,
      loop: daemon.loop,
      link: "ring",
      frames: () => nothing,
      transport: () => ({ datagrams: nothing, bfd: nothing }),
      ignored: () => ({}),
      ...{
        tapDrops: zero,
        logLinesDropped: zero,
        recordLinesDropped: zero,
        controlRefused: zero,
        controlClients: zero,
        reload: () => undefined,
      },
    });
    const lines: string[] = [];
    for await (const piece of pieces()) {
      const some = piece.split("\n").filter((line) => line !== "");
      expect(some.length).toBeLessThanOrEqual(256 + 2);
      lines.push(...some);
    }
    daemon.stopForRestart();
    expect(lines.filter((line) => line.startsWith("etrunkd_lacp_lacpdus_rx_total{")).length).toBe(64 * 4);
    const faults = lines.filter((line) => line.startsWith("etrunkd_lacp_faults_total{"));
    expect(faults.length).toBeGreaterThan(64 * 4 * 10);
    expect(new Set(faults).size).toBe(faults.length);
    const heads = lines.filter((line) => line.startsWith("# TYPE"));
    expect(new Set(heads).size).toBe(heads.length);
  });
});
