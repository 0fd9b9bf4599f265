import { write } from "node:fs";

/** Octets of one write: a larger one would hold the pipe's lock for long with a slow reader. */
const LARGEST_WRITE = 64 * 1024;

/** Milliseconds before a full pipe is tried again. */
const RETRY_MILLISECONDS = 20;

/**
 * Writes text to a file descriptor without ever waiting for it. Text that does not fit into the buffer is dropped and counted, so
 * that a log without a reader stops no protocol.
 */
export class BoundedWriter {
  /** Texts dropped since the start. */
  dropped = 0;
  /** The error that ended all writing, for example `ENOSPC`; undefined while writing works. */
  failure: string | undefined;
  readonly #descriptor: number;
  readonly #limit: number;
  readonly #note: (missing: number) => string;
  #noted = 0;
  #waiting: string[] = [];
  #waitingOctets = 0;
  #chunk: Buffer | undefined;
  #chunkTexts = 0;
  #written = 0;
  #onIdle: (() => void)[] = [];

  /**
   * `limit` in octets. The descriptor must not block, or be a file. `note` stands in the place of dropped texts, so that a reader
   * knows of them.
   */
  constructor(descriptor: number, limit: number, note: (missing: number) => string) {
    this.#descriptor = descriptor;
    this.#limit = limit;
    this.#note = note;
  }

  /** False when the text was dropped. */
  write(text: string): boolean {
    const missing = this.dropped - this.#noted;
    const whole = missing > 0 ? this.#note(missing) + text : text;
    const octets = Buffer.byteLength(whole);
    if (this.failure !== undefined || this.#waitingOctets + octets > this.#limit) {
      this.dropped++;
      return false;
    }
    this.#noted = this.dropped;
    this.#waiting.push(whole);
    this.#waitingOctets += octets;
    if (this.#chunk === undefined) this.#next();
    return true;
  }

  /** Resolves when everything is written, when writing is impossible, or after the time in milliseconds. */
  idle(patience: number): Promise<void> {
    if (this.#chunk === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#onIdle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #next(): void {
    if (this.#waiting.length === 0) {
      this.#chunk = undefined;
      for (const tell of this.#onIdle.splice(0)) tell();
      return;
    }
    this.#chunk = Buffer.from(this.#waiting.join(""));
    this.#chunkTexts = this.#waiting.length;
    this.#written = 0;
    this.#waiting = [];
    this.#put(this.#chunk);
  }

  #put(chunk: Buffer): void {
    const length = Math.min(chunk.length - this.#written, LARGEST_WRITE);
    write(this.#descriptor, chunk, this.#written, length, null, (error, written) => {
      if (error?.code === "EAGAIN") setTimeout(() => this.#put(chunk), RETRY_MILLISECONDS).unref();
      else if (error) this.#fail(error);
      else this.#advance(chunk, written);
    });
  }

  #advance(chunk: Buffer, written: number): void {
    this.#written += written;
    this.#waitingOctets -= written;
    if (this.#written < chunk.length) this.#put(chunk);
    else this.#next();
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.failure = error.code ?? error.message;
    this.dropped += this.#chunkTexts + this.#waiting.length;
    this.#waiting = [];
    this.#waitingOctets = 0;
    this.#next();
  }
}
