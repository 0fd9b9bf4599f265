import type { RecordStore } from "../linux/record.js";
import type { Store } from "../linux/store.js";
import { StartFailure, systemReason } from "./start-failure.js";

/** A text of the state directory. Throws StartFailure where it cannot be read. */
export function loadText(store: Store, name: string): string | undefined {
  try {
    return store.load(name);
  } catch (error) {
    throw new StartFailure(
      `state directory: ${name}: ${systemReason(error)}; remove it, or choose another with --state-dir`,
    );
  }
}

export const recordIn = (store: Store, name: string): RecordStore => ({
  load: () => loadText(store, name),
  saveNow: (text) => store.saveNow(name, text),
  save: (text) => store.save(name, text),
});
