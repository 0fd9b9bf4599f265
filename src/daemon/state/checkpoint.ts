import * as z from "zod";
import type { Mac } from "../../core/base/address.js";
import { LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME } from "../../core/base/lacp.js";
import { MEMBER_KINDS, trunkMember } from "../../core/base/member-key.js";
import type { Micros } from "../../core/base/time.js";
import type { Checkpoint, PortCheckpoint } from "../../core/device/checkpoint.js";
import { SHORT_TIMEOUT } from "../../core/wire/lacpdu.js";

const whole = z.int().min(0);
const mac = whole.transform((address) => address as Mac);

const partner = z.object({
  systemPriority: whole,
  system: mac,
  key: whole,
  portPriority: whole,
  port: whole,
  state: whole,
});

/** JSON leaves out an undefined partner; the core's form has the field. */
const port = z
  .object({
    trunk: whole,
    name: z.string(),
    portNumber: whole,
    selected: z.enum(["SELECTED", "STANDBY", "UNSELECTED"]),
    muxState: z.string(),
    actorState: whole,
    partner: partner.optional(),
  })
  .transform((saved) => ({ ...saved, partner: saved.partner }));

const pair = z
  .object({ trunk: whole, working: z.string(), natural: z.string().optional() })
  .transform((saved) => ({ ...saved, natural: saved.natural }));

const memberState = {
  carries: z.boolean(),
  identity: z.object({
    side: z.enum(["first", "second"]),
    systemPriority: whole,
    systemId: mac,
    key: whole.optional(),
    remote: z.boolean(),
  }),
};

/** Versions before this one wrote a member as the number of its Eth-Trunk. */
const member = z.union([
  z.object({ member: z.object({ kind: z.enum(MEMBER_KINDS), id: whole }), ...memberState }),
  z
    .object({ trunk: whole, ...memberState })
    .transform(({ trunk, ...saved }) => ({ member: trunkMember(trunk), ...saved })),
]);

const etrunk = z.object({ etrunk: whole, state: z.string(), members: z.array(member) });

const storedCheckpoint = z.object({
  boot: z.string(),
  stamp: whole,
  checkpoint: z.object({
    ports: z.array(port),
    etrunks: z.array(etrunk).default([]),
    pairs: z.array(pair).default([]),
  }),
});

/** The time after which the partner times us out: by LACP_Timeout of its state (802.1AX-2014 6.4.2.3). */
const timeoutOf = ({ partner }: PortCheckpoint): Micros =>
  partner !== undefined && (partner.state & SHORT_TIMEOUT) === 0 ? LONG_TIMEOUT_TIME : SHORT_TIMEOUT_TIME;

/**
 * A checkpoint, given as JSON, in the form of the state directory. It names the boot, for the monotonic clock begins anew with
 * each.
 */
export function printCheckpoint(checkpoint: string, boot: string, stamp: Micros): string {
  return `{"boot":${JSON.stringify(boot)},"stamp":${stamp},"checkpoint":${checkpoint}}`;
}

/**
 * The part of a stored checkpoint that still holds at `now`: the ports whose partner has not yet timed us out. `told` is the
 * reason why the rest was ignored; undefined when all of it holds.
 */
export function readCheckpoint(
  text: string,
  boot: string,
  now: Micros,
): { readonly checkpoint: Checkpoint | undefined; readonly told: string | undefined } {
  const nothing = (told: string) => ({ checkpoint: undefined, told });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return nothing("it is not a JSON document");
  }
  const { data: stored } = storedCheckpoint.safeParse(document);
  if (stored === undefined) return nothing("it does not have the form of a checkpoint");
  if (stored.boot !== boot) return nothing("it is from before the machine's last boot");
  const age = now - stored.stamp;
  if (age < 0) return nothing("its stamp lies in the future");
  const { ports: all, etrunks: roles, pairs } = stored.checkpoint;
  const ports = all.filter((port) => age < timeoutOf(port));
  const late = all.length - ports.length;
  const seconds = (age / 1_000_000).toFixed(1);
  const told = late > 0 ? `it is ${seconds} s old, by when the partners of ${late} ports have timed out` : undefined;
  // The checkpoint does not tell how long a role lasts without us, so the shorter time holds.
  const etrunks = age < SHORT_TIMEOUT_TIME ? roles : [];
  // The working member of a pair is our own business: no partner times it out.
  const isEmpty = ports.length + etrunks.length + pairs.length === 0;
  return { checkpoint: isEmpty ? undefined : { ports, etrunks, pairs }, told };
}
