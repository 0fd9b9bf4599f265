import { macToColons } from "../../core/base/address.js";
import { ETHERTYPE_SLOW_PROTOCOLS, EthernetView, ethernet } from "../../core/wire/ethernet.js";
import { FLUSH_GROUP, type FlushFault } from "../../core/wire/flush.js";
import { type LacpduFault, LacpduView, lacpdu } from "../../core/wire/lacpdu.js";
import { MARKER_INFORMATION, type MarkerFault, MarkerView, marker } from "../../core/wire/marker.js";
import {
  GREATEST_LEGAL_SUBTYPE,
  NO_SUBTYPE,
  SUBTYPE_LACP,
  SUBTYPE_MARKER,
  subtypeOf,
} from "../../core/wire/slow-protocols.js";
import { type DecodedBfd, type DecodedBfdFault, isBfd, judgeBfd } from "./bfd.js";
import { type CapturedFrame, LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2 } from "./capture-file.js";
import { openDatagram } from "./datagram.js";
import { type DecodedFlush, judgeFlush } from "./flush.js";
import { type DecodedHello, type DecodedHelloFault, isHello, judgeHello } from "./hello.js";
import { type DecodedRbs, type DecodedRbsFault, RbsStreams } from "./rbs.js";
import { openSegment } from "./segment.js";

/** One frame as `--decode --json` prints it. MAC addresses as `00:e0:fc:12:34:55`. */
export interface DecodedFrame {
  readonly number: number;
  /** ISO 8601 UTC with microseconds, or nanoseconds where the capture has them. */
  readonly time: string | null;
  readonly source: string | null;
  readonly destination: string | null;
  /** VLAN ID of the outermost tag. */
  readonly vlan: number | null;
  /** Octets on the wire. */
  readonly length: number;
  /** Kind of the frame: `LACPDU`, `Marker`, `Marker Response`, `ARP`, ... */
  readonly what: string;
  /** The capture kept too little of the frame to judge it. */
  readonly cut: boolean;
  readonly lacpdu: DecodedLacpdu | null;
  readonly marker: DecodedMarker | null;
  readonly flush: DecodedFlush | null;
  readonly hello: DecodedHello | null;
  readonly bfd: DecodedBfd | null;
  /** Messages of the remote backup service that end in this frame. */
  readonly rbs: DecodedRbs | null;
  readonly fault: DecodedFault | null;
}

export interface DecodedLacpdu {
  readonly version: number;
  readonly actor: DecodedEnd;
  readonly partner: DecodedEnd;
  /** Tens of microseconds. */
  readonly collectorMaxDelay: number;
  /** Type and length of the Actor, Partner, Collector and Terminator TLV as they stand. */
  readonly tlvs: readonly (readonly [type: number, length: number])[];
}

export interface DecodedEnd {
  readonly systemPriority: number;
  readonly systemId: string;
  readonly portKey: number;
  readonly portPriority: number;
  readonly portNumber: number;
  readonly portState: string;
  /** Names of the bits that are set. */
  readonly portStateBits: readonly string[];
}

export interface DecodedMarker {
  readonly version: number;
  readonly tlv: readonly [type: number, length: number];
  readonly requesterPort: number;
  readonly requesterSystem: string;
  readonly transaction: number;
}

interface DecodedFault {
  readonly name:
    | LacpduFault
    | MarkerFault
    | FlushFault
    | DecodedHelloFault["name"]
    | DecodedBfdFault["name"]
    | DecodedRbsFault["name"]
    | "no-subtype"
    | "illegal-subtype";
  readonly text: string;
  readonly clause: string;
}

/** 802.1AX-2014 6.4.2.3, bit 0 first. */
const STATE_BITS = [
  "Activity",
  "Short Timeout",
  "Aggregation",
  "Synchronization",
  "Collecting",
  "Distributing",
  "Defaulted",
  "Expired",
];

/** A frame without its headers. */
interface Opened {
  readonly source: string | null;
  readonly destination: string | null;
  readonly vlan: number | null;
  readonly type: number;
  readonly start: number;
}

type Judged = Pick<DecodedFrame, "what"> &
  Partial<Pick<DecodedFrame, "lacpdu" | "marker" | "flush" | "hello" | "bfd" | "rbs" | "fault">>;

const FLUSH_DESTINATION = macToColons(FLUSH_GROUP);

const ethernetView = new EthernetView();
const lacpduView = new LacpduView();
const markerView = new MarkerView();

/** What reading a frame rests on besides the frame. */
export interface DecodeContext {
  /** Key for the digests of hellos. */
  readonly key?: Uint8Array | undefined;
  /** Messages go on from frame to frame. */
  readonly streams: RbsStreams;
}

