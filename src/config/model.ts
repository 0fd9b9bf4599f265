import { z } from "zod";
import { bfdSessionSettings, bfdSettings } from "./bfd-view.js";
import { bfdSessionName, etrunkSettings } from "./etrunk-view.js";
import { type RecordOf, schemaOf } from "./grammar.js";
import { type InterfaceKind, parseInterfaceName } from "./interface-name.js";
import { physicalSettings } from "./interface-view.js";
import { systemSettings } from "./system-view.js";
import { trunkSettings } from "./trunk-view.js";

export type PhysicalModel = RecordOf<typeof physicalSettings>;
export type TrunkModel = RecordOf<typeof trunkSettings>;
export type EtrunkModel = RecordOf<typeof etrunkSettings>;
export type BfdModel = RecordOf<typeof bfdSettings>;
export type BfdSessionModel = RecordOf<typeof bfdSessionSettings>;

/**
 * The one configuration model: plain data, only what is set, defaults left out. Its JSON form is the same object.
 * `interfaces` is keyed by canonical name; an Eth-Trunk's value is a TrunkModel, any other's a PhysicalModel. `etrunks`
 * is keyed by number, `bfdSessions` by name, in which case does not count.
 */
export type Model = RecordOf<typeof systemSettings> & {
  interfaces?: { [name: string]: PhysicalModel | TrunkModel };
  etrunks?: { [id: string]: EtrunkModel };
  bfd?: BfdModel;
  bfdSessions?: { [name: string]: BfdSessionModel };
};

/** Attributes of the model that hold objects by name, each with a view of its own. */
export type CollectionName = "interfaces" | "etrunks" | "bfdSessions";

/** Attributes of the model that are one object with a view of its own. */
export type SingleName = "bfd";

/** Where something stands in the model: `["interfaces", "Eth-Trunk1", "lacpTimeout"]`. */
export type Path = readonly string[];

export const MOST_ETRUNKS = 512;

export const pathText = (path: Path): string => path.join(".");

const AVAILABLE = "name of an Eth-Trunk, a physical interface or a Linux interface";
const schemas: { readonly [K in InterfaceKind]?: z.ZodType } = {
  "eth-trunk": schemaOf(trunkSettings),
  physical: schemaOf(physicalSettings),
  linux: schemaOf(physicalSettings),
};

/**
 * Objects by name. `schemaFor` gives the schema of the object of a name; a text: what the name should be.
 */
const objects = <Value>(schemaFor: (name: string, before: readonly string[]) => z.ZodType | string) =>
  z.record(z.string(), z.unknown(), "an object").transform((all, context) => {
    const read: { [name: string]: Value } = {};
    for (const [name, value] of Object.entries(all)) {
      const schema = schemaFor(name, Object.keys(read));
      if (typeof schema === "string") {
        context.addIssue({ code: "custom", path: [name], message: schema, params: { key: true } });
        continue;
      }
      const result = schema.safeParse(value);
      if (result.success) read[name] = result.data as Value;
      else
        for (const issue of result.error.issues) context.addIssue({ ...issue, path: [name, ...issue.path] } as never);
    }
    return read;
  });

const interfaces = objects<PhysicalModel | TrunkModel>((name) => {
  const parsed = parseInterfaceName(name);
  const schema = parsed && parsed.subInterface === undefined ? schemas[parsed.kind] : undefined;
  if (parsed === undefined || schema === undefined) return `a ${AVAILABLE}`;
  return parsed.text === name ? schema : `spelled ${parsed.text}`;
});

const etrunkSchema = schemaOf(etrunkSettings);
const etrunks = objects<EtrunkModel>((name) =>
  /^[1-9]\d{0,2}$/.test(name) && Number(name) <= MOST_ETRUNKS ? etrunkSchema : `INTEGER<1-${MOST_ETRUNKS}>`,
);

const bfdSessionSchema = schemaOf(bfdSessionSettings).extend({ bind: bfdSessionSettings.bind.schema });
const bfdSessions = objects<BfdSessionModel>((name, before) => {
  if (!bfdSessionName.schema.safeParse(name).success) return bfdSessionName.text;
  const same = before.find((other) => other.toLowerCase() === name.toLowerCase());
  return same === undefined ? bfdSessionSchema : `another session than ${same}`;
});

/** What a JSON document must look like to be a Model. The message of an issue is what was expected. */
export const modelSchema = schemaOf(systemSettings).extend({
  interfaces: z.exactOptional(interfaces),
  etrunks: z.exactOptional(etrunks),
  bfd: z.exactOptional(schemaOf(bfdSettings)),
  bfdSessions: z.exactOptional(bfdSessions),
});

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
  return Object.hasOwn(all, name) ? (all as { [name: string]: NonNullable<Model[C]>[string] })[name] : undefined;
}

export const interfaceOf = (model: Model, name: string): PhysicalModel | TrunkModel | undefined =>
  objectOf(model, "interfaces", name);

/** The E-Trunks by number, in the order in which they stand. */
export const etrunksOf = (model: Model): [id: number, etrunk: EtrunkModel][] =>
  Object.entries(model.etrunks ?? {}).map(([id, etrunk]) => [Number(id), etrunk]);

export const bfdSessionsOf = (model: Model): [name: string, session: BfdSessionModel][] =>
  Object.entries(model.bfdSessions ?? {});
