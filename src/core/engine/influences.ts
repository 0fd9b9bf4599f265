import type { Micros } from "../base/time.js";
import type { EventsOf } from "../parts/part.js";
import type { Parts } from "./parts.js";

/** Rows for some of the kinds of these parts' events. */
export type InfluencesOf<P> = {
  readonly [Kind in EventsOf<P>["kind" & keyof EventsOf<P>] & string]?: (
    event: Extract<EventsOf<P>, { readonly kind: Kind }>,
    parts: P,
    now: Micros,
  ) => void;
};

/**
 * Which event of one part changes another: the only place where parts influence each other.
 *
 *   links --> LACP --> trunk --> E-Trunk --> role --> LACP, trunk
 *                        |          ^  '---> neighbours, Flush, RBS
 *                        '--> Flush |
 *                              BFD -'--> RBS
 */
export const INFLUENCES = {
  "member-changed": ({ trunk, port }, { trunks, etrunk }, now) => {
    trunks.lacpChanged(trunk, port, now);
    etrunk.trunkChanged(trunk, now);
  },
  "member-left": ({ trunk, port }, { trunks }, now) => trunks.memberLeft(trunk, port, now),
  "port-state": ({ trunk }, { etrunk }, now) => etrunk.trunkChanged(trunk, now),
  "trunk-state": ({ trunk, up }, { neighbours, flush, etrunk }, now) => {
    if (up) neighbours.trunkUp(trunk, now);
    else {
      neighbours.trunkDown(trunk);
      flush.trunkDown(trunk);
    }
    etrunk.trunkChanged(trunk, now);
  },
  "forwarding-served": ({ trunk }, { etrunk }, now) => etrunk.trunkChanged(trunk, now),
  "working-port": ({ trunk, reason }, { trunks, neighbours, flush, etrunk }, now) => {
    trunks.workingPortChanged(trunk);
    neighbours.announce(trunk, reason, now);
    flush.flush(trunk, reason, now);
    etrunk.trunkChanged(trunk, now);
  },
  "member-role": ({ trunk, role }, { trunks, rbs }, now) => {
    trunks.setRole(trunk, role, now);
    rbs.roleChanged(trunk);
  },
  announce: ({ trunk, reason }, { neighbours, flush }, now) => {
    neighbours.announce(trunk, reason, now);
    flush.flush(trunk, reason, now);
  },
  "handed-over": (_, { bfd, trunks }, now) => {
    bfd.pause(now);
    trunks.handedOver(now);
  },
  "tables-flushed": ({ interfaces }, { neighbours }, now) => neighbours.probeAll(interfaces, now),
  "copies-reset": ({ profile, service }, { rbs }) => rbs.askAgain(profile, service),
  "bfd-tracked": ({ name, state }, { etrunk, rbs }, now) => {
    etrunk.bfdChanged(name, state, now);
    rbs.bfdChanged(name, state, now);
  },
} as const satisfies InfluencesOf<Parts>;
