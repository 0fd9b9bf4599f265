import type { InterfaceIndex } from "../base/protocol.js";
import { later, type Micros, millis, NEVER } from "../base/time.js";
import { AGGREGATION, COLLECTING, DEFAULTED, DISTRIBUTING, EXPIRED, SYNCHRONIZATION } from "../wire/lacpdu.js";
import { type MuxState, nearestBox } from "./mux-machine.js";
import type { Port } from "./port.js";
import { copyInformation, type PortInformation } from "./port-information.js";
import type { Selected } from "./port-variables.js";
import { useDefaults } from "./receive-machine.js";
import { AGGREGATE_WAIT_TIME } from "./timers.js";

/** The identity under which a port spoke: with another one it is negotiated anew (802.1AX-2014 6.4.14). */
type SavedIdentity = Pick<PortInformation, "systemPriority" | "system" | "key" | "port">;

/**
 * The state of a port for the next process, which goes on without notice of its partner. It holds for the interface and the
 * identity that it names. Plain data.
 */
export interface SavedPort {
  readonly index: InterfaceIndex;
  readonly actor: SavedIdentity;
  readonly selected: Selected;
  readonly muxState: MuxState;
  /** The port has waited long enough to attach. */
  readonly hasWaited: boolean;
  /** Undefined: the port timed out, and its partner is the default one. */
  readonly partner: PortInformation | undefined;
  /** Time of the last LACPDU, by the monotonic clock of this boot. Undefined without a partner. */
  readonly heardAt: Micros | undefined;
}

/** Undefined: the port loses nothing when it begins anew. */
export function savePort(port: Port): SavedPort | undefined {
  const { index, selected, muxState, readyN } = port;
  if (!port.isCurrent && port.receiveState !== "DEFAULTED") return undefined;
  const { systemPriority, system, key, port: number } = port.actor;
  const actor = { systemPriority, system, key, port: number };
  const heard = port.isCurrent ? { ...port.partner } : undefined;
  return {
    ...{ index, actor, selected, muxState, hasWaited: readyN },
    partner: heard,
    heardAt: heard === undefined ? undefined : port.heardAt,
  };
}

const SYNC_BITS: { readonly [state in MuxState]: number } = {
  DETACHED: 0,
  WAITING: 0,
  ATTACHED: SYNCHRONIZATION,
  COLLECTING: SYNCHRONIZATION | COLLECTING,
  DISTRIBUTING: SYNCHRONIZATION | COLLECTING | DISTRIBUTING,
  COLLECTING_DISTRIBUTING: SYNCHRONIZATION | COLLECTING | DISTRIBUTING,
};

/**
 * How long a port listens at least: nothing was heard while no process ran, and a partner in fast mode speaks once a second.
 * A partner that died gains this time twice at most, however often the process starts.
 */
const LISTENING = millis(1_500);

/**
 * Starts the port where it was, for the rest of its timeout. Returns what of the saved state does not fit, in words, and
 * undefined when all of it does; what does not fit begins anew.
 */
export function restorePort(port: Port, saved: SavedPort): string | undefined {
  const { now } = port;
  if (!port.portEnabled) return "its link is down";
  if (saved.index !== port.index) return "another interface is under it";
  if (saved.partner === undefined || saved.heardAt === undefined) {
    port.receive.state = "DEFAULTED";
    useDefaults(port);
    return undefined;
  }
  const until = later(saved.heardAt, port.aggregator.settings.timeout);
  if (saved.heardAt > now) return "its partner was heard in the future";
  if (later(until, LISTENING) <= now) return "its partner has been silent for too long";
  port.receive.state = "CURRENT";
  port.heardAt = saved.heardAt;
  port.currentWhile = Math.max(until, later(now, LISTENING)) as Micros;
  copyInformation(saved.partner, port.partner);
  port.setActor(DEFAULTED | EXPIRED, false);
  port.ntt = true;
  if (!isIdentityOf(port, saved.actor)) {
    port.partner.state &= ~SYNCHRONIZATION;
    return "its system ID, priority, key or port number is another one";
  }
  takeUpMux(port, saved);
  return undefined;
}

const isIdentityOf = ({ actor }: Port, saved: SavedIdentity): boolean =>
  actor.systemPriority === saved.systemPriority &&
  actor.system === saved.system &&
  actor.key === saved.key &&
  actor.port === saved.port;

function takeUpMux(port: Port, { selected, muxState, hasWaited }: SavedPort): void {
  const box = nearestBox(muxState, port.aggregator.settings.independentControl);
  port.selected = selected;
  port.mux.state = box;
  port.actor.state = (port.actor.state & ~(SYNCHRONIZATION | COLLECTING | DISTRIBUTING)) | SYNC_BITS[box];
  port.setActor(AGGREGATION, true);
  port.readyN = box === "WAITING" && hasWaited;
  port.waitWhile = box === "WAITING" && !hasWaited ? later(port.now, AGGREGATE_WAIT_TIME) : NEVER;
}
