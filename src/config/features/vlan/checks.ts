import type { Bindings, Kernel } from "../../facts.js";
import type { Change, CheckContext, Finding, Path } from "../../feature.js";
import { vlanList, withoutVlans } from "../../language/network-parameters.js";
import { type Fields, filled, type Settings } from "../../language/setting.js";
import { needsFirst, needsLayer2, needsLayer3, noVlanDevices } from "../../texts.js";
import { deviceOf } from "../interfaces/devices.js";
import { at, interfaceOf, kindOf, numberOf, physicalsOf, switchPortsOf, vlanifsOf } from "../interfaces/slice.js";
import { LAYER_3 } from "../layer3/address-rows.js";
import { bridgePortsOf, type SwitchPort, type VlanSlice, vlanExists, vlansOfPort, vlansThere } from "./ports.js";
import { LAYER_2, switchRows, vlanSystemRows } from "./rows.js";

type Port = NonNullable<VlanSlice["interfaces"]>[string];

/** Problems of Layer 2 mode, VLANs and the bridge. */
export const checkVlans = (model: VlanSlice, { bindings, kernel, settingsOf }: CheckContext): Finding[] => [
  ...switchPortsOf(model).flatMap(([name, port]) => checkLayer(model, name, port, settingsOf(viewOf(name)))),
  ...checkVlanifs(model),
  ...checkBridge(model, bindings, kernel),
];

const viewOf = (name: string): string => (kindOf(name) === "eth-trunk" ? "eth-trunk" : "physical");

/** Attributes of an interface that have a trait and are set. */
const settingsWith = (trait: string, record: Fields, settings: Settings): string[] =>
  Object.keys(settings).filter(
    (attribute) =>
      settings[attribute]?.traits.includes(trait) && record[attribute] !== undefined && record[attribute] !== false,
  );

function checkLayer(model: VlanSlice, name: string, port: Port, settings: Settings): Finding[] {
  // For a member the trunk's settings count; settings of its own are a problem that another check reports.
  if (port.ethTrunk !== undefined) return [];
  const wrong = (attribute: string, text: string) => ({ path: at(name, attribute), text });
  if (!port.portswitch) return settingsWith(LAYER_2, port, settings).map((attribute) => wrong(attribute, needsLayer2));
  const findings = settingsWith(LAYER_3, port, settings).map((attribute) => wrong(attribute, needsLayer3()));
  const add = (attribute: keyof SwitchPort, text: string) => findings.push(wrong(attribute, text));
  const { portDefaultVlan: own, portTrunkPvidVlan: pvid, portTrunkAllowPassVlan: allowed } = port;
  const { portLinkType: type } = filled(switchRows, port);
  if (own !== undefined && type === "trunk") add("portDefaultVlan", needsFirst("port link-type access or hybrid"));
  if (pvid !== undefined && type !== "trunk") add("portTrunkPvidVlan", needsFirst("port link-type trunk"));
  if (allowed !== undefined && type === "access")
    add("portTrunkAllowPassVlan", needsFirst("port link-type trunk or hybrid"));
  if (own !== undefined && !vlanExists(model, own)) add("portDefaultVlan", `VLAN ${own} does not exist.`);
  if (pvid !== undefined && !vlanExists(model, pvid)) add("portTrunkPvidVlan", `VLAN ${pvid} does not exist.`);
  return findings;
}

const checkVlanifs = (model: VlanSlice): Finding[] =>
  vlanifsOf(model).flatMap(([name]) => {
    const vlan = numberOf(name);
    return vlanExists(model, vlan) ? [] : [{ path: at(name), text: `VLAN ${vlan} does not exist.` }];
  });

const PLAIN = "The bridges of this kernel do not filter by VLAN";

function checkBridge(model: VlanSlice, bindings: Bindings, { vlanFiltering, vlanDevices }: Kernel): Finding[] {
  const findings: Finding[] = [];
  const { vlanBridge: bridge } = filled(vlanSystemRows, model);
  const owner = physicalsOf(model).find(([name, physical]) => deviceOf(name, physical, bindings) === bridge)?.[0];
  if (owner !== undefined) findings.push({ path: ["vlanBridge"], text: `${bridge} is bound to ${owner}.` });
  if (vlanFiltering) return findings;
  const [first, ...others] = bridgePortsOf(model).map(([name, port]) => ({ name, vlans: vlansOfPort(model, port) }));
  if (first === undefined) return findings;
  for (const { name, vlans } of others)
    if (JSON.stringify(vlans) !== JSON.stringify(first.vlans)) {
      const text = `${PLAIN}: ${name} has to carry the same VLANs as ${first.name}, in the same way.`;
      findings.push({ path: at(name, "portswitch"), text });
    }
  for (const [name] of vlanifsOf(model)) {
    const vlan = numberOf(name);
    const isTagged = first.vlans.tagged.includes(vlan);
    if (first.vlans.untagged !== vlan && !isTagged)
      findings.push({ path: at(name), text: `${PLAIN}: ${name} has to be in a VLAN that ${first.name} carries.` });
    if (isTagged && !vlanDevices)
      findings.push({ path: at(name), text: `${noVlanDevices}: ${name} has to be in the VLAN of untagged frames.` });
  }
  return findings;
}

/** The interface that needs a VLAN. */
export function portInVlan(model: VlanSlice, [collection, id]: Path): string | undefined {
  if (collection !== "vlans") return undefined;
  const port = switchPortsOf(model).find(
    ([, { portDefaultVlan, portTrunkPvidVlan }]) => `${portDefaultVlan}` === id || `${portTrunkPvidVlan}` === id,
  );
  return port?.[0] ?? vlanifsOf(model).find(([name]) => name === `Vlanif${id}`)?.[0];
}

/** A VLAN in use is not removed, and an interface with IP addresses does not join the bridge. */
export const refusesInRunning = (change: Change<VlanSlice>): string | undefined =>
  refusesVlans(change) ?? refusesLayer(change);

function refusesVlans({ model, attribute, value, userOf }: Change<VlanSlice>): string | undefined {
  if (attribute !== "vlanBatch") return undefined;
  for (const vlan of withoutVlans(model.vlanBatch, (value as readonly number[] | undefined) ?? [])) {
    const user = userOf(["vlans", String(vlan)]);
    if (user !== undefined) return `VLAN ${vlan} is still used by ${user}.`;
  }
  return undefined;
}

function refusesLayer({ model, position, attribute, value, settings }: Change<VlanSlice>): string | undefined {
  if (attribute !== "portswitch" || value !== true) return undefined;
  const { name } = position;
  const record: Fields = interfaceOf(model, name) ?? {};
  const [present] = settingsWith(LAYER_3, record, settings);
  if (present === undefined) return undefined;
  const [line] = settings[present]?.print(record[present]) ?? [];
  return `${name} carries configuration an interface in Layer 2 mode cannot have: ${line}`;
}

/** A trunk may name VLANs that do not exist yet, with a warning. */
export function warnOfVlans(model: VlanSlice): Finding[] {
  const there = vlansThere(model);
  return bridgePortsOf(model).flatMap(([name, { portTrunkAllowPassVlan: allowed }]) => {
    if (allowed === undefined || allowed === "all") return [];
    const missing = withoutVlans(allowed, there);
    if (missing.length === 0) return [];
    const text = `VLAN ${vlanList.print(missing)} does not exist yet; what exists is carried.`;
    return [{ path: at(name, "portTrunkAllowPassVlan"), text }];
  });
}
