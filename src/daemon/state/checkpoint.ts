import * as z from "zod";
import type { Mac } from "../../core/base/address.js";
import { LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME } from "../../core/base/lacp.js";
import { MEMBER_KINDS, trunkMember } from "../../core/base/member-key.js";
import type { Micros } from "../../core/base/time.js";
import type { Checkpoint, PairCheckpoint, PortCheckpoint } from "../../core/device/checkpoint.js";
import { MUX_STATES } from "../../core/lacp/mux-machine.js";
import type { SavedPort } from "../../core/lacp/saved-port.js";
import { SHORT_TIMEOUT } from "../../core/wire/lacpdu.js";

const whole = z.int().min(0);
const sixteenBits = whole.max(0xffff);
const octet = whole.max(0xff);
const mac = whole.max(0xffff_ffff_ffff).transform((address) => address as Mac);
const micros = whole.transform((time) => time as Micros);

const information = { systemPriority: sixteenBits, system: mac, key: sixteenBits, port: sixteenBits };
const partner = z.object({ ...information, portPriority: sixteenBits, state: octet });

/** JSON leaves out an undefined field; the core's form has it. */
const savedPort = z
  .object({
    index: whole,
    actor: z.object(information),
    selected: z.enum(["SELECTED", "STANDBY", "UNSELECTED"]),
    muxState: z.enum(MUX_STATES),
    hasWaited: z.boolean(),
    partner: partner.optional(),
    heardAt: micros.optional(),
  })
  .transform((saved): SavedPort => ({ ...saved, partner: saved.partner, heardAt: saved.heardAt }));

/** Versions before this one did not say where and when the partner was heard: their ports begin anew. */
const port = z
  .object({
    trunk: whole,
    name: z.string(),
    portNumber: whole.min(1).max(0x7fff),
    saved: savedPort.optional().catch(undefined),
  })
  .transform((each): PortCheckpoint => ({ ...each, saved: each.saved }));

const pair = z
  .object({ trunk: whole, working: z.string(), natural: z.string().optional() })
  .transform((saved): PairCheckpoint => ({ ...saved, natural: saved.natural }));

const memberState = {
  carries: z.boolean(),
  identity: z.object({
    side: z.enum(["first", "second"]),
    systemPriority: sixteenBits,
    systemId: mac,
    key: sixteenBits.optional(),
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

const flushSender = z.object({
  device: mac,
  place: z.union([whole, z.string()]),
  epoch: whole,
  sequence: whole.max(0xffff_ffff),
  at: micros,
});

const rows = z.array(z.unknown()).default([]);
const storedCheckpoint = z.object({
  boot: z.string(),
  stamp: micros,
  checkpoint: z.object({ ports: rows, etrunks: rows, pairs: rows, flushSenders: rows }),
});

/** The rows that have the form of their kind, and how many have not. */
function fitting<Row>(given: readonly unknown[], form: z.ZodType<Row>): { readonly good: Row[]; readonly bad: number } {
  const good = given.map((row) => form.safeParse(row).data).filter((row) => row !== undefined);
  return { good, bad: given.length - good.length };
}

/** The time after which the partner times us out: by LACP_Timeout of its state (802.1AX-2014 6.4.2.3). */
const timeoutOf = ({ saved }: PortCheckpoint): Micros =>
  saved?.partner !== undefined && (saved.partner.state & SHORT_TIMEOUT) === 0 ? LONG_TIMEOUT_TIME : SHORT_TIMEOUT_TIME;

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
  const ports = fitting(stored.checkpoint.ports, port);
  const etrunks = fitting(stored.checkpoint.etrunks, etrunk);
  const pairs = fitting(stored.checkpoint.pairs, pair);
  const flushSenders = fitting(stored.checkpoint.flushSenders, flushSender);
  const young = ports.good.filter((each) => age < timeoutOf(each));
  const checkpoint = {
    ports: young,
    // The checkpoint does not tell how long a role lasts without us, so the shorter time holds.
    etrunks: age < SHORT_TIMEOUT_TIME ? etrunks.good : [],
    // The working member of a pair is our own business: no partner times it out.
    pairs: pairs.good,
    // A time to come would shut its sender out for as long.
    flushSenders: flushSenders.good.filter(({ at }) => at <= stored.stamp),
  };
  const reasons = whyLess(
    ports.bad + etrunks.bad + pairs.bad + flushSenders.bad,
    ports.good.length - young.length,
    age,
  );
  const isEmpty = Object.values(checkpoint).every((rows) => rows.length === 0);
  return {
    checkpoint: isEmpty ? undefined : checkpoint,
    told: reasons.length === 0 ? undefined : reasons.join("; "),
  };
}

function whyLess(misshapen: number, late: number, age: number): string[] {
  const reasons: string[] = [];
  if (misshapen > 0) reasons.push(`${misshapen} of its rows do not have the form of a checkpoint`);
  const seconds = (age / 1_000_000).toFixed(1);
  if (late > 0) reasons.push(`it is ${seconds} s old, by when the partners of ${late} ports have timed out`);
  return reasons;
}
