import type { ProfileState } from "../wire/rbs/names.js";

/** What TCP is doing for a service, in the words of the display (behaviour.md 4). */
export type TcpState = "initial" | "listening" | "connecting" | "connected";

/** What a service tells. */
export type RbsServiceEvent =
  | {
      readonly kind: "rbs-state";
      readonly service: string;
      readonly from: TcpState;
      readonly to: TcpState;
      readonly reason: string;
    }
  /** What the peer told is not what it was, or why it cannot be reached. */
  | { readonly kind: "rbs-changed"; readonly service: string };

/** What the part tells besides. */
export type RbsEvent =
  | RbsServiceEvent
  | {
      readonly kind: "profile-state";
      readonly profile: string;
      readonly local: ProfileState;
      /** Null while the peer's is not known. */
      readonly peer: ProfileState | null;
    };
