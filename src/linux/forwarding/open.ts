import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { Forwarding } from "../../core/contract/host.js";
import { deviceAddon } from "../native/device.js";
import { netlinkAddon } from "../native/netlink.js";
import type { TellRefusal } from "../refusals.js";
import { systemError } from "../system-error.js";
import type { RecordStore } from "../undo/record-store.js";
import { chooseBackend } from "./choice.js";
import type { ForwardingSubject, TrunkInterface } from "./context.js";
import { LinuxForwarding } from "./forwarding.js";
import { NoForwarding } from "./no-forwarding.js";
import type { ForwardingRecord } from "./record.js";

/** The data plane of this machine. */
export interface DataPlane {
  readonly forwarding: Forwarding & {
    /** Resolves when what takes the kernel long has been asked for too. */
    settled(): Promise<void>;
    /** After it counters are those of now; without it they may be those of the last time. */
    readCounters(): Promise<void>;
    /** Something changed on an interface. */
    noticed(index: InterfaceIndex): void;
    /** Looks where something changed; returns the number of looks. */
    drain(): number;
    /** Stops for a restart: everything stays and goes on. */
    release(): void;
    /** Leaves for good: what was made goes, the rest is as it was found. */
    leave(): void;
    /** The MAC address an interface that has this one was found with: a member has that of its trunk. */
    ownMac(index: InterfaceIndex, mac: Mac): Mac;
  };
  readonly kind: "ebpf" | "nftables" | "none";
  /** Why the first choice is not possible, in one line. */
  readonly why: string | undefined;
}

export interface DataPlaneOptions {
  readonly deviceMac: Mac;
  readonly record: RecordStore<ForwardingRecord>;
  readonly refused: TellRefusal<ForwardingSubject>;
  /** A setting that only keeps an interface quiet is refused. */
  readonly unprotected: TellRefusal<TrunkInterface>;
  /** As ForwardingOptions says it. */
  changed(subject: ForwardingSubject | TrunkInterface, text: string | undefined): void;
  /** Something waits: call `drain`. */
  readable(): void;
  /** What was changed on the host cannot be put back, in one line: it stays. */
  notRestored(text: string): void;
  /** The counters of a member cannot be read; without a text they can now. */
  readonly uncounted: TellRefusal<InterfaceIndex>;
}

/** The best data plane this kernel and these capabilities allow. */
export function openDataPlane(options: DataPlaneOptions): DataPlane {
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("rtnetlink socket", -netlink);
  const { deviceMac, refused } = options;
  const { backend, reason } = chooseBackend(netlink, deviceMac);
  if (backend === undefined) {
    netlinkAddon().netlinkClose(netlink);
    return { forwarding: new NoForwarding(reason, refused), kind: "none", why: reason };
  }
  const hasVlanDevices = deviceAddon().deviceKinds(netlink).vlan;
  const forwarding = new LinuxForwarding({ ...options, netlink, backend, hasVlanDevices });
  return { forwarding, kind: backend.name, why: reason };
}
