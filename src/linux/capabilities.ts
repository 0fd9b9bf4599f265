import { systemAddon } from "./native/system.js";

/** linux/capability.h */
const NUMBERS = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_BPF: 39 } as const;

export type Capability = keyof typeof NUMBERS;

export function hasCapability(capability: Capability): boolean {
  return Math.floor(systemAddon().capabilities() / 2 ** NUMBERS[capability]) % 2 === 1;
}

/** Those of the given capabilities this process does not have, in the order given. */
export const missingCapabilities = (needed: readonly Capability[]): Capability[] =>
  needed.filter((capability) => !hasCapability(capability));
