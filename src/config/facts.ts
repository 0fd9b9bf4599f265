import type { Mac } from "../core/base/address.js";
import type { Cipher } from "./language/secrets.js";

/** Linux interfaces by configured name, as `--bind NAME=IFACE` gives them; they go before `linux-interface`. */
export type Bindings = ReadonlyMap<string, string>;

/** Abilities of this kernel, as asked at the start. */
export interface Kernel {
  /** Bridges filter by VLAN. */
  readonly vlanFiltering: boolean;
  /** 802.1Q interfaces exist. */
  readonly vlanDevices: boolean;
  /** The data plane of the trunks pushes and pops tags. */
  readonly pushesTags: boolean;
}

/** A kernel with all abilities, for when none was asked. */
export const ANY_KERNEL: Kernel = { vlanFiltering: true, vlanDevices: true, pushesTags: true };

/** Facts outside of the configuration on which its meaning depends. */
export interface Facts {
  readonly deviceMac: Mac;
  readonly bindings: Bindings;
  /** Opens `cipher` texts; without it no key can be opened. */
  readonly cipher?: Cipher;
}
