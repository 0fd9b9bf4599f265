import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { collect, isRoot } from "../support/lab.js";

const project = resolve(import.meta.dirname, "../..");

/** Namespaces of labs whose process is gone. */
const left = (): string[] =>
  (existsSync("/run/netns") ? readdirSync("/run/netns") : []).filter((name) => {
    const pid = /^et(\d+)/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });

const start = (command: string, args: readonly string[]): ChildProcess =>
  spawn(command, args, { cwd: project, stdio: ["ignore", "pipe", "pipe"] });

/** Until it has ended; its exit code, or the signal that ended it. */
async function outcome(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = await once(child, "exit");
  return code ?? signal;
}

describe.runIf(isRoot)("npm start", () => {
  test("performs the story without a terminal, each step as it should be, and leaves nothing", async () => {
    const before = left();
    const npm = start("npm", ["start", "--", "--script"]);
    const [said, complained] = [collect(npm.stdout), collect(npm.stderr)];
    expect(await outcome(npm), said() + complained()).toBe(0);
    expect(said()).toContain("13 of 13 steps went as they should.");
    // The first step has no measurement: the streams begin.
    expect(said().match(/^ {3}(?:up|down) .*: \d+ frames sent, (?:none|\d+) lost/gm)).toHaveLength(24);
    expect(said().match(/^ {3}as it should be after [\d.]+ m?s/gm)).toHaveLength(13);
    expect(left()).toEqual(before);
  }, 240_000);

  test.for(["SIGINT", "SIGTERM"] as const)("leaves nothing when %s ends it in mid-story", async (signal) => {
    const before = left();
    const story = start(process.execPath, ["dist/lab/story.js", "--script"]);
    for await (const line of createInterface({ input: story.stdout as NodeJS.ReadableStream })) {
      if (line.startsWith("2. ")) break;
    }
    story.kill(signal);
    expect(await outcome(story)).toBe(signal === "SIGINT" ? 130 : 143);
    expect(left()).toEqual(before);
  });

  test("refuses a word it does not know", async () => {
    const story = start(process.execPath, ["dist/lab/story.js", "--skript"]);
    const complained = collect(story.stderr);
    expect(await outcome(story)).toBe(2);
    expect(complained()).toBe("usage: npm start [-- --script]\n");
  });
});
