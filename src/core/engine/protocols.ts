import type { Micros } from "../base/time.js";
import type { AlarmKind } from "../parts/alarm.js";
import type { NewsOf, NewsRow } from "../parts/news.js";
import type { EventsOf, Part, PartContext, PartEvent } from "../parts/part.js";
import { INFLUENCES, type InfluencesOf } from "./influences.js";
import { ALARMS, makeParts, NEWS } from "./parts.js";

/**
 * The lists that the core is made of: the parts, the influences of their events on each other, and the news of their events. They
 * are values, so that longer lists plug in one protocol more.
 */
export interface Protocols {
  /** In the order of sending. */
  readonly parts: (context: PartContext) => { readonly [name: string]: Part };
  readonly influences: { readonly [kind: string]: (event: never, parts: never, now: Micros) => void };
  readonly news: { readonly [kind: string]: NewsRow<never> };
  /** Every kind of alarm that a part may raise. */
  readonly alarms: readonly AlarmKind[];
}

type KindOf<P> = (EventsOf<P> & PartEvent)["kind"];

type Lists<P, Influences, News> = {
  readonly parts: (context: PartContext) => P;
  readonly influences: Influences & InfluencesOf<P>;
  readonly news: News & NewsOf<EventsOf<P> & PartEvent>;
  readonly alarms: readonly AlarmKind[];
};

/** An event that neither changes another part nor is told has no use: such a kind does not compile. */
type Heard<Unheard> = [Unheard] extends [never] ? unknown : { readonly unheard: Unheard };

/**
 * Checks that the lists fit together: each row is of an event of the parts, and each kind of event has a row.
 * @internal Tests make longer lists.
 */
export const protocols = <P extends { readonly [name: string]: Part }, Influences, News>(
  lists: Lists<P, Influences, News> & Heard<Exclude<KindOf<P>, keyof Influences | keyof News>>,
): Protocols => lists as unknown as Protocols;

export const PROTOCOLS = protocols({ parts: makeParts, influences: INFLUENCES, news: NEWS, alarms: ALARMS });
