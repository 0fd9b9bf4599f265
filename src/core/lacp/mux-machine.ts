import type { Machine } from "../base/machine.js";
import type { Port } from "./port.js";

export type MuxState = "DETACHED" | "WAITING" | "ATTACHED" | "COLLECTING" | "DISTRIBUTING" | "COLLECTING_DISTRIBUTING";
export type CoupledMuxState = Exclude<MuxState, "COLLECTING" | "DISTRIBUTING">;
export type IndependentMuxState = Exclude<MuxState, "COLLECTING_DISTRIBUTING">;

const leaves = (p: Port): boolean => p.selected === "UNSELECTED" || p.selected === "STANDBY";

/** Mux machine, coupled control: collects and distributes together. */
export const muxMachine: Machine<CoupledMuxState, Port> = {
  clause: "802.1AX-2014 6.4.15, coupled control",
  initial: "DETACHED",
  open: [{ when: (p) => p.begin, to: "DETACHED" }],
  boxes: {
    DETACHED: {
      enter: (p) => p.detach(),
      exits: [{ when: (p) => p.selected === "SELECTED" || p.selected === "STANDBY", to: "WAITING" }],
    },
    WAITING: {
      enter: (p) => p.startWaiting(),
      exits: [
        { when: (p) => p.selected === "UNSELECTED", to: "DETACHED" },
        { when: (p) => p.selected === "SELECTED" && p.ready, to: "ATTACHED" },
      ],
    },
    ATTACHED: {
      enter: (p) => p.attach(),
      exits: [
        { when: leaves, to: "DETACHED" },
        { when: (p) => p.selected === "SELECTED" && p.partnerInSync, to: "COLLECTING_DISTRIBUTING" },
      ],
    },
    COLLECTING_DISTRIBUTING: {
      enter: (p) => p.collectAndDistribute(),
      exits: [{ when: (p) => leaves(p) || !p.partnerInSync, to: "ATTACHED" }],
    },
  },
};

/** Mux machine, independent control: collects before it distributes. */
export const independentMuxMachine: Machine<IndependentMuxState, Port> = {
  clause: "802.1AX-2014 6.4.15, independent control",
  initial: "DETACHED",
  open: muxMachine.open as Machine<IndependentMuxState, Port>["open"],
  boxes: {
    DETACHED: muxMachine.boxes.DETACHED as Machine<IndependentMuxState, Port>["boxes"]["DETACHED"],
    WAITING: muxMachine.boxes.WAITING as Machine<IndependentMuxState, Port>["boxes"]["WAITING"],
    ATTACHED: {
      enter: (p) => p.attach(),
      exits: [
        { when: leaves, to: "DETACHED" },
        { when: (p) => p.selected === "SELECTED" && p.partnerInSync, to: "COLLECTING" },
      ],
    },
    COLLECTING: {
      enter: (p) => p.collectOnly(),
      exits: [
        { when: (p) => leaves(p) || !p.partnerInSync, to: "ATTACHED" },
        { when: (p) => p.selected === "SELECTED" && p.partnerInSync && p.partnerCollects, to: "DISTRIBUTING" },
      ],
    },
    DISTRIBUTING: {
      enter: (p) => p.collectAndDistribute(),
      exits: [{ when: (p) => leaves(p) || !p.partnerInSync || !p.partnerCollects, to: "COLLECTING" }],
    },
  },
};
