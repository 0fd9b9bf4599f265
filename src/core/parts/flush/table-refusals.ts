import type { InterfaceIndex } from "../../base/protocol.js";
import { Retries } from "../../base/retries.js";
import type { Micros } from "../../base/time.js";
import type { FlushScope } from "../../contract/host.js";
import type { Refusable } from "../../contract/input.js";
import type { Links } from "../../device/links.js";
import { RefusedLinks } from "../../device/refused-links.js";

/** Flushes of so many bridges and interfaces are remembered. */
const MOST_SCOPES = 64;

/** The kernel does not empty a table of an interface; without a text it does now. */
export interface TableEvent {
  readonly kind: "table-refused";
  readonly name: string;
  readonly table: Refusable["table"]["table"];
  readonly text: string | undefined;
}

const concerns = ({ bridge, ports, above }: FlushScope, index: InterfaceIndex): boolean =>
  bridge === index || ports.includes(index) || above.includes(index);

/** What the kernel refused to empty. The last Flush that concerned the interface is tried again. */
export class TableRefusals {
  /** The last scope of each bridge, or of the ports that have none; the newest last. */
  readonly #scopes = new Map<string, FlushScope>();
  readonly #refused = new Map<string, FlushScope | undefined>();
  readonly #retries = new Retries<string>();
  readonly #names: { readonly [Table in TableEvent["table"]]: RefusedLinks };

  constructor(links: Links) {
    this.#names = { "forwarding database": new RefusedLinks(links), neighbours: new RefusedLinks(links) };
  }

  /** The Host is asked to empty this. */
  asked(scope: FlushScope): void {
    const key = String(scope.bridge ?? scope.ports);
    this.#scopes.delete(key);
    this.#scopes.set(key, scope);
    if (this.#scopes.size <= MOST_SCOPES) return;
    for (const oldest of this.#scopes.keys()) {
      this.#scopes.delete(oldest);
      return;
    }
  }

  answered({ table, interface: index }: Refusable["table"], text: string | undefined, now: Micros): TableEvent {
    const key = `${table} ${index}`;
    if (text === undefined) {
      this.#retries.over(key);
      this.#refused.delete(key);
    } else {
      this.#retries.refused(key, now);
      const scopes = [...this.#scopes.values()];
      this.#refused.set(key, scopes.findLast((scope) => concerns(scope, index)) ?? scopes.at(-1));
    }
    return { kind: "table-refused", name: this.#names[table].nameFor(index, text), table, text };
  }

  /** What is to be emptied again. */
  due(now: Micros): Iterable<FlushScope> {
    const due = this.#retries.due(now).map((key) => this.#refused.get(key));
    return new Set(due.filter((scope) => scope !== undefined));
  }

  nextDeadline(): Micros {
    return this.#retries.nextDeadline();
  }
}
