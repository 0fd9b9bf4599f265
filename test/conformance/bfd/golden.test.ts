import { describe, expect, test } from "vitest";
import { micros, millis, seconds } from "../../../src/core/base/time.js";
import { type BfdParts, STATES } from "../../support/bfd-packets.js";
import { toHex } from "../../support/frames.js";
import { COMPLAINTS, dissect } from "../../support/tshark.js";
import { udpFrame } from "../../support/udp-frames.js";
import { ETH1, MULTIHOP, Peer, type SessionParts, SINGLE_HOP, Station } from "./station.js";

const IPV6 = { peer: "fd82::1", source: "fd81::1" };
const FAST = { minTx: millis(10), minRx: millis(10) };

/** A life of a session: up, a change of its intervals, a Poll of the peer's, silence, shutdown, removal. */
function life(parts: SessionParts, carrier = {}, pacer = false): Station {
  const station = new Station([parts], {
    pacer,
    addresses: [
      [ETH1, "10.0.0.1", 24],
      [ETH1, "fd81::1", 64],
    ],
  });
  const peer = new Peer(station, {}, carrier).bringUp();
  station.pass(millis(250));
  peer.say({ state: "Up", flags: "P" });
  station.configure({ ...parts, minTx: millis(100), minRx: millis(700), multiplier: 5 });
  station.pass(millis(250));
  peer.say({ flags: "F" });
  station.pass(seconds(4));
  station.configure({ ...parts, shutdown: true });
  station.pass(seconds(1));
  station.configure();
  return station;
}

/** A session that signs; nobody answers. */
function signing(type: NonNullable<SessionParts["authentication"]>["type"]): Station {
  const station = new Station([
    { ...MULTIHOP, authentication: { type, id: 200, octets: Buffer.from("YsHsjx_202206") } },
  ]);
  station.pass(seconds(4));
  return station;
}

const SCRIPTS: readonly (readonly [name: string, run: () => Station])[] = [
  ["single-hop", () => life(SINGLE_HOP, { destinationPort: 3784 })],
  ["multihop", () => life(MULTIHOP)],
  ["multihop-ipv6", () => life(IPV6, { source: "fd82::1", destination: "fd81::1" })],
  ["fast", () => life({ ...MULTIHOP, ...FAST }, {}, true)],
  ["simple", () => signing("simple")],
  ["md5", () => signing("md5")],
  ["met-md5", () => signing("met-md5")],
  ["sha1", () => signing("sha1")],
  ["met-sha1", () => signing("met-sha1")],
];

const FIELDS = [
  "ip.ttl",
  "ipv6.hlim",
  "udp.srcport",
  "udp.dstport",
  "bfd.version",
  "bfd.diag",
  "bfd.sta",
  "bfd.flags.p",
  "bfd.flags.f",
  "bfd.flags.a",
  "bfd.detect_time_multiplier",
  "bfd.message_length",
  "bfd.my_discriminator",
  "bfd.your_discriminator",
  "bfd.desired_min_tx_interval",
  "bfd.required_min_rx_interval",
  "bfd.required_min_echo_interval",
  "bfd.auth.type",
  "bfd.auth.len",
  "bfd.auth.key",
  "bfd.auth.seq_num",
] as const;

/** The fields of an authentication section as tshark names them. */
function meantOfSection({ authentication }: BfdParts): Record<string, string> {
  const number = (octet: number, octets: number) =>
    Number.parseInt(authentication.slice(octet * 2, (octet + octets) * 2), 16);
  if (authentication === "")
    return { "bfd.auth.type": "", "bfd.auth.len": "", "bfd.auth.key": "", "bfd.auth.seq_num": "" };
  const isKeyed = number(0, 1) > 1;
  return {
    "bfd.auth.type": `${number(0, 1)}`,
    "bfd.auth.len": `${number(1, 1)}`,
    "bfd.auth.key": `${number(2, 1)}`,
    "bfd.auth.seq_num": isKeyed ? `0x${number(4, 4).toString(16).padStart(8, "0")}` : "",
  };
}

/** A packet as we meant it, in tshark's words. */
function meant({ packet, datagram }: Station["log"][number]): Record<string, string> {
  const isIpv4 = !datagram.source.includes(":");
  const flag = (letter: string) => (packet.flags.includes(letter) ? "1" : "0");
  return {
    "ip.ttl": isIpv4 ? "255" : "",
    "ipv6.hlim": isIpv4 ? "" : "255",
    "udp.srcport": `${datagram.sourcePort}`,
    "udp.dstport": `${datagram.destinationPort}`,
    "bfd.version": "1",
    "bfd.diag": `0x${packet.diagnostic.toString(16).padStart(2, "0")}`,
    "bfd.sta": `0x0${STATES.indexOf(packet.state)}`,
    "bfd.flags.p": flag("P"),
    "bfd.flags.f": flag("F"),
    "bfd.flags.a": flag("A"),
    "bfd.detect_time_multiplier": `${packet.multiplier}`,
    "bfd.message_length": `${packet.length}`,
    "bfd.my_discriminator": `0x${packet.myDiscriminator.toString(16).padStart(8, "0")}`,
    "bfd.your_discriminator": `0x${packet.yourDiscriminator.toString(16).padStart(8, "0")}`,
    "bfd.desired_min_tx_interval": `${packet.desiredMinTx}`,
    "bfd.required_min_rx_interval": `${packet.requiredMinRx}`,
    "bfd.required_min_echo_interval": "0",
    ...meantOfSection(packet),
    ...Object.fromEntries(COMPLAINTS.map((field) => [field, ""])),
  };
}

/** One line a packet: when, from where to where, its octets, what it says. */
const lineOf = ({ time, bytes, packet, datagram }: Station["log"][number]): string =>
  `${((time - 1_000_000_000) / 1e6).toFixed(6)} ${datagram.source}:${datagram.sourcePort} > ${datagram.destination}:${datagram.destinationPort} ` +
  `${toHex(bytes)} ${packet.state} ${packet.flags || "-"}`;

describe.for(SCRIPTS)("%s", ([name, run]) => {
  const { log } = run();

  test("sends what it always did, octet by octet", async () => {
    expect(log.length).toBeGreaterThan(3);
    await expect(`${log.map(lineOf).join("\n")}\n`).toMatchFileSnapshot(`./${name}.trace`);
  });

  test("is read by tshark as it was meant, without a complaint", () => {
    const frames = log.map(({ time, bytes, datagram }) => ({ time, bytes: udpFrame({ ...datagram, payload: bytes }) }));
    expect(dissect(frames, [...FIELDS, ...COMPLAINTS])).toEqual(log.map(meant));
  });
});

test("the packet the pacer gets is read by tshark too", () => {
  const station = new Station([{ ...MULTIHOP, ...FAST }], { pacer: true });
  new Peer(station, { desiredMinTx: 10_000, requiredMinRx: 10_000 }).bringUp();
  const steady = station.paced.get(10);
  if (steady === undefined) throw new Error("the session is not paced");
  const { source, destination, packet, ...rest } = steady;
  const frame = udpFrame({ ...rest, source: source.text, destination: destination.text, payload: packet });
  const [read] = dissect(
    [{ time: micros(0), bytes: frame }],
    ["bfd.sta", "bfd.desired_min_tx_interval", ...COMPLAINTS],
  );
  expect(read).toEqual({
    "bfd.sta": "0x03",
    "bfd.desired_min_tx_interval": "10000",
    ...Object.fromEntries(COMPLAINTS.map((field) => [field, ""])),
  });
});
