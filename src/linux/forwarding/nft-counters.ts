import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Frames and octets that a rule counted. */
export type RuleCount = readonly [packets: number, octets: number];

/** Octets of the counters of all trunks, far beyond what there is. */
const LONGEST = 64 * 1024 * 1024;

interface JsonCounter {
  readonly counter?: {
    readonly table: string;
    readonly name: string;
    readonly packets: number;
    readonly bytes: number;
  };
}

type Tables = ReadonlyMap<string, ReadonlyMap<string, RuleCount>>;

/**
 * The counters of all tables, as they were read last: nft looks at all rules of the host before it tells them, so it is not waited
 * for.
 */
export class NftCounters {
  readonly #path: string;
  #reading: Promise<void> | undefined;
  /** How many readings were begun. */
  #begun = 0;
  /** Which of them ended last. */
  #ended = 0;
  #tables: Tables = new Map();
  #refusal: string | undefined;

  /** `path`: where programs are looked for. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Reads them anew; whoever asks meanwhile waits for the same. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  get begun(): number {
    return this.#begun;
  }

  async #read(): Promise<void> {
    const reading = ++this.#begun;
    try {
      const { stdout } = await promisify(execFile)("nft", ["-j", "list", "counters", "netdev"], {
        env: { ...process.env, PATH: this.#path },
        maxBuffer: LONGEST,
      });
      this.#tables = tablesOf((JSON.parse(stdout) as { readonly nftables: readonly JsonCounter[] }).nftables);
      this.#refusal = undefined;
    } catch (error) {
      const { stderr = "", message } = error as Error & { readonly stderr?: string };
      this.#refusal = `nft: ${stderr.split("\n").find((line) => line.includes("Error")) ?? message}`;
    }
    this.#ended = reading;
  }

  /**
   * The counters of a table that is there since the reading `since` was begun; empty before a later one ends. Throws an Error of one
   * line when they could not be read.
   */
  of(table: string, since: number): ReadonlyMap<string, RuleCount> {
    if (this.#ended <= since) return new Map();
    if (this.#refusal !== undefined) throw new Error(this.#refusal);
    const counts = this.#tables.get(table);
    if (counts === undefined) throw new Error(`nft: the table ${table} is gone`);
    return counts;
  }
}

function tablesOf(all: readonly JsonCounter[]): Tables {
  const tables = new Map<string, Map<string, RuleCount>>();
  for (const { counter } of all) {
    if (counter === undefined) continue;
    const { table, name, packets, bytes } = counter;
    const counts = tables.get(table) ?? new Map<string, RuleCount>();
    tables.set(table, counts);
    // At this hook the kernel counts without the Ethernet header.
    counts.set(name, [packets, bytes + 14 * packets]);
  }
  return tables;
}
