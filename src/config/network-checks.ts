import { isGroupMac, parseMac } from "../core/base/address.js";
import { LONGEST_DEVICE, trunkName } from "../core/base/trunk-names.js";
import { type Bindings, deviceOf, mainDevice, mainOf, subInterfaceDevice } from "./devices.js";
import type { Finding } from "./finding.js";
import { parseInterfaceName } from "./language/interface-name.js";
import { maskedAddress } from "./language/network-parameters.js";
import {
  interfaceOf,
  type Model,
  type PhysicalModel,
  physicalsOf,
  type SubInterfaceModel,
  subInterfacesOf,
  switchPortsOf,
  type TrunkModel,
  vlanifsOf,
} from "./model.js";
import { bridgePortsOf, type SwitchPort, vlansOfPort } from "./switch-ports.js";
import { DEFAULT_BRIDGE } from "./system-view.js";
import { LAYER_3, lineOf, MEMBER_SETTINGS, VIEWS } from "./views.js";
import { vlanExists } from "./vlan-actions.js";

/** What this machine can, asked at the start. */
export interface Kernel {
  /** Its bridges filter by VLAN. */
  readonly vlanFiltering: boolean;
  /** It has 802.1Q devices. */
  readonly vlanDevices: boolean;
  /** The data plane of the trunks pushes and pops tags. */
  readonly pushesTags: boolean;
}

/** A machine that can everything: where nobody was asked. */
export const ANY_KERNEL: Kernel = { vlanFiltering: true, vlanDevices: true, pushesTags: true };

/** What does not fit together about addresses, Layer 2 mode, VLANs and sub-interfaces. */
export function checkNetwork(model: Model, bindings: Bindings, kernel: Kernel): Finding[] {
  const subs = new Map(subInterfacesOf(model).map(([name]) => [mainOf(name).text, name]));
  return [
    ...physicalsOf(model).flatMap(([name, physical]) => checkMember(name, physical, subs.get(name))),
    ...switchPortsOf(model).flatMap(([name, port]) => checkLayer(model, name, port)),
    ...checkVlans(model),
    ...checkSubInterfaces(model, bindings, kernel),
    ...checkAddresses(model),
    ...checkMulticast(model),
    ...checkBridge(model, bindings, kernel),
  ];
}

const needs = (command: string): string => `The command needs ${command} first.`;
const at = (name: string, attribute?: string): string[] =>
  attribute === undefined ? ["interfaces", name] : ["interfaces", name, attribute];

function checkMember(name: string, physical: PhysicalModel, sub: string | undefined): Finding[] {
  if (physical.ethTrunk === undefined) return [];
  const findings: Finding[] = [];
  const add = (line: string) =>
    findings.push({ path: at(name, "ethTrunk"), text: `${name} carries configuration a member cannot have: ${line}` });
  for (const [attribute, value] of Object.entries(physical)) {
    const setting = VIEWS.physical.settings[attribute];
    if (setting === undefined || MEMBER_SETTINGS.has(attribute)) continue;
    if (value !== false && value !== setting.default) add(lineOf("physical", attribute, value));
  }
  if (sub !== undefined) add(`interface ${sub}`);
  return findings;
}

const LAYER_2: readonly (keyof TrunkModel)[] = [
  "detectActiveLinkEnable",
  "portLinkType",
  "portDefaultVlan",
  "portTrunkPvidVlan",
  "portTrunkAllowPassVlan",
];

const LAYER_2_MODE = "The interface must be in Layer 2 mode. Run portswitch first.";
const LAYER_3_MODE = "The interface must be in Layer 3 mode. Run undo portswitch first.";

function checkLayer(model: Model, name: string, port: PhysicalModel | TrunkModel): Finding[] {
  // Of a member the trunk's settings count, and that it has its own is said already.
  if ("ethTrunk" in port && port.ethTrunk !== undefined) return [];
  const isSet = (attribute: keyof TrunkModel) => {
    const value = (port as TrunkModel)[attribute];
    return value !== undefined && value !== false;
  };
  if (!port.portswitch)
    return LAYER_2.filter(isSet).map((attribute) => ({ path: at(name, attribute), text: LAYER_2_MODE }));
  const findings = LAYER_3.filter(isSet).map((attribute) => ({ path: at(name, attribute), text: LAYER_3_MODE }));
  const add = (attribute: keyof SwitchPort, text: string) => findings.push({ path: at(name, attribute), text });
  const { portLinkType: type = "hybrid", portDefaultVlan: own, portTrunkPvidVlan: pvid } = port;
  if (isSet("portDefaultVlan") && type === "trunk") add("portDefaultVlan", needs("port link-type access or hybrid"));
  if (isSet("portTrunkPvidVlan") && type !== "trunk") add("portTrunkPvidVlan", needs("port link-type trunk"));
  if (isSet("portTrunkAllowPassVlan") && type === "access")
    add("portTrunkAllowPassVlan", needs("port link-type trunk or hybrid"));
  if (own !== undefined && !vlanExists(model, own)) add("portDefaultVlan", `VLAN ${own} does not exist.`);
  if (pvid !== undefined && !vlanExists(model, pvid)) add("portTrunkPvidVlan", `VLAN ${pvid} does not exist.`);
  return findings;
}

function checkVlans(model: Model): Finding[] {
  return vlanifsOf(model).flatMap(([name]) => {
    const vlan = parseInterfaceName(name)!.numbers[0]!;
    return vlanExists(model, vlan) ? [] : [{ path: at(name), text: `VLAN ${vlan} does not exist.` }];
  });
}

