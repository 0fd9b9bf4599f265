import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Mac } from "../../src/core/base/address.js";
import { clearSocketPath } from "../../src/daemon/control/control.js";
import { Daemon, type DaemonOptions } from "../../src/daemon/daemon.js";
import { Log } from "../../src/daemon/log/log.js";
import { Store } from "../../src/daemon/state/store.js";
import { SimulatedMachine } from "./simulated-machine.js";

/**
 * Starts a daemon in this process, without a kernel: its state and its control socket, `socket`, are in the folder. A broken
 * invariant is thrown. What a test plugs in stands in the options.
 */
export async function startInProcess(folder: string, options: Partial<DaemonOptions>): Promise<Daemon> {
  mkdirSync(join(folder, "state"));
  const socket = join(folder, "socket");
  const daemon = new Daemon({
    machine: new SimulatedMachine(),
    model: readConfiguration("").model,
    bindings: new Map(),
    systemMac: 0x020000000a01 as Mac,
    link: "ring",
    socket,
    store: new Store(join(folder, "state")),
    log: new Log("silent"),
    recorder: undefined,
    broken: (error) => {
      throw error;
    },
    ...options,
  });
  await clearSocketPath(socket);
  await daemon.start();
  return daemon;
}
