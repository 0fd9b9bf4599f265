import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { markerFrame, readMarker } from "../support/frames.js";
import { isInstalled, isRoot, Lab } from "../support/lab.js";
import type { LacpPeer } from "./peers/lacp-peer.js";
import { LinuxBonding } from "./peers/linux-bonding.js";
import { LinuxTeam } from "./peers/linux-team.js";
import { OpenVswitch, OVS_SYSTEM_ID } from "./peers/open-vswitch.js";
import { Capture, sendFrame } from "./peers/raw-frames.js";
import { Wire } from "./peers/wire.js";

/** Every port carries, and each end's partner data are the other's own. */
async function agree(...peers: readonly [LacpPeer, LacpPeer]): Promise<void> {
  const [left, right] = await Promise.all([peers[0].ports(), peers[1].ports()]);
  expect(left.map((port) => port.actor)).toEqual(right.map((port) => port.partner));
  expect(left.map((port) => port.partner)).toEqual(right.map((port) => port.actor));
  expect([...left, ...right].map((port) => port.carrying)).toEqual([true, true, true, true]);
}

/** The partners among themselves: what they do without us, and that the wire between them works. */
describe.runIf(isRoot && isInstalled("linux.uml"))("Open vSwitch and Linux bonding", () => {
  let lab: Lab;
  let wire: Wire;
  let ovs: OpenVswitch;
  let bonding: LinuxBonding;

  beforeAll(async () => {
    lab = new Lab();
    wire = await Wire.create(lab, 2);
    const mode = { active: true, fast: true };
    ovs = await OpenVswitch.start(lab, wire.ours, wire.ports, mode);
    bonding = await LinuxBonding.start(lab, wire.theirs, wire.ports, mode);
  }, 60_000);

  afterAll(async () => {
    await bonding?.stop();
    await ovs?.stop();
    await lab?.close();
  });

  test("agree on both links, each end's partner data the other's own", async () => {
    await vi.waitFor(() => agree(ovs, bonding), { timeout: 20_000, interval: 200 });
    const [port] = await bonding.ports();
    expect(port).toMatchObject({
      name: "p1",
      actor: { port: 1, state: "11111100" },
      partner: { system: OVS_SYSTEM_ID },
    });
  });

  test("drop a link that falls silent, both, and take it back", async () => {
    await wire.silence("p2");
    await vi.waitFor(
      async () => {
        const [left, right] = await Promise.all([ovs.ports(), bonding.ports()]);
        expect(left.map((port) => port.carrying)).toEqual([true, false]);
        expect(right.map((port) => port.carrying)).toEqual([true, false]);
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(await ovs.losses()).toBeGreaterThan(0);
    await wire.heal("p2");
    await vi.waitFor(() => agree(ovs, bonding), { timeout: 20_000, interval: 200 });
  });

  test("agree again after the one became passive and slow", async () => {
    await ovs.configure({ active: true, fast: false });
    await bonding.configure({ active: false, fast: true });
    await vi.waitFor(() => agree(ovs, bonding), { timeout: 20_000, interval: 200 });
    const states = (await ovs.ports()).map((port) => [port.actor.state, port.partner.state]);
    expect(states).toEqual(Array(2).fill(["10111100", "01111100"]));
  });

  test("of the two only the bonding driver answers a Marker", async () => {
    const capture = await Capture.start(lab, wire.ours, "p1");
    const sent = { source: "02:00:00:00:0c:01", requesterPort: 7 };
    await sendFrame(wire.theirs, "p1", markerFrame({ ...sent, transaction: 1 }));
    await sendFrame(wire.ours, "p1", markerFrame({ ...sent, transaction: 2 }));
    const markers = () => capture.frames().flatMap(({ bytes }) => readMarker(bytes) ?? []);
    await vi.waitFor(() => expect(markers()).toHaveLength(3), { timeout: 5000, interval: 100 });
    await capture.stop();
    expect(markers().map(({ type, transaction }) => [type, transaction])).toEqual([
      ["information", 1],
      ["information", 2],
      ["response", 2],
    ]);
  });
});

describe.runIf(isRoot && isInstalled("linux.uml") && isInstalled("teamd"))("Open vSwitch and teamd", () => {
  let lab: Lab;
  beforeAll(() => {
    lab = new Lab();
  });
  afterAll(() => lab?.close());

  test("agree on both links, also after teamd became passive and slow", async () => {
    const wire = await Wire.create(lab, 2);
    const ovs = await OpenVswitch.start(lab, wire.ours, wire.ports, { active: true, fast: true });
    const team = await LinuxTeam.start(lab, wire.theirs, wire.ports, { active: true, fast: true });
    await vi.waitFor(() => agree(ovs, team), { timeout: 20_000, interval: 200 });
    await team.configure({ active: false, fast: false });
    await vi.waitFor(() => agree(ovs, team), { timeout: 20_000, interval: 200 });
    expect((await team.ports()).map((port) => port.actor)).toMatchObject([
      { key: 0, state: "00111100" },
      { key: 0, state: "00111100" },
    ]);
    await team.stop();
    await ovs.stop();
  });
});
