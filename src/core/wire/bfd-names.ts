// The words of displays and logs, in the order of their numbers on the wire (RFC 5880 4.1).

export const SESSION_STATES = ["AdminDown", "Down", "Init", "Up"] as const;
export type SessionState = (typeof SESSION_STATES)[number];

export const DIAGNOSTICS = [
  "No Diagnostic",
  "Control Detection Time Expired",
  "Echo Function Failed",
  "Neighbor Signaled Session Down",
  "Forwarding Plane Reset",
  "Path Down",
  "Concatenated Path Down",
  "Administratively Down",
  "Reverse Concatenated Path Down",
] as const;
