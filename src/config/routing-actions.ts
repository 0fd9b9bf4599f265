import { type Action, action, type ConfigurationView, type Effect, refuse } from "./action.js";
import type { Model, SingleName } from "./model.js";
import { DEFAULT_PROCESS, isisProcess } from "./routing-rows.js";

const processParameters = {
  process: { type: isisProcess, help: `Number of the process, the default value is ${DEFAULT_PROCESS}` },
};

/** Views that are kept: entered, left and removed, nothing more. */
const single = (
  command: string,
  attribute: SingleName & keyof Model,
  view: ConfigurationView,
  help: string,
): Action[] => [
  action(command, {
    help,
    parameters: {},
    run({ model }): Effect {
      model[attribute] ??= {};
      return { ok: true, position: { view, name: "" }, wrote: [[attribute]], kept: true };
    },
  }),
  action(`undo ${command}`, {
    help: `Remove ${command}`,
    words: { [command]: `Remove ${command}` },
    parameters: {},
    run({ model, position }): Effect {
      delete model[attribute];
      return { ok: true, position, wrote: [[attribute]] };
    },
  }),
];

/** System view: IS-IS and PIM. */
export const routingActions: readonly Action[] = [
  action("isis [ <process> ]", {
    help: "Enter the view of an IS-IS process",
    parameters: processParameters,
    run({ model, match }): Effect {
      const name = String(match.values.process ?? DEFAULT_PROCESS);
      model.isis ??= {};
      model.isis[name] ??= {};
      return { ok: true, position: { view: "isis", name }, wrote: [["isis", name]], kept: true };
    },
  }),
  action("undo isis [ <process> ]", {
    help: "Remove an IS-IS process",
    words: { isis: "Remove an IS-IS process" },
    parameters: processParameters,
    run({ model, match, position }): Effect {
      const name = String(match.values.process ?? DEFAULT_PROCESS);
      if (model.isis?.[name] === undefined) return refuse(`IS-IS process ${name} does not exist.`);
      delete model.isis[name];
      return { ok: true, position, wrote: [["isis", name]] };
    },
  }),
  ...single("pim", "pim", "pim", "Enter the view of PIM"),
  ...single("pim-ipv6", "pimIpv6", "pim-ipv6", "Enter the view of IPv6 PIM"),
];
