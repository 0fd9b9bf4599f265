import { parseMac } from "../../../core/base/address.js";
import { millis } from "../../../core/base/time.js";
import type {
  DesiredEtrunk,
  DesiredEtrunkBfd,
  DesiredEtrunkMember,
  EtrunkKey,
} from "../../../core/contract/desired/etrunk.js";
import type { Facts } from "../../facts.js";
import type { DesiredPart } from "../../feature.js";
import { parsedAddress } from "../../language/network-parameters.js";
import { type Cipher, octetsOf, openedKey } from "../../language/secrets.js";
import { desiredOf, filled } from "../../language/setting.js";
import { sessionCalled } from "../bfd/slice.js";
import { ANY_SYSTEM_ID } from "../eth-trunk/lacp-rows.js";
import { trunksOf } from "../interfaces/slice.js";
import { memberRows } from "./member-rows.js";
import { etrunkRows } from "./rows.js";
import { type Etrunk, type EtrunkSlice, etrunksOf, type Member } from "./slice.js";
import { sessionRows } from "./system-rows.js";

/** E-Trunks, their members, and the rates of their sessions. */
export function desiredEtrunks(model: EtrunkSlice, { cipher }: Required<Facts>): DesiredPart {
  const session = filled(sessionRows, model);
  const car = (version: "Ipv4" | "Ipv6") =>
    session[`whitelistSessionCarETrunk${version}Disable`] ? undefined : session[`whitelistSessionCarETrunk${version}`];
  return {
    etrunks: etrunksOf(model).map(([id, etrunk]) => desiredEtrunk(model, id, etrunk, cipher)),
    sessionCar: { etrunkIpv4: car("Ipv4"), etrunkIpv6: car("Ipv6") },
    trunks: trunksOf(model).flatMap(([id, trunk]) => {
      const etrunk = desiredMember(model, id, trunk);
      return etrunk === undefined ? [] : [{ id, etrunk }];
    }),
  };
}

function desiredEtrunk(model: EtrunkSlice, id: number, etrunk: Etrunk, cipher: Cipher): DesiredEtrunk {
  const { peerIpv6, peerAddress } = etrunk;
  const given = peerAddress ?? peerIpv6;
  const { eTrunkPort, eTrunkIpv6Port } = filled(sessionRows, model);
  return {
    id,
    addresses: given && {
      peer: parsedAddress(given.peer),
      source: parsedAddress(given.source),
      vrf: given.vpnInstance,
    },
    udpPort: peerIpv6 === undefined ? eTrunkPort : eTrunkIpv6Port,
    keys: keysOf(etrunk, cipher),
    bfd: desiredBfd(model, etrunk),
    ...desiredOf(etrunkRows, etrunk),
  };
}

/** The vendor's documented key of an E-Trunk without a key, known to everybody. */
const DEFAULT_KEY = "00E0FC0000000000";

/** Keys of an E-Trunk. The default key signs and is accepted only while no other key signs. */
function keysOf(etrunk: Etrunk, cipher: Cipher): EtrunkKey[] {
  const keys: EtrunkKey[] = [];
  if (etrunk.securityKey !== undefined) keys.push({ id: 0, ...openedKey(etrunk.securityKey, cipher) });
  else if (filled(etrunkRows, etrunk).securityKeySendKeyId === 0)
    keys.push({ id: 0, octets: octetsOf(DEFAULT_KEY), origin: "default" });
  for (const [id, key] of Object.entries(etrunk.securityKeyKeyId ?? {}))
    keys.push({ id: Number(id), ...openedKey(key, cipher) });
  return keys;
}

function desiredBfd(model: EtrunkSlice, etrunk: Etrunk): DesiredEtrunkBfd | undefined {
  const {
    eTrunkTrackBfdSessionSessionName: tracked,
    eTrunkBfdEnable,
    eTrunkBfd,
    eTrunkBfdAuthenticationDisable,
  } = filled(etrunkRows, etrunk);
  if (tracked !== undefined) return { kind: "session", name: sessionCalled(model, tracked) ?? tracked };
  return (
    eTrunkBfdEnable && {
      kind: "dynamic",
      trackInterface: eTrunkBfdEnable.trackInterface,
      minTx: millis(eTrunkBfd.minTxInterval),
      minRx: millis(eTrunkBfd.minRxInterval),
      multiplier: eTrunkBfd.detectMultiplier,
      authenticated: eTrunkBfdAuthenticationDisable !== true,
    }
  );
}

/** A trunk as a member of an E-Trunk; undefined where it is none. */
function desiredMember(model: EtrunkSlice, id: number, trunk: Member): DesiredEtrunkMember | undefined {
  if (trunk.eTrunk === undefined) return undefined;
  const systemId = ownOrDevice(trunk.lacpETrunkSystemId, model.lacpETrunkSystemId);
  return {
    etrunk: trunk.eTrunk.id,
    remoteTrunk: trunk.eTrunk.remoteEthTrunk ?? id,
    systemId: systemId === undefined ? undefined : parseMac(systemId),
    systemPriority: trunk.lacpETrunkPriority ?? model.lacpETrunkPriority,
    ...desiredOf(memberRows, trunk),
  };
}

/** The trunk's own setting, else that of the device; all ones count as none. */
const ownOrDevice = (own: string | undefined, device: string | undefined): string | undefined =>
  [own, device].find((id) => id !== undefined && id !== ANY_SYSTEM_ID);
