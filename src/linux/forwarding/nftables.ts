import { createHash } from "node:crypto";
import { constants } from "node:os";
import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { planeAddon } from "../native/plane.js";
import { errorCode } from "../system-error.js";
import { BUCKETS, NO_SLOT } from "./buckets.js";
import { apply, nft, objects, PATH, problemOf } from "./nft.js";
import { NftCounters, type RuleCount } from "./nft-counters.js";
import type {
  Backend,
  BackendProblem,
  Counts,
  HashProfile,
  LooksAt,
  MemberState,
  PlaneFinding,
  TrunkPlane,
  TrunkState,
} from "./plane.js";

/** Why nftables cannot forward here, in one line; undefined when it can. */
export function whyNoNftables(): string | undefined {
  try {
    // With -c the kernel checks the rules and does not apply them.
    nft(["-c", "-f", "-"], 'table netdev etrunkd_probe {\n chain a {\n fwd to "lo"\n }\n}\n');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Asks with -c: the kernel checks the chain and does not make it. */
const hasEgress = (): boolean =>
  problemOf(['table netdev etrunkd_probe { chain a { type filter hook egress device "lo" priority 0; }; }'], ["-c"]) ===
  undefined;

/** Name of the table of a trunk, of family netdev. */
export const tableName = (trunk: number): string => `etrunkd_${trunk}`;
const tableOf = (trunk: number): string => `netdev ${tableName(trunk)}`;

/** A frame that begins with an IP header, and one whose inner tag lies before it. */
interface Addresses {
  readonly is: string;
  readonly addresses: string;
  /** Matches packets that have ports, and names the ports. */
  readonly ports: readonly [match: string, fields: string];
}

/** The kernel keeps the outer tag beside the frame. Behind an inner tag nft has no names for fields: offsets are in bits. */
const IP: readonly Addresses[] = [
  {
    is: "meta protocol ip",
    addresses: "ip saddr . ip daddr",
    ports: ["ip frag-off & 0x3fff == 0 meta l4proto { tcp, udp }", "th sport . th dport"],
  },
  {
    is: "meta protocol ip6",
    addresses: "ip6 saddr . ip6 daddr",
    ports: ["exthdr frag missing meta l4proto { tcp, udp }", "th sport . th dport"],
  },
  {
    is: "meta protocol { 8021q, 8021ad } @nh,16,16 0x0800",
    addresses: "@nh,128,32 . @nh,160,32",
    // Without IP options, 20 octets of header.
    ports: ["@nh,36,4 5 @nh,80,16 & 0x3fff == 0 @nh,104,8 { 6, 17 }", "@nh,192,16 . @nh,208,16"],
  },
  {
    is: "meta protocol { 8021q, 8021ad } @nh,16,16 0x86dd",
    addresses: "@nh,96,128 . @nh,224,128",
    ports: ["@nh,80,8 { 6, 17 }", "@nh,352,16 . @nh,368,16"],
  },
];

/** Rules, one in each line; the first that fits a frame decides. */
function hashRules(hash: HashProfile, seed: number): string[] {
  const by = (fields: string): string => `jhash ${fields} mod ${BUCKETS} seed ${seed} vmap @buckets`;
  const stations = by("ether saddr . ether daddr");
  const addresses = IP.map((ip) => `${ip.is} ${by(ip.addresses)}`);
  const ports = IP.map(
    ({ is, ports: [match, fields], addresses }) => `${is} ${match} ${by(`${addresses} . ${fields}`)}`,
  );
  switch (hash) {
    case "flow":
      return [...ports, ...addresses, stations];
    case "src-dst-ip":
      return [...addresses, stations];
    case "src-dst-mac":
      return [stations];
    case "packet-all":
      return [`numgen inc mod ${BUCKETS} vmap @buckets`];
    case "symmetric":
    case "symmetric-complement":
      // The kernel's own hash of addresses and ports; all frames other than IP go one way.
      return [`symhash mod ${BUCKETS} vmap @buckets`];
  }
}

/** LACP and Marker, LLDP, EAPoL concern the link and not the trunk. Tagged they are data, but a priority tag is none. */
const STAYS = [
  "ether type { 0x8809, 0x88cc, 0x888e } accept",
  "@ll,96,16 0x8100 @ll,112,16 & 0x0fff == 0 @ll,128,16 { 0x8809, 0x88cc, 0x888e } accept",
];

/**
 * A veth forgets the priority of a frame (SO_PRIORITY), but not its mark. A frame without a mark of its own bears its priority, 1
 * to 15, in this one from the trunk to the inner end.
 */
const MARK = 0x45540000;
const PRIORITIES = Array.from({ length: 15 }, (_, at) => at + 1);
const mapOf = (pair: (priority: number) => string): string => `map { ${PRIORITIES.map(pair).join(", ")} }`;
const KEEP = `meta mark 0 meta mark set meta priority ${mapOf((priority) => `0:${priority.toString(16)} : ${MARK + priority}`)}`;
const RESTORE = [
  `meta mark ${MARK + 1}-${MARK + 15}`,
  `meta priority set meta mark ${mapOf((priority) => `${MARK + priority} : 0:${priority.toString(16)}`)}`,
  "meta mark set 0",
].join(" ");

/** Rules held until others can be loaded with them, and whose failure is one of the trunk or of a member. */
interface Waiting {
  readonly trunk: number;
  readonly member: InterfaceIndex | undefined;
  readonly lines: readonly string[];
}

/** nftables netdev rules at ingress, by the program `nft`: a change takes some milliseconds, in which frames go on. */
export class NftablesBackend implements Backend {
  readonly name = "nftables";
  readonly noTags = "nftables cannot push and pop tags: a sub-interface wants a kernel with 802.1Q, or eBPF";
  readonly keepsCounts = true;
  readonly #seed: number;
  /** Rules held while many changes are made, for each run of nft reads rules of the kernel and takes milliseconds. */
  #waiting: Waiting[] | undefined;
  /** The kernel has hooks at egress (Linux 5.16). */
  #egress: boolean | undefined;
  /** Chains of an earlier process by table, read once for all trunks that start together. */
  #left: ReadonlyMap<string, readonly string[]> | undefined;
  readonly #counters = new NftCounters(PATH);

  constructor(device: Mac) {
    this.#seed = createHash("sha256").update(`seed ${device}`).digest().readUInt32LE(0);
  }

  together(action: () => void): readonly BackendProblem[] {
    if (this.#waiting !== undefined) {
      action();
      return [];
    }
    const waiting: Waiting[] = [];
    this.#waiting = waiting;
    action();
    this.#waiting = undefined;
    this.#left = undefined;
    const all = waiting.flatMap(({ lines }) => lines);
    const problem = all.length === 0 ? undefined : problemOf(all);
    if (problem === undefined) return [];
    // Rules of one are wrong, and the others must not suffer.
    return waiting.flatMap(({ trunk, member, lines }) => {
      const text = waiting.length === 1 ? problem : problemOf(lines);
      return text === undefined ? [] : [{ trunk, member, text }];
    });
  }

  open(state: TrunkState): TrunkPlane {
    const left = this.#left ?? this.#readChains();
    if (this.#waiting) this.#left = left;
    this.#egress ??= hasEgress();
    return new NftablesPlane(state, {
      seed: this.#seed,
      egress: this.#egress,
      counters: this.#counters,
      left: left.get(tableName(state.trunk)) ?? [],
      run: (lines, member) => {
        if (this.#waiting) this.#waiting.push({ trunk: state.trunk, member, lines });
        else apply(lines);
      },
    });
  }

  readCounts(): Promise<void> {
    return this.#counters.read();
  }

  #readChains(): ReadonlyMap<string, readonly string[]> {
    const chains = new Map<string, string[]>();
    for (const { chain } of objects(nft(["-j", "list", "chains", "netdev"])))
      if (chain) chains.set(chain.table, [...(chains.get(chain.table) ?? []), chain.name]);
    return chains;
  }

  /** Nothing to do: a member's rules are in the table of its trunk, which goes or is replaced as a whole. */
  clean(): void {}

  cleanTrunk(trunk: number): void {
    apply(removeTable(trunk));
  }
}

// The table is added before it is deleted, for a missing table cannot be deleted.
const removeTable = (trunk: number): string[] => [`add table ${tableOf(trunk)}`, `delete table ${tableOf(trunk)}`];

interface NftablesContext {
  readonly seed: number;
  readonly egress: boolean;
  readonly counters: NftCounters;
  /** Chains of an earlier process. */
  readonly left: readonly string[];
  run(lines: readonly string[], member: InterfaceIndex | undefined): void;
}

/** What a table holds, in one short text, or why nobody can say. */
interface Print {
  readonly holds?: string;
  readonly fault?: string;
}

class NftablesPlane implements TrunkPlane {
  readonly #state: TrunkState;
  readonly #context: NftablesContext;
  readonly #table: string;
  #started = false;
  /** The reading of the counters that was begun last when the table was made. */
  #since = 0;
  /** What the table held after the last change of ours; undefined while it is being changed. */
  #print: Print | undefined;
  /** The hash the rules are for. */
  #hash: HashProfile | undefined;

  constructor(state: TrunkState, context: NftablesContext) {
    this.#state = state;
    this.#context = context;
    this.#table = tableOf(state.trunk);
  }

  #apply(lines: readonly string[], member?: InterfaceIndex): void {
    this.#print = undefined;
    // Rules may be held until those of all trunks are loaded.
    queueMicrotask(() => {
      this.#print ??= this.#printNow();
    });
    this.#context.run(lines, member);
  }

  #printNow(): Print {
    const print = planeAddon().nftablesPrint(tableName(this.#state.trunk), "buckets");
    if (typeof print === "string") return { holds: print };
    return { fault: print === -constants.errno.ENOENT ? "is gone" : `cannot be read: ${errorCode(-print)}` };
  }

  /** The table is the trunk's as a whole. What could not be read after the last change, or cannot be now, counts as changed. */
  compare(looksAt: LooksAt): readonly PlaneFinding[] {
    if (this.#print === undefined || !looksAt(undefined)) return [];
    const now = this.#printNow();
    const fault = now.fault ?? this.#print.fault;
    const table = `the nftables table ${this.#table}`;
    if (fault !== undefined) return [{ member: undefined, text: `${table} ${fault}` }];
    return now.holds === this.#print.holds ? [] : [{ member: undefined, text: `somebody changed ${table}` }];
  }

  /** Commands that make a chain hold these rules and no others. */
  #chain(name: string, rules: readonly string[], base = ""): string[] {
    const chain = `${this.#table} ${name}`;
    return [`add chain ${chain} ${base}`, `flush chain ${chain}`, ...rules.map((rule) => `add rule ${chain} ${rule}`)];
  }

  #hooked(name: string, device: string, rules: readonly string[], direction = "ingress"): string[] {
    return this.#chain(name, rules, `{ type filter hook ${direction} device "${device}" priority 0; }`);
  }

  #receive({ index, name, collecting }: MemberState): string[] {
    const rules = collecting
      ? [`counter name received_${index}`, `fwd to "${this.#state.inner.name}"`]
      : [`counter name dropped_${index} drop`];
    return this.#hooked(`receive_${index}`, name, [...STAYS, ...rules]);
  }

  #member(member: MemberState): string[] {
    const { index, name } = member;
    const counters = ["received", "sent", "dropped"].map((what) => `add counter ${this.#table} ${what}_${index}`);
    const send = this.#chain(`send_${index}`, [`counter name sent_${index}`, `fwd to "${name}"`]);
    return [...counters, ...send, ...this.#receive(member)];
  }

  /** Before the start only the name of the interface is checked. */
  attach(member: MemberState): void {
    if (/["\\]/.test(member.name)) throw new Error(`nftables cannot name the interface ${member.name}`);
    if (this.#started) this.#apply(this.#member(member), member.index);
  }

  start(): void {
    this.#since = this.#context.counters.begun;
    const members = [...this.#state.members.values()];
    const wanted = new Set([
      "transmit",
      "keep",
      ...members.flatMap(({ index }) => [`receive_${index}`, `send_${index}`]),
    ]);
    this.#started = true;
    // Each member's rules are a run of their own, so that one that is gone does not keep the others from starting.
    this.#apply([`add table ${this.#table}`]);
    for (const member of members) this.#apply(this.#member(member), member.index);
    this.#apply([
      ...this.#own(),
      ...this.#context.left.filter((name) => !wanted.has(name)).map((name) => `delete chain ${this.#table} ${name}`),
    ]);
  }

  #own(): string[] {
    return [
      `add map ${this.#table} buckets { typeof numgen inc mod ${BUCKETS} : verdict; }`,
      ...this.#transmit(),
      ...this.#buckets(),
    ];
  }

  repairMember(member: MemberState): void {
    this.#apply([`add table ${this.#table}`, ...this.#member(member)], member.index);
  }

  repair(): void {
    this.#started = true;
    this.#apply([`add table ${this.#table}`, ...this.#own()]);
  }

  isFrozen(): boolean {
    return false;
  }

  #transmit(): string[] {
    const { hash, inner, outer } = this.#state;
    const { egress, seed } = this.#context;
    this.#hash = hash;
    const [keep, restore] = egress ? [this.#hooked("keep", outer.name, [KEEP], "egress"), [RESTORE]] : [[], []];
    return [...keep, ...this.#hooked("transmit", inner.name, [...restore, ...hashRules(hash, seed), "drop"])];
  }

  #buckets(): string[] {
    const { hash, members, buckets } = this.#state;
    const indexes = new Map([...members.values()].map(({ slot, index }) => [slot, index]));
    const elements = [...buckets.entries()].flatMap(([bucket, slot]) => {
      const number = hash === "symmetric-complement" ? BUCKETS - 1 - bucket : bucket;
      return slot === NO_SLOT ? [] : [`${number} : goto send_${indexes.get(slot)}`];
    });
    const map = `${this.#table} buckets`;
    return [`flush map ${map}`, ...(elements.length > 0 ? [`add element ${map} { ${elements.join(", ")} }`] : [])];
  }

  spread(): void {
    const changed = this.#state.hash !== this.#hash;
    this.#apply([...(changed ? this.#transmit() : []), ...this.#buckets()]);
  }

  addVlan(): void {}

  removeVlan(): void {}

  collect(member: MemberState): void {
    this.#apply(this.#receive(member), member.index);
  }

  detach({ index }: MemberState): void {
    // Each is added before it is deleted, for the kernel may have removed the chains of an interface that is gone.
    const chains = [`receive_${index}`, `send_${index}`].map((name) => `chain ${this.#table} ${name}`);
    const counters = ["received", "sent", "dropped"].map((what) => `counter ${this.#table} ${what}_${index}`);
    this.#apply([
      `add table ${this.#table}`,
      ...chains.flatMap((chain) => [`add ${chain}`, `flush ${chain}`, `delete ${chain}`]),
      ...counters.flatMap((counter) => [`add ${counter}`, `delete ${counter}`]),
    ]);
  }

  counts({ index }: MemberState): Counts {
    const read = this.#started ? this.#context.counters.of(tableName(this.#state.trunk), this.#since) : new Map();
    const of = (what: string): RuleCount => read.get(`${what}_${index}`) ?? [0, 0];
    const [received, sent, dropped] = [of("received"), of("sent"), of("dropped")];
    return [...received, ...sent, dropped[0]];
  }

  close(): void {}

  /** Nobody compares it any more. */
  remove(): void {
    this.#context.run(removeTable(this.#state.trunk), undefined);
  }
}
