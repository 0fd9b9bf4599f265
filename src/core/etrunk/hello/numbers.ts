/** The last sequence number of an epoch that is used; what is left of 32 bits is never reached. */
const LAST_SEQUENCE = 0xffff_fff0;

/**
 * The numbers of an E-Trunk's hellos (formats/e-trunk-hello.md 6). They live as long as the process: an E-Trunk that is
 * removed and made again goes on where it was, so no hello ever has the numbers of another.
 */
export class HelloNumbers {
  /** Microseconds since 1970 at the start of this run, or greater. */
  epoch: number;
  /** Of the hello that left last; 0 before the first. */
  sequence: number;

  constructor(epoch: number, sequence = 0) {
    this.epoch = epoch;
    this.sequence = sequence;
  }

  next(): number {
    return ++this.sequence;
  }

  /** Begins the next epoch when the sequence numbers are used up; true when it did. */
  renewIfUsedUp(): boolean {
    if (this.sequence < LAST_SEQUENCE) return false;
    this.epoch++;
    this.sequence = 0;
    return true;
  }
}
