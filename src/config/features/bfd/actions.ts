import { type Action, action, type Effect, refuse, type Step } from "../../feature.js";
import { objectCalled } from "../../language/setting.js";
import { BIND_FORMS, BIND_PARAMETERS, BIND_WORDS, type Binding, bindingOf } from "./binding.js";
import { sessionRows } from "./rows.js";
import { type BfdSlice, type Session, sessionCalled } from "./slice.js";

const parameters = BIND_PARAMETERS;
const BFD = "Bidirectional Forwarding Detection";

const stillUsed = (name: string, userOf: Step<BfdSlice>["userOf"]): string | undefined => {
  const user = userOf(["bfdSessions", name]);
  return user && `BFD session ${name} is still used by ${user}.`;
};

const sameBinding = (session: Session, other: Binding): boolean =>
  JSON.stringify(session.bind) === JSON.stringify(other);

const bindAction = (form: string): Action<BfdSlice> =>
  action(`bfd <name> ${form}`, {
    help: "Create a BFD session and enter its view",
    words: { ...BIND_WORDS, bfd: BFD },
    parameters,
    run({ model, match }: Step<BfdSlice>): Effect {
      const typed = match.values.name as string;
      const bind = bindingOf(match.values);
      const name = sessionCalled(model, typed) ?? typed;
      const known = objectCalled(model.bfdSessions, name);
      if (known !== undefined && !sameBinding(known, bind))
        return refuse(`BFD session ${name} already exists: ${sessionRows.bind.print(known.bind)[0]}.`);
      model.bfdSessions ??= {};
      if (known === undefined) model.bfdSessions[name] = { bind };
      return {
        ok: true,
        position: { view: "bfd-session", name },
        wrote: [
          ["bfdSessions", name],
          ["bfdSessions", name, "bind"],
        ],
      };
    },
  });

/** System view: `bfd` and what begins so. */
export const bfdActions: readonly Action<BfdSlice>[] = [
  action("bfd", {
    help: "Enable BFD and enter its view",
    words: { bfd: BFD },
    parameters,
    run({ model }: Step<BfdSlice>): Effect {
      model.bfd ??= {};
      return { ok: true, position: { view: "bfd", name: "" }, wrote: [["bfd"]] };
    },
  }),
  action("undo bfd", {
    help: "Disable BFD; removes every BFD session",
    words: { bfd: "Disable BFD and remove every session, or remove one session" },
    parameters,
    run({ model, position, userOf }: Step<BfdSlice>): Effect {
      for (const name of Object.keys(model.bfdSessions ?? {})) {
        const used = stillUsed(name, userOf);
        if (used !== undefined) return refuse(used);
      }
      delete model.bfd;
      delete model.bfdSessions;
      return { ok: true, position, wrote: [["bfd"], ["bfdSessions"]] };
    },
  }),
  ...BIND_FORMS.map(bindAction),
  action("bfd <name>", {
    help: "Enter the view of a BFD session",
    words: { bfd: BFD },
    parameters,
    run({ model, match }: Step<BfdSlice>): Effect {
      const name = sessionCalled(model, match.values.name as string);
      if (name === undefined) return refuse(`BFD session ${match.values.name as string} does not exist.`);
      return { ok: true, position: { view: "bfd-session", name }, wrote: [] };
    },
  }),
  action("undo bfd <name>", {
    help: "Remove a BFD session",
    words: { bfd: "Disable BFD and remove every session, or remove one session" },
    parameters,
    run({ model, match, position, userOf }: Step<BfdSlice>): Effect {
      const name = sessionCalled(model, match.values.name as string);
      if (name === undefined) return refuse(`BFD session ${match.values.name as string} does not exist.`);
      const used = stillUsed(name, userOf);
      if (used !== undefined) return refuse(used);
      delete model.bfdSessions?.[name];
      return { ok: true, position, wrote: [["bfdSessions", name]] };
    },
  }),
];
