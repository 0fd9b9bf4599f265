const rounded = (n) => Number(n.toPrecision(4));

/** @param {readonly number[]} numbers */
export function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (fraction) => rounded(sorted[Math.floor(fraction * (sorted.length - 1))] ?? Number.NaN);
  return { min: at(0), median: at(0.5), max: at(1) };
}

/** The value below which `share` of all lie. @param {readonly number[]} numbers @param {number} share */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
}
