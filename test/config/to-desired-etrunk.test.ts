import { expect, test } from "vitest";
import type { Cipher } from "../../src/config/language/secrets.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import { millis, seconds } from "../../src/core/base/time.js";

const cipher: Cipher = {
  encipher: (plain) => Buffer.from(plain).toString("hex").padStart(22, "0"),
  decipher: (content) => Buffer.from(content, "hex").toString().replace(/^\0+/, ""),
};
const octets = (text: string) => Uint8Array.from(Buffer.from(text));
const ip = (text: string) => parseIpAddress(text)!;

function desired(text: string) {
  const { model, problems } = readConfiguration(text, { cipher });
  expect(problems).toEqual([]);
  return toDesired(model, { deviceMac: 0x00e0fc123455 as Mac, bindings: new Map(), cipher });
}

test("a bare E-Trunk has every default, and the default key", () => {
  expect(desired("e-trunk 1").etrunks).toEqual([
    {
      id: 1,
      priority: 100,
      higherFirst: false,
      addresses: undefined,
      udpPort: 1025,
      keys: [{ id: 0, octets: octets("00E0FC0000000000"), origin: "default" }],
      sendKeyId: 0,
      authentication: "enhanced-hmac-sha256",
      sequenceCheck: false,
      helloInterval: seconds(1),
      multiplier: 20,
      revert: true,
      revertDelay: 120,
      select: "default",
      description: undefined,
      bfd: undefined,
    },
  ]);
});

test("whatever is configured of an E-Trunk arrives", () => {
  const { etrunks } = desired(`bfd
e-trunk port 2000
e-trunk ipv6 port 2001
e-trunk 2
 priority 20
 priority-order higher-first
 peer-ipv6 2001:db8::2 source-ipv6 2001:db8::1 vpn-instance vpn1
 timer hello 5
 timer hold-on-failure multiplier 3
 timer revert delay 0
 revert disable
 e-trunk select bandwidth
 e-trunk bfd enable track interface Eth-Trunk1
 e-trunk bfd min-tx-interval 20 detect-multiplier 4
 e-trunk bfd authentication disable
 sequence enable
 description to PE2
 security-key cipher zero
 security-key key-id 7 cipher seven
 security-key send-key-id 7
 authentication-mode hmac-sha256`);
  expect(etrunks).toEqual([
    {
      id: 2,
      priority: 20,
      higherFirst: true,
      addresses: { peer: ip("2001:db8::2"), source: ip("2001:db8::1"), vrf: "vpn1" },
      udpPort: 2001,
      keys: [
        { id: 0, octets: octets("zero"), origin: "configured" },
        { id: 7, octets: octets("seven"), origin: "configured" },
      ],
      sendKeyId: 7,
      authentication: "hmac-sha256",
      sequenceCheck: true,
      helloInterval: millis(500),
      multiplier: 3,
      revert: false,
      revertDelay: 0,
      select: "bandwidth",
      description: "to PE2",
      bfd: {
        kind: "dynamic",
        trackInterface: "Eth-Trunk1",
        minTx: millis(20),
        minRx: millis(10),
        multiplier: 4,
        authenticated: false,
      },
    },
  ]);
});

test("each IP version has its own port", () => {
  const ports = desired(`e-trunk port 2000
e-trunk 1
 peer-address 2.2.2.2 source-address 1.1.1.1
e-trunk 2
 peer-ipv6 2001:db8::2 source-ipv6 2001:db8::1
e-trunk 3`).etrunks!.map(({ udpPort }) => udpPort);
  expect(ports).toEqual([2000, 1025, 2000]);
});

test("a tracked session is called as it was first typed", () => {
  const { etrunks } = desired(`bfd
bfd Hello bind peer-ip 2.2.2.2
e-trunk 1
 e-trunk track bfd-session session-name HELLO`);
  expect(etrunks![0]!.bfd).toEqual({ kind: "session", name: "Hello" });
});

