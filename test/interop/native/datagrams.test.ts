import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { OutgoingDatagram } from "../../../src/core/base/datagram.js";
import { type IpAddress, parseIpAddress } from "../../../src/core/base/ip-address.js";
import type { AddressState } from "../../../src/core/contract/host.js";
import { type AddressWatch, openAddressWatch } from "../../../src/linux/address-watch.js";
import { DatagramSockets } from "../../../src/linux/udp/datagrams.js";
import { MOST_UNEXPECTED, SLICE } from "../../../src/linux/udp/flood-guard.js";
import { collect, isRoot, Lab, spawnIn, stop } from "../../support/lab.js";
import { allowIpv6, inside, ipIn, twoHosts } from "../../support/namespace.js";

const ip = (text: string): IpAddress => parseIpAddress(text) as IpAddress;
const endpoint = (text: string, port = 1_025) => ({ source: ip(text), port, vrf: undefined });

interface Heard {
  readonly text: string;
  readonly length: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly from: number;
}

/** Sockets in a namespace, and what they heard. */
class End {
  readonly heard: Heard[] = [];
  readonly failures: string[] = [];
  readonly openings: string[] = [];
  readonly floods: number[] = [];
  readonly namespace: string;
  readonly sockets: DatagramSockets;

  constructor(namespace: string) {
    this.namespace = namespace;
    this.sockets = new DatagramSockets({
      deliver: ({ bytes, start, length, source, destination, vrf: _, ...rest }) => {
        const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(length, 20)).toString();
        this.heard.push({ text, length, source: source.text, destination: destination.text, ...rest });
      },
      readable: () => this.sockets.drain(),
      refused: ({ source }, reason) => {
        if (reason === undefined) this.openings.push(source.text);
        else this.failures.push(reason);
      },
      flooded: ({ port }) => this.floods.push(port),
    });
  }
  /** `known`: how datagrams of all peers begin. */
  listen(address: string, port?: number, peers?: readonly string[], known?: string): void {
    const octets = known === undefined ? undefined : { offset: 0, octets: new TextEncoder().encode(known) };
    const each = peers?.map((peer) => ({ address: ip(peer), leastTtl: 255, known: octets }));
    const expected = each === undefined ? {} : { peers: each };
    inside(this.namespace, () => this.sockets.listen({ ...endpoint(address, port), ...expected }));
  }
  retry(): void {
    inside(this.namespace, () => this.sockets.retry());
  }
  send(source: string, destination: string, text: string, more: Partial<OutgoingDatagram> = {}): boolean {
    const octets = Buffer.from(`..${text}`);
    return this.sockets.send({
      bytes: new DataView(octets.buffer, octets.byteOffset, octets.length),
      start: 2,
      length: octets.length - 2,
      source: ip(source),
      destination: ip(destination),
      sourcePort: 1_025,
      destinationPort: 1_025,
      ttl: 255,
      trafficClass: 0xc0,
      to: undefined,
      vrf: undefined,
      ...more,
    });
  }
  get errors(): number {
    return this.sockets.counters.sendErrors;
  }
}

const until = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 5_000, interval: 5 });

