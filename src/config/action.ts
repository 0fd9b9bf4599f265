import type { Match, Syntax } from "./language/match.js";
import { compile, type Parameters } from "./language/pattern.js";
import type { Cipher } from "./language/secrets.js";
import type { Model, Path } from "./model.js";

/** Views in which something is configured. */
export type ConfigurationView =
  | "system"
  | "physical"
  | "eth-trunk"
  | "sub-interface"
  | "loopback"
  | "vlanif"
  | "null"
  | "vlan"
  | "e-trunk"
  | "bfd"
  | "bfd-session"
  | "isis"
  | "pim"
  | "pim-ipv6";

/** A view, and which object it shows: the canonical name of an interface; empty in system view. */
export interface Position {
  readonly view: ConfigurationView;
  readonly name: string;
}

export const SYSTEM: Position = { view: "system", name: "" };

/** `typed`: a person at a shell, where the order of lines counts. `file`: it does not. */
export type How = "typed" | "file";

export interface Step {
  readonly model: Model;
  readonly position: Position;
  readonly match: Match;
  readonly how: How;
  readonly cipher: Cipher;
}

/** What a line did: where the next line stands, and what of the model it wrote. */
export type Effect =
  | {
      readonly ok: true;
      readonly position: Position;
      readonly wrote: readonly Path[];
      /** What it opens is kept without effect; the operator is told so. */
      readonly kept?: true;
    }
  | { readonly ok: false; readonly refusal: string };

/** A command that does something else than setting an attribute of its view's object. */
export interface Action extends Syntax {
  run(step: Step): Effect;
}

export const action = (
  syntax: string,
  row: {
    readonly help: string;
    readonly words?: { readonly [keyword: string]: string };
    readonly parameters: Parameters;
    readonly run: (step: Step) => Effect;
  },
): Action => ({ pattern: compile(syntax, row.parameters), help: row.help, words: row.words ?? {}, run: row.run });

export const refuse = (refusal: string): Effect => ({ ok: false, refusal });
