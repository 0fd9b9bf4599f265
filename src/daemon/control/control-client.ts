import type { Socket } from "node:net";
import { Refusal } from "../../core/contract/questions.js";
import type { Reply } from "../questions.js";
import { piecesOf, slicesOf } from "./document.js";
import { isMonitor, type ReadRequest } from "./requests.js";
import type { Turns } from "./turns.js";

/** Longest request line, its end included: it may hold a whole configuration. @internal */
export const LONGEST_LINE = 16 * 1024 * 1024;

/** What waits for a monitor that reads slowly, in octets: beyond it events are lost to it, and counted. @internal */
export const LARGEST_BACKLOG = 256 * 1024;

const NEWLINE = 0x0a;

export interface ClientOptions {
  /** When slices of answers may be made. */
  readonly turns: Turns;
  /** Reads a request line. */
  read(line: string): ReadRequest | Refusal;
  /** The data of the answer, or a Refusal; its lists may be any iterables. */
  answer(request: ReadRequest): unknown;
  /** The client is to be told these events from now on; all when it names none. */
  monitor(client: ControlClient, events: readonly string[]): void;
  /** The line of an event of the control socket itself. */
  line(event: "watching" | "lost", fields: object): string;
  /** A request was refused. */
  refused(): void;
  /** An answer threw. */
  failed(error: unknown): void;
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
   * Answers the waiting requests one after the other. Meanwhile nothing more is read, so a client has a bounded number of
   * them here. An answer is made slice by slice, each in a turn of the event loop of its own, so that the protocols get
   * theirs in between.
   */
  async #serve(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#socket.pause();
    await this.#options.turns.next();
    for (let line = this.#lines.shift(); line !== undefined && !this.#monitoring; line = this.#lines.shift()) {
      const request = this.#options.read(line);
      if (!(request instanceof Refusal) && isMonitor(request)) this.#watch(request.events);
      else await this.#send(request instanceof Refusal ? this.#refuse(request) : await this.#reply(request));
    }
    this.#busy = false;
    this.#socket.resume();
    if (!this.#ended || this.#socket.destroyed) return;
    if (this.#lastWord !== undefined) await this.#send(this.#refuse(new Refusal(this.#lastWord)));
    this.#socket.end();
  }

  /** A question changes nothing, so one that throws leaves no invariant broken, and nobody else hears of it. */
  async #reply(request: ReadRequest): Promise<Reply> {
    try {
      const data = await this.#options.answer(request);
      return data instanceof Refusal ? this.#refuse(data) : { ok: true, data };
    } catch (error) {
      this.#options.failed(error);
      return this.#refuse(new Refusal(`there is no answer: ${(error as Error).message}`));
    }
  }

  /** Nothing can happen between the first line and the first event, so none is missed. */
  #watch(events: readonly string[]): void {
    this.#monitoring = true;
    this.#socket.write(this.#options.line("watching", {}));
    this.#options.monitor(this, events);
  }

  #refuse({ text }: Refusal): Reply {
    this.#options.refused();
    return { ok: false, error: text };
  }

  /** Resolves when the client has read it, as far as we can tell, or is gone; then no further row is made. */
  async #send(reply: Reply): Promise<void> {
    if (this.#socket.destroyed) return;
    try {
      for (const slice of slicesOf(lineOf(reply))) {
        if (!this.#socket.write(slice)) await this.#room();
        await this.#options.turns.next();
        if (this.#socket.destroyed) return;
      }
    } catch (error) {
      // Part of the line has left, so no refusal can follow on it.
      this.#options.failed(error);
      this.#socket.destroy();
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#onRoom = undefined;
        resolve();
      };
    });
  }
}

function* lineOf(reply: Reply): Generator<string> {
  yield* piecesOf(reply);
  yield "\n";
}
