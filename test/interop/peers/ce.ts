import type { Ce, CePort, StartCe } from "../../../src/lab/ce.js";
import { type Lab, run } from "../../support/lab.js";
import { makeVeth } from "../../support/namespace.js";
import type { LacpPeer, PeerPort } from "./lacp-peer.js";
import { LinuxBonding } from "./linux-bonding.js";
import { OpenVswitch } from "./open-vswitch.js";

const MODE = { active: true, fast: true };

/** As the lab looks at a CE; whatever the partner's own word is, it carries or not. */
const cePort = ({ name, carrying, actor, partner }: PeerPort): CePort => ({
  name,
  status: carrying ? "Selected" : "Unselect",
  portState: actor.state,
  distributing: carrying,
  reason: "",
  partner: {
    systemPriority: partner.systemPriority,
    systemId: partner.system,
    portPriority: partner.portPriority,
    portNumber: partner.port,
    portKey: partner.key,
    portState: partner.state,
  },
});

/** A partner nobody here wrote as the CE of the lab. */
export interface PeerCe extends Ce {
  readonly peer: LacpPeer;
}

const ceOf = (peer: LacpPeer, host: Ce["host"]): PeerCe => ({
  peer,
  host,
  look: async () => (await peer.ports()).map(cePort).sort((a, b) => a.name.localeCompare(b.name)),
  stop: () => peer.stop(),
});

type StartPeerCe = (...parameters: Parameters<StartCe>) => Promise<PeerCe>;

/** Its traffic begins at the switch's own port. */
const startOpenVswitch: StartPeerCe = async (lab, namespace, links) => {
  const peer = await OpenVswitch.start(lab, namespace, links, MODE);
  await run("ip", ["-n", namespace, "link", "set", "dev", "br0", "up"]);
  return ceOf(peer, { namespace, device: "br0" });
};

/** Its traffic begins outside the guest, at the far end of a link that is bridged with the bond. */
const startLinuxBonding: StartPeerCe = async (lab: Lab, namespace, links) => {
  const host = { namespace: await lab.namespace("host"), device: "host0" };
  await makeVeth(
    { namespace: host.namespace, name: host.device, index: 301 },
    { namespace, name: "host1", index: 302 },
  );
  const peer = await LinuxBonding.start(lab, namespace, links, MODE, { host: "host1" });
  // A guest has one slow core, and more frames leave nothing of it to who asks how it stands.
  return { ...ceOf(peer, host), burst: 1 };
};

export const START_CE = { "Open vSwitch": startOpenVswitch, "Linux bonding": startLinuxBonding } as const;
