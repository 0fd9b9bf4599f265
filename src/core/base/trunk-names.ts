/** What a Linux name may have. */
export const LONGEST_DEVICE = 15;

/** The name of the configuration. */
export const trunkName = (trunk: number): string => `Eth-Trunk${trunk}`;

/** The Linux name of what users see of a trunk. */
export const trunkDevice = (trunk: number): string => `eth-trunk${trunk}`;

/** The Linux name of its sub-interface; what would be too long begins `et`. */
export function trunkSubDevice(trunk: number, number: number): string {
  const device = `${trunkDevice(trunk)}.${number}`;
  return device.length > LONGEST_DEVICE ? `et${trunk}.${number}` : device;
}

/** The inner end of the pair whose outer end is the trunk's device. */
export const innerName = (trunk: number): string => `et${trunk}-ul`;

/** The inner end of a sub-interface's. The longest, `et65535.4094-ul`, is as long as an interface name may be. */
export const subInterfaceInnerName = (trunk: number, vlan: number): string => `et${trunk}.${vlan}-ul`;

const DEVICE = /^(?:eth-trunk|et)(\d+)(?:\.(\d+))?$/;
const INNER = /^et(\d+)(?:\.(\d+))?-ul$/;

/** The trunk whose device or sub-interface bears a Linux name; a NIC may be called `et1` too. */
export function trunkOfDevice(device: string): number | undefined {
  const [, id, sub] = DEVICE.exec(device) ?? [];
  if (id === undefined) return undefined;
  const trunk = Number(id);
  return device === (sub === undefined ? trunkDevice(trunk) : trunkSubDevice(trunk, Number(sub))) ? trunk : undefined;
}

/** The trunk one of whose inner ends bears a Linux name. */
export function trunkOfInner(device: string): number | undefined {
  const [, id, sub] = INNER.exec(device) ?? [];
  if (id === undefined) return undefined;
  const trunk = Number(id);
  return device === (sub === undefined ? innerName(trunk) : subInterfaceInnerName(trunk, Number(sub)))
    ? trunk
    : undefined;
}
