import type { TrunkEntry } from "../../device/trunk-entry.js";
import { forwards, type Member } from "../../ethtrunk/member.js";

/** Why the status of a member is what it is, in words. */
export function reasonOf({ trunk, aggregator }: TrunkEntry, member: Member): string {
  if (trunk.desired.shutdown) return "trunk shut down";
  const port = aggregator?.port(member.name);
  if (aggregator === undefined || port === undefined || !member.link.up || forwards(member.status))
    return member.reason;
  return aggregator.reasonOf(port);
}
