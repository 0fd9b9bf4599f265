import { parseMac } from "../core/base/address.js";
import type { BfdAuthenticationType } from "../core/base/bfd.js";
import { type IpAddress, parseIpAddress } from "../core/base/ip-address.js";
import { millis, seconds } from "../core/base/time.js";
import type { DesiredBfdSession } from "../core/contract/desired/bfd.js";
import type { Desired } from "../core/contract/desired/desired.js";
import type {
  DesiredEtrunk,
  DesiredEtrunkBfd,
  DesiredEtrunkMember,
  EtrunkKey,
} from "../core/contract/desired/etrunk.js";
import { bfdSessionCalled } from "./bfd-actions.js";
import { DEFAULT_GROUP, isDefaultIp } from "./bfd-view.js";
import { carInForce } from "./etrunk-checks.js";
import { BFD_INTERVAL, BFD_MULTIPLIER } from "./etrunk-view.js";
import { type Cipher, octetsOf, openedKey } from "./language/secrets.js";
import {
  type BfdSessionModel,
  bfdSessionsOf,
  type EtrunkModel,
  etrunksOf,
  type Model,
  type TrunkModel,
} from "./model.js";
import { ANY_SYSTEM_ID, DEFAULT_ETRUNK_PORT } from "./system-view.js";

/** The vendor's documented key of an E-Trunk without one: known to everybody. */
const DEFAULT_KEY = "00E0FC0000000000";
/** Hello intervals are given in units of 100 ms. */
const HELLO_UNIT = 100;
const DEFAULT_TOS = 7;

const ipAddress = (text: string): IpAddress => parseIpAddress(text)!;

/** E-Trunks, BFD sessions and what polices them. */
export function desiredEtrunks(
  model: Model,
  cipher: Cipher,
): Required<Pick<Desired, "etrunks" | "bfdSessions" | "sessionCar">> {
  const car = (version: "Ipv4" | "Ipv6") =>
    model[`whitelistSessionCarETrunk${version}Disable`]
      ? undefined
      : carInForce(model[`whitelistSessionCarETrunk${version}`]);
  return {
    etrunks: etrunksOf(model).map(([id, etrunk]) => desiredEtrunk(model, id, etrunk, cipher)),
    bfdSessions: bfdSessionsOf(model).map(([name, session]) => desiredSession(model, name, session, cipher)),
    sessionCar: { etrunkIpv4: car("Ipv4"), etrunkIpv6: car("Ipv6") },
  };
}

function desiredEtrunk(model: Model, id: number, etrunk: EtrunkModel, cipher: Cipher): DesiredEtrunk {
  const given = etrunk.peerAddress ?? etrunk.peerIpv6;
  const port = etrunk.peerIpv6 === undefined ? model.eTrunkPort : model.eTrunkIpv6Port;
  return {
    id,
    priority: etrunk.priority ?? 100,
    higherFirst: etrunk.priorityOrder === "higher-first",
    addresses: given && { peer: ipAddress(given.peer), source: ipAddress(given.source), vrf: given.vpnInstance },
    udpPort: port ?? DEFAULT_ETRUNK_PORT,
    keys: keysOf(etrunk, cipher),
    sendKeyId: etrunk.securityKeySendKeyId ?? 0,
    authentication: etrunk.authenticationMode ?? "enhanced-hmac-sha256",
    sequenceCheck: etrunk.sequenceEnable ?? false,
    helloInterval: millis((etrunk.timerHello ?? 10) * HELLO_UNIT),
    multiplier: etrunk.timerHoldOnFailureMultiplier ?? 20,
    revert: etrunk.revertDisable !== true,
    revertDelay: etrunk.timerRevertDelay ?? 120,
    select: etrunk.eTrunkSelect ?? "default",
    description: etrunk.description,
    bfd: desiredBfd(model, etrunk),
  };
}

/** The default key signs and is accepted only while no other key takes its place as the one that signs. */
function keysOf(etrunk: EtrunkModel, cipher: Cipher): EtrunkKey[] {
  const keys: EtrunkKey[] = [];
  if (etrunk.securityKey !== undefined) keys.push({ id: 0, ...openedKey(etrunk.securityKey, cipher) });
  else if ((etrunk.securityKeySendKeyId ?? 0) === 0)
    keys.push({ id: 0, octets: octetsOf(DEFAULT_KEY), origin: "default" });
  for (const [id, key] of Object.entries(etrunk.securityKeyKeyId ?? {}))
    keys.push({ id: Number(id), ...openedKey(key, cipher) });
  return keys;
}

