import type { Mac } from "../../core/base/address.js";
import type { Netlink } from "../native/netlink.js";
import { EbpfBackend, whyNoEbpf } from "./ebpf.js";
import { NftablesBackend, whyNoNftables } from "./nftables.js";
import type { Backend, BackendName } from "./plane.js";

/** A backend; `reason` says in one line why it is not eBPF, or not even nftables. */
export type BackendChoice =
  | { readonly backend: Backend; readonly reason: string | undefined }
  | { readonly backend: undefined; readonly reason: string };

/** The best way to forward that this machine allows: eBPF, else nftables. */
export function chooseBackend(netlink: Netlink, device: Mac): BackendChoice {
  const noEbpf = whyNoEbpf();
  if (noEbpf === undefined) return { backend: new EbpfBackend(netlink, device), reason: undefined };
  const noNftables = whyNoNftables();
  if (noNftables === undefined) return { backend: new NftablesBackend(device), reason: noEbpf };
  return { backend: undefined, reason: `${noEbpf}; ${noNftables}` };
}

/** A backend by name, to remove its hooks. */
export const backendNamed = (name: BackendName, netlink: Netlink, device: Mac): Backend =>
  name === "ebpf" ? new EbpfBackend(netlink, device) : new NftablesBackend(device);
