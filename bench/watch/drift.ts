/**
 * What watching the data plane costs: the CPU time of comparing all of it with the kernel, which is done once a minute, at 1, 64 and
 * 256 members, and what a daemon does while somebody takes a hook away in a loop. Needs root.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Daemon, ForwardingProcess, Lab, makeVeth, run as runProgram } from "../lab.js";

const MEMBERS_PER_TRUNK = 64;
const ROUNDS = 20;
/** A round is made once in this time. */
const ROUND_SECONDS = 60;
const HOSTILE_SECONDS = 20;
/** Ticks of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process so far, in seconds. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function comparing(members: number): Promise<object> {
  const lab = new Lab();
  const [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
  const plane = new ForwardingProcess(near, {
    backend: "ebpf",
    record: join(lab.folder, "record"),
    deviceMac: 0x02_00_00_00_0a_01,
  });
  try {
    const trunks = Math.ceil(members / MEMBERS_PER_TRUNK);
    for (let trunk = 1; trunk <= trunks; trunk++) await plane.call("create", { trunk, hash: "flow" });
    for (let at = 0; at < members; at++) {
      const [name, index] = [`m${at}`, 1_000 + at];
      await makeVeth({ namespace: near, name, index }, { namespace: far, name, index: index + 1_000 });
      await plane.call("attach", Math.floor(at / MEMBERS_PER_TRUNK) + 1, index);
    }
    await plane.call("commit");
    const pid = await plane.call<number>("pid");
    const before = cpuOf(pid);
    for (let round = 0; round < ROUNDS; round++)
      for (let trunk = 1; trunk <= trunks; trunk++) await plane.call("compare", trunk);
    const round = (cpuOf(pid) - before) / ROUNDS;
    return {
      members,
      msPerRound: Number((1_000 * round).toFixed(2)),
      cpuShare: Number((round / ROUND_SECONDS).toFixed(6)),
    };
  } finally {
    await plane.stop();
    await lab.close();
  }
}

/** Somebody removes the hook of a member a hundred times a second. */
async function hostile(): Promise<object> {
  const lab = new Lab();
  const [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
  await makeVeth({ namespace: near, name: "m1", index: 101 }, { namespace: far, name: "p1", index: 201 });
  const configuration = "interface Eth-Trunk1\ninterface m1\n eth-trunk 1\n";
  const daemon = await Daemon.start({ namespace: near, folder: join(lab.folder, "daemon"), configuration, flags: [] });
  const actions: unknown[] = [];
  try {
    await daemon.monitor(["forwarding-changed"], (line) => actions.push((line as { action?: unknown }).action));
    const before = cpuOf(daemon.pid);
    const loop = `end=$(($(date +%s)+${HOSTILE_SECONDS})); while [ $(date +%s) -lt $end ]; do tc qdisc del dev m1 clsact 2>/dev/null; sleep 0.01; done`;
    await runProgram("ip", ["netns", "exec", near, "sh", "-c", loop]);
    await sleep(1_000);
    const repairs = actions.filter((action) => action === "put back").length;
    return {
      ...{ seconds: HOSTILE_SECONDS, putBackAtOnce: repairs, heldBack: actions.length - repairs },
      perSecond: Number((repairs / HOSTILE_SECONDS).toFixed(2)),
      cpuShare: Number(((cpuOf(daemon.pid) - before) / (HOSTILE_SECONDS + 1)).toFixed(4)),
    };
  } finally {
    await daemon.stop();
    await lab.close();
  }
}

/** Rounds at several sizes, and a loop of somebody else. */
export async function drift(): Promise<object> {
  const rounds = [];
  for (const members of [1, 64, 256]) rounds.push(await comparing(members));
  return { rounds, hostile: await hostile() };
}
