import { SHORT_TIMEOUT_TIME } from "../base/lacp.js";
import { type Machine, UCT } from "../base/machine.js";
import { later, type Micros, NEVER } from "../base/time.js";
import {
  ACTIVITY,
  AGGREGATION,
  DEFAULTED,
  EXPIRED,
  type LacpduView,
  SHORT_TIMEOUT,
  SYNCHRONIZATION,
} from "../wire/lacpdu.js";
import { copyInformation, nobody, type PortInformation, samePort } from "./port-information.js";
import type { PortVariables } from "./port-variables.js";

export type ReceiveState = "INITIALIZE" | "PORT_DISABLED" | "EXPIRED" | "LACP_DISABLED" | "DEFAULTED" | "CURRENT";

/** Receive machine. Row order is the order of evaluation. */
export const receiveMachine: Machine<ReceiveState, PortVariables> = {
  clause: "802.1AX-2014 6.4.12",
  initial: "INITIALIZE",
  open: [
    { when: (p) => p.begin, to: "INITIALIZE" },
    { when: (p) => !p.portEnabled && !p.portMoved, to: "PORT_DISABLED" },
  ],
  boxes: {
    INITIALIZE: { enter: forgetPartner, exits: [{ when: UCT, to: "PORT_DISABLED" }] },
    PORT_DISABLED: {
      enter: disable,
      exits: [
        { when: (p) => p.portMoved, to: "INITIALIZE" },
        { when: (p) => p.portEnabled && p.lacpEnabled, to: "EXPIRED" },
        { when: (p) => p.portEnabled && !p.lacpEnabled, to: "LACP_DISABLED" },
      ],
    },
    EXPIRED: {
      enter: waitShort,
      exits: [
        { when: (p) => p.lacpduReceived, to: "CURRENT" },
        { when: (p) => p.currentWhileExpired, to: "DEFAULTED" },
      ],
    },
    LACP_DISABLED: { enter: useDefaultsAsIndividual, exits: [] },
    DEFAULTED: { enter: useDefaults, exits: [{ when: (p) => p.lacpduReceived, to: "CURRENT" }] },
    CURRENT: {
      enter: acceptPdu,
      exits: [
        { when: (p) => p.lacpduReceived, to: "CURRENT" },
        { when: (p) => p.currentWhileExpired, to: "EXPIRED" },
      ],
    },
  },
};

// Actions of the boxes (6.4.12), made of the functions of 6.4.9.

/**
 * The default partner of a port that hears none. It is passive, so that a passive port falls silent; individual; and it
 * wants fast PDUs, so that a link that comes back without notice is found within a second.
 */
const partnerAdmin: PortInformation = { ...nobody(), state: SHORT_TIMEOUT };

function forgetPartner(port: PortVariables): void {
  port.selected = "UNSELECTED";
  recordDefault(port);
  port.setActor(EXPIRED, false);
  port.portMoved = false;
  port.currentWhile = NEVER;
}

function disable(port: PortVariables): void {
  port.partner.state &= ~SYNCHRONIZATION;
  port.currentWhile = NEVER;
}

function waitShort(port: PortVariables): void {
  port.partner.state &= ~SYNCHRONIZATION;
  port.partner.state |= SHORT_TIMEOUT;
  port.currentWhile = later(port.now, SHORT_TIMEOUT_TIME);
  port.setActor(EXPIRED, true);
}

function useDefaultsAsIndividual(port: PortVariables): void {
  port.selected = "UNSELECTED";
  recordDefault(port);
  port.partner.state &= ~AGGREGATION;
  port.setActor(EXPIRED, false);
  port.currentWhile = NEVER;
}

export function useDefaults(port: PortVariables): void {
  // update_Default_Selected
  if (!samePort(partnerAdmin, port.partner)) port.selected = "UNSELECTED";
  recordDefault(port);
  port.setActor(EXPIRED, false);
  port.currentWhile = NEVER;
}

function acceptPdu(port: PortVariables): void {
  port.lacpduReceived = false;
  port.heardGap = (port.now - port.heardAt) as Micros;
  port.heardAt = port.now;
  updateSelected(port, port.pdu);
  updateNtt(port, port.pdu);
  recordPdu(port, port.pdu);
  port.currentWhile = later(port.now, port.aggregator.settings.timeout);
  port.setActor(EXPIRED, false);
}

function recordDefault(port: PortVariables): void {
  copyInformation(partnerAdmin, port.partner);
  port.setActor(DEFAULTED, true);
}

/** update_Selected: another partner makes the port unselected. */
function updateSelected(port: PortVariables, pdu: LacpduView): void {
  const { partner } = port;
  if (
    pdu.actorPort === partner.port &&
    pdu.actorPortPriority === partner.portPriority &&
    pdu.actorSystem === partner.system &&
    pdu.actorSystemPriority === partner.systemPriority &&
    pdu.actorKey === partner.key &&
    (pdu.actorState & AGGREGATION) === (partner.state & AGGREGATION)
  )
    return;
  port.selected = "UNSELECTED";
  port.partnerSince = port.now;
  port.statistics.partnerChanges++;
}

/** The partner half of the PDU is our own information, in the fields that update_NTT and recordPDU compare. */
function knowsUs(pdu: LacpduView, { actor }: PortVariables): boolean {
  return (
    pdu.partnerPort === actor.port &&
    pdu.partnerPortPriority === actor.portPriority &&
    pdu.partnerSystem === actor.system &&
    pdu.partnerSystemPriority === actor.systemPriority &&
    pdu.partnerKey === actor.key &&
    (pdu.partnerState & AGGREGATION) === (actor.state & AGGREGATION)
  );
}

/** update_NTT: a partner with outdated information about us must be told. */
function updateNtt(port: PortVariables, pdu: LacpduView): void {
  const compared = ACTIVITY | SHORT_TIMEOUT | SYNCHRONIZATION;
  if (!knowsUs(pdu, port) || (pdu.partnerState & compared) !== (port.actor.state & compared)) port.ntt = true;
}

/** recordPDU: the actor half of the PDU becomes the partner. */
function recordPdu(port: PortVariables, pdu: LacpduView): void {
  const { partner, actor } = port;
  const wasInSync = port.partnerInSync;
  // One end keeps the link alive: the partner is active, or we are active and the partner knows it.
  const maintained =
    (pdu.actorState & ACTIVITY) !== 0 || ((actor.state & ACTIVITY) !== 0 && (pdu.partnerState & ACTIVITY) !== 0);
  const individual = (pdu.actorState & AGGREGATION) === 0;
  const inSync = (pdu.actorState & SYNCHRONIZATION) !== 0 && maintained && (individual || knowsUs(pdu, port));
  partner.systemPriority = pdu.actorSystemPriority;
  partner.system = pdu.actorSystem;
  partner.key = pdu.actorKey;
  partner.portPriority = pdu.actorPortPriority;
  partner.port = pdu.actorPort;
  partner.state = inSync ? pdu.actorState : pdu.actorState & ~SYNCHRONIZATION;
  port.setActor(DEFAULTED, false);
  if (inSync !== wasInSync) port.statistics.partnerSyncTransitions++;
}
