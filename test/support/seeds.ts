/** The lines that the vendor's guides type, with the prompts where they print them, and what is configured then. */

export interface Typing {
  readonly name: string;
  /** `[~PE1]line` with the prompt that is printed, or the line alone. */
  readonly lines: readonly string[];
  /** The committed configuration, without its first and last lines and NULL0; keys shortened. */
  readonly result: readonly string[];
}

/** Lines whose part does not exist yet. They must be refused: a row that is taken has to leave this table. */
export const ABSENT: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^mld enable$/, "MLD, which the remote backup service would back up, is not built"],
];

const split = (text: string): string[] => text.split(";").map((line) => line.trimStart());

const pairOf = (
  self: string,
  peer: string,
  member: string,
  own: number,
  other: number,
  priority: number,
  name: string,
) =>
  split(
    `system-view;sysname ${name};commit;interface eth-trunk 10;mode lacp-static;quit;interface gigabitethernet ${member};undo shutdown;` +
      `eth-trunk 10;quit;commit;e-trunk 1;quit;interface eth-trunk 10;e-trunk 1;quit;commit;e-trunk 1;` +
      `peer-address ${peer} source-address ${self};security-key cipher YsHsjx_202206;quit;commit;bfd;quit;` +
      `bfd hello bind peer-ip ${peer} source-ip ${self};discriminator local ${own};discriminator remote ${other};commit;quit;` +
      `e-trunk 1;e-trunk track bfd-session session-name hello;quit;commit;lacp e-trunk priority 1;lacp e-trunk system-id 00e0-fc12-3458;` +
      `commit;e-trunk 1;priority ${priority};timer hello 9;timer hold-on-failure multiplier 30;description to_the_other;quit;commit;` +
      `interface loopback 1;ip address ${self} 255.255.255.255;quit;commit`,
  );

const pairResult = (
  self: string,
  peer: string,
  member: string,
  own: number,
  other: number,
  priority: number,
  name: string,
) => [
  `sysname ${name}`,
  "#",
  "bfd",
  "#",
  "e-trunk 1",
  ` priority ${priority}`,
  ` peer-address ${peer} source-address ${self}`,
  " timer hello 9",
  " timer hold-on-failure multiplier 30",
  " e-trunk track bfd-session session-name hello",
  " description to_the_other",
  " security-key cipher %^%#..%^%#",
  "#",
  "lacp e-trunk system-id 00e0-fc12-3458",
  "lacp e-trunk priority 1",
  "#",
  "interface Eth-Trunk10",
  " mode lacp-static",
  " e-trunk 1",
  "#",
  `interface GigabitEthernet${member}`,
  " undo shutdown",
  " eth-trunk 10",
  "#",
  "interface LoopBack1",
  ` ip address ${self} 255.255.255.255`,
  "#",
  `bfd hello bind peer-ip ${peer} source-ip ${self}`,
  ` discriminator local ${own}`,
  ` discriminator remote ${other}`,
];

/**
 * Seed 004: what is typed into DeviceA and DeviceB, each line behind its printed prompt; but where a profile's view is entered again it
 * prints `*` without a change, and a device prints `~`.
 */
const mld = (name: string, self: string, peer: string, priority: number, systemId: string): string[] =>
  `<HUAWEI>system-view
[~HUAWEI]sysname ${name}
[*${name}]remote-backup-service service1
[*${name}-rm-backup-srv-service1]peer-ipv6 ${peer} source-ipv6 ${self} port 1025
[*${name}-rm-backup-srv-service1]commit
[~${name}-rm-backup-srv-service1]quit
[~${name}]remote-backup-profile profile1
[*${name}-rm-backup-prf-profile1]backup-id 10 remote-backup-service service1
[*${name}-rm-backup-prf-profile1]commit
[~${name}-rm-backup-prf-profile1]quit
[~${name}]e-trunk 1
[*${name}-e-trunk-1]priority ${priority}
[*${name}-e-trunk-1]security-key cipher YsHsjx_202206
[*${name}-e-trunk-1]peer-ipv6 ${peer} source-ipv6 ${self}
[*${name}-e-trunk-1]commit
[~${name}-e-trunk-1]quit
[~${name}]lacp e-trunk system-id ${systemId}
[*${name}]commit
[~${name}]remote-backup-profile profile1
[~${name}-rm-backup-prf-profile1]e-trunk 1 eth-trunk 1
[*${name}-rm-backup-prf-profile1]commit
[~${name}-rm-backup-prf-profile1]quit
[~${name}]interface Eth-Trunk 1
[*${name}-Eth-Trunk1]remote-backup-profile profile1
[*${name}-Eth-Trunk1]commit
[~${name}-Eth-Trunk1]quit
[~${name}]multicast ipv6 routing-enable
[*${name}]interface Eth-Trunk 1
[*${name}-Eth-Trunk1]pim ipv6 sm
[*${name}-Eth-Trunk1]mld enable
[*${name}-Eth-Trunk1]mode lacp-static
[*${name}-Eth-Trunk1]commit
[~${name}-Eth-Trunk1]quit
[~${name}]remote-backup-profile profile1
[~${name}-rm-backup-prf-profile1]service-type mld
[*${name}-rm-backup-prf-profile1]commit
[~${name}-rm-backup-prf-profile1]quit`.split("\n");

