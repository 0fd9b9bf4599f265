import type { Case } from "./case.js";

/** Cases of LACP that others test: O are those of Open vSwitch, F those of a large operator's switch stack. */
export const SYSTEMS: readonly Case[] = [
  [
    "O1",
    "a single active port without partner: its own identity, nothing of a partner, carries nothing",
    "simulation/scenarios/negotiation > what is configured is what the partner sees > a single port without a partner: its own flags, no partner, nothing carried",
  ],
  [
    "O2",
    "two ports with every identity overridden say so in what they send",
    "simulation/scenarios/negotiation > what is configured is what the partner sees > system ID, system priority, key, port priority and the extended port number arrive",
  ],
  [
    "O3a",
    "two systems, two links, fast: within 5 s both ends carry and tell the same of each other",
    "simulation/scenarios/negotiation > two systems with two links form one group > within five seconds of the start of both",
  ],
  [
    "O3b",
    "one link cut silently: 4.1 s later it is expired on both ends, the other untouched",
    "simulation/scenarios/failures > a silent cut > takes only that port away on both ends when the timeout is over, then forgets the partner, then heals",
  ],
  [
    "O3c",
    "4.1 s more: defaulted and detached, nothing of a partner left",
    "simulation/scenarios/failures > a silent cut > takes only that port away on both ends when the timeout is over, then forgets the partner, then heals",
  ],
  [
    "O3d",
    "reconnected: after one slow period it carries again",
    "simulation/scenarios/failures > a silent cut > takes only that port away on both ends when the timeout is over, then forgets the partner, then heals",
  ],
  [
    "O4",
    "whoever watches hears exactly one event at up, at loss and at recovery",
    "simulation/scenarios/failures > a loss of carrier > that flaps ten times leaves one event per edge on each end and all links in the end",
    "conformance/lacp/mux > C7 coupled control > each change of status is told once",
  ],
  [
    "F1",
    "a port that may not aggregate says so",
    "conformance/lacp/mux > C7 coupled control > a member that is taken out of the trunk tells its partner with a last PDU, out of sync and individual",
  ],
  [
    "F2",
    "a frame after the link went down revives nothing",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 a frame that arrives after the port went down is counted, and neither wakes it then nor when the link returns",
  ],
  [
    "F3",
    "a cold start towards a slow and a fast recorded partner",
    "conformance/captures/captures > * > put in again, brings the port up as it did, and is answered with the same states",
  ],
  [
    "F4",
    "two of us: slow, fast, and with timeouts of one's own",
    "simulation/scenarios/negotiation > two systems with two links form one group > *",
    "simulation/scenarios/failures > a silent cut > with a user-defined timeout it takes that long",
  ],
  [
    "F5",
    "two of us across a restart of one, without a lost frame",
    "simulation/scenarios/operations > C11 a restart from the checkpoint > within a second moves no port of the partner and no traffic (*)",
  ],
  [
    "F6",
    "a port flaps after sync, also with a minimum of two links",
    "simulation/scenarios/failures > a loss of carrier > that flaps ten times leaves one event per edge on each end and all links in the end",
    "simulation/scenarios/failures > a loss of carrier > with a minimum of two links takes the trunk down at one, on both ends, and the partner sees it",
  ],
  [
    "F7",
    "the counters when a port goes down",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 a port that goes down keeps its counters and counts its partner once",
  ],
  [
    "F8",
    "a failed send is tried again",
    "simulation/scenarios/failures > loss > of everything during the negotiation only delays it",
  ],
  [
    "F9",
    "a bundle stays for three long periods",
    "simulation/scenarios/negotiation > two systems with two links form one group > and it stays for three long periods, without a change and with a PDU each 30 seconds",
  ],
  [
    "F10",
    "local and remote link down; one end silent on one port",
    "simulation/scenarios/failures > a loss of carrier > takes that port away on both ends at once, and only that",
    "simulation/scenarios/failures > a silent cut > in one direction only takes the port away on both ends: who does not hear falls out of sync in six seconds",
  ],
  [
    "F11",
    "slow with fast",
    "simulation/scenarios/negotiation > two systems with two links form one group > fast, slow",
  ],
  [
    "F12",
    "a minimum of links takes the trunk down and up",
    "simulation/scenarios/limits > least active-linknumber > of 2 on one end and 3 on the other: the larger takes effect",
    "conformance/lacp/selection > C6 thresholds > least active-linknumber: below it no port is in sync and the trunk is down, at it all are",
  ],
  [
    "F13",
    "a loop is survived",
    "simulation/scenarios/limits > own frames > two ports of one device cabled together carry nothing, and others do",
  ],
];
