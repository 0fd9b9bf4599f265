/** What was told of one profile and service. */
export interface PublisherCounters {
  batches: number;
  puts: number;
  deletes: number;
}

/** What was heard of it. */
export interface ReplicaCounters {
  batches: number;
  puts: number;
  deletes: number;
  /** Deletes of entries that were never told. */
  strayDeletes: number;
  /** Records of another trunk, and messages of another batch. */
  ignored: number;
  /** Entries that found no room. */
  dropped: number;
  /** Batches that began and did not end. */
  cut: number;
  digests: number;
  mismatches: number;
}

export interface EntryCounters {
  readonly sent: PublisherCounters;
  readonly received: ReplicaCounters;
}

export const noEntryCounters = (): EntryCounters => ({
  sent: { batches: 0, puts: 0, deletes: 0 },
  received: {
    batches: 0,
    puts: 0,
    deletes: 0,
    strayDeletes: 0,
    ignored: 0,
    dropped: 0,
    cut: 0,
    digests: 0,
    mismatches: 0,
  },
});