describe.runIf(isRoot)("datagrams", () => {
  let lab: Lab;
  let near: string;
  let far: string;
  let ours: End;
  let theirs: End;

  beforeAll(async () => {
    lab = new Lab();
    ({ near, far } = await twoHosts(lab));
  });
  afterAll(() => lab?.close());
  beforeEach(() => {
    ours = new End(near);
    theirs = new End(far);
  });
  afterEach(() => {
    ours.sockets.end();
    theirs.sockets.end();
  });

  test.for([
    ["IPv4", "10.8.0.1", "10.8.0.2"],
    ["IPv6", "fd08::1", "fd08::2"],
  ] as const)("%s: arrive with TTL, both addresses, both ports and the interface", async ([, here, there]) => {
    ours.listen(here);
    theirs.listen(there);
    ours.send(here, there, "hello");
    ours.send(here, there, "far", { ttl: 7, to: 11 });
    await until(() => expect(theirs.heard).toHaveLength(2));
    const both = { source: here, destination: there, sourcePort: 1_025, destinationPort: 1_025, from: 51 };
    expect(theirs.heard).toEqual([
      { ...both, text: "hello", length: 5, ttl: 255 },
      { ...both, text: "far", length: 3, ttl: 7 },
    ]);
    expect(ours.errors).toBe(0);
  });

  test("bear their traffic class and no DF, and a long one goes in fragments", async () => {
    ours.listen("10.8.0.1");
    theirs.listen("10.8.0.2");
    const filter = "udp or ip[6:2] & 0x1fff != 0";
    const command = ["tcpdump", "-l", "--immediate-mode", "-n", "-v", "-i", "b1", filter];
    const tcpdump = spawnIn(far, command, { stdio: ["ignore", "pipe", "pipe"] });
    onTestFinished(() => stop(tcpdump));
    const [seen, told] = [collect(tcpdump.stdout), collect(tcpdump.stderr)];
    await vi.waitFor(() => expect(told()).toContain("listening on"), { timeout: 10_000, interval: 20 });
    ours.send("10.8.0.1", "10.8.0.2", "short");
    ours.send("10.8.0.1", "10.8.0.2", "x".repeat(2_196));
    await until(() => expect(theirs.heard.map(({ length }) => length)).toEqual([5, 2_196]));
    await vi.waitFor(() => expect(seen().match(/tos 0xc0, ttl 255/g)).toHaveLength(3), {
      timeout: 10_000,
      interval: 20,
    });
    expect(seen()).not.toContain("DF");
    expect(seen()).toContain("flags [+]");
  });

  test("of more than 4,096 octets are counted and left out", async () => {
    ours.listen("10.8.0.1");
    theirs.listen("10.8.0.2");
    ours.send("10.8.0.1", "10.8.0.2", "x".repeat(4_097));
    ours.send("10.8.0.1", "10.8.0.2", "y".repeat(4_096));
    await until(() => expect(theirs.heard.map(({ length }) => length)).toEqual([4_096]));
    expect(theirs.sockets.counters).toMatchObject({ received: 1, tooLong: 1 });
  });

  test("that came while this process was busy are all there at the next drain", async () => {
    ours.listen("10.8.0.1");
    theirs.listen("10.8.0.2");
    for (let n = 0; n < 500; n++) ours.send("10.8.0.1", "10.8.0.2", `${n}`);
    while (theirs.sockets.drain() > 0);
    expect(theirs.heard.map(({ text }) => text)).toEqual(Array.from({ length: 500 }, (_, n) => `${n}`));
  });

  test("of an endpoint whose address is not there yet begin when it comes, and nobody is told", async () => {
    ours.listen("10.8.0.1");
    theirs.listen("10.8.7.2");
    ours.send("10.8.7.1", "10.8.0.2", "lost");
    expect([ours.errors, theirs.failures]).toEqual([1, []]);
    await ipIn(far, "address", "add", "10.8.7.2/24", "dev", "b1");
    theirs.retry();
    await ipIn(near, "address", "add", "10.8.7.1/24", "dev", "a1");
    ours.listen("10.8.7.1");
    ours.send("10.8.7.1", "10.8.7.2", "heard");
    await until(() => expect(theirs.heard.map(({ text }) => text)).toEqual(["heard"]));
    await ipIn(far, "address", "delete", "10.8.7.2/24", "dev", "b1");
    await ipIn(near, "address", "delete", "10.8.7.1/24", "dev", "a1");
    // A source that is gone is a failed send, no more.
    expect(ours.send("10.8.7.1", "10.8.0.2", "gone")).toBe(false);
    expect(ours.errors).toBe(2);
  });

  test("of an endpoint that another program holds: it is told once, and served when that is gone", async () => {
    const other = new End(near);
    other.listen("10.8.0.1");
    ours.listen("10.8.0.1");
    ours.retry();
    expect(ours.failures).toEqual(["UDP 10.8.0.1 port 1025: EADDRINUSE, another program has it"]);
    other.sockets.end();
    expect(ours.openings).toEqual([]);
    ours.retry();
    expect(ours.openings).toEqual(["10.8.0.1"]);
    theirs.listen("10.8.0.2");
    theirs.send("10.8.0.2", "10.8.0.1", "hello");
    await until(() => expect(ours.heard).toHaveLength(1));
  });

  describe("in a flood", () => {
    const OVER = 11 * SLICE;

    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    const heard = (source: string): number => theirs.heard.filter((each) => each.source === source).length;

    test.for([
      ["IPv4", "10.8.0.1", "10.8.0.2", "10.8.0.9", "/24"],
      ["IPv6", "fd08::1", "fd08::2", "fd08::9", "/64"],
    ] as const)("%s: of strangers are kept out by the kernel, and a peer's are heard", async (row) => {
      const [, peer, here, stranger, prefix] = row;
      await ipIn(near, "address", "add", `${stranger}${prefix}`, "dev", "a1", ...(prefix === "/64" ? ["nodad"] : []));
      ours.listen(peer);
      ours.listen(stranger);
      theirs.listen(here, 1_025, [peer]);
      for (let n = 0; n < MOST_UNEXPECTED; n++) ours.send(stranger, here, "flood");
      await until(() => expect(heard(stranger)).toBe(MOST_UNEXPECTED));
      expect(theirs.floods).toEqual([]);
      ours.send(stranger, here, "one too many");
      await until(() => expect(theirs.floods).toEqual([1_025]));
      const { dropped } = theirs.sockets.counters;
      for (let n = 0; n < 100; n++) ours.send(stranger, here, "flood");
      ours.send(peer, here, "hello");
      await until(() => expect(heard(peer)).toBe(1));
      expect(heard(stranger)).toBe(MOST_UNEXPECTED + 1);
      expect(theirs.sockets.counters.dropped).toBe(dropped + 100);
      vi.advanceTimersByTime(OVER);
      ours.send(stranger, here, "who is this?");
      await until(() => expect(heard(stranger)).toBe(MOST_UNEXPECTED + 2));
      expect(theirs.failures).toEqual([]);
      await ipIn(near, "address", "delete", `${stranger}${prefix}`, "dev", "a1");
    });

    test.for([
      ["IPv4", "10.8.0.1", "10.8.0.2"],
      ["IPv6", "fd08::1", "fd08::2"],
    ] as const)("%s: with a peer's address have a share, and what only the peer knows is all heard", async (row) => {
      const [, peer, here] = row;
      const known = () => theirs.heard.filter(({ text }) => text.startsWith("only the peer")).length;
      ours.listen(peer);
      theirs.listen(here, 1_025, [peer], "only the peer kn");
      for (let n = 0; n < 1_000; n++) ours.send(peer, here, "only the peer knows");
      await until(() => expect(known()).toBe(1_000));
      expect(theirs.floods).toEqual([]);
      for (let n = 0; n <= MOST_UNEXPECTED; n++) ours.send(peer, here, "only the forger knows");
      await until(() => expect(theirs.floods).toEqual([1_025]));
      // Five hundred within a moment: of what follows a small part is taken, and none that a router passed on.
      for (let n = 0; n < 10_000; n++) {
        ours.send(peer, here, "only the forger knows");
        if (n % 100 === 0) ours.send(peer, here, "only the peer knows");
        if (n % 100 === 0) ours.send(peer, here, "only the peer knows, but", { ttl: 254 });
      }
      await until(() => expect(known()).toBe(1_100));
      expect(theirs.heard.length - known() - MOST_UNEXPECTED - 1).toBeLessThan(200);
      expect(theirs.sockets.counters.dropped).toBeGreaterThan(9_900);
      vi.advanceTimersByTime(OVER);
      const before = theirs.heard.length;
      for (let n = 0; n < 50; n++) ours.send(peer, here, "only the forger knows");
      await until(() => expect(theirs.heard).toHaveLength(before + 50));
    });

    test("of a peer that is added meanwhile are heard at once, and who may speak to an endpoint without peers is no stranger", async () => {
      await ipIn(near, "address", "add", "10.8.0.9/24", "dev", "a1");
      ours.listen("10.8.0.9");
      theirs.listen("10.8.0.2", 1_025, ["10.8.0.1"]);
      theirs.listen("10.8.0.2", 1_026);
      for (let n = 0; n <= MOST_UNEXPECTED; n++)
        for (const destinationPort of [1_025, 1_026]) ours.send("10.8.0.9", "10.8.0.2", "flood", { destinationPort });
      await until(() => expect(theirs.heard.length).toBe(2 * MOST_UNEXPECTED + 2));
      expect(theirs.floods).toEqual([1_025]);
      theirs.listen("10.8.0.2", 1_025, ["10.8.0.1", "10.8.0.9"], "hell");
      ours.send("10.8.0.9", "10.8.0.2", "hello");
      await until(() => expect(theirs.heard.at(-1)?.text).toBe("hello"));
      await ipIn(near, "address", "delete", "10.8.0.9/24", "dev", "a1");
    });
  });

  test("stop when the endpoint is closed, and others go on", async () => {
    theirs.listen("10.8.0.2");
    theirs.listen("10.8.0.2", 1_026);
    ours.listen("10.8.0.1");
    theirs.sockets.close(endpoint("10.8.0.2"));
    ours.send("10.8.0.1", "10.8.0.2", "nobody");
    ours.send("10.8.0.1", "10.8.0.2", "somebody", { destinationPort: 1_026 });
    await until(() => expect(theirs.heard.map(({ text }) => text)).toEqual(["somebody"]));
  });
});

