import { readFileSync } from "node:fs";
import type { Match } from "../../config/language/match.js";
import { integer, word } from "../../config/language/parameters.js";
import type { CommitPointView, CommitView, RollbackTarget } from "../../daemon/questions.js";
import { Refused } from "../client.js";
import { columns, localTime, rule, zoneOf } from "../layout.js";
import { reasonOf } from "../output.js";
import { confirmed } from "./confirmed.js";
import { type CommandRow, display, excerpt, type Session, shellRow } from "./row.js";

/** A commit that was refused, each problem behind the line that opens its view. */
export class RefusedCommit extends Refused {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

export const NOTHING_CHANGED = "Info: No configuration changes to commit.\n";

/** Visible characters, no digit first, and not a hyphen alone. */
export const label = word(1, 256, /^(?!\d|-$)[!-~]+$/);

const REVERTS = "Warning: This operation will revert configuration changes to the previous status";

const parameters = {
  commit: { type: integer(1_000_000_001, 9_999_999_999), help: "ID of a commit" },
  since: { type: integer(1_000_000_001, 9_999_999_999), help: "ID of a commit" },
  label: { type: label, help: "Label of a commit" },
  file: { type: word(1, 255, /./), help: "Name of a file" },
  last: { type: integer(1, 80), help: "Number of commits" },
};

async function rollback({ values }: Match, session: Session): Promise<void> {
  const { configuring, signal, output } = session;
  const { file } = values as { readonly file?: string };
  if (
    !(await confirmed(
      session,
      file === undefined ? REVERTS : `${REVERTS.replace("the previous status", `the file ${file}`)}`,
    ))
  )
    return;
  const outcome: CommitView =
    file === undefined
      ? await configuring.rollback(targetOf(values), { signal })
      : await configuring.replace(textOf(file), false, { signal });
  if (outcome.problems.length > 0)
    throw new RefusedCommit(outcome.problems.map((problem) => (file === undefined ? problem : `${file}:${problem}`)));
  if (outcome.commit === null) output.print(NOTHING_CHANGED);
}

function targetOf({ commit, label, last }: Match["values"]): RollbackTarget {
  if (commit !== undefined) return { commit: String(commit) };
  return label === undefined ? { last: last as number } : { label: label as string };
}

/** The text of a file of the client. Throws Refused. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Refused(`${file}: ${reasonOf(error as Error)}`);
  }
}

/** `2026-11-30 22:34:16+01:00`. */
function stamp(iso: string): string {
  const { date, time } = localTime(iso);
  return `${date} ${time}${zoneOf(iso)}`;
}

const LIST = columns(0, 5, 18, 83, 99);

/** Users are not known: a commit bears the number of its session. */
const by = ({ session }: CommitPointView): string => (session === null ? "-" : `VTY ${session}`);

function list(commits: readonly CommitPointView[]): string[] {
  return [
    rule(131),
    LIST("No.", "CommitId", "Label", "User", "TimeStamp"),
    rule(131),
    ...commits.map((each, n) => LIST(n + 1, each.commit, each.label ?? "-", by(each), stamp(each.time))),
    rule(131),
  ];
}

const details = (commits: readonly CommitPointView[]): string[] =>
  commits.flatMap((each, n) => [
    `${n + 1}) CommitId: ${each.commit}`,
    `        Label: ${each.label ?? "-"}`,
    `        User: -`,
    `        User-Intf: ${by(each)}`,
    `        Type: ${each.type}`,
    `        TimeStamp: ${stamp(each.time)}`,
    `        Description: ${each.description ?? ""}`.trimEnd(),
    "",
  ]);

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

const WORDS = {
  commit: "The last commits",
  list: "Which there are, the newest first",
  changes: "What they changed",
  at: "Of one commit",
  since: "Of this commit and all after it",
  last: "Of the last commits",
  rollback: "Go back to an earlier configuration",
  configuration: "The configuration",
  to: "To what ran after a commit, or to a file",
  "commit-id": "To what ran after a commit",
  label: "To what ran after the commit with a label",
  file: "To what stands in a file",
};

/** The commits of the past, and the ways back to them. */
export const commitPointRows: readonly CommandRow[] = [
  display("display configuration commit list [ verbose ]", {
    help: "The commits that can be gone back to",
    words: WORDS,
    ask: () => ["commit-list", {}],
    show: ({ commits, skipped }, { words }) =>
      text([
        ...(words.includes("verbose") ? details(commits) : list(commits)),
        ...skipped.map((reason) => `Warning: Skipped: ${reason}.`),
      ]),
  }),
  excerpt("display configuration commit at <commit>", {
    help: "What ran after a commit",
    words: WORDS,
    parameters,
    ask: ({ values }) => ["commit-configuration", { commit: String(values.commit) }],
    document: ({ model }) => model,
    show: (_model, _match, { lines }) => text(lines),
  }),
  display("display configuration commit changes [ at <commit> | since <since> | last <last> ]", {
    help: "What commits changed",
    words: WORDS,
    parameters,
    ask: ({ values: { commit, since, last } }) => [
      "commit-changes",
      {
        ...(commit === undefined ? {} : { commit: String(commit) }),
        ...(since === undefined ? {} : { since: String(since) }),
        ...(last === undefined ? {} : { last: last as number }),
      },
    ],
    show: ({ commits }, { values }) =>
      commits
        .map(({ commit, time, lines }) => {
          const head = values.commit === undefined ? [`Commit changes of commitId ${commit} ${stamp(time)}`] : [];
          return text([...head, "Building configuration", ...lines]);
        })
        .join("\n"),
  }),
  shellRow("rollback configuration { to { commit-id <commit> | label <label> | file <file> } | last <last> }", {
    help: "Go back to an earlier configuration",
    words: { ...WORDS, last: "To what ran before the last commits" },
    parameters,
    run: rollback,
  }),
];
