import { trunkName } from "../core/base/trunk-names.js";
import { type Action, action, type Effect, type Position, refuse, type Step } from "./action.js";
import { mainOf } from "./devices.js";
import { MODE_WORDS } from "./interface-view.js";
import { type InterfaceKind, parseInterfaceName } from "./language/interface-name.js";
import { interfaceList, interfaceName } from "./language/parameters.js";
import {
  interfaceOf,
  kindOf,
  type Model,
  type Path,
  type PhysicalModel,
  physicalsOf,
  subInterfacesOf,
} from "./model.js";

/** Names of the members of an Eth-Trunk, in the order in which they stand. */
export const membersOf = (model: Model, trunk: number): string[] =>
  physicalsOf(model).flatMap(([name, { ethTrunk }]) => (ethTrunk?.id === trunk ? [name] : []));

/** The view of an interface; a text where there is none. */
export function positionOf(name: string): Position | string {
  const kind = kindOf(name)!;
  switch (kind) {
    case "eth-trunk":
    case "null":
    case "loopback":
    case "vlanif":
      return { view: kind, name };
    case "physical":
    case "linux":
      return { view: "physical", name };
    case "sub-interface":
      return HAVE_SUB_INTERFACES.has(mainOf(name).kind)
        ? { view: "sub-interface", name }
        : `${mainOf(name).type} interfaces have no sub-interfaces.`;
    default:
      return `${parseInterfaceName(name)!.type} interfaces are not available in this version.`;
  }
}

const HAVE_SUB_INTERFACES: ReadonlySet<InterfaceKind> = new Set(["eth-trunk", "physical"]);

/** What has to go before an interface may, as refusals call it. */
function userOfInterface(model: Model, name: string): string | undefined {
  const { kind, numbers } = parseInterfaceName(name)!;
  if (kindOf(name) === "sub-interface") return undefined;
  const member = kind === "eth-trunk" ? membersOf(model, numbers[0]!)[0] : undefined;
  return member ?? subInterfacesOf(model).find(([sub]) => mainOf(sub).text === name)?.[0];
}

const parameters = { if: { type: interfaceName, help: "Interface, e.g. Eth-Trunk1, GigabitEthernet0/1/1 or eth1" } };

/** System view: `interface` and `undo interface`. */
export const interfaceActions: readonly Action[] = [
  action("interface <if>", {
    help: "Enter the view of an interface; creates it unless it is a physical one",
    parameters,
    run({ model, match }): Effect {
      const name = match.values.if as string;
      const position = positionOf(name);
      if (typeof position === "string") return refuse(position);
      // NULL0 is always there and has nothing to store.
      if (position.view === "null") return { ok: true, position, wrote: [] };
      record(model, name);
      return { ok: true, position, wrote: [["interfaces", name]] };
    },
  }),
  action("undo interface <if>", {
    help: "Remove an interface, of a physical one the configuration",
    words: { interface: "Remove an interface, of a physical one the configuration" },
    parameters,
    run({ model, match, position, how }): Effect {
      const name = match.values.if as string;
      const parsed = parseInterfaceName(name)!;
      if (parsed.kind === "null") return refuse(`${name} cannot be removed.`);
      if (interfaceOf(model, name) === undefined) return refuse(`${name} does not exist.`);
      const user = how === "typed" ? userOfInterface(model, name) : undefined;
      if (user !== undefined) return refuse(`${name} is still used by ${user}.`);
      delete model.interfaces![name];
      return { ok: true, position, wrote: [["interfaces", name]] };
    },
  }),
];

/** The object of an interface, made where there is none. */
function record(model: Model, name: string): PhysicalModel {
  model.interfaces ??= {};
  if (!Object.hasOwn(model.interfaces, name)) model.interfaces[name] = {};
  return model.interfaces[name] as PhysicalModel;
}

const members = { members: { type: interfaceList, help: "Interface, or a type and numbers: 0/1/1 0/1/3 to 0/1/5" } };

/** Eth-Trunk view: membership told from the trunk's side. It is stored with the members, as `eth-trunk`. */
export const trunkActions: readonly Action[] = [
  action("trunkport <members> [ mode { active | passive } ]", {
    help: "Add member interfaces",
    words: MODE_WORDS,
    parameters: members,
    run(step): Effect {
      const mode = step.match.words.includes("passive") ? ({ mode: "passive" } as const) : {};
      const id = trunkId(step);
      const names = step.match.values.members as readonly string[];
      for (const name of names) {
        const refusal = cannotJoin(step.model, name, id);
        if (refusal !== undefined) return refuse(refusal);
      }
      return eachMember(step, names, (physical) => {
        physical.ethTrunk = { id, ...mode };
      });
    },
  }),
  action("undo trunkport <members> [ mode { active | passive } ]", {
    help: "Remove member interfaces",
    words: { trunkport: "Remove member interfaces", ...MODE_WORDS },
    parameters: members,
    run(step): Effect {
      const names = step.match.values.members as readonly string[];
      const id = trunkId(step);
      const stranger = names.find((name) => (interfaceOf(step.model, name) as PhysicalModel)?.ethTrunk?.id !== id);
      if (stranger !== undefined) return refuse(`${stranger} does not belong to ${trunkName(id)}.`);
      return eachMember(step, names, (physical) => {
        delete physical.ethTrunk;
      });
    },
  }),
];

const trunkId = (step: Step): number => parseInterfaceName(step.position.name)!.numbers[0]!;

function cannotJoin(model: Model, name: string, id: number): string | undefined {
  const position = positionOf(name);
  if (typeof position === "string") return position;
  if (position.view !== "physical") return `${name} cannot be a member interface.`;
  const present = (interfaceOf(model, name) as PhysicalModel | undefined)?.ethTrunk;
  if (present !== undefined && present.id !== id) return `${name} already belongs to ${trunkName(present.id)}.`;
  return undefined;
}

function eachMember(step: Step, names: readonly string[], write: (physical: PhysicalModel) => void): Effect {
  const wrote: Path[] = [];
  for (const name of names) {
    write(record(step.model, name));
    wrote.push(["interfaces", name], ["interfaces", name, "ethTrunk"]);
  }
  return { ok: true, position: step.position, wrote };
}