/** Reads one frame of a capture. No octets make it throw. */
export function decodeFrame(
  frame: CapturedFrame,
  context: DecodeContext = { streams: new RbsStreams() },
): DecodedFrame {
  const isKnown = [LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2].includes(frame.linkType);
  const opened = open(frame);
  const judged: Judged = opened
    ? judge(frame.bytes, opened, context)
    : { what: isKnown ? "a frame without a whole header" : `link type ${frame.linkType}` };
  const fault = judged.fault ?? null;
  const isShort = fault?.name === "truncated" || fault?.name === "length";
  const cut = frame.originalLength > frame.bytes.byteLength && (isShort || !opened);
  return {
    number: frame.number,
    time: frame.time === undefined ? null : isoTime(frame.time),
    source: opened?.source ?? null,
    destination: opened?.destination ?? null,
    vlan: opened?.vlan ?? null,
    length: frame.originalLength,
    what: judged.what,
    cut,
    lacpdu: judged.lacpdu ?? null,
    marker: judged.marker ?? null,
    flush: judged.flush ?? null,
    hello: judged.hello ?? null,
    bfd: judged.bfd ?? null,
    rbs: judged.rbs ?? null,
    fault: cut ? null : fault,
  };
}

/** Latest time a Date holds, in nanoseconds. */
const LATEST = 8_640_000_000_000_000n * 1_000_000n;

function isoTime(time: bigint): string | null {
  if (time > LATEST || time < -LATEST) return null;
  const nanoseconds = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const date = new Date(Number((time - nanoseconds) / 1_000_000n));
  const fraction = String(nanoseconds).padStart(9, "0");
  return date.toISOString().replace("000Z", `${fraction.endsWith("000") ? fraction.slice(0, 6) : fraction}Z`);
}

const VLAN_TAGS = [0x8100, 0x88a8, 0x9100];

function open({ linkType, bytes }: CapturedFrame): Opened | undefined {
  switch (linkType) {
    case LINKTYPE_ETHERNET: {
      if (ethernetView.wrap(bytes, 0, bytes.byteLength).fault()) return undefined;
      const { source, destination, type } = ethernetView;
      return untag(bytes, { source: macToColons(source), destination: macToColons(destination), type }, ethernet.size);
    }
    case LINKTYPE_LINUX_SLL: {
      if (bytes.byteLength < 16) return undefined;
      const source = cookedAddress(bytes, bytes.getUint16(4), 6);
      return untag(bytes, { source, destination: null, type: bytes.getUint16(14) }, 16);
    }
    case LINKTYPE_LINUX_SLL2: {
      if (bytes.byteLength < 20) return undefined;
      const source = cookedAddress(bytes, bytes.getUint8(11), 12);
      return untag(bytes, { source, destination: null, type: bytes.getUint16(0) }, 20);
    }
    default:
      return undefined;
  }
}

function cookedAddress(bytes: DataView, length: number, at: number): string | null {
  if (length !== 6) return null;
  const octets = Array.from({ length }, (_, n) =>
    bytes
      .getUint8(at + n)
      .toString(16)
      .padStart(2, "0"),
  );
  return octets.join(":");
}

/** Removes VLAN tags; `start` is the offset after the EtherType. */
function untag(bytes: DataView, frame: Pick<Opened, "source" | "destination" | "type">, start: number): Opened {
  let { type } = frame;
  let vlan: number | null = null;
  let at = start;
  while (VLAN_TAGS.includes(type) && at + 4 <= bytes.byteLength) {
    vlan ??= bytes.getUint16(at) & 0xfff;
    type = bytes.getUint16(at + 2);
    at += 4;
  }
  return { ...frame, vlan, type, start: at };
}

function judge(bytes: DataView, { type, start, destination }: Opened, context: DecodeContext): Judged {
  // A Flush has its 802.3 length in the place of an EtherType.
  if (destination === FLUSH_DESTINATION) return { what: "Flush", ...judgeFlush(bytes, start - 2) };
  if (type !== ETHERTYPE_SLOW_PROTOCOLS)
    return judgePacket(bytes, type, start, context) ?? { what: nameOf(bytes, type, start) };
  const length = bytes.byteLength - start;
  const subtype = subtypeOf(bytes, start, length);
  if (subtype === SUBTYPE_LACP) return judgeLacpdu(bytes, start, length);
  if (subtype === SUBTYPE_MARKER) return judgeMarker(bytes, start, length);
  if (subtype === NO_SUBTYPE) {
    const text = "the frame ends with its EtherType, a subtype is needed";
    return { what: "slow protocol", fault: { name: "no-subtype", text, clause: "802.3 Annex 57A" } };
  }
  const what = { 3: "OAM", 10: "OSSP" }[subtype] ?? `slow protocol ${subtype}`;
  if (subtype >= 1 && subtype <= GREATEST_LEGAL_SUBTYPE) return { what };
  const text = `the subtype is ${subtype}, 1 to ${GREATEST_LEGAL_SUBTYPE} are legal`;
  return { what, fault: { name: "illegal-subtype", text, clause: "802.3 Table 57A-3" } };
}

function judgePacket(bytes: DataView, type: number, start: number, context: DecodeContext): Judged | undefined {
  const { key, streams } = context;
  const segment = openSegment(bytes, type, start);
  const rbs = segment && streams.read(bytes, segment);
  if (rbs !== undefined) return { what: "RBS", ...rbs };
  const datagram = openDatagram(bytes, type, start);
  if (datagram === undefined) return undefined;
  if (isBfd(datagram)) return { what: "BFD", ...judgeBfd(bytes, datagram) };
  return isHello(bytes, datagram) ? { what: "E-Trunk hello", ...judgeHello(bytes, datagram, key) } : undefined;
}

