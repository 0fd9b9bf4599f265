import { createHmac, hkdfSync } from "node:crypto";
import { macToColons } from "../../core/base/address.js";
import { memberType } from "../../core/base/member-key.js";
import {
  BFD_TRACKED,
  BFD_UP,
  etrunkHello,
  HEARING_YOU,
  type HelloEcho,
  type HelloFault,
  type HelloMember,
  HelloView,
  HIGHER_FIRST,
  LEAVING,
  LONGEST_HELLO,
  MEMBER_OFFSET,
  MEMBER_READY,
  MEMBER_SETTLED,
  MEMBER_UP,
  memberKind,
  REVERT_ENABLED,
  SEQUENCE_CHECK,
} from "../../core/wire/etrunk-hello.js";
import {
  AUTHENTICATION_MODES,
  CAUSES,
  ETRUNK_STATES,
  MEMBER_CAUSES,
  MEMBER_STATES,
  SELECT_MODES,
  WORK_MODES,
} from "../../core/wire/etrunk-names.js";
import { helloDigest, helloKey } from "../../core/wire/hello-digest.js";
import { printMac } from "../layout.js";
import { type Datagram, type DecodedDatagram, datagramLine, decodedDatagram } from "./datagram.js";

/** An E-Trunk hello. Our own format, not that of VRP. */
export interface DecodedHello extends DecodedDatagram {
  readonly etrunk: number;
  readonly flags: readonly string[];
  readonly state: string;
  readonly causation: string;
  readonly priority: number;
  readonly selectMode: string;
  /** Units of 100 ms; 0 = not carried. */
  readonly failTime: number;
  readonly systemId: string;
  /** Seconds. */
  readonly revertDelay: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly peerEpoch: number;
  /** Hellos of the receiver that the sender heard; null where the sender does not echo. */
  readonly echoes: readonly HelloEcho[] | null;
  readonly software: string;
  readonly members: readonly DecodedMember[];
  readonly authentication: {
    readonly mode: string;
    readonly keyId: number;
    /** Checked where ETRUNK_KEY is set. */
    readonly digest: "right" | "wrong" | "not checked";
  } | null;
}

interface DecodedMember {
  readonly type: number;
  readonly id: number;
  readonly remoteId: number;
  readonly workMode: string;
  readonly state: string;
  readonly causation: string;
  readonly flags: readonly string[];
  readonly links: number;
  /** Mbit/s. */
  readonly bandwidth: number;
  readonly systemPriority: number;
  readonly systemId: string;
  readonly portKey: number;
  /** Seconds. */
  readonly revertRemaining: number;
}

export interface DecodedHelloFault {
  readonly name: HelloFault | "digest";
  readonly text: string;
  readonly clause: string;
}

const CLAUSE = "E-Trunk hello of etrunkd, version 1";
const DEFAULT_PORT = 1025;

const FLAGS = [
  [SEQUENCE_CHECK, "sequence check"],
  [REVERT_ENABLED, "revert"],
  [BFD_TRACKED, "BFD tracked"],
  [LEAVING, "leaving"],
  [HIGHER_FIRST, "higher first"],
  [HEARING_YOU, "hearing you"],
  [BFD_UP, "BFD up"],
] as const;
const MEMBER_FLAGS = [
  [MEMBER_UP, "up"],
  [MEMBER_READY, "ready"],
  [MEMBER_OFFSET, "port offset"],
  [MEMBER_SETTLED, "settled"],
] as const;

const namesOf = (flags: number, names: readonly (readonly [bit: number, name: string])[]): string[] =>
  names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);

const digests = {
  hmac: (algorithm: "sha1" | "sha256", key: Uint8Array, octets: Uint8Array): Uint8Array =>
    new Uint8Array(createHmac(algorithm, key).update(octets).digest()),
  hkdf: (key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", key, salt, info, length)),
};

const view = new HelloView();

/** Whether a datagram is a hello: by the default port, or on another port by its first octets. */
export function isHello(bytes: DataView, { sourcePort, destinationPort, start, length }: Datagram): boolean {
  if (sourcePort !== destinationPort) return false;
  if (destinationPort === DEFAULT_PORT) return true;
  const { at, size } = etrunkHello;
  return length >= size && bytes.getUint8(start + at.version) === 1 && bytes.getUint16(start + at.length) === length;
}

export function judgeHello(
  bytes: DataView,
  datagram: Datagram,
  key: Uint8Array | undefined,
): { readonly hello: DecodedHello | null; readonly fault: DecodedHelloFault | null } {
  const { start, length } = datagram;
  const name = view.wrap(bytes, start, length).fault();
  if (name !== undefined) {
    const isReadable = name !== "version" && name !== "length";
    const fault = { name, text: faultText(name, bytes, datagram), clause: CLAUSE };
    const hello = isReadable ? decoded(datagram, "not checked") : null;
    // What follows the fixed part has not been read.
    const rest = name === "tlv" ? {} : { members: [], software: "", echoes: null, authentication: null };
    return { hello: hello && { ...hello, ...rest }, fault };
  }
  const digest = checkDigest(bytes, datagram, key);
  const text = "the digest is not that of ETRUNK_KEY";
  return {
    hello: decoded(datagram, digest),
    fault: digest === "wrong" ? { name: "digest", text, clause: CLAUSE } : null,
  };
}

function checkDigest(
  bytes: DataView,
  { start, length, source, destination, destinationPort }: Datagram,
  key: Uint8Array | undefined,
): "right" | "wrong" | "not checked" {
  const { authentication } = view;
  if (key === undefined || authentication === undefined) return "not checked";
  const { mode, digestAt, digestLength } = authentication;
  const octets = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length).slice();
  const received = octets.slice(digestAt, digestAt + digestLength);
  octets.fill(0, digestAt, digestAt + digestLength);
  const path = { source, destination, udpPort: destinationPort };
  const digest = helloDigest(digests, mode, helloKey(digests, mode, key, view.etrunk, path), octets, path);
  return digest.every((octet, at) => octet === received[at]) ? "right" : "wrong";
}

