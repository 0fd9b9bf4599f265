import type { MemberKey } from "../base/member-key.js";
import type { Cause, EtrunkState, MemberCause, MemberState } from "../wire/etrunk-names.js";

/** What stands in an operator's way, one alarm each. */
export type Attention =
  | "default-key"
  | "foreign-key"
  | "unreadable-key"
  | "wrong-key"
  | "authentication-mode"
  | "sequence-check"
  | "peer-silent"
  | "socket"
  | "expected-state"
  | "source-missing"
  | "equal-identity"
  | "two-masters"
  | "revert-delay"
  | "priority-order"
  | "select-mode"
  | "lacp-identity"
  | "same-side"
  | "member-ids"
  | "session-car";

export type EtrunkEvent =
  | {
      readonly kind: "etrunk-state";
      readonly etrunk: number;
      readonly from: EtrunkState;
      readonly to: EtrunkState;
      readonly causation: Cause;
    }
  | {
      readonly kind: "member-state";
      readonly etrunk: number;
      readonly member: MemberKey;
      readonly from: MemberState;
      readonly to: MemberState;
      readonly causation: MemberCause;
    }
  /** A member's role or identity is not what it was: the trunk and its LACP must follow. */
  | {
      readonly kind: "member-role";
      readonly etrunk: number;
      readonly member: MemberKey;
      readonly isNewIdentity: boolean;
    }
  /** The network behind a member must learn (again) that we are here. */
  | {
      readonly kind: "announce";
      readonly etrunk: number;
      readonly member: MemberKey;
      readonly reason: "takeover" | "split brain healed";
    }
  | {
      readonly kind: "attention";
      readonly etrunk: number;
      readonly about: Attention;
      readonly text: string | undefined;
    }
  /** To be kept on disk: the next run begins above it. */
  | { readonly kind: "epoch"; readonly epoch: number }
  /** A planned stop: the peer has taken over, or had its second. */
  | { readonly kind: "handed-over"; readonly etrunk: number };
