import { BFD_AUTHENTICATION_TYPES, BFD_PORTS, SINGLE_HOP_PORT } from "../../core/base/bfd.js";
import {
  AUTHENTICATION,
  type BfdFault,
  BfdView,
  bfdControl,
  CONTROL_PLANE_INDEPENDENT,
  DEMAND,
  FINAL,
  MULTIPOINT,
  POLL,
} from "../../core/wire/bfd-control.js";
import { DIAGNOSTICS, SESSION_STATES } from "../../core/wire/bfd-names.js";
import { type Datagram, type DecodedDatagram, datagramLine, decodedDatagram } from "./datagram.js";

/** A BFD control packet, RFC 5880 4.1. */
export interface DecodedBfd extends DecodedDatagram {
  readonly state: string;
  readonly diagnostic: string;
  readonly flags: readonly string[];
  readonly multiplier: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  /** Microseconds. */
  readonly desiredMinTx: number;
  readonly requiredMinRx: number;
  readonly requiredMinEchoRx: number;
  readonly authentication: { readonly type: string; readonly keyId: number } | null;
}

export interface DecodedBfdFault {
  readonly name: BfdFault | "ttl";
  readonly text: string;
  readonly clause: string;
}

const FLAGS = [
  [POLL, "Poll"],
  [FINAL, "Final"],
  [CONTROL_PLANE_INDEPENDENT, "Control Plane Independent"],
  [AUTHENTICATION, "Authentication"],
  [DEMAND, "Demand"],
  [MULTIPOINT, "Multipoint"],
] as const;

const view = new BfdView();

export const isBfd = ({ destinationPort }: Datagram): boolean => BFD_PORTS.includes(destinationPort);

export function judgeBfd(
  bytes: DataView,
  datagram: Datagram,
): { readonly bfd: DecodedBfd | null; readonly fault: DecodedBfdFault | null } {
  const { start, length, ttl, destinationPort } = datagram;
  const name = view.wrap(bytes, start, length).fault();
  if (name !== undefined) {
    const isReadable = length >= bfdControl.size && name !== "version";
    const fault = { name, text: faultText(name, length), clause: "RFC 5880 6.8.6" };
    return { bfd: isReadable ? decoded(datagram, false) : null, fault };
  }
  const isExposed = destinationPort === SINGLE_HOP_PORT && ttl !== 255 && !view.has(AUTHENTICATION);
  const fault = { name: "ttl", text: `the TTL is ${ttl}, must be 255`, clause: "RFC 5881 5" } as const;
  return { bfd: decoded(datagram, view.has(AUTHENTICATION)), fault: isExposed ? fault : null };
}

const decoded = (datagram: Datagram, hasSection: boolean): DecodedBfd => ({
  ...decodedDatagram(datagram),
  state: SESSION_STATES[view.state] as string,
  diagnostic: DIAGNOSTICS[view.diagnostic] ?? String(view.diagnostic),
  flags: FLAGS.filter(([bit]) => view.has(bit)).map(([, name]) => name),
  multiplier: view.multiplier,
  myDiscriminator: view.myDiscriminator,
  yourDiscriminator: view.yourDiscriminator,
  desiredMinTx: view.desiredMinTx,
  requiredMinRx: view.requiredMinRx,
  requiredMinEchoRx: view.requiredMinEchoRx,
  authentication:
    hasSection && view.authenticationLength >= 3
      ? {
          type: BFD_AUTHENTICATION_TYPES[view.authenticationType - 1] ?? String(view.authenticationType),
          keyId: view.keyId,
        }
      : null,
});

function faultText(name: BfdFault, length: number): string {
  switch (name) {
    case "version":
      return "the version is not 1";
    case "length":
      return length < bfdControl.size
        ? `there are ${length} octets, must be ${bfdControl.size} or more`
        : `the length is ${view.length}, there are ${length} octets`;
    case "multiplier":
      return "Detect Mult is 0";
    case "multipoint":
      return "the Multipoint bit is set";
    case "my-discriminator":
      return "My Discriminator is 0";
    case "your-discriminator":
      return "Your Discriminator is 0, and the state is neither Down nor AdminDown";
    case "authentication-section":
      return `the authentication section of ${view.authenticationLength} octets is longer than the packet`;
  }
}

const millis = (duration: number): string => `${duration / 1_000} ms`;

/** The fields as lines of text. */
export function bfdLines(packet: DecodedBfd): string[] {
  const { authentication: signed } = packet;
  return [
    datagramLine(packet),
    `       State ${packet.state}, ${packet.diagnostic}, Flags ${packet.flags.join(", ") || "none"}, Multiplier ${packet.multiplier}, My Discriminator ${packet.myDiscriminator}, Your Discriminator ${packet.yourDiscriminator}`,
    `       Desired Min Tx ${millis(packet.desiredMinTx)}, Required Min Rx ${millis(packet.requiredMinRx)}, Required Min Echo Rx ${millis(packet.requiredMinEchoRx)}`,
    ...(signed === null ? [] : [`       Authentication ${signed.type}, Key ID ${signed.keyId}`]),
  ];
}
