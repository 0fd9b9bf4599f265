import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import type { MemberState, TrunkState } from "../../src/linux/forwarding/plane.js";

const folder = mkdtempSync(join(tmpdir(), "etrunkd-nft-"));
const runs = join(folder, "runs");
/** Counts its runs, knows no chains, and refuses rules for an interface of this name. */
const REFUSED = "gone0";
writeFileSync(
  join(folder, "nft"),
  `#!/bin/sh\ncase "$*" in *list*) echo '{"nftables": []}'; exit 0;; esac\nrules=$(cat)\necho run >> "${runs}"\n` +
    `case "$rules" in *${REFUSED}*) echo "Error: No such file or directory" >&2; exit 1;; esac\n`,
);
chmodSync(join(folder, "nft"), 0o755);
vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
const { NftablesBackend } = await import("../../src/linux/forwarding/nftables.js");

const countRuns = (): number => (existsSync(runs) ? readFileSync(runs, "utf8").trim().split("\n").length : 0);

const memberOf = (at: number, name = `v${at}`): MemberState => ({
  ...{ index: 100 + at, name, slot: at + 1 },
  ...{ collecting: true, hadQdisc: false },
});

function trunkOf(members: readonly MemberState[]): TrunkState {
  return {
    trunk: 1,
    outer: { index: 10, name: "eth-trunk1" },
    inner: { index: 11, name: "et1-ul" },
    hash: "flow",
    members: new Map(members.map((member) => [member.index, member])),
    subInterfaces: new Map(),
    buckets: new Uint8Array(256),
  };
}

describe("nftables: changes that are asked for together", () => {
  const members = Array.from({ length: 64 }, (_, at) => memberOf(at));
  const backend = new NftablesBackend(0x020000000001 as Mac);
  const plane = backend.open(trunkOf(members));
  plane.start();

  beforeEach(() => rmSync(runs, { force: true }));
  afterAll(() => {
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  });

  test("are one run of nft, however many members leave", () => {
    const problems = backend.together(() => {
      for (const member of members) {
        plane.collect(member);
        plane.spread();
        // What is nested goes with the whole.
        expect(backend.together(() => plane.detach(member))).toEqual([]);
      }
      expect(countRuns()).toBe(0);
    });
    expect(problems).toEqual([]);
    expect(countRuns()).toBe(1);
  });

  test("that the kernel refuses as a whole are each by itself, and the refused member is named", () => {
    const gone = memberOf(70, REFUSED);
    const problems = backend.together(() => {
      plane.collect(members[0] as MemberState);
      plane.collect(gone);
      plane.spread();
    });
    expect(problems).toEqual([{ trunk: 1, member: gone.index, text: "nft: Error: No such file or directory" }]);
    expect(countRuns()).toBe(4);
  });
});
