/** How Flush frames are signed, or what they must be signed by. */
export interface DesiredFlushKey {
  readonly mode: "none" | "simple" | "sha" | "hmac";
  /** Undefined: our own ciphertext that this host cannot open; nothing is sent and nothing accepted. */
  readonly octets: Uint8Array | undefined;
}

export interface DesiredFlushSending {
  readonly controlVlan: number;
  /** False where the control VLAN is the trunk's PVID. */
  readonly isTagged: boolean;
  /** VLANs the trunk carries, those others shall forget; undefined = all. */
  readonly vlans: readonly number[] | undefined;
  readonly key: DesiredFlushKey;
  /** Configured names of interfaces whose loss is told as well: `detect-active-link enable`. */
  readonly alsoAfter?: readonly string[];
}

/** An interface or Eth-Trunk that heeds Flush frames. */
export interface DesiredFlushPort {
  /** Configured name. */
  readonly interface: string;
  /** Undefined = any. */
  readonly controlVlans: readonly number[] | undefined;
  /** VLAN of untagged frames; undefined = not known, any is taken. */
  readonly pvid: number | undefined;
  readonly key: DesiredFlushKey;
}
