import { atOnce, type Steps } from "../../core/base/steps.js";
import type { Feature, Finding } from "../feature.js";
import type { Place } from "../grammar.js";
import { type Cipher, openedKey } from "../language/secrets.js";
import type { AnySetting, Fields, Settings } from "../language/setting.js";
import type { Model } from "../model.js";
import { needsFirst, needsMode } from "../texts.js";
import type { WholeTarget } from "./target.js";

export type CheckTarget = Omit<WholeTarget, "cipher">;

/** All problems of a model. Linear in the size of the model. */
export const checkModel = (model: Model, target: CheckTarget): Finding[] => atOnce(checking(model, target));

/** The same, a feature in each step. */
export function* checking(model: Model, { bindings, kernel, grammar }: CheckTarget): Steps<Finding[]> {
  const findings = checkRows(grammar.placesIn(model));
  for (const feature of grammar.features) {
    yield;
    findings.push(...checkFeature(feature, model, { bindings, kernel, grammar }));
  }
  return findings;
}

/** What does not fit together by one feature. */
export const checkFeature = ({ check }: Feature, model: Model, { bindings, kernel, grammar }: CheckTarget): Finding[] =>
  check?.(model as never, { bindings, kernel, settingsOf: (view) => grammar.settingsOf(view) }) ?? [];

/** Problems of the demands that rows declare: a mode, another command, the absence of another. */
export function checkRows(places: Iterable<Place>): Finding[] {
  const findings: Finding[] = [];
  for (const { view, record, path } of places)
    for (const [attribute, value] of Object.entries(record)) {
      const setting = view.settings[attribute];
      // False is a flag that is not set.
      if (!setting || value === false) continue;
      for (const text of unmet(setting, view.settings, record)) findings.push({ path: [...path, attribute], text });
      const fault = setting.faults(value);
      if (fault !== undefined) findings.push({ path: [...path, attribute], text: fault });
    }
  return findings;
}

function unmet({ onlyInModes, needs, excludes, command }: AnySetting, settings: Settings, record: Fields): string[] {
  const texts: string[] = [];
  const mode = String(record.mode ?? settings.mode?.default);
  if (onlyInModes.length > 0 && !onlyInModes.includes(mode)) texts.push(needsMode(...onlyInModes));
  if (needs && record[needs.attribute] !== needs.value) texts.push(needsFirst(needs.command));
  for (const other of excludes)
    if (record[other] !== undefined) texts.push(`${command} and ${settings[other]?.command} exclude each other.`);
  return texts;
}

/** Warnings: settings that are allowed and hardly wanted. They are shown and never refused. */
export const warningsOf = (model: Model, { cipher, grammar }: Pick<WholeTarget, "cipher" | "grammar">): Finding[] => [
  ...warnOfKeys(grammar.placesIn(model), cipher),
  ...grammar.features.flatMap(({ warn }) => warn?.(model as never, cipher) ?? []),
];

const KEY_TEXTS = {
  foreign: "The key was ciphered on another system; its text is used as it stands. Type the key again in plain text.",
  unreadable:
    "The key was ciphered under a key this host does not have; it is no key. Type the key again in plain text.",
};

/** Octets of a key that a search over recorded packets does not find soon. */
const LEAST_KEY = 12;
const SHORT_KEY = `The key has less than ${LEAST_KEY} characters: who records one packet can find it by a search. Take a longer one.`;

/** Warnings of keys that are none, or weak. */
export function warnOfKeys(places: Iterable<Place>, cipher: Cipher): Finding[] {
  const findings: Finding[] = [];
  for (const { view, record, path } of places)
    for (const [attribute, value] of Object.entries(record)) {
      const setting = view.settings[attribute];
      if (!setting?.hasKeys) continue;
      setting.seal(value, (key) => {
        const { origin, octets } = openedKey(key, cipher);
        if (origin !== "configured") findings.push({ path: [...path, attribute], text: KEY_TEXTS[origin] });
        else if (octets !== undefined && octets.length < LEAST_KEY)
          findings.push({ path: [...path, attribute], text: SHORT_KEY });
        return key;
      });
    }
  return findings;
}
