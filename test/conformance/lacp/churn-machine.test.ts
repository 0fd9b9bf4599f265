import { describe } from "vitest";
import {
  type ActorChurnState,
  actorChurnMachine,
  type PartnerChurnState,
  partnerChurnMachine,
} from "../../../src/core/lacp/churn-machine.js";
import { conforms, type Row } from "./arrows.js";

const ACTOR: readonly Row<ActorChurnState>[] = [
  ["6.4.17 BEGIN", "ACTOR_CHURN_MONITOR", { begin: true, actorInSync: true }, "stays"],
  ["6.4.17 BEGIN", "NO_ACTOR_CHURN", { begin: true, actorInSync: true }, "ACTOR_CHURN_MONITOR"],
  ["6.4.17 BEGIN", "ACTOR_CHURN", { begin: true }, "ACTOR_CHURN_MONITOR"],
  ["6.4.17 port down", "ACTOR_CHURN_MONITOR", { portEnabled: false, actorChurnExpired: true }, "stays"],
  ["6.4.17 port down", "NO_ACTOR_CHURN", { portEnabled: false, actorInSync: true }, "ACTOR_CHURN_MONITOR"],
  ["6.4.17 port down", "ACTOR_CHURN", { portEnabled: false }, "ACTOR_CHURN_MONITOR"],
  ["6.4.17", "ACTOR_CHURN_MONITOR", {}, "stays"],
  ["6.4.17", "ACTOR_CHURN_MONITOR", { actorInSync: true }, "NO_ACTOR_CHURN"],
  ["6.4.17", "ACTOR_CHURN_MONITOR", { actorChurnExpired: true }, "ACTOR_CHURN"],
  [
    "6.4.17 in time at the last moment",
    "ACTOR_CHURN_MONITOR",
    { actorInSync: true, actorChurnExpired: true },
    "NO_ACTOR_CHURN",
  ],
  ["6.4.17", "NO_ACTOR_CHURN", { actorInSync: true }, "stays"],
  ["6.4.17", "NO_ACTOR_CHURN", {}, "ACTOR_CHURN_MONITOR"],
  ["6.4.17", "ACTOR_CHURN", { actorChurnExpired: true }, "stays"],
  ["6.4.17", "ACTOR_CHURN", { actorInSync: true }, "NO_ACTOR_CHURN"],
  [
    "6.4.17 the other machine's business",
    "ACTOR_CHURN_MONITOR",
    { partnerInSync: true, partnerChurnExpired: true },
    "stays",
  ],
];

const PARTNER: readonly Row<PartnerChurnState>[] = [
  ["6.4.17 BEGIN", "PARTNER_CHURN_MONITOR", { begin: true, partnerInSync: true }, "stays"],
  ["6.4.17 BEGIN", "NO_PARTNER_CHURN", { begin: true, partnerInSync: true }, "PARTNER_CHURN_MONITOR"],
  ["6.4.17 BEGIN", "PARTNER_CHURN", { begin: true }, "PARTNER_CHURN_MONITOR"],
  ["6.4.17 port down", "PARTNER_CHURN_MONITOR", { portEnabled: false, partnerChurnExpired: true }, "stays"],
  ["6.4.17 port down", "NO_PARTNER_CHURN", { portEnabled: false, partnerInSync: true }, "PARTNER_CHURN_MONITOR"],
  ["6.4.17 port down", "PARTNER_CHURN", { portEnabled: false }, "PARTNER_CHURN_MONITOR"],
  ["6.4.17", "PARTNER_CHURN_MONITOR", {}, "stays"],
  ["6.4.17", "PARTNER_CHURN_MONITOR", { partnerInSync: true }, "NO_PARTNER_CHURN"],
  ["6.4.17", "PARTNER_CHURN_MONITOR", { partnerChurnExpired: true }, "PARTNER_CHURN"],
  [
    "6.4.17 in time at the last moment",
    "PARTNER_CHURN_MONITOR",
    { partnerInSync: true, partnerChurnExpired: true },
    "NO_PARTNER_CHURN",
  ],
  ["6.4.17", "NO_PARTNER_CHURN", { partnerInSync: true }, "stays"],
  ["6.4.17", "NO_PARTNER_CHURN", {}, "PARTNER_CHURN_MONITOR"],
  ["6.4.17", "PARTNER_CHURN", { partnerChurnExpired: true }, "stays"],
  ["6.4.17", "PARTNER_CHURN", { partnerInSync: true }, "NO_PARTNER_CHURN"],
  [
    "6.4.17 the other machine's business",
    "PARTNER_CHURN_MONITOR",
    { actorInSync: true, actorChurnExpired: true },
    "stays",
  ],
];

describe("actor churn machine", () => conforms(actorChurnMachine, ACTOR));
describe("partner churn machine", () => conforms(partnerChurnMachine, PARTNER));
