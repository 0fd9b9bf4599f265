import { type InterfaceKind, parseInterfaceName } from "../../language/interface-name.js";
import { objectCalled } from "../../language/setting.js";

/**
 * The interfaces of a model by canonical name, as far as a feature reads them. The name says which sort an interface is,
 * and so which of the attributes it can have.
 */
export type Interfaces<Attributes> = { interfaces?: { [name: string]: Attributes } };

type Kind = InterfaceKind | "sub-interface" | undefined;

/** Every feature asks for the sort of every interface, so each name is read once; more names than a host has begin anew. */
const KINDS = new Map<string, Kind>();
const MOST_KINDS = 16_384;

/** Sort of an interface; a sub-interface is one of its own. */
export function kindOf(name: string): Kind {
  const known = KINDS.get(name);
  if (known !== undefined) return known;
  const parsed = parseInterfaceName(name);
  const kind = parsed?.subInterface === undefined ? parsed?.kind : "sub-interface";
  if (KINDS.size >= MOST_KINDS) KINDS.clear();
  KINDS.set(name, kind);
  return kind;
}

/** The number of an interface with one number: of an Eth-Trunk, a Vlanif, a loopback interface. */
export const numberOf = (name: string): number => parseInterfaceName(name)?.numbers[0] ?? 0;

const interfacesOf = <Attributes>(
  model: Interfaces<Attributes>,
  ...kinds: readonly ReturnType<typeof kindOf>[]
): [name: string, record: Attributes][] =>
  Object.entries(model.interfaces ?? {}).filter(([name]) => kinds.includes(kindOf(name)));

/** The Eth-Trunks by number, in the order in which they stand. */
export const trunksOf = <Attributes>(model: Interfaces<Attributes>): [id: number, trunk: Attributes][] =>
  interfacesOf(model, "eth-trunk").map(([name, trunk]) => [numberOf(name), trunk]);

/** Every interface that is a physical one, by VRP name or Linux name. */
export const physicalsOf = <Attributes>(model: Interfaces<Attributes>) => interfacesOf(model, "physical", "linux");

export const subInterfacesOf = <Attributes>(model: Interfaces<Attributes>) => interfacesOf(model, "sub-interface");
export const vlanifsOf = <Attributes>(model: Interfaces<Attributes>) => interfacesOf(model, "vlanif");
export const loopbacksOf = <Attributes>(model: Interfaces<Attributes>) => interfacesOf(model, "loopback");

/** What Layer 2 mode is about: the interfaces that can be a port of the bridge, whether they are or not. */
export const switchPortsOf = <Attributes>(model: Interfaces<Attributes>) =>
  interfacesOf(model, "eth-trunk", "physical", "linux");

export const interfaceOf = <Attributes>(model: Interfaces<Attributes>, name: string): Attributes | undefined =>
  objectCalled(model.interfaces, name);

/** The object of an interface to write into, a copy of its own; made where there is none. */
export function ownInterfaceOf<Attributes>(model: Interfaces<Attributes>, name: string): Attributes {
  model.interfaces ??= {};
  const record = { ...objectCalled(model.interfaces, name) } as Attributes;
  model.interfaces[name] = record;
  return record;
}

/** Path of an interface, or of one of its attributes. */
export const at = (name: string, attribute?: string): string[] =>
  attribute === undefined ? ["interfaces", name] : ["interfaces", name, attribute];
