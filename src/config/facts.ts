import type { Mac } from "../core/base/address.js";
import type { Cipher } from "./language/secrets.js";

/** Linux interfaces by configured name, as `--bind NAME=IFACE` gives them; they go before `linux-interface`. */
export type Bindings = ReadonlyMap<string, string>;

/** What this machine can, asked at the start. */
export interface Kernel {
  /** Its bridges filter by VLAN. */
  readonly vlanFiltering: boolean;
  /** It has 802.1Q devices. */
  readonly vlanDevices: boolean;
  /** The data plane of the trunks pushes and pops tags. */
  readonly pushesTags: boolean;
}

/** A machine that can everything: where nobody was asked. */
export const ANY_KERNEL: Kernel = { vlanFiltering: true, vlanDevices: true, pushesTags: true };

/** What the configuration does not say but its meaning depends on. */
export interface Facts {
  readonly deviceMac: Mac;
  readonly bindings: Bindings;
  /** Opens the keys; without it none can be opened. */
  readonly cipher?: Cipher;
}
