import { PRODUCT } from "../features.js";
import { type Grammar, namesIn } from "../grammar.js";
import { attributeOf, type Fields, type Settings } from "../language/setting.js";
import type { Model } from "../model.js";

/** The model without defaults and in printed order, so that equal configurations are equal JSON. */
export function normalised(given: Model, grammar: Grammar = PRODUCT): Model {
  const model = grammar.features.reduce((so, { complete }) => (complete?.(so as never) ?? so) as Model, given);
  const whole: { [attribute: string]: unknown } = withoutDefaults(grammar.settingsOf("system"), model);
  for (const collection of grammar.collections) {
    const { attribute, isSingle, dropsEmpty, compare, positionOf } = collection;
    const entries = namesIn(model, collection)
      .sort(compare)
      .map((name) => {
        const position = positionOf(name);
        return [name, withoutDefaults(grammar.settingsOf(position.view), grammar.recordAt(model, position))] as const;
      })
      .filter(([, record]) => !dropsEmpty || Object.keys(record).length > 0);
    const [only] = entries;
    if (only !== undefined) whole[attribute] = isSingle ? only[1] : Object.fromEntries(entries);
  }
  return whole as Model;
}

/** One object as models hold it. */
export const withoutDefaults = (settings: Settings, record: Fields): { [attribute: string]: unknown } =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([attribute, setting]) => {
      const value = attributeOf(record, attribute);
      // A value that no line prints counts as not set.
      const isSet = value !== undefined && value !== setting.default && setting.print(value).length > 0;
      return isSet ? [[attribute, value]] : [];
    }),
  );
