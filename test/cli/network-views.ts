// What a daemon answers about interfaces and VLANs, complete and overridable field by field.
import type { InterfaceView, VlanView } from "../../src/daemon/questions.js";

/** A trunk of two gigabit links with an address, one of them carrying. */
export const interfaceLine = (parts: Partial<InterfaceView> = {}): InterfaceView => ({
  name: "Eth-Trunk1",
  kind: "eth-trunk",
  interface: "eth-trunk1",
  ifindex: 14,
  physicalState: "up",
  protocolState: "up",
  spoofing: false,
  etrunkDown: false,
  description: "to CE",
  layer: 3,
  ethTrunk: null,
  vlan: null,
  mac: "00:e0:fc:12:34:56",
  mtu: 1500,
  bandwidth: 2_000,
  currentBandwidth: 1_000,
  hashArithmetic: "According to flow",
  ports: [
    { name: "GigabitEthernet0/1/1", status: "Selected", weight: 1 },
    { name: "GigabitEthernet0/1/2", status: "Unselect", weight: 2 },
  ],
  ipv4: [
    { address: "10.1.1.1", length: 24 },
    { address: "10.1.2.1", length: 24 },
  ],
  ipv6Enabled: true,
  ipv6: [
    { address: "2001:db8::1", length: 64 },
    { address: "fe80::1", length: 64 },
  ],
  lastUp: "2026-01-26T05:42:37.000Z",
  lastDown: "2026-01-26T05:42:30.000Z",
  counters: {
    bytesReceived: 1_000_000,
    framesReceived: 10_000,
    inErrors: 0,
    inDiscards: 3,
    multicastReceived: 12,
    bytesSent: 2_000_000,
    framesSent: 20_000,
    outErrors: 1,
    outDiscards: 0,
  },
  rates: { bitsReceived: 1_000_000, framesReceived: 100, bitsSent: 500_000_000, framesSent: 50_000 },
  ...parts,
});

/** A member that is held down: the other one of a 1:1 trunk works. */
export const member = interfaceLine({
  name: "GigabitEthernet0/1/2",
  kind: "physical",
  interface: "eth2",
  ifindex: 3,
  physicalState: "standby",
  protocolState: "down",
  description: null,
  ethTrunk: 1,
  bandwidth: 1_000,
  hashArithmetic: null,
  ports: [],
  ipv4: [],
  ipv6Enabled: false,
  ipv6: [],
  rates: null,
});

export const vlanLine = (parts: Partial<VlanView> = {}): VlanView => ({
  id: 10,
  description: null,
  vlanif: null,
  ports: [{ name: "eth3", tagged: false, pvid: true, up: true }],
  ...parts,
});
