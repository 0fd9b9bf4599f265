import { z } from "zod";
import { Refusal } from "../../core/contract/questions.js";
import { eventNames } from "../daemon-events.js";
import type { QuestionRows } from "../questions.js";

/** Fixed before their protocols are there, so that scripts need not change. */
const LATER_EVENTS = ["batch", "digest-mismatch"];

const monitorOf = (events: readonly string[]) =>
  z.strictObject({ ask: z.literal("monitor"), events: z.array(z.enum(events)).max(events.length) });

/** A request that was read: the name of a question, and what is asked as its row says. */
export interface ReadRequest {
  readonly ask: string;
}

interface MonitorRequest extends ReadRequest {
  readonly events: readonly string[];
}

export const isMonitor = (request: ReadRequest): request is MonitorRequest => request.ask === "monitor";

/** Reads a request line: any question of the rows, or `monitor` with any of these events. */
export function requestReader(
  rows: QuestionRows,
  events: readonly string[] = eventNames(),
): (line: string) => ReadRequest | Refusal {
  const questions = Object.entries(rows).map(([name, shape]) => z.strictObject({ ask: z.literal(name), ...shape }));
  const schema = z.discriminatedUnion("ask", [monitorOf([...events, ...LATER_EVENTS]), ...questions]);
  const known = [...Object.keys(rows), "monitor"].join(", ");
  return (line) => {
    let document: unknown;
    try {
      document = JSON.parse(line);
    } catch {
      return new Refusal("the request is not a JSON document");
    }
    const read = schema.safeParse(document);
    return read.success ? read.data : refusalOf(document, read.error.issues[0], known);
  };
}

function refusalOf(document: unknown, issue: z.core.$ZodIssue | undefined, known: string): Refusal {
  if (typeof document !== "object" || document === null) return new Refusal("the request is not a JSON object");
  if (issue === undefined || issue.path[0] === "ask") return new Refusal(`"ask" is not one of: ${known}`);
  return new Refusal(issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message);
}
