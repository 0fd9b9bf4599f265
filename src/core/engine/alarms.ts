import type { Micros } from "../base/time.js";

type Level = "Critical" | "Major" | "Minor" | "Warning";

/** An alarm that stands. */
export interface Alarm {
  readonly sequence: number;
  readonly id: string;
  readonly name: string;
  readonly level: Level;
  readonly raisedAt: Micros;
  readonly text: string;
}

/** Every alarm there is: our own constant, the vendor's name where it has one (behaviour.md 1.9), its level. */
export const ALARMS = {
  totalLinkLoss: { id: "0x0e010001", name: "hwLacpTotalLinkLoss", level: "Critical" },
  partialLinkLoss: { id: "0x0e010002", name: "hwLacpPartialLinkLoss", level: "Major" },
  negotiateFailed: { id: "0x0e010003", name: "hwLacpNegotiateFailed", level: "Minor" },
  partnerExpired: { id: "0x0e010004", name: "hwLacpPartnerExpiredLoss", level: "Minor" },
  ownSystemId: { id: "0x0e010005", name: "lacpOwnSystemIdReceived", level: "Major" },
  forwardingFailed: { id: "0x0e010006", name: "ethTrunkForwardingFailed", level: "Major" },
  etrunkAttention: { id: "0x0e020001", name: "etrunkAttention", level: "Major" },
  expectedState: { id: "0x0e020002", name: "hwETrunkExpectStateChange", level: "Warning" },
  flushStorm: { id: "0x0e030001", name: "smartLinkFlushStorm", level: "Warning" },
} as const satisfies { readonly [name: string]: { id: string; name: string; level: Level } };

export type AlarmKind = keyof typeof ALARMS;

/** The alarms that stand now. One of a kind per subject. */
export class Alarms {
  readonly #standing = new Map<string, Alarm>();
  #sequence = 0;

  /** True when it did not stand yet. */
  raise(kind: AlarmKind, subject: string, text: string, now: Micros): boolean {
    const key = `${kind} ${subject}`;
    if (this.#standing.has(key)) return false;
    this.#sequence++;
    const { id, name, level } = ALARMS[kind];
    this.#standing.set(key, { sequence: this.#sequence, id, name, level, raisedAt: now, text });
    return true;
  }

  /** The text it stood with; undefined when it did not stand. */
  clear(kind: AlarmKind, subject: string): string | undefined {
    const key = `${kind} ${subject}`;
    const standing = this.#standing.get(key);
    this.#standing.delete(key);
    return standing?.text;
  }

  standing(): readonly Alarm[] {
    return [...this.#standing.values()];
  }
}
