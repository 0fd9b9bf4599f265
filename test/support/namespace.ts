import { closeSync, openSync } from "node:fs";
import { PRIORITY, type Sender, sendAddon } from "../../src/linux/native/send.js";
import { systemAddon } from "../../src/linux/native/system.js";
import { type Lab, run } from "./lab.js";

const check = (error: number, what: string): void => {
  if (error < 0) throw new Error(`${what}: errno ${-error}`);
};

/**
 * Runs `action` with this thread in a network namespace: sockets that it opens and processes that it starts stay there.
 * `action` must be synchronous, since other code that runs in between would be in that namespace too.
 */
export function inside<T>(namespace: string, action: () => T): T {
  // The open descriptor keeps the present namespace; the path alone would name the new one.
  const home = openSync("/proc/self/ns/net", "r");
  try {
    check(systemAddon().setns(`/run/netns/${namespace}`), `setns to ${namespace}`);
    return action();
  } finally {
    check(systemAddon().setns(`/proc/self/fd/${home}`), "setns back");
    closeSync(home);
  }
}

/** Moves this thread into a namespace until the function it returns is called. */
export function enter(namespace: string): () => void {
  const home = openSync("/proc/self/ns/net", "r");
  check(systemAddon().setns(`/run/netns/${namespace}`), `setns to ${namespace}`);
  return () => {
    check(systemAddon().setns(`/proc/self/fd/${home}`), "setns back");
    closeSync(home);
  };
}

/** One end of a veth. */
export interface VethEnd {
  readonly namespace: string;
  readonly name: string;
  readonly index: number;
}

/** Makes a veth with both ends up. Ends of different indexes have their carrier reported at once, equal ones late. */
export async function makeVeth(one: VethEnd, other: VethEnd): Promise<void> {
  const add = ["link", "add", "name", one.name, "index", `${one.index}`, "type", "veth"];
  const peer = ["peer", "name", other.name, "index", `${other.index}`, "netns", other.namespace];
  await run("ip", ["-n", one.namespace, ...add, ...peer]);
  for (const end of [one, other]) await run("ip", ["-n", end.namespace, "link", "set", "dev", end.name, "up"]);
}

export const ipIn = (namespace: string, ...words: string[]): Promise<string> => run("ip", ["-n", namespace, ...words]);

/** Turns IPv6 on in a namespace of the lab, for present and later interfaces. */
export async function allowIpv6(namespace: string): Promise<void> {
  for (const scope of ["all", "default"])
    await run("ip", ["netns", "exec", namespace, "sysctl", "-qw", `net.ipv6.conf.${scope}.disable_ipv6=0`]);
}

/** Two namespaces and a veth, `a1` (11) to `b1` (51), with 10.8.0.1 and 10.8.0.2, fd08::1 and fd08::2. */
export async function twoHosts(lab: Lab): Promise<{ near: string; far: string }> {
  const near = await lab.namespace("n");
  const far = await lab.namespace("f");
  for (const namespace of [near, far]) await allowIpv6(namespace);
  await makeVeth({ namespace: near, name: "a1", index: 11 }, { namespace: far, name: "b1", index: 51 });
  for (const [namespace, device, host] of [
    [near, "a1", 1],
    [far, "b1", 2],
  ] as const) {
    await ipIn(namespace, "address", "add", `10.8.0.${host}/24`, "dev", device);
    await ipIn(namespace, "address", "add", `fd08::${host}/64`, "dev", device, "nodad");
  }
  return { near, far };
}

export interface FrameParts {
  readonly source?: number;
  readonly destination?: number;
  readonly number?: number;
  /** The 802.1Q tag's TCI. */
  readonly tag?: number;
}

export const SOURCE = 0x020000000c01;
const NUMBER_AT = 40;

/** 124 octets of EtherType 8809 with a number in them; the tag makes it 128. */
export function slowFrame({
  source = SOURCE,
  destination = 0x0180c2000002,
  number = 0,
  tag,
}: FrameParts = {}): DataView {
  const tagged = tag === undefined ? 0 : 4;
  const bytes = Buffer.alloc(124 + tagged);
  bytes.writeUIntBE(destination, 0, 6);
  bytes.writeUIntBE(source, 6, 6);
  if (tag !== undefined) bytes.writeUInt32BE(0x8100_0000 + tag, 12);
  bytes.writeUInt16BE(0x8809, 12 + tagged);
  bytes.writeUInt8(1, 14 + tagged);
  bytes.writeUInt32BE(number, NUMBER_AT + tagged);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The number of a frame whose Ethernet header is at `start`. */
export const numberOf = (bytes: DataView, start: number): number => bytes.getUint32(start + NUMBER_AT);

/** The source address of a frame whose Ethernet header is at `start`. */
export const sourceOf = (bytes: DataView, start: number): number =>
  bytes.getUint16(start + 6) * 2 ** 32 + bytes.getUint32(start + 8);

/** Sends raw frames from a namespace. */
export class RawSender {
  readonly #addon = sendAddon();
  readonly #sender: Sender;

  constructor(namespace: string, priority: number = PRIORITY.bestEffort) {
    const sender = inside(namespace, () => this.#addon.senderOpen(priority));
    if (typeof sender === "number") throw new Error(`sender: errno ${-sender}`);
    this.#sender = sender;
  }

  send(index: number, frame: DataView = slowFrame()): void {
    check(this.#addon.send(this.#sender, frame, 0, frame.byteLength, index), `send to ${index}`);
  }

  close(): void {
    this.#addon.senderClose(this.#sender);
  }
}
