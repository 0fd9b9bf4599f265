import { trunkName } from "../../../core/base/trunk-names.js";
import type { Finding, Path } from "../../feature.js";
import { vlanList, withoutVlans } from "../../language/network-parameters.js";
import { BACKUP, modeOf } from "../eth-trunk/rows.js";
import { at, switchPortsOf, trunksOf } from "../interfaces/slice.js";
import { bridgePortsOf, carriedBy, vlanExists } from "../vlan/ports.js";
import type { FlushSlice } from "./slice.js";

/** Problems of senders: a trunk needs another path to switch to, and an existing control VLAN. */
export const checkFlush = (model: FlushSlice): Finding[] =>
  trunksOf(model).flatMap(([id, trunk]) => {
    const { smartLinkFlushSendVlan: send, eTrunk } = trunk;
    if (send === undefined) return [];
    const path = at(trunkName(id), "smartLinkFlushSendVlan");
    const findings: Finding[] = [];
    if (modeOf(trunk) !== BACKUP && eTrunk === undefined)
      findings.push({ path, text: `The command needs mode ${BACKUP}, or membership in an E-Trunk.` });
    if (!vlanExists(model, send.vlan)) findings.push({ path, text: `VLAN ${send.vlan} does not exist.` });
    return findings;
  });

/** The trunk that sends Flush frames in a VLAN. */
export const senderInVlan = (model: FlushSlice, [collection, id]: Path): string | undefined =>
  collection === "vlans"
    ? switchPortsOf(model).find(([, { smartLinkFlushSendVlan: send }]) => `${send?.vlan}` === id)?.[0]
    : undefined;

/** Warns of a control VLAN that the interface does not carry. */
export const warnOfFlush = (model: FlushSlice): Finding[] =>
  bridgePortsOf(model).flatMap(([name, port]) => {
    const {
      smartLinkFlushSendVlan: send,
      smartLinkFlushEnableControlVlan: one,
      smartLinkFlushReceiveControlVlan: several,
    } = port;
    const listed = several === undefined || several.controlVlan === "all" ? [] : several.controlVlan;
    const wanted: readonly (readonly [attribute: string, vlans: readonly number[]])[] = [
      ["smartLinkFlushSendVlan", send === undefined ? [] : [send.vlan]],
      ["smartLinkFlushEnableControlVlan", one === undefined ? [] : [one.vlan]],
      ["smartLinkFlushReceiveControlVlan", listed],
    ];
    const carried = carriedBy(model, port);
    return wanted.flatMap(([attribute, vlans]) => {
      const missing = withoutVlans(vlans, carried);
      if (missing.length === 0) return [];
      const text = `${name} does not carry VLAN ${vlanList.print(missing)}: no Flush frame of it passes there.`;
      return [{ path: at(name, attribute), text }];
    });
  });
