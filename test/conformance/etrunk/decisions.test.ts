import { describe, expect, it, vi } from "vitest";
import { millis } from "../../../src/core/base/time.js";
import { memberTable } from "../../../src/core/etrunk/member.js";
import { EtrunkDevice } from "./device.js";

const ADDRESS = "192.0.2.1";
const PEER = "192.0.2.2";
const MEMBERS = 64;

/** `eth1` and `eth2` are members of the first trunk, which needs no LACP. */
const configuration = (priority: number, addresses = `${PEER} source-address ${ADDRESS}`): string[] =>
  [
    "e-trunk 1",
    ` priority ${priority}`,
    ` peer-address ${addresses}`,
    " security-key cipher the-key",
    ...Array.from({ length: MEMBERS }, (_, n) => [
      `interface Eth-Trunk${n + 1}`,
      " mode manual load-balance",
      " e-trunk 1",
    ]),
    ...["eth1", "eth2"].map((name) => [`interface ${name}`, " eth-trunk 1"]),
  ].flat();

/** How often a member was decided in what `run` does: each decision begins with the first row of the table. */
function decisionsIn(run: () => void): number {
  const firstRow = vi.spyOn(memberTable[0]!, "when");
  run();
  const { length } = firstRow.mock.calls;
  firstRow.mockRestore();
  return length;
}

describe(`an E-Trunk with ${MEMBERS} members`, () => {
  const device = () => new EtrunkDevice(ADDRESS, "00e0-fc00-0001", configuration(100));

  it("decides each of them once when it is made", () => {
    expect(decisionsIn(device)).toBe(MEMBERS);
  });

  it("decides each of them once when its configuration changes", () => {
    const pe = device();
    pe.run(millis(30_300));
    expect(decisionsIn(() => pe.configure(configuration(50)))).toBe(MEMBERS);
    expect(pe.view().priority).toBe(50);
  });

  it("decides each of them once when half of them leave, and none of those", () => {
    const pe = device();
    const half = configuration(100).filter(
      (line, at, lines) => line !== " e-trunk 1" || Number(lines[at - 2]?.slice(19)) <= 32,
    );
    expect(decisionsIn(() => pe.configure(half))).toBe(32);
    expect(pe.view().members).toHaveLength(32);
  });

  it("decides nothing when an input changes nothing for its members", () => {
    const pe = device();
    pe.run(millis(30_300));
    expect(decisionsIn(() => pe.link(1, "eth1", true))).toBe(0);
  });

  it("decides each of them once for a hello of its peer, and once more where trunks follow", () => {
    const pe = device();
    const peer = new EtrunkDevice(PEER, "00e0-fc00-0002", configuration(100, `${ADDRESS} source-address ${PEER}`));
    const { bytes } = peer.sent.at(-1)!;
    expect(decisionsIn(() => pe.hear(PEER, bytes))).toBe(2 * MEMBERS);
    expect(pe.view()).toMatchObject({ hearing: true, state: "Master" });
    expect(decisionsIn(() => pe.hear(PEER, bytes))).toBe(MEMBERS);
  });
});
