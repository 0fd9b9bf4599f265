import type { Machine } from "../base/machine.js";
import { later, NEVER, seconds } from "../base/time.js";
import { COLLECTING, DISTRIBUTING, SYNCHRONIZATION } from "../wire/lacpdu.js";
import type { PortVariables } from "./port-variables.js";
import { AGGREGATE_WAIT_TIME } from "./timers.js";

/** The boxes of both machines. */
export const MUX_STATES = [
  "DETACHED",
  "WAITING",
  "ATTACHED",
  "COLLECTING",
  "DISTRIBUTING",
  "COLLECTING_DISTRIBUTING",
] as const;
export type MuxState = (typeof MUX_STATES)[number];
export type CoupledMuxState = Exclude<MuxState, "DISTRIBUTING">;
export type IndependentMuxState = Exclude<MuxState, "COLLECTING_DISTRIBUTING">;

/**
 * The box of the machine in force for a box of either machine: the two machines share all boxes but those in which a port
 * distributes, or only collects.
 */
export function nearestBox(state: MuxState, independent: boolean): MuxState {
  if (independent) return state === "COLLECTING_DISTRIBUTING" ? "DISTRIBUTING" : state;
  return state === "COLLECTING" || state === "DISTRIBUTING" ? "COLLECTING_DISTRIBUTING" : state;
}

/** How long a port waits after its first flaps, then after each further one. */
const DAMPENING = [seconds(1), seconds(3)];
const LONGEST_DAMPENING = seconds(5);
/** How long a port that joins others waits for its partner to collect: some partners never say that they do. */
const JOINING = seconds(1);
/** A port that did not flap for so long begins anew. */
const FLAPS_FORGOTTEN = seconds(60);

const mayCollect = (p: PortVariables): boolean => p.partnerInSync && !p.isHeldBack;
const leaves = (p: PortVariables): boolean => p.selected === "UNSELECTED" || p.selected === "STANDBY";

/**
 * Mux machine, coupled control: collects and distributes together. Held back, it stays in ATTACHED; a port that joins others that
 * carry only collects until its partner does, for a second at most (O).
 */
export const muxMachine: Machine<CoupledMuxState, PortVariables> = {
  clause: "802.1AX-2014 6.4.15, coupled control",
  initial: "DETACHED",
  open: [{ when: (p) => p.begin, to: "DETACHED" }],
  boxes: {
    DETACHED: {
      enter: detach,
      exits: [{ when: (p) => p.selected === "SELECTED" || p.selected === "STANDBY", to: "WAITING" }],
    },
    WAITING: {
      enter: startWaiting,
      exits: [
        { when: (p) => p.selected === "UNSELECTED", to: "DETACHED" },
        { when: (p) => p.selected === "SELECTED" && p.ready, to: "ATTACHED" },
      ],
    },
    ATTACHED: {
      enter: attach,
      exits: [
        { when: leaves, to: "DETACHED" },
        { when: (p) => p.selected === "SELECTED" && mayCollect(p) && p.joins, to: "COLLECTING" },
        { when: (p) => p.selected === "SELECTED" && mayCollect(p), to: "COLLECTING_DISTRIBUTING" },
      ],
    },
    COLLECTING: {
      enter: join,
      exits: [
        { when: (p) => leaves(p) || !mayCollect(p), to: "ATTACHED" },
        { when: (p) => !p.joins || p.joinExpired, to: "COLLECTING_DISTRIBUTING" },
      ],
    },
    COLLECTING_DISTRIBUTING: {
      enter: collectAndDistribute,
      exits: [{ when: (p) => leaves(p) || !mayCollect(p), to: "ATTACHED" }],
    },
  },
};

/** Mux machine, independent control: collects before it distributes. */
export const independentMuxMachine: Machine<IndependentMuxState, PortVariables> = {
  clause: "802.1AX-2014 6.4.15, independent control",
  initial: "DETACHED",
  open: muxMachine.open as Machine<IndependentMuxState, PortVariables>["open"],
  boxes: {
    DETACHED: muxMachine.boxes.DETACHED as Machine<IndependentMuxState, PortVariables>["boxes"]["DETACHED"],
    WAITING: muxMachine.boxes.WAITING as Machine<IndependentMuxState, PortVariables>["boxes"]["WAITING"],
    ATTACHED: {
      enter: attach,
      exits: [
        { when: leaves, to: "DETACHED" },
        { when: (p) => p.selected === "SELECTED" && mayCollect(p), to: "COLLECTING" },
      ],
    },
    COLLECTING: {
      enter: collectOnly,
      exits: [
        { when: (p) => leaves(p) || !mayCollect(p), to: "ATTACHED" },
        { when: (p) => p.selected === "SELECTED" && mayCollect(p) && p.partnerCollects, to: "DISTRIBUTING" },
      ],
    },
    DISTRIBUTING: {
      enter: collectAndDistribute,
      exits: [{ when: (p) => leaves(p) || !mayCollect(p) || !p.partnerCollects, to: "COLLECTING" }],
    },
  },
};

// Actions of the boxes.

export function detach(port: PortVariables): void {
  // A port that goes into reserve with its partner has waited before, and need not wait again when it is selected.
  port.hasWaited = port.selected === "STANDBY" && port.actorInSync;
  synchronize(port, false);
  port.setActor(COLLECTING | DISTRIBUTING, false);
  port.waitWhile = NEVER;
  port.joinUntil = NEVER;
  port.ntt = true;
}

function startWaiting(port: PortVariables): void {
  port.readyN = port.hasWaited;
  port.waitWhile = port.hasWaited ? NEVER : later(port.now, AGGREGATE_WAIT_TIME);
}

function attach(port: PortVariables): void {
  if (port.collects && !port.partnerInSync && port.aggregator.settings.dampsFlapping) damp(port);
  if (!port.actorInSync) port.attachedAt = port.now;
  synchronize(port, true);
  port.setActor(COLLECTING | DISTRIBUTING, false);
  port.waitWhile = NEVER;
  port.joinUntil = NEVER;
  port.ntt = true;
}

/** Lets the port come back after 1, 3, then always 5 s (behaviour.md 1.4). */
function damp(port: PortVariables): void {
  const isFirst = port.now >= later(port.flappedAt, FLAPS_FORGOTTEN);
  port.flaps = isFirst ? 1 : port.flaps + 1;
  port.flappedAt = port.now;
  port.dampedUntil = later(port.now, DAMPENING[port.flaps - 1] ?? LONGEST_DAMPENING);
}

function join(port: PortVariables): void {
  collectOnly(port);
  port.joinUntil = later(port.now, JOINING);
}

function collectOnly(port: PortVariables): void {
  port.setActor(COLLECTING, true);
  port.setActor(DISTRIBUTING, false);
  port.ntt = true;
}

function collectAndDistribute(port: PortVariables): void {
  port.setActor(COLLECTING | DISTRIBUTING, true);
  port.joinUntil = NEVER;
  port.ntt = true;
}

function synchronize(port: PortVariables, on: boolean): void {
  if (on !== port.actorInSync) port.statistics.actorSyncTransitions++;
  port.setActor(SYNCHRONIZATION, on);
}
