import type { Machine } from "../base/machine.js";
import { later, NEVER } from "../base/time.js";
import type { PortVariables } from "./port-variables.js";
import { CHURN_DETECTION_TIME } from "./timers.js";

export type ActorChurnState = "ACTOR_CHURN_MONITOR" | "NO_ACTOR_CHURN" | "ACTOR_CHURN";
export type PartnerChurnState = "PARTNER_CHURN_MONITOR" | "NO_PARTNER_CHURN" | "PARTNER_CHURN";

/** Actor churn detection: the actor is still not in sync after 60 s. */
export const actorChurnMachine: Machine<ActorChurnState, PortVariables> = {
  clause: "802.1AX-2014 6.4.17, actor",
  initial: "ACTOR_CHURN_MONITOR",
  open: [{ when: (p) => p.begin || !p.portEnabled, to: "ACTOR_CHURN_MONITOR" }],
  boxes: {
    ACTOR_CHURN_MONITOR: {
      enter: monitorActorChurn,
      exits: [
        { when: (p) => p.actorInSync, to: "NO_ACTOR_CHURN" },
        { when: (p) => p.actorChurnExpired, to: "ACTOR_CHURN" },
      ],
    },
    NO_ACTOR_CHURN: {
      enter: endActorChurn,
      exits: [{ when: (p) => !p.actorInSync, to: "ACTOR_CHURN_MONITOR" }],
    },
    ACTOR_CHURN: {
      enter: declareActorChurn,
      exits: [{ when: (p) => p.actorInSync, to: "NO_ACTOR_CHURN" }],
    },
  },
};

/** Partner churn detection: the partner is still not in sync after 60 s. */
export const partnerChurnMachine: Machine<PartnerChurnState, PortVariables> = {
  clause: "802.1AX-2014 6.4.17, partner",
  initial: "PARTNER_CHURN_MONITOR",
  open: [{ when: (p) => p.begin || !p.portEnabled, to: "PARTNER_CHURN_MONITOR" }],
  boxes: {
    PARTNER_CHURN_MONITOR: {
      enter: monitorPartnerChurn,
      exits: [
        { when: (p) => p.partnerInSync, to: "NO_PARTNER_CHURN" },
        { when: (p) => p.partnerChurnExpired, to: "PARTNER_CHURN" },
      ],
    },
    NO_PARTNER_CHURN: {
      enter: endPartnerChurn,
      exits: [{ when: (p) => !p.partnerInSync, to: "PARTNER_CHURN_MONITOR" }],
    },
    PARTNER_CHURN: {
      enter: declarePartnerChurn,
      exits: [{ when: (p) => p.partnerInSync, to: "NO_PARTNER_CHURN" }],
    },
  },
};

// Actions of the boxes.

export function monitorActorChurn(port: PortVariables): void {
  port.actorChurn = false;
  port.actorChurnTimer = later(port.now, CHURN_DETECTION_TIME);
}
function endActorChurn(port: PortVariables): void {
  port.actorChurn = false;
  port.actorChurnTimer = NEVER;
}
function declareActorChurn(port: PortVariables): void {
  port.actorChurn = true;
  port.actorChurnTimer = NEVER;
  port.statistics.actorChurnCount++;
}
export function monitorPartnerChurn(port: PortVariables): void {
  port.partnerChurn = false;
  port.partnerChurnTimer = later(port.now, CHURN_DETECTION_TIME);
}
function endPartnerChurn(port: PortVariables): void {
  port.partnerChurn = false;
  port.partnerChurnTimer = NEVER;
}
function declarePartnerChurn(port: PortVariables): void {
  port.partnerChurn = true;
  port.partnerChurnTimer = NEVER;
  port.statistics.partnerChurnCount++;
}
