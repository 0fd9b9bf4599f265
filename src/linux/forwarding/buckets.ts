/** Hash values of frames; native/bpf/trunk.h has the same number. */
export const BUCKETS = 256;

/** Slot of a bucket without a member. */
export const NO_SLOT = 0;

/** A distributing member and its weight. */
export interface SlotWeight {
  readonly slot: number;
  readonly weight: number;
}

/** A member while the buckets are dealt out. */
interface Share {
  readonly slot: number;
  readonly weight: number;
  /** The number of buckets due to it; at least one, so that every distributing member carries something. */
  readonly due: number;
  readonly held: number[];
}

/**
 * The slot of each bucket, in proportion to the weights to within one bucket or two. Starting from `before`, as few buckets as
 * possible change their member: those of members that left, and the surplus of others.
 */
export function dealBuckets(before: Uint8Array, weights: readonly SlotWeight[]): Uint8Array {
  const buckets = new Uint8Array(BUCKETS);
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  const shares = weights.map(({ slot, weight }) => ({
    slot,
    weight,
    due: Math.max(1, (BUCKETS * weight) / sum),
    held: [] as number[],
  }));
  if (shares.length === 0) return buckets;
  const bySlot = new Map(shares.map((share) => [share.slot, share]));
  const free: number[] = [];
  before.forEach((slot, bucket) => {
    (bySlot.get(slot)?.held ?? free).push(bucket);
  });
  const joined = shares.some(({ held }) => held.length === 0);
  const next = free.length === BUCKETS ? nextInTurn : poorest;
  for (const bucket of free) next(shares).held.push(bucket);
  // When members only left, the flows of the others stay, even if moving one bucket would be fairer.
  level(shares, free.length > 0 && !joined ? 2 : 1);
  for (const { slot, held } of shares) for (const bucket of held) buckets[bucket] = slot;
  return buckets;
}

const excess = ({ held, due }: Share): number => held.length - due;
const poorest = (shares: readonly Share[]): Share =>
  shares.reduce((best, share) => (excess(share) < excess(best) ? share : best));
const richest = (shares: readonly Share[]): Share =>
  shares.reduce((best, share) => (excess(share) > excess(best) ? share : best));

/** The member whose turn it is (Sainte-Lague), so that a round robin over the buckets of a new trunk is even. */
function nextInTurn(shares: readonly Share[]): Share {
  const claim = ({ held, weight }: Share): number => (held.length + 0.5) / weight;
  return shares.reduce((best, share) => (claim(share) < claim(best) ? share : best));
}

/** Moves buckets from the member with the greatest surplus to the one with the greatest lack, down to `tolerance`. */
function level(shares: readonly Share[], tolerance: number): void {
  // The loop ends, for each move brings two members nearer to their due.
  for (let moves = 0; moves < BUCKETS; moves++) {
    const [from, to] = [richest(shares), poorest(shares)];
    if (excess(from) - excess(to) <= tolerance) return;
    to.held.push(from.held.pop() as number);
  }
}
