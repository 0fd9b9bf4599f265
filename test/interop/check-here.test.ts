import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, ended, isRoot, Lab, spawnIn } from "../support/lab.js";
import { ipIn } from "../support/namespace.js";

const PROGRAM = fileURLToPath(new URL("../../dist/etrunkd.js", import.meta.url));

describe.runIf(isRoot)("etrunkd --check --here", () => {
  let lab: Lab;
  let host: string;

  beforeAll(async () => {
    lab = new Lab();
    host = await lab.namespace("h");
    for (const n of [1, 2, 3, 4]) await ipIn(host, "link", "add", `eth${n}`, "type", "veth", "peer", "name", `far${n}`);
    await ipIn(host, "link", "add", "br9", "type", "bridge");
    await ipIn(host, "link", "set", "eth1", "master", "br9");
    await ipIn(host, "address", "add", "192.0.2.1/24", "dev", "eth2");
    await ipIn(host, "link", "add", "mv0", "link", "eth3", "type", "macvlan");
  });
  afterAll(() => lab.close());

  /** Exit code and what it said; each line without the name of the file. */
  async function check(lines: readonly string[], ...flags: string[]): Promise<{ code: number | null; said: string[] }> {
    const file = join(lab.folder, "here.cfg");
    writeFileSync(file, [...lines, "return", ""].join("\n"));
    const words = [process.execPath, PROGRAM, "--check", "--config", file, "--state-dir", lab.folder, ...flags];
    const program = spawnIn(host, words, { stdio: ["ignore", "ignore", "pipe"] });
    const said = collect(program.stderr);
    await ended(program);
    return { code: program.exitCode, said: said().replaceAll(`${file}: `, "").split("\n").filter(Boolean) };
  }

  const MEMBERS = ["eth1", "eth2", "eth3", "eth4", "eth5"].flatMap((name) => [`interface ${name}`, " eth-trunk 1"]);

  test("warns of members that are something else besides, and of interfaces that are not there", async () => {
    const lines = ["interface Eth-Trunk1", ...MEMBERS];
    const { code, said } = await check(lines, "--here");
    expect(said).toEqual([
      "Warning: eth1 is also a port of br9: frames pass beside Eth-Trunk1.",
      "Warning: eth2 is also the interface of 192.0.2.1: frames pass beside Eth-Trunk1.",
      "Warning: eth3 is also under mv0: frames pass beside Eth-Trunk1.",
      "Warning: eth5 is not there.",
    ]);
    expect(code).toBe(0);
  });

  test("names a bound interface as both sides know it", async () => {
    const lines = ["interface Eth-Trunk1", "interface GigabitEthernet0/1/1", " eth-trunk 1"];
    const { said } = await check(lines, "--here", "--bind", "GigabitEthernet0/1/1=eth1");
    expect(said).toEqual([
      "Warning: GigabitEthernet0/1/1, bound to eth1, is also a port of br9: frames pass beside Eth-Trunk1.",
    ]);
  });

  test("an interface that is no member may be what it likes, and without --here nothing is asked", async () => {
    expect((await check(["interface eth1"], "--here")).said).toEqual([]);
    expect((await check(["interface Eth-Trunk1", ...MEMBERS])).said).toEqual([]);
  });
});
