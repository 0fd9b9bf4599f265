/** The kernel refuses something of a subject for a reason in one line; undefined: it does not any more. */
export type TellRefusal<Subject> = (subject: Subject, text: string | undefined) => void;

/** What the kernel refuses now, by subject. Told when a refusal begins, has another reason, or is over. */
export class Refusals<Subject> {
  readonly #tell: TellRefusal<Subject>;
  readonly #nameOf: (subject: Subject) => string;
  readonly #standing = new Map<string, { readonly subject: Subject; readonly text: string }>();

  /** `nameOf`: the same for the same subject. */
  constructor(tell: TellRefusal<Subject>, nameOf: (subject: Subject) => string) {
    this.#tell = tell;
    this.#nameOf = nameOf;
  }

  /** The kernel's answer to a request: why it refused; undefined where it did what was asked, or nothing is asked any more. */
  answered(subject: Subject, text: string | undefined): void {
    const name = this.#nameOf(subject);
    if (this.#standing.get(name)?.text === text) return;
    if (text === undefined) this.#standing.delete(name);
    else this.#standing.set(name, { subject, text });
    this.#tell(subject, text);
  }

  /** The answers to everything that is asked at all: what is not among them is over. */
  answeredAll(refused: Iterable<readonly [subject: Subject, text: string]>): void {
    const all = new Map([...refused].map(([subject, text]) => [this.#nameOf(subject), { subject, text }]));
    for (const [name, { subject }] of [...this.#standing]) if (!all.has(name)) this.answered(subject, undefined);
    for (const { subject, text } of all.values()) this.answered(subject, text);
  }

  isRefused(subject: Subject): boolean {
    return this.#standing.has(this.#nameOf(subject));
  }

  subjects(): Subject[] {
    return [...this.#standing.values()].map(({ subject }) => subject);
  }
}
