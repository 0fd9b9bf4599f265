import { randomBytes } from "node:crypto";
import { isGroupMac, type Mac, macToColons, NO_MAC, parseMac } from "../../core/base/address.js";

/** The name of the device MAC in the store. */
const DEVICE_MAC = "device-mac";

/** Texts that survive a restart. */
export interface Texts {
  load(name: string): string | undefined;
  save(name: string, text: string): void;
}

/**
 * The device MAC: the given one, else the stored one, else a random one, made once and stored. It is never an interface's, for
 * interfaces come late and change. `made`: it is new; `told`: a stored one was unreadable.
 */
export function deviceMac(
  given: Mac | undefined,
  store: Texts,
): {
  readonly mac: Mac;
  readonly made: boolean;
  readonly told?: string;
} {
  if (given !== undefined) return { mac: given, made: false };
  const text = store.load(DEVICE_MAC);
  const stored = text === undefined ? undefined : parseMac(text.trim());
  if (stored !== undefined && stored !== NO_MAC && !isGroupMac(stored)) return { mac: stored, made: false };
  const mac = randomMac();
  store.save(DEVICE_MAC, `${macToColons(mac)}\n`);
  if (text === undefined) return { mac, made: true };
  return { mac, made: true, told: `"${text.trim()}" is not the MAC address of a device` };
}

/** Unicast, locally administered (IEEE 802-2014 8.2: the two low bits of the first octet are 0 and 1). */
function randomMac(): Mac {
  const octets = randomBytes(6);
  octets[0] = ((octets[0] ?? 0) & 0xfc) | 0x02;
  return octets.readUIntBE(0, 6) as Mac;
}
