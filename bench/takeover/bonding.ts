import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collect, ended, type Lab, spawnIn } from "../lab.js";
import type { Loss } from "./link-loss.js";
import type { Seen } from "./teller.js";

/**
 * What the bonding driver loses when a link loses carrier, at the highest rate that it carries. It runs in a
 * user-mode-linux guest, since this kernel may lack it; a guest is slow, so these figures stand for themselves.
 */
export async function bondingLosses(
  lab: Lab,
  equalIndexes: boolean,
  wanted: { readonly losses: number; readonly patience: number; readonly rates: readonly number[] },
): Promise<{ readonly rate: number; readonly losses: readonly Loss[] }> {
  const init = join(lab.folder, "bonding.sh");
  copyFileSync(fileURLToPath(new URL("bonding.sh", import.meta.url)), init);
  chmodSync(init, 0o755);
  const environment = [
    `FOLDER=${lab.folder}`,
    `LOSSES=${wanted.losses}`,
    `PATIENCE=${wanted.patience / 1000}`,
    `RATES="${wanted.rates.join(" ")}"`,
    `APART=${equalIndexes ? 0 : 100}`,
  ];
  const command = [
    ...["timeout", "-k", "2", "600", "linux.uml", "mem=256M", "quiet", "loglevel=4", `uml_dir=${lab.folder}`],
    ...["rootfstype=hostfs", "rootflags=/", "ro", `init=${init}`, "con=null", "con0=fd:0,fd:1", ...environment],
  ];
  const env = { ...process.env, HOME: lab.folder, TMPDIR: "/dev/shm" };
  const guest = spawnIn(await lab.namespace(equalIndexes ? "be" : "bd"), command, {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const output = collect(guest.stdout);
  await ended(guest);
  const [first, ...losses] = output()
    .split(/\r?\n/)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  if (losses.length !== wanted.losses) throw new Error(`the guest did not do it: ${output().slice(-1000)}`);
  return { rate: first.rate, losses: losses.map(lossOf) };
}

interface Told {
  readonly before: number;
  readonly cut: string;
  readonly after: Seen;
  readonly sent: { readonly sent: number };
}

function lossOf({ before, cut, after, sent }: Told): Loss {
  if (after.last === cut) throw new Error("the bonding driver did not take over in time");
  return { lost: sent.sent - before - after.frames, longest: after.longest / 1000 };
}
