import { millis } from "../core/base/time.js";
import { trunkName } from "../core/base/trunk-names.js";
import type { DesiredFlushKey, DesiredFlushPort, DesiredFlushSending } from "../core/contract/desired/flush.js";
import type { DesiredBackup } from "../core/contract/desired/trunk.js";
import { BACKUP_MODE } from "./backup-rows.js";
import type { FlushAuth } from "./flush-rows.js";
import { type Cipher, openedKey } from "./language/secrets.js";
import { type Model, type PhysicalModel, physicalsOf, type TrunkModel, trunksOf } from "./model.js";
import { bridgePortsOf, pvidOf, type SwitchPort, vlansOfPort } from "./switch-ports.js";

export function desiredBackup({
  mode,
  preemptEnable,
  inactivePortShutdownEnable,
}: TrunkModel): DesiredBackup | undefined {
  if (mode !== BACKUP_MODE) return undefined;
  return {
    preemptDelay: preemptEnable === undefined ? undefined : millis(preemptEnable),
    shutsInactive: inactivePortShutdownEnable ?? false,
  };
}

export function desiredFlushSending(model: Model, trunk: TrunkModel, cipher: Cipher): DesiredFlushSending | undefined {
  const send = trunk.smartLinkFlushSendVlan;
  if (send === undefined) return undefined;
  const { untagged, tagged } = vlansOfPort(model, trunk);
  const carried = untagged === undefined ? tagged : [...tagged, untagged].sort((a, b) => a - b);
  return {
    controlVlan: send.vlan,
    isTagged: !trunk.portswitch || send.vlan !== pvidOf(trunk),
    // A trunk that carries untagged frames only may lead into any VLAN of the network.
    vlans: trunk.portswitch && tagged.length > 0 ? carried : undefined,
    key: keyOf(send.auth, cipher),
    ...(trunk.mode === BACKUP_MODE && { alsoAfter: detectedBeside(model, trunk) }),
  };
}

/** Other ports of the bridge that are to be watched and share a VLAN with a trunk. */
function detectedBeside(model: Model, trunk: TrunkModel): string[] {
  const carried = (port: SwitchPort): number[] => {
    const { untagged, tagged } = vlansOfPort(model, port);
    return untagged === undefined ? tagged : [...tagged, untagged];
  };
  const own = new Set(carried(trunk));
  return bridgePortsOf(model).flatMap(([name, port]) => {
    const isWatched = port !== trunk && "detectActiveLinkEnable" in port && port.detectActiveLinkEnable === true;
    return isWatched && carried(port).some((vlan) => own.has(vlan)) ? [name] : [];
  });
}

/** Every interface that heeds Flush frames. Members of an Eth-Trunk cannot; it does for them. */
export function desiredFlushPorts(model: Model, cipher: Cipher): DesiredFlushPort[] {
  return [...physicalsOf(model), ...trunksOf(model).map(([id, trunk]) => [trunkName(id), trunk] as const)].flatMap(
    ([name, port]) => {
      const heeds = heeded(port);
      if (heeds === undefined) return [];
      const { controlVlans, auth } = heeds;
      // Of a bridge that is not ours nobody here knows what untagged frames belong to.
      const pvid = port.portswitch ? pvidOf(port) : undefined;
      return [{ interface: name, controlVlans, pvid, key: keyOf(auth, cipher) }];
    },
  );
}

function heeded({
  smartLinkFlushEnableControlVlan: one,
  smartLinkFlushReceiveControlVlan: several,
}: PhysicalModel | TrunkModel) {
  if (one !== undefined) return { controlVlans: [one.vlan], auth: one.auth };
  if (several === undefined) return undefined;
  const { controlVlan, password } = several;
  return { controlVlans: controlVlan === "all" ? undefined : controlVlan, auth: password };
}

function keyOf(auth: FlushAuth | undefined, cipher: Cipher): DesiredFlushKey {
  if (auth === undefined) return { mode: "none", octets: new Uint8Array(0) };
  return { mode: auth.mode, octets: openedKey(auth.key, cipher).octets };
}
