/** Writes JSON documents whose lists may be any iterables, in slices of bounded size and time. */
import { isIterable } from "../../core/contract/questions.js";

/** About so many characters at most go out in one turn of the event loop. */
const SLICE_CHARACTERS = 64 * 1024;

/** And what takes longer to make goes out sooner. Milliseconds. */
const SLICE_MILLISECONDS = 5;

/**
 * The text of a document, piece by piece, as JSON.stringify writes it. Objects are written field by field and lists row by
 * row; a row is written whole.
 */
export function* piecesOf(document: unknown): Generator<string> {
  if (isIterable(document)) yield* rows(document);
  else if (typeof document === "object" && document !== null) yield* fields(document);
  else yield JSON.stringify(document);
}

function* rows(list: Iterable<unknown>): Generator<string> {
  let before = "[";
  for (const row of list) {
    // JSON knows no undefined: in a list it is null, in an object it is not there.
    yield before + (JSON.stringify(row) ?? "null");
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

function* fields(object: object): Generator<string> {
  let before = "{";
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* piecesOf(value);
    before = ",";
  }
  yield before === "{" ? "{}" : "}";
}

/** Joins pieces to slices. Each is made only when it is asked for. */
export function* slicesOf(pieces: Iterable<string>): Generator<string> {
  let slice = "";
  let end = performance.now() + SLICE_MILLISECONDS;
  for (const piece of pieces) {
    slice += piece;
    if (slice.length < SLICE_CHARACTERS && performance.now() < end) continue;
    yield slice;
    slice = "";
    end = performance.now() + SLICE_MILLISECONDS;
  }
  if (slice !== "") yield slice;
}
