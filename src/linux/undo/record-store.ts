/**
 * Keeps a record for the next process. The record has to survive this process and not the kernel, for interface indexes mean
 * something within one boot and one network namespace only.
 */
export interface RecordStore<Content> {
  /** The record of an earlier process; undefined without one of this boot and network namespace. */
  load(): Content | undefined;
  /** The record is on disk when this returns. May throw. */
  saveNow(content: Content): void;
  /** The record is written some time later. */
  save(content: Content): void;
}
