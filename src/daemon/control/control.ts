import { lstatSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import type { Micros } from "../../core/base/time.js";
import type { EventFeed } from "../event-feed.js";
import { makeFolder } from "../folder.js";
import { QUESTIONS, type QuestionRows, type Reply } from "../questions.js";
import { StartFailure, systemReason } from "../start-failure.js";
import { ControlClient } from "./control-client.js";
import { type ReadRequest, requestReader } from "./requests.js";
import { Turns } from "./turns.js";

/** Further ones are told so and turned away. */
const MOST_CLIENTS = 64;

/** Who may talk to the daemon: its user and group. */
const FORBIDDEN_TO_OTHERS = 0o117;

export interface ControlOptions {
  readonly path: string;
  readonly feed: EventFeed;
  /** What may be asked, besides events. */
  readonly questions?: QuestionRows;
  /** The events that a monitor may ask for. */
  readonly events?: readonly string[];
  now(): Micros;
  /** ISO 8601 UTC of a time of that clock. */
  date(at: Micros): string;
  /** The data of the answer, or a Refusal; its lists may be any iterables. A session is a connection, by its number. */
  answer(request: ReadRequest, session: number): unknown;
  /** The connection of a session is gone. */
  hungUp(session: number): void;
  /** An answer threw, or a row of it. */
  failed(error: unknown): void;
}

/** The control socket: a Unix socket that answers requests and tells events, one JSON document a line. */
export class ControlServer {
  /** Requests that were refused, and clients turned away. */
  refused = 0;
  readonly #server: Server;
  readonly #options: ControlOptions;
  readonly #clients = new Set<Socket>();
  #lastSession = 0;
  readonly #read: ReturnType<typeof requestReader>;
  readonly #turns = new Turns();

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#read = requestReader(options.questions ?? QUESTIONS, options.events);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Listens, at a path that was cleared. Throws StartFailure. */
  async open(): Promise<void> {
    const { path } = this.#options;
    // bind happens within the call, so there is no moment when others may connect.
    const before = process.umask(FORBIDDEN_TO_OTHERS);
    const listening = new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, resolve);
    });
    process.umask(before);
    await listening.catch((error: unknown) => {
      throw new StartFailure(`control socket ${path}: ${systemReason(error)}; choose another with --socket`);
    });
    this.#server.on("error", () => this.refused++);
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Takes the socket away and hangs up on everybody. */
  close(): void {
    this.#server.close();
    for (const socket of this.#clients) socket.destroySoon();
  }

  #accept(socket: Socket): void {
    if (this.#clients.size >= MOST_CLIENTS) {
      this.refused++;
      const reply: Reply = { ok: false, error: `too many clients: ${MOST_CLIENTS} are connected` };
      socket.on("error", () => {});
      socket.end(`${JSON.stringify(reply)}\n`, () => socket.destroy());
      return;
    }
    this.#clients.add(socket);
    const session = ++this.#lastSession;
    socket.once("close", () => {
      this.#clients.delete(socket);
      this.#options.hungUp(session);
    });
    new ControlClient(socket, {
      turns: this.#turns,
      read: this.#read,
      answer: (request) => this.#options.answer(request, session),
      failed: this.#options.failed,
      monitor: (client, events) => this.#monitor(socket, client, events),
      line: (event, fields) => this.#line({ event, ...fields }, this.#options.now()),
      refused: () => void this.refused++,
    });
  }

  #monitor(socket: Socket, client: ControlClient, events: readonly string[]): void {
    const wanted = new Set(events);
    const silence = this.#options.feed.listen((event, mono) => {
      if (wanted.size === 0 || wanted.has(event.event)) client.tell(this.#line(event, mono));
    });
    socket.once("close", silence);
  }

  #line(event: { readonly event: string }, mono: Micros): string {
    return `${JSON.stringify({ time: this.#options.date(mono), mono, ...event })}\n`;
  }
}

/** Makes room for a socket: its folder is there, and what a dead daemon left is not. Throws StartFailure. */
export async function clearSocketPath(path: string): Promise<void> {
  const fail = (what: string, advice: string): never => {
    throw new StartFailure(`control socket ${path}: ${what}; ${advice}`);
  };
  try {
    makeFolder(dirname(path), 0o755);
    if (!lstatSync(path).isSocket()) fail("there is something else of that name", "choose another with --socket");
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    fail(systemReason(error), "choose another with --socket");
  }
  const answer = await probe(path);
  if (answer === "alive") fail("a running daemon answers there", "stop it, or choose another with --socket");
  if (answer !== "dead") fail(answer, "choose another with --socket");
  rmSync(path, { force: true });
}

/** `alive`, `dead`, or why neither is known. */
function probe(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("alive");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // EAGAIN: somebody listens, but is too busy to accept.
      if (error.code === "EAGAIN") resolve("alive");
      else resolve(error.code === "ECONNREFUSED" || error.code === "ENOENT" ? "dead" : systemReason(error));
    });
  });
}
