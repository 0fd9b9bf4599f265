import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ADDRESSES, EtrunkLab, type Pe, type PeParts } from "../support/etrunk-lab.js";
import { isRoot, Lab } from "../support/lab.js";

/** Long enough for any fail time here, several of them in a row. */
const PATIENCE = { timeout: 30_000, interval: 100 };

const session = (pe: Pe): PeParts => {
  const [local, remote] = pe === "PE1" ? [60, 80] : [80, 60];
  const [own, peer] = pe === "PE1" ? [ADDRESSES.PE1, ADDRESSES.PE2] : [ADDRESSES.PE2, ADDRESSES.PE1];
  return {
    system: [
      "bfd",
      `bfd hello bind peer-ip ${peer} source-ip ${own}`,
      ` discriminator local ${local}`,
      ` discriminator remote ${remote}`,
      " min-tx-interval 300",
      " min-rx-interval 300",
      // On the link itself, where neither need know the other's address.
      "bfd link bind peer-ip default-ip interface ctl",
      ` discriminator local ${local + 1}`,
      ` discriminator remote ${remote + 1}`,
      " min-tx-interval 300",
      " min-rx-interval 300",
    ],
    // Only BFD can tell in time that the peer is gone.
    etrunk: ["timer hold-on-failure multiplier 60", "e-trunk track bfd-session session-name HELLO"],
  };
};

const dynamic: PeParts = {
  system: ["bfd"],
  etrunk: [
    "e-trunk bfd enable",
    "e-trunk bfd min-tx-interval 300 min-rx-interval 300",
    "timer hold-on-failure multiplier 60",
  ],
};

describe.runIf(isRoot)("two PEs that watch each other by BFD", () => {
  let lab: Lab;
  let pair: EtrunkLab;

  beforeAll(async () => {
    lab = new Lab();
    pair = await EtrunkLab.start(lab, { PE1: session("PE1"), PE2: session("PE2") });
  });
  afterAll(async () => {
    await pair?.stop();
    await lab.close();
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(pair.logs);
  });

  const states = (expected: { readonly [pe in Pe]: object }): Promise<void> =>
    vi.waitFor(async () => {
      for (const pe of ["PE1", "PE2"] as const) expect(await pair.pe[pe].etrunk()).toMatchObject(expected[pe]);
    }, PATIENCE);
  const up = (name: string): Promise<void> =>
    states({
      PE1: { state: "Master", causation: "PRI", bfdSession: name, bfdState: "Up" },
      PE2: { state: "Backup", causation: "PRI", bfdSession: name, bfdState: "Up" },
    });

  test("the session is up, and the displays name it", async () => {
    await up("hello");
    const { stdout } = await pair.pe.PE1.control("display", "bfd", "session", "all");
    expect(stdout).toContain(`60         80         ${ADDRESSES.PE2}        Up        S_IP_PEER   -\n`);
    await vi.waitFor(async () => {
      expect(await pair.pe.PE2.bfd("link")).toMatchObject({
        state: "Up",
        multihop: false,
        destination: "224.0.0.184",
        interface: "ctl",
      });
    }, PATIENCE);
    const verbose = await pair.pe.PE2.control("display", "bfd", "session", "discriminator", "80", "verbose");
    expect(verbose.stdout).toContain("Bind Application       : E-TRUNK\n");
    expect((await pair.pe.PE1.control("display", "e-trunk", "1")).stdout).toContain("BFD-Session : hello\n");
  });

  test("each is Master when the path between them is cut, and one steps back when it heals", async () => {
    await pair.control.silence("ctl");
    const alone = { state: "Master", causation: "BFD_DOWN", bfdState: "Down" };
    await states({ PE1: alone, PE2: alone });
    await vi.waitFor(async () => expect((await pair.pe.PE1.bfd("link")).state).toBe("Down"), PATIENCE);
    await pair.control.connect("ctl");
    await up("hello");
  });

  test("a session that the E-Trunks make by themselves is up as well", async () => {
    pair.configure("PE1", dynamic);
    pair.configure("PE2", dynamic);
    await up("dyn_etrunk_1");
    const { stdout } = await pair.pe.PE1.control("display", "e-trunk", "bfd", "session", "all");
    expect(stdout).toContain("Total BFD session(s): 1");
    expect(stdout).toContain("TX(ms)  : 300              RX(ms) : 300               Multiplier : 3\n");
    expect(stdout).toMatch(/BFD State {2}: Up\n/);
    const { sessions } = JSON.parse(
      (await pair.pe.PE1.control("--json", "display", "bfd", "session", "dynamic")).stdout,
    );
    expect(sessions).toMatchObject([{ type: "dynamic", multihop: true, state: "Up", detectionTime: 900 }]);
  });
});
