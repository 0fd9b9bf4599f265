import { type Machine, UCT } from "../base/machine.js";
import type { Port } from "./port.js";

export type PeriodicState = "NO_PERIODIC" | "FAST_PERIODIC" | "SLOW_PERIODIC" | "PERIODIC_TX";

/** Periodic transmission machine. Row order is the order of evaluation. */
export const periodicMachine: Machine<PeriodicState, Port> = {
  clause: "802.1AX-2014 6.4.13",
  initial: "NO_PERIODIC",
  open: [
    {
      when: (p) => p.begin || !p.lacpEnabled || !p.portEnabled || (p.isPassive && p.partnerIsPassive),
      to: "NO_PERIODIC",
    },
  ],
  boxes: {
    NO_PERIODIC: { enter: (p) => p.stopPeriodic(), exits: [{ when: UCT, to: "FAST_PERIODIC" }] },
    FAST_PERIODIC: {
      enter: (p) => p.startPeriodic("fast"),
      exits: [
        { when: (p) => p.periodicExpired, to: "PERIODIC_TX" },
        { when: (p) => !p.partnerWantsFast, to: "SLOW_PERIODIC" },
      ],
    },
    SLOW_PERIODIC: {
      enter: (p) => p.startPeriodic("slow"),
      exits: [{ when: (p) => p.partnerWantsFast || p.periodicExpired, to: "PERIODIC_TX" }],
    },
    PERIODIC_TX: {
      enter: (p) => p.needToTransmit(),
      exits: [
        { when: (p) => p.partnerWantsFast, to: "FAST_PERIODIC" },
        { when: (p) => !p.partnerWantsFast, to: "SLOW_PERIODIC" },
      ],
    },
  },
};
