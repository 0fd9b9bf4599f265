import { type Action, action, type Effect, type Path, refuse, type Step } from "../../feature.js";
import { vlanId, withoutVlans, withVlans } from "../../language/network-parameters.js";
import { interfaceList } from "../../language/parameters.js";
import { positionOf } from "../interfaces/positions.js";
import { at, interfaceOf, ownInterfaceOf } from "../interfaces/slice.js";
import { type SwitchPort, type VlanSlice, vlanExists } from "./ports.js";
import { DEFAULT_VLAN } from "./rows.js";

const parameters = { vlan: { type: vlanId, help: "Number of the VLAN" } };

/** System view: `vlan` and `undo vlan`. */
export const vlanActions: readonly Action<VlanSlice>[] = [
  action("vlan <vlan>", {
    help: "Enter the view of a VLAN; creates it",
    words: { vlan: "Virtual LAN" },
    parameters,
    run({ model, match }: Step<VlanSlice>): Effect {
      const vlan = match.values.vlan as number;
      if (vlan !== DEFAULT_VLAN) model.vlanBatch = withVlans(model.vlanBatch, [vlan]);
      return { ok: true, position: { view: "vlan", name: String(vlan) }, wrote: [["vlanBatch"]] };
    },
  }),
  action("undo vlan <vlan>", {
    help: "Remove a VLAN",
    words: { vlan: "Remove a VLAN" },
    parameters,
    run({ model, match, position, userOf }: Step<VlanSlice>): Effect {
      const vlan = match.values.vlan as number;
      if (vlan === DEFAULT_VLAN) return refuse(`VLAN ${vlan} cannot be removed.`);
      if (!vlanExists(model, vlan)) return refuse(`VLAN ${vlan} does not exist.`);
      const user = userOf(["vlans", String(vlan)]);
      if (user !== undefined) return refuse(`VLAN ${vlan} is still used by ${user}.`);
      const left = withoutVlans(model.vlanBatch, [vlan]);
      if (left.length > 0) model.vlanBatch = left;
      else delete model.vlanBatch;
      delete model.vlans?.[String(vlan)];
      return { ok: true, position, wrote: [["vlanBatch"], ["vlans", String(vlan)]] };
    },
  }),
];

const members = { members: { type: interfaceList, help: "Interface, or a type and numbers: 0/1/1 0/1/3 to 0/1/5" } };

/** VLAN view: its untagged interfaces. The setting is stored with the interfaces, as `port default vlan`. */
export const vlanPortActions: readonly Action<VlanSlice>[] = [
  action("port <members>", {
    help: "Make it the VLAN of untagged frames of interfaces",
    parameters: members,
    run: (step: Step<VlanSlice>) =>
      eachPort(step, (port, vlan) => {
        if (vlan === DEFAULT_VLAN) delete port.portDefaultVlan;
        else port.portDefaultVlan = vlan;
      }),
  }),
  action("undo port <members>", {
    help: "Give interfaces back to VLAN 1",
    words: { port: "Give interfaces back to VLAN 1" },
    parameters: members,
    run: (step: Step<VlanSlice>) =>
      eachPort(step, (port, vlan) => {
        if (port.portDefaultVlan === vlan) delete port.portDefaultVlan;
      }),
  }),
];

function eachPort(
  { model, match, position }: Step<VlanSlice>,
  write: (port: SwitchPort, vlan: number) => void,
): Effect {
  const names: string[] = [];
  for (const name of match.values.members as readonly string[]) {
    const there = positionOf(name);
    if (typeof there === "string") return refuse(there);
    if (there.view !== "eth-trunk" && there.view !== "physical") return refuse(`${name} cannot be a port of a VLAN.`);
    if (interfaceOf(model, name) === undefined) return refuse(`${name} does not exist.`);
    names.push(name);
  }
  const wrote: Path[] = [];
  for (const name of names) {
    write(ownInterfaceOf(model, name), Number(position.name));
    wrote.push(at(name, "portDefaultVlan"));
  }
  return { ok: true, position, wrote };
}
