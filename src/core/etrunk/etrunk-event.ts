import type { MemberKey } from "../base/member-key.js";
import type { Cause, EtrunkState, MemberCause, MemberState } from "../wire/etrunk-names.js";

/** A state that an operator must know of. Each has an alarm. */
export type Attention =
  | "default-key"
  | "foreign-key"
  | "unreadable-key"
  | "wrong-key"
  | "authentication-mode"
  | "sequence-check"
  | "unproven-hellos"
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
  | "bfd-not-up"
  | "bfd-unsteady"
  | "peer-runs"
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
  /** A member has another role or LACP identity, which its trunk and its LACP must take over. */
  | {
      readonly kind: "member-role";
      readonly etrunk: number;
      readonly member: MemberKey;
      readonly isNewIdentity: boolean;
    }
  /** The addresses behind a member must be announced, since the network may still send to the other PE. */
  | {
      readonly kind: "announce";
      readonly etrunk: number;
      readonly member: MemberKey;
      readonly reason: "takeover" | "split brain healed";
    }
  /** Other attentions stand, or their texts are others. */
  | { readonly kind: "attention"; readonly etrunk: number }
  /** An epoch came into use: the next process must begin above it, so it is kept on disk. */
  | { readonly kind: "epoch"; readonly epoch: number }
  /** The hand-over of a planned stop is over: the peer carries every member, or its time is over. */
  | { readonly kind: "handed-over"; readonly etrunk: number };
