// What a daemon answers, for tests: views as the control messages have them, complete and overridable field by field.
import type {
  AlarmView,
  FlushInterfaceView,
  PartnerView,
  PortStatisticsView,
  PortView,
  ReloadView,
  TrunkView,
  VersionView,
} from "../../src/daemon/questions.js";

export const partner: PartnerView = {
  systemPriority: 32768,
  systemId: "00:e0:fc:12:34:60",
  portPriority: 32768,
  portNumber: 1,
  portKey: 305,
  portState: "10111100",
};

export const port = (parts: Partial<PortView> = {}): PortView => ({
  name: "GigabitEthernet0/1/2",
  interface: "eth2",
  linkUp: true,
  linkDowns: 0,
  status: "Selected",
  reason: "selected",
  portType: "1GE",
  portPriority: 32768,
  portNumber: 1,
  portKey: 305,
  portState: "10111100",
  collecting: true,
  distributing: true,
  weight: 1,
  reference: true,
  highPriority: true,
  role: null,
  framesReceived: 1,
  framesSent: 2,
  bytesReceived: 64,
  bytesSent: 128,
  receiveState: "CURRENT",
  muxState: "COLLECTING_DISTRIBUTING",
  actorChurn: false,
  partnerChurn: false,
  partner,
  ...parts,
});

/** Eth-Trunk 1 of the documented example's DeviceA. */
export const trunk = (parts: Partial<TrunkView> = {}): TrunkView => ({
  id: 1,
  mode: "static",
  operState: "up",
  systemPriority: 32768,
  systemId: "00:e0:fc:12:34:55",
  systemIdSource: "Local",
  hashArithmetic: "According to flow",
  portKeyMode: "Auto",
  timeout: "slow",
  timeoutSeconds: 90,
  etrunk: null,
  memberState: null,
  workingState: null,
  preemptDelay: null,
  leastActive: 1,
  leastBandwidth: null,
  maxActive: 16,
  upPorts: 1,
  ports: [port()],
  ...parts,
});

export const manualTrunk = trunk({
  id: 20,
  mode: "manual",
  ports: [
    port({ name: "GigabitEthernet1/0/1", status: "Up" }),
    port({ name: "GigabitEthernet1/0/2", status: "Offline", reason: "no such interface", interface: null, weight: 2 }),
  ],
});

export const statistics = (parts: Partial<PortStatisticsView> = {}): PortStatisticsView => ({
  name: "GigabitEthernet1/0/1",
  lacpduReceived: 17,
  lacpduSent: 189,
  lacpduErrors: 0,
  markerReceived: 0,
  markerSent: 0,
  markerErrors: 0,
  unknownReceived: 0,
  markerResponsesReceived: 0,
  markerResponsesSent: 0,
  illegalReceived: 0,
  actorChurnCount: 0,
  partnerChurnCount: 0,
  actorSyncTransitions: 0,
  partnerSyncTransitions: 0,
  partnerChanges: 0,
  keyZeroReceived: 0,
  faults: {},
  ...parts,
});

export const alarm = (parts: Partial<AlarmView> = {}): AlarmView => ({
  sequence: 12,
  id: "0x0A000002",
  name: "hwLacpTotalLinkLoss",
  level: "Critical",
  since: "2026-11-20T12:14:15.678Z",
  text: "Eth-Trunk2 has no link left.",
  ...parts,
});

export const reload = (parts: Partial<ReloadView> = {}): ReloadView => ({
  time: "2026-11-20T12:14:15.678Z",
  outcome: "applied",
  changed: ["interfaces.eth1.description"],
  problems: [],
  ...parts,
});

export const version: VersionView = {
  version: "0.1.0",
  node: "v20.20.2",
  kernel: "6.1.0-18-amd64",
  uptime: 3 * 86_400 + 4 * 3_600 + 5 * 60 + 59,
  systemMac: "00:e0:fc:12:34:55",
  sysname: "DeviceA",
  forwardingReason: null,
  forwarding: "none",
  link: "ring",
  loopDelay: { p99: 1.5, max: 20 },
};

/** The documented example of `display smart-link flush`. */
export const flushInterface = (parts: Partial<FlushInterfaceView> = {}): FlushInterfaceView => ({
  name: "GigabitEthernet1/0/1",
  received: 1191,
  sent: 0,
  dropped: 2,
  drops: { auth: 2 },
  lastReason: "auth",
  lastInterface: "GigabitEthernet1/0/1",
  lastTime: "2026-01-27T05:42:37.000Z",
  lastSource: "00:e0:fc:12:34:56",
  lastControlVlan: 311,
  ...parts,
});
