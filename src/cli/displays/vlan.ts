import type { VlanView } from "../../daemon/questions.js";
import { columns, rule } from "./layout.js";

/** Ports a line has room for. */
const PORTS_IN_A_LINE = 3;

/** `display vlan [ <v> ]`. */
export function displayVlans(vlans: readonly VlanView[]): string {
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
