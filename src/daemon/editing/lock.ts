/** Seconds after the holder's last line when the right to commit is free again. */
export const LOCK_TIMEOUT = 30;

/** The right to commit, which one session may hold alone. Times are milliseconds since 1970. */
export class Lock {
  #held: { readonly session: number; readonly since: number; last: number } | undefined;

  /** Who holds it; undefined: nobody, or one that typed nothing for too long. */
  holder(now: number) {
    if (this.#held !== undefined && now - this.#held.last >= LOCK_TIMEOUT * 1_000) this.#held = undefined;
    return this.#held;
  }

  /** False when another session holds it. */
  take(session: number, now: number): boolean {
    const held = this.holder(now);
    if (held === undefined) this.#held = { session, since: now, last: now };
    return held === undefined || held.session === session;
  }

  /** The session typed a line. */
  used(session: number, now: number): void {
    const held = this.holder(now);
    if (held?.session === session) held.last = now;
  }

  free(session: number): void {
    if (this.#held?.session === session) this.#held = undefined;
  }
}
