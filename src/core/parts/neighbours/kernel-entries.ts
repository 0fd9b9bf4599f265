import type { NeighbourService } from "../../base/neighbours/tables.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import { earliest, type Micros, seconds } from "../../base/time.js";
import type { Neighbours } from "../../contract/host.js";
import type { Links } from "../../device/links.js";
import { RefusedLinks } from "../../device/refused-links.js";
import type { Segment } from "../../neighbours/segment.js";

/** The entries of a service on an interface. */
interface EntriesOf {
  readonly service: NeighbourService;
  readonly index: InterfaceIndex;
}

const SERVICES = ["arp", "nd"] as const;
/** The answer to a question about the kernel's entries comes in so much time, or is asked for again. */
const ANSWER_TIME = seconds(10);

const nameOf = ({ service, index }: EntriesOf): string => `${service} ${index}`;

/** What the kernel had before this process began, which is asked for once, and what it refuses. */
export class KernelEntries {
  readonly #host: Neighbours;
  /** By service and interface: when it is asked again; undefined: it has answered. */
  readonly #asked = new Map<string, EntriesOf & { readonly again: Micros | undefined }>();
  readonly #refused: { readonly [S in NeighbourService]: RefusedLinks };

  constructor(host: Neighbours, links: Links) {
    this.#host = host;
    this.#refused = { arp: new RefusedLinks(links), nd: new RefusedLinks(links) };
  }

  /** Asks for the entries of interfaces that are new. */
  follow(segments: readonly Segment[], now: Micros): void {
    const wanted = segments.flatMap((segment) =>
      SERVICES.filter((service) => segment[service] !== undefined).map((service) => ({
        service,
        index: segment.index,
      })),
    );
    const names = new Set(wanted.map(nameOf));
    for (const [name, { service, index }] of this.#asked) {
      if (names.has(name)) continue;
      this.#asked.delete(name);
      this.#refused[service].answered(index, undefined, now);
    }
    for (const each of wanted) if (!this.#asked.has(nameOf(each))) this.#ask(each, now);
  }

  #ask(of: EntriesOf, now: Micros): void {
    this.#asked.set(nameOf(of), { ...of, again: (now + ANSWER_TIME) as Micros });
    this.#host.list(of.index, of.service);
  }

  /** All entries of an interface came. */
  listed(of: EntriesOf): void {
    if (this.#asked.has(nameOf(of))) this.#asked.set(nameOf(of), { ...of, again: undefined });
  }

  /** Every interface of a service of these has answered what the kernel had. */
  isKnown(segments: readonly Segment[], service: NeighbourService): boolean {
    return segments.every(({ index }) => {
      const asked = this.#asked.get(nameOf({ service, index }));
      return asked !== undefined && asked.again === undefined;
    });
  }

  answered({ service, index }: EntriesOf, text: string | undefined, now: Micros): void {
    this.#refused[service].answered(index, this.#asked.has(nameOf({ service, index })) ? text : undefined, now);
  }

  /** Interfaces whose entries the kernel is to be given again. */
  due(now: Micros): EntriesOf[] {
    for (const each of [...this.#asked.values()])
      if (each.again !== undefined && now >= each.again) this.#ask(each, now);
    return SERVICES.flatMap((service) => this.#refused[service].due(now).map((index) => ({ service, index })));
  }

  nextDeadline(): Micros {
    let next = earliest(this.#refused.arp.nextDeadline(), this.#refused.nd.nextDeadline());
    for (const { again } of this.#asked.values()) if (again !== undefined) next = earliest(next, again);
    return next;
  }

  *standing(): Generator<readonly [name: string, service: NeighbourService, text: string]> {
    for (const service of SERVICES)
      for (const [name, text] of this.#refused[service].standing()) yield [name, service, text];
  }
}
