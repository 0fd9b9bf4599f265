import { integer } from "../../config/language/parameters.js";
import type { VlanView } from "../../daemon/questions.js";
import { Refused } from "../client.js";
import { columns, rule } from "../layout.js";
import { excerpt } from "./row.js";

/** Interfaces in one line. */
const PORTS_IN_A_LINE = 3;

/** `display vlan [ <v> ]`. */
function displayVlans(vlans: readonly VlanView[]): string {
  const head = columns(0, 6, 30);
  return [
    `The total number of VLANs is: ${vlans.length}`,
    "U: Up  D: Down  UT: Untagged  TG: Tagged  (p): PVID of the port",
    rule(),
    head("VID", "Interface", "Description"),
    rule(),
    ...vlans.flatMap(({ id, vlanif, description, ports }) => [
      head(id, vlanif ?? "-", description ?? "-"),
      ...portLines(
        "UT",
        ports.filter(({ tagged }) => !tagged),
      ),
      ...portLines(
        "TG",
        ports.filter(({ tagged }) => tagged),
      ),
    ]),
    rule(),
    "",
  ].join("\n");
}

function portLines(kind: string, ports: VlanView["ports"]): string[] {
  const row = columns(6, 10, 34, 58);
  const texts = ports.map(({ name, up, pvid }) => `${name}(${up ? "U" : "D"})${pvid ? "(p)" : ""}`);
  const lines: string[] = [];
  for (let at = 0; at < texts.length; at += PORTS_IN_A_LINE)
    lines.push(row(at === 0 ? `${kind}:` : "", ...texts.slice(at, at + PORTS_IN_A_LINE)));
  return lines;
}

export const vlanRows = [
  excerpt("display vlan [ <vlan> ]", {
    help: "VLANs and the ports that carry them",
    parameters: { vlan: { type: integer(1, 4094), help: "One VLAN" } },
    ask: () => ["vlans", {}],
    document: ({ vlans }, { values: { vlan } }) => {
      if (vlan === undefined) return { vlans };
      const one = vlans.find(({ id }) => id === vlan);
      if (one === undefined) throw new Refused(`VLAN ${vlan} does not exist`);
      return one;
    },
    show: (document) => displayVlans("vlans" in document ? document.vlans : [document]),
  }),
];
