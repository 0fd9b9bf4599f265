import { WORK_MODES } from "../wire/etrunk-names.js";
import type { RbsProfile } from "../wire/rbs/bodies.js";
import { BACKUP_MODES, rbsService } from "../wire/rbs/names.js";

/** A difference of the two configurations, as both ends name it. */
export interface Mismatch {
  readonly backupId: number;
  /** What differs; of a profile each at most once. */
  readonly what: "backup-id" | "peer-backup" | "service-type" | "e-trunk" | "eth-trunk" | "work-mode";
  readonly text: string;
}

const FORCE_MASTER = 1;
const AUTO = 0;

/** Every difference between the profiles of this end and the peer's, by backup-id. */
export function* mismatches(own: readonly RbsProfile[], peers: ReadonlyMap<number, RbsProfile>): Generator<Mismatch> {
  const ids = new Set([...own.map(({ backupId }) => backupId), ...peers.keys()]);
  const ours = new Map(own.map((profile) => [profile.backupId, profile]));
  for (const backupId of [...ids].sort((a, b) => a - b)) {
    const mine = ours.get(backupId);
    const peer = peers.get(backupId);
    if (mine !== undefined && peer !== undefined) yield* differences(mine, peer);
    else {
      const [has, lacks] = mine === undefined ? ["the peer", "this device"] : ["this device", "the peer"];
      yield { backupId, what: "backup-id", text: `is configured at ${has} and not at ${lacks}` };
    }
  }
}

function* differences(mine: RbsProfile, peer: RbsProfile): Generator<Mismatch> {
  const { backupId } = mine;
  const modes = [mine, peer].map(({ mode }) => BACKUP_MODES[mode - 1]);
  if (mine.mode !== peer.mode)
    yield { backupId, what: "peer-backup", text: `peer-backup is ${modes[0]} here and ${modes[1]} at the peer` };
  const onlyHere = mine.services.filter((code) => !peer.services.includes(code)).map(nameOf);
  const onlyThere = peer.services.filter((code) => !mine.services.includes(code)).map(nameOf);
  if (onlyHere.length + onlyThere.length > 0)
    yield { backupId, what: "service-type", text: serviceText(onlyHere, onlyThere) };
  yield* differencesOfMembers(mine, peer);
}

const nameOf = (code: number): string => rbsService(code) ?? String(code);

const serviceText = (here: readonly string[], there: readonly string[]): string =>
  [
    here.length > 0 && `service-type ${here.join(" ")} is configured here and not at the peer`,
    there.length > 0 && `service-type ${there.join(" ")} is configured at the peer and not here`,
  ]
    .filter(Boolean)
    .join("; ");

/** The two Eth-Trunks must be each other's remote one, in one E-Trunk. */
function* differencesOfMembers(mine: RbsProfile, peer: RbsProfile): Generator<Mismatch> {
  const { backupId } = mine;
  const name = (etrunk: number): string => (etrunk === 0 ? "none" : String(etrunk));
  if (mine.etrunk !== peer.etrunk) {
    const text = `e-trunk is ${name(mine.etrunk)} here and ${name(peer.etrunk)} at the peer`;
    yield { backupId, what: "e-trunk", text };
    return;
  }
  if (mine.etrunk === 0) return;
  if (mine.remoteTrunk !== peer.trunk || peer.remoteTrunk !== mine.trunk) {
    const here = `Eth-Trunk ${mine.trunk} with remote Eth-Trunk ${mine.remoteTrunk}`;
    const there = `Eth-Trunk ${peer.trunk} with remote Eth-Trunk ${peer.remoteTrunk}`;
    yield { backupId, what: "eth-trunk", text: `it is bound to ${here} here and to ${there} at the peer` };
  }
  const work = [mine.workMode, peer.workMode];
  if (work.includes(FORCE_MASTER) && work.includes(AUTO)) {
    const [here, there] = work.map((mode) => WORK_MODES[mode]);
    yield { backupId, what: "work-mode", text: `e-trunk mode is ${here} here and ${there} at the peer` };
  }
}
