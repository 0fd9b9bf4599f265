import { ANY_KERNEL, type Bindings, type Kernel } from "../facts.js";
import { PRODUCT } from "../features.js";
import type { Grammar } from "../grammar.js";
import { type Cipher, NO_CIPHER } from "../language/secrets.js";

/** The host for which a configuration is read, and the language in which it is written. */
export interface Target {
  /** Bindings of the command line. */
  readonly bindings?: Bindings | undefined;
  readonly kernel?: Kernel | undefined;
  readonly cipher?: Cipher | undefined;
  readonly grammar?: Grammar | undefined;
}

export interface WholeTarget {
  readonly bindings: Bindings;
  readonly kernel: Kernel;
  readonly cipher: Cipher;
  readonly grammar: Grammar;
}

/** Fills in a host of which nothing is known, and the product's language. */
export const wholeTarget = ({ bindings, kernel, cipher, grammar }: Target): WholeTarget => ({
  bindings: bindings ?? new Map(),
  kernel: kernel ?? ANY_KERNEL,
  cipher: cipher ?? NO_CIPHER,
  grammar: grammar ?? PRODUCT,
});
