import { atOnce, type Steps } from "../core/base/steps.js";
import type { Desired } from "../core/contract/desired/desired.js";
import type { NetworkWish } from "../core/contract/desired/network.js";
import type { DesiredInterface, DesiredTrunk } from "../core/contract/desired/trunk.js";
import type { Facts } from "./facts.js";
import type { DesiredPart } from "./feature.js";
import { PRODUCT } from "./features.js";
import type { Grammar } from "./grammar.js";
import { NO_CIPHER } from "./language/secrets.js";
import type { Model } from "./model.js";

/** The `Desired` of a model, with defaults filled in. The model must be free of problems. */
export const toDesired = (model: Model, facts: Facts, grammar: Grammar = PRODUCT): Desired =>
  atOnce(desiring(model, facts, grammar));

/** The `Desired` of a model, with defaults filled in, a feature in each step. The model must be free of problems. */
export function* desiring(model: Model, facts: Facts, grammar: Grammar = PRODUCT): Steps<Desired> {
  const whole = { cipher: NO_CIPHER, ...facts };
  const parts: DesiredPart[] = [];
  for (const { desired } of grammar.features) {
    parts.push(desired?.(model as never, whole) ?? {});
    yield;
  }
  return joined(parts);
}

/** Joins the parts of all features to one `Desired`: trunks by ID, interfaces by name, the network by field. */
function joined(parts: readonly DesiredPart[]): Desired {
  const trunks = parts.flatMap((part) => part.trunks ?? []);
  const interfaces = parts.flatMap((part) => part.interfaces ?? []);
  return {
    ...(Object.assign({}, ...parts) as Desired),
    trunks: joinedBy(trunks, ({ id }) => id) as DesiredTrunk[],
    interfaces: joinedBy(interfaces, ({ name }) => name) as DesiredInterface[],
    network: Object.assign({}, ...parts.map((part) => part.network)) as NetworkWish,
  };
}

function joinedBy<Part extends object>(parts: readonly Part[], keyOf: (part: Part) => unknown): Part[] {
  const whole = new Map<unknown, Part>();
  for (const part of parts) whole.set(keyOf(part), { ...whole.get(keyOf(part)), ...part });
  return [...whole.values()];
}
