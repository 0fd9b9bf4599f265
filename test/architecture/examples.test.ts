import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const project = resolve(import.meta.dirname, "../..");
const configurations = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".cfg"));
const etrunkd = (...args: string[]) =>
  execFileSync(process.execPath, [join(project, "dist/etrunkd.js"), ...args], { encoding: "utf8", stdio: "pipe" });

test("there are configurations for both ends", () => {
  expect(configurations).toEqual(expect.arrayContaining(["pe.cfg", "ce.cfg"]));
});

test.for(configurations)("%s is accepted as it stands", (name) => {
  expect(() => etrunkd("--check", "--config", join(project, "examples", name))).not.toThrow();
});

test("the systemd unit uses flags that etrunkd has", () => {
  const unit = readFileSync(join(project, "examples/etrunkd.service"), "utf8");
  const command = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "";
  const flags = command.match(/--[a-z-]+/g) ?? [];
  const help = etrunkd("--help");
  expect(flags.length).toBeGreaterThan(0);
  for (const flag of flags) expect(help).toContain(flag);
});

test("a process that the systemd unit starts leaves no core with keys in it", () => {
  expect(readFileSync(join(project, "examples/etrunkd.service"), "utf8")).toMatch(/^LimitCORE=0$/m);
});
