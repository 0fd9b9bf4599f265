import type { Mac } from "../base/address.js";
import { layout, mac, NOTHING, readMac, u16, writeMac } from "./layout.js";

/** Ethernet header, 802.3 3.2 with a type field. 14 octets. */
export const ethernet = layout({ destination: mac, source: mac, type: u16 });
const { at, size } = ethernet;

/** 802.1Q tag behind its own type: priority and VLAN ID, then the type of what follows. */
export const vlanTag = layout({ control: u16, type: u16 });
export const ETHERTYPE_VLAN = 0x8100;

export const ETHERTYPE_SLOW_PROTOCOLS = 0x8809;

export type EthernetFault = "truncated";

/** A view of an Ethernet header: each accessor reads or writes the octets in place (802.3 3.1.1). */
export class EthernetView {
  #bytes: DataView = NOTHING;
  #start = 0;
  #length = 0;

  wrap(bytes: DataView, start: number, length: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    return this;
  }

  /** Why this frame must be dropped; undefined when every accessor is safe to use. */
  fault(): EthernetFault | undefined {
    return this.#length < size ? "truncated" : undefined;
  }

  get destination(): Mac {
    return readMac(this.#bytes, this.#start + at.destination) as Mac;
  }
  set destination(address: Mac) {
    writeMac(this.#bytes, this.#start + at.destination, address);
  }
  get source(): Mac {
    return readMac(this.#bytes, this.#start + at.source) as Mac;
  }
  set source(address: Mac) {
    writeMac(this.#bytes, this.#start + at.source, address);
  }
  get type(): number {
    return this.#bytes.getUint16(this.#start + at.type);
  }
  set type(type: number) {
    this.#bytes.setUint16(this.#start + at.type, type);
  }
}
