import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { collect, ended, isRoot, Lab, run, spawnIn } from "../../support/lab.js";
import { makeVeth, RawSender } from "../../support/namespace.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ADDON = here("../../../native/build/Release/etrunkd.node");
const SCRIPT = here("one-frame.cjs");
const CACHE = here("../../../node_modules/.cache/node-versions");

/** Node of another version, from the registry; fetched once. */
async function nodeOf(version: string): Promise<string> {
  const name = `node-linux-${process.arch}`;
  const folder = join(CACHE, version);
  const program = join(folder, "node_modules", name, "bin", "node");
  if (!existsSync(program))
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, `${name}@${version}`]);
  return program;
}

describe.runIf(isRoot)("the addon built once", () => {
  let lab: Lab;
  let near: string;
  let sender: RawSender;

  beforeAll(async () => {
    lab = new Lab();
    near = await lab.namespace("n");
    const far = await lab.namespace("f");
    await makeVeth({ namespace: near, name: "a1", index: 11 }, { namespace: far, name: "b1", index: 51 });
    sender = new RawSender(far);
  });
  afterAll(async () => {
    sender?.close();
    await lab?.close();
  });

  test.for([
    ["this Node", undefined, process.version],
    ["Node 22", "22", "v22."],
    ["Node 24", "24", "v24."],
  ] as const)(
    "receives a frame in %s, and leaves with everything open, from a worker too",
    { timeout: 300_000 },
    async ([, version, starts]) => {
      const program = version === undefined ? process.execPath : await nodeOf(version);
      const child = spawnIn(near, [program, SCRIPT, ADDON], { stdio: ["ignore", "pipe", "pipe"] });
      const output = collect(child.stdout);
      const complaints = collect(child.stderr);
      await vi.waitFor(() => expect(output()).toBe("ready\n"), { timeout: 20_000 });
      sender.send(51);
      await ended(child);
      expect(complaints()).toBe("");
      expect(output().split("\n")[1]).toMatch(new RegExp(`^${starts}\\S* 1 8809$`));
      expect([child.exitCode, child.signalCode]).toEqual([0, null]);
    },
  );
});
