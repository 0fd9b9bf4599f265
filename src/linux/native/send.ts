import { addon } from "./addon.js";

/** A packet socket that sends whole frames. */
export interface Sender {
  readonly kind: "sender";
}

/** TC_PRIO_*, the kernel's SO_PRIORITY: data, and what networks cannot do without. */
export const PRIORITY = { bestEffort: 0, control: 7 } as const;

interface SendFunctions {
  /** `priority`, 0 to 15, is the SO_PRIORITY of all its frames. */
  senderOpen(priority: number): Sender | number;
  send(sender: Sender, bytes: DataView | Uint8Array, start: number, length: number, ifindex: number): number;
  /** Rows of start, length, ifindex and the answer, 0 or errno; returns how many frames went out. */
  sendBatch(sender: Sender, bytes: DataView | Uint8Array, rows: Uint32Array, count: number): number;
  senderClose(sender: Sender): void;
}

export const sendAddon = (): SendFunctions => addon();
