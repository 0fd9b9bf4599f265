import type { Bindings } from "../../config/facts.js";
import { type ListedInterface, listedInterfaces } from "../../config/features/layer3/listed-interfaces.js";
import { type ListedVlan, listedVlans } from "../../config/features/vlan/listed-vlans.js";
import type { Model } from "../../config/model.js";
import type { Micros } from "../../core/base/time.js";
import type { LinkState } from "../../core/contract/host.js";
import type { TrafficTable } from "../../linux/traffic-counters.js";
import {
  type InterfaceSources,
  type InterfaceView,
  interfaceViews,
  type VlanView,
  vlanViews,
} from "./interface-answers.js";
import { LinkTimes } from "./link-times.js";
import { SAMPLE_PERIOD, TrafficHistory } from "./traffic-rates.js";

/** What answers need besides what is kept here. */
type Known = Pick<InterfaceSources, "engine" | "links" | "now" | "date">;

/** What displays tell of the interfaces of the configuration. */
export class InterfaceStates {
  readonly #readTraffic: () => TrafficTable | undefined;
  readonly #times = new LinkTimes();
  readonly #history = new TrafficHistory();
  #interfaces: readonly ListedInterface[] = [];
  #vlans: Iterable<ListedVlan> = [];
  #timer: NodeJS.Timeout | undefined;

  /** `readTraffic`: undefined while it cannot be read. */
  constructor(readTraffic: () => TrafficTable | undefined) {
    this.#readTraffic = readTraffic;
  }

  configure(model: Model, bindings: Bindings): void {
    this.#interfaces = listedInterfaces(model, bindings);
    this.#vlans = listedVlans(model);
    this.#times.keep(new Set(this.#interfaces.flatMap(({ device = [] }) => device)));
  }

  names(): string[] {
    return this.#interfaces.map(({ name }) => name);
  }

  linkChanged(link: LinkState, now: Micros): void {
    this.#times.linkChanged(link, now);
  }

  /** Begins to take samples. */
  start(now: () => Micros): void {
    const take = () => {
      const counters = this.#readTraffic();
      if (counters !== undefined) this.#history.take(now(), counters);
    };
    take();
    this.#timer = setInterval(take, SAMPLE_PERIOD);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  views(known: Known): Iterable<InterfaceView> {
    const [times, history, counters] = [this.#times, this.#history, this.#readTraffic() ?? new Map()];
    return interfaceViews(this.#interfaces, { ...known, times, history, counters });
  }

  vlans(known: Pick<Known, "engine" | "links">): Iterable<VlanView> {
    return vlanViews(this.#vlans, this.#interfaces, known);
  }
}
