/** Questions about Eth-Trunks and their LACP. */
import { type Acting, type Answering, type Nothing, type OneOrAll, Refusal } from "../../contract/questions.js";
import type { Device } from "../../device/device.js";
import { placesOf, type TrunkSources, type TrunkView, trunkView } from "./display.js";
import { type LacpBriefView, type LacpStatisticsView, lacpBrief, statisticsOf } from "./display-lacp.js";

export type * from "./display.js";
export type * from "./display-lacp.js";

export interface TrunkQuestions {
  /** One trunk, or all in the order of their numbers. */
  readonly "eth-trunk": {
    readonly asks: { readonly id?: number };
    readonly answer: OneOrAll<"trunks", TrunkView>;
  };
  /** The same of their counters; a trunk in another mode than static has none. */
  readonly "lacp-statistics": {
    readonly asks: { readonly id?: number };
    readonly answer: OneOrAll<"trunks", LacpStatisticsView>;
  };
  readonly "lacp-brief": { readonly asks: Nothing; readonly answer: LacpBriefView };
}

export interface TrunkActions {
  /** Mode backup: the other member works from now on. */
  readonly "protect-switch": { readonly asks: { readonly id: number }; readonly answer: null };
  /** Zeroes the LACP counters of a trunk or of one member; without an ID those of all trunks. */
  readonly "reset-lacp-statistics": {
    readonly asks: { readonly id?: number; readonly interface?: string };
    readonly answer: null;
  };
  /** A Marker on each Selected port; each is answered by one `marker-answered` event. */
  readonly "send-markers": {
    readonly asks: { readonly id: number };
    readonly answer: readonly { readonly port: string; readonly transaction: number }[];
  };
}

export function trunkAnswers(sources: TrunkSources): Answering<TrunkQuestions> {
  const { device } = sources;
  const statistics = (id: number): LacpStatisticsView | undefined => {
    const { trunk, aggregator } = device.trunk(id) ?? {};
    return trunk && aggregator && statisticsOf(trunk, aggregator);
  };
  const viewer = () => {
    const places = placesOf(device);
    return (id: number): TrunkView | undefined => {
      const entry = device.trunk(id);
      return entry && trunkView(entry, places, sources);
    };
  };
  const oneOrAll = <View>(id: number | undefined, viewOf: (id: number) => View | undefined) =>
    id === undefined
      ? { trunks: eachTrunk(device, viewOf) }
      : (viewOf(id) ?? new Refusal(`Eth-Trunk${id} does not exist`));
  return {
    "eth-trunk": ({ id }) => oneOrAll(id, viewer()),
    "lacp-statistics": ({ id }) => oneOrAll(id, statistics),
    "lacp-brief": () => lacpBrief(device),
  };
}

/** A trunk that is removed between two rows has none any more. */
function* eachTrunk<View>(device: Device, viewOf: (id: number) => View | undefined): Generator<View> {
  const ids = Array.from(device.trunks, ({ trunk }) => trunk.id);
  for (const id of ids.sort((one, other) => one - other)) {
    const view = viewOf(id);
    if (view !== undefined) yield view;
  }
}

export const trunkActing = (device: Device): Acting<TrunkActions> => ({
  "protect-switch": ({ id }, now) => {
    const entry = device.trunk(id);
    const refusal = entry === undefined ? `Eth-Trunk${id} does not exist.` : entry.trunk.swap(now);
    return refusal === undefined ? null : new Refusal(refusal);
  },
  "reset-lacp-statistics": ({ id, interface: member }) => {
    if (resetLacpStatistics(device, id, member) || id === undefined) return null;
    return new Refusal(
      member === undefined ? `Eth-Trunk${id} does not exist` : `${member} is no member of Eth-Trunk${id}`,
    );
  },
  "send-markers": ({ id }) =>
    device.trunk(id)?.aggregator?.sendMarkers() ?? new Refusal(`there is no Eth-Trunk${id} in mode lacp-static`),
});

/** False: there is no such trunk in mode static, or no such member. */
function resetLacpStatistics(device: Device, id: number | undefined, member: string | undefined): boolean {
  let found = false;
  for (const { trunk, aggregator } of device.trunks) {
    if (aggregator === undefined || (id !== undefined && trunk.id !== id)) continue;
    found = aggregator.resetStatistics(member) || found;
  }
  return found;
}
