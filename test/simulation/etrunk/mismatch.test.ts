import { describe, expect, it } from "vitest";
import { micros, seconds } from "../../../src/core/base/time.js";
import { EtrunkPair, key } from "./etrunk-pair.js";

describe("two configurations that do not fit", () => {
  const cases = [
    [
      "another key",
      { etrunk: { keys: [{ id: 0, octets: key("other"), origin: "configured" }] } },
      /security-key is not ours/,
    ],
    ["another mode", { etrunk: { authentication: "hmac-sha256" } }, /authentication-mode is not/],
    ["another UDP port", { etrunk: { udpPort: 1026 } }, /No hello from/],
    ["the sequence check at one end", { etrunk: { sequenceCheck: true } }, /sequence enable/],
    ["another revert delay", { etrunk: { revertDelay: 77 } }, /timer revert delay is/],
    ["another priority order", { etrunk: { higherFirst: true } }, /priority-order differs/],
    ["another selection", { etrunk: { select: "bandwidth" } }, /e-trunk select differs/],
    [
      "the default key",
      { etrunk: { keys: [{ id: 0, octets: key("00E0FC0000000000"), origin: "default" }] } },
      /default key/,
    ],
  ] as const;
  it.for(cases)("%s is named by an alarm", ([, parts, text]) => {
    const pair = new EtrunkPair(1, {}, parts);
    pair.world.startAll();
    pair.world.run(seconds(30));
    const told = pair.pes.flatMap((pe) => pair.etrunk(pe).attention);
    expect(told.join("\n")).toMatch(text);
  });

  it("refused hellos make both ends Master, as documented", () => {
    const pair = new EtrunkPair(1, {}, { etrunk: { authentication: "hmac-sha1" } });
    pair.world.startAll();
    pair.world.run(seconds(30));
    expect(pair.pes.map((pe) => pair.etrunk(pe).state)).toEqual(["Master", "Master"]);
    expect(pair.etrunk(pair.pe1).drops.authentication).toBeGreaterThan(5);
  });

  it("equal priority and system ID make both Master, and the alarm says why", () => {
    const same = { mac: "0200-00aa-0000", etrunk: { priority: 50 } };
    const pair = new EtrunkPair(1, same, same);
    pair.world.startAll();
    pair.world.run(seconds(30));
    expect(pair.pes.map((pe) => pair.etrunk(pe).state)).toEqual(["Master", "Master"]);
    expect(pair.etrunk(pair.pe1).attention.join()).toMatch(/has our system ID.*The peer is Master too/);
  });

  it.for(["pe1", "pe2"] as const)("the sequence check at %s alone makes it the Master, deaf as it is", (name) => {
    const checks = { etrunk: { sequenceCheck: true } };
    const pair = new EtrunkPair(1).up();
    pair.configure(pair[name], checks);
    pair.world.until(`${name} carries alone`, () => pair.carries(name), seconds(30));
    pair.world.run(seconds(30));
    const states = pair.pes.map((pe) => {
      const { state, causation } = pair.etrunk(pe);
      return `${pe.name} ${state}/${causation}`;
    });
    const [master, backup] = name === "pe1" ? ["pe1", "pe2"] : ["pe2", "pe1"];
    expect(states.sort()).toEqual([`${master} Master/TIMEOUT`, `${backup} Backup/PEER_TIMEOUT`].sort());
    expect(pair.carries(name)).toBe(true);
  });
});

describe("who is not the peer", () => {
  const recorded = () => {
    const pair = new EtrunkPair(1, { etrunk: { sequenceCheck: true } }, { etrunk: { sequenceCheck: true } });
    const hellos: Parameters<typeof pair.pe2.arrives>[0][] = [];
    const arrives = pair.pe2.arrives.bind(pair.pe2);
    pair.pe2.arrives = (input) => {
      if (input.kind === "datagram") hellos.push(input);
      arrives(input);
    };
    pair.up();
    return { pair, hellos };
  };

  it("replays what was recorded and is not believed", () => {
    const { pair, hellos } = recorded();
    const before = pair.etrunk(pair.pe2);
    const old = hellos.slice();
    for (const hello of old) pair.pe2.arrives(hello);
    pair.world.run(micros(1));
    const after = pair.etrunk(pair.pe2);
    expect(after.drops.sequence).toBe((before.drops.sequence ?? 0) + old.length);
    expect(after.received).toBe(before.received);
  });

  it("replays a run that is over to a PE that lost everything, and is not believed", () => {
    const { pair, hellos } = recorded();
    const old = hellos.slice(0, 10);
    pair.split();
    pair.pe2.crash();
    pair.world.start(pair.pe2);
    for (const hello of old) pair.pe2.arrives(hello);
    pair.world.run(seconds(1));
    expect(pair.etrunk(pair.pe2)).toMatchObject({ hearing: false, received: 0 });
  });

  it("sends a hello back to its sender and is not believed", () => {
    const { pair, hellos } = recorded();
    const before = pair.etrunk(pair.pe1).drops.authentication ?? 0;
    const [hello] = hellos;
    if (hello?.kind !== "datagram") throw new Error("no hello");
    const { source, destination } = hello.datagram;
    pair.pe1.arrives({ kind: "datagram", datagram: { ...hello.datagram, source: destination, destination: source } });
    pair.world.run(micros(1));
    expect(pair.etrunk(pair.pe1).drops.authentication).toBe(before + 1);
  });

  it("has its address and key, and both are heard: that is told, and one restart is not", () => {
    const pair = new EtrunkPair(1).up();
    const told = () => pair.etrunk(pair.pe2).attention.filter((text) => /from one run and then another/.test(text));
    for (let n = 1; n <= 4; n++) {
      pair.pe1.crash();
      pair.world.start(pair.pe1);
      pair.world.run(seconds(5));
      expect(told()).toHaveLength(n < 3 ? 0 : 1);
    }
    pair.world.run(seconds(31));
    expect(told()).toEqual([]);
  });
});

describe("a hello that came through a router", () => {
  /** The TTL of PE2's hellos is so much less where they arrive. */
  function routed(prefixLength: number): EtrunkPair {
    const pair = new EtrunkPair(1);
    for (const pe of pair.pes) pe.prefixLength = prefixLength;
    const arrives = pair.pe1.arrives.bind(pair.pe1);
    pair.pe1.arrives = (call) =>
      arrives(
        call.kind === "datagram" ? { ...call, datagram: { ...call.datagram, ttl: call.datagram.ttl - 1 } } : call,
      );
    pair.world.startAll();
    pair.world.run(seconds(10));
    return pair;
  }

  it("is dropped and counted where the peer is a neighbour", () => {
    const pair = routed(24);
    expect(pair.etrunk(pair.pe1)).toMatchObject({ hearing: false, received: 0 });
    expect(pair.etrunk(pair.pe1).drops.ttl).toBeGreaterThan(5);
    expect(pair.etrunk(pair.pe2)).toMatchObject({ hearing: true, drops: { ttl: 0 } });
  });

  it("is read where it is not", () => {
    const pair = routed(32);
    expect(pair.etrunk(pair.pe1)).toMatchObject({ hearing: true, drops: { ttl: 0 } });
  });
});
