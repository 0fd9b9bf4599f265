import { type Mac, parseMac } from "../core/base/address.js";
import { LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME } from "../core/base/lacp.js";
import { seconds } from "../core/base/time.js";
import type { Desired } from "../core/contract/desired/desired.js";
import type { DesiredInterface, DesiredLacp, DesiredTrunk, HashProfile } from "../core/contract/desired/trunk.js";
import { type Bindings, deviceOf } from "./devices.js";
import { parseInterfaceName, speedOfType } from "./language/interface-name.js";
import { type Cipher, NO_CIPHER } from "./language/secrets.js";
import { type Model, type PhysicalModel, physicalsOf, type TrunkModel, trunksOf } from "./model.js";
import { desiredEtrunks, desiredMembership } from "./to-desired-etrunk.js";
import { desiredBackup, desiredFlushPorts, desiredFlushSending } from "./to-desired-flush.js";
import { desiredNetwork, desiredSubInterfaces } from "./to-desired-network.js";

/** What the configuration does not say but its meaning depends on. */
export interface Facts {
  readonly deviceMac: Mac;
  /** Linux interfaces by configured name. */
  readonly bindings: Bindings;
  /** Opens the keys; without it none can be opened. */
  readonly cipher?: Cipher;
}

const DEFAULT_PRIORITY = 32768;
const DEFAULT_MOST_LINKS = 16;
const DEFAULT_PREEMPT_DELAY = 30;

/** What a model asks of the engine, defaults filled in. The model must be free of problems. */
export function toDesired(model: Model, facts: Facts): Desired {
  const { cipher = NO_CIPHER } = facts;
  const lacpPriority = model.lacpSystemPriority ?? model.lacpPriority ?? DEFAULT_PRIORITY;
  return {
    deviceMac: facts.deviceMac,
    lacpPriority,
    interfaces: physicalsOf(model).map(([name, physical]) => desiredInterface(name, physical, facts.bindings)),
    trunks: trunksOf(model).map(([id, trunk]) => ({
      ...desiredTrunk(id, trunk, lacpPriority, facts.deviceMac),
      etrunk: desiredMembership(model, id, trunk),
      subInterfaces: desiredSubInterfaces(model, id),
      backup: desiredBackup(trunk),
      flush: desiredFlushSending(model, trunk, cipher),
    })),
    ...desiredEtrunks(model, cipher),
    flushPorts: desiredFlushPorts(model, cipher),
    network: desiredNetwork(model, facts.bindings),
  };
}

function desiredInterface(name: string, physical: PhysicalModel, bindings: Bindings): DesiredInterface {
  const { ethTrunk } = physical;
  return {
    name,
    device: deviceOf(name, physical, bindings),
    shutdown: physical.shutdown ?? false,
    description: physical.description,
    speed: physical.speed ?? speedOfType(parseInterfaceName(name)!),
    member: ethTrunk && {
      trunk: ethTrunk.id,
      active: ethTrunk.mode !== "passive",
      priority: physical.lacpPriority ?? DEFAULT_PRIORITY,
      weight: physical.distributeWeight ?? 1,
      forceUp: physical.lacpForceUp ?? false,
      isMaster: physical.portMaster ?? false,
    },
  };
}

const HASH_PROFILES: { readonly [command in NonNullable<TrunkModel["loadBalance"]>]: HashProfile } = {
  "src-dst-ip": "src-dst-ip",
  "src-dst-mac": "src-dst-mac",
  "packet-all": "packet-all",
  "symmetric-hash": "symmetric",
  "symmetric-hash complement": "symmetric-complement",
};

const MODES = { "manual load-balance": "manual", "manual backup": "backup", "lacp-static": "static" } as const;

function desiredTrunk(id: number, trunk: TrunkModel, devicePriority: number, deviceMac: Mac): DesiredTrunk {
  const { leastActiveBandwidth, leastActiveLinknumber, loadBalance } = trunk;
  return {
    id,
    mode: MODES[trunk.mode ?? "manual load-balance"],
    shutdown: trunk.shutdown ?? false,
    description: trunk.description,
    leastLinks: leastActiveBandwidth === undefined ? (leastActiveLinknumber ?? 1) : undefined,
    leastBandwidth: leastActiveBandwidth,
    hash: loadBalance === undefined ? "flow" : HASH_PROFILES[loadBalance],
    mac: trunk.macAddress === undefined ? undefined : parseMac(trunk.macAddress),
    mtu: trunk.mtu,
    lacp: desiredLacp(trunk, devicePriority, deviceMac),
  };
}

function desiredLacp(trunk: TrunkModel, devicePriority: number, deviceMac: Mac): DesiredLacp {
  const { lacpTimeout = "slow", lacpPreemptDelay = DEFAULT_PREEMPT_DELAY } = trunk;
  const timeouts = { slow: LONG_TIMEOUT_TIME, fast: SHORT_TIMEOUT_TIME };
  return {
    systemPriority: trunk.lacpPriority ?? devicePriority,
    systemId: trunk.lacpSystemId === undefined ? deviceMac : parseMac(trunk.lacpSystemId)!,
    maxLinks: trunk.maxActiveLinknumber ?? DEFAULT_MOST_LINKS,
    preemptDelay: trunk.lacpPreemptEnable ? seconds(lacpPreemptDelay) : undefined,
    fast: lacpTimeout !== "slow",
    timeout: typeof lacpTimeout === "number" ? seconds(lacpTimeout) : timeouts[lacpTimeout],
    selectBy: trunk.lacpSelected ?? "priority",
    mixedRate: trunk.lacpMixedRateLinkEnable ?? false,
    collectorMaxDelay: trunk.lacpCollectorDelay ?? 0,
    portIdExtension: trunk.lacpPortIdExtensionEnable ?? false,
    portKey: trunk.lacpPortkey,
    independentControl: trunk.lacpIndependentControlEnable ?? false,
  };
}
