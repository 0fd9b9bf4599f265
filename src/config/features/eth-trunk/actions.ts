import { trunkName } from "../../../core/base/trunk-names.js";
import { type Action, action, type Effect, type Path, refuse, type Step } from "../../feature.js";
import { interfaceList } from "../../language/parameters.js";
import { positionOf } from "../interfaces/positions.js";
import { at, type Interfaces, interfaceOf, numberOf, ownInterfaceOf } from "../interfaces/slice.js";
import { MODE_WORDS } from "./member-rows.js";
import type { Member } from "./slice.js";

type Slice = Interfaces<Pick<Member, "ethTrunk">>;

const members = { members: { type: interfaceList, help: "Interface, or a type and numbers: 0/1/1 0/1/3 to 0/1/5" } };

/** Eth-Trunk view: members of the trunk. Membership is stored with the members, as `eth-trunk`. */
export const trunkActions: readonly Action<Slice>[] = [
  action("trunkport <members> [ mode { active | passive } ]", {
    help: "Add member interfaces",
    words: MODE_WORDS,
    parameters: members,
    run(step: Step<Slice>): Effect {
      const mode = step.match.words.includes("passive") ? ({ mode: "passive" } as const) : {};
      const id = numberOf(step.position.name);
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
    run(step: Step<Slice>): Effect {
      const names = step.match.values.members as readonly string[];
      const id = numberOf(step.position.name);
      const stranger = names.find((name) => interfaceOf(step.model, name)?.ethTrunk?.id !== id);
      if (stranger !== undefined) return refuse(`${stranger} does not belong to ${trunkName(id)}.`);
      return eachMember(step, names, (physical) => {
        delete physical.ethTrunk;
      });
    },
  }),
];

function cannotJoin(model: Slice, name: string, id: number): string | undefined {
  const position = positionOf(name);
  if (typeof position === "string") return position;
  if (position.view !== "physical") return `${name} cannot be a member interface.`;
  const present = interfaceOf(model, name)?.ethTrunk;
  if (present !== undefined && present.id !== id) return `${name} already belongs to ${trunkName(present.id)}.`;
  return undefined;
}

function eachMember(
  { model, position }: Step<Slice>,
  names: readonly string[],
  write: (physical: Pick<Member, "ethTrunk">) => void,
): Effect {
  const wrote: Path[] = [];
  for (const name of names) {
    write(ownInterfaceOf(model, name));
    wrote.push(at(name), at(name, "ethTrunk"));
  }
  return { ok: true, position, wrote };
}
