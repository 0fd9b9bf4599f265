import { type Machine, UCT } from "../base/machine.js";
import type { Port } from "./port.js";

export type ReceiveState = "INITIALIZE" | "PORT_DISABLED" | "EXPIRED" | "LACP_DISABLED" | "DEFAULTED" | "CURRENT";

/** Receive machine. Row order is the order of evaluation. */
export const receiveMachine: Machine<ReceiveState, Port> = {
  clause: "802.1AX-2014 6.4.12",
  initial: "INITIALIZE",
  open: [
    { when: (p) => p.begin, to: "INITIALIZE" },
    { when: (p) => !p.portEnabled && !p.portMoved, to: "PORT_DISABLED" },
  ],
  boxes: {
    INITIALIZE: { enter: (p) => p.forgetPartner(), exits: [{ when: UCT, to: "PORT_DISABLED" }] },
    PORT_DISABLED: {
      enter: (p) => p.disable(),
      exits: [
        { when: (p) => p.portMoved, to: "INITIALIZE" },
        { when: (p) => p.portEnabled && p.lacpEnabled, to: "EXPIRED" },
        { when: (p) => p.portEnabled && !p.lacpEnabled, to: "LACP_DISABLED" },
      ],
    },
    EXPIRED: {
      enter: (p) => p.waitShort(),
      exits: [
        { when: (p) => p.lacpduReceived, to: "CURRENT" },
        { when: (p) => p.currentWhileExpired, to: "DEFAULTED" },
      ],
    },
    LACP_DISABLED: { enter: (p) => p.useDefaultsAsIndividual(), exits: [] },
    DEFAULTED: { enter: (p) => p.useDefaults(), exits: [{ when: (p) => p.lacpduReceived, to: "CURRENT" }] },
    CURRENT: {
      enter: (p) => p.acceptPdu(),
      exits: [
        { when: (p) => p.lacpduReceived, to: "CURRENT" },
        { when: (p) => p.currentWhileExpired, to: "EXPIRED" },
      ],
    },
  },
};
