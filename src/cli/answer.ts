/** What a command brought back: one JSON document, and the same as text when somebody wants it. */
export interface Answer {
  readonly document: unknown;
  text(): string;
}

/** How to ask the daemon. */
export interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

export const answer = <Data>(document: Data, print: (data: Data) => string): Answer => ({
  document,
  text: () => print(document),
});

/** The part of a request that names a trunk, an E-Trunk, or all of them. */
export const numbered = (id: number | undefined): { id?: number } => (id === undefined ? {} : { id });
