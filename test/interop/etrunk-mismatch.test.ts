import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { EtrunkLab, type Pe, type PeParts } from "../support/etrunk-lab.js";
import { isRoot, Lab } from "../support/lab.js";

/** Long enough for any fail time and revert delay here, several of them in a row. */
const PATIENCE = { timeout: 30_000, interval: 100 };

interface Outcome {
  /** State and cause of the device. */
  readonly device: string;
  /** An alarm that stands, and what `display e-trunk` says. */
  readonly alarm: RegExp;
  /** What hellos are dropped as. */
  readonly drops?: string;
}

/** What is different at PE2, and what comes of it at either end. */
const ROWS: readonly (readonly [what: string, parts: PeParts, outcomes: { readonly [pe in Pe]: Outcome }])[] = [
  [
    "a wrong key",
    { etrunk: ["security-key cipher another-key"] },
    {
      PE1: { device: "Master/TIMEOUT", alarm: /its security-key is not ours/, drops: "authentication" },
      PE2: { device: "Master/TIMEOUT", alarm: /its security-key is not ours/, drops: "authentication" },
    },
  ],
  [
    "another authentication mode",
    { etrunk: ["authentication-mode hmac-sha256"] },
    {
      PE1: {
        device: "Master/TIMEOUT",
        alarm: /their authentication-mode is not enhanced-hmac-sha256/,
        drops: "authentication",
      },
      PE2: { device: "Master/TIMEOUT", alarm: /their authentication-mode is not hmac-sha256/, drops: "authentication" },
    },
  ],
  [
    "another UDP port",
    { system: ["e-trunk port 2025"] },
    {
      PE1: { device: "Master/TIMEOUT", alarm: /No hello from 10\.9\.0\.2: .*is its e-trunk port 1025 too/ },
      PE2: { device: "Master/TIMEOUT", alarm: /No hello from 10\.9\.0\.1: .*is its e-trunk port 2025 too/ },
    },
  ],
  [
    "another revert delay",
    { etrunk: ["timer revert delay 7"] },
    {
      PE1: { device: "Master/PRI", alarm: /timer revert delay is 3 s here and 7 s at the peer/ },
      PE2: { device: "Backup/PRI", alarm: /timer revert delay is 7 s here and 3 s at the peer/ },
    },
  ],
  [
    "the sequence check on one end only",
    { etrunk: ["sequence enable"] },
    {
      // PE2 refuses every hello; PE1 hears a Master that does not hear it, and steps back.
      PE1: { device: "Backup/PEER_TIMEOUT", alarm: /sequence enable is set at the peer and not here/ },
      PE2: { device: "Master/TIMEOUT", alarm: /sequence enable is set here and not there/, drops: "sequence" },
    },
  ],
  [
    "no key",
    { etrunk: ["security-key key-id 9 cipher x", "undo security-key"] },
    {
      PE1: { device: "Master/TIMEOUT", alarm: /its security-key is not ours/, drops: "authentication" },
      PE2: { device: "Master/TIMEOUT", alarm: /the default key is known to everybody/, drops: "authentication" },
    },
  ],
];

describe.runIf(isRoot)("of two PEs that do not fit", () => {
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

  const fits = (outcomes: { readonly [pe in Pe]: Outcome }): Promise<void> =>
    vi.waitFor(async () => {
      for (const pe of ["PE1", "PE2"] as const) {
        const { device, alarm, drops } = outcomes[pe];
        const { state, causation, attention, drops: dropped } = await pair.pe[pe].etrunk();
        expect(`${pe} ${state}/${causation}`).toBe(`${pe} ${device}`);
        expect(attention).toContainEqual(expect.stringMatching(alarm));
        expect(await pair.pe[pe].alarms()).toContainEqual(expect.stringMatching(alarm));
        if (drops !== undefined) expect(dropped[drops]).toBeGreaterThan(0);
      }
    }, PATIENCE);

  const settled = (): Promise<void> =>
    vi.waitFor(async () => {
      const [one, two] = [await pair.pe.PE1.etrunk(), await pair.pe.PE2.etrunk()];
      expect([one.state, one.causation, two.state, two.causation]).toEqual(["Master", "PRI", "Backup", "PRI"]);
      expect([...one.attention, ...two.attention]).toEqual([]);
    }, PATIENCE);

  test.for(ROWS)("each names the cause: %s", async ([, parts, outcomes]) => {
    await settled();
    pair.configure("PE2", parts);
    await fits(outcomes);
    pair.configure("PE2");
    await settled();
  });
});

describe.runIf(isRoot)("two PEs of equal priority and system ID", () => {
  test("are both Master, and say so", async () => {
    const lab = new Lab();
    const same = ["--system-mac", "00e0-fc00-0009"];
    const equal = { etrunk: ["priority 50"] };
    const pair = await EtrunkLab.start(lab, { PE1: equal, PE2: equal }, { PE1: same, PE2: same });
    try {
      await vi.waitFor(async () => {
        for (const daemon of Object.values(pair.pe)) {
          expect(await daemon.etrunk()).toMatchObject({ state: "Master", causation: "PRI" });
          expect(await daemon.alarms()).toEqual(
            expect.arrayContaining([
              expect.stringMatching(/The peer has our system ID: one of the two was cloned/),
              expect.stringMatching(/The peer is Master too/),
            ]),
          );
        }
      }, PATIENCE);
    } catch (error) {
      console.error(pair.logs);
      throw error;
    } finally {
      await pair.stop();
      await lab.close();
    }
  });
});
