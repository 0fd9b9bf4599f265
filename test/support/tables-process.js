// Empties tables inside another kernel: `node tables-process.js BRIDGE INTERFACE,.. VLAN,..|all`. Prints {failed} for
// each refusal, and {emptied} at the end.
import { addon } from "../../dist/linux/native/addon.js";
import { openTables } from "../../dist/linux/tables.js";

const [bridge, ports, vlans] = process.argv.slice(2);
const netlink = addon().netlinkOpen();
const indexOf = (name) => addon().linkGet(netlink, name).index;
const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const tables = openTables({ refused: (_, text) => print({ failed: text }) });
tables.flush({
  bridge: indexOf(bridge),
  ports: ports.split(",").map(indexOf),
  vlans: vlans === "all" ? "all" : vlans.split(",").map(Number),
  above: [],
});
tables.close();
print({ emptied: true });
