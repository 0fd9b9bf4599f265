import type { Mac } from "../../core/base/address.js";
import { addon } from "../addon.js";
import { systemError } from "../system-error.js";
import { EbpfBackend, whyNoEbpf } from "./ebpf.js";
import { type ForwardingProblem, LinuxForwarding } from "./forwarding.js";
import type { RecordStore } from "./record.js";

/** What carries the frames of the trunks here. */
export interface DataPlane {
  /** Undefined: nothing can; the trunks negotiate and carry nothing. */
  readonly forwarding: LinuxForwarding | undefined;
  readonly kind: "ebpf" | "nftables" | "none";
  /** Why it is not the first choice, in one line. */
  readonly why: string | undefined;
}

export interface DataPlaneOptions {
  readonly deviceMac: Mac;
  readonly record: RecordStore;
  failed(problem: ForwardingProblem): void;
}

/** The best data plane this kernel and these capabilities allow. */
export function openDataPlane({ deviceMac, record, failed }: DataPlaneOptions): DataPlane {
  const why = whyNoEbpf();
  if (why !== undefined) return { forwarding: undefined, kind: "none", why };
  const netlink = addon().netlinkOpen();
  if (typeof netlink === "number") throw systemError("rtnetlink socket", -netlink);
  const backend = new EbpfBackend(netlink, deviceMac);
  return {
    forwarding: new LinuxForwarding({ netlink, backend, deviceMac, record, failed }),
    kind: "ebpf",
    why: undefined,
  };
}
