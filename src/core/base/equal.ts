/**
 * Compares two values of plain data: numbers, texts, flags, `undefined`, `null`, octets, arrays, and objects of those.
 * A field that is `undefined` counts as absent, as in JSON.
 */
export function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) && Array.isArray(other)) return isListEqual(one, other);
  if (one instanceof Uint8Array && other instanceof Uint8Array) return isListEqual(one, other);
  if (isList(one) || isList(other)) return false;
  const [left, right] = [one as Fields, other as Fields];
  for (const field of Object.keys(left)) if (!isEqual(left[field], right[field])) return false;
  for (const field of Object.keys(right)) if (left[field] === undefined && right[field] !== undefined) return false;
  return true;
}

type Fields = { readonly [field: string]: unknown };

const isList = (value: object): boolean => Array.isArray(value) || value instanceof Uint8Array;

function isListEqual(one: ArrayLike<unknown>, other: ArrayLike<unknown>): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (!isEqual(one[at], other[at])) return false;
  return true;
}
