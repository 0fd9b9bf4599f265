import type { Port } from "./port.js";
import type { Selection } from "./selection.js";

/** The reason why a port carries traffic or does not, in the words of the vendor's log where it has them. */
export function reasonFor(port: Port, selection: Selection): string {
  if (port.distributes) return "in sync with the partner";
  if (port.hearsOwnSystem) return "partner system ID equals ours";
  if (!port.isCurrent && port.isAnsweredSlowly) return "partner sends every 30 s though fast LACPDUs are asked for";
  const reason = selection.reasonOf(port);
  if (reason !== undefined) return reason;
  if (port.receiveState === "EXPIRED") return "receive timer expired";
  if (port.muxState === "WAITING") return "waiting for other ports to aggregate with";
  if (!port.partnerInSync) return "partner is not in sync";
  if (port.isDamped) return "state flapping suppression is running";
  if (port.collects) return "partner does not collect yet";
  return selection.shortfall ?? "partner is not in sync";
}
