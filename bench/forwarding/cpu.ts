import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds that all threads of a process have run; 0 when the process is gone. */
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

/** The kernel's ksoftirqd threads, which forward what interrupts leave to them. */
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

/** Nanoseconds that the kernel's forwarding threads and these processes have run. */
export const forwardingCpu = (pids: readonly number[]): number =>
  [...softInterrupts, ...pids].reduce((sum, pid) => sum + cpuOf(pid), 0);
