import { z } from "zod";
import type { Collection } from "./feature.js";
import { type Fields, type Settings, schemaOf } from "./language/setting.js";

/** Schema of a model's JSON: the attributes of system view, and the objects of collections. */
export function schemaOfModel(
  system: Settings,
  collections: readonly Collection[],
  settingsOf: (view: string) => Settings,
): z.ZodType<Fields> {
  const schemas = new Map<string, z.ZodType>();
  const schemaOfView = (view: string): z.ZodType => {
    const schema = schemas.get(view) ?? schemaOf(settingsOf(view));
    schemas.set(view, schema);
    return schema;
  };
  const schemaOfCollection = (collection: Collection): z.ZodType =>
    collection.isSingle ? schemaOfView(collection.positionOf("").view) : schemaOfObjects(collection, schemaOfView);
  const parts = collections.map((each) => [each.attribute, z.exactOptional(schemaOfCollection(each))] as const);
  return schemaOf(system).extend(Object.fromEntries(parts));
}

/** Objects by name. */
const schemaOfObjects = ({ misnamed, positionOf }: Collection, schemaOfView: (view: string) => z.ZodType) =>
  z.record(z.string(), z.unknown(), "an object").transform((all, context) => {
    const read: { [name: string]: unknown } = {};
    for (const [name, value] of Object.entries(all)) {
      const wrong = misnamed(name, Object.keys(read));
      if (wrong !== undefined) {
        context.addIssue({ code: "custom", path: [name], message: wrong, params: { key: true } });
        continue;
      }
      const result = schemaOfView(positionOf(name).view).safeParse(value);
      if (result.success) read[name] = result.data;
      else
        for (const issue of result.error.issues) context.addIssue({ ...issue, path: [name, ...issue.path] } as never);
    }
    return read;
  });
