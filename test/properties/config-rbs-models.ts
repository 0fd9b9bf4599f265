import fc from "fast-check";

const between = (min: number, max: number) => fc.integer({ min, max });
export const backupName = fc.stringMatching(/^[0-9a-z_.-]{1,32}$/).filter((name) => name !== "__proto__");
const connection = (address: fc.Arbitrary<string>) =>
  fc.record({ peer: address, source: address, port: between(1_024, 55_535) });
export const RBS_VALUES = {
  peer: connection(fc.constantFrom("192.0.2.1", "192.0.2.2", "10.0.0.9")),
  peerIpv6: connection(fc.constantFrom("2001:db8::1", "2001:db8::2", "fd00::9")),
  trackBfdSession: between(1, 16_384),
  trackInterface: fc.uniqueArray(
    fc.record({
      interface: fc.constantFrom("Eth-Trunk1", "GigabitEthernet0/1/1", "LoopBack0"),
      weight: between(1, 100),
    }),
    { selector: (each) => each.interface, minLength: 1 },
  ),
  batchBackupServiceType: fc.uniqueArray(
    fc.record({ type: fc.constantFrom("all", "arp", "igmp-snooping"), time: fc.constantFrom("00:00:00", "23:59:59") }),
    { selector: ({ type }) => type, minLength: 1 },
  ),
  backupBlock: fc.subarray(
    ["send", "receive"].flatMap((direction) => ["all", "arp", "nd"].map((type) => ({ direction, type }))),
    { minLength: 1 },
  ),
  shutdown: fc.boolean(),
};
export const RBP_VALUES = {
  serviceType: fc.subarray(["igmp-snooping", "arp", "igmp", "nd", "mld"], { minLength: 1 }),
  backupId: fc.record({ id: between(1, 4_095), service: backupName }),
  peerBackup: fc.constant("hot"),
  eTrunk: fc.record({ etrunk: between(1, 512), ethTrunk: fc.nat(4_294_967_295) }),
};
