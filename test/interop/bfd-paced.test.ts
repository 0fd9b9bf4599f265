import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { isRoot, Lab } from "../support/lab.js";
import { type BfdPath, BfdWire, MULTIHOP_IPV6, SINGLE_HOP_IPV4 } from "./peers/bfd-wire.js";
import { Frr, isFrrInstalled } from "./peers/frr.js";

const until = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 });

const PATHS = [SINGLE_HOP_IPV4, MULTIHOP_IPV6] as const;
/** Fast enough for the pacer, and a detection time that a busy machine bears. */
const INTERVAL = 40;
const MULTIPLIER = 10;

function configuration(interval: number): string {
  const sessions = PATHS.map(({ name, ours, theirs, interface: to }, n) => {
    const v6 = ours.includes(":") ? "v6" : "";
    const on = to === undefined ? "" : ` interface ${to}`;
    return [
      `bfd ${name} bind peer-ip${v6} ${theirs}${on} source-ip${v6} ${ours}`,
      ` discriminator local ${n + 1}`,
      ` min-tx-interval ${interval}`,
      ` min-rx-interval ${interval}`,
      ` detect-multiplier ${MULTIPLIER}`,
    ];
  });
  return ["bfd", ...sessions.flat(), ""].join("\n");
}

const peerLine = ({ ours, theirs, interface: to }: BfdPath): string =>
  to === undefined
    ? `peer ${ours} multihop local-address ${theirs}`
    : `peer ${ours} local-address ${theirs} interface ${to}`;

const timers = (interval: number): string[] => [
  `receive-interval ${interval}`,
  `transmit-interval ${interval}`,
  `detect-multiplier ${MULTIPLIER}`,
];

function frrConfiguration(): string {
  const peers = PATHS.map((path) => [
    ` ${peerLine(path)}`,
    ...[...timers(INTERVAL), ...(path.interface ? [] : ["minimum-ttl 250"])].map((line) => `  ${line}`),
    " !",
  ]);
  return ["bfd", ...peers.flat(), ""].join("\n");
}

describe.runIf(isRoot && isFrrInstalled)(`FRR and the pacer at ${INTERVAL} ms x ${MULTIPLIER}`, () => {
  let lab: Lab;
  let wire: BfdWire;
  let frr: Frr;
  let daemon: Daemon;

  beforeAll(async () => {
    lab = new Lab();
    wire = await BfdWire.create(lab);
    const folder = join(lab.folder, "daemon");
    daemon = await Daemon.start({ namespace: wire.ours, folder, configuration: configuration(INTERVAL) });
    frr = await Frr.start(lab, wire.theirs, frrConfiguration());
  });
  afterAll(async () => {
    await daemon?.stop();
    await frr?.stop();
    await lab?.close();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail")
      console.error(`${daemon?.log}\n${await frr?.vty("show bfd peers").catch(String)}`);
  });

  /** Both ends of each session are up at these intervals, and this is who sends for us. */
  const steady = (tx: number, rx: number, offloaded: boolean): Promise<void> =>
    until(async () => {
      for (const { name, ours } of PATHS) {
        const agreed = { actualTx: tx, actualRx: rx, detectionTime: rx * MULTIPLIER };
        expect(await daemon.bfd(name)).toMatchObject({ state: "Up", remoteState: "Up", offloaded, ...agreed });
        expect((await frr.peer(ours)).status).toBe("up");
      }
    });
  /** How often sessions fell, at both ends. */
  const falls = async () => ({
    ours: await Promise.all(PATHS.map(async ({ name }) => (await daemon.bfd(name)).upCount)),
    theirs: (await frr.counters()).map((counters) => counters["session-down"]),
  });

  test("a session that is up goes to the pacer, which keeps it up", async () => {
    await steady(INTERVAL, INTERVAL, true);
    const before = await falls();
    const received = async () => Promise.all(PATHS.map(async ({ name }) => (await daemon.bfd(name)).received));
    const start = await received();
    await until(async () => {
      for (const [n, count] of (await received()).entries()) expect(count).toBeGreaterThan((start[n] ?? 0) + 30);
    });
    expect(await falls()).toEqual(before);
  });

  test("a change here goes through the pacer, back to this process and to the pacer again, without a flap", async () => {
    await steady(INTERVAL, INTERVAL, true);
    const before = await falls();
    for (const [interval, offloaded] of [
      [INTERVAL + 5, true],
      [INTERVAL + 30, false],
      [INTERVAL - 10, true],
      [INTERVAL, true],
    ] as const) {
      daemon.configure(configuration(interval));
      // FRR stays at its own, and the greater of both counts.
      const agreed = Math.max(INTERVAL, interval);
      await steady(agreed, agreed, offloaded);
      for (const { ours } of PATHS)
        await until(async () => expect((await frr.peer(ours))["remote-transmit-interval"]).toBe(interval));
    }
    expect(await falls()).toEqual(before);
  });

  test("so does a change there", async () => {
    await steady(INTERVAL, INTERVAL, true);
    const before = await falls();
    for (const [interval, offloaded] of [
      [INTERVAL + 5, true],
      [INTERVAL + 30, false],
      [INTERVAL, true],
    ] as const) {
      for (const path of PATHS) await frr.configure(peerLine(path), ...timers(interval));
      await steady(interval, interval, offloaded);
    }
    expect(await falls()).toEqual(before);
  });

  test("the pacer tells when the peer falls silent", async () => {
    const [path] = PATHS;
    await steady(INTERVAL, INTERVAL, true);
    await wire.silence("ours", path);
    await until(async () =>
      expect(await daemon.bfd(path.name)).toMatchObject({
        state: "Down",
        diagnostic: "Control Detection Time Expired",
        offloaded: false,
      }),
    );
    await wire.heal("ours");
    await steady(INTERVAL, INTERVAL, true);
  });

  test("a restart by SIGUSR2 is AdminDown there, and the next process takes the sessions up again", async () => {
    await steady(INTERVAL, INTERVAL, true);
    daemon.signal("SIGUSR2");
    expect(await daemon.ended()).toBe(0);
    for (const { ours } of PATHS)
      expect(await frr.peer(ours)).toMatchObject({
        diagnostic: "neighbor signaled session down",
        "remote-diagnostic": "administratively down",
      });
    await daemon.start();
    await steady(INTERVAL, INTERVAL, true);
  });

  test("a kill ends the pacer too: FRR notices, and the next process takes the sessions up again", async () => {
    await steady(INTERVAL, INTERVAL, true);
    daemon.signal("SIGKILL");
    await daemon.ended();
    await until(async () => {
      for (const { ours } of PATHS)
        expect(await frr.peer(ours)).toMatchObject({ status: "down", diagnostic: "control detection time expired" });
    });
    await daemon.start();
    await steady(INTERVAL, INTERVAL, true);
  });

  test("a planned stop is AdminDown there", async () => {
    await steady(INTERVAL, INTERVAL, true);
    await daemon.stop();
    for (const { ours } of PATHS)
      expect(await frr.peer(ours)).toMatchObject({ status: "down", "remote-diagnostic": "administratively down" });
  });
});
