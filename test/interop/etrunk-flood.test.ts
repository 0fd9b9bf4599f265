import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Monitor } from "../support/daemon.js";
import { ADDRESSES, EtrunkLab, type Pe, type PeParts } from "../support/etrunk-lab.js";
import { forgedHello } from "../support/forged-hello.js";
import { collect, isRoot, Lab, spawnIn, stop } from "../support/lab.js";
import { ipIn } from "../support/namespace.js";
import { udpFrame } from "../support/udp-frames.js";

const PATIENCE = { timeout: 30_000, interval: 100 };

/** BFD tells whether the peer lives, hellos come every second and are missed after three. */
const PARTS: PeParts = {
  system: ["bfd"],
  etrunk: ["e-trunk bfd enable", "e-trunk bfd min-tx-interval 300 min-rx-interval 300"],
};

const FLOOD = fileURLToPath(new URL("./peers/flood.js", import.meta.url));
const RATE = 20_000;
/** Several fail times long, and many times what fits into a socket. */
const ENOUGH = 100_000;
const STRANGER = "10.9.0.77";

describe.runIf(isRoot)("a flood of forged hellos", () => {
  let lab: Lab;
  let pair: EtrunkLab;
  let monitors: Monitor[];

  beforeAll(async () => {
    lab = new Lab();
    pair = await EtrunkLab.start(lab, { PE1: PARTS, PE2: PARTS });
    const events = ["e-trunk-state", "member-state", "port-state", "trunk-state", "bfd-state"];
    const daemons = [pair.pe.PE1, pair.pe.PE2, pair.ce];
    await vi.waitFor(async () => {
      const up = { causation: "PRI", bfdState: "Up", attention: [] };
      const carries = { state: "Master", causation: "PEER_MEMBER_DOWN" };
      const waits = { state: "Backup", causation: "PEER_MEMBER_UP" };
      expect(await pair.pe.PE1.etrunk()).toMatchObject({ state: "Master", ...up, members: [carries] });
      expect(await pair.pe.PE2.etrunk()).toMatchObject({ state: "Backup", ...up, members: [waits] });
      const { ports } = await pair.ce.trunk();
      expect(ports.map(({ distributing }) => distributing)).toEqual([true, false]);
    }, PATIENCE);
    monitors = await Promise.all(daemons.map((daemon) => daemon.monitor(...events)));
  });
  afterAll(async () => {
    for (const monitor of monitors ?? []) await monitor.stop();
    await pair?.stop();
    await lab.close();
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(pair.logs);
  });

  const changes = () => monitors.flatMap((monitor) => monitor.lines().slice(1));

  /** Datagrams with this source reach a PE, put on the wire by the other's host; `during` runs when they are many. */
  async function flood(pe: Pe, source: string, during: () => Promise<void>): Promise<void> {
    const [near, far] = pe === "PE1" ? ([0, 1] as const) : ([1, 0] as const);
    const [namespace, from] = [pair.control.namespaces[near], pair.control.namespaces[far]];
    const [{ address }] = JSON.parse(await ipIn(namespace, "-json", "link", "show", "dev", "ctl"));
    const parts = { source, destination: ADDRESSES[pe], sourcePort: 1_025, destinationPort: 1_025, ttl: 255 };
    const frame = Buffer.from(udpFrame({ ...parts, payload: forgedHello() }));
    frame.write(address.replaceAll(":", ""), 0, "hex");
    const words = [process.execPath, FLOOD, "ctl", frame.toString("hex"), `${RATE}`];
    const sender = spawnIn(from, words, { stdio: ["pipe", "pipe", "inherit"] });
    const printed = collect(sender.stdout);
    try {
      const sent = () => Number(printed().trimEnd().split("\n").at(-1));
      await vi.waitFor(() => expect(sent()).toBeGreaterThan(ENOUGH), PATIENCE);
      await during();
    } finally {
      await stop(sender);
    }
  }

  test("from a stranger: the kernel keeps most of it out, and nobody's state changes", async () => {
    await flood("PE1", STRANGER, async () => {
      const { drops, hearing, attention } = await pair.pe.PE1.etrunk();
      expect(drops.peerAddress).toBeGreaterThanOrEqual(500);
      expect(drops.peerAddress).toBeLessThan(ENOUGH / 2);
      expect({ hearing, attention, sessionCar: drops.sessionCar }).toEqual({
        hearing: true,
        attention: [],
        sessionCar: 0,
      });
    });
    expect(pair.pe.PE1.log).toMatch(
      /"address":"10\.9\.0\.1","port":1025,"msg":"flood of datagrams that are not a peer's"/,
    );
    expect(changes()).toEqual([]);
  });

  test("with the peer's address: limited, counted and told, and BFD decides that the peer lives", async () => {
    await flood("PE2", ADDRESSES.PE1, async () => {
      await vi.waitFor(async () => expect((await pair.pe.PE2.etrunk()).drops.flood).toBeGreaterThan(1_000), PATIENCE);
      expect(await pair.pe.PE2.alarms()).toContainEqual(expect.stringMatching(/come faster than they are checked/));
      expect(changes()).toEqual([]);
      // And that it died.
      pair.pe.PE1.signal("SIGKILL");
      await vi.waitFor(async () => {
        expect(await pair.pe.PE2.etrunk()).toMatchObject({ state: "Master", causation: "BFD_DOWN" });
        expect((await pair.ce.trunk()).ports[1]).toMatchObject({ distributing: true });
      }, PATIENCE);
    });
  });
});
