import { expect, test } from "vitest";
import type { Model } from "../../src/config/model.js";
import { printConfiguration, sectionsOf } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";

/** Everything that can be set, as it is printed. */
const EVERYTHING = `#
sysname PE1
#
lacp priority-command-mode system-priority
lacp system-priority 7
#
interface Eth-Trunk1
 shutdown
 description to CE
 mode lacp-static
 least active-linknumber 2
 max active-linknumber 4
 max bandwidth-affected-linknumber 8
 load-balance symmetric-hash complement
 lacp timeout fast user-defined 9
 lacp preempt enable
 lacp preempt delay 5
 lacp selected speed
 lacp system-id 00e0-fc12-3456
 lacp priority 1
 lacp portkey 99
 lacp collector delay 3
 lacp mixed-rate link enable
 lacp port-id-extension enable
 lacp dampening state-flapping
 lacp dampening unexpected-mac disable
 lacp independent-control enable
 lacp unique-port-number enable
 lacp trunk-down-delay enable
 lacp backup-mode enable
 lacp port-role master
 lacp track vrrp vrid 1
 lacp vrrp priority 5
#
interface Eth-Trunk10
 least active-bandwidth 1500
#
interface GigabitEthernet0/1/2
 linux-interface eth2
 speed 100
 undo shutdown
 description first
 eth-trunk 1 mode passive
 distribute-weight 3
 lacp priority 10
 lacp force-up
#
interface NULL0
#
interface eth7
 shutdown
 eth-trunk 10
#
return
`;

test("lines are printed in the documented order, and read again as they were", () => {
  const { model, problems } = readConfiguration(EVERYTHING);
  expect(problems).toEqual([]);
  expect(printConfiguration(model)).toBe(EVERYTHING);
  // The same lines in any other order within their views.
  const [first, ...sections] = EVERYTHING.split("#\n").slice(0, -1);
  const shuffled = sections.reverse().map((section) => {
    const [viewLine, ...lines] = section.trimEnd().split("\n");
    return viewLine?.startsWith("interface") ? [viewLine, ...lines.reverse()].join("\n") : section.trimEnd();
  });
  const other = readConfiguration([first, ...shuffled].join("\n#\n"));
  expect(other.problems).toEqual([]);
  expect(printConfiguration(other.model)).toBe(EVERYTHING);
});

test("the head is two comment lines, which are read as nothing", () => {
  const model: Model = { sysname: "x" };
  const head = { version: "0.1.0", updated: { at: "2026-01-02 03:04:05+00:00", by: "root" } };
  const text = printConfiguration(model, { head });
  expect(text.split("\n").slice(0, 4)).toEqual([
    "!Software Version etrunkd 0.1.0",
    "!Last configuration was updated at 2026-01-02 03:04:05+00:00 by root",
    "#",
    "sysname x",
  ]);
  expect(readConfiguration(text)).toEqual({ model, problems: [], notices: [] });
});

test("a physical interface that is up says so, a trunk does not", () => {
  expect([...sectionsOf({ interfaces: { "Eth-Trunk1": {}, eth1: {}, eth2: { shutdown: true } } })]).toEqual([
    { viewLine: "interface Eth-Trunk1", lines: [] },
    { viewLine: "interface NULL0", lines: [] },
    { viewLine: "interface eth1", lines: [{ attribute: "shutdown", text: "undo shutdown" }] },
    { viewLine: "interface eth2", lines: [{ attribute: "shutdown", text: "shutdown" }] },
  ]);
});

test("an attribute that holds its default is not printed", () => {
  expect([
    ...sectionsOf({ lacpPriority: 32768, interfaces: { eth1: { shutdown: false, distributeWeight: 1 } } }),
  ]).toEqual([...sectionsOf({ interfaces: { eth1: {} } })]);
});
