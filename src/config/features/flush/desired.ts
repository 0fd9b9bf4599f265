import { trunkName } from "../../../core/base/trunk-names.js";
import type { DesiredFlushKey, DesiredFlushPort, DesiredFlushSending } from "../../../core/contract/desired/flush.js";
import type { Facts } from "../../facts.js";
import type { DesiredPart } from "../../feature.js";
import { type Cipher, openedKey } from "../../language/secrets.js";
import { BACKUP, modeOf } from "../eth-trunk/rows.js";
import { physicalsOf, trunksOf } from "../interfaces/slice.js";
import { bridgePortsOf, carriedBy, pvidOf, vlansOfPort } from "../vlan/ports.js";
import type { FlushAuth } from "./rows.js";
import type { FlushPort, FlushSlice } from "./slice.js";

/** Which trunks send Flush frames, and which interfaces heed them. */
export const desiredFlush = (model: FlushSlice, { cipher }: Required<Facts>): DesiredPart => ({
  flushPorts: desiredPorts(model, cipher),
  trunks: trunksOf(model).flatMap(([id, trunk]) => {
    const flush = desiredSending(model, trunk, cipher);
    return flush === undefined ? [] : [{ id, flush }];
  }),
});

function desiredSending(model: FlushSlice, trunk: FlushPort, cipher: Cipher): DesiredFlushSending | undefined {
  const send = trunk.smartLinkFlushSendVlan;
  if (send === undefined) return undefined;
  const { tagged } = vlansOfPort(model, trunk);
  return {
    controlVlan: send.vlan,
    isTagged: !trunk.portswitch || send.vlan !== pvidOf(trunk),
    // A trunk that carries untagged frames only may lead into any VLAN of the network.
    vlans: trunk.portswitch && tagged.length > 0 ? carriedBy(model, trunk).sort((a, b) => a - b) : undefined,
    key: keyOf(send.auth, cipher),
    ...(modeOf(trunk) === BACKUP && { alsoAfter: detectedBeside(model, trunk) }),
  };
}

/** Other ports of the bridge that are to be watched and share a VLAN with a trunk. */
function detectedBeside(model: FlushSlice, trunk: FlushPort): string[] {
  const own = new Set(carriedBy(model, trunk));
  return bridgePortsOf(model).flatMap(([name, port]) => {
    const isWatched = port !== trunk && port.detectActiveLinkEnable === true;
    return isWatched && carriedBy(model, port).some((vlan) => own.has(vlan)) ? [name] : [];
  });
}

/** Every interface that heeds Flush frames. Members of an Eth-Trunk cannot; it does for them. */
function desiredPorts(model: FlushSlice, cipher: Cipher): DesiredFlushPort[] {
  const trunks = trunksOf(model).map(([id, trunk]) => [trunkName(id), trunk] as const);
  return [...physicalsOf(model), ...trunks].flatMap(([name, port]) => {
    const heeds = heeded(port);
    if (heeds === undefined) return [];
    const { controlVlans, auth } = heeds;
    // The VLAN of untagged frames is not known for a bridge that other software made.
    const pvid = port.portswitch ? pvidOf(port) : undefined;
    return [{ interface: name, controlVlans, pvid, key: keyOf(auth, cipher) }];
  });
}

function heeded({ smartLinkFlushEnableControlVlan: one, smartLinkFlushReceiveControlVlan: several }: FlushPort) {
  if (one !== undefined) return { controlVlans: [one.vlan], auth: one.auth };
  if (several === undefined) return undefined;
  const { controlVlan, password } = several;
  return { controlVlans: controlVlan === "all" ? undefined : controlVlan, auth: password };
}

function keyOf(auth: FlushAuth | undefined, cipher: Cipher): DesiredFlushKey {
  if (auth === undefined) return { mode: "none", octets: new Uint8Array(0) };
  return { mode: auth.mode, octets: openedKey(auth.key, cipher).octets };
}
