import { type Action, action, type Effect, refuse, type Step } from "../../feature.js";
import { DEFAULT_PROCESS, isisProcess } from "./kept-rows.js";
import type { RoutingSlice } from "./slice.js";

const processParameters = {
  process: { type: isisProcess, help: `Number of the process, the default value is ${DEFAULT_PROCESS}` },
};

/** Views that are kept: entered, left and removed, nothing more. */
const single = (command: string, attribute: "pim" | "pimIpv6", help: string): Action<RoutingSlice>[] => [
  action(command, {
    help,
    run({ model }: Step<RoutingSlice>): Effect {
      model[attribute] ??= {};
      return { ok: true, position: { view: command, name: "" }, wrote: [[attribute]] };
    },
  }),
  action(`undo ${command}`, {
    help: `Remove ${command}`,
    words: { [command]: `Remove ${command}` },
    run({ model, position }: Step<RoutingSlice>): Effect {
      delete model[attribute];
      return { ok: true, position, wrote: [[attribute]] };
    },
  }),
];

/** System view: IS-IS and PIM. */
export const routingActions: readonly Action<RoutingSlice>[] = [
  action("isis [ <process> ]", {
    help: "Enter the view of an IS-IS process",
    parameters: processParameters,
    run({ model, match }: Step<RoutingSlice>): Effect {
      const name = String(match.values.process ?? DEFAULT_PROCESS);
      model.isis ??= {};
      model.isis[name] ??= {};
      return { ok: true, position: { view: "isis", name }, wrote: [["isis", name]] };
    },
  }),
  action("undo isis [ <process> ]", {
    help: "Remove an IS-IS process",
    words: { isis: "Remove an IS-IS process" },
    parameters: processParameters,
    run({ model, match, position }: Step<RoutingSlice>): Effect {
      const name = String(match.values.process ?? DEFAULT_PROCESS);
      if (model.isis?.[name] === undefined) return refuse(`IS-IS process ${name} does not exist.`);
      delete model.isis[name];
      return { ok: true, position, wrote: [["isis", name]] };
    },
  }),
  ...single("pim", "pim", "Enter the view of PIM"),
  ...single("pim-ipv6", "pimIpv6", "Enter the view of IPv6 PIM"),
];
