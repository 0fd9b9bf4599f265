import { integer, linuxInterface, macAddress, word } from "./language/parameters.js";
import { choice, number, text } from "./language/setting.js";
import { routeRows } from "./route-rows.js";
import { multicastRows } from "./routing-rows.js";
import { carDisable, carParameters } from "./session-car-rows.js";
import { vlanBatch } from "./vlan-view.js";

const systemPriority = integer(0, 65535);

export const DEFAULT_ETRUNK_PORT = 1025;
/** Ports from here on are the ones systems take for themselves (RFC 6335). */
const DYNAMIC_PORTS = 49_152;

const etrunkPort = (syntax: string) =>
  number(syntax, integer(1025, 65535), {
    help: "UDP port of hellos, equal at both ends",
    default: DEFAULT_ETRUNK_PORT,
    warns: (port) =>
      port >= DYNAMIC_PORTS
        ? `Ports from ${DYNAMIC_PORTS} on are given to programs by the system; ${port} may be in use one day.`
        : undefined,
  });

/** The system ID that stands for the default, the device's own. */
export const ANY_SYSTEM_ID = "ff:ff:ff:ff:ff:ff";

export const etrunkSystemId = (help: string, onlyInMode?: string) =>
  text("lacp e-trunk system-id <mac>", macAddress, {
    help,
    default: ANY_SYSTEM_ID,
    ...(onlyInMode === undefined ? {} : { onlyInMode }),
  });

export const DEFAULT_BRIDGE = "br-etrunk";

/** System view: `sysname` and the one-line commands. */
export const systemSettings = {
  vlanBatch,
  vlanBridge: text("vlan-bridge <device>", linuxInterface, {
    help: "Linux bridge of the interfaces in Layer 2 mode; one that is there is adopted",
    default: DEFAULT_BRIDGE,
  }),
  ...multicastRows,
  ...routeRows,
  whitelistSessionCarETrunkIpv4: carParameters("e-trunk-ipv4"),
  whitelistSessionCarETrunkIpv4Disable: carDisable("e-trunk-ipv4"),
  whitelistSessionCarETrunkIpv6: carParameters("e-trunk-ipv6"),
  whitelistSessionCarETrunkIpv6Disable: carDisable("e-trunk-ipv6"),
  eTrunkPort: etrunkPort("e-trunk port <port>"),
  eTrunkIpv6Port: etrunkPort("e-trunk ipv6 port <port>"),
  lacpETrunkSystemId: etrunkSystemId("LACP system ID of E-Trunk members, equal at both ends"),
  lacpETrunkPriority: number("lacp e-trunk priority <priority>", systemPriority, {
    help: "LACP system priority of E-Trunk members, equal at both ends",
    default: 32768,
  }),
  sysname: text("sysname <name>", word(1, 246, /^[^\s\p{Cc}\p{Cs}\\",!@[\]']+$/u), {
    help: "Name of the system; without it the name of the Linux host",
  }),
  lacpPriorityCommandMode: choice(
    "lacp priority-command-mode",
    { default: "lacp priority", "system-priority": "lacp system-priority" },
    { help: "Which command sets the LACP system priority", default: "default" },
  ),
  lacpPriority: number("lacp priority <priority>", systemPriority, {
    help: "LACP system priority, the smaller is better",
    default: 32768,
  }),
  lacpSystemPriority: number("lacp system-priority <priority>", systemPriority, {
    help: "LACP system priority, the smaller is better",
    default: 32768,
    needs: {
      attribute: "lacpPriorityCommandMode",
      value: "system-priority",
      command: "lacp priority-command-mode system-priority",
    },
  }),
};
