import { type Action, action, type Effect, refuse } from "./action.js";
import { BIND_FORMS, BIND_PARAMETERS, BIND_WORDS, bfdSessionSettings, bindingOf } from "./bfd-view.js";
import type { Parameters } from "./language/pattern.js";
import { type BfdSessionModel, type EtrunkModel, type Model, objectOf } from "./model.js";

const parameters: Parameters = BIND_PARAMETERS;

/** The name as it was first typed, for case does not count; undefined: no such session. */
export const bfdSessionCalled = (model: Model, name: string): string | undefined =>
  Object.hasOwn(model.bfdSessions ?? {}, name)
    ? name
    : Object.keys(model.bfdSessions ?? {}).find((known) => known.toLowerCase() === name.toLowerCase());

/** Who tracks a session, as refusals call it. */
function trackerOf(model: Model, name: string): string | undefined {
  const tracks = ([, etrunk]: [string, EtrunkModel]) =>
    etrunk.eTrunkTrackBfdSessionSessionName?.toLowerCase() === name.toLowerCase();
  const found = Object.entries(model.etrunks ?? {}).find(tracks);
  return found && `E-Trunk ${found[0]}`;
}

const stillUsed = (model: Model, name: string): string | undefined => {
  const tracker = trackerOf(model, name);
  return tracker && `BFD session ${name} is still used by ${tracker}.`;
};

const sameBinding = (session: BfdSessionModel, other: BfdSessionModel["bind"]): boolean =>
  JSON.stringify(session.bind) === JSON.stringify(other);

const bindAction = (form: string): Action =>
  action(`bfd <name> ${form}`, {
    help: "Create a BFD session and enter its view",
    words: { ...BIND_WORDS, bfd: "Bidirectional Forwarding Detection" },
    parameters,
    run({ model, match }): Effect {
      const typed = match.values.name as string;
      const bind = bindingOf(match.values);
      const name = bfdSessionCalled(model, typed) ?? typed;
      const known = objectOf(model, "bfdSessions", name);
      if (known !== undefined && !sameBinding(known, bind))
        return refuse(`BFD session ${name} already exists: ${bfdSessionSettings.bind.print(known.bind!)[0]}.`);
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
export const bfdActions: readonly Action[] = [
  action("bfd", {
    help: "Enable BFD and enter its view",
    words: { bfd: "Bidirectional Forwarding Detection" },
    parameters,
    run({ model }): Effect {
      model.bfd ??= {};
      return { ok: true, position: { view: "bfd", name: "" }, wrote: [["bfd"]] };
    },
  }),
  action("undo bfd", {
    help: "Disable BFD; removes every BFD session",
    words: { bfd: "Disable BFD and remove every session, or remove one session" },
    parameters,
    run({ model, position, how }): Effect {
      for (const name of Object.keys(model.bfdSessions ?? {})) {
        const used = how === "typed" ? stillUsed(model, name) : undefined;
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
    words: { bfd: "Bidirectional Forwarding Detection" },
    parameters,
    run({ model, match }): Effect {
      const name = bfdSessionCalled(model, match.values.name as string);
      if (name === undefined) return refuse(`BFD session ${match.values.name as string} does not exist.`);
      return { ok: true, position: { view: "bfd-session", name }, wrote: [] };
    },
  }),
  action("undo bfd <name>", {
    help: "Remove a BFD session",
    words: { bfd: "Disable BFD and remove every session, or remove one session" },
    parameters,
    run({ model, match, position, how }): Effect {
      const name = bfdSessionCalled(model, match.values.name as string);
      if (name === undefined) return refuse(`BFD session ${match.values.name as string} does not exist.`);
      const used = how === "typed" ? stillUsed(model, name) : undefined;
      if (used !== undefined) return refuse(used);
      delete model.bfdSessions![name];
      return { ok: true, position, wrote: [["bfdSessions", name]] };
    },
  }),
];
