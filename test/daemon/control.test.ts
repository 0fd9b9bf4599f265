import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Random } from "../../src/core/base/random.js";
import { micros } from "../../src/core/base/time.js";
import { Refusal } from "../../src/core/contract/questions.js";
import { ControlServer, clearSocketPath } from "../../src/daemon/control/control.js";
import { LARGEST_BACKLOG, LONGEST_LINE } from "../../src/daemon/control/control-client.js";
import type { ReadRequest } from "../../src/daemon/control/requests.js";
import type { DaemonEvent } from "../../src/daemon/daemon-events.js";
import { EventFeed } from "../../src/daemon/event-feed.js";

const trunkEvent = (trunk: number): DaemonEvent => ({ event: "trunk-state", trunk, from: "down", to: "up" });

/** A client that keeps the lines it got. */
class Client {
  readonly socket: Socket;
  readonly lines: Record<string, unknown>[] = [];
  closed = false;
  #text = "";

  constructor(path: string) {
    this.socket = createConnection({ path, allowHalfOpen: true });
    this.socket.on("data", (chunk) => {
      const lines = (this.#text + chunk).split("\n");
      this.#text = lines.pop() ?? "";
      this.lines.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
    this.socket.on("error", () => {});
    this.socket.on("end", () => this.socket.end());
    this.socket.on("close", () => {
      this.closed = true;
    });
  }

  send(...documents: unknown[]): void {
    for (const document of documents) this.socket.write(`${JSON.stringify(document)}\n`);
  }

  async got(count: number): Promise<Record<string, unknown>[]> {
    await vi.waitFor(() => expect(this.lines.length).toBeGreaterThanOrEqual(count), { timeout: 4_000, interval: 2 });
    return this.lines;
  }

  isClosed(): Promise<void> {
    return vi.waitFor(() => expect(this.closed).toBe(true), { timeout: 4_000, interval: 2 });
  }
}

describe("the control socket", () => {
  let folder: string;
  let path: string;
  let feed: EventFeed;
  let server: ControlServer;
  let clients: Client[];
  let answer: (request: ReadRequest) => unknown;
  let failures: unknown[];

  const connect = (): Client => {
    const client = new Client(path);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-control-"));
    path = join(folder, "deep", "socket");
    feed = new EventFeed();
    clients = [];
    failures = [];
    answer = (request) => request;
    server = new ControlServer({
      path,
      feed,
      now: () => micros(5_000_000),
      date: () => "2026-01-02T03:04:05.678Z",
      answer: (request) => answer(request),
      hungUp: () => {},
      failed: (error) => failures.push(error),
    });
    await clearSocketPath(path);
    await server.open();
  });

  afterEach(() => {
    for (const { socket } of clients) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test("belongs to user and group, and is gone after the end", () => {
    expect(statSync(path).mode & 0o777).toBe(0o660);
    server.close();
    expect(existsSync(path)).toBe(false);
  });

  test("answers each request in its order, also where an answer takes long", async () => {
    answer = async (request) => {
      if (request.ask === "marker") await new Promise((resolve) => setTimeout(resolve, 20));
      return request.ask;
    };
    const client = connect();
    client.send({ ask: "marker", id: 1 }, { ask: "version" }, { ask: "eth-trunk", id: 7 });
    expect(await client.got(3)).toEqual(["marker", "version", "eth-trunk"].map((data) => ({ ok: true, data })));
  });

  test("answers one request in each turn of the event loop, however many come at once", async () => {
    let turn = 0;
    let timer = setImmediate(function count() {
      turn++;
      timer = setImmediate(count);
    });
    const turns: number[] = [];
    answer = () => turns.push(turn);
    const client = connect();
    client.socket.write(`${JSON.stringify({ ask: "alarms" })}\n`.repeat(100));
    await client.got(100);
    clearImmediate(timer);
    expect(new Set(turns).size).toBe(100);
  });

  test("refuses where an answer throws, tells it, and answers the next", async () => {
    const bug = new Error("counters are gone");
    answer = ({ ask }) => {
      if (ask === "alarms") throw bug;
      return ask;
    };
    const client = connect();
    client.send({ ask: "alarms" }, { ask: "version" });
    expect(await client.got(2)).toEqual([
      { ok: false, error: "there is no answer: counters are gone" },
      { ok: true, data: "version" },
    ]);
    expect(failures).toEqual([bug]);
  });

  test("hangs up where a row throws, and goes on with others", async () => {
    const bug = new Error("a row is gone");
    answer = ({ ask }) => ({
      rows: (function* () {
        yield 1;
        if (ask === "alarms") throw bug;
      })(),
    });
    const [one, other] = [connect(), connect()];
    one.send({ ask: "alarms" });
    await one.isClosed();
    other.send({ ask: "version" });
    expect(await other.got(1)).toEqual([{ ok: true, data: { rows: [1] } }]);
    expect(failures).toEqual([bug]);
  });

  test("answers a request that arrives octet by octet", async () => {
    const client = connect();
    for (const octet of Buffer.from('{"ask":"version"}\n')) {
      client.socket.write(Buffer.of(octet));
      await new Promise(setImmediate);
    }
    expect(await client.got(1)).toEqual([{ ok: true, data: { ask: "version" } }]);
  });

  test("answers a client that has closed its half", async () => {
    const client = connect();
    client.socket.end('{"ask":"version"}\n');
    expect(await client.got(1)).toEqual([{ ok: true, data: { ask: "version" } }]);
    await client.isClosed();
  });

  test.each([
    ["nonsense", "hello\n", "the request is not a JSON document"],
    ["an empty line", "\n", "the request is not a JSON document"],
    ["a number", "1\n", "the request is not a JSON object"],
    ["an unknown request", '{"ask":"reboot"}\n', '"ask" is not one of: eth-trunk, lacp-statistics'],
    ["a word for an ID", '{"ask":"eth-trunk","id":"1"}\n', "id: "],
    ["a missing ID", '{"ask":"marker"}\n', "id: "],
    ["a field too many", '{"ask":"version","id":1}\n', "Unrecognized key"],
    ["an unknown event", '{"ask":"monitor","events":["x"]}\n', "events.0: "],
    ["octets that are no text", Buffer.from([0xff, 0xfe, 0x00, 0x0a]), "the request is not a JSON document"],
  ])("refuses %s and goes on", async (_, text, why) => {
    const client = connect();
    client.socket.write(text);
    client.send({ ask: "version" });
    const [refusal, reply] = await client.got(2);
    expect(refusal).toEqual({ ok: false, error: expect.stringContaining(why) });
    expect(reply).toMatchObject({ ok: true });
    expect(server.refused).toBe(1);
  });

  test("passes a refusal on to who asked", async () => {
    answer = () => new Refusal("Eth-Trunk9 does not exist");
    const client = connect();
    client.send({ ask: "eth-trunk", id: 9 });
    expect(await client.got(1)).toEqual([{ ok: false, error: "Eth-Trunk9 does not exist" }]);
  });

  test("refuses half a line at the end", async () => {
    const client = connect();
    client.socket.end('{"ask":"version"}\n{"ask":');
    expect(await client.got(2)).toEqual([
      { ok: true, data: { ask: "version" } },
      { ok: false, error: "the last request has no end of line" },
    ]);
    await client.isClosed();
  });

  test("refuses a line that does not end, and hangs up", async () => {
    const client = connect();
    client.send({ ask: "version" });
    client.socket.write(Buffer.alloc(LONGEST_LINE + 1, "x"));
    const [, refusal] = await client.got(2);
    expect(refusal).toEqual({ ok: false, error: `a request line is longer than ${LONGEST_LINE} octets` });
    await client.isClosed();
  });

  test("takes random octets from many clients without harm", async () => {
    const random = new Random(20);
    for (let round = 0; round < 20; round++) {
      const client = connect();
      const octets = Buffer.from(Array.from({ length: 2_000 }, () => random.below(256)));
      for (let at = 0; at < octets.length; at += 97) client.socket.write(octets.subarray(at, at + 97));
      if (round % 3 === 0) client.socket.destroy();
      else client.socket.end();
    }
    await vi.waitFor(() => expect(server.clients).toBe(0), { timeout: 4_000 });
    const client = connect();
    client.send({ ask: "version" });
    expect(await client.got(1)).toMatchObject([{ ok: true }]);
  });

  test("turns the client away that is one too many", async () => {
    for (let at = 0; at < 64; at++) connect().send({ ask: "version" });
    for (const client of clients) await client.got(1);
    const last = connect();
    expect(await last.got(1)).toEqual([{ ok: false, error: "too many clients: 64 are connected" }]);
    await last.isClosed();
    clients[0]?.socket.destroy();
    await vi.waitFor(() => expect(server.clients).toBe(63));
  });

  test("stops reading from a client that does not read its answers", async () => {
    const asked = vi.fn();
    answer = (request) => {
      asked();
      return { request, filler: "x".repeat(50_000) };
    };
    const client = connect();
    client.socket.pause();
    const request = `${JSON.stringify({ ask: "version" })}\n`;
    client.socket.write(request.repeat(5_000));
    // Another client is served meanwhile, and that is long enough for the first to fill every buffer.
    const other = connect();
    for (let at = 0; at < 50; at++) other.send({ ask: "version" });
    await other.got(50);
    expect(asked.mock.calls.length).toBeLessThan(200);
    client.socket.destroy();
    await vi.waitFor(() => expect(server.clients).toBe(1));
  });

  describe("as a monitor", () => {
    test("says watching first, and misses nothing after it", async () => {
      const client = connect();
      client.send({ ask: "monitor", events: [] });
      await client.got(1);
      for (let trunk = 0; trunk < 100; trunk++) feed.tell(trunkEvent(trunk), micros(4_000_000 + trunk));
      const [first, ...lines] = await client.got(101);
      expect(first).toEqual({ time: "2026-01-02T03:04:05.678Z", mono: 5_000_000, event: "watching" });
      expect(lines.map(({ trunk }) => trunk)).toEqual(Array.from({ length: 100 }, (_, at) => at));
      expect(lines[7]).toEqual({
        time: expect.stringMatching(/Z$/),
        mono: 4_000_007,
        event: "trunk-state",
        trunk: 7,
        from: "down",
        to: "up",
      });
    });

    test("tells only the events asked for", async () => {
      const client = connect();
      client.send({ ask: "monitor", events: ["trunk-state", "rbs-state"] });
      await client.got(1);
      feed.tell({ event: "alarm", id: "0x1", name: "hwTest", severity: "Minor", text: "" }, micros(1));
      feed.tell(trunkEvent(1), micros(2));
      expect((await client.got(2)).map(({ event }) => event)).toEqual(["watching", "trunk-state"]);
    });

    test("counts what a slow reader loses, and goes on when it reads again", async () => {
      const client = connect();
      client.send({ ask: "monitor", events: [] });
      await client.got(1);
      client.socket.pause();
      const total = 20_000;
      const start = performance.now();
      for (let trunk = 0; trunk < total; trunk++) {
        feed.tell(trunkEvent(trunk), micros(trunk));
        if (trunk % 100 === 0) await new Promise(setImmediate);
      }
      expect(performance.now() - start).toBeLessThan(3_000);
      client.socket.resume();
      await vi.waitFor(() => expect(client.lines.some(({ event }) => event === "lost")).toBe(true), { timeout: 4_000 });
      feed.tell(trunkEvent(total), micros(total));
      await vi.waitFor(() => expect(client.lines.at(-1)).toMatchObject({ trunk: total }), { timeout: 4_000 });
      const told = client.lines.filter(({ event }) => event === "trunk-state").length;
      const lost = client.lines.reduce((sum, { count }) => sum + Number(count ?? 0), 0);
      expect(told + lost).toBe(total + 1);
      expect(lost).toBeGreaterThan(total - (LARGEST_BACKLOG / 100) * 3);
    });

    test("is forgotten when it hangs up", async () => {
      const client = connect();
      client.send({ ask: "monitor", events: [] });
      await client.got(1);
      client.socket.end();
      await vi.waitFor(() => expect(server.clients).toBe(0));
      feed.tell(trunkEvent(1), micros(1));
      expect(client.lines).toHaveLength(1);
    });
  });

  describe("where there is something already", () => {
    test("is refused while a daemon answers there", async () => {
      await expect(clearSocketPath(path)).rejects.toThrow(`control socket ${path}: a running daemon answers there`);
    });

    test("replaces what a dead daemon left", async () => {
      // Closing a server takes its file away, so the file of a dead one is made by moving it first.
      const dead = join(folder, "dead");
      const other = createServer().listen(dead);
      await vi.waitFor(() => expect(existsSync(dead)).toBe(true));
      renameSync(dead, `${dead}.kept`);
      await new Promise((resolve) => other.close(resolve));
      await clearSocketPath(`${dead}.kept`);
      expect(existsSync(`${dead}.kept`)).toBe(false);
    });

    test("never removes what is no socket", async () => {
      const file = join(folder, "precious");
      writeFileSync(file, "text");
      await expect(clearSocketPath(file)).rejects.toThrow("there is something else of that name");
      expect(existsSync(file)).toBe(true);
    });

    test("says why where it cannot be made", async () => {
      const file = join(folder, "file");
      writeFileSync(file, "");
      await expect(clearSocketPath(join(file, "socket"))).rejects.toThrow(
        /control socket .*; choose another with --socket/,
      );
    });
  });
});
