import { expect, test } from "vitest";
import { shown } from "../support/typed.js";
import { rbsProfile, rbsService, rbsTable } from "./rbs-views.js";

/** As the guide on MLD dual-device hot backup prints it, to the letter; but for our last rule, as its sister guide has it. */
const PROFILE = ` -----------------------------------------------
 Profile-Index        : 0x1000
 Profile-Name         : profile1
 Service              : MLD
 Remote-backup-service: service1
 Backup-ID            : 10
 track protocol       : E-TRUNK
     E-Trunk  ID      : 1
     Eth-trunk ID     : 1
 Interface            :
                        Eth-Trunk1
 Forwarding Configured: Slave Forwarding
 Backup mode          : hot
 Slot-Number          : --
 Card-Number          : --
 Port-Number          : --
`;

const SERVICE = `----------------------------------------------------------
 Service-Index    : 1
 Service-Name     : service1
 TCP-State        : connected
 Peer-ip          : 2001:DB8:33::33
 Source-ip        : 2001:DB8:11::11
 TCP-Port         : 1025
 Track-BFD        : --
 SSL-Policy-Name  : --
 SSL-State        : --
 Last up time     : 2021-05-29 03:21:36
----------------------------------------------------------
`;

test("a service and a profile as the guide prints them", () => {
  expect(shown("display remote-backup-service service1", { services: [rbsService()] })).toBe(SERVICE);
  expect(shown("display remote-backup-profile profile1", { profiles: [rbsProfile()] })).toBe(PROFILE);
});

test("what is blocked stands below the policy", () => {
  const services = [rbsService({ blockedSend: ["arp"], blockedReceive: ["igmp-snooping", "arp", "mld"] })];
  const lines = [" Blocked on TX    : arp", " Blocked on RX    : igmp-snooping arp MLD", ""].join("\n");
  expect(shown("display remote-backup-service service1", { services })).toBe(
    SERVICE.replace(" Last up time ", `${lines} Last up time `),
  );
});

test("the lists of both", () => {
  const services = [rbsService(), rbsService({ index: 2, name: "s2" })];
  const profiles = [rbsProfile(), rbsProfile({ index: 0x1001, name: "p2" })];
  expect(shown("display remote-backup-service", { services })).toMatchSnapshot();
  expect(shown("display remote-backup-profile", { profiles })).toMatchSnapshot();
});

test("what is verbose, and what is missing", () => {
  const troubled = rbsService({
    ...{ tcpState: "connecting", trackBfd: 7, lastDown: rbsService().lastUp, role: "connect", attempts: 12 },
    lastDownReason: "nothing heard for 160 s",
    notUpReason: "192.0.2.1 refuses connections to port 1025: its service is down, or has another port",
    ...{ peerKeepalive: null, peerMultiplier: null, strangers: 3, lastStranger: "192.0.2.66" },
    mismatches: [{ backupId: 10, what: "e-trunk", text: "e-trunk is 1 here and none at the peer" }],
  });
  const bare = rbsProfile({
    ...{ services: ["arp", "nd"], remoteBackupService: null, backupId: null, trackProtocol: null, etrunk: null },
    ...{ ethTrunk: null, interfaces: [], peerState: null, localState: "init", forwarding: null },
  });
  expect(shown("display remote-backup-service service1 verbose", { services: [troubled] })).toMatchSnapshot();
  expect(shown("display remote-backup-profile profile1 verbose", { profiles: [bare] })).toMatchSnapshot();
});

test("what was told of the entries of a profile, and why they cannot be kept alike", () => {
  const tables = [rbsTable(), rbsTable({ service: "nd", trouble: "full" })];
  const profiles = [rbsProfile({ services: ["arp", "nd"], forwarding: null, tables })];
  expect(shown("display remote-backup-profile profile1 verbose", { profiles })).toMatchSnapshot();
});