const mldResult = (name: string, self: string, peer: string, priority: number, systemId: string): string[] => [
  `sysname ${name}`,
  "#",
  "multicast ipv6 routing-enable",
  "#",
  "e-trunk 1",
  ` priority ${priority}`,
  ` peer-ipv6 ${peer} source-ipv6 ${self}`,
  " security-key cipher %^%#..%^%#",
  "#",
  `lacp e-trunk system-id ${systemId}`,
  "#",
  "remote-backup-service service1",
  ` peer-ipv6 ${peer} source-ipv6 ${self} port 1025`,
  "#",
  "remote-backup-profile profile1",
  " service-type mld",
  " backup-id 10 remote-backup-service service1",
  " e-trunk 1 eth-trunk 1",
  "#",
  "interface Eth-Trunk1",
  " pim ipv6 sm",
  " mode lacp-static",
  " remote-backup-profile profile1",
];

const [A, B] = ["2001:DB8:11::11", "2001:DB8:33::33"];

/** Seeds 000 and 001 name tasks only: their lines are those of the guide's own example. */
export const TYPINGS: readonly Typing[] = [
  {
    name: "000, a 1:1 Eth-Trunk",
    lines: split(
      "system-view;sysname PE1;commit;interface eth-trunk 1;portswitch;mode manual backup;trunkport gigabitethernet 0/1/1 0/2/1;quit;commit;" +
        "interface gigabitethernet 0/1/1;undo shutdown;port-master;quit;interface gigabitethernet 0/2/1;undo shutdown;quit;commit;" +
        "vlan batch 5;interface eth-trunk 1;port trunk allow-pass vlan 5;smart-link flush send vlan 5;quit;commit",
    ),
    result: split(
      "sysname PE1;#;vlan batch 5;#;interface Eth-Trunk1;§portswitch;§port trunk allow-pass vlan 5;§mode manual backup;§smart-link flush send vlan 5;" +
        "#;interface GigabitEthernet0/1/1;§undo shutdown;§eth-trunk 1;§port-master;#;interface GigabitEthernet0/2/1;§undo shutdown;§eth-trunk 1",
    ).map((line) => line.replace("§", " ")),
  },
  {
    name: "000, the device between",
    lines: split(
      "system-view;sysname PE3;commit;vlan batch 5;interface gigabitethernet 0/1/1;undo shutdown;portswitch;port trunk allow-pass vlan 5;" +
        "smart-link flush enable control-vlan 5;quit;interface gigabitethernet 0/2/1;undo shutdown;portswitch;port trunk allow-pass vlan 5;" +
        "smart-link flush enable control-vlan 5;quit;commit",
    ),
    result: split(
      "sysname PE3;#;vlan batch 5;#;interface GigabitEthernet0/1/1;§portswitch;§undo shutdown;§port trunk allow-pass vlan 5;§smart-link flush enable control-vlan 5;" +
        "#;interface GigabitEthernet0/2/1;§portswitch;§undo shutdown;§port trunk allow-pass vlan 5;§smart-link flush enable control-vlan 5",
    ).map((line) => line.replace("§", " ")),
  },
  {
    name: "001, PE1 of an E-Trunk",
    lines: pairOf("1.1.1.9", "2.2.2.9", "0/2/1", 1, 2, 10, "PE1"),
    result: pairResult("1.1.1.9", "2.2.2.9", "0/2/1", 1, 2, 10, "PE1"),
  },
  {
    name: "001, PE2 of an E-Trunk",
    lines: pairOf("2.2.2.9", "1.1.1.9", "0/1/1", 2, 1, 20, "PE2"),
    result: pairResult("2.2.2.9", "1.1.1.9", "0/1/1", 2, 1, 20, "PE2"),
  },
  {
    name: "002, ARP hot backup",
    lines: split(
      "system-view;interface eth-trunk 1;quit;remote-backup-service rbs1;peer 2.2.2.2 source 1.1.1.1 port 1025;e-trunk 1;" +
        "peer-address 2.2.2.2 source-address 1.1.1.1;quit;interface eth-trunk 1;e-trunk 1;e-trunk mode force-master;quit;" +
        "remote-backup-profile rbp1;backup-id 10 remote-backup-service rbs1;service-type arp;e-trunk 1 eth-trunk 1;" +
        "interface eth-trunk 1;remote-backup-profile rbp1;commit",
    ),
    result: split(
      "sysname HUAWEI;#;e-trunk 1;§peer-address 2.2.2.2 source-address 1.1.1.1;#;remote-backup-service rbs1;§peer 2.2.2.2 source 1.1.1.1 port 1025;#;remote-backup-profile rbp1;§service-type arp;" +
        "§backup-id 10 remote-backup-service rbs1;§e-trunk 1 eth-trunk 1;#;interface Eth-Trunk1;§e-trunk 1;§e-trunk mode force-master;§remote-backup-profile rbp1",
    ).map((line) => line.replace("§", " ")),
  },
  {
    name: "003, a platform of two devices",
    lines: split(
      "system-view;remote-backup-service service1;peer 2.2.2.2 source 1.1.1.1 port 1025;remote-backup-profile profile1;" +
        "backup-id 10 remote-backup-service service1;peer-backup hot;remote-backup-profile profile1;e-trunk 1 eth-trunk 1;" +
        "interface eth-trunk 1;quit;e-trunk 1;peer-address 2.2.2.2 source-address 1.1.1.1;commit;quit;bfd;bfd bfd2 bind peer-ip 2.2.2.2;" +
        "discriminator local 60;discriminator remote 80;quit;bfd bfd1 bind peer-ip default-ip interface Eth-Trunk 1 source-ip 1.1.1.1;quit;" +
        "e-trunk 1;e-trunk track bfd-session session-name bfd2;commit",
    ),
    result: split(
      "sysname HUAWEI;#;bfd;#;e-trunk 1;§peer-address 2.2.2.2 source-address 1.1.1.1;§e-trunk track bfd-session session-name bfd2;#;remote-backup-service service1;§peer 2.2.2.2 source 1.1.1.1 port 1025;#;remote-backup-profile profile1;" +
        "§backup-id 10 remote-backup-service service1;§peer-backup hot;§e-trunk 1 eth-trunk 1;#;interface Eth-Trunk1;" +
        "#;bfd bfd1 bind peer-ip default-ip interface Eth-Trunk1 source-ip 1.1.1.1;#;bfd bfd2 bind peer-ip 2.2.2.2;§discriminator local 60;§discriminator remote 80",
    ).map((line) => line.replace("§", " ")),
  },
  {
    name: "004, DeviceA",
    lines: mld("DeviceA", A, B, 20, "00e0-fc12-3455"),
    result: mldResult("DeviceA", A, B, 20, "00e0-fc12-3455"),
  },
  {
    name: "004, DeviceB",
    lines: mld("DeviceB", B, A, 10, "00e0-fc12-3456"),
    result: mldResult("DeviceB", B, A, 10, "00e0-fc12-3456"),
  },
];

/** The line of a step, and the prompt that is printed before it. */
export function stepOf(text: string) {
  const [, prompt, line = ""] = /^([<[][^>\]]*[>\]])?(.*)$/.exec(text) ?? [];
  return { prompt, line };
}

/** A printed configuration as results have it. */
export function committed(lines: readonly string[]): string[] {
  const text = lines.join("\n").replace(/%\^%#\S+/g, "%^%#..%^%#");
  return text.replace("#\ninterface NULL0\n", "").split("\n").slice(1, -2);
}

/** The lines of a typing as a script, without those of parts that do not exist. */
export const scriptOf = ({ lines }: Typing): string =>
  lines
    .map(stepOf)
    .filter(({ line }) => !ABSENT.some(([pattern]) => pattern.test(line)))
    .map(({ line }) => `${line}\n`)
    .join("");
