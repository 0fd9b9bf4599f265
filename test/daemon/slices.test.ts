import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { piecesOf, slicesOf } from "../../src/daemon/control/document.js";
import type { Daemon } from "../../src/daemon/daemon.js";
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

describe("an answer of 100,000 rows", () => {
  let folder: string;
  let daemon: Daemon;
  let turn = 0;
  let counting: NodeJS.Immediate;
  /** Of each answer, in which turns of the event loop its rows were made. */
  let answers: { readonly turns: Set<number>; made: number; isOver: boolean }[];
  const sockets: Socket[] = [];

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
    folder = mkdtempSync(join(tmpdir(), "etrunkd-slices-"));
    answers = [];
    counting = setImmediate(function count() {
      turn++;
      counting = setImmediate(count);
    });
    daemon = await startInProcess(folder, {
      questions: { ...QUESTIONS, rows: { count: z.number() } },
      answers: { rows: ({ count }: { count: number }) => ({ rows: rows(count), end: true }) },
    });
  });
  afterEach(async () => {
    clearImmediate(counting);
    for (const socket of sockets.splice(0)) socket.destroy();
    daemon.stopForRestart();
    await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
  });

  function connect(): Socket {
    const socket = createConnection(join(folder, "socket"));
    sockets.push(socket);
    socket.on("error", () => {});
    return socket;
  }

  /** Asks and reads one line of reply. */
  async function ask(count: number): Promise<string> {
    const socket = connect().setEncoding("utf8");
    socket.write(`${JSON.stringify({ ask: "rows", count })}\n`);
    let text = "";
    for await (const part of socket) {
      text += part;
      if (text.endsWith("\n")) break;
    }
    return text;
  }

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
