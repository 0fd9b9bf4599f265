/** How Flush frames are signed, for sending and for checking. */
export interface DesiredFlushKey {
  readonly mode: "none" | "simple" | "sha" | "hmac";
  /**
   * Octets of the password; undefined for a ciphertext that this host cannot open: then no Flush is sent or accepted.
   */
  readonly octets: Uint8Array | undefined;
}

export interface DesiredFlushSending {
  readonly controlVlan: number;
  /** False where the control VLAN is the trunk's PVID. */
  readonly isTagged: boolean;
  /** VLANs of the trunk, whose entries the receivers shall empty; undefined = all. */
  readonly vlans: readonly number[] | undefined;
  readonly key: DesiredFlushKey;
  /** Configured names of interfaces whose loss sends a Flush too: `detect-active-link enable`. */
  readonly alsoAfter?: readonly string[];
}

/** An interface or Eth-Trunk that is enabled for Flush. */
export interface DesiredFlushPort {
  /** Configured name. */
  readonly interface: string;
  /** Undefined = any. */
  readonly controlVlans: readonly number[] | undefined;
  /** VLAN of untagged frames; undefined = not known, any is taken. */
  readonly pvid: number | undefined;
  readonly key: DesiredFlushKey;
}
