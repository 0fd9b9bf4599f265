/** Longest name of a Linux interface, in octets. */
export const LONGEST_DEVICE = 15;

/** MTU of a trunk for which none is configured. */
export const TRUNK_MTU = 1_500;

/** Name of a trunk in the configuration. */
export const trunkName = (trunk: number): string => `Eth-Trunk${trunk}`;

/** The trunk of that name; undefined for a name of anything else, a sub-interface of a trunk too. */
export function trunkOfName(name: string): number | undefined {
  const id = /^Eth-Trunk(\d+)$/.exec(name)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** Linux name of a trunk's interface. */
export const trunkDevice = (trunk: number): string => `eth-trunk${trunk}`;

/** Linux name of a trunk's sub-interface; a name that would be too long begins with `et`. */
export function trunkSubDevice(trunk: number, number: number): string {
  const device = `${trunkDevice(trunk)}.${number}`;
  return device.length > LONGEST_DEVICE ? `et${trunk}.${number}` : device;
}

/** Linux name of the inner end of the veth pair whose outer end is the trunk's interface. */
export const innerName = (trunk: number): string => `et${trunk}-ul`;

/** Linux name of the inner end of a sub-interface's pair. The longest, `et65535.4094-ul`, just fits. */
export const subInterfaceInnerName = (trunk: number, vlan: number): string => `et${trunk}.${vlan}-ul`;

const DEVICE = /^(?:eth-trunk|et)(\d+)(?:\.(\d+))?$/;
const INNER = /^et(\d+)(?:\.(\d+))?-ul$/;

/** Number of the trunk whose interface or sub-interface has a Linux name; a NIC may be called `et1` too. */
export function trunkOfDevice(device: string): number | undefined {
  const [, id, sub] = DEVICE.exec(device) ?? [];
  if (id === undefined) return undefined;
  const trunk = Number(id);
  return device === (sub === undefined ? trunkDevice(trunk) : trunkSubDevice(trunk, Number(sub))) ? trunk : undefined;
}

/** Number of the trunk one of whose inner ends has a Linux name. */
export function trunkOfInner(device: string): number | undefined {
  const [, id, sub] = INNER.exec(device) ?? [];
  if (id === undefined) return undefined;
  const trunk = Number(id);
  return device === (sub === undefined ? innerName(trunk) : subInterfaceInnerName(trunk, Number(sub)))
    ? trunk
    : undefined;
}
