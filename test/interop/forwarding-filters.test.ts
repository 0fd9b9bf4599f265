import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { linkOf, runIn, TrunkPair } from "../support/forwarding.js";
import { isRoot, Lab, run } from "../support/lab.js";
import { RawSender, slowFrame } from "../support/namespace.js";

describe.runIf(isRoot)("filters of others on a member (ebpf)", () => {
  let lab: Lab;
  let pair: TrunkPair;

  beforeEach(async () => {
    lab = new Lab();
    pair = await TrunkPair.create(lab, { links: 1, backend: "ebpf" });
  });
  afterEach(async () => {
    await pair.stop();
    await lab.close();
  });

  test("a mirror behind ours sees the frames that concern the link", async () => {
    const { namespace } = pair.near;
    await run("ip", ["-n", namespace, "link", "add", "name", "span", "type", "veth", "peer", "name", "seen"]);
    for (const name of ["span", "seen"]) await run("ip", ["-n", namespace, "link", "set", "dev", name, "up"]);
    await pair.carry([1]);
    // The kernel picks a priority behind ours.
    const mirror = ["protocol", "0x8809", "u32", "match", "u8", "0", "0", "action", "mirred", "egress", "mirror"];
    await runIn(namespace, ["tc", "filter", "add", "dev", "m1", "ingress", ...mirror, "dev", "span"]);
    await pair.near.call("listen", 0x8809);
    const { ifindex } = await linkOf(namespace, "seen");
    const sender = new RawSender(pair.far.namespace);
    sender.send(pair.far.members[0] ?? 0, slowFrame());
    sender.close();
    const heard = () => pair.near.call<{ ifindex: number }[]>("heard");
    await vi.waitFor(async () => expect((await heard()).map((one) => one.ifindex)).toContain(ifindex));
    // The member's own sockets have it all the same.
    expect((await heard()).map((one) => one.ifindex)).toContain(pair.near.members[0]);
  });
});
