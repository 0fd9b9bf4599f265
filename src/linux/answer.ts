/** What something outside this process answered: a value, or in one line why there is none. */
export type Answer<Value> =
  | { readonly value: Value; readonly refusal?: undefined }
  | { readonly value?: undefined; readonly refusal: string };

/**
 * Asks something outside this process. Within `linux` a refusal is thrown, as an Error of one line, so that what rests on it
 * is left out; here the throw ends, for beyond `linux` it would be a broken invariant.
 */
export function asked<Value>(ask: () => Value): Answer<Value> {
  try {
    return { value: ask() };
  } catch (error) {
    return { refusal: (error as Error).message };
  }
}
