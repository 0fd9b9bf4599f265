/** Where a command prints its result and its errors. */
export interface Output {
  print(text: string): void;
  /** One line, without its end. */
  complain(line: string): void;
}

/** Exit codes (interface.md 2.1). */
export const EXIT = { done: 0, refused: 1, badFlags: 2, unreachable: 3, timeIsUp: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One JSON document as text. */
export const printJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The text of a system error without Node's frame around it: `no such file or directory`. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^E[A-Z0-9]+: /, "").replace(/, [a-z]+( '.*')?$/s, "") : String(error);
