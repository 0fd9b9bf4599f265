/** Work of many short steps that ends in a value, so that it can be done in slices. */
export type Steps<Value> = Generator<void, Value>;

/** All steps, one after the other. */
export function atOnce<Value>(steps: Steps<Value>): Value {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
