import type { Settings } from "./grammar.js";
import type { Model } from "./model.js";
import { COLLECTIONS, VIEWS } from "./views.js";

type Fields = { readonly [attribute: string]: unknown };

/** The same model without what is the default anyway, all in printed order: equal configurations become equal JSON. */
export function normalised(model: Model): Model {
  const whole: { [attribute: string]: unknown } = withoutDefaults(VIEWS.system.settings, model);
  for (const { attribute, compare, positionOf } of COLLECTIONS) {
    const objects: Fields = model[attribute] ?? {};
    const entries = Object.keys(objects)
      .sort(compare)
      .map((name) => [name, withoutDefaults(VIEWS[positionOf(name).view].settings, objects[name] as Fields)] as const);
    if (entries.length > 0) whole[attribute] = Object.fromEntries(entries);
  }
  return whole as Model;
}

const withoutDefaults = (settings: Settings, record: Fields): { [attribute: string]: unknown } =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([attribute, setting]) => {
      const value = Object.hasOwn(record, attribute) ? record[attribute] : undefined;
      return value === undefined || value === setting.default ? [] : [[attribute, value]];
    }),
  );
