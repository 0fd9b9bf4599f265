import type { Micros } from "../base/time.js";
import type { Action, AnswerTo } from "../contract/input.js";
import type { Device } from "../device/device.js";
import { resetStatistics } from "../lacp/port-statistics.js";
import type { BfdSessions } from "../parts/bfd/bfd-sessions.js";
import type { Etrunks } from "../parts/etrunk/etrunks.js";
import type { Flushes } from "../parts/flush/flushes.js";

/** Those whom an action may concern. */
export interface Actors {
  readonly device: Device;
  readonly etrunks: Etrunks | undefined;
  readonly bfd: BfdSessions | undefined;
  readonly flushes: Flushes | undefined;
}

/** Does what an operator asked for; answers as the action promises. */
export function act(action: Action, { device, etrunks, bfd, flushes }: Actors, now: Micros): AnswerTo<Action> {
  switch (action.name) {
    case "protect-switch": {
      const entry = device.entry(action.trunk);
      return entry === undefined ? `Eth-Trunk${action.trunk} does not exist.` : entry.trunk.swap(now);
    }
    case "marker":
      return device.entry(action.trunk)?.aggregator?.sendMarkers();
    case "reset-lacp-statistics":
      return resetLacpStatistics(device, action.trunk, action.member);
    case "reset-e-trunk-statistics":
      return etrunks?.resetStatistics(action.etrunk) ?? action.etrunk === undefined;
    case "reset-bfd-statistics":
      return bfd?.resetStatistics(action.discriminator) ?? action.discriminator === undefined;
    case "reset-session-car":
      etrunks?.resetSessionCars(action.protocol);
      return true;
    case "reset-smart-link-flush":
      flushes?.reset();
      return true;
  }
}

function resetLacpStatistics(device: Device, trunk: number | undefined, member: string | undefined): boolean {
  let found = trunk === undefined;
  for (const entry of device.entries()) {
    if (entry.aggregator === undefined || (trunk !== undefined && entry.trunk.id !== trunk)) continue;
    for (const port of entry.aggregator.members()) {
      if (member !== undefined && port.name !== member) continue;
      resetStatistics(port.statistics);
      found = true;
    }
    found = found || member === undefined;
  }
  return found;
}
