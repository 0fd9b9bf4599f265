import type { Host, Pacer } from "../../core/contract/host.js";
import { digests } from "../../linux/digests.js";

const nothing = (): void => {};
const unknown = (): undefined => undefined;

/** Of a machine without one. @internal The simulated machines of the tests have none. */
export const NO_PACER: Pacer = { works: false, pace: nothing, release: unknown, counts: unknown, nextNumber: unknown };

/**
 * A machine where nothing happens and nothing is refused: for replays, which only listen to what the engine says, and for
 * tests. `own` takes the place of what is looked at.
 */
export const quietHost = (own: Partial<Host> = {}): Host => ({
  link: { listen: nothing, send: nothing },
  forwarding: {
    together: (action) => action(),
    create: nothing,
    attach: nothing,
    detach: nothing,
    setDistribution: nothing,
    setCollecting: nothing,
    setCarrier: nothing,
    counters: unknown,
    memberCounters: unknown,
    destroy: nothing,
    compare: nothing,
    repair: nothing,
    commit: nothing,
  },
  network: { prepare: nothing, apply: nothing },
  taps: { listen: nothing },
  tables: { flush: nothing },
  neighbours: { change: nothing, list: nothing },
  datagrams: { listen: nothing, close: nothing, send: () => true },
  streams: {
    listen: nothing,
    ignore: nothing,
    connect: nothing,
    giveUp: nothing,
    send: () => true,
    close: nothing,
    strangers: () => ({ count: 0, last: undefined }),
  },
  // One that works, as every daemon has: the engine then hands over the same sessions.
  pacer: { ...NO_PACER, works: true },
  digests,
  interfaces: { set: nothing },
  store: { keep: nothing, keepCheckpoint: nothing },
  ...own,
});
