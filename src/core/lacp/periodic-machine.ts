import { type Machine, UCT } from "../base/machine.js";
import { later, NEVER } from "../base/time.js";
import type { PortVariables } from "./port-variables.js";
import { FAST_PERIODIC_TIME, SLOW_PERIODIC_TIME } from "./timers.js";

export type PeriodicState = "NO_PERIODIC" | "FAST_PERIODIC" | "SLOW_PERIODIC" | "PERIODIC_TX";

/** Periodic transmission machine. Row order is the order of evaluation. */
export const periodicMachine: Machine<PeriodicState, PortVariables> = {
  clause: "802.1AX-2014 6.4.13",
  initial: "NO_PERIODIC",
  open: [
    {
      when: (p) => p.begin || !p.lacpEnabled || !p.portEnabled || (p.isPassive && p.partnerIsPassive),
      to: "NO_PERIODIC",
    },
  ],
  boxes: {
    NO_PERIODIC: { enter: stopPeriodic, exits: [{ when: UCT, to: "FAST_PERIODIC" }] },
    FAST_PERIODIC: {
      enter: startFastPeriodic,
      exits: [
        { when: (p) => p.periodicExpired, to: "PERIODIC_TX" },
        { when: (p) => !p.partnerWantsFast, to: "SLOW_PERIODIC" },
      ],
    },
    SLOW_PERIODIC: {
      enter: startSlowPeriodic,
      exits: [{ when: (p) => p.partnerWantsFast || p.periodicExpired, to: "PERIODIC_TX" }],
    },
    PERIODIC_TX: {
      enter: needToTransmit,
      exits: [
        { when: (p) => p.partnerWantsFast, to: "FAST_PERIODIC" },
        { when: (p) => !p.partnerWantsFast, to: "SLOW_PERIODIC" },
      ],
    },
  },
};

// Actions of the boxes.

function stopPeriodic(port: PortVariables): void {
  port.periodic = NEVER;
}
function startFastPeriodic(port: PortVariables): void {
  port.periodic = later(port.now, FAST_PERIODIC_TIME);
}
function startSlowPeriodic(port: PortVariables): void {
  port.periodic = later(port.now, SLOW_PERIODIC_TIME);
}
function needToTransmit(port: PortVariables): void {
  port.ntt = true;
}
