import { addon } from "./addon.js";

/** A message channel to a child process; `far` is the descriptor the child gets. */
interface Channel {
  readonly kind: "channel";
  readonly far: number;
}

interface ChannelFunctions {
  channelOpen(readable: () => void): Channel | number;
  /** The length of one message, cut to `bytes`; -EAGAIN when none waits. */
  channelRead(channel: Channel, bytes: Uint8Array): number;
  channelClose(channel: Channel): void;
}

export const channelAddon = (): ChannelFunctions => addon();
