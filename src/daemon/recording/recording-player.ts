import { createReadStream } from "node:fs";
import { drive } from "../../core/contract/input.js";
import { Engine } from "../../core/engine/engine.js";
import type { EngineEvent } from "../../core/engine/news.js";
import { quietHost } from "./quiet-host.js";
import { RECORDING_VERSION, type RecordLine, readRecordLine } from "./recording.js";

/** A line that is not what a recording holds. */
export class DamagedRecording extends Error {
  override readonly name = "DamagedRecording";
}

export interface Replayed {
  readonly inputs: number;
  readonly events: number;
  /** Lines the recorder had to drop; with any the replay need not be the same. */
  readonly lost: number;
  /** The recording ends within a line, as when its daemon was killed. */
  readonly cut: boolean;
  /** Where the events first are not those recorded; undefined when they are the same. */
  readonly difference: string | undefined;
}

/**
 * Puts a recording through a fresh engine. `told` gets each event as it is raised, with its time. Throws DamagedRecording.
 * @internal
 */
export class RecordingPlayer {
  readonly #told: (event: EngineEvent, at: number) => void;
  #engine: Engine | undefined;
  readonly #raised: string[] = [];
  readonly #expected: string[] = [];
  #line = 0;
  #inputs = 0;
  #events = 0;
  #lost = 0;
  #difference: string | undefined;

  constructor(told: (event: EngineEvent, at: number) => void) {
    this.#told = told;
  }

  /** One line of the file, without its end. */
  read(text: string): void {
    this.#line++;
    const line = readRecordLine(text);
    if (typeof line === "string") throw this.#damaged(line);
    if (line.kind === "begin") this.#begin(line);
    else if (this.#engine === undefined) throw this.#damaged(`"${line.kind}" before "begin"`);
    else {
      try {
        this.#take(line, this.#engine);
      } catch (error) {
        // A well-formed line with senseless content, or the very bug that is looked for: the line tells which.
        throw this.#damaged(`the engine stops here: ${(error as Error).message}`);
      }
    }
  }

  end(cut: boolean): Replayed {
    if (this.#engine === undefined) throw this.#damaged("no recording begins here");
    // The events of the last whole line may have been in the part that is missing.
    if (!cut) this.#compare();
    return { inputs: this.#inputs, events: this.#events, lost: this.#lost, cut, difference: this.#difference };
  }

  #damaged(what: string): DamagedRecording {
    return new DamagedRecording(`${Math.max(1, this.#line)}: ${what}`);
  }

  #begin({ recording, checkpoint, run }: Extract<RecordLine, { kind: "begin" }>): void {
    if (this.#engine !== undefined) throw this.#damaged('a second "begin"');
    if (recording !== RECORDING_VERSION)
      throw this.#damaged(`recording version ${recording}; ${RECORDING_VERSION} is known`);
    this.#engine = new Engine(
      quietHost(),
      (event, at) => {
        this.#events++;
        this.#raised.push(JSON.stringify(event));
        this.#told(event, at);
      },
      checkpoint,
      run,
    );
  }

  #take(line: Exclude<RecordLine, { kind: "begin" }>, engine: Engine): void {
    if (line.kind === "lost") {
      this.#lost += line.count;
      return;
    }
    if (line.kind === "event") {
      this.#expected.push(JSON.stringify(line.event));
      return;
    }
    // Events are recorded within the input that raises them, so before the next input both sides must agree.
    this.#compare();
    this.#inputs++;
    drive(engine, line.call, line.at);
  }

  /** Both lists hold the events of the inputs since the last call. */
  #compare(): void {
    const raised = this.#raised.splice(0);
    const expected = this.#expected.splice(0);
    const at = raised.findIndex((event, index) => event !== expected[index]);
    if (at < 0 && raised.length >= expected.length) return;
    const first = at < 0 ? raised.length : at;
    this.#difference ??= `line ${this.#line}: recorded ${expected[first] ?? "nothing"}, raised ${raised[first] ?? "nothing"}`;
  }
}

/** Plays a file. Throws DamagedRecording, or what the operating system says of the file. */
export async function playFile(path: string, told: (event: EngineEvent, at: number) => void): Promise<Replayed> {
  const player = new RecordingPlayer(told);
  let partial = "";
  for await (const chunk of createReadStream(path, "utf8")) {
    const lines = (partial + chunk).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) player.read(line);
  }
  return player.end(partial !== "");
}
