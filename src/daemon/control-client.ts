import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Reply, Request } from "./control-messages.js";
import { Refusal, readRequest } from "./requests.js";

/** Longest request line, its end included. */
export const LONGEST_LINE = 64 * 1024;

/** What waits for a monitor that reads slowly, in octets: beyond it events are lost to it, and counted. */
export const LARGEST_BACKLOG = 256 * 1024;

const NEWLINE = 0x0a;

export interface ClientOptions {
  /** The data of the answer; Refusal when there is none. */
  answer(request: Request): unknown;
  /** The client is to be told these events from now on; all when it names none. */
  monitor(client: ControlClient, events: readonly string[]): void;
  /** The line of an event of the control socket itself. */
  line(event: "watching" | "lost", fields: object): string;
  /** A request was refused. */
  refused(): void;
}

/** One connection to the control socket: requests come in and are answered one after the other. */
export class ControlClient {
  readonly #socket: Socket;
  readonly #options: ClientOptions;
  #partial: Buffer[] = [];
  #partialLength = 0;
  #lines: string[] = [];
  #busy = false;
  #monitoring = false;
  #lost = 0;
  /** No further request is heard. */
  #ended = false;
  /** Why not, where the client did something wrong. */
  #lastWord: string | undefined;
  #onRoom: (() => void) | undefined;

  constructor(socket: Socket, options: ClientOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk) => this.#hear(chunk));
    socket.on("end", () => this.#hangUp());
    socket.on("drain", () => {
      this.#catchUp();
      this.#onRoom?.();
    });
    socket.on("close", () => this.#onRoom?.());
    // A client that went away: "close" follows, and nothing else is to be done.
    socket.on("error", () => {});
  }

  /** A line for a monitor. */
  tell(line: string): void {
    if (this.#socket.writableLength > LARGEST_BACKLOG) this.#lost++;
    else {
      this.#catchUp();
      this.#socket.write(line);
    }
  }

  #catchUp(): void {
    if (this.#lost === 0) return;
    this.#socket.write(this.#options.line("lost", { count: this.#lost }));
    this.#lost = 0;
  }

  #hear(chunk: Buffer): void {
    if (this.#monitoring || this.#ended) return;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      if (this.#partialLength >= LONGEST_LINE) break;
      this.#lines.push(Buffer.concat(this.#partial).toString());
      this.#partial = [];
      this.#partialLength = 0;
    }
    this.#keep(chunk.subarray(start));
    if (this.#partialLength >= LONGEST_LINE) this.#end(`a request line is longer than ${LONGEST_LINE} octets`);
    void this.#serve();
  }

  #keep(part: Buffer): void {
    this.#partial.push(part);
    this.#partialLength += part.length;
  }

  /** The client sends no more. It may still read what it asked for; a monitor that hangs up is gone. */
  #hangUp(): void {
    if (this.#monitoring) this.#socket.destroy();
    else this.#end(this.#partialLength > 0 ? "the last request has no end of line" : undefined);
    void this.#serve();
  }

  #end(lastWord: string | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lastWord = lastWord;
    this.#partial = [];
  }

  /**
   * Answers the waiting requests. Meanwhile nothing more is read, so a client has a bounded number of them here; one in each
   * turn of the event loop, so that the protocols get theirs in between.
   */
  async #serve(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#socket.pause();
    for (let line = this.#lines.shift(); line !== undefined && !this.#monitoring; line = this.#lines.shift()) {
      await this.#send(await this.#reply(line));
      await nextTurn();
    }
    this.#busy = false;
    this.#socket.resume();
    if (!this.#ended || this.#socket.destroyed) return;
    if (this.#lastWord !== undefined) await this.#send(toLine(this.#refuse(this.#lastWord)));
    this.#socket.end();
  }

  async #reply(line: string): Promise<string> {
    try {
      const request = readRequest(line);
      if (request.ask === "monitor") return this.#watch(request.events);
      return toLine({ ok: true, data: await this.#options.answer(request) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return toLine(this.#refuse(error.message));
    }
  }

  /** Nothing can happen between the first line and the first event, so none is missed. */
  #watch(events: readonly string[]): string {
    this.#monitoring = true;
    this.#socket.write(this.#options.line("watching", {}));
    this.#options.monitor(this, events);
    return "";
  }

  #refuse(error: string): Reply {
    this.#options.refused();
    return { ok: false, error };
  }

  /** Resolves when the client has read it, as far as we can tell, or is gone. */
  async #send(text: string): Promise<void> {
    if (this.#socket.destroyed || text === "" || this.#socket.write(text)) return;
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
    this.#onRoom = undefined;
  }
}

const toLine = (reply: Reply): string => `${JSON.stringify(reply)}\n`;
