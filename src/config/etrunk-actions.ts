import { trunkName } from "../core/base/trunk-names.js";
import { type Action, action, type Effect, refuse } from "./action.js";
import { integer } from "./language/parameters.js";
import { type Model, type Path, trunksOf } from "./model.js";

export const etrunkId = integer(1, 512, "etrunks");

const parameters = { id: { type: etrunkId, help: "Number of the E-Trunk" } };

/** The trunks that are members of an E-Trunk, in the order in which they stand. */
const etrunkMembers = (model: Model, etrunk: number) =>
  trunksOf(model).filter(([, trunk]) => trunk.eTrunk?.id === etrunk);

/** System view: `e-trunk` and `undo e-trunk`. */
export const etrunkActions: readonly Action[] = [
  action("e-trunk <id>", {
    help: "Enter the view of an E-Trunk; creates it",
    parameters,
    run({ model, match }): Effect {
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
    run({ model, match, position }): Effect {
      const id = match.values.id as number;
      const name = String(id);
      if (model.etrunks?.[name] === undefined) return refuse(`E-Trunk ${id} does not exist.`);
      delete model.etrunks[name];
      const wrote: Path[] = [["etrunks", name]];
      for (const [trunk, settings] of etrunkMembers(model, id)) {
        delete settings.eTrunk;
        delete settings.eTrunkMode;
        wrote.push(["interfaces", trunkName(trunk), "eTrunk"]);
      }
      return { ok: true, position, wrote };
    },
  }),
];
