import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Lab, removeLeftovers } from "../../src/lab/namespaces.js";
import { run } from "../../src/lab/programs.js";
import { Wire } from "../../src/lab/wire.js";
import { isRoot } from "../support/lab.js";

const project = resolve(import.meta.dirname, "../..");
const namespaces = (): string[] => (existsSync("/run/netns") ? readdirSync("/run/netns") : []);

/** A process with a lab of one namespace, in which a process of its own runs; says their names and waits. */
const KEEPER = `
import { Lab } from "${join(project, "dist/lab/namespaces.js")}";
import { spawnIn } from "${join(project, "dist/lab/programs.js")}";
const lab = new Lab();
const namespace = await lab.namespace("x");
const child = spawnIn(namespace, ["sleep", "60"], { detached: true, stdio: "ignore" });
console.log(JSON.stringify({ namespace, folder: lab.folder, pid: child.pid }));
setInterval(() => {}, 1000);
`;

describe.runIf(isRoot)("the lab", () => {
  let lab: Lab | undefined;
  afterEach(() => lab?.close());

  test("nothing is left of a process that was killed", async () => {
    const keeper = spawn(process.execPath, ["--input-type=module", "-e", KEEPER], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [text] = await once(createInterface({ input: keeper.stdout }), "line");
    const { namespace, folder, pid } = JSON.parse(text);
    expect(namespaces()).toContain(namespace);
    expect(existsSync(folder)).toBe(true);
    keeper.kill("SIGKILL");
    await vi.waitFor(() => {
      expect(namespaces()).not.toContain(namespace);
      expect(existsSync(folder)).toBe(false);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
    }, 5_000);
  });

  test("what a process and its reaper left is removed by the next run, what is in use stays", async () => {
    lab = new Lab();
    const used = await lab.namespace("used");
    const dead = spawn("true");
    await once(dead, "exit");
    const left = `et${dead.pid}aleft`;
    await run("ip", ["netns", "add", left]);
    expect(await removeLeftovers()).toContain(left);
    expect(namespaces()).not.toContain(left);
    expect(namespaces()).toContain(used);
  });

  test("a wire carries frames, loses them when silent and has no carrier when disconnected", async () => {
    lab = new Lab();
    const ends = [await lab.namespace("a"), await lab.namespace("b")] as const;
    const wire = await Wire.create(lab, ends, ["v1"]);
    const carrier = async (end: 0 | 1) =>
      JSON.parse(await run("ip", ["-j", "-n", ends[end], "link", "show", "v1"]))[0].operstate;
    const ping = () =>
      run("ip", ["netns", "exec", ends[0], "ping", "-c", "1", "-W", "1", "10.0.0.2"]).then(
        () => true,
        () => false,
      );
    for (const end of [0, 1] as const)
      await run("ip", ["-n", ends[end], "address", "add", `10.0.0.${end + 1}/24`, "dev", "v1"]);

    expect(wire.stateOf("v1")).toBe("disconnected");
    await wire.connect("v1");
    await vi.waitFor(async () => expect([await carrier(0), await carrier(1)]).toEqual(["UP", "UP"]), 5_000);
    await vi.waitFor(async () => expect(await ping()).toBe(true), 10_000);
    await wire.silence("v1");
    expect(await ping()).toBe(false);
    expect([await carrier(0), await carrier(1)]).toEqual(["UP", "UP"]);
    await wire.disconnect("v1");
    await vi.waitFor(async () => expect([await carrier(0), await carrier(1)]).toEqual(["DOWN", "DOWN"]), 5_000);
    await wire.connect("v1");
    await vi.waitFor(async () => expect(await ping()).toBe(true), 10_000);
  });
});
