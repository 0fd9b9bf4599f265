import { trunkName } from "../../../core/base/trunk-names.js";
import { type Action, action, type Effect, type Path, refuse, type Step } from "../../feature.js";
import { at, ownInterfaceOf } from "../interfaces/slice.js";
import { etrunkId } from "./member-rows.js";
import { type EtrunkSlice, membersOf } from "./slice.js";

const parameters = { id: { type: etrunkId, help: "Number of the E-Trunk" } };

/** System view: `e-trunk` and `undo e-trunk`. */
export const etrunkActions: readonly Action<EtrunkSlice>[] = [
  action("e-trunk <id>", {
    help: "Enter the view of an E-Trunk; creates it",
    parameters,
    run({ model, match }: Step<EtrunkSlice>): Effect {
      const name = String(match.values.id);
      model.etrunks ??= {};
      model.etrunks[name] ??= {};
      return { ok: true, position: { view: "e-trunk", name }, wrote: [["etrunks", name]] };
    },
  }),
  action("undo e-trunk <id>", {
    help: "Remove an E-Trunk; its members leave it",
    words: { "e-trunk": "Remove an E-Trunk; its members leave it" },
    parameters,
    run({ model, match, position }: Step<EtrunkSlice>): Effect {
      const id = match.values.id as number;
      const name = String(id);
      if (model.etrunks?.[name] === undefined) return refuse(`E-Trunk ${id} does not exist.`);
      delete model.etrunks[name];
      const wrote: Path[] = [["etrunks", name]];
      for (const [trunk] of membersOf(model, id)) {
        const member = ownInterfaceOf(model, trunkName(trunk));
        delete member.eTrunk;
        delete member.eTrunkMode;
        wrote.push(at(trunkName(trunk), "eTrunk"));
      }
      return { ok: true, position, wrote };
    },
  }),
];