function judgeLacpdu(bytes: DataView, start: number, length: number): Judged {
  const what = "LACPDU";
  const name = lacpduView.wrap(bytes, start, length).fault();
  if (name === "truncated") return { what, fault: truncated(length, lacpdu.size, "802.1AX-2014 6.4.2.3") };
  const { at } = lacpdu;
  const tlv = (type: number, size: number) => [bytes.getUint8(start + type), bytes.getUint8(start + size)] as const;
  const tlvs = [
    tlv(at.actorTlv, at.actorLength),
    tlv(at.partnerTlv, at.partnerLength),
    tlv(at.collectorTlv, at.collectorLength),
    tlv(at.terminatorTlv, at.terminatorLength),
  ];
  const view = lacpduView;
  const decoded: DecodedLacpdu = {
    version: view.version,
    actor: {
      systemPriority: view.actorSystemPriority,
      systemId: macToColons(view.actorSystem),
      portKey: view.actorKey,
      portPriority: view.actorPortPriority,
      portNumber: view.actorPort,
      ...stateOf(view.actorState),
    },
    partner: {
      systemPriority: view.partnerSystemPriority,
      systemId: macToColons(view.partnerSystem),
      portKey: view.partnerKey,
      portPriority: view.partnerPortPriority,
      portNumber: view.partnerPort,
      ...stateOf(view.partnerState),
    },
    collectorMaxDelay: view.collectorMaxDelay,
    tlvs,
  };
  return { what, lacpdu: decoded, fault: name === undefined ? null : lacpduFault(name, tlvs) };
}

function stateOf(octet: number): Pick<DecodedEnd, "portState" | "portStateBits"> {
  const bits = STATE_BITS.map((_, bit) => (octet >> bit) & 1);
  return { portState: bits.join(""), portStateBits: STATE_BITS.filter((_, bit) => bits[bit] === 1) };
}

function lacpduFault(name: Exclude<LacpduFault, "truncated">, tlvs: DecodedLacpdu["tlvs"]): DecodedFault {
  const wrong = (tlv: string, n: number, right: number): DecodedFault => ({
    name,
    text: `${tlv}_Information_Length is ${tlvs[n]![1]}, must be ${right}`,
    clause: "802.1AX-2014 6.4.2.3",
  });
  switch (name) {
    case "actor-length":
      return wrong("Actor", 0, 20);
    case "partner-length":
      return wrong("Partner", 1, 20);
    case "collector-length":
      return wrong("Collector", 2, 16);
    case "port-zero":
      return { name, text: "Actor_Port is 0, a port number is 1 or more", clause: "802.1AX-2014 6.3.4" };
  }
}

const truncated = (length: number, size: number, clause: string): DecodedFault => ({
  name: "truncated",
  text: `the PDU has ${length} octets, must have ${size}`,
  clause,
});

function judgeMarker(bytes: DataView, start: number, length: number): Judged {
  const clause = "802.1AX-2014 6.5.3.3";
  const name = markerView.wrap(bytes, start, length).fault();
  if (name === "truncated") return { what: "Marker", fault: truncated(length, marker.size, clause) };
  const { at } = marker;
  const tlvLength = bytes.getUint8(start + at.length);
  const { type, requesterPort, requesterSystem, transaction } = markerView;
  const texts = {
    "marker-length": `Marker_Information_Length is ${tlvLength}, must be 16`,
    "marker-type": `the TLV type is ${type}, must be 1 (Marker) or 2 (Marker Response)`,
  };
  return {
    what: type === MARKER_INFORMATION || name === "marker-type" ? "Marker" : "Marker Response",
    marker: {
      version: bytes.getUint8(start + at.version),
      tlv: [type, tlvLength],
      requesterPort,
      requesterSystem: macToColons(requesterSystem),
      transaction,
    },
    fault: name === undefined ? null : { name, text: texts[name], clause },
  };
}

const NAMES = new Map([
  [0x0800, "IPv4"],
  [0x0806, "ARP"],
  [0x86dd, "IPv6"],
  [0x8847, "MPLS"],
  [0x8863, "PPPoE discovery"],
  [0x8864, "PPPoE"],
  [0x888e, "EAPOL"],
  [0x88cc, "LLDP"],
  [0x88f7, "PTP"],
  [0x8902, "CFM"],
  [0x9000, "loopback test"],
]);

/** Below 1536 the field is a length, and an LLC header follows (802.3 3.2.6). */
function nameOf(bytes: DataView, type: number, start: number): string {
  if (type >= 1536) return NAMES.get(type) ?? `EtherType 0x${type.toString(16).padStart(4, "0")}`;
  const access = start + 2 <= bytes.byteLength ? bytes.getUint16(start) : 0;
  return access === 0x4242 ? "STP" : access === 0xaaaa ? "SNAP" : "LLC";
}
