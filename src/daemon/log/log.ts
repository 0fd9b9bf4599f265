import { constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { type Logger, pino } from "pino";
import { type DaemonEvent, teller } from "../daemon-events.js";
import type { LOG_LEVELS } from "../flags.js";
import { BoundedWriter } from "./bounded-writer.js";

/** Octets kept for a slow reader of stderr: some thousand lines. */
const LARGEST_BACKLOG = 1024 * 1024;

const timeField = (): string => `"time":"${new Date().toISOString()}"`;

/** One JSON line for each event on stderr; nothing waits for a reader (BoundedWriter). */
export class Log {
  readonly #logger: Logger;
  readonly #writer: BoundedWriter;
  readonly #telling: ReturnType<typeof teller>;

  constructor(level: (typeof LOG_LEVELS)[number], descriptor = 2, telling = teller()) {
    this.#telling = telling;
    this.#writer = new BoundedWriter(
      unblocked(descriptor),
      LARGEST_BACKLOG,
      (count) => `{"level":40,${timeField()},"count":${count},"msg":"log lines dropped"}\n`,
    );
    this.#logger = pino(
      { level, base: null, timestamp: () => `,${timeField()}` },
      { write: (line: string) => void this.#writer.write(line) },
    );
  }

  /** Lines dropped for want of a reader. */
  get dropped(): number {
    return this.#writer.dropped;
  }

  /** `mono` is the time of the decision, in microseconds of the monotonic clock. */
  event(event: DaemonEvent, mono: number): void {
    const { text, level = "info", trap } = this.#telling(event);
    this.#logger[level](trap === undefined ? { mono, ...event } : { mono, ...event, trap }, text);
  }

  info(text: string, fields: object = {}): void {
    this.#logger.info(fields, text);
  }

  warn(text: string, fields: object = {}): void {
    this.#logger.warn(fields, text);
  }

  error(text: string, fields: object = {}): void {
    this.#logger.error(fields, text);
  }

  fatal(text: string, fields: object = {}): void {
    this.#logger.fatal(fields, text);
  }

  /** Waits for the reader of stderr, for so many milliseconds at most. */
  flush(patience: number): Promise<void> {
    return this.#writer.idle(patience);
  }
}

/** Sockets with O_NONBLOCK set by us, kept here: a collected one would close its descriptor. */
const kept: Socket[] = [];

/**
 * A descriptor that does not block, for one that may. A blocked write would hold a thread of Node's pool, and with it the end of
 * the process. A file never blocks; a pipe or terminal is opened anew, so that other processes keep theirs blocking; a socket
 * cannot be opened anew.
 */
function unblocked(descriptor: number): number {
  const stat = fstatSync(descriptor);
  if (stat.isSocket()) kept.push(new Socket({ fd: descriptor, readable: false, writable: true }));
  if (!stat.isFIFO() && !stat.isCharacterDevice()) return descriptor;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return descriptor;
  }
}
