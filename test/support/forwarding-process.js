// A data plane in a process of its own, inside a network namespace: `node forwarding-process.js RECORD BACKEND`. Lines of JSON
// [id, method, ...arguments] come in on stdin, {id, result} or {id, error} and {failed} go out on stdout.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { recordsIn } from "../../dist/daemon/state/records.js";
import { chooseBackend } from "../../dist/linux/forwarding/choice.js";
import { EbpfBackend } from "../../dist/linux/forwarding/ebpf.js";
import { LinuxForwarding } from "../../dist/linux/forwarding/forwarding.js";
import { NftablesBackend } from "../../dist/linux/forwarding/nftables.js";
import { addon } from "../../dist/linux/native/addon.js";
import { RING_ROW } from "../../dist/linux/native/ring.js";

const [path, kind, deviceMac] = process.argv.slice(2);
const NO_VLAN = 0xffffffff;
const netlink = addon().netlinkOpen();
const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const backends = {
  ebpf: () => new EbpfBackend(netlink, Number(deviceMac)),
  nftables: () => new NftablesBackend(Number(deviceMac)),
};

function save(text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
const store = {
  load: () => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
  save: (_, text) => save(text),
  saveNow: (_, text) => save(text),
};
const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
const record = recordsIn(store, boot).forwarding;

const forwarding = new LinuxForwarding({
  netlink,
  backend: backends[kind](),
  deviceMac: Number(deviceMac),
  record,
  refused: (subject, text) => print({ failed: { ...subject, text } }),
  unprotected: (subject, text) => print({ failed: { ...subject, text } }),
  changed: (subject, text) => print({ failed: { ...subject, text } }),
  readable: () => {},
  notRestored: (text) => print({ notRestored: text }),
  uncounted: (member, text) => print({ uncounted: { member, text } }),
});

const sender = addon().senderOpen(0);

function transmit(device, frame) {
  const bytes = Buffer.from(frame, "hex");
  const { index } = addon().linkGet(netlink, device);
  const result = addon().send(sender, bytes, 0, bytes.length, index);
  if (result < 0) throw new Error(`cannot send on ${device}: ${result}`);
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The member each frame leaves by, sent one after the other. */
async function paths(trunk, members, frames) {
  const counts = async () => {
    await forwarding.readCounters();
    return members.map((member) => forwarding.memberCounters(trunk, member).framesSent);
  };
  const found = [];
  for (const frame of frames) {
    const before = await counts();
    transmit(`eth-trunk${trunk}`, frame);
    // The kernel mostly forwards the frame inside the call, else soon after.
    for (let tries = 0; ; tries++) {
      await turn();
      const at = (await counts()).findIndex((count, at) => count > before[at]);
      if (at >= 0) {
        found.push(members[at]);
        break;
      }
      if (tries > 1000) throw new Error(`nobody sent ${frame}`);
    }
  }
  return found;
}

const IFF_LOWER_UP = 0x10000;

/** Waits until an interface has carrier and takes frames. */
async function carrier(device) {
  for (const end = addon().now() + 5e6; addon().now() < end; await turn())
    if (addon().linkGet(netlink, device).flags & IFF_LOWER_UP) return;
  throw new Error(`${device} gets no carrier`);
}

/** Frames of an EtherType that sockets of this namespace got, oldest first. */
const heard = [];
function listen(protocol) {
  const meta = new Uint32Array(64 * RING_ROW);
  const ring = addon().ringOpen({ protocol, ifindex: 0, slotSize: 512, slots: 256 }, () => {
    for (let count = addon().ringNext(ring, meta, 64); count > 0; count = addon().ringNext(ring, meta, 64))
      for (let row = 0; row < count * RING_ROW; row += RING_ROW) {
        const frame = Buffer.from(ring.buffer, meta[row], meta[row + 1]).toString("hex");
        heard.push({ ifindex: meta[row + 3], frame, vlan: meta[row + 4] === NO_VLAN ? null : meta[row + 4] });
      }
  });
}

/** Octets of memory of this process's maps and programs. */
function bpfMemory() {
  const locked = readdirSync("/proc/self/fdinfo").map((descriptor) => {
    try {
      return Number(/^memlock:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"))?.[1] ?? 0);
    } catch {
      // The descriptor by which the folder was read.
      return 0;
    }
  });
  return locked.reduce((sum, octets) => sum + octets, 0);
}

/** Further methods for tests, besides those of LinuxForwarding. */
const extra = {
  paths,
  transmit,
  bpfMemory,
  carrier,
  listen,
  heard: () => heard,
  user: () => process.getuid(),
  pid: () => process.pid,
  choice() {
    const { backend, reason } = chooseBackend(netlink, Number(deviceMac));
    return { name: backend?.name ?? null, reason: reason ?? null };
  },
};

// Lines are handled one after the other, so that a file of lines is a program.
for await (const line of createInterface({ input: process.stdin })) {
  const [id, method, ...parameters] = JSON.parse(line);
  try {
    if (/counters$/i.test(method)) await forwarding.readCounters();
    const result = await (method in extra ? extra[method](...parameters) : forwarding[method](...parameters));
    print({ id, result });
  } catch (error) {
    print({ id, error: error.stack });
  }
}
process.exit(0);
