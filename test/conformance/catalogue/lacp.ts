import type { Case } from "./case.js";

/** Cases of LACP and Marker, in the order of the machines of 802.1AX-2014 clause 6. */
export const LACP: readonly Case[] = [
  [
    "C1.1",
    "destination, EtherType, subtype, lengths and zero padding of what we send",
    "conformance/lacp/frames > C1 frames we send > C1.1 go to the slow protocols' group with their EtherType, subtype 1, the TLV lengths, and zeros elsewhere",
  ],
  [
    "C1.2",
    "LACPDUs leave untagged; a tagged one is no LACPDU",
    "conformance/lacp/frames > C1 frames we send > C1.2 bear no VLAN tag and C1.3 the port's own address",
    "conformance/lacp/frames > C1 frames we drop > C1.2 an LACPDU in a VLAN is dropped, whether the kernel took the tag off or not",
  ],
  [
    "C1.3",
    "the source address is the port's own",
    "conformance/lacp/frames > C1 frames we send > C1.2 bear no VLAN tag and C1.3 the port's own address",
  ],
  [
    "C1.4",
    "we send version 1",
    "conformance/lacp/frames > C1 frames we send > C1.4 are version 1, also towards a partner of version 2",
  ],
  [
    "C1.5",
    "a higher version and unknown TLVs behind ours are accepted",
    "conformance/lacp/frames > C1 frames we accept > C1.5: an LACPDU with a further TLV of version 2 where version 1 ends makes the port CURRENT",
  ],
  [
    "C1.6",
    "reserved fields are not looked at",
    "conformance/lacp/frames > C1 frames we accept > C1.6: an LACPDU with reserved octets of the actor makes the port CURRENT",
  ],
  [
    "C1.7",
    "a wrong TLV length is dropped and counted",
    "conformance/lacp/frames > C1 frames we drop > C1.7: an actor TLV of 19 octets is dropped and counted as actor-length under lacpduErrors",
  ],
  [
    "C1.8",
    "an unknown slow protocol is counted apart",
    "conformance/lacp/frames > C1 frames we drop > C1.8: the subtype of OSSP is dropped and counted as subtype-unknown under unknownReceived",
  ],
  [
    "C1.9",
    "subtype 0 and above 10 is illegal and counted",
    "conformance/lacp/frames > C1 frames we drop > C1.9 a slow frame that ends with its EtherType has no legal subtype",
  ],
  [
    "C1.10",
    "a truncated PDU is dropped and counted",
    "conformance/lacp/frames > C1 frames we drop > C1.10 a frame of * octets is truncated",
  ],
  [
    "C1.11",
    "a PDU longer than 110 octets is read",
    "conformance/lacp/frames > C1 frames we accept > C1.11 an oversize LACPDU is read as far as version 1 goes",
  ],
  [
    "C1.12",
    "port 0 is refused, key 0 accepted; both are told",
    "conformance/lacp/frames > C1 frames we accept > C1.12 key 0 counts as a key, is counted apart and told once",
    "conformance/lacp/frames > C1 frames we drop > C1.12: port number 0 is dropped and counted as port-zero under lacpduErrors",
  ],
  [
    "C2.1",
    "a receive machine begins in INITIALIZE and goes on to PORT_DISABLED",
    "conformance/lacp/receive-machine > receive machine > 6.4.12 BEGIN: *",
    "conformance/lacp/receive-machine > receive machine > 6.4.12 UCT: INITIALIZE with * -> PORT_DISABLED",
  ],
  [
    "C2.2",
    "a port without link stays in PORT_DISABLED",
    "conformance/lacp/receive-machine > receive machine > 6.4.12 port down: *",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 a link that goes down disables the port at once and keeps the partner's name",
  ],
  [
    "C2.3",
    "a port without LACP is in LACP_DISABLED",
    "conformance/lacp/receive-machine > receive machine > 6.4.12: PORT_DISABLED with not lacpEnabled -> LACP_DISABLED",
    "conformance/lacp/receive-machine > receive machine > 6.4.12: LACP_DISABLED with not lacpEnabled*",
  ],
  [
    "C2.4",
    "EXPIRED asks for short timeouts, clears the partner's sync and lasts 3 s",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 on silence it is EXPIRED at once when the timeout is over: partner out of sync, its timeout short, traffic off",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 becomes DEFAULTED after three seconds of silence, with the default partner and Expired off",
  ],
  [
    "C2.5",
    "a PDU leads to CURRENT and starts the timeout anew",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 an LACPDU makes it CURRENT from EXPIRED and from DEFAULTED, with Defaulted and Expired off",
    "conformance/lacp/receiving > C10 timers > each PDU starts the time anew",
  ],
  [
    "C2.6",
    "DEFAULTED works with the administrative partner",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 three seconds later the partner is forgotten",
  ],
  [
    "C2.7",
    "the same partner on another port moves the port",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 a partner that shows up on another port while this one is down is forgotten here",
  ],
  [
    "C2.8",
    "a frame that arrives after the link went down revives nothing",
    "conformance/lacp/receiving > C2 receive machine on a port > C2 a frame that arrives after the port went down is counted, and neither wakes it then nor when the link returns",
  ],
  [
    "C3.1",
    "the partner counts as in sync only if it knows us, or is individual",
    "conformance/lacp/receiving > C3 recording and matching > it does not count when the partner has another * of ours",
    "conformance/lacp/receiving > C3 recording and matching > it counts from an individual partner, whatever that knows of us",
  ],
  [
    "C3.2",
    "one of the two has to be active",
    "conformance/lacp/receiving > C3 recording and matching > it does not count from a passive partner that does not know us active",
  ],
  [
    "C3.3",
    "the partner is compared before it is recorded",
    "conformance/lacp/receiving > C3 recording and matching > a partner with another * is compared before it is recorded: selected anew",
  ],
  [
    "C4.1",
    "two passive ends send nothing",
    "conformance/lacp/transmitting > C4 periodic transmission > a passive port that hears nobody sends nothing, ever",
    "simulation/scenarios/negotiation > two systems with two links form one group > two passive ends never speak, and carry nothing",
  ],
  [
    "C4.2",
    "a PDU a second when the partner asks for short timeouts",
    "conformance/lacp/transmitting > C4 periodic transmission > a partner that asks for fast PDUs gets one each second",
  ],
  [
    "C4.3",
    "a PDU every 30 s otherwise",
    "conformance/lacp/transmitting > C4 periodic transmission > a partner that asks for slow PDUs gets one every 30 seconds",
  ],
  [
    "C4.4",
    "a change of the partner's timeout changes the rate at once",
    "conformance/lacp/transmitting > C4 periodic transmission > slow to fast takes effect at once: a PDU now, and then each second",
    "conformance/lacp/transmitting > C4 periodic transmission > fast to slow takes effect at once: the next PDU comes after 30 seconds",
  ],
  [
    "C4.5",
    "a disabled port sends nothing",
    "conformance/lacp/transmitting > C5 transmission > no PDU leaves while the port is disabled, and one leaves within a second of its return",
  ],
  [
    "C5.1",
    "at most three PDUs a second",
    "conformance/lacp/transmitting > C5 transmission > at most three LACPDUs leave in any second, whatever is asked for",
    "simulation/world > an invariant that does not hold is found: four LACPDUs in a second, a Violation",
  ],
  [
    "C5.2",
    "each change the partner has to know is sent at once",
    "conformance/lacp/transmitting > C5 transmission > a change of * is told at once",
    "conformance/lacp/receiving > C3 recording and matching > a partner whose * of us is out of date is told at once",
  ],
  [
    "C5.3",
    "a change beyond the limit is sent later, not lost",
    "conformance/lacp/transmitting > C5 transmission > a change during the limit is sent when the limit is over, once, with the state of that moment",
  ],
  [
    "C5.4",
    "a PDU tells the state of the moment it leaves",
    "conformance/lacp/transmitting > C5 transmission > a change during the limit is sent when the limit is over, once, with the state of that moment",
  ],
  [
    "C6.1",
    "ports of one key and one partner aggregate",
    "conformance/lacp/selection > C6 who may aggregate > ports with the same partner and key carry traffic together",
  ],
  [
    "C6.2",
    "an individual port stays alone",
    "conformance/lacp/selection > C6 who may aggregate > an individual partner is aggregated with nobody: one link alone, shown as Indep",
  ],
  [
    "C6.3",
    "another partner or another key of it splits the trunk",
    "conformance/lacp/selection > C6 who may aggregate > a link whose partner has another * stays out, and says why",
  ],
  [
    "C6.4",
    "a change selects anew",
    "conformance/lacp/selection > C6 who may aggregate > a partner that moves all links to another key is followed",
  ],
  [
    "C6.5",
    "least and most active links",
    "conformance/lacp/selection > C6 thresholds > least active-linknumber: below it no port is in sync and the trunk is down, at it all are",
    "conformance/lacp/selection > C6 thresholds > max active-linknumber: so many of the best ports carry, the others wait out of sync",
    "simulation/scenarios/limits > max active-linknumber > on both ends leaves exactly one of three links carrying, the best",
  ],
  [
    "C6.6",
    "who is in standby: system priority decides who chooses, port priority whom",
    "conformance/lacp/selection > C6 thresholds > the order is priority, then port number, by the better system's view",
    "conformance/lacp/selection > C6 thresholds > of equal system priorities the smaller system ID decides",
  ],
  [
    "C6.7",
    "preemption waits its delay; the longer one of both ends wins",
    "simulation/scenarios/limits > lacp preempt > gives the traffic back to the better link when the greater of both delays is over",
    "conformance/lacp/selection > C6 preemption > with it the better port takes over when its delay is over, not before",
  ],
  [
    "C6.8",
    "a loop to ourselves is found and told",
    "conformance/lacp/selection > C6 a partner that is ourselves > a port that hears its own LACPDUs carries nothing and raises an alarm that says so",
    "conformance/lacp/selection > C6 a partner that is ourselves > another device with our system ID is told as a clone",
  ],
  [
    "C6.9",
    "links of different speed",
    "conformance/lacp/selection > C6 who may aggregate > a link of another rate stays out, and goes in when mixed rates are allowed",
  ],
  [
    "C7.1",
    "a port waits 2 s for others before it attaches",
    "conformance/lacp/mux > C7 wait-while > a port attaches two seconds after its partner was heard, not before",
  ],
  [
    "C7.2",
    "all members that wait attach together",
    "conformance/lacp/mux > C7 wait-while > all ports of a trunk that wait attach together, when the last has waited",
  ],
  [
    "C7.3",
    "collecting comes before distributing",
    "conformance/lacp/mux > C7 independent control > collects when the partner is in sync, distributes only when the partner collects",
    "simulation/faults > every link comes back after any script of faults, and the invariants hold all the time",
  ],
  [
    "C7.4",
    "a partner out of sync ends distributing",
    "conformance/lacp/mux > C7 coupled control > a partner that falls out of sync stops distributing at once; we stay in sync and wait for it",
  ],
  [
    "C7.5",
    "unselected in any state leads to DETACHED",
    "conformance/lacp/mux > C7 coupled control > * unselects the port, the partner being at *",
  ],
  [
    "C7.6",
    "coupled and independent control",
    "conformance/lacp/mux-machine > mux machine, coupled control > *",
    "conformance/lacp/mux-machine > mux machine, independent control > *",
  ],
  [
    "C8.1",
    "actor and partner churn is declared after 60 s",
    "conformance/lacp/churn > C8 churn detection > actor churn is declared when we are out of sync for 60 seconds with the link up",
    "conformance/lacp/churn > C8 churn detection > partner churn is declared when the partner is out of sync for 60 seconds",
  ],
  [
    "C8.2",
    "sync ends churn; both are counted",
    "conformance/lacp/churn > C8 churn detection > churn ends as soon as the end in question is in sync, and counts again the next time",
  ],
  [
    "C9.1",
    "a Marker's answer repeats every field",
    "conformance/lacp/marker > C9 marker responder > a Marker is answered on the same port with all its fields and the type of a response",
  ],
  [
    "C9.2",
    "it leaves on the port the Marker came in",
    "conformance/lacp/marker > C9 marker responder > a Marker is answered on the same port with all its fields and the type of a response",
  ],
  [
    "C9.3",
    "an answer is never answered",
    "conformance/lacp/marker > C9 marker responder > a response is never answered",
  ],
  [
    "C9.4",
    "Markers are answered at a limited rate",
    "conformance/lacp/marker > C9 marker responder > a flood of Markers gets at most ten answers in a second, the others count as errors",
  ],
  [
    "C9.5",
    "a Marker of wrong length is dropped",
    "conformance/lacp/marker > C9 marker responder > a Marker of * is counted as an error and not answered",
  ],
  [
    "C10.1",
    "the short timeout is 3 s, the long one 90 s",
    "conformance/lacp/receiving > C10 timers > lacp timeout *: a PDU counts for so many seconds",
  ],
  [
    "C10.2",
    "a timeout of one's own, 3 to 90 s",
    "conformance/lacp/receiving > C10 timers > lacp timeout fast user-defined 17: a PDU counts for so many seconds",
    "simulation/scenarios/failures > a silent cut > with a user-defined timeout it takes that long",
  ],
  [
    "C11.1",
    "priority, key and mode change while up",
    "simulation/scenarios/operations > C11 a change while everything is up > of * is taken over by both ends",
  ],
  [
    "C11.2",
    "a restart that no partner notices",
    "simulation/scenarios/operations > C11 a restart from the checkpoint > within a second moves no port of the partner and no traffic (*)",
  ],
  [
    "C11.3",
    "the wall clock jumps and nothing happens",
    "simulation/scenarios/operations > C11 clocks that show anything and drift apart do not matter",
  ],
  [
    "C11.4",
    "the process stands still for 1, 2 and 4 s",
    "simulation/scenarios/operations > C11 a stall of the process > of * seconds is not taken for the partner's silence: what waits is read before timers run",
  ],
];
