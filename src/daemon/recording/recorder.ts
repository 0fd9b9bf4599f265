import { constants, fchmodSync, openSync } from "node:fs";
import type { Micros } from "../../core/base/time.js";
import type { Call } from "../../core/contract/input.js";
import type { Checkpoint } from "../../core/device/checkpoint.js";
import type { EngineEvent } from "../../core/engine/news.js";
import type { Run } from "../../core/parts/part.js";
import { BoundedWriter } from "../log/bounded-writer.js";
import { StartFailure, systemReason } from "../start-failure.js";
import { programVersion } from "../version.js";
import { printRecordLine, RECORDING_VERSION, type RecordLine } from "./recording.js";
import { Redaction } from "./redaction.js";

/** What waits for a slow disk: some ten thousand frames. */
const LARGEST_BACKLOG = 16 * 1024 * 1024;

/** Writes what the engine is told, and what it says, to a file from which `npm run replay` makes the same run. */
export class Recorder {
  readonly #writer: BoundedWriter;

  readonly #redaction: Redaction | undefined;

  /** Replaces the file. Its mode is 0600, for it will hold keys, unless it is redacted. */
  constructor(path: string, isRedacted = false) {
    this.#redaction = isRedacted ? new Redaction() : undefined;
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
      fchmodSync(descriptor, 0o600);
    } catch (error) {
      throw new StartFailure(`--record ${path}: ${systemReason(error)}; choose a file that can be written`);
    }
    this.#writer = new BoundedWriter(descriptor, LARGEST_BACKLOG, (count) => printRecordLine({ kind: "lost", count }));
  }

  /** Lines that were dropped because the disk was too slow or full. */
  get dropped(): number {
    return this.#writer.dropped;
  }

  begin(run: Run, checkpoint: Checkpoint | undefined): void {
    const time = new Date().toISOString();
    const redacted = this.#redaction && true;
    this.#write({
      kind: "begin",
      recording: RECORDING_VERSION,
      program: programVersion(),
      redacted,
      time,
      run,
      checkpoint,
    });
  }

  /** One call of the engine, before it is made. */
  call(call: Call, at: Micros): void {
    this.#write({ kind: "call", at, call });
  }

  event(event: EngineEvent, at: Micros): void {
    this.#write({ kind: "event", at, event });
  }

  #write(line: RecordLine): void {
    this.#writer.write(printRecordLine(line, this.#redaction));
  }

  /** Waits until the file holds everything, but not for ever. Milliseconds. */
  flush(patience: number): Promise<void> {
    return this.#writer.idle(patience);
  }
}
