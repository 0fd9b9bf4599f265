import type { Mac } from "../base/address.js";
import type { PduFault } from "./port-statistics.js";

/** How our own system ID came into a received LACPDU. */
export type OwnSystem =
  /** The port hears itself, by a loop plug or a hub. */
  | "looped-back"
  /** Two ports of this device are cabled together. */
  | "cabled-together"
  /** Another device bears our system ID, as cloned machines do. */
  | "cloned-system-id";

/** An event of LACP; `port` is the configured interface name. */
export type LacpEvent =
  | { readonly kind: "member-changed"; readonly trunk: number; readonly port: string }
  /** A removed port is gone, since its partner has stopped sending there or its time is over. */
  | { readonly kind: "member-left"; readonly trunk: number; readonly port: string }
  /** LACPDUs with our own system ID begin to arrive on a port, or arrive no more. */
  | { readonly kind: "own-system"; readonly trunk: number; readonly port: string }
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
