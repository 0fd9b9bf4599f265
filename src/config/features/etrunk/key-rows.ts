import { z } from "zod";
import { integer } from "../../language/parameters.js";
import { cipherKey, plainKey } from "../../language/secrets.js";
import { type Setting, setting } from "../../language/setting.js";

const SIMPLE = "simple is deprecated: the key is kept as cipher, never in clear.";
const KEY_WORDS = { simple: "The key in plain text (deprecated)", cipher: "The key as plain text or as ciphertext" };
const keyParameters = {
  plain: { type: plainKey(), help: "Key" },
  key: { type: cipherKey(), help: "Key, or its ciphertext" },
};
/** Keys by their ID. */
type Keys = { readonly [id: string]: string };

/** The key with ID 0. */
export const securityKey = setting<string>("security-key { simple <plain> | cipher <key> }", {
  help: "Key that both devices sign their hellos with",
  words: KEY_WORDS,
  parameters: keyParameters,
  schema: keyParameters.key.type.schema,
  seal: (key, seal) => seal(key),
  read: ({ values }) => (values.plain ?? values.key) as string,
  warns: (_, match) => (match?.words.includes("simple") ? SIMPLE : undefined),
  print: (key) => [`security-key cipher ${key}`],
});

const keyId = integer(1, 255);
const MOST_KEYS = 255;

/** Further keys. */
export const securityKeys: Setting<Keys> = setting<Keys>("security-key key-id <id> { simple <plain> | cipher <key> }", {
  help: "Further key, under the same ID at both ends",
  words: { ...KEY_WORDS, "key-id": "Further key, under the same ID at both ends" },
  parameters: { id: { type: keyId, help: "ID of the key" }, ...keyParameters },
  undo: "undo security-key key-id [ <id> [ { simple <plain> | cipher <key> } ] ]",
  schema: z
    .record(
      z.string().refine((id) => /^[1-9]\d{0,2}$/.test(id) && Number(id) <= MOST_KEYS, keyId.text),
      keyParameters.key.type.schema,
      "{ ID: key }",
    )
    .refine((keys) => Object.keys(keys).length > 0, "{ ID: key }"),
  seal: (keys, seal) => Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, seal(key)])),
  read: ({ values }, old) => ({ ...old, [String(values.id)]: (values.plain ?? values.key) as string }),
  remove({ values }, old) {
    if (values.id === undefined || old === undefined) return undefined;
    const left = Object.entries(old).filter(([id]) => id !== String(values.id));
    return left.length === 0 ? undefined : Object.fromEntries(left);
  },
  warns: (_, match) => (match?.words.includes("simple") ? SIMPLE : undefined),
  print: (keys) => Object.entries(keys).map(([id, key]) => `security-key key-id ${id} cipher ${key}`),
});
