/** Names of interfaces: `Eth-Trunk1`, `GigabitEthernet0/1/2`, `NULL0`, or the name of a Linux interface. */
export interface InterfaceName {
  /** The form in which the name is stored and printed. */
  readonly text: string;
  readonly kind: InterfaceKind;
  /** Type word as printed; empty for a Linux name. */
  readonly type: string;
  readonly numbers: readonly number[];
  readonly subInterface: number | undefined;
}

export type InterfaceKind = "eth-trunk" | "physical" | "linux" | "null" | "loopback" | "vlanif" | "global-ve";

interface InterfaceType {
  readonly name: string;
  readonly alias?: string;
  readonly kind: InterfaceKind;
  /** Allowed numbers of a type with one number; a physical type has slot/card/port. */
  readonly range?: readonly [number, number];
  /** Mbit/s of a physical type. */
  readonly speed?: number;
}

const TYPES: readonly InterfaceType[] = [
  { name: "Eth-Trunk", kind: "eth-trunk", range: [0, 65535] },
  { name: "Ethernet", kind: "physical", speed: 100 },
  { name: "GigabitEthernet", alias: "GE", kind: "physical", speed: 1000 },
  { name: "XGigabitEthernet", alias: "XGE", kind: "physical", speed: 10_000 },
  { name: "10GE", kind: "physical", speed: 10_000 },
  { name: "25GE", kind: "physical", speed: 25_000 },
  { name: "40GE", kind: "physical", speed: 40_000 },
  { name: "50GE", kind: "physical", speed: 50_000 },
  { name: "100GE", kind: "physical", speed: 100_000 },
  { name: "200GE", kind: "physical", speed: 200_000 },
  { name: "400GE", kind: "physical", speed: 400_000 },
  { name: "Global-VE", kind: "global-ve", range: [0, 4294967295] },
  { name: "LoopBack", kind: "loopback", range: [0, 1023] },
  { name: "NULL", kind: "null", range: [0, 0] },
  { name: "Vlanif", kind: "vlanif", range: [1, 4094] },
];

const BEGINNINGS = TYPES.map((type) => [type.name.toLowerCase(), type] as const);

/** The types by full name and by alias, in lower case. */
const TYPE_BY_WORD = new Map(
  TYPES.flatMap((type) =>
    [type.name, type.alias].flatMap((word) => (word === undefined ? [] : [[word.toLowerCase(), type] as const])),
  ),
);

const LINUX_NAME = /^[A-Za-z0-9._-]{1,15}$/;
/** Names that cannot be used: `__proto__` is no key of a plain object, and the kernel refuses the other two. */
const NO_NAMES = new Set([".", "..", "__proto__"]);

export const isLinuxName = (text: string): boolean => LINUX_NAME.test(text) && !NO_NAMES.has(text);

const NUMBER = /^\d{1,10}(?:\/\d{1,5}){0,3}(?:\.\d{1,5})?$/;
const GLUED = /^(.*[A-Za-z-])(\d+(?:\/\d+)*(?:\.\d+)?)$/;

const LONGEST_NAME = 64;

export const isInterfaceNumber = (text: string): boolean => NUMBER.test(text);

/** The type a word names: exactly, by its alias, or as the only type that begins so. */
export function typeCalled(word: string): InterfaceType | "ambiguous" | undefined {
  const wanted = word.toLowerCase();
  const exact = TYPE_BY_WORD.get(wanted);
  if (exact) return exact;
  const begun = BEGINNINGS.filter(([name]) => name.startsWith(wanted));
  return begun.length > 1 ? "ambiguous" : begun[0]?.[1];
}

const isWholeName = (type: InterfaceType, word: string): boolean => TYPE_BY_WORD.get(word.toLowerCase()) === type;

/** A type with its number; undefined when the number is not one of that type. */
export function nameOf(type: InterfaceType, number: string): InterfaceName | undefined {
  if (!NUMBER.test(number)) return undefined;
  const [main = "", sub] = number.split(".");
  const numbers = main.split("/").map(Number);
  const subInterface = sub === undefined ? undefined : Number(sub);
  if (subInterface !== undefined && (subInterface < 1 || subInterface > 4096)) return undefined;
  if (type.range) {
    const [least, most] = type.range;
    const [number = -1, ...others] = numbers;
    if (others.length > 0 || number < least || number > most) return undefined;
    if (type.kind === "null" && subInterface !== undefined) return undefined;
  } else if (numbers.length < 2 || numbers.some((n) => n > 65535)) return undefined;
  const suffix = subInterface === undefined ? "" : `.${subInterface}`;
  return { text: `${type.name}${numbers.join("/")}${suffix}`, kind: type.kind, type: type.name, numbers, subInterface };
}

/**
 * Reads a name of one word. A type may be cut short only where a slash rules out a Linux name: `ge0/1/2` is
 * GigabitEthernet0/1/2, but `eth1` is the Linux interface. Undefined: neither kind of name.
 */
export function parseInterfaceName(text: string): InterfaceName | undefined {
  const type = typeOfGlued(text);
  if (type) {
    const name = nameOf(type, GLUED.exec(text)?.[2] ?? "");
    // `GE1` has no slot: it can only be a Linux name. `Eth-Trunk99999` is a trunk with a wrong number.
    if (name || type.range) return name;
  }
  if (!isLinuxName(text)) return undefined;
  return { text, kind: "linux", type: "", numbers: [], subInterface: undefined };
}

/** The type of a name of one word, whatever its number; undefined where the word can only be a Linux name. */
export function typeOfGlued(text: string): InterfaceType | undefined {
  const glued = text.length <= LONGEST_NAME ? GLUED.exec(text) : null;
  if (!glued) return undefined;
  const [, word = "", number = ""] = glued;
  const type = typeCalled(word);
  if (type === undefined || type === "ambiguous") return undefined;
  return number.includes("/") || isWholeName(type, word) ? type : undefined;
}

/** The form of a type's number in errors: `<0-65535>`, `<slot/card/port>`. */
export function numberText(type: InterfaceType | "ambiguous" | undefined): string {
  if (type === undefined || type === "ambiguous" || !type.range) return "<slot/card/port>";
  const [least, most] = type.range;
  return least === most ? `<${least}>` : `<${least}-${most}>`;
}

/** True when the word alone is the whole name of a type, so that a number must follow. */
export function isTypeName(word: string): boolean {
  const type = typeCalled(word);
  return type !== undefined && type !== "ambiguous" && isWholeName(type, word);
}

/** Mbit/s as the type's name says; undefined for a Linux name. */
export const speedOfType = (name: InterfaceName): number | undefined =>
  TYPES.find((type) => type.name === name.type)?.speed;

/** By type name, then number, a sub-interface after its main interface; Linux names last. */
export function compareInterfaceNames(a: InterfaceName, b: InterfaceName): number {
  if (a.kind === "linux" || b.kind === "linux") {
    if (a.kind !== b.kind) return a.kind === "linux" ? 1 : -1;
    return order(a.text, b.text);
  }
  if (a.type !== b.type) return order(a.type.toLowerCase(), b.type.toLowerCase());
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let i = 0; i < length; i++) {
    const difference = (a.numbers[i] ?? -1) - (b.numbers[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return (a.subInterface ?? 0) - (b.subInterface ?? 0);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
