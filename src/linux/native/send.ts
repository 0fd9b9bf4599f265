import { addon } from "./addon.js";

/** A packet socket that sends whole frames. */
export interface Sender {
  readonly kind: "sender";
}

interface SendFunctions {
  senderOpen(): Sender | number;
  send(sender: Sender, bytes: DataView | Uint8Array, start: number, length: number, ifindex: number): number;
  /** Rows of start, length, ifindex and the answer, 0 or errno; returns how many frames went out. */
  sendBatch(sender: Sender, bytes: DataView | Uint8Array, rows: Uint32Array, count: number): number;
  senderClose(sender: Sender): void;
}

export const sendAddon = (): SendFunctions => addon();
