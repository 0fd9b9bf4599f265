import { StartFailure, systemReason } from "../start-failure.js";
import type { Store } from "./store.js";

/** A text of the state directory. Throws StartFailure where it cannot be read. */
export function loadText(store: Pick<Store, "load">, name: string): string | undefined {
  try {
    return store.load(name);
  } catch (error) {
    throw new StartFailure(
      `state directory: ${name}: ${systemReason(error)}; remove it, or choose another with --state-dir`,
    );
  }
}
