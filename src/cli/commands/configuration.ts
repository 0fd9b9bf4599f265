import { restOfLine } from "../../config/language/parameters.js";
import type { CommitNote } from "../../daemon/questions.js";
import { Refused } from "../client.js";
import { localTime } from "../layout.js";
import { label, NOTHING_CHANGED, RefusedCommit } from "./commit-points.js";
import { type CommandRow, display, excerpt, type Session, shellRow } from "./row.js";

const QUESTION = "Warning: Uncommitted configurations found, commit them before exiting? [Y(yes)/N(no)/C(cancel)]:";
const AGAIN = "Error: Please choose 'YES', 'NO' or 'CANCEL' first before pressing 'Enter'. [Y/N/C]:";
const DROPPED = "Uncommitted configurations found; they are dropped";

/** Commits; throws RefusedCommit. */
async function commit({ configuring, signal, output }: Session, note: CommitNote = {}): Promise<void> {
  const { problems, commit } = await configuring.commit(note, { signal });
  if (problems.length > 0) throw new RefusedCommit(problems);
  if (commit === null) output.print(NOTHING_CHANGED);
}

/** Leaves the configuration, with the question where lines are not committed. */
async function leave(session: Session): Promise<void> {
  const { configuring, signal, ask } = session;
  let question = QUESTION;
  while (configuring.isChanged) {
    const answer = (await ask(question))?.trim().toLowerCase();
    question = AGAIN;
    if (answer === undefined) {
      await configuring.leave("user", true, { signal });
      throw new Refused(DROPPED);
    }
    if (answer === "c" || answer === "cancel") return;
    if (answer === "n" || answer === "no") break;
    if (answer === "y" || answer === "yes") await commit(session);
  }
  await configuring.leave("user", true, { signal });
}

async function quit(session: Session): Promise<"quit" | undefined> {
  const { configuring, signal } = session;
  const { position } = configuring;
  if (position === undefined) return "quit";
  if (position.view === "system") await leave(session);
  else await configuring.leave("upper", false, { signal });
  return undefined;
}

const DESCRIPTION = "What the commit is for, up to the end of the line";

/** Quotes around a comment are those of the script that wrote it. */
function noteOf({ label, description }: { readonly [name: string]: unknown }): CommitNote {
  return {
    ...(label === undefined ? {} : { label: label as string }),
    ...(description === undefined ? {} : { description: (description as string).replace(/^"(.+)"$/, "$1") }),
  };
}

const lines = ({ lines }: { readonly lines: readonly string[] }): string => lines.map((line) => `${line}\n`).join("");

const time = (at: string): string => {
  const { date, time: clock } = localTime(at);
  return `${date} ${clock}`;
};

const configuration = "The configuration";
const candidate = "What this session typed and did not commit";
const IN_VIEWS = { in: "configuration" } as const;

/** Editing the configuration: its views, the candidate, and who else edits. */
export const configurationRows: readonly CommandRow[] = [
  shellRow("system-view", {
    in: "any",
    help: "Enter system view, to change the configuration",
    async run(_, { configuring, output, signal }) {
      const isFirst = configuring.position === undefined;
      await (isFirst ? configuring.enter({ signal }) : configuring.leave("system", false, { signal }));
      if (isFirst) output.print("Enter system view, return user view with return command.\n");
    },
  }),
  shellRow("quit", {
    in: "any",
    help: "Go one view up; in user view end the session",
    run: (_, session) => quit(session),
  }),
  shellRow("return", {
    in: "any",
    help: "Go to user view",
    run: async (_, session) => (session.configuring.position === undefined ? undefined : leave(session)),
  }),
  shellRow("commit [ label <label> ] [ { description | comment } <description> ]", {
    ...IN_VIEWS,
    help: "Let the typed lines run",
    words: { label: "Name of the commit point", description: DESCRIPTION, comment: DESCRIPTION },
    parameters: {
      label: { type: label, help: "Label of the commit, no digit first" },
      description: { type: restOfLine(1, 60), help: DESCRIPTION },
    },
    run: ({ values }, session) => commit(session, noteOf(values)),
  }),
  shellRow("clear configuration candidate", {
    ...IN_VIEWS,
    help: "Drop the lines that are not committed, and go to system view",
    words: { configuration, candidate },
    run: (_, { configuring, signal }) => configuring.clear({ signal }),
  }),
  shellRow("refresh configuration candidate", {
    ...IN_VIEWS,
    help: "Type the lines that are not committed again on what runs now",
    words: { configuration, candidate },
    async run(_, { configuring, signal, output }) {
      for (const { line, text } of await configuring.refresh({ signal })) output.print(`${line}\nError: ${text}\n`);
    },
  }),
  shellRow("configuration exclusive", {
    in: "any",
    help: "Let nobody else commit",
    words: { configuration: "The right to commit", exclusive: "Let nobody else commit" },
    run: async (_, { daemon, signal }) =>
      void (await daemon.ask({ ask: "configuration-lock", lock: true }, { signal })),
  }),
  shellRow("undo configuration exclusive", {
    in: "any",
    help: "Let others commit again",
    words: { undo: "Restore a default or delete", configuration: "The right to commit" },
    run: async (_, { daemon, signal }) =>
      void (await daemon.ask({ ask: "configuration-lock", lock: false }, { signal })),
  }),
  display("display this", { ...IN_VIEWS, help: "What runs of the present view", ask: () => ["this", {}], show: lines }),
  display("display configuration candidate", {
    ...IN_VIEWS,
    help: candidate,
    words: { candidate },
    ask: () => ["candidate", {}],
    show: lines,
  }),
  excerpt("display configuration candidate merge", {
    ...IN_VIEWS,
    help: "The configuration as it would run after a commit",
    words: { candidate },
    ask: () => ["candidate-merge", {}],
    document: ({ model }) => model,
    show: (_model, _match, answer) => lines(answer),
  }),
  excerpt("display configuration candidate changes", {
    ...IN_VIEWS,
    help: "What a commit would change",
    words: { candidate },
    ask: () => ["candidate-changes", {}],
    document: ({ changes }) => changes,
    show: (_changes, _match, answer) => `Building configuration\n${lines(answer)}`,
  }),
  display("display configuration sessions", {
    help: "Sessions that edit the configuration",
    ask: () => ["configuration-sessions", {}],
    show: ({ sessions }) =>
      [
        RULE,
        sessionLine("  Session", "User-Intf", "Date", "Lock"),
        RULE,
        ...sessions.map(({ session, since, own, locked }) =>
          sessionLine(`${own ? "*" : " "} ${session}`, `VTY ${session}`, time(since), locked ? "Lock" : ""),
        ),
        RULE,
        "",
      ].join("\n"),
  }),
  display("display configuration-occupied user", {
    help: "Who alone may commit",
    words: { "configuration-occupied": "The right to commit", user: "Who alone may commit" },
    ask: () => ["configuration-sessions", {}],
    show: ({ holder }) =>
      holder === null
        ? "Info: No user holds the configuration right.\n"
        : [
            `User Index: ${holder.session}`,
            `User Session Name: VTY ${holder.session}`,
            `Locked Time: ${time(holder.since)}`,
            `Last Configuration Time: ${time(holder.last)}`,
            `The time out value of configuration right locked is: ${holder.timeout} second(s)`,
            "",
          ].join("\n"),
  }),
];

const RULE = "-".repeat(74);

function sessionLine(session: string, user: string, date: string, lock: string): string {
  return `${session.padEnd(12)}${user.padEnd(30)}${date.padEnd(20)}${lock}`.trimEnd();
}
