import type { MemberType } from "../base/member-key.js";

/** What the engine tells the world: the monitor's lines and the log's. One per edge, never repeated. */
export type EngineEvent =
  | { readonly event: "trunk-state"; readonly trunk: number; readonly from: "up" | "down"; readonly to: "up" | "down" }
  | {
      readonly event: "port-state";
      readonly trunk: number;
      /** Configured name of the member interface. */
      readonly port: string;
      readonly from: PortStatus;
      readonly to: PortStatus;
      /** Eight characters, bit 0 first; null where no LACP runs. */
      readonly portState: string | null;
      readonly reason: string;
    }
  | {
      readonly event: "e-trunk-state";
      readonly etrunk: number;
      readonly from: string;
      readonly to: string;
      readonly causation: string;
    }
  | {
      readonly event: "member-state";
      readonly etrunk: number;
      readonly type: MemberType;
      readonly id: number;
      readonly from: string;
      readonly to: string;
      readonly causation: string;
    }
  /** Mode backup: another member works; null: none. */
  | {
      readonly event: "working-port";
      readonly trunk: number;
      readonly from: string | null;
      readonly to: string | null;
      readonly reason: string;
    }
  /** The first of the three frames of a Flush left by this member. */
  | {
      readonly event: "flush-sent";
      readonly trunk: number;
      readonly interface: string;
      readonly vlan: number;
      readonly reason: string;
    }
  /** Told ten times a second at most for each interface. */
  | { readonly event: "flush-received"; readonly interface: string; readonly vlan: number; readonly source: string }
  | {
      readonly event: "bfd-state";
      readonly name: string;
      readonly from: string;
      readonly to: string;
      readonly diagnostic: string;
    }
  /** Gratuitous ARP and unsolicited NA left on a trunk. */
  | { readonly event: "announced"; readonly trunk: number; readonly reason: string; readonly count: number }
  | { readonly event: "alarm"; readonly id: string; readonly name: string; readonly text: string }
  | { readonly event: "alarm-cleared"; readonly id: string; readonly name: string; readonly text: string }
  | {
      readonly event: "marker-answered";
      readonly trunk: number;
      readonly port: string;
      readonly transaction: number;
      /** Microseconds from sending to the answer; null when none came within a second. */
      readonly roundTrip: number | null;
    }
  /** A partner whose key is 0 was accepted, as teamd's are. */
  | { readonly event: "partner-key-zero"; readonly port: string; readonly source: string }
  /** A PDU that was dropped; told at most once a minute per port and fault. */
  | { readonly event: "pdu-refused"; readonly port: string; readonly fault: string; readonly source: string };

export type PortStatus = "Selected" | "Unselect" | "Indep" | "ForceUp" | "Up" | "Down" | "Offline";
