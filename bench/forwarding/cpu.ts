import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds on a CPU so far, of all threads of a process; 0 when it is gone. */
function cpuOf(pid: number): number {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.reduce((sum, task) => {
      const [ran = "0"] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ");
      return sum + Number(ran);
    }, 0);
  } catch {
    return 0;
  }
}

/** The kernel's threads that forward what interrupts leave to them. */
const softInterrupts = readdirSync("/proc")
  .filter((name) => /^\d+$/.test(name))
  .filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("ksoftirqd/");
    } catch {
      return false;
    }
  })
  .map(Number);

/** Nanoseconds that the kernel's forwarding threads and these processes ran so far. */
export const forwardingCpu = (pids: readonly number[]): number =>
  [...softInterrupts, ...pids].reduce((sum, pid) => sum + cpuOf(pid), 0);