test("a member takes the device's LACP identity unless it has its own, and none where nothing is set", () => {
  const members = (device: string) =>
    desired(`${device}
e-trunk 1
interface Eth-Trunk1
 mode lacp-static
 e-trunk 1
interface Eth-Trunk2
 mode lacp-static
 e-trunk 1 remote-eth-trunk 5
 e-trunk mode force-master
 lacp e-trunk system-id 2-3-4
 lacp e-trunk priority 6
interface Eth-Trunk3
 e-trunk 1
 standby-signalling none
interface Eth-Trunk4`).trunks.map(({ etrunk }) => etrunk);
  const plain = { etrunk: 1, mode: "auto", systemId: undefined, systemPriority: undefined, standbyByCarrier: true };
  const own = {
    etrunk: 1,
    remoteTrunk: 5,
    mode: "force-master",
    systemId: 0x000200030004,
    systemPriority: 6,
    standbyByCarrier: true,
  };
  expect(members("")).toEqual([
    { ...plain, remoteTrunk: 1 },
    own,
    { ...plain, remoteTrunk: 3, standbyByCarrier: false },
    undefined,
  ]);
  const device = { systemId: 0x00e0fc123458, systemPriority: 1 };
  expect(members("lacp e-trunk system-id 00e0-fc12-3458\nlacp e-trunk priority 1")).toEqual([
    { ...plain, ...device, remoteTrunk: 1 },
    own,
    { ...plain, ...device, remoteTrunk: 3, standbyByCarrier: false },
    undefined,
  ]);
  // All ones stand for the default.
  expect(members("lacp e-trunk system-id ffff-ffff-ffff")[0]).toEqual({ ...plain, remoteTrunk: 1 });
});

test("sessions are policed at the documented rates, at others, or not at all", () => {
  const documented = { cir: 128, cbs: 25_600, pir: 1_500, pbs: 187_500 };
  expect(desired("").sessionCar).toEqual({ etrunkIpv4: documented, etrunkIpv6: documented });
  expect(
    desired("whitelist session-car e-trunk-ipv4 cir 64 pbs 200000\nwhitelist session-car e-trunk-ipv6 disable")
      .sessionCar,
  ).toEqual({ etrunkIpv4: { cir: 64, cbs: 25_600, pir: 1_500, pbs: 200_000 }, etrunkIpv6: undefined });
});

test("a bare BFD session has every default; one without discriminators stays down", () => {
  expect(desired("bfd\nbfd bfd1 bind peer-ip default-ip interface Eth-Trunk 1").bfdSessions).toEqual([
    {
      name: "bfd1",
      peer: undefined,
      source: undefined,
      vrf: undefined,
      interface: "Eth-Trunk1",
      trackInterface: undefined,
      group: ip("224.0.0.184"),
      localDiscriminator: undefined,
      remoteDiscriminator: undefined,
      minTx: millis(10),
      minRx: millis(10),
      multiplier: 3,
      wtr: seconds(0),
      shutdown: false,
      description: undefined,
      authentication: undefined,
      tosExp: 7,
    },
  ]);
});

test("whatever is configured of a BFD session arrives", () => {
  const { bfdSessions } = desired(`bfd
 default-ip-address 224.0.0.190
 tos-exp 6
bfd a bind peer-ip 2.2.2.2 vpn-instance vpn1 source-ip 1.1.1.1 track-interface interface ge 0/1/1
 discriminator local 5
 discriminator remote 6
 authentication-mode met-md5 key-id 9 cipher secret
 description d
 detect-multiplier 4
 min-rx-interval 100
 min-tx-interval 200
 shutdown
 wtr 2
bfd b bind peer-ipv6 fe80::2 interface eth1
 discriminator local 7
 tos-exp 0`);
  expect(bfdSessions).toMatchObject([
    {
      name: "a",
      peer: ip("2.2.2.2"),
      source: ip("1.1.1.1"),
      vrf: "vpn1",
      interface: undefined,
      trackInterface: "GigabitEthernet0/1/1",
      group: ip("224.0.0.190"),
      localDiscriminator: 5,
      remoteDiscriminator: 6,
      minTx: millis(200),
      minRx: millis(100),
      multiplier: 4,
      wtr: seconds(120),
      shutdown: true,
      description: "d",
      authentication: { type: "met-md5", id: 9, octets: octets("secret") },
      tosExp: 6,
    },
    { name: "b", peer: ip("fe80::2"), interface: "eth1", localDiscriminator: 7, tosExp: 0 },
  ]);
});
