import { type Action, action, type Effect, refuse, type Step } from "./action.js";
import { positionOf } from "./interface-actions.js";
import { vlanId, withoutVlans, withVlans } from "./language/network-parameters.js";
import { interfaceList } from "./language/parameters.js";
import { type Model, type Path, switchPortsOf, type TrunkModel } from "./model.js";
import { DEFAULT_VLAN } from "./vlan-view.js";

/** One that has a view of its own is there. */
export const vlanExists = (model: Model, vlan: number): boolean =>
  vlan === DEFAULT_VLAN || (model.vlanBatch?.includes(vlan) ?? false) || Object.hasOwn(model.vlans ?? {}, String(vlan));

/** What needs a VLAN, as refusals call it; undefined: nothing. */
function userOfVlan(model: Model, vlan: number): string | undefined {
  for (const [name, port] of switchPortsOf(model)) {
    const { portDefaultVlan, portTrunkPvidVlan } = port;
    const flush = "smartLinkFlushSendVlan" in port ? port.smartLinkFlushSendVlan?.vlan : undefined;
    if (portDefaultVlan === vlan || portTrunkPvidVlan === vlan || flush === vlan) return name;
  }
  const vlanif = `Vlanif${vlan}`;
  return Object.hasOwn(model.interfaces ?? {}, vlanif) ? vlanif : undefined;
}

/** Why VLANs must not go; undefined when they may. */
export function vlansStay(model: Model, gone: readonly number[]): string | undefined {
  for (const vlan of gone) {
    const user = userOfVlan(model, vlan);
    if (user !== undefined) return `VLAN ${vlan} is still used by ${user}.`;
  }
  return undefined;
}

const parameters = { vlan: { type: vlanId, help: "Number of the VLAN" } };

/** System view: `vlan` and `undo vlan`. */
export const vlanActions: readonly Action[] = [
  action("vlan <vlan>", {
    help: "Enter the view of a VLAN; creates it",
    words: { vlan: "Virtual LAN" },
    parameters,
    run({ model, match }): Effect {
      const vlan = match.values.vlan as number;
      if (vlan !== DEFAULT_VLAN) model.vlanBatch = withVlans(model.vlanBatch, [vlan]);
      return { ok: true, position: { view: "vlan", name: String(vlan) }, wrote: [["vlanBatch"]] };
    },
  }),
  action("undo vlan <vlan>", {
    help: "Remove a VLAN",
    words: { vlan: "Remove a VLAN" },
    parameters,
    run({ model, match, position, how }): Effect {
      const vlan = match.values.vlan as number;
      if (vlan === DEFAULT_VLAN) return refuse(`VLAN ${vlan} cannot be removed.`);
      if (!vlanExists(model, vlan)) return refuse(`VLAN ${vlan} does not exist.`);
      const refusal = how === "typed" ? vlansStay(model, [vlan]) : undefined;
      if (refusal !== undefined) return refuse(refusal);
      const left = withoutVlans(model.vlanBatch, [vlan]);
      if (left.length > 0) model.vlanBatch = left;
      else delete model.vlanBatch;
      delete model.vlans?.[String(vlan)];
      return { ok: true, position, wrote: [["vlanBatch"], ["vlans", String(vlan)]] };
    },
  }),
];

const members = { members: { type: interfaceList, help: "Interface, or a type and numbers: 0/1/1 0/1/3 to 0/1/5" } };

/** VLAN view: its untagged ports, told from its side. It is stored with them, as `port default vlan`. */
export const vlanPortActions: readonly Action[] = [
  action("port <members>", {
    help: "Make it the VLAN of untagged frames of interfaces",
    parameters: members,
    run: (step) =>
      eachPort(step, (port, vlan) => {
        if (vlan === DEFAULT_VLAN) delete port.portDefaultVlan;
        else port.portDefaultVlan = vlan;
      }),
  }),
  action("undo port <members>", {
    help: "Give interfaces back to VLAN 1",
    words: { port: "Give interfaces back to VLAN 1" },
    parameters: members,
    run: (step) =>
      eachPort(step, (port, vlan) => {
        if (port.portDefaultVlan === vlan) delete port.portDefaultVlan;
      }),
  }),
];

function eachPort({ model, match, position }: Step, write: (port: TrunkModel, vlan: number) => void): Effect {
  const wrote: Path[] = [];
  for (const name of match.values.members as readonly string[]) {
    const at = positionOf(name);
    if (typeof at === "string") return refuse(at);
    if (at.view !== "eth-trunk" && at.view !== "physical") return refuse(`${name} cannot be a port of a VLAN.`);
    if (!Object.hasOwn(model.interfaces ?? {}, name)) return refuse(`${name} does not exist.`);
    write(model.interfaces![name] as TrunkModel, Number(position.name));
    wrote.push(["interfaces", name, "portDefaultVlan"]);
  }
  return { ok: true, position, wrote };
}
