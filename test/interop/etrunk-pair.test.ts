import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { EtrunkView } from "../../src/daemon/questions.js";
import { CE_LINK, EtrunkLab, KEY, type Pe } from "../support/etrunk-lab.js";
import { isRoot, Lab } from "../support/lab.js";

/** Long enough for any fail time, revert delay and LACP timeout here, several of them in a row. */
const PATIENCE = { timeout: 30_000, interval: 100 };

/** State and cause of the device and of its member. */
const rolesOf = ({ state, causation, members: [member] }: EtrunkView): string =>
  `${state}/${causation} ${member?.state}/${member?.causation}`;

describe.runIf(isRoot)("two PEs and a CE", () => {
  let lab: Lab;
  let pair: EtrunkLab;

  beforeAll(async () => {
    lab = new Lab();
    pair = await EtrunkLab.start(lab);
  });
  afterAll(async () => {
    await pair?.stop();
    await lab.close();
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(pair.logs);
  });

  /** Waits until the PEs have these roles. */
  const roles = async (one: string, two: string): Promise<void> => {
    const now = async () => ({ PE1: rolesOf(await pair.pe.PE1.etrunk()), PE2: rolesOf(await pair.pe.PE2.etrunk()) });
    await vi.waitFor(async () => expect(await now()).toEqual({ PE1: one, PE2: two }), PATIENCE);
  };
  /** Waits until these members of the CE carry, and each of them collects. */
  const ceCarries = (...pes: Pe[]): Promise<void> =>
    vi.waitFor(async () => {
      const { ports } = await pair.ce.trunk();
      const carrying = ports.filter(({ status, collecting }) => status === "Selected" && collecting);
      expect(carrying.map(({ name }) => name)).toEqual(pes.map((pe) => CE_LINK[pe]));
    }, PATIENCE);
  const noAlarms = (): Promise<void> =>
    vi.waitFor(async () => {
      expect(await pair.pe.PE1.alarms()).toEqual([]);
      expect(await pair.pe.PE2.alarms()).toEqual([]);
    }, PATIENCE);
  const settled = async (): Promise<void> => {
    await roles("Master/PRI Master/PEER_MEMBER_DOWN", "Backup/PRI Backup/PEER_MEMBER_UP");
    await ceCarries("PE1");
    await noAlarms();
  };

  test("the better one carries, and the CE sees one partner that only one of them collects from", async () => {
    await settled();
    const { ports } = await pair.ce.trunk();
    const identities = ports.map(
      ({ partner }) => `${partner?.systemPriority} ${partner?.systemId} ${partner?.portKey}`,
    );
    expect(new Set(identities).size).toBe(1);
    expect(ports.map(({ partner }) => (partner?.portNumber ?? 0) >= 0x8000)).toEqual([false, true]);
    const collecting = async (pe: Pe) => (await pair.pe[pe].trunk(10)).ports.map((port) => port.collecting);
    expect(await collecting("PE1")).toEqual([true]);
    expect(await collecting("PE2")).toEqual([false]);
    const second = await pair.pe.PE2.trunk(10);
    expect(second).toMatchObject({
      systemId: "00:e0:fc:00:00:01",
      systemIdSource: "Remote",
      memberState: "Backup",
      memberCausation: "PEER_MEMBER_UP",
    });
    const { stdout } = await pair.pe.PE2.control("display", "lacp", "brief");
    expect(stdout).toContain("Eth-Trunk10:\nSystem Priority: 32768\nSystem ID      : 00e0-fc00-0001(Remote)\n");
  });

  test("the backup takes over when the master's link is cut, and gives back after the revert delay", async () => {
    await pair.ceWire.PE1.disconnect(CE_LINK.PE1);
    await roles("Init/ALL_MEMBER_DOWN Backup/ETRUNK_INIT", "Master/PRI Master/PEER_MEMBER_DOWN");
    await ceCarries("PE2");
    await pair.ceWire.PE1.connect(CE_LINK.PE1);
    // Held back while the delay runs, which is shown.
    await vi.waitFor(async () => {
      const { members } = await pair.pe.PE1.etrunk();
      expect(members[0]).toMatchObject({ state: "Backup", causation: "PEER_MEMBER_UP" });
      expect(members[0]?.revertRemaining).toBeGreaterThan(0);
    }, PATIENCE);
    await settled();
    const { history } = (await pair.pe.PE1.etrunk()).members[0]!;
    expect(history.slice(-2).map(({ from, to, causation }) => `${from} ${to} ${causation}`)).toEqual([
      "Master Backup ETRUNK_INIT",
      "Backup Master ETRUNK_MASTER",
    ]);
    expect(history.every(({ time }) => Math.abs(Date.parse(time) - Date.now()) < 600_000)).toBe(true);
  });

  test("a planned stop is told, and the peer carries before the ports close", async () => {
    const monitor = await pair.pe.PE2.monitor("e-trunk-state", "member-state");
    await pair.pe.PE1.stop();
    await vi.waitFor(() => {
      const moves = monitor.lines().slice(1) as unknown as { event: string; to: string; causation: string }[];
      expect(moves[0]).toMatchObject({ event: "e-trunk-state", to: "Master", causation: "PEER_NODE_DOWN" });
      expect(moves[1]).toMatchObject({ event: "member-state", to: "Master" });
    }, PATIENCE);
    await ceCarries("PE2");
    await monitor.stop();
    await pair.pe.PE1.start();
    await settled();
  });

  test("both carry when both are told to", async () => {
    for (const pe of ["PE1", "PE2"] as const) pair.configure(pe, { trunk: ["e-trunk mode force-master"] });
    await roles("Master/PRI Master/FORCE_MASTER", "Backup/PRI Master/FORCE_MASTER");
    await ceCarries("PE1", "PE2");
    for (const pe of ["PE1", "PE2"] as const) pair.configure(pe);
    await settled();
  });

  test("the key is shown nowhere, in plain text or as the octets of any file", async () => {
    const { control, log, stateDirectory } = pair.pe.PE1;
    const displays = [
      "display current-configuration",
      "display e-trunk 1",
      "display e-trunk packet-statistics",
      "display e-trunk 1 state-change",
      "display alarm active verbose",
      "why e-trunk 1",
    ];
    const shown = await Promise.all(
      displays.flatMap((words) =>
        [[], ["--json"]].map((flags) => control.call(pair.pe.PE1, ...flags, ...words.split(" "))),
      ),
    );
    expect(shown.map(({ code }) => code)).toEqual(shown.map(() => 0));
    expect(shown[0]!.stdout).toMatch(/^ security-key cipher %\^%#1:[A-Za-z0-9+/]+%\^%#$/m);
    const files = readdirSync(stateDirectory).map((name) => readFileSync(join(stateDirectory, name), "latin1"));
    expect(files.length).toBeGreaterThan(2);
    for (const text of [...shown.map(({ stdout }) => stdout), log, ...files]) expect(text).not.toContain(KEY);
  });

  test("a key is changed without an outage", async () => {
    const monitor = await pair.pe.PE2.monitor("e-trunk-state");
    const added = "security-key key-id 5 cipher the-new-one";
    const sends = "security-key send-key-id 5";
    const steps = [[added], [added, sends], [added, sends, "undo security-key"]];
    for (const etrunk of steps)
      for (const pe of ["PE1", "PE2"] as const) {
        const { received } = await pair.pe[pe].etrunk();
        pair.configure(pe, { etrunk });
        // Two more hellos are believed at both ends before the next end changes.
        await vi.waitFor(
          async () => expect((await pair.pe[pe].etrunk()).received).toBeGreaterThan(received + 2),
          PATIENCE,
        );
      }
    expect(await pair.pe.PE1.etrunk()).toMatchObject({ sendKeyId: 5, key: "configured", receivedDropped: 0 });
    expect(await pair.pe.PE2.etrunk()).toMatchObject({ sendKeyId: 5, key: "configured", receivedDropped: 0 });
    expect(monitor.lines()).toHaveLength(1);
    await monitor.stop();
    // Back to the first key, both at a time: nothing is lost within the fail time.
    for (const pe of ["PE1", "PE2"] as const) pair.configure(pe);
    await settled();
  });
});
