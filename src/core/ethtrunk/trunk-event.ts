import type { MemberStatus } from "./member.js";

/** Events of a trunk for the rest of the device; `port` is the configured interface name. */
export type TrunkEvent =
  | {
      readonly kind: "port-state";
      readonly trunk: number;
      readonly port: string;
      readonly from: MemberStatus;
      readonly to: MemberStatus;
      readonly reason: string;
    }
  | { readonly kind: "trunk-state"; readonly trunk: number; readonly up: boolean }
  /** Mode backup: another member works. Null: none. */
  | {
      readonly kind: "working-port";
      readonly trunk: number;
      readonly from: string | null;
      readonly to: string | null;
      readonly reason: string;
    };
