import { LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME } from "../../core/base/lacp.js";
import { MEMBER_KINDS, trunkMember } from "../../core/base/member-key.js";
import type { Micros } from "../../core/base/time.js";
import type { Checkpoint, PortCheckpoint } from "../../core/device/checkpoint.js";
import { SHORT_TIMEOUT } from "../../core/wire/lacpdu.js";

/** When the partner forgets us: by LACP_Timeout of its state (802.1AX-2014 6.4.2.3). */
const timeoutOf = ({ partner }: PortCheckpoint): Micros =>
  partner !== undefined && (partner.state & SHORT_TIMEOUT) === 0 ? LONG_TIMEOUT_TIME : SHORT_TIMEOUT_TIME;

/**
 * A checkpoint, given as JSON, as the state directory holds it. The monotonic clock begins anew with each boot, hence its
 * name.
 */
export function printCheckpoint(checkpoint: string, boot: string, stamp: Micros): string {
  return `{"boot":${JSON.stringify(boot)},"stamp":${stamp},"checkpoint":${checkpoint}}`;
}

/**
 * What of a stored checkpoint still holds at `now`: the ports whose partner has not yet timed us out. `told` says what was
 * ignored and why; undefined when all of it holds.
 */
export function readCheckpoint(
  text: string,
  boot: string,
  now: Micros,
): { readonly checkpoint: Checkpoint | undefined; readonly told: string | undefined } {
  const nothing = (told: string) => ({ checkpoint: undefined, told });
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return nothing("it is not a JSON document");
  }
  if (!isStored(stored)) return nothing("it does not have the form of a checkpoint");
  if (stored.boot !== boot) return nothing("it is from before the machine's last boot");
  const age = now - stored.stamp;
  if (age < 0) return nothing("its stamp lies in the future");
  const { ports: all, etrunks: roles = [], pairs = [] } = currentForm(stored.checkpoint);
  const ports = all.filter((port) => age < timeoutOf(port));
  const late = all.length - ports.length;
  const seconds = (age / 1_000_000).toFixed(1);
  const told = late > 0 ? `it is ${seconds} s old, by when the partners of ${late} ports have timed out` : undefined;
  // Of how long a role lasts without us it says nothing, so the shorter time holds.
  const etrunks = age < SHORT_TIMEOUT_TIME ? roles : [];
  // Which member works is our own business: nobody times it out.
  const isEmpty = ports.length + etrunks.length + pairs.length === 0;
  return { checkpoint: isEmpty ? undefined : { ports, etrunks, pairs }, told };
}

type SavedMember = NonNullable<Checkpoint["etrunks"]>[number]["members"][number];

/** A checkpoint in the form of this version: earlier ones wrote a member of an E-Trunk as the number of its Eth-Trunk. */
function currentForm(checkpoint: Checkpoint): Checkpoint {
  const named = (saved: SavedMember & { readonly trunk?: number }): SavedMember => {
    const { trunk, ...member } = saved;
    return trunk === undefined ? member : { ...member, member: trunkMember(trunk) };
  };
  const etrunks = checkpoint.etrunks?.map((etrunk) => ({ ...etrunk, members: etrunk.members.map(named) }));
  return etrunks === undefined ? checkpoint : { ...checkpoint, etrunks };
}

interface Stored {
  readonly boot: string;
  readonly stamp: number;
  readonly checkpoint: Checkpoint;
}

type Shape = { readonly [field: string]: (value: unknown) => boolean };

const isNumber = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string";
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const has = (value: unknown, shape: Shape): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(shape).every(([field, fits]) => fits((value as { readonly [field: string]: unknown })[field]));

const isPartner = (value: unknown): boolean =>
  value === undefined ||
  has(value, {
    systemPriority: isNumber,
    system: isNumber,
    key: isNumber,
    portPriority: isNumber,
    port: isNumber,
    state: isNumber,
  });

const isPort = (value: unknown): boolean =>
  has(value, {
    trunk: isNumber,
    name: isText,
    portNumber: isNumber,
    selected: (selected) => ["SELECTED", "STANDBY", "UNSELECTED"].includes(String(selected)),
    muxState: isText,
    actorState: isNumber,
    partner: isPartner,
  });

const listOf =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(fits);

const orNone =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || fits(value);

const isIdentity = (value: unknown): boolean =>
  has(value, {
    side: (side) => side === "first" || side === "second",
    systemPriority: isNumber,
    systemId: isNumber,
    key: (key) => key === undefined || isNumber(key),
    remote: isFlag,
  });

const isKey = (value: unknown): boolean =>
  has(value, { kind: (kind) => MEMBER_KINDS.some((known) => known === kind), id: isNumber });

const isMember = (value: unknown): boolean =>
  has(value, { carries: isFlag, identity: isIdentity }) &&
  (has(value, { member: isKey }) || has(value, { trunk: isNumber }));

const isEtrunk = (value: unknown): boolean =>
  has(value, { etrunk: isNumber, state: isText, members: listOf(isMember) });

const isPair = (value: unknown): boolean =>
  has(value, { trunk: isNumber, working: isText, natural: (natural) => natural === undefined || isText(natural) });

const isCheckpoint = (value: unknown): boolean =>
  has(value, { ports: listOf(isPort), etrunks: orNone(listOf(isEtrunk)), pairs: orNone(listOf(isPair)) });

const isStored = (value: unknown): value is Stored =>
  has(value, { boot: isText, stamp: isNumber, checkpoint: isCheckpoint });
