import { isGroupMac, parseMac } from "../../../core/base/address.js";
import { LONGEST_DEVICE, TRUNK_MTU, trunkName } from "../../../core/base/trunk-names.js";
import type { Bindings, Kernel } from "../../facts.js";
import type { CheckContext, Finding, Path } from "../../feature.js";
import { maskedAddress } from "../../language/network-parameters.js";
import { needsFirst, needsLayer3, noVlanDevices } from "../../texts.js";
import { mainDevice, mainNameOf, mainOf, subInterfaceDevice } from "../interfaces/devices.js";
import { at, interfaceOf, kindOf, numberOf, subInterfacesOf } from "../interfaces/slice.js";
import type { Layer3Slice, SubInterface } from "./slice.js";

/** Problems of sub-interfaces and addresses. */
export const checkLayer3 = (model: Layer3Slice, { bindings, kernel }: CheckContext): Finding[] => [
  ...checkSubInterfaces(model, bindings, kernel),
  ...checkAddresses(model),
];

function checkSubInterfaces(model: Layer3Slice, bindings: Bindings, kernel: Kernel): Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [name, sub] of subInterfacesOf(model)) {
    const add = (text: string, attribute?: keyof SubInterface) => findings.push({ path: at(name, attribute), text });
    const main = mainOf(name);
    const record = interfaceOf(model, main.text);
    if (main.kind === "eth-trunk" && record === undefined) add(`${trunkName(numberOf(main.text))} does not exist.`);
    if (record?.portswitch) add(needsLayer3(main.text));
    const device = mainDevice(model, name, bindings);
    const own = device === undefined ? "" : subInterfaceDevice(name, device);
    if (own.length > LONGEST_DEVICE) add(`The Linux name ${own} is longer than ${LONGEST_DEVICE} characters.`);
    const most = record?.mtu ?? (main.kind === "eth-trunk" ? TRUNK_MTU : undefined);
    if (sub.mtu !== undefined && most !== undefined && sub.mtu > most)
      add(`The MTU of ${main.text} is ${most}, and what stands on it has no greater one.`, "mtu");
    const { vlanTypeDot1q: vlan } = sub;
    if (vlan === undefined) continue;
    const tagged = kernel.vlanDevices || (kernel.pushesTags && main.kind === "eth-trunk");
    if (!tagged) add(`${noVlanDevices}, and only an Eth-Trunk on eBPF can do without.`, "vlanTypeDot1q");
    const owner = owners.get(`${main.text} ${vlan}`);
    if (owner === undefined) owners.set(`${main.text} ${vlan}`, name);
    else add(`VLAN ${vlan} of ${main.text} is used by ${owner}.`, "vlanTypeDot1q");
  }
  return findings;
}

/** Problems of addresses: given twice, no host's address, or without what they are made of. */
function checkAddresses(model: Layer3Slice): Finding[] {
  const findings: Finding[] = [];
  const known = new Set<string>();
  for (const [name, record] of Object.entries(model.interfaces ?? {})) {
    const add = (attribute: keyof SubInterface, text: string) => findings.push({ path: at(name, attribute), text });
    const once = (attribute: keyof SubInterface, address: string) => {
      if (known.has(address)) add(attribute, "The address already exists.");
      known.add(address);
    };
    const { ipAddress = [], ipv6Address = [], macAddress } = record;
    for (const { address, length } of ipAddress) {
      once("ipAddress", address);
      if (length < 31 && !isHost(address, length)) add("ipAddress", `${address} is no host's address in its network.`);
    }
    if (ipAddress.length > 0 && ipAddress.every(({ sub }) => sub))
      add("ipAddress", needsFirst("ip address without sub"));
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

/** A sub-interface of an interface. */
export function subInterfaceOn(model: Layer3Slice, [collection, name = "", attribute]: Path): string | undefined {
  if (collection !== "interfaces" || attribute !== undefined || kindOf(name) === "sub-interface") return undefined;
  return subInterfacesOf(model).find(([sub]) => mainNameOf(sub) === name)?.[0];
}
