import { type Action, action, type Effect, refuse, type Step } from "../../feature.js";
import type { ParameterType } from "../../language/parameters.js";
import { objectCalled } from "../../language/setting.js";
import { profileName, serviceName } from "./rows.js";
import type { RbsSlice } from "./slice.js";

type Attribute = "remoteBackupServices" | "remoteBackupProfiles";

/** A view by name, which its command makes, and whose undo removes it. */
function named(view: string, attribute: Attribute, type: ParameterType<string>, what: string): Action<RbsSlice>[] {
  const parameters = { name: { type, help: `Name of the ${what}` } };
  const What = `${what[0]?.toUpperCase()}${what.slice(1)}`;
  return [
    action(`${view} <name>`, {
      help: `Enter the view of a ${what}; creates it`,
      parameters,
      run({ model, match }: Step<RbsSlice>): Effect {
        const name = match.values.name as string;
        const all: { [name: string]: object } = model[attribute] ?? {};
        all[name] = objectCalled(all, name) ?? {};
        model[attribute] = all;
        return { ok: true, position: { view, name }, wrote: [[attribute, name]] };
      },
    }),
    action(`undo ${view} <name>`, {
      help: `Remove a ${what}`,
      words: { [view]: `Remove a ${what}` },
      parameters,
      run({ model, match, position, userOf }: Step<RbsSlice>): Effect {
        const name = match.values.name as string;
        const all: { readonly [name: string]: object } = model[attribute] ?? {};
        if (objectCalled(all, name) === undefined) return refuse(`${What} ${name} does not exist.`);
        const user = userOf([attribute, name]);
        if (user !== undefined) return refuse(`${What} ${name} is still used by ${user}.`);
        delete model[attribute]?.[name];
        return { ok: true, position, wrote: [[attribute, name]] };
      },
    }),
  ];
}

/** System view: remote backup services and profiles. */
export const rbsActions: readonly Action<RbsSlice>[] = [
  ...named("remote-backup-service", "remoteBackupServices", serviceName, "remote backup service"),
  ...named("remote-backup-profile", "remoteBackupProfiles", profileName, "remote backup profile"),
];
