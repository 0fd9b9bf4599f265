import type { Mac } from "../base/address.js";
import type { PduFault } from "./port-statistics.js";

/** How our own system ID came to be in a partner's PDU. */
export type OwnSystem =
  /** The port hears itself: a loop plug, a hub. */
  | "looped-back"
  /** Two ports of this device are cabled together. */
  | "cabled-together"
  /** Another device bears our system ID, as cloned machines do. */
  | "cloned-system-id";

/** What LACP tells the rest of the system; `port` is the configured interface name. */
export type LacpEvent =
  | { readonly kind: "member-changed"; readonly trunk: number; readonly port: string }
  /** A removed port is gone: its partner has stopped sending there. */
  | { readonly kind: "member-left"; readonly trunk: number; readonly port: string }
  | {
      readonly kind: "own-system";
      readonly trunk: number;
      readonly port: string;
      readonly form: OwnSystem;
      readonly source: Mac;
    }
  | { readonly kind: "own-system-gone"; readonly trunk: number; readonly port: string }
  | {
      readonly kind: "pdu-refused";
      readonly trunk: number;
      readonly port: string;
      readonly fault: PduFault;
      readonly source: Mac;
    }
  | { readonly kind: "key-zero"; readonly trunk: number; readonly port: string; readonly source: Mac }
  | {
      readonly kind: "marker-answered";
      readonly trunk: number;
      readonly port: string;
      readonly transaction: number;
      readonly roundTrip: number | undefined;
    };
