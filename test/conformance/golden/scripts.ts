import { millis, seconds } from "../../../src/core/base/time.js";
import { act } from "../../support/ask.js";
import { markerFrame } from "../../support/frames.js";
import { bringUp, PARTNER_MAC, Partner, Station } from "../lacp/station.js";

const passing = (station: Station, partners: Iterable<Partner>, times: number, state?: string): void => {
  for (let n = 0; n < times; n++) {
    for (const partner of partners) partner.say(state);
    station.pass(seconds(1));
  }
};

/** A cold start towards a partner that speaks as the bonding driver does: slow, and in sync before it collects. */
function slowPartner(): Station {
  const station = new Station({ members: { eth1: {}, eth2: {} } });
  const partners = [new Partner(station, "eth1"), new Partner(station, "eth2")];
  station.pass(millis(100));
  for (const partner of partners) partner.say("10100010");
  station.pass(millis(400));
  for (const partner of partners) partner.say("10100000");
  station.pass(seconds(2));
  for (const partner of partners) partner.say("10110000");
  station.pass(millis(100));
  for (const partner of partners) partner.say("10111100");
  station.pass(seconds(61));
  return station;
}

/** A cold start towards a partner that speaks as Open vSwitch does: fast, in sync and carrying from its first PDU on. */
function fastPartner(): Station {
  const station = new Station({ members: { eth1: {}, eth2: {} }, lacp: { fast: true } });
  const partners = [new Partner(station, "eth1"), new Partner(station, "eth2")];
  for (const partner of partners) partner.say("11111110", { partner: undefined as never });
  passing(station, partners, 5, "11111100");
  return station;
}

function passiveEnd(): Station {
  const station = new Station({ members: { eth1: { active: false } } });
  station.pass(seconds(20));
  const partner = new Partner(station, "eth1");
  partner.say("11100000");
  station.pass(seconds(2));
  passing(station, [partner], 3, "11111100");
  return station;
}

/** The partner falls silent: EXPIRED, then DEFAULTED; then it is back. */
function silence(): Station {
  const station = new Station({ members: { eth1: {} }, lacp: { fast: true } });
  const partners = bringUp(station);
  station.pass(seconds(8));
  passing(station, partners.values(), 1, "11100000");
  passing(station, partners.values(), 3, "11111100");
  return station;
}

/** Three links, one seat: the better system's best, then the next, then back after the preemption delay. */
function reserve(): Station {
  const lacp = { fast: true, maxLinks: 1, systemPriority: 100, preemptDelay: seconds(3) };
  const station = new Station({ members: { eth1: { priority: 10 }, eth2: { priority: 20 }, eth3: {} }, lacp });
  const partners = bringUp(station);
  passing(station, partners.values(), 2, "11111100");
  station.link("eth1", { carrier: false });
  passing(station, partners.values(), 2);
  station.link("eth1", { carrier: true });
  passing(station, partners.values(), 6);
  return station;
}

function independentControl(): Station {
  const station = new Station({ members: { eth1: {} }, lacp: { independentControl: true } });
  const partner = new Partner(station, "eth1");
  partner.say("10100000");
  station.pass(seconds(2));
  partner.say("10110000");
  station.pass(millis(500));
  partner.say("10111000");
  station.pass(millis(500));
  partner.say("10111100");
  station.pass(seconds(1));
  partner.say("10110000");
  station.pass(seconds(1));
  return station;
}

function markers(): Station {
  const station = new Station({ members: { eth1: {}, eth2: {} } });
  bringUp(station);
  const source = "02:00:00:00:02:01";
  station.hear(
    "eth2",
    markerFrame({ source, requesterPort: 2, requesterSystem: PARTNER_MAC, transaction: 0x01020304 }),
  );
  station.pass(millis(100));
  act(station.engine, "send-markers", { id: 1 }, station.now);
  station.settle();
  station.pass(seconds(2));
  return station;
}

/** Every field of ours away from its default, then each changed once more. */
function identities(): Station {
  const lacp = { systemPriority: 1, systemId: 0x00e0fc123455 as never, portKey: 0xabcd, collectorMaxDelay: 0xffff };
  const station = new Station({ members: { eth1: { priority: 65_535 } }, lacp: { ...lacp, portIdExtension: true } });
  bringUp(station, { eth1: { systemPriority: 65_535, key: 65_535, portPriority: 0, port: 65_535 } });
  station.pass(seconds(5));
  station.configure({ members: { eth1: { priority: 0 } }, lacp: { ...lacp, systemPriority: 65_535 } });
  station.pass(seconds(5));
  return station;
}

/** The trunk is shut down, comes back, loses a member, and the device leaves for good. */
function goodbyes(): Station {
  const members = { eth1: {}, eth2: {} };
  const station = new Station({ members });
  const partners = bringUp(station);
  station.configure({ members, shutdown: true });
  station.pass(seconds(3));
  station.configure({ members });
  passing(station, partners.values(), 3, "10111100");
  station.configure({ members: { eth1: {} } });
  station.pass(seconds(3));
  station.engine.take({ kind: "leave" }, station.now);
  station.settle();
  return station;
}

/** A process that continues where another one stopped: its first PDU leaves at once and in sync. */
function continued(): Station {
  const members = { eth1: {}, eth2: {} };
  const before = new Station({ members }, {});
  bringUp(before);
  const restored = JSON.parse(JSON.stringify(before.engine.checkpoint()));
  const station = new Station({ members }, { restored, now: before.now });
  station.pass(seconds(31));
  return station;
}

/** What is put in, by the name of the trace it must give. */
export const SCRIPTS: readonly (readonly [name: string, run: () => Station])[] = [
  ["slow-partner", slowPartner],
  ["fast-partner", fastPartner],
  ["passive-end", passiveEnd],
  ["silence", silence],
  ["reserve", reserve],
  ["independent-control", independentControl],
  ["markers", markers],
  ["identities", identities],
  ["goodbyes", goodbyes],
  ["continued", continued],
];
