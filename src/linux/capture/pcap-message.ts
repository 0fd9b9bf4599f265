/** What the pcap child writes before each frame: ifindex, VLAN ID or -1, and how many frames it had to drop so far. */
export const MESSAGE_HEADER = 12;
export const MESSAGE_PORT = 0;
export const MESSAGE_VLAN = 4;
export const MESSAGE_DROPPED = 8;

/** As much of a frame as the ring keeps, about. */
export const LONGEST_FRAME = 448;

/** The descriptor of the channel in the child, after standard streams and IPC. */
export const CHANNEL_DESCRIPTOR = 4;

/** What the parent tells the child: the interfaces to hear, by index. */
export interface PortsMessage {
  readonly ports: readonly number[];
  /** Most frames of one interface in a second; undefined: no limit. */
  readonly mostOfOne?: number | undefined;
}

/** What the child tells the parent: libpcap does not open an interface; without a text it does. */
export interface RefusedMessage {
  readonly index: number;
  readonly text?: string | undefined;
}

/** So many frames of an interface were beyond its share of a second. */
export interface ExcessMessage {
  readonly index: number;
  readonly excess: number;
}