const NO_VLAN_DEVICES = "This kernel has no 802.1Q devices";

function checkSubInterfaces(model: Model, bindings: Bindings, kernel: Kernel): Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [name, sub] of subInterfacesOf(model)) {
    const add = (text: string, attribute?: keyof SubInterfaceModel) =>
      findings.push({ path: at(name, attribute), text });
    const main = mainOf(name);
    const record = interfaceOf(model, main.text) as TrunkModel | undefined;
    if (main.kind === "eth-trunk" && record === undefined) add(`${trunkName(main.numbers[0]!)} does not exist.`);
    if (record?.portswitch) add(LAYER_3_MODE.replace("The interface", main.text));
    const device = mainDevice(model, name, bindings);
    const own = device === undefined ? "" : subInterfaceDevice(name, device);
    if (own.length > LONGEST_DEVICE) add(`The Linux name ${own} is longer than ${LONGEST_DEVICE} characters.`);
    const { vlanTypeDot1q: vlan } = sub;
    if (vlan === undefined) continue;
    const tagged = kernel.vlanDevices || (kernel.pushesTags && main.kind === "eth-trunk");
    if (!tagged) add(`${NO_VLAN_DEVICES}, and only an Eth-Trunk on eBPF can do without.`, "vlanTypeDot1q");
    const owner = owners.get(`${main.text} ${vlan}`);
    if (owner === undefined) owners.set(`${main.text} ${vlan}`, name);
    else add(`VLAN ${vlan} of ${main.text} is used by ${owner}.`, "vlanTypeDot1q");
  }
  return findings;
}

/** Addresses stand once, are a host's, and need what they are made of. */
function checkAddresses(model: Model): Finding[] {
  const findings: Finding[] = [];
  const known = new Set<string>();
  for (const [name, record] of Object.entries(model.interfaces ?? {}) as [string, PhysicalModel][]) {
    const add = (attribute: keyof PhysicalModel, text: string) => findings.push({ path: at(name, attribute), text });
    const once = (attribute: keyof PhysicalModel, address: string) => {
      if (known.has(address)) add(attribute, "The address already exists.");
      known.add(address);
    };
    const { ipAddress = [], ipv6Address = [], macAddress } = record;
    for (const { address, length } of ipAddress) {
      once("ipAddress", address);
      if (length < 31 && !isHost(address, length)) add("ipAddress", `${address} is no host's address in its network.`);
    }
    if (ipAddress.length > 0 && ipAddress.every(({ sub }) => sub)) add("ipAddress", needs("ip address without sub"));
    for (const entry of ipv6Address) {
      if (!("length" in entry)) continue;
      if (!entry.eui64) once("ipv6Address", entry.address);
      else if (entry.length > 64)
        add("ipv6Address", "The last 64 bits are the MAC address's: eui-64 needs at most /64.");
    }
    const mac = macAddress === undefined ? undefined : parseMac(macAddress);
    if (mac !== undefined && (mac === 0 || isGroupMac(mac)))
      add("macAddress", "The MAC address must be a unicast address other than all zeros.");
  }
  return findings;
}

/** Neither the network's own address nor its broadcast address. */
function isHost(address: string, length: number): boolean {
  const bits = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const hosts = 2 ** (32 - length);
  return address !== maskedAddress(address, length) && bits % hosts !== hosts - 1;
}

const MULTICAST = [
  ["pimSm", "multicastRoutingEnable", "multicast routing-enable"],
  ["pimIpv6Sm", "multicastIpv6RoutingEnable", "multicast ipv6 routing-enable"],
] as const;

function checkMulticast(model: Model): Finding[] {
  return Object.keys(model.interfaces ?? {}).flatMap((name) => {
    const record = model.interfaces![name] as PhysicalModel;
    return MULTICAST.flatMap(([attribute, global, command]) =>
      record[attribute] && !model[global] ? [{ path: at(name, attribute), text: needs(command) }] : [],
    );
  });
}

const PLAIN = "The bridges of this kernel do not filter by VLAN";

function checkBridge(model: Model, bindings: Bindings, { vlanFiltering, vlanDevices }: Kernel): Finding[] {
  const findings: Finding[] = [];
  const bridge = model.vlanBridge ?? DEFAULT_BRIDGE;
  const owner = physicalsOf(model).find(([name, physical]) => deviceOf(name, physical, bindings) === bridge)?.[0];
  if (owner !== undefined) findings.push({ path: ["vlanBridge"], text: `${bridge} is bound to ${owner}.` });
  if (vlanFiltering) return findings;
  const [first, ...others] = bridgePortsOf(model).map(([name, port]) => ({ name, vlans: vlansOfPort(model, port) }));
  for (const { name, vlans } of others)
    if (JSON.stringify(vlans) !== JSON.stringify(first!.vlans)) {
      const text = `${PLAIN}: ${name} has to carry the same VLANs as ${first!.name}, in the same way.`;
      findings.push({ path: at(name, "portswitch"), text });
    }
  for (const [name] of vlanifsOf(model)) {
    const vlan = parseInterfaceName(name)!.numbers[0]!;
    const isTagged = first?.vlans.tagged.includes(vlan) ?? false;
    if (first !== undefined && first.vlans.untagged !== vlan && !isTagged)
      findings.push({ path: at(name), text: `${PLAIN}: ${name} has to be in a VLAN that ${first.name} carries.` });
    if (isTagged && !vlanDevices)
      findings.push({ path: at(name), text: `${NO_VLAN_DEVICES}: ${name} has to be in the VLAN of untagged frames.` });
  }
  return findings;
}
