/** Notice for each line that is kept without effect. */
export const KEPT = "Kept in the configuration; etrunkd does not act on it.";

/** Answer to a session without a candidate: it never entered system view, or the daemon is not the one it entered. */
export const NO_CANDIDATE = "The session has no candidate configuration. Run system-view first.";

/** What a session is told that would leave lines behind. */
export const UNCOMMITTED = "Uncommitted configurations found.";