function decoded(datagram: Datagram, digest: "right" | "wrong" | "not checked"): DecodedHello {
  const { authentication } = view;
  return {
    ...decodedDatagram(datagram),
    etrunk: view.etrunk,
    flags: namesOf(view.flags, FLAGS),
    state: ETRUNK_STATES[view.state - 1] ?? String(view.state),
    causation: CAUSES[view.reason - 1] ?? String(view.reason),
    priority: view.priority,
    selectMode: SELECT_MODES[view.selectMode] ?? String(view.selectMode),
    failTime: view.failTime,
    systemId: macToColons(view.system),
    revertDelay: view.revertDelay,
    epoch: view.epoch,
    sequence: view.sequence,
    peerEpoch: view.peerEpoch,
    echoes: view.echoes ?? null,
    software: view.software,
    members: view.members.map(decodedMember),
    authentication:
      authentication === undefined
        ? null
        : {
            mode: AUTHENTICATION_MODES[authentication.mode - 1] ?? String(authentication.mode),
            keyId: authentication.keyId,
            digest,
          },
  };
}

const decodedMember = (member: HelloMember): DecodedMember => ({
  type: member.type,
  id: member.localId,
  remoteId: member.remoteId,
  workMode: WORK_MODES[member.workMode] ?? String(member.workMode),
  state: MEMBER_STATES[member.state - 1] ?? String(member.state),
  causation: MEMBER_CAUSES[member.reason - 1] ?? String(member.reason),
  flags: namesOf(member.flags, MEMBER_FLAGS),
  links: member.availableLinks,
  bandwidth: member.availableBandwidth,
  systemPriority: member.systemPriority,
  systemId: macToColons(member.system),
  portKey: member.key,
  revertRemaining: member.revertRemaining,
});

function faultText(name: HelloFault, bytes: DataView, { start, length }: Datagram): string {
  const { at, size } = etrunkHello;
  switch (name) {
    case "version":
      return `the version is ${bytes.getUint8(start + at.version)}, 1 is known`;
    case "length":
      if (length < size) return `there are ${length} octets, must be ${size} or more`;
      if (length > LONGEST_HELLO) return `there are ${length} octets, at most ${LONGEST_HELLO} are taken`;
      return `the length is ${bytes.getUint16(start + at.length)}, the datagram has ${length} octets`;
    case "etrunk-id":
      return `the E-Trunk ID is ${view.etrunk}, must be 1 to 512`;
    case "state":
      return `the state is ${view.state}, must be 1 to 3`;
    case "reason":
      return `the reason is ${view.reason}, must be 1 to 8`;
    case "priority":
      return `the priority is ${view.priority}, must be 1 to 254`;
    case "fail-time":
      return `the fail time is ${view.failTime}, must be 0 or 15 to 30000`;
    case "tlv":
      return "a TLV is cut short, has a value out of range, or follows the authentication";
    case "number":
      return "an epoch is more than 2^53 - 1";
  }
}

/** The fields as lines of text. */
export function helloLines(hello: DecodedHello): string[] {
  const { authentication: signed } = hello;
  return [
    datagramLine(hello),
    `       E-Trunk ${hello.etrunk}, State ${hello.state} (${hello.causation}), Priority ${hello.priority}, System ${printMac(hello.systemId)}, Fail Time ${hello.failTime}, Revert Delay ${hello.revertDelay}, Select ${hello.selectMode}`,
    `       Flags ${hello.flags.join(", ") || "none"}`,
    `       Epoch ${hello.epoch}, Sequence ${hello.sequence}, Peer Epoch ${hello.peerEpoch}, Software ${hello.software || "not told"}`,
    `       Echoes ${hello.echoes === null ? "not carried" : hello.echoes.map(echoText).join(", ") || "none"}`,
    ...hello.members.map(memberLine),
    signed === null
      ? "       Authentication none"
      : `       Authentication ${signed.mode}, Key ID ${signed.keyId}, Digest ${signed.digest}`,
  ];
}

const echoText = ({ epoch, sequence }: HelloEcho): string => `${epoch}/${sequence}`;

const memberLine = (member: DecodedMember): string =>
  `       ${memberType(memberKind(member) ?? "global-ve")} ${member.id}, Remote ${member.remoteId}, ${member.workMode}, ${member.state} (${member.causation}), ${[...member.flags, `${member.links} links`, `${member.bandwidth} Mbit/s`].join(", ")}, LACP ${member.systemPriority} ${printMac(member.systemId)} Key ${member.portKey}, Revert ${member.revertRemaining} s`;
