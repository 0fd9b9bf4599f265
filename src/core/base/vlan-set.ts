export const LEAST_VLAN = 1;
export const GREATEST_VLAN = 4094;
/**
 * Octets of a set of VLANs as a bitmap, in a Flush and from the kernel: VLAN v is octet v >> 3, bit 0x80 >> (v & 7).
 */
export const BITMAP_LENGTH = 512;

export const hasVlan = (vlans: Uint8Array, vlan: number): boolean =>
  ((vlans[vlan >> 3] ?? 0) & (0x80 >> (vlan & 7))) !== 0;

export function addVlan(vlans: Uint8Array, vlan: number): void {
  vlans[vlan >> 3] = (vlans[vlan >> 3] ?? 0) | (0x80 >> (vlan & 7));
}

/** The VLANs of a bitmap in ascending order; 0 and 4095 are none. */
export function vlansOf(vlans: Uint8Array): number[] {
  const list: number[] = [];
  for (let vlan = LEAST_VLAN; vlan <= GREATEST_VLAN; vlan++) if (hasVlan(vlans, vlan)) list.push(vlan);
  return list;
}
