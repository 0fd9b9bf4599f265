import { addon } from "./addon.js";
import type { KernelAddress } from "./address.js";

interface AddressEvents {
  readonly kind: "address-events";
}

interface AddressWatchFunctions {
  addressWatchOpen(readable: () => void): AddressEvents | number;
  /** The next address that came, changed or went; -EAGAIN when none waits, -ENOBUFS when some got lost. */
  addressWatchNext(watch: AddressEvents): KernelAddress | number;
  addressWatchClose(watch: AddressEvents): void;
}

export const addressWatchAddon = (): AddressWatchFunctions => addon();
