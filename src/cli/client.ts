import { connect, type Socket } from "node:net";
import type { AnswerTo, MonitorLine, Questions, Reply, RequestOf } from "../daemon/questions.js";

export const DEFAULT_SOCKET = "/run/etrunkd/etrunkd.sock";

/** sun_path of sockaddr_un: 108 octets with the final zero; the kernel's bind and connect know no longer one. */
const LONGEST_PATH = 107;

/** Milliseconds for the answer to a request: `marker` waits a second, displays take milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Characters of one answer; a display of 256 full trunks stays far below. */
const LONGEST_LINE = 64 * 1024 * 1024;

const STRANGER = "what answers there is not etrunkd";

/** No daemon answers at the socket; the message names its path and the reason. */
export class Unreachable extends Error {
  constructor(path: string, reason: string) {
    super(`cannot reach the daemon at ${path}: ${reason}`);
  }
}

/** The daemon refused the request; the message is its own text. */
export class Refused extends Error {}

/** The person at the keyboard stopped the command. */
export class Stopped extends Error {}

const REASONS: { readonly [code: string]: string } = {
  ENOENT: "no such file (is etrunkd running? --socket or ETRUNKD_SOCKET names another place)",
  ENOTDIR: "no such file (a part of the path is not a directory)",
  EACCES: "no permission (the socket's owner and group may use it)",
  EPERM: "no permission",
  ECONNREFUSED: "connection refused (nobody listens there: etrunkd has ended, or was killed)",
  ENOTSOCK: "it is not a socket",
  EPROTOTYPE: "it is not a stream socket",
  EAGAIN: "the daemon has too many connections waiting",
  ECONNRESET: "the daemon closed the connection",
  EPIPE: "the daemon closed the connection",
};

const reasonOf = (error: NodeJS.ErrnoException): string =>
  (error.code !== undefined && REASONS[error.code]) || error.message;

type Waiting = { readonly line: (line: string) => void; readonly lost: (error: Error) => void };

/** A connection to the daemon: sends requests one at a time and receives lines. */
class Connection {
  readonly #socket: Socket;
  readonly #path: string;
  #pending = "";
  readonly #lines: string[] = [];
  #waiting: Waiting | undefined;
  #lost: Unreachable | undefined;

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#path = path;
    socket.setEncoding("utf8");
    socket.on("data", (text) => this.#received(String(text)));
    socket.on("error", (error) => this.#end(reasonOf(error)));
    socket.on("close", () => this.#end("the daemon closed the connection"));
  }

  static open(path: string, signal?: AbortSignal): Promise<Connection> {
    if (Buffer.byteLength(path) > LONGEST_PATH) {
      return Promise.reject(new Unreachable(path, `the path is longer than ${LONGEST_PATH} octets`));
    }
    if (signal?.aborted) return Promise.reject(new Stopped());
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      const stop = () => {
        socket.destroy();
        reject(new Stopped());
      };
      signal?.addEventListener("abort", stop, { once: true });
      socket.once("error", (error) => {
        signal?.removeEventListener("abort", stop);
        reject(new Unreachable(path, reasonOf(error)));
      });
      socket.once("connect", () => {
        signal?.removeEventListener("abort", stop);
        resolve(new Connection(socket, path));
      });
    });
  }

  get isOpen(): boolean {
    return this.#lost === undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  send(request: object): void {
    this.#socket.write(`${JSON.stringify(request)}\n`);
  }

  /** The next line; rejects when the daemon is gone, the time is over or the signal stops it. */
  next(signal?: AbortSignal, timeoutMs?: number): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) {
      if (this.#lines.length === 0) this.#socket.resume();
      return Promise.resolve(line);
    }
    if (this.#lost) return Promise.reject(this.#lost);
    if (signal?.aborted) return Promise.reject(new Stopped());
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiting = undefined;
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
      };
      const lost = (error: Error) => {
        settle();
        reject(error);
      };
      const stop = () => lost(new Stopped());
      const late = () => lost(new Unreachable(this.#path, `no answer within ${(timeoutMs ?? 0) / 1_000} s`));
      const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
      signal?.addEventListener("abort", stop, { once: true });
      this.#waiting = {
        line: (text) => {
          settle();
          resolve(text);
        },
        lost,
      };
    });
  }

  #received(text: string): void {
    if (this.#pending.length + text.length > LONGEST_LINE) {
      this.#end(STRANGER);
      return;
    }
    if (!text.includes("\n")) {
      this.#pending += text;
      return;
    }
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) {
      if (this.#waiting) this.#waiting.line(line);
      else this.#lines.push(line);
    }
    // When lines come faster than they are read, the daemon drops and counts further ones (`lost`).
    if (this.#lines.length > 0) this.#socket.pause();
  }

  #end(reason: string): void {
    this.#lost ??= new Unreachable(this.#path, reason);
    this.#socket.destroy();
    this.#waiting?.lost(this.#lost);
  }
}

/** Options of a request. */
export interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** The daemon behind a socket path. It connects with the first request, and again after a lost connection. */
export class Daemon {
  readonly path: string;
  #connection: Connection | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Sends a question and returns its answer. Throws as `request` does. */
  async ask<Ask extends keyof Questions>(request: RequestOf<Ask>, asking: Asking = {}): Promise<AnswerTo<Ask>> {
    return (await this.request(request, asking)) as AnswerTo<Ask>;
  }

  /** The data of the reply. Throws Unreachable, Refused or Stopped; a connection that failed is not used again. */
  async request(request: object, { signal, timeoutMs = ANSWER_TIMEOUT_MS }: Asking = {}): Promise<unknown> {
    const connection = await this.#connected(signal);
    let reply: Reply;
    try {
      connection.send(request);
      reply = this.#read(await connection.next(signal, timeoutMs)) as Reply;
    } catch (error) {
      // The late answer would be taken for that of the next request.
      this.close();
      throw error;
    }
    if (!reply.ok) throw new Refused(reply.error);
    return reply.data;
  }

  /** Events as they come, each as the daemon's line and as an object; ends only by throwing, as `ask` does. */
  async *monitor(
    events: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<{ readonly text: string; readonly line: MonitorLine }, never> {
    const connection = await this.#connected(signal);
    try {
      connection.send({ ask: "monitor", events });
      for (;;) {
        const text = await connection.next(signal);
        const line = this.#read(text) as MonitorLine | Reply;
        if ("ok" in line) {
          if (!line.ok) throw new Refused(line.error);
        } else yield { text, line };
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #connected(signal?: AbortSignal): Promise<Connection> {
    if (!this.#connection?.isOpen) this.#connection = await Connection.open(this.path, signal);
    return this.#connection;
  }

  #read(text: string): unknown {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null) return value;
    } catch {
      // A line that is not JSON comes from another program than etrunkd.
    }
    throw new Unreachable(this.path, STRANGER);
  }
}
