import { trunkDevice } from "../../../core/base/trunk-names.js";
import type { BridgePort, NetworkBridge } from "../../../core/contract/desired/network.js";
import type { Bindings, Facts } from "../../facts.js";
import type { DesiredPart } from "../../feature.js";
import { filled } from "../../language/setting.js";
import { deviceOf } from "../interfaces/devices.js";
import { kindOf, numberOf, vlanifsOf } from "../interfaces/slice.js";
import { bridgePortsOf, type VlanSlice, vlansOfPort } from "./ports.js";
import { vlanSystemRows } from "./rows.js";

export const desiredVlans = (model: VlanSlice, { bindings }: Facts): DesiredPart => ({
  network: { bridge: desiredBridge(model, bindings) },
});

function desiredBridge(model: VlanSlice, bindings: Bindings): NetworkBridge | undefined {
  const ports = bridgePortsOf(model).flatMap(([name, port]): BridgePort[] => {
    const device = kindOf(name) === "eth-trunk" ? trunkDevice(numberOf(name)) : deviceOf(name, port, bindings);
    return device === undefined ? [] : [{ device, vlans: vlansOfPort(model, port) }];
  });
  if (ports.length === 0 && vlanifsOf(model).length === 0) return undefined;
  return { device: filled(vlanSystemRows, model).vlanBridge, ports };
}
