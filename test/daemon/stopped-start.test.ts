import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Mac } from "../../src/core/base/address.js";
import { Daemon } from "../../src/daemon/daemon.js";
import { Log } from "../../src/daemon/log/log.js";
import { Store } from "../../src/daemon/state/store.js";
import type { DataPlane } from "../../src/linux/forwarding/open.js";
import { SimulatedMachine } from "../support/simulated-machine.js";

/** Its sub-interfaces take until it is told that they are there. */
class SlowMachine extends SimulatedMachine {
  done = (): void => {};
  readonly #settled = new Promise<void>((resolve) => {
    this.done = resolve;
  });

  override openDataPlane(): DataPlane {
    const plane = super.openDataPlane();
    return { ...plane, forwarding: { ...plane.forwarding, settled: () => this.#settled } };
  }
}

test("a daemon that is stopped while it starts leaves no socket behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "etrunkd-stopped-"));
  const machine = new SlowMachine();
  const socket = join(folder, "socket");
  const daemon = new Daemon({
    ...{ machine, model: readConfiguration("").model, bindings: new Map(), systemMac: 0x020000000a01 as Mac },
    ...{ link: "ring", socket, store: new Store(folder), log: new Log("silent") },
    recorder: undefined,
    broken: (error) => {
      throw error;
    },
  });
  const started = daemon.start();
  daemon.stopForRestart();
  machine.done();
  await started;
  expect(existsSync(socket)).toBe(false);
  rmSync(folder, { recursive: true });
});