function desiredBfd(model: Model, etrunk: EtrunkModel): DesiredEtrunkBfd | undefined {
  const tracked = etrunk.eTrunkTrackBfdSessionSessionName;
  if (tracked !== undefined) return { kind: "session", name: bfdSessionCalled(model, tracked) ?? tracked };
  if (etrunk.eTrunkBfdEnable === undefined) return undefined;
  const { minTxInterval = BFD_INTERVAL, minRxInterval = BFD_INTERVAL, detectMultiplier } = etrunk.eTrunkBfd ?? {};
  return {
    kind: "dynamic",
    trackInterface: etrunk.eTrunkBfdEnable.trackInterface,
    minTx: millis(minTxInterval),
    minRx: millis(minRxInterval),
    multiplier: detectMultiplier ?? BFD_MULTIPLIER,
  };
}

/** A trunk as a member of an E-Trunk; undefined where it is none. */
export function desiredMembership(model: Model, id: number, trunk: TrunkModel): DesiredEtrunkMember | undefined {
  if (trunk.eTrunk === undefined) return undefined;
  const systemId = ownOrDevice(trunk.lacpETrunkSystemId, model.lacpETrunkSystemId);
  return {
    etrunk: trunk.eTrunk.id,
    remoteTrunk: trunk.eTrunk.remoteEthTrunk ?? id,
    mode: trunk.eTrunkMode ?? "auto",
    systemId: systemId === undefined ? undefined : parseMac(systemId)!,
    systemPriority: trunk.lacpETrunkPriority ?? model.lacpETrunkPriority,
    standbyByCarrier: trunk.standbySignalling !== "none",
  };
}

/** The trunk's own setting goes before the device's; all ones are none. */
const ownOrDevice = (own: string | undefined, device: string | undefined): string | undefined =>
  [own, device].find((id) => id !== undefined && id !== ANY_SYSTEM_ID);

function desiredSession(model: Model, name: string, session: BfdSessionModel, cipher: Cipher): DesiredBfdSession {
  const bind = session.bind!;
  const authentication = desiredAuthentication(session, cipher);
  const isUsable = session.authenticationMode === undefined || authentication !== undefined;
  return {
    name,
    peer: isDefaultIp(bind) ? undefined : ipAddress(bind.peer),
    source: bind.source === undefined ? undefined : ipAddress(bind.source),
    vrf: bind.vpnInstance,
    interface: bind.interface,
    trackInterface: bind.trackInterface,
    group: ipAddress(model.bfd?.defaultIpAddress ?? DEFAULT_GROUP),
    // Without its key a session must stay down, not run unauthenticated.
    localDiscriminator: isUsable ? session.discriminatorLocal : undefined,
    remoteDiscriminator: session.discriminatorRemote,
    minTx: millis(session.minTxInterval ?? BFD_INTERVAL),
    minRx: millis(session.minRxInterval ?? BFD_INTERVAL),
    multiplier: session.detectMultiplier ?? BFD_MULTIPLIER,
    wtr: seconds((session.wtr ?? 0) * 60),
    shutdown: session.shutdown ?? false,
    description: session.description,
    authentication,
    tosExp: session.tosExp ?? model.bfd?.tosExp ?? DEFAULT_TOS,
  };
}

/** Octets of the longest keys, RFC 5880 6.7.2 to 6.7.4: a foreign ciphertext is longer. */
const LONGEST_KEY: { readonly [type in BfdAuthenticationType]: number } = {
  simple: 16,
  md5: 16,
  "met-md5": 16,
  sha1: 20,
  "met-sha1": 20,
};

function desiredAuthentication({ authenticationMode: mode }: BfdSessionModel, cipher: Cipher) {
  if (mode === undefined) return undefined;
  const octets = openedKey(mode.key, cipher).octets?.slice(0, LONGEST_KEY[mode.type]);
  return octets && { type: mode.type, id: mode.keyId, octets };
}
