import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Model } from "../../config/model.js";
import { makeFolder } from "../folder.js";
import { systemReason } from "../start-failure.js";

/** How many points are kept, and how many octets of them. */
const MOST_POINTS = 80;
const MOST_OCTETS = 16 * 1024 * 1024;

const FORMAT = 1;
const SUFFIX = ".json";

const pointSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** ID of the commit. */
  commit: z.string().regex(/^\d{10}$/),
  /** ISO 8601 UTC. */
  time: z.iso.datetime(),
  type: z.enum(["CLI", "FILE", "ROLLBACK"]),
  label: z.string().nullable(),
  description: z.string().nullable(),
  /** Who committed, by the number of the session. */
  session: z.number().nullable(),
  /** What changed, as `display configuration commit changes` prints it. */
  lines: z.array(z.string()),
  /** The value before of each attribute that changed; null: there was none. */
  before: z.array(z.strictObject({ path: z.array(z.string()).min(1), from: z.unknown() })),
  /** What ran from then on. Keys are in it as ciphertext. */
  model: z.record(z.string(), z.unknown()),
});

/** What ran after a commit, and how it came about. */
export interface CommitPoint extends Omit<z.infer<typeof pointSchema>, "model"> {
  readonly model: Model;
}

/** A point without its configuration. */
export type CommitHead = Omit<CommitPoint, "lines" | "before" | "model">;

/** A file of the commit points that cannot be used. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
  readonly isThere: boolean;
}

/** The configurations of the last commits, a file for each. Nobody else writes there; what is there may be damaged. */
export class CommitPoints {
  readonly #folder: string;

  constructor(stateDirectory: string) {
    // It is made with the first point.
    this.#folder = join(stateDirectory, "commits");
  }

  /** The points, the newest first, and the files that are skipped. */
  list(): { readonly points: readonly CommitHead[]; readonly skipped: readonly string[] } {
    const points: CommitHead[] = [];
    const skipped: string[] = [];
    for (const name of this.#names().reverse()) {
      const point = this.load(name.slice(0, -SUFFIX.length));
      if ("reason" in point) skipped.push(`${point.file}: ${point.reason}`);
      else points.push(headOf(point));
    }
    return { points, skipped };
  }

  /** A point by the ID of its commit, or why there is none. */
  load(commit: string): CommitPoint | Skipped {
    const file = join(this.#folder, commit + SUFFIX);
    let document: unknown;
    try {
      document = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
      const isThere = (error as NodeJS.ErrnoException).code !== "ENOENT";
      const reason = error instanceof SyntaxError ? "it is cut, or no commit point" : systemReason(error);
      return { file, reason, isThere };
    }
    const { data, error } = pointSchema.safeParse(document);
    if (data !== undefined) return data as CommitPoint;
    const { format } = Object(document) as { readonly format?: unknown };
    const isNewer = typeof format === "number" && format > FORMAT;
    const fault = `it is no commit point: ${error?.issues[0]?.message ?? ""}`;
    return { file, reason: isNewer ? "it is of a newer version of etrunkd" : fault, isThere: true };
  }

  /** Writes a point, and removes the oldest ones beyond the limits. Throws the operating system's error. */
  keep(point: Omit<CommitPoint, "format">): void {
    makeFolder(this.#folder, 0o700);
    const path = join(this.#folder, point.commit + SUFFIX);
    const temporary = `${path}.new`;
    try {
      writeFileSync(temporary, JSON.stringify({ format: FORMAT, ...point }), { mode: 0o600, flush: true });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    const folder = openSync(this.#folder, "r");
    fsyncSync(folder);
    closeSync(folder);
    this.#removeOldest();
  }

  drop(commit: string): void {
    rmSync(join(this.#folder, commit + SUFFIX), { force: true });
  }

  #removeOldest(): void {
    let octets = 0;
    for (const [newer, name] of this.#names().reverse().entries()) {
      octets += statSync(join(this.#folder, name)).size;
      if (newer > 0 && (newer >= MOST_POINTS || octets > MOST_OCTETS)) rmSync(join(this.#folder, name));
    }
  }

  /** Files of points, the oldest first. */
  #names(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => /^\d{10}\.json$/.test(name))
        .sort();
    } catch {
      return [];
    }
  }
}

const headOf = ({ commit, time, type, label, description, session, format }: CommitPoint): CommitHead => ({
  format,
  commit,
  time,
  type,
  label,
  description,
  session,
});

/** What ran before the commit of a point. */
export function modelBefore({ model, before }: Pick<CommitPoint, "model" | "before">): Model {
  const whole = structuredClone(model) as { [key: string]: unknown };
  for (const { path, from } of before) {
    let at = whole;
    for (const key of path.slice(0, -1)) {
      if (!Object.hasOwn(at, key) || typeof at[key] !== "object" || at[key] === null) at[key] = {};
      at = at[key] as { [key: string]: unknown };
    }
    const last = path.at(-1) ?? "";
    if (from === null || from === undefined) delete at[last];
    else at[last] = from;
  }
  return whole as Model;
}
