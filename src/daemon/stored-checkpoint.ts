import { type Micros, seconds } from "../core/base/time.js";
import type { Checkpoint, PortCheckpoint } from "../core/engine/checkpoint.js";

/** LACP_Timeout of the partner's state (802.1AX-2014 6.4.2.3): set where the partner counts us out after 3 s. */
const SHORT_TIMEOUT = 0x02;

/** 802.1AX-2014 6.4.4: Short_Timeout_Time and Long_Timeout_Time, after which the partner forgets us. */
const timeoutOf = ({ partner }: PortCheckpoint): Micros =>
  partner !== undefined && (partner.state & SHORT_TIMEOUT) === 0 ? seconds(90) : seconds(3);

/** A checkpoint as the state directory holds it. The monotonic clock begins anew with each boot, hence its name. */
export function printCheckpoint(ports: string, boot: string, stamp: Micros): string {
  return `{"boot":${JSON.stringify(boot)},"stamp":${stamp},"ports":${ports}}`;
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
  const ports = stored.ports.filter((port) => age < timeoutOf(port));
  const late = stored.ports.length - ports.length;
  const seconds = (age / 1_000_000).toFixed(1);
  const told = late > 0 ? `it is ${seconds} s old, by when the partners of ${late} ports have timed out` : undefined;
  return { checkpoint: ports.length > 0 ? { ports } : undefined, told };
}

interface Stored {
  readonly boot: string;
  readonly stamp: number;
  readonly ports: readonly PortCheckpoint[];
}

type Shape = { readonly [field: string]: (value: unknown) => boolean };

const isNumber = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string";
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

const isStored = (value: unknown): value is Stored =>
  has(value, { boot: isText, stamp: isNumber, ports: (ports) => Array.isArray(ports) && ports.every(isPort) });
