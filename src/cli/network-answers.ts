import type { InterfaceFilter, NetworkCommand } from "../config/network-operational.js";
import type { InterfaceView } from "../daemon/questions.js";
import { type Answer, type Asking, answer } from "./answer.js";
import { type Daemon, Refused } from "./client.js";
import {
  displayInterface,
  displayInterfaceBrief,
  displayIpInterfaceBrief,
  displayIpv6InterfaceBrief,
} from "./displays/interface.js";
import { displayVlans } from "./displays/vlan.js";

/** Asks the daemon what a command about interfaces or VLANs asks. Throws as Daemon.ask does. */
export async function networkAnswerTo(command: NetworkCommand, daemon: Daemon, asking: Asking): Promise<Answer> {
  const all = async () => (await daemon.ask<"interfaces">({ ask: "interfaces" }, asking)).interfaces;
  switch (command.command) {
    case "display-interface": {
      const interfaces = filtered(await all(), command.filter);
      const [one] = interfaces;
      if (command.filter.name === undefined)
        return answer({ interfaces }, () => interfaces.map(displayInterface).join("\n"));
      if (one === undefined) throw new Refused(`Interface ${command.filter.name} does not exist`);
      return answer(one, displayInterface);
    }
    case "display-interface-brief":
      return answer({ interfaces: filtered(await all(), command.filter) }, ({ interfaces }) =>
        displayInterfaceBrief(interfaces),
      );
    case "display-ip-interface-brief": {
      const interfaces = (await all()).filter(isLayer3);
      return answer({ interfaces }, () => displayIpInterfaceBrief(interfaces));
    }
    case "display-ipv6-interface-brief": {
      const interfaces = (await all()).filter((each) => isLayer3(each) && (each.ipv6Enabled || each.ipv6.length > 0));
      return answer({ interfaces }, () => displayIpv6InterfaceBrief(interfaces));
    }
    case "display-vlan": {
      const { vlans } = await daemon.ask<"vlans">({ ask: "vlans" }, asking);
      if (command.id === undefined) return answer({ vlans }, () => displayVlans(vlans));
      const one = vlans.find(({ id }) => id === command.id);
      if (one === undefined) throw new Refused(`VLAN ${command.id} does not exist`);
      return answer(one, () => displayVlans([one]));
    }
  }
}

/** Members and ports of the bridge have no addresses. */
const isLayer3 = ({ layer, ethTrunk }: InterfaceView): boolean => layer === 3 && ethTrunk === null;

function filtered(all: readonly InterfaceView[], { name, type, main }: InterfaceFilter): readonly InterfaceView[] {
  return all.filter(
    (each) =>
      (name === undefined || each.name === name) &&
      (type === undefined || isOfType(each.name, type)) &&
      !(main && each.kind === "sub-interface"),
  );
}

const isOfType = (name: string, type: string): boolean => name.startsWith(type) && /^\d/.test(name.slice(type.length));
