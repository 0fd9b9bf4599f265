import type { Settings } from "../language/setting.js";
import type { Model } from "../model.js";
import { vlansThere } from "../switch-ports.js";
import { COLLECTIONS, type Fields, namesIn, recordAt, VIEWS } from "../views.js";
import { DEFAULT_VLAN } from "../vlan-view.js";

/** The same model without what is the default anyway, all in printed order: equal configurations become equal JSON. */
export function normalised(given: Model): Model {
  const model = withVlansOfViews(given);
  const whole: { [attribute: string]: unknown } = withoutDefaults(VIEWS.system.settings, model);
  for (const collection of COLLECTIONS) {
    const { attribute, single, dropsEmpty, compare, positionOf } = collection;
    const entries = namesIn(model, collection)
      .sort(compare)
      .map((name) => {
        const position = positionOf(name);
        return [name, withoutDefaults(VIEWS[position.view].settings, recordAt(model, position))] as const;
      })
      .filter(([, record]) => !dropsEmpty || Object.keys(record).length > 0);
    if (entries.length > 0) whole[attribute] = single ? entries[0]![1] : Object.fromEntries(entries);
  }
  return whole as Model;
}

/** `vlan 5` with a description says `vlan batch 5` too. */
function withVlansOfViews(model: Model): Model {
  const vlans = vlansThere(model).filter((vlan) => vlan !== DEFAULT_VLAN);
  return vlans.length === 0 ? model : { ...model, vlanBatch: vlans };
}

const withoutDefaults = (settings: Settings, record: Fields): { [attribute: string]: unknown } =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([attribute, setting]) => {
      const value = Object.hasOwn(record, attribute) ? record[attribute] : undefined;
      // What no line gives is not there.
      const isSet = value !== undefined && value !== setting.default && setting.print(value).length > 0;
      return isSet ? [[attribute, value]] : [];
    }),
  );
