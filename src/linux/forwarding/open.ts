import type { Mac } from "../../core/base/address.js";
import type { Forwarding } from "../../core/contract/host.js";
import { deviceAddon } from "../native/device.js";
import { netlinkAddon } from "../native/netlink.js";
import { systemError } from "../system-error.js";
import type { RecordStore } from "../undo/record-store.js";
import { chooseBackend } from "./choice.js";
import { type ForwardingProblem, LinuxForwarding } from "./forwarding.js";
import { NoForwarding } from "./no-forwarding.js";
import type { ForwardingRecord } from "./record.js";

/** The data plane of this machine. */
export interface DataPlane {
  readonly forwarding: Forwarding & {
    /** Stops for a restart: everything stays and goes on. */
    release(): void;
    /** Leaves for good: what was made goes, the rest is as it was found. */
    leave(): void;
  };
  readonly kind: "ebpf" | "nftables" | "none";
  /** Why the first choice is not possible, in one line. */
  readonly why: string | undefined;
}

export interface DataPlaneOptions {
  readonly deviceMac: Mac;
  readonly record: RecordStore<ForwardingRecord>;
  failed(problem: ForwardingProblem): void;
}

/** The best data plane this kernel and these capabilities allow. */
export function openDataPlane({ deviceMac, record, failed }: DataPlaneOptions): DataPlane {
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("rtnetlink socket", -netlink);
  const { backend, reason } = chooseBackend(netlink, deviceMac);
  if (backend === undefined) {
    netlinkAddon().netlinkClose(netlink);
    return { forwarding: new NoForwarding(reason, failed), kind: "none", why: reason };
  }
  const hasVlanDevices = deviceAddon().deviceKinds(netlink).vlan;
  const forwarding = new LinuxForwarding({ netlink, backend, deviceMac, record, hasVlanDevices, failed });
  return { forwarding, kind: backend.name, why: reason };
}
