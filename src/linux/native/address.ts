import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

interface AddressKey {
  /** Of the interface. */
  readonly index: number;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  /** Of the prefix. */
  readonly length: number;
}

interface AddressWish extends AddressKey {
  /** IFA_F_* */
  readonly flags: number;
  /** IFA_PROTO, which kernels before 5.18 do not keep; 0 where there is none. */
  readonly mark: number;
}

export interface KernelAddress extends AddressWish {
  readonly present: boolean;
}

interface AddressFunctions {
  addressAdd(netlink: Netlink, wish: AddressWish): number;
  addressRemove(netlink: Netlink, key: AddressKey): number;
  addressList(netlink: Netlink): KernelAddress[] | number;
}

export const addressAddon = (): AddressFunctions => addon();
