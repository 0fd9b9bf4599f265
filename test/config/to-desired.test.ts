import { describe, expect, test } from "vitest";
import type { InterfaceModel, Model } from "../../src/config/model.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import { seconds } from "../../src/core/base/time.js";

const DEVICE_MAC = 0x00e0fc123455 as Mac;
const desired = (model: Model, bindings: [string, string][] = []) =>
  toDesired(model, { deviceMac: DEVICE_MAC, bindings: new Map(bindings) });
const trunk = (settings: InterfaceModel, device: Model = {}) =>
  desired({ ...device, interfaces: { "Eth-Trunk1": settings } }).trunks[0]!;

/** What is policed, whatever is configured. */
const CAR = { cir: 128, cbs: 25_600, pir: 1_500, pbs: 187_500 };
const NO_NETWORK = { interfaces: [], bridge: undefined, routes: [] };
const NOTHING_ELSE = {
  network: NO_NETWORK,
  etrunks: [],
  bfdSessions: [],
  sessionCar: { etrunkIpv4: CAR, etrunkIpv6: CAR },
  flushPorts: [],
  rbs: [],
  rbsProfiles: [],
};

test("an empty configuration wants nothing", () => {
  const nothing = { deviceMac: DEVICE_MAC, lacpPriority: 32768, interfaces: [], trunks: [], ...NOTHING_ELSE };
  expect(desired({})).toEqual(nothing);
});

test("a bare trunk and a bare member have every default", () => {
  const { model } = readConfiguration("interface Eth-Trunk1\ninterface GE0/1/2\n eth-trunk 1");
  expect(desired(model)).toEqual({
    ...NOTHING_ELSE,
    deviceMac: DEVICE_MAC,
    lacpPriority: 32768,
    neighbourExpireTimes: { "Eth-Trunk1": 1_200 },
    interfaces: [
      {
        name: "GigabitEthernet0/1/2",
        device: undefined,
        shutdown: false,
        description: undefined,
        speed: 1000,
        member: { trunk: 1, active: true, priority: 32768, weight: 1, forceUp: false, isMaster: false },
      },
    ],
    trunks: [
      {
        id: 1,
        mode: "manual",
        shutdown: false,
        description: undefined,
        leastLinks: 1,
        leastBandwidth: undefined,
        hash: "flow",
        subInterfaces: [],
        lacp: {
          systemPriority: 32768,
          systemId: DEVICE_MAC,
          maxLinks: 16,
          preemptDelay: undefined,
          fast: false,
          timeout: seconds(90),
          selectBy: "priority",
          mixedRate: false,
          collectorMaxDelay: 0,
          portIdExtension: false,
          portKey: undefined,
          independentControl: false,
          dampsFlapping: false,
          refusesStrangers: true,
        },
      },
    ],
  });
});

test("whatever is configured arrives", () => {
  const { model, problems } = readConfiguration(`lacp priority 5
interface Eth-Trunk1
 mode lacp-static
 shutdown
 description t
 least active-bandwidth 3000
 max active-linknumber 2
 load-balance src-dst-mac
 lacp timeout fast
 lacp preempt enable
 lacp preempt delay 0
 lacp selected speed
 lacp system-id 2-3-4
 lacp priority 6
 lacp portkey 7
 lacp collector delay 8
 lacp mixed-rate link enable
 lacp port-id-extension enable
 lacp independent-control enable
interface eth1
 shutdown
 description p
 speed 2500
 eth-trunk 1 mode passive
 lacp priority 9
 lacp force-up
 distribute-weight 10`);
  expect(problems).toEqual([]);
  const { interfaces, trunks, lacpPriority } = desired(model);
  expect(lacpPriority).toBe(5);
  expect(interfaces).toEqual([
    {
      name: "eth1",
      device: "eth1",
      shutdown: true,
      description: "p",
      speed: 2500,
      member: { trunk: 1, active: false, priority: 9, weight: 10, forceUp: true, isMaster: false },
    },
  ]);
  expect(trunks).toEqual([
    {
      id: 1,
      mode: "static",
      shutdown: true,
      description: "t",
      leastLinks: undefined,
      leastBandwidth: 3000,
      subInterfaces: [],
      hash: "src-dst-mac",
      lacp: {
        systemPriority: 6,
        systemId: 0x000200030004,
        maxLinks: 2,
        preemptDelay: seconds(0),
        fast: true,
        timeout: seconds(3),
        selectBy: "speed",
        mixedRate: true,
        collectorMaxDelay: 8,
        portIdExtension: true,
        portKey: 7,
        independentControl: true,
        dampsFlapping: false,
        refusesStrangers: true,
      },
    },
  ]);
});

describe("a trunk", () => {
  test("takes the device's system priority, by either spelling, unless it has its own", () => {
    expect(trunk({}, { lacpPriority: 3 }).lacp.systemPriority).toBe(3);
    expect(trunk({}, { lacpSystemPriority: 4, lacpPriorityCommandMode: "system-priority" }).lacp.systemPriority).toBe(
      4,
    );
    expect(trunk({ lacpPriority: 0 }, { lacpPriority: 3 }).lacp.systemPriority).toBe(0);
  });

  test("waits 30 s before it preempts, unless told otherwise", () => {
    expect(trunk({ lacpPreemptEnable: true }).lacp.preemptDelay).toBe(seconds(30));
    expect(trunk({ lacpPreemptEnable: true, lacpPreemptDelay: 180 }).lacp.preemptDelay).toBe(seconds(180));
  });

  test("damps ports that flap where it is asked to", () => {
    expect(trunk({ lacpDampeningStateFlapping: true }).lacp.dampsFlapping).toBe(true);
  });

  test("heeds the partner alone, unless told otherwise", () => {
    expect(trunk({}).lacp.refusesStrangers).toBe(true);
    expect(trunk({ lacpDampeningUnexpectedMacDisable: true }).lacp.refusesStrangers).toBe(false);
  });

  test("with a timeout of its own asks for fast PDUs", () => {
    expect(trunk({ lacpTimeout: 45 }).lacp).toMatchObject({ fast: true, timeout: seconds(45) });
  });

  test.for([
    ["src-dst-ip", "src-dst-ip"],
    ["src-dst-mac", "src-dst-mac"],
    ["packet-all", "packet-all"],
    ["symmetric-hash", "symmetric"],
    ["symmetric-hash complement", "symmetric-complement"],
  ] as const)("spreads by %s as %s", ([loadBalance, hash]) => {
    expect(trunk({ loadBalance }).hash).toBe(hash);
  });
});

test("a device is the Linux name itself, what the command line binds, or what the view binds", () => {
  const model: Model = {
    interfaces: {
      "GigabitEthernet0/1/1": { linuxInterface: "eth3" },
      "GigabitEthernet0/1/2": { linuxInterface: "eth4" },
      "10GE1/0/1": {},
      eth9: {},
    },
  };
  const bindings: [string, string][] = [
    ["GigabitEthernet0/1/2", "eth5"],
    ["10GE1/0/1", "eth6"],
    ["eth9", "eth7"],
  ];
  expect(desired(model, bindings).interfaces.map(({ name, device, speed }) => [name, device, speed])).toEqual([
    ["GigabitEthernet0/1/1", "eth3", 1000],
    ["GigabitEthernet0/1/2", "eth5", 1000],
    ["10GE1/0/1", "eth6", 10_000],
    ["eth9", "eth9", undefined],
  ]);
});
