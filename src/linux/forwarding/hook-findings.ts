import { constants } from "node:os";
import type { Netlink } from "../native/netlink.js";
import { type HookFilter, planeAddon } from "../native/plane.js";
import { errorCode, systemError } from "../system-error.js";
import type { NamedInterface } from "./plane.js";

/** A program of ours at a hook. */
export interface Hooked {
  readonly where: NamedInterface;
  readonly ingress: boolean;
  /** Every frame has to come to it; what runs before may take frames away. */
  readonly first: boolean;
  /** The ID of the program. */
  readonly program: number;
}

const nameOf = ({ kind, name, preference }: HookFilter): string =>
  `the ${kind} filter ${name === "" ? "" : `${name} `}with preference ${preference}`;

/** The ID of our program at a hook; 0 where there is none. Throws where the kernel does not tell. */
export function hookedProgram(netlink: Netlink, { index, name }: NamedInterface, ingress: boolean): number {
  const filters = planeAddon().hookFilters(netlink, index, ingress);
  if (typeof filters === "number") throw systemError(`filters of ${name}`, -filters);
  return filters.find(({ isOurs }) => isOurs)?.program ?? 0;
}

/** What cannot be read counts as changed; an interface that is gone is told as such. */
const unread = (what: string, error: number): string | undefined =>
  -error === constants.errno.ENODEV ? undefined : `${what} cannot be read: ${errorCode(-error)}`;

/** Why a program does not see the frames that it should, in one line; undefined where it does. */
export function hookFinding(netlink: Netlink, { where, ingress, first, program }: Hooked): string | undefined {
  const { index, name } = where;
  const filters = planeAddon().hookFilters(netlink, index, ingress);
  if (typeof filters === "number") return unread(`the filters of ${name}`, filters);
  const at = filters.findIndex(({ isOurs }) => isOurs);
  if (at < 0) {
    const others = filters.map(nameOf).join(", ");
    if (others !== "") return `the filter of etrunkd on ${name} is gone, there is ${others}`;
    const hasQdisc = planeAddon().hookQdisc(netlink, index);
    return hasQdisc ? `the filter of etrunkd on ${name} is gone` : `the clsact qdisc of ${name} is gone`;
  }
  if (filters[at]?.program !== program) return `the filter of etrunkd on ${name} was replaced`;
  const before = first ? filters[0] : undefined;
  if (before !== undefined && at > 0) return `${nameOf(before)} runs before that of etrunkd on ${name}`;
  const tcx = first ? planeAddon().hookTcx(index) : 0;
  if (tcx < 0) return unread(`the TCX programs of ${name}`, tcx);
  return tcx > 0 ? `a TCX program runs before the filter of etrunkd on ${name}` : undefined;
}
