import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";
import { PROTOCOLS, type Protocols } from "../../src/core/engine/protocols.js";
import { Daemon } from "../../src/daemon/daemon.js";
import { Log } from "../../src/daemon/log/log.js";
import { CHECKPOINT } from "../../src/daemon/state/checkpoint-keeper.js";
import { Store } from "../../src/daemon/state/store.js";
import { SimulatedMachine } from "../support/simulated-machine.js";

/** The core with a bug in its first turn. */
const WITH_BUG: Protocols = {
  ...PROTOCOLS,
  parts: (context) => ({
    ...PROTOCOLS.parts(context),
    bug: {
      apply: () => {
        throw new Error("a bug");
      },
    },
  }),
};

test("a process that breaks in its first turn leaves no checkpoint, on which the next would break too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "etrunkd-broken-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = new Store(folder);
  store.saveNow(CHECKPOINT, "what the process before saved");
  const broken = vi.fn();
  const daemon = new Daemon({
    machine: new SimulatedMachine(),
    model: readConfiguration("sysname PE1\n").model,
    bindings: new Map(),
    systemMac: undefined,
    link: "ring",
    socket: join(folder, "socket"),
    store,
    log: new Log("silent"),
    recorder: undefined,
    broken,
    protocols: WITH_BUG,
  });
  await expect(daemon.start()).rejects.toThrow("a bug");
  expect(broken).toHaveBeenCalledOnce();
  expect(store.load(CHECKPOINT)).toBe("");
  daemon.stopForRestart();
});
