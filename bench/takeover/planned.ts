import { setTimeout as pause } from "node:timers/promises";
import { spread } from "../spread.js";
import { lostDuring } from "./link-loss.js";
import type { Rival } from "./rival.js";

const ROUNDS = 10;
/** Milliseconds after a change in which its last losses show. */
const AFTERWARDS = 200;

/** Frames lost by changes that no partner need notice: a member removed and added, a restart, a kill. */
export async function lostByPlannedMoves(rival: Rival, rate: number): Promise<object> {
  const moves: number[] = [];
  const restarts: number[] = [];
  const kills: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const members of [["m1"], ["m1", "m2"], ["m2"], ["m1", "m2"]])
      moves.push(
        await lostDuring(rival, rate, async () => {
          rival.configure(members);
          await rival.membersUp(members);
          await pause(AFTERWARDS);
        }),
      );
    restarts.push(await lostDuring(rival, rate, () => again(rival, "SIGUSR2")));
    kills.push(await lostDuring(rival, rate, () => again(rival, "SIGKILL")));
  }
  return { members: spread(moves), restarts: spread(restarts), kills: spread(kills) };
}

async function again(rival: Rival, signal: NodeJS.Signals): Promise<void> {
  rival.signal(signal);
  await rival.startDaemon();
  await pause(AFTERWARDS);
}
