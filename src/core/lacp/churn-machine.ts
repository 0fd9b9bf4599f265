import type { Machine } from "../base/machine.js";
import type { Port } from "./port.js";

export type ActorChurnState = "ACTOR_CHURN_MONITOR" | "NO_ACTOR_CHURN" | "ACTOR_CHURN";
export type PartnerChurnState = "PARTNER_CHURN_MONITOR" | "NO_PARTNER_CHURN" | "PARTNER_CHURN";

/** Actor churn detection: we are not in sync 60 s after we could be. */
export const actorChurnMachine: Machine<ActorChurnState, Port> = {
  clause: "802.1AX-2014 6.4.17, actor",
  initial: "ACTOR_CHURN_MONITOR",
  open: [{ when: (p) => p.begin || !p.portEnabled, to: "ACTOR_CHURN_MONITOR" }],
  boxes: {
    ACTOR_CHURN_MONITOR: {
      enter: (p) => p.monitorActorChurn(),
      exits: [
        { when: (p) => p.actorInSync, to: "NO_ACTOR_CHURN" },
        { when: (p) => p.actorChurnExpired, to: "ACTOR_CHURN" },
      ],
    },
    NO_ACTOR_CHURN: {
      enter: (p) => p.endActorChurn(),
      exits: [{ when: (p) => !p.actorInSync, to: "ACTOR_CHURN_MONITOR" }],
    },
    ACTOR_CHURN: {
      enter: (p) => p.declareActorChurn(),
      exits: [{ when: (p) => p.actorInSync, to: "NO_ACTOR_CHURN" }],
    },
  },
};

/** Partner churn detection: the partner is not in sync 60 s after it could be. */
export const partnerChurnMachine: Machine<PartnerChurnState, Port> = {
  clause: "802.1AX-2014 6.4.17, partner",
  initial: "PARTNER_CHURN_MONITOR",
  open: [{ when: (p) => p.begin || !p.portEnabled, to: "PARTNER_CHURN_MONITOR" }],
  boxes: {
    PARTNER_CHURN_MONITOR: {
      enter: (p) => p.monitorPartnerChurn(),
      exits: [
        { when: (p) => p.partnerInSync, to: "NO_PARTNER_CHURN" },
        { when: (p) => p.partnerChurnExpired, to: "PARTNER_CHURN" },
      ],
    },
    NO_PARTNER_CHURN: {
      enter: (p) => p.endPartnerChurn(),
      exits: [{ when: (p) => !p.partnerInSync, to: "PARTNER_CHURN_MONITOR" }],
    },
    PARTNER_CHURN: {
      enter: (p) => p.declarePartnerChurn(),
      exits: [{ when: (p) => p.partnerInSync, to: "NO_PARTNER_CHURN" }],
    },
  },
};
