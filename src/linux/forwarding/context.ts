import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { KernelLink } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import type { TellRefusal } from "../refusals.js";
import type { Slices } from "../slices.js";
import type { InterfaceChanges } from "../undo/changes.js";
import type { RecordStore } from "../undo/record-store.js";
import type { LinkTable } from "../undo/settings.js";
import type { TrunkPlace } from "./attempts.js";
import type { Backend } from "./plane.js";
import type { ForwardingRecord, RecordedMember } from "./record.js";

/** What carries nothing: a member, or the trunk as a whole. */
export interface ForwardingSubject {
  readonly trunk: number;
  readonly member: InterfaceIndex | undefined;
}

/** A trunk with one of its interfaces, by Linux name. */
export interface TrunkInterface {
  readonly trunk: number;
  readonly device: string;
}

export interface ForwardingOptions {
  readonly netlink: Netlink;
  readonly backend: Backend;
  readonly deviceMac: Mac;
  readonly record: RecordStore<ForwardingRecord>;
  /** The kernel has 802.1Q devices, so the network makes the sub-interfaces. */
  readonly hasVlanDevices?: boolean;
  readonly refused: TellRefusal<ForwardingSubject>;
  /** A setting that only keeps an interface quiet is refused. */
  readonly unprotected: TellRefusal<TrunkInterface>;
  /**
   * Somebody changed what the data plane made, and it was left so. Without a text: what kept a refused one from its repair is gone,
   * or another.
   */
  changed(subject: ForwardingSubject | TrunkInterface, text: string | undefined): void;
  /** Something waits: call `drain`. */
  readable(): void;
  /** What was changed on the host cannot be put back, in one line: it stays. */
  notRestored(text: string): void;
  /** The counters of a member cannot be read; without a text they can now. */
  readonly uncounted: TellRefusal<InterfaceIndex>;
}

/** What the data plane gives each of its trunks. */
export interface ForwardingContext {
  readonly netlink: Netlink;
  readonly changes: InterfaceChanges;
  readonly links: LinkTable;
  readonly backend: Backend;
  readonly slices: Slices;
  readonly deviceMac: Mac;
  /** What the kernel refuses of the trunk or a member now; undefined: nothing. */
  refused(place: TrunkPlace, text: string | undefined): void;
  /** A setting that only keeps an interface quiet cannot be made, by Linux name; undefined: it can. */
  unprotected(device: string, text: string | undefined): void;
  /** What was changed on an interface cannot be put back, in one line. */
  notRestored(text: string): void;
  /** The counters of a member cannot be read; undefined: they can. */
  uncounted(member: InterfaceIndex, text: string | undefined): void;
  /** Writes the record at once; called before a member is changed. */
  saveNow(): void;
  /** Writes the record at the end of this turn. */
  saveSoon(): void;
  /** Takes over the record that an earlier process kept of this interface as a member. */
  takeOver(link: KernelLink): RecordedMember | undefined;
  /** Returns a record that was taken over: the interface left before the trunk was brought up. */
  giveBack(member: RecordedMember): void;
  /** Slots of an earlier process's members that are not taken over yet. */
  reservedSlots(): readonly number[];
}
