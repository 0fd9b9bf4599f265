/** Hash values of frames; native/trunk.h has the same number. */
export const BUCKETS = 256;

/** Slot of a bucket that leads nowhere. */
export const NO_SLOT = 0;

/** A distributing member and its weight. */
export interface SlotWeight {
  readonly slot: number;
  readonly weight: number;
}

/** Where the counts of buckets stand while they are dealt out. */
interface Share {
  readonly slot: number;
  readonly weight: number;
  /** What it should have; at least one bucket, so that whoever distributes carries something. */
  readonly due: number;
  readonly held: number[];
}

/**
 * The slot of each bucket, in proportion to the weights to within one bucket. Starting from `before`, as few buckets as
 * possible change hands: those of members that left, and those a member has too many of.
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
  for (const bucket of free) next(shares).held.push(bucket);
  level(shares);
  for (const { slot, held } of shares) for (const bucket of held) buckets[bucket] = slot;
  return buckets;
}

/** Who gets the next bucket (Sainte-Lague): the members take turns, so that a round robin over the buckets is even. */
function next(shares: readonly Share[]): Share {
  const claim = ({ held, weight }: Share): number => (held.length + 0.5) / weight;
  return shares.reduce((best, share) => (claim(share) < claim(best) ? share : best));
}

/** Moves buckets from who has too many to who has too few, while that makes it better. */
function level(shares: readonly Share[]): void {
  const excess = ({ held, due }: Share): number => held.length - due;
  // Bounded: each move brings two members nearer to what is due.
  for (let moves = 0; moves < BUCKETS; moves++) {
    const richest = shares.reduce((best, share) => (excess(share) > excess(best) ? share : best));
    const poorest = shares.reduce((best, share) => (excess(share) < excess(best) ? share : best));
    if (excess(richest) - excess(poorest) <= 1) return;
    poorest.held.push(richest.held.pop() as number);
  }
}
