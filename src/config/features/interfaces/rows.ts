import { parseMac } from "../../../core/base/address.js";
import { integer, linuxInterface, macAddress, restOfLine } from "../../language/parameters.js";
import { flag, number, text } from "../../language/setting-kinds.js";

/** Trait of what a member of an Eth-Trunk can be given; everything else belongs to its trunk. */
export const MEMBER = "member";

export const description = text("description <text>", restOfLine(1, 242), {
  help: "Description of the interface",
  traits: [MEMBER],
  desired: (description) => ({ description }),
});

/** What any Ethernet interface can be given. */
export const deviceRows = {
  macAddress: text("mac-address <mac>", macAddress, {
    help: "MAC address of the interface",
    desired: (mac) => ({ mac: mac === undefined ? undefined : parseMac(mac) }),
  }),
  mtu: number("mtu <octets>", integer(46, 9600), {
    help: "Greatest packet",
    unit: "octets, the default is what the interface came with; a member has its trunk's",
    traits: [MEMBER],
    desired: (mtu) => ({ mtu }),
  }),
};

/** View of a physical interface, by its VRP name or its Linux name. */
export const physicalRows = {
  linuxInterface: text("linux-interface <device>", linuxInterface, {
    help: "Linux interface this name is bound to",
    traits: [MEMBER],
  }),
  speed: number("speed <speed>", integer(10, 400_000), {
    help: "Speed for port key, bandwidth and selection",
    unit: "Mbit/s, the default is what the type of the interface says",
    traits: [MEMBER],
  }),
  shutdown: flag("shutdown", {
    help: "Take the interface down",
    printedWhenAbsent: "undo shutdown",
    traits: [MEMBER],
    desired: (shutdown) => ({ shutdown }),
  }),
  description,
  ...deviceRows,
};
