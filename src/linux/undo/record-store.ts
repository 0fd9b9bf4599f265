/**
 * Where a record is kept for the next process. It has to survive the death of this one, not that of the kernel: what it says
 * means something within one boot and one network namespace.
 */
export interface RecordStore<Content> {
  /** What an earlier process left; undefined where none did, or in another boot or network namespace. */
  load(): Content | undefined;
  /** Written when it returns. May throw. */
  saveNow(content: Content): void;
  /** Written behind. */
  save(content: Content): void;
}
