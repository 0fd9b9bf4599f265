import { describe, expect, test } from "vitest";
import { printConfiguration as print } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import { parseIpAddress } from "../../src/core/base/ip-address.js";

const FACTS = { deviceMac: 1 as Mac, bindings: new Map<string, string>() };

/** As the guide on MLD dual-device hot backup prints it, without what is routing. */
const GUIDE = `#
bfd
#
e-trunk 1
 priority 20
 peer-ipv6 2001:DB8:33::33 source-ipv6 2001:DB8:11::11
#
remote-backup-service service1
 peer-ipv6 2001:DB8:33::33 source-ipv6 2001:DB8:11::11 port 1025
 track bfd-session 7
#
remote-backup-profile profile1
 service-type mld
 backup-id 10 remote-backup-service service1
 peer-backup hot
 e-trunk 1 eth-trunk 1
#
interface Eth-Trunk1
 ipv6 enable
 ipv6 address 2001:DB8:15::1/64
 mode lacp-static
 e-trunk 1
 remote-backup-profile profile1
#
interface Eth-Trunk1.10
 vlan-type dot1q 10
 remote-backup-profile profile1
#
bfd path bind peer-ipv6 2001:DB8:33::33 source-ipv6 2001:DB8:11::11
 discriminator local 7
 discriminator remote 8
#
return
`;

const problemsOf = (text: string): string[] => readConfiguration(text).problems.map(({ text: problem }) => problem);

test("backup block: a direction, of one type or of all", () => {
  const service = (lines: string): string => `#\nremote-backup-service s\n${lines}#\nreturn\n`;
  const { model, problems } = readConfiguration(
    service(" backup block receive nd\n backup block send\n backup block receive arp\n undo backup block receive nd\n"),
  );
  expect(problems).toEqual([]);
  expect(print(model)).toContain(" backup block send\n backup block receive arp\n");
  const all = ["igmp-snooping", "arp", "igmp", "nd", "mld"];
  expect(toDesired(model, FACTS).rbs?.[0]?.blocked).toEqual({ send: all, receive: ["arp"] });
  const undone = (line: string) =>
    print(
      readConfiguration(service(` backup block send\n backup block send arp\n backup block receive\n ${line}\n`)).model,
    );
  expect(undone("undo backup block send")).not.toContain("block send");
  expect(undone("undo backup block send")).toContain("block receive");
  expect(undone("undo backup block send arp")).toContain(" backup block send\n backup block receive\n");
  expect(undone("undo backup block")).not.toContain("block");
});

test("the guide's configuration is read, and makes what it says", () => {
  const { model, problems } = readConfiguration(GUIDE);
  expect(problems).toEqual([]);
  const desired = toDesired(model, FACTS);
  expect(desired.rbs).toEqual([
    {
      name: "service1",
      endpoint: { peer: parseIpAddress("2001:db8:33::33"), source: parseIpAddress("2001:db8:11::11"), port: 1_025 },
      shutdown: false,
      blocked: { send: [], receive: [] },
      track: { discriminator: 7, session: "path" },
    },
  ]);
  expect(desired.rbsProfiles).toEqual([
    {
      name: "profile1",
      backup: { id: 10, service: "service1" },
      services: ["mld"],
      member: { etrunk: 1, trunk: 1 },
      interfaces: ["Eth-Trunk1", "Eth-Trunk1.10"],
    },
  ]);
});

test("printed it reads the same", () => {
  const { model } = readConfiguration(GUIDE);
  expect(readConfiguration(print(model)).model).toEqual(model);
});

test("services of a profile are lines of their own, added and removed one by one", () => {
  const text = GUIDE.replace(
    " service-type mld\n",
    " service-type nd\n service-type mld\n service-type nd\n service-type arp\n undo service-type nd\n",
  );
  const { model } = readConfiguration(text);
  expect(model.remoteBackupProfiles?.profile1?.serviceType).toEqual(["arp", "mld"]);
  expect(print(model)).toContain("\n service-type arp\n service-type mld\n backup-id 10");
});

describe("is refused:", () => {
  const cases: readonly (readonly [what: string, from: string, to: string, problem: string])[] = [
    [
      "a service with two pairs of addresses",
      " track",
      " peer 192.0.2.2 source 192.0.2.1 port 1025\n track",
      "exclude each other",
    ],
    [
      "the peer's address as our own",
      "source-ipv6 2001:DB8:11::11 port",
      "source-ipv6 2001:DB8:33::33 port",
      "must differ",
    ],
    ["a port below 1024", "port 1025", "port 1023", "INTEGER<1024-55535>"],
    [
      "a service that is not there",
      "backup-id 10 remote-backup-service service1",
      "backup-id 10 remote-backup-service other",
      "Remote backup service other does not exist.",
    ],
    [
      "a profile that is not there",
      " e-trunk 1\n remote-backup-profile profile1",
      " e-trunk 1\n remote-backup-profile other",
      "Remote backup profile other does not exist.",
    ],
    ["warm", "peer-backup hot", "peer-backup warm", "not available"],
    [
      "a backup-id twice",
      "#\ninterface Eth-Trunk1\n",
      "#\nremote-backup-profile profile2\n backup-id 10 remote-backup-service service1\n#\ninterface Eth-Trunk1\n",
      "Backup-id 10 of service1 is used by remote backup profile profile1.",
    ],
    [
      "a second service on the same port",
      "#\nremote-backup-profile profile1\n",
      "#\nremote-backup-service s2\n peer-ipv6 2001:DB8:33::33 source-ipv6 2001:DB8:11::11 port 1025\n#\nremote-backup-profile profile1\n",
      "is used by remote backup service",
    ],
    [
      "ARP on a trunk in Layer 2 mode",
      "service-type mld",
      "service-type arp",
      "service-type arp: Eth-Trunk1 must be in Layer 3 mode.",
    ],
  ];
  test.for(cases)("%s", ([, from, to, problem]) => {
    const layer2 = problem.includes("Layer 3 mode")
      ? GUIDE.replace(" ipv6 enable\n ipv6 address 2001:DB8:15::1/64\n", " portswitch\n").replace(
          /interface Eth-Trunk1\.10\n.*\n.*\n#\n/,
          "",
        )
      : GUIDE;
    expect(layer2).toContain(from);
    expect(problemsOf(layer2.replace(from, to)).join("\n")).toContain(problem);
  });
});

test("what does nothing as it stands is said", () => {
  const text = GUIDE.replace(/ peer-ipv6.*port 1025\n/, "")
    .replace(" track bfd-session 7", " track bfd-session 9")
    .replace(/ backup-id.*\n/, "");
  const warnings: string[] = readConfiguration(text).notices.map(({ text: notice }) => notice);
  expect(warnings).toEqual(
    expect.arrayContaining([
      "Remote backup service service1 connects to nobody. The command needs peer first.",
      "No BFD session has the local discriminator 9.",
      "Remote backup profile profile1 has no backup-id: its role stays init.",
    ]),
  );
  expect(warnings.some((warning) => warning.includes("entries of groups are not copied yet"))).toBe(true);
});
