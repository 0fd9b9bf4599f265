import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const ETRUNKD = fileURLToPath(new URL("../../dist/etrunkd.js", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const etrunkd = (...words: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [ETRUNKD, ...words], { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

describe("etrunkd", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-process-"));
    file = join(folder, "etrunkd.cfg");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("prints its version and its help", async () => {
    const [version, help] = await Promise.all([etrunkd("--version"), etrunkd("--help")]);
    expect(version).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining("--state-dir"), stderr: "" });
  });

  test("exits 2 for a bad command line, with a line for each problem", async () => {
    expect(await etrunkd("--bind", "x", "--metrics", "0")).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^etrunkd: --bind x: .*\netrunkd: --metrics 0: .*\n$/),
    });
  });

  test("checks a good configuration without a word", async () => {
    writeFileSync(file, "interface Eth-Trunk1\n mode lacp-static\ninterface eth1\n eth-trunk 1\n");
    expect(await etrunkd("--config", file, "--check")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test.each([[["--check"]], [[]]])(
    "exits 2 for a bad configuration and names the line of every problem %j",
    async (more) => {
      writeFileSync(
        file,
        [
          "interface Eth-Trunk1",
          " mode lacp-static",
          " max active-linknumber 65",
          " nonsense 1",
          "interface eth1",
          " eth-trunk 1",
          " lacp priority 65536",
          "",
        ].join("\n"),
      );
      const { code, stdout, stderr } = await etrunkd("--config", file, "--state-dir", folder, ...more);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      const lines = stderr.trimEnd().split("\n");
      expect(lines.map((line) => line.split(": ")[0])).toEqual([`${file}:3`, `${file}:4`, `${file}:7`]);
      for (const line of lines) expect(line).toMatch(/^\S+:\d+: \S/);
    },
  );

  test("names the line of a problem in the JSON model too", async () => {
    writeFileSync(file, '{\n "interfaces": {\n  "Eth-Trunk1": {\n   "surprise": 1\n  }\n }\n}\n');
    const { code, stderr } = await etrunkd("--config", file, "--check");
    expect(code).toBe(2);
    expect(stderr).toContain(`${file}:4: `);
  });

  test("tells problems from what is only worth a warning, or kept", async () => {
    writeFileSync(file, "bfd\nbfd a bind peer-ip 10.0.0.2\n process-pst\n wtr 61\n");
    const { code, stderr } = await etrunkd("--config", file, "--check");
    expect(code).toBe(2);
    expect(stderr.split("\n")).toEqual([
      expect.stringContaining(`${file}:4: Wrong parameter at '61'`),
      expect.stringContaining(`${file}:3: Info: Kept in the configuration`),
      expect.stringContaining(`${file}:2: Warning: BFD session a has no discriminators`),
      "",
    ]);
  });

  test("exits 2 with one line for a file that is no text", async () => {
    expect(await etrunkd("--config", process.execPath, "--check")).toEqual({
      code: 2,
      stdout: "",
      stderr: `${process.execPath}:1: This is no text, so no configuration.\n`,
    });
  });

  test("exits 1 with one line when the file cannot be read", async () => {
    const missing = await etrunkd("--config", join(folder, "none"));
    expect(missing).toEqual({
      code: 1,
      stdout: "",
      stderr: `etrunkd: configuration ${join(folder, "none")}: no such file or directory (ENOENT); name a readable file with --config\n`,
    });
    expect(await etrunkd("--config", folder, "--check")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/EISDIR/),
    });
  });
});
