import type { Case } from "./case.js";

/** Cases of BFD that packet forwarders and routing daemons test, RFC 5880 to 5883. */
export const BFD: readonly Case[] = [
  [
    "B1",
    "a session comes up: IPv4 and IPv6, single- and multihop",
    "conformance/bfd/paths > RFC 5881 > B1 a single-hop session comes up over *",
    "conformance/bfd/paths > RFC 5883 > B1 a multihop session comes up at port 4784, whatever the TTL and the interface",
    "simulation/bfd > two ends of a session > B1 * come up and stay so for a minute",
    "interop/bfd-frr > FRR at * > '*': comes up, and both tell the same of it",
  ],
  [
    "B2",
    "it comes up when the first packet has no discriminator of ours",
    "conformance/bfd/paths > 6.3 whose packet it is > B2 without our discriminator the peer's address says",
  ],
  [
    "B3",
    "it is taken down and up by its administrator",
    "conformance/bfd/administration > 6.8.16 administrative control > B3 shutdown takes the session down and says why, undo shutdown lets it begin anew",
  ],
  [
    "B4",
    "it stays up while its peer speaks",
    "conformance/bfd/detection > 6.8.4 the detection time > B4 a session that keeps hearing its peer stays up",
  ],
  [
    "B5",
    "a packet a second while down, less 0 to 25 percent",
    "conformance/bfd/transmission > 6.8.7 the rate > B5 a session that is down sends each second, less 0 to 25 percent",
  ],
  [
    "B6",
    "silence towards a peer that takes no packets",
    "conformance/bfd/transmission > 6.8.7 the rate > B6 a peer that takes none gets none, but its Polls are answered",
  ],
  ["B7", "it falls when the detection time is over", "conformance/bfd/detection > 6.8.4 the detection time > B7 is *"],
  [
    "B8",
    "the peer's discriminator is forgotten then",
    "conformance/bfd/detection > 6.8.4 the detection time > B8 the peer's discriminator is forgotten when the time is over",
  ],
  [
    "B9",
    "a peer that takes packets very rarely is honoured",
    "conformance/bfd/transmission > 6.8.7 the rate > B9 a peer that takes packets very rarely is honoured, though it then times out first",
  ],
  [
    "B10",
    "one that takes them faster from now on is honoured at once",
    "conformance/bfd/transmission > 6.8.7 the rate > B10 a peer that takes packets faster from now on gets them faster at once",
  ],
  [
    "B11",
    "a doubled receive interval",
    "conformance/bfd/polling > 6.8.3 what changes when > B11 a doubled receive interval lengthens the detection time at once",
  ],
  [
    "B12",
    "a halved one waits for the Final",
    "conformance/bfd/polling > 6.8.3 what changes when > B12 a halved receive interval shortens the detection time only with the Final",
  ],
  [
    "B13",
    "the multiplier changes at once",
    "conformance/bfd/transmission > 6.8.7 changes > B13 the multiplier changes without a Poll",
  ],
  [
    "B14",
    "a second change waits for the first one's Poll",
    "conformance/bfd/polling > B14 a second change during a Poll > *",
  ],
  [
    "B15",
    "a Poll lasts until its Final",
    "conformance/bfd/polling > 6.5 a Poll sequence > B15 sets P on periodic packets until the Final, and sends none beside them",
  ],
  [
    "B16",
    "a peer in demand mode gets no periodic packets",
    "conformance/bfd/transmission > 6.6 demand mode > B16 a peer in demand mode gets no periodic packets, and stays watched",
  ],
  [
    "B17",
    "a change is polled all the same",
    "conformance/bfd/transmission > 6.6 demand mode > B17 a change while the peer is in demand mode is polled until the Final, then silence again",
  ],
  [
    "B18",
    "echo: none is offered, none is sent",
    "conformance/bfd/transmission > 4.1 what packets say > B18 the echo function is neither offered nor used, whatever the peer offers",
  ],
  [
    "B19",
    "sessions of two VRFs",
    "conformance/bfd/paths > 6.3 whose packet it is > B19 sessions of two VRFs with the same addresses do not hear each other",
  ],
  ["B20", "the interface goes, or the address", "conformance/bfd/paths > B20 what a session lies on > *"],
  [
    "B21",
    "the traffic class",
    "conformance/bfd/paths > B20 what a session lies on > B21 the traffic class is as configured, in the bits of the precedence",
  ],
  [
    "B22",
    "each of the five authentication types holds a session up",
    "conformance/bfd/authentication > 6.7 packets we accept > B22 *: the session comes up and stays up",
    "interop/bfd-bird > BIRD > *: comes up and stays up, on IPv4 and IPv6",
  ],
  [
    "B23",
    "what is not authenticated neither keeps up nor takes down",
    "conformance/bfd/authentication > 6.7 packets we drop > *: B23 without authentication",
  ],
  [
    "B24",
    "nor what has an unknown key ID",
    "conformance/bfd/authentication > 6.7 packets we drop > *: B24 of an unknown key ID",
  ],
  [
    "B25",
    "nor what is of another type",
    "conformance/bfd/authentication > 6.7 packets we drop > *: B25 of another type",
  ],
  ["B26", "nor what another key made", "conformance/bfd/authentication > 6.7 packets we drop > *: B26 of another key"],
  [
    "B27",
    "nor a repetition",
    "conformance/bfd/authentication > 6.7 packets we drop > B27 *: a repeated sequence does not keep it up",
  ],
  [
    "B28",
    "a peer that begins anew is heard after twice the detection time",
    "conformance/bfd/authentication > 6.7 packets we drop > B28 a peer that restarts with a lower sequence is heard after twice the detection time",
  ],
  [
    "B29",
    "authentication is turned on without a flap",
    "conformance/bfd/authentication > 6.7.1 authentication changes while the session is up > B29 is turned on: *",
  ],
  [
    "B30",
    "and off",
    "conformance/bfd/authentication > 6.7.1 authentication changes while the session is up > B30 is turned off: *",
  ],
  [
    "B31",
    "and changed",
    "conformance/bfd/authentication > 6.7.1 authentication changes while the session is up > B31 gets another key: *",
  ],
  [
    "B32",
    "AdminDown is no failure",
    "conformance/bfd/administration > RFC 5882 what those who track a session are told > B32 that an administrator took it down, here or there, is told as that",
    "interop/bfd-frr > FRR at * ms x 3 > shutdown there is AdminDown here, and no failure",
  ],
  [
    "B33",
    "sockets open with the first session and close with the last",
    "conformance/bfd/administration > what a change of the configuration does > B33 sockets open with the first session, serve the second, and close with the last",
    "interop/native/bfd-pacer > the BFD pacer > sockets are open as long as somebody listens",
  ],
  [
    "B34",
    "a fast session changes hands between the pacer and the process without a flap",
    "conformance/bfd/pacing > it comes back > and lives on where it became slow enough for this process",
    "interop/bfd-paced > FRR and the pacer at 40 ms x 10 > a change here goes through the pacer, back to this process and to the pacer again, without a flap",
  ],
  [
    "B35",
    "a process that restarts or is killed",
    "conformance/bfd/administration > 6.8.16 administrative control > a process that stops for a restart says so on every session",
    "interop/bfd-paced > FRR and the pacer at 40 ms x 10 > a restart by SIGUSR2 is AdminDown there, and the next process takes the sessions up again",
    "interop/bfd-paced > FRR and the pacer at 40 ms x 10 > a kill ends the pacer too: FRR notices, and the next process takes the sessions up again",
  ],
];
