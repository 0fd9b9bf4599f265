import { expect, test } from "vitest";
import { z } from "zod";
import type { Acting } from "../../src/core/contract/questions.js";
import type { AnsweringInTime, DaemonQuestions } from "../../src/daemon/answers.js";
import type { RowsOf } from "../../src/daemon/questions.js";

/**
 * What must not compile. `npm run check` compiles this file, and an error that does not come is one.
 */

interface Two {
  readonly one: {
    readonly asks: { readonly id: number; readonly name?: string };
    readonly answer: { readonly id: number };
  };
  readonly other: { readonly asks: Readonly<Record<never, never>>; readonly answer: null };
}

const id = z.number();
const name = z.exactOptional(z.string());

/** Rows: how questions are asked. */
const rows: RowsOf<Two>[] = [
  { one: { id, name }, other: {} },
  // @ts-expect-error a question without a row
  { one: { id, name } },
  // @ts-expect-error a row without a question
  { one: { id, name }, other: {}, third: {} },
  // @ts-expect-error a field without a schema
  { one: { id }, other: {} },
  // @ts-expect-error a field that is not asked
  { one: { id, name }, other: { id } },
  // @ts-expect-error a field of another type
  { one: { id: z.string(), name }, other: {} },
  // @ts-expect-error a field that may be missing and must not
  { one: { id: z.exactOptional(id), name }, other: {} },
  // @ts-expect-error a field that must be there and may be missing
  { one: { id, name: z.string() }, other: {} },
];

/** Functions that act. */
const functions: Acting<Two>[] = [
  { one: (asks) => ({ id: asks.id }), other: () => null },
  // @ts-expect-error an answer of another type
  { one: (asks) => ({ id: String(asks.id) }), other: () => null },
  // @ts-expect-error no answer
  { one: (asks) => ({ id: asks.id }) },
];

/** Those of the daemon: a list may be any iterable, but not one of something else. */
const vlans: AnsweringInTime<DaemonQuestions>["vlans"][] = [
  () => ({ vlans: new Set([{ id: 1, description: null, vlanif: null, ports: [] }]) }),
  // @ts-expect-error the answer to another question
  () => ({ interfaces: [] }),
  // @ts-expect-error rows of another type
  () => ({ vlans: [{ id: "1", description: null, vlanif: null, ports: [] }] }),
  // @ts-expect-error later, but of another type
  async () => ({ interfaces: [] }),
];

test("schemas and answers of another type do not compile", () => {
  expect([rows.length, functions.length, vlans.length]).toEqual([8, 3, 4]);
});
