import { constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { type Logger, pino } from "pino";
import { type DaemonEvent, teller } from "../daemon-events.js";
import type { LOG_LEVELS } from "../flags.js";
import { BoundedWriter } from "./bounded-writer.js";

/** Octets kept for a slow reader of stderr: some thousand lines. */
const LARGEST_BACKLOG = 1024 * 1024;

const timeField = (): string => `"time":"${new Date().toISOString()}"`;

interface LogOptions {
  /** Where lines go; stderr unless another is given. */
  readonly descriptor?: number;
  readonly telling?: ReturnType<typeof teller>;
  /** Lines go to the journal, which takes the priority of a line from its beginning. */
  readonly isJournal?: boolean;
}

/** Priorities of syslog(3) by level of pino: error, warning, informational, debug; a broken invariant is critical. */
const PRIORITIES: { readonly [level: string]: number } = { 60: 2, 50: 3, 40: 4, 30: 6, 20: 7, 10: 7 };

/** The prefix of sd-daemon(3), as `<4>`. */
const priorityOf = (line: string): string => `<${PRIORITIES[/^\{"level":(\d+)/.exec(line)?.[1] ?? ""] ?? 6}>`;

/** Whether stderr is connected to the journal, as systemd.exec(5) says: JOURNAL_STREAM holds its device and inode. */
export function isJournal({ JOURNAL_STREAM }: NodeJS.ProcessEnv, descriptor = 2): boolean {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return JOURNAL_STREAM === `${dev}:${ino}`;
}

/** One JSON line for each event on stderr; nothing waits for a reader (BoundedWriter). */
export class Log {
  readonly #logger: Logger;
  readonly #writer: BoundedWriter;
  readonly #telling: ReturnType<typeof teller>;

  constructor(
    level: (typeof LOG_LEVELS)[number],
    { descriptor = 2, telling = teller(), isJournal = false }: LogOptions = {},
  ) {
    this.#telling = telling;
    const prefixed = (line: string): string => (isJournal ? `${priorityOf(line)}${line}` : line);
    this.#writer = new BoundedWriter(unblocked(descriptor), LARGEST_BACKLOG, (count) =>
      prefixed(`{"level":40,${timeField()},"count":${count},"msg":"log lines dropped"}\n`),
    );
    this.#logger = pino(
      { level, base: null, timestamp: () => `,${timeField()}` },
      { write: (line: string) => void this.#writer.write(prefixed(line)) },
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
