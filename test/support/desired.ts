import { type Mac, parseMac } from "../../src/core/base/address.js";
import { seconds } from "../../src/core/base/time.js";
import type { Desired } from "../../src/core/contract/desired/desired.js";
import type { NetworkInterface } from "../../src/core/contract/desired/network.js";
import type {
  DesiredInterface,
  DesiredLacp,
  DesiredMember,
  DesiredTrunk,
} from "../../src/core/contract/desired/trunk.js";

export const macOf = (text: string): Mac => {
  const mac = parseMac(text);
  if (mac === undefined) throw new Error(`not a MAC address: ${text}`);
  return mac;
};

/** A member as a test writes it; a field that is left out has the default of the configuration. */
export interface MemberParts extends Partial<Omit<DesiredMember, "trunk">> {
  readonly speed?: number;
  readonly shutdown?: boolean;
}

export interface TrunkParts extends Partial<Omit<DesiredTrunk, "lacp">> {
  readonly lacp?: Partial<DesiredLacp>;
  /** Members by interface name, which is the Linux name too. */
  readonly members: { readonly [name: string]: MemberParts };
}

const FAST_TIMEOUT = seconds(3);
const SLOW_TIMEOUT = seconds(90);

/** A configuration of the engine: trunks numbered from 1 in their order, in mode static unless said otherwise. */
export function desired(mac: string, ...trunks: TrunkParts[]): Desired {
  const deviceMac = macOf(mac);
  const lacpDefaults = (fast: boolean): DesiredLacp => ({
    systemPriority: 32768,
    systemId: deviceMac,
    maxLinks: 64,
    preemptDelay: undefined,
    fast,
    timeout: fast ? FAST_TIMEOUT : SLOW_TIMEOUT,
    selectBy: "priority",
    mixedRate: false,
    collectorMaxDelay: 0,
    portIdExtension: false,
    portKey: undefined,
    independentControl: false,
    dampsFlapping: false,
    refusesStrangers: true,
  });
  const interfaces: DesiredInterface[] = [];
  const wanted = trunks.map(({ members, lacp, ...parts }, n): DesiredTrunk => {
    const id = parts.id ?? n + 1;
    for (const [name, { speed, shutdown, ...member }] of Object.entries(members))
      interfaces.push({
        name,
        device: name,
        shutdown: shutdown ?? false,
        description: undefined,
        speed: speed ?? 1000,
        member: { trunk: id, active: true, priority: 32768, weight: 1, forceUp: false, ...member },
      });
    return {
      id,
      mode: "static",
      shutdown: false,
      description: undefined,
      leastLinks: 1,
      leastBandwidth: undefined,
      hash: "flow",
      ...parts,
      lacp: { ...lacpDefaults(lacp?.fast ?? false), ...lacp },
    };
  });
  return { deviceMac, lacpPriority: 32768, interfaces, trunks: wanted };
}

/** An interface without settings. */
export const NOTHING_SAID = {
  made: undefined,
  mac: undefined,
  mtu: undefined,
  ipv6: false,
  ipv6Mtu: undefined,
  addresses: [],
  linkLocal: undefined,
  isShared: false,
} satisfies Partial<NetworkInterface>;
