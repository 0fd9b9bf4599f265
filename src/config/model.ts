import { z } from "zod";
import { bfdSessionSettings, bfdSettings } from "./bfd-view.js";
import { bfdSessionName, etrunkSettings } from "./etrunk-view.js";
import { physicalSettings } from "./interface-view.js";
import { type InterfaceKind, type InterfaceName, parseInterfaceName } from "./language/interface-name.js";
import { vlanId } from "./language/network-parameters.js";
import { integer, type ParameterType } from "./language/parameters.js";
import { type RecordOf, schemaOf } from "./language/setting.js";
import { loopbackSettings, subInterfaceSettings, vlanifSettings } from "./layer3-views.js";
import { isisProcess, isisSettings, pimIpv6Settings, pimSettings } from "./routing-rows.js";
import { systemSettings } from "./system-view.js";
import { trunkSettings } from "./trunk-view.js";
import { vlanSettings } from "./vlan-view.js";

export type PhysicalModel = RecordOf<typeof physicalSettings>;
export type TrunkModel = RecordOf<typeof trunkSettings>;
export type SubInterfaceModel = RecordOf<typeof subInterfaceSettings>;
export type VlanifModel = RecordOf<typeof vlanifSettings>;
export type LoopbackModel = RecordOf<typeof loopbackSettings>;
export type InterfaceModel = PhysicalModel | TrunkModel | SubInterfaceModel | VlanifModel | LoopbackModel;
export type VlanModel = RecordOf<typeof vlanSettings>;
export type EtrunkModel = RecordOf<typeof etrunkSettings>;
type BfdModel = RecordOf<typeof bfdSettings>;
export type BfdSessionModel = RecordOf<typeof bfdSessionSettings>;

/**
 * The one configuration model: plain data, only what is set, defaults left out. Its JSON form is the same object.
 * `interfaces` is keyed by canonical name, which says what sort of InterfaceModel it is. `etrunks`, `vlans` and `isis`
 * are keyed by number, `bfdSessions` by name, in which case does not count. `vlans` holds only those of which more is
 * said than that they exist.
 */
export type Model = RecordOf<typeof systemSettings> & {
  interfaces?: { [name: string]: InterfaceModel };
  vlans?: { [id: string]: VlanModel };
  isis?: { [id: string]: RecordOf<typeof isisSettings> };
  pim?: RecordOf<typeof pimSettings>;
  pimIpv6?: RecordOf<typeof pimIpv6Settings>;
  etrunks?: { [id: string]: EtrunkModel };
  bfd?: BfdModel;
  bfdSessions?: { [name: string]: BfdSessionModel };
};

/** Attributes of the model that hold objects by name, each with a view of its own. */
export type CollectionName = "interfaces" | "vlans" | "isis" | "etrunks" | "bfdSessions";

/** Attributes of the model that are one object with a view of its own. */
export type SingleName = "bfd" | "pim" | "pimIpv6";

/** Where something stands in the model: `["interfaces", "Eth-Trunk1", "lacpTimeout"]`. */
export type Path = readonly string[];

const MOST_ETRUNKS = 512;

export const pathText = (path: Path): string => path.join(".");

const AVAILABLE = "name of an interface that can be configured, e.g. Eth-Trunk1 or eth1";
const schemas: { readonly [K in InterfaceKind]?: z.ZodType } = {
  "eth-trunk": schemaOf(trunkSettings),
  physical: schemaOf(physicalSettings),
  linux: schemaOf(physicalSettings),
  loopback: schemaOf(loopbackSettings),
  vlanif: schemaOf(vlanifSettings),
};
const subInterfaceSchema = schemaOf(subInterfaceSettings);

function schemaOfInterface({ kind, subInterface }: InterfaceName): z.ZodType | undefined {
  if (subInterface === undefined) return schemas[kind];
  return kind === "eth-trunk" || kind === "physical" ? subInterfaceSchema : undefined;
}

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

const interfaces = objects<InterfaceModel>((name) => {
  const parsed = parseInterfaceName(name);
  const schema = parsed && schemaOfInterface(parsed);
  if (parsed === undefined || schema === undefined) return `a ${AVAILABLE}`;
  return parsed.text === name ? schema : `spelled ${parsed.text}`;
});