describe.runIf(isRoot)("the address watch", () => {
  let lab: Lab;
  let namespace: string;
  let watch: AddressWatch;
  let reports: AddressState[];
  const told = (): string[] =>
    reports.map(
      ({ index, address, prefixLength, present }) => `${present ? "+" : "-"}${index} ${address.text}/${prefixLength}`,
    );

  beforeAll(async () => {
    lab = new Lab();
    namespace = await lab.namespace("n");
    await allowIpv6(namespace);
    await ipIn(
      namespace,
      "link",
      "add",
      "name",
      "v1",
      "index",
      "21",
      "type",
      "veth",
      "peer",
      "name",
      "v2",
      "index",
      "22",
    );
    await ipIn(namespace, "address", "add", "10.1.0.1/24", "dev", "v1");
    reports = [];
    watch = inside(namespace, () =>
      openAddressWatch({ changed: (address) => reports.push(address), readable: () => watch.drain() }),
    );
  });
  afterAll(async () => {
    watch?.close();
    await lab?.close();
  });
  beforeEach(() => {
    reports = [];
  });

  test("reports what there is in its first drain, then each change once", async () => {
    expect(watch.drain()).toBe(1);
    expect(told()).toEqual(["+21 10.1.0.1/24"]);
    await ipIn(namespace, "address", "add", "10.1.0.2/32", "dev", "v2");
    await ipIn(namespace, "address", "add", "10.1.0.1/16", "dev", "v2");
    await ipIn(namespace, "address", "delete", "10.1.0.1/24", "dev", "v1");
    await until(() =>
      expect(told()).toEqual(["+21 10.1.0.1/24", "+22 10.1.0.2/32", "+22 10.1.0.1/16", "-21 10.1.0.1/24"]),
    );
  });

  test("an address that is there with another prefix length too is not gone", async () => {
    await ipIn(namespace, "address", "add", "10.1.0.9/24", "dev", "v2");
    await ipIn(namespace, "address", "add", "10.1.0.9/32", "dev", "v2");
    await ipIn(namespace, "address", "delete", "10.1.0.9/24", "dev", "v2");
    const both = ["+22 10.1.0.9/24", "+22 10.1.0.9/32", "+22 10.1.0.9/32"];
    await until(() => expect(told()).toEqual(both));
    await ipIn(namespace, "address", "delete", "10.1.0.9/32", "dev", "v2");
    await until(() => expect(told()).toEqual([...both, "-22 10.1.0.9/32"]));
  });

  test("an IPv6 address counts when it is known to be unique, not before", async () => {
    await ipIn(namespace, "link", "set", "v1", "up");
    await ipIn(namespace, "link", "set", "v2", "up");
    await until(() => expect(told().filter((line) => line.includes("fe80")).length).toBe(2));
    await ipIn(namespace, "address", "add", "fd00::1/64", "dev", "v1");
    expect(watch.drain()).toBe(0);
    await until(() => expect(told()).toContain("+21 fd00::1/64"));
  });

  test("all addresses of a link that is deleted go", async () => {
    await ipIn(namespace, "link", "delete", "v1");
    await until(() => {
      const gone = told().filter((line) => line.startsWith("-22 10.") || line.startsWith("-21 fd00"));
      expect(gone).toHaveLength(3);
    });
  });
});
