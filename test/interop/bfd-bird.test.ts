import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { isRoot, Lab } from "../support/lab.js";
import { BfdWire, SINGLE_HOP_IPV4, SINGLE_HOP_IPV6 } from "./peers/bfd-wire.js";
import { Bird, isBirdInstalled } from "./peers/bird.js";

const until = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 50 });

const KEY = "YsHsjx_202206";

/** Each type in our words and in BIRD's. */
const TYPES = [
  ["simple", "simple"],
  ["md5", "keyed md5"],
  ["met-md5", "meticulous keyed md5"],
  ["sha1", "keyed sha1"],
  ["met-sha1", "meticulous keyed sha1"],
] as const;

const PATHS = [SINGLE_HOP_IPV4, SINGLE_HOP_IPV6];

/** Without a type: no authentication. */
function configuration(type?: string, key = KEY, id = 9): string {
  const nego = type === "met-sha1" ? " nego-packet" : "";
  const authentication = type === undefined ? [] : [` authentication-mode ${type} key-id ${id} cipher ${key}${nego}`];
  const sessions = PATHS.flatMap(({ name, ours, theirs, interface: to }, n) => {
    const v6 = ours.includes(":") ? "v6" : "";
    const timers = [" min-tx-interval 300", " min-rx-interval 300"];
    const binding = `bfd ${name} bind peer-ip${v6} ${theirs} interface ${to} source-ip${v6} ${ours}`;
    return [binding, ` discriminator local ${n + 1}`, ...timers, ...authentication];
  });
  return ["bfd", ...sessions, ""].join("\n");
}

function birdLines(type?: string, key = KEY, id = 9): string[] {
  const authentication = type === undefined ? [] : [`authentication ${type};`, `password "${key}" { id ${id}; };`];
  const timers = ["min rx interval 300 ms;", "min tx interval 300 ms;", "idle tx interval 1 s;", "multiplier 3;"];
  const neighbours = PATHS.map(({ ours }) => `neighbor ${ours} dev "v0";`);
  return ['interface "v0" {', ...timers, ...authentication, "};", ...neighbours];
}

describe.runIf(isRoot && isBirdInstalled)("BIRD", () => {
  let lab: Lab;
  let wire: BfdWire;
  let bird: Bird | undefined;
  let daemon: Daemon | undefined;

  beforeAll(async () => {
    lab = new Lab();
    wire = await BfdWire.create(lab);
  });
  afterAll(async () => {
    await lab?.close();
  });
  let started = 0;
  const start = async (ours: string, theirs: readonly string[]): Promise<void> => {
    const folder = join(lab.folder, `daemon-${++started}`);
    bird = await Bird.start(lab, wire.theirs, theirs);
    daemon = await Daemon.start({ namespace: wire.ours, folder, configuration: ours });
  };
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(daemon?.log);
    await daemon?.stop();
    await bird?.stop();
  });
  const session = (name: string) => {
    if (daemon === undefined) throw new Error("no daemon was started");
    return daemon.bfd(name);
  };
  const theirs = async () => (await bird?.states()) ?? {};

  const bothUp = (): Promise<void> =>
    until(async () => {
      const states = await theirs();
      for (const { name, ours } of PATHS) {
        expect(await session(name)).toMatchObject({ state: "Up", remoteState: "Up" });
        expect(states[ours]).toBe("Up");
      }
    });

  test("without authentication: comes up, and falls when it ends", async () => {
    await start(configuration(), birdLines());
    await bothUp();
    await bird?.stop();
    await until(async () => {
      for (const { name } of PATHS) expect((await session(name)).state).toBe("Down");
    });
  });

  test.for(TYPES)("%s: comes up and stays up, on IPv4 and IPv6", async ([type, name]) => {
    await start(configuration(type), birdLines(name));
    await bothUp();
    const before = await Promise.all(PATHS.map((path) => session(path.name)));
    // As many packets as would have taken it down several times over.
    await until(async () => {
      for (const [n, path] of PATHS.entries())
        expect((await session(path.name)).received).toBeGreaterThan((before[n]?.received ?? 0) + 12);
    });
    for (const [n, path] of PATHS.entries())
      expect(await session(path.name)).toMatchObject({
        state: "Up",
        authentication: type,
        upCount: before[n]?.upCount,
        drops: { authentication: before[n]?.drops.authentication },
      });
  });

  test.for([
    ["another key", configuration("met-sha1"), birdLines("meticulous keyed sha1", "YsHsjx_202207")],
    ["another key ID", configuration("met-sha1"), birdLines("meticulous keyed sha1", KEY, 10)],
    ["another type", configuration("met-sha1"), birdLines("keyed md5")],
    ["authentication on our end only", configuration("sha1"), birdLines()],
    ["authentication on its end only", configuration(), birdLines("keyed sha1")],
  ] as const)("%s: never comes up, and what is refused is counted", async ([, ours, lines]) => {
    await start(ours, lines);
    await until(async () => {
      for (const { name } of PATHS) expect((await session(name)).drops.authentication).toBeGreaterThan(3);
    });
    const states = await theirs();
    for (const { name, ours: neighbour } of PATHS) {
      expect(await session(name)).toMatchObject({ state: "Down", upCount: 0, received: 0 });
      expect(states[neighbour]).not.toBe("Up");
    }
  });
});
