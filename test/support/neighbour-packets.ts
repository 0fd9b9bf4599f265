import type { Mac } from "../../src/core/base/address.js";
import { type IpAddress, parseIpAddress } from "../../src/core/base/ip-address.js";
import { arp } from "../../src/core/wire/arp.js";
import { neighbourMessage } from "../../src/core/wire/neighbour-discovery.js";

const octets = (text: string): Buffer => Buffer.from((parseIpAddress(text) as IpAddress).octets);

interface ArpFields {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly sender: string;
  readonly targetMac?: Mac;
  readonly target: string;
  readonly hardwareType?: number;
  readonly protocolType?: number;
  readonly hardwareLength?: number;
  readonly protocolLength?: number;
  /** Octets that are there. */
  readonly cut?: number;
}

/** An ARP packet, made by its layout alone. */
export function arpPacket(fields: ArpFields): Uint8Array {
  const packet = Buffer.alloc(arp.size);
  arp.encode(
    {
      hardwareType: 1,
      protocolType: 0x0800,
      hardwareLength: 6,
      protocolLength: 4,
      targetMac: 0,
      ...fields,
      senderAddress: octets(fields.sender).subarray(12),
      targetAddress: octets(fields.target).subarray(12),
    },
    packet,
  );
  return packet.subarray(0, fields.cut ?? arp.size);
}

interface NeighbourFields {
  readonly type: number;
  readonly source: string;
  readonly destination: string;
  readonly target: string;
  readonly flags?: number;
  readonly option?: Mac | undefined;
  readonly code?: number;
  readonly hopLimit?: number;
  readonly payloadLength?: number;
  readonly optionLength?: number;
  /** In place of the right one. */
  readonly checksum?: number;
  readonly cut?: number;
}

const IPV6_HEADER = 40;

/** RFC 4443 2.3, word by word. */
function checksumOf(packet: Uint8Array): number {
  const payload = packet.subarray(IPV6_HEADER);
  const pseudo = [...packet.subarray(8, 40), 0, 0, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 58, ...payload];
  let sum = 0;
  for (let n = 0; n < pseudo.length; n += 2) {
    sum += ((pseudo[n] as number) << 8) + (pseudo[n + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return ~sum & 0xffff;
}

/** A neighbour solicitation or advertisement from its IPv6 header on, made by its layout alone. */
export function neighbourPacket(fields: NeighbourFields): Uint8Array {
  const whole = Buffer.alloc(neighbourMessage.size);
  const { option } = fields;
  const length = option === undefined ? neighbourMessage.at.optionType : neighbourMessage.size;
  neighbourMessage.encode(
    {
      versionClassFlow: 0x60000000,
      payloadLength: length - IPV6_HEADER,
      nextHeader: 58,
      hopLimit: 255,
      code: 0,
      checksum: 0,
      flags: 0,
      optionType: fields.type === 135 ? 1 : 2,
      optionLength: 1,
      reserved: Buffer.alloc(3),
      optionMac: option ?? 0,
      ...fields,
      source: octets(fields.source),
      destination: octets(fields.destination),
      target: octets(fields.target),
      ...(fields.checksum !== undefined && { checksum: 0 }),
    },
    whole,
  );
  const packet = Uint8Array.from(whole.subarray(0, length));
  new DataView(packet.buffer).setUint16(neighbourMessage.at.checksum, fields.checksum ?? checksumOf(packet));
  return packet.subarray(0, fields.cut ?? length);
}
