import { z } from "zod";
import { type RecordOf, schemaOf } from "./grammar.js";
import { type InterfaceKind, parseInterfaceName } from "./interface-name.js";
import { physicalSettings } from "./interface-view.js";
import { systemSettings } from "./system-view.js";
import { trunkSettings } from "./trunk-view.js";

export type PhysicalModel = RecordOf<typeof physicalSettings>;
export type TrunkModel = RecordOf<typeof trunkSettings>;

/**
 * The one configuration model: plain data, only what is set, defaults left out. Its JSON form is the same object.
 * `interfaces` is keyed by canonical name; an Eth-Trunk's value is a TrunkModel, any other's a PhysicalModel.
 */
export type Model = RecordOf<typeof systemSettings> & {
  interfaces?: { [name: string]: PhysicalModel | TrunkModel };
};

/** Attributes of the model that hold objects by name, each with a view of its own. */
export type CollectionName = "interfaces";

/** Where something stands in the model: `["interfaces", "Eth-Trunk1", "lacpTimeout"]`. */
export type Path = readonly string[];

export const pathText = (path: Path): string => path.join(".");

const AVAILABLE = "name of an Eth-Trunk, a physical interface or a Linux interface";
const schemas: { readonly [K in InterfaceKind]?: z.ZodType } = {
  "eth-trunk": schemaOf(trunkSettings),
  physical: schemaOf(physicalSettings),
  linux: schemaOf(physicalSettings),
};

/** Objects by name; which schema one must fit its name decides. */
const interfaces = z.record(z.string(), z.unknown(), "an object").transform((all, context) => {
  const read: { [name: string]: PhysicalModel | TrunkModel } = {};
  for (const [name, value] of Object.entries(all)) {
    const parsed = parseInterfaceName(name);
    const schema = parsed && parsed.subInterface === undefined ? schemas[parsed.kind] : undefined;
    if (!schema || parsed?.text !== name) {
      const message = parsed && schema ? `spelled ${parsed.text}` : `a ${AVAILABLE}`;
      context.addIssue({ code: "custom", path: [name], message, params: { key: true } });
      continue;
    }
    const result = schema.safeParse(value);
    if (result.success) read[name] = result.data as PhysicalModel | TrunkModel;
    else for (const issue of result.error.issues) context.addIssue({ ...issue, path: [name, ...issue.path] } as never);
  }
  return read;
});

/** What a JSON document must look like to be a Model. The message of an issue is what was expected. */
export const modelSchema = schemaOf(systemSettings).extend({ interfaces: z.exactOptional(interfaces) });

export const kindOf = (name: string): InterfaceKind | undefined => parseInterfaceName(name)?.kind;

/** The Eth-Trunks by number, in the order in which they stand. */
export function trunksOf(model: Model): [id: number, trunk: TrunkModel][] {
  return Object.entries(model.interfaces ?? {}).flatMap(([name, value]) => {
    const parsed = parseInterfaceName(name);
    return parsed?.kind === "eth-trunk" ? [[parsed.numbers[0]!, value as TrunkModel] as [number, TrunkModel]] : [];
  });
}

/** Every interface that is a physical one, by VRP name or Linux name. */
export function physicalsOf(model: Model): [name: string, physical: PhysicalModel][] {
  return Object.entries(model.interfaces ?? {}).filter(([name]) => {
    const kind = kindOf(name);
    return kind === "physical" || kind === "linux";
  }) as [string, PhysicalModel][];
}

/** An object by name. Names are user input: `constructor` must not find what every object inherits. */
export function objectOf<C extends CollectionName>(model: Model, collection: C, name: string) {
  const all: NonNullable<Model[C]> = model[collection] ?? {};
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

export const interfaceOf = (model: Model, name: string): PhysicalModel | TrunkModel | undefined =>
  objectOf(model, "interfaces", name);
