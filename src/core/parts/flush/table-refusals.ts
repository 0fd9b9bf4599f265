import type { InterfaceIndex } from "../../base/protocol.js";
import { earliest, type Micros } from "../../base/time.js";
import type { FlushScope } from "../../contract/host.js";
import type { Refusable } from "../../contract/input.js";
import type { Links } from "../../device/links.js";
import { RefusedLinks } from "../../device/refused-links.js";

/** Flushes of so many bridges and interfaces are remembered. */
const MOST_SCOPES = 64;

/** A table of an interface that the kernel does not empty. */
export interface RefusedTable {
  readonly name: string;
  readonly table: Refusable["table"]["table"];
  readonly text: string;
}

const TABLES = ["forwarding database", "neighbours"] as const;

const concerns = ({ bridge, ports, above }: FlushScope, index: InterfaceIndex): boolean =>
  bridge === index || ports.includes(index) || above.includes(index);

/** What the kernel refused to empty. The last Flush that concerned the interface is tried again. */
export class TableRefusals {
  /** The last scope of each bridge, or of the ports that have none; the newest last. */
  readonly #scopes = new Map<string, FlushScope>();
  /** What was asked of a table that was refused. */
  readonly #asked = new Map<string, FlushScope | undefined>();
  readonly #refused: { readonly [Table in RefusedTable["table"]]: RefusedLinks };

  constructor(links: Links) {
    this.#refused = { "forwarding database": new RefusedLinks(links), neighbours: new RefusedLinks(links) };
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

  answered({ table, interface: index }: Refusable["table"], text: string | undefined, now: Micros): void {
    const key = `${table} ${index}`;
    this.#refused[table].answered(index, text, now);
    const scopes = [...this.#scopes.values()];
    if (text === undefined) this.#asked.delete(key);
    else this.#asked.set(key, scopes.findLast((scope) => concerns(scope, index)) ?? scopes.at(-1));
  }

  *standing(): Generator<RefusedTable> {
    for (const table of TABLES) for (const [name, text] of this.#refused[table].standing()) yield { name, table, text };
  }

  /** What is to be emptied again. */
  due(now: Micros): Iterable<FlushScope> {
    const due = TABLES.flatMap((table) =>
      this.#refused[table].due(now).map((index) => this.#asked.get(`${table} ${index}`)),
    );
    return new Set(due.filter((scope) => scope !== undefined));
  }

  nextDeadline(): Micros {
    return earliest(this.#refused["forwarding database"].nextDeadline(), this.#refused.neighbours.nextDeadline());
  }
}
