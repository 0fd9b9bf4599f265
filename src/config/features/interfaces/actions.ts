import { type Action, action, type Effect, refuse, type Step } from "../../feature.js";
import { parseInterfaceName } from "../../language/interface-name.js";
import { interfaceName } from "../../language/parameters.js";
import { positionOf } from "./positions.js";
import { at, type Interfaces, interfaceOf, ownInterfaceOf } from "./slice.js";

type Slice = Interfaces<object>;

const parameters = { if: { type: interfaceName, help: "Interface, e.g. Eth-Trunk1, GigabitEthernet0/1/1 or eth1" } };

/** System view: `interface` and `undo interface`. */
export const interfaceActions: readonly Action<Slice>[] = [
  action("interface <if>", {
    help: "Enter the view of an interface; creates it unless it is a physical one",
    parameters,
    run({ model, match }: Step<Slice>): Effect {
      const name = match.values.if as string;
      const position = positionOf(name);
      if (typeof position === "string") return refuse(position);
      // NULL0 is always there and has nothing to store.
      if (position.view === "null") return { ok: true, position, wrote: [] };
      ownInterfaceOf(model, name);
      return { ok: true, position, wrote: [at(name)] };
    },
  }),
  action("undo interface <if>", {
    help: "Remove an interface, of a physical one the configuration",
    words: { interface: "Remove an interface, of a physical one the configuration" },
    parameters,
    run({ model, match, position, userOf }: Step<Slice>): Effect {
      const name = match.values.if as string;
      if (parseInterfaceName(name)?.kind === "null") return refuse(`${name} cannot be removed.`);
      if (interfaceOf(model, name) === undefined) return refuse(`${name} does not exist.`);
      const user = userOf(at(name));
      if (user !== undefined) return refuse(`${name} is still used by ${user}.`);
      delete model.interfaces?.[name];
      return { ok: true, position, wrote: [at(name)] };
    },
  }),
];