/** Objects by number. */
const numbered = <Value>(type: ParameterType<number>, schema: z.ZodType) =>
  objects<Value>((name) =>
    type.schema.safeParse(Number(name)).success && `${Number(name)}` === name ? schema : type.text,
  );

const etrunks = numbered<EtrunkModel>(integer(1, MOST_ETRUNKS), schemaOf(etrunkSettings));
const vlans = numbered<VlanModel>(vlanId, schemaOf(vlanSettings));
const isis = numbered<RecordOf<typeof isisSettings>>(isisProcess, schemaOf(isisSettings));

const bfdSessionSchema = schemaOf(bfdSessionSettings).extend({ bind: bfdSessionSettings.bind.schema });
const bfdSessions = objects<BfdSessionModel>((name, before) => {
  if (!bfdSessionName.schema.safeParse(name).success) return bfdSessionName.text;
  const same = before.find((other) => other.toLowerCase() === name.toLowerCase());
  return same === undefined ? bfdSessionSchema : `another session than ${same}`;
});

/** What a JSON document must look like to be a Model. The message of an issue is what was expected. */
export const modelSchema = schemaOf(systemSettings).extend({
  interfaces: z.exactOptional(interfaces),
  vlans: z.exactOptional(vlans),
  isis: z.exactOptional(isis),
  pim: z.exactOptional(schemaOf(pimSettings)),
  pimIpv6: z.exactOptional(schemaOf(pimIpv6Settings)),
  etrunks: z.exactOptional(etrunks),
  bfd: z.exactOptional(schemaOf(bfdSettings)),
  bfdSessions: z.exactOptional(bfdSessions),
});

/** Sort of an interface; a sub-interface is one of its own. */
export function kindOf(name: string): InterfaceKind | "sub-interface" | undefined {
  const parsed = parseInterfaceName(name);
  return parsed?.subInterface === undefined ? parsed?.kind : "sub-interface";
}

const interfacesOf = <Value extends InterfaceModel>(
  model: Model,
  ...kinds: readonly ReturnType<typeof kindOf>[]
): [name: string, value: Value][] =>
  Object.entries(model.interfaces ?? {}).filter(([name]) => kinds.includes(kindOf(name))) as [string, Value][];

/** The Eth-Trunks by number, in the order in which they stand. */
export const trunksOf = (model: Model): [id: number, trunk: TrunkModel][] =>
  interfacesOf<TrunkModel>(model, "eth-trunk").map(([name, trunk]) => [parseInterfaceName(name)!.numbers[0]!, trunk]);

/** Every interface that is a physical one, by VRP name or Linux name. */
export const physicalsOf = (model: Model) => interfacesOf<PhysicalModel>(model, "physical", "linux");

export const subInterfacesOf = (model: Model) => interfacesOf<SubInterfaceModel>(model, "sub-interface");
export const vlanifsOf = (model: Model) => interfacesOf<VlanifModel>(model, "vlanif");
export const loopbacksOf = (model: Model) => interfacesOf<LoopbackModel>(model, "loopback");

/** What Layer 2 mode is about: the interfaces that can be a port of the bridge, whether they are or not. */
export const switchPortsOf = (model: Model) =>
  interfacesOf<PhysicalModel | TrunkModel>(model, "eth-trunk", "physical", "linux");

/** An object by name. Names are user input: `constructor` must not find what every object inherits. */
export function objectOf<C extends CollectionName>(model: Model, collection: C, name: string) {
  const all: NonNullable<Model[C]> = model[collection] ?? {};
  return Object.hasOwn(all, name) ? (all as { [name: string]: NonNullable<Model[C]>[string] })[name] : undefined;
}

export const interfaceOf = (model: Model, name: string): InterfaceModel | undefined =>
  objectOf(model, "interfaces", name);

/** The E-Trunks by number, in the order in which they stand. */
export const etrunksOf = (model: Model): [id: number, etrunk: EtrunkModel][] =>
  Object.entries(model.etrunks ?? {}).map(([id, etrunk]) => [Number(id), etrunk]);

export const bfdSessionsOf = (model: Model): [name: string, session: BfdSessionModel][] =>
  Object.entries(model.bfdSessions ?? {});
