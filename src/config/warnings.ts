import { trunkName } from "../core/base/trunk-names.js";
import { bfdSessionCalled } from "./bfd-actions.js";
import type { Finding } from "./finding.js";
import { vlanList, withoutVlans } from "./language/network-parameters.js";
import { type Cipher, openedKey } from "./language/secrets.js";
import { bfdSessionsOf, type EtrunkModel, etrunksOf, type Model, type TrunkModel, trunksOf } from "./model.js";
import { bridgePortsOf, vlansOfPort, vlansThere } from "./switch-ports.js";
import { placesIn } from "./views.js";

/** What is allowed, but not what anybody wants: told, never refused. */
export function warningsOf(model: Model, cipher: Cipher): Finding[] {
  return [
    ...warnOfKeys(model, cipher),
    ...warnOfSessions(model),
    ...warnOfEtrunks(model),
    ...warnOfMembers(model),
    ...warnOfVlans(model),
    ...warnOfFlush(model),
  ];
}

const KEY_TEXTS = {
  foreign: "The key was ciphered on another system; its text is used as it stands. Type the key again in plain text.",
  unreadable:
    "The key was ciphered under a key this host does not have; it is no key. Type the key again in plain text.",
};

function warnOfKeys(model: Model, cipher: Cipher): Finding[] {
  const findings: Finding[] = [];
  for (const { view, record, path } of placesIn(model))
    for (const attribute of Object.keys(record)) {
      const setting = view.settings[attribute];
      if (!setting?.hasKeys) continue;
      setting.seal(record[attribute], (key) => {
        const { origin } = openedKey(key, cipher);
        if (origin !== "configured") findings.push({ path: [...path, attribute], text: KEY_TEXTS[origin] });
        return key;
      });
    }
  return findings;
}

function warnOfSessions(model: Model): Finding[] {
  return bfdSessionsOf(model).flatMap(([name, { discriminatorLocal: local, discriminatorRemote: remote }]) => {
    // That of the peer is learnt where it is not set.
    if (local !== undefined) return [];
    const what = remote === undefined ? "discriminators" : "local discriminator";
    return [{ path: ["bfdSessions", name], text: `BFD session ${name} has no ${what} and stays down.` }];
  });
}

function warnOfEtrunks(model: Model): Finding[] {
  return etrunksOf(model).flatMap(([id, etrunk]) => {
    const tracked = etrunk.eTrunkTrackBfdSessionSessionName;
    const name = tracked === undefined ? undefined : bfdSessionCalled(model, tracked);
    const bind = name === undefined ? undefined : model.bfdSessions?.[name]?.bind;
    if (bind === undefined || fits(etrunk, bind.peer, bind.source)) return [];
    const text = `The addresses of BFD session ${name} are not those of E-Trunk ${id}.`;
    return [{ path: ["etrunks", String(id), "eTrunkTrackBfdSessionSessionName"], text }];
  });
}

/** A session without a source address takes the one the system chooses. */
function fits({ peerAddress, peerIpv6 }: EtrunkModel, peer: string, source: string | undefined): boolean {
  const addresses = peerAddress ?? peerIpv6;
  if (addresses === undefined) return true;
  return addresses.peer === peer && (source === undefined || addresses.source === source);
}

function warnOfMembers(model: Model): Finding[] {
  const findings: Finding[] = [];
  const remotes = new Map<string, number>();
  for (const [id, { eTrunk, maxActiveLinknumber }] of trunksOf(model)) {
    if (eTrunk === undefined) continue;
    const at = (attribute: string) => ["interfaces", trunkName(id), attribute];
    if (maxActiveLinknumber !== undefined)
      findings.push({
        path: at("maxActiveLinknumber"),
        text: `max active-linknumber should not be set on Eth-Trunk${id}, which belongs to E-Trunk ${eTrunk.id}.`,
      });
    const remote = eTrunk.remoteEthTrunk ?? id;
    const other = remotes.get(`${eTrunk.id} ${remote}`);
    if (other === undefined) remotes.set(`${eTrunk.id} ${remote}`, id);
    else
      findings.push({
        path: at("eTrunk"),
        text: `Eth-Trunk${id} and Eth-Trunk${other} have the same remote Eth-Trunk ${remote} in E-Trunk ${eTrunk.id}.`,
      });
  }
  return findings;
}

/** A trunk may be told of VLANs before they are there. */
function warnOfVlans(model: Model): Finding[] {
  const there = vlansThere(model);
  return bridgePortsOf(model).flatMap(([name, { portTrunkAllowPassVlan: allowed }]) => {
    if (allowed === undefined || allowed === "all") return [];
    const missing = withoutVlans(allowed, there);
    if (missing.length === 0) return [];
    const text = `VLAN ${vlanList.print(missing)} does not exist yet; what exists is carried.`;
    return [{ path: ["interfaces", name, "portTrunkAllowPassVlan"], text }];
  });
}

/** Flush frames in a VLAN the port does not carry never get there. */
function warnOfFlush(model: Model): Finding[] {
  return bridgePortsOf(model).flatMap(([name, port]) => {
    const { smartLinkFlushSendVlan, smartLinkFlushEnableControlVlan, smartLinkFlushReceiveControlVlan } =
      port as TrunkModel;
    const listed = smartLinkFlushReceiveControlVlan?.controlVlan;
    const wanted: readonly (readonly [attribute: string, vlans: readonly number[]])[] = [
      ["smartLinkFlushSendVlan", smartLinkFlushSendVlan === undefined ? [] : [smartLinkFlushSendVlan.vlan]],
      [
        "smartLinkFlushEnableControlVlan",
        smartLinkFlushEnableControlVlan === undefined ? [] : [smartLinkFlushEnableControlVlan.vlan],
      ],
      ["smartLinkFlushReceiveControlVlan", listed === undefined || listed === "all" ? [] : listed],
    ];
    const { untagged, tagged } = vlansOfPort(model, port);
    const carried = untagged === undefined ? tagged : [...tagged, untagged];
    return wanted.flatMap(([attribute, vlans]) => {
      const missing = withoutVlans(vlans, carried);
      if (missing.length === 0) return [];
      const text = `${name} does not carry VLAN ${vlanList.print(missing)}: no Flush frame of it passes there.`;
      return [{ path: ["interfaces", name, attribute], text }];
    });
  });
}
