import { describe, expect, test } from "vitest";
import { ANY_IPV4 } from "../../../src/core/base/ip-address.js";
import { millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredBfdSession } from "../../../src/core/contract/desired/bfd.js";
import { RbsPair } from "./rbs-pair.js";

test("the lower address listens, the higher connects, and each knows the other's role", () => {
  const pair = new RbsPair().connected();
  expect(pair.pes.map((pe) => pair.service(pe).role)).toEqual(["listen", "connect"]);
  pair.world.until("pe1 is master", () => `${pair.roles}` === "master/slave,slave/master");
  expect(pair.changes()).toEqual([
    "pe1 initial>listening configured",
    "pe2 initial>connecting configured",
    expect.stringMatching(/^pe\d \w+>connected opened$/),
    expect.stringMatching(/^pe\d \w+>connected opened$/),
  ]);
  pair.world.run(seconds(30));
  expect(pair.pes.flatMap((pe) => pair.alarms(pe))).toEqual([]);
  expect(pair.pes.map((pe) => pair.service(pe).unacknowledged)).toEqual([0, 0]);
});

test("a takeover is told: the backup becomes master, and the other learns of it", () => {
  const pair = new RbsPair().connected();
  pair.world.until("pe1 is master", () => `${pair.roles}` === "master/slave,slave/master");
  const [cable] = pair.cables(pair.pe1);
  if (cable !== undefined) pair.world.pull(cable);
  pair.world.until("pe2 is master", () => pair.roles[1]?.startsWith("master") === true);
  pair.world.until("pe1 knows", () => pair.roles[0]?.endsWith("/master") === true, seconds(1));
  const told = pair.world.events.flatMap(({ node, event }) =>
    event.event === "profile-state" && node === "pe1" ? [`${event.local}/${event.peer}`] : [],
  );
  expect(told.at(-1)).toBe(pair.roles[0]);
});

test("an idle connection lives on keepalives, and costs little", () => {
  const pair = new RbsPair().connected();
  pair.world.run(seconds(20));
  const before = pair.pes.map((pe) => pair.service(pe).messagesSent);
  pair.world.run(seconds(600));
  expect(pair.isConnected).toBe(true);
  for (const [n, pe] of pair.pes.entries()) {
    const sent = pair.service(pe).messagesSent - (before[n] as number);
    expect(sent).toBeGreaterThanOrEqual(29);
    expect(sent).toBeLessThanOrEqual(31);
  }
});

describe("a connection that breaks", () => {
  test.for(Array.from({ length: 34 }, (_, n) => 3 * n))(
    "after %i octets of the one that connects is made again",
    (octets) => {
      const pair = new RbsPair({}, {}, { seed: octets + 1 });
      pair.world.tcp.nextBreaksAfter = octets;
      pair.world.startAll();
      expect(pair.untilConnected()).toBeLessThan(5);
      pair.world.until("roles are known", () => `${pair.roles}` === "master/slave,slave/master");
      pair.world.run(seconds(12));
      expect(pair.isConnected).toBe(true);
      expect(pair.pes.flatMap((pe) => pair.alarms(pe))).toEqual([]);
    },
  );

  test("again and again is made with longer and longer pauses, and at once after it lasted", () => {
    const pair = new RbsPair().connected();
    const pauses: number[] = [];
    for (let n = 0; n < 7; n++) {
      pair.world.tcp.break();
      pair.world.until("the loss is noticed", () => !pair.isConnected, seconds(5));
      pauses.push(pair.untilConnected());
    }
    for (const [n, pause] of pauses.entries()) {
      const wait = Math.min(2 ** n, 30);
      expect(pause).toBeGreaterThan(wait * 0.75 - 0.01);
      expect(pause).toBeLessThan(wait + 0.5);
    }
    pair.world.run(seconds(31));
    pair.world.tcp.break();
    pair.world.until("the loss is noticed", () => !pair.isConnected, seconds(5));
    expect(pair.untilConnected()).toBeLessThan(1.5);
  });
});

test("a path that is cut is noticed after 160 s of silence by both, and an alarm says so until it is back", () => {
  const pair = new RbsPair().connected();
  pair.world.run(seconds(5));
  pair.split();
  pair.world.run(seconds(139));
  expect(pair.isConnected).toBe(true);
  pair.world.until("both noticed", () => pair.states.every((state) => state !== "connected"), seconds(25));
  for (const pe of pair.pes) expect(pair.service(pe).lastDownReason).toBe("nothing heard for 160 s");
  pair.world.run(seconds(40));
  expect(pair.alarms(pair.pe1)).toEqual([
    "rbsConnectionDown: Remote backup service service1 is not connected to 192.0.2.2: nothing heard for 160 s.",
  ]);
  expect(pair.alarms(pair.pe2)).toEqual([
    "rbsConnectionDown: Remote backup service service1 is not connected to 192.0.2.1: no answer of TCP.",
  ]);
  pair.split(false);
  expect(pair.untilConnected()).toBeLessThan(41);
  pair.world.run(seconds(1));
  expect(pair.pes.flatMap((pe) => pair.alarms(pe))).toEqual([]);
});

describe("an end that", () => {
  test.for(["pe1", "pe2"] as const)("is killed and begins anew: %s", (name) => {
    const pair = new RbsPair().connected();
    const pe = name === "pe1" ? pair.pe1 : pair.pe2;
    pe.crash();
    pair.world.run(seconds(3));
    pair.world.start(pe);
    expect(pair.untilConnected()).toBeLessThan(5);
    pair.world.run(seconds(40));
    expect(pair.pes.flatMap((each) => pair.alarms(each))).toEqual([]);
  });

  test("leaves says so", () => {
    const pair = new RbsPair().connected();
    pair.pe2.leave();
    pair.world.run(seconds(1));
    expect(pair.service(pair.pe1)).toMatchObject({
      tcpState: "listening",
      lastDownReason: "closed by the peer, leaving: the device leaves",
    });
  });

  test("stands still for 30 s is waited for", () => {
    const pair = new RbsPair().connected();
    pair.pe2.freeze();
    pair.world.run(seconds(30));
    pair.pe2.thaw();
    pair.world.run(seconds(5));
    expect(pair.isConnected).toBe(true);
    expect(pair.changes().filter((change) => change.includes("connected>"))).toEqual([]);
  });

  test("stands still for 200 s is given up, and found again", () => {
    const pair = new RbsPair().connected();
    pair.pe2.freeze();
    pair.world.run(seconds(200));
    expect(pair.service(pair.pe1)).toMatchObject({
      tcpState: "listening",
      lastDownReason: expect.stringMatching(/^nothing (heard|acknowledged) for 160 s$/),
    });
    pair.pe2.thaw();
    expect(pair.untilConnected()).toBeLessThan(5);
  });

  test("has no source address waits for it, and lets go when it goes", () => {
    const pair = new RbsPair();
    const [own] = pair.pe2.addresses.splice(0, 1);
    pair.world.startAll();
    pair.world.run(seconds(15));
    expect(pair.states).toEqual(["listening", "initial"]);
    expect(pair.alarms(pair.pe2)).toEqual([
      "rbsConnectionDown: Remote backup service service1 is not connected to 192.0.2.1: the source address 192.0.2.2 is not on this host.",
    ]);
    const state = { index: 9_999, address: own as NonNullable<typeof own>, prefixLength: 128 };
    pair.pe2.addresses.push(state.address);
    pair.pe2.arrives({ kind: "address", address: { ...state, present: true } });
    expect(pair.untilConnected()).toBeLessThan(1);
    pair.pe2.arrives({ kind: "address", address: { ...state, present: false } });
    pair.world.run(seconds(1));
    expect(pair.states).toEqual(["listening", "initial"]);
    expect(pair.service(pair.pe1).lastDownReason).toBe(
      "closed by the peer, leaving: the source address is not on this host",
    );
  });

  test("may not listen says so, and tries again", () => {
    const pair = new RbsPair();
    pair.world.tcp.refuses.set("192.0.2.1", "port 1025 of 192.0.2.1 is used by another program");
    pair.world.startAll();
    pair.world.run(seconds(5));
    expect(pair.alarms(pair.pe1)).toEqual([
      "rbsListenerRefused: TCP connections to 192.0.2.1 port 1025 are not accepted: port 1025 of 192.0.2.1 is used by another program.",
    ]);
    pair.world.tcp.refuses.clear();
    expect(pair.untilConnected()).toBeLessThan(40);
    pair.world.run(seconds(1));
    expect(pair.alarms(pair.pe1)).toEqual([]);
  });
});

describe("shutdown", () => {
  test.for(["pe1", "pe2"] as const)("at %s closes the connection with a reason, and undone opens it", (name) => {
    const pair = new RbsPair().connected();
    const pe = name === "pe1" ? pair.pe1 : pair.pe2;
    const other = name === "pe1" ? pair.pe2 : pair.pe1;
    pair.reconfigure(pe, { rbs: { shutdown: true } });
    pair.world.run(seconds(20));
    expect(pair.service(pe)).toMatchObject({ tcpState: "initial", lastDownReason: "shutdown is configured" });
    expect(pair.service(other).lastDownReason).toBe("closed by the peer, shut down: shutdown is configured");
    expect(pair.alarms(pe)).toEqual([]);
    expect(pair.alarms(other)).toHaveLength(1);
    pair.reconfigure(pe, {});
    expect(pair.untilConnected()).toBeLessThan(31);
  });
});

test("a service that is removed tells the peer", () => {
  const pair = new RbsPair().connected();
  pair.world.configure(pair.pe1, { ...pair.desiredOf(pair.pe1), rbs: [], rbsProfiles: [] });
  pair.world.run(seconds(1));
  expect(pair.service(pair.pe2)).toMatchObject({
    tcpState: "connecting",
    lastDownReason: "closed by the peer, leaving: the service is not configured any more",
  });
});

describe("a tracked BFD session", () => {
  /** A service that tracks session 7 at the PE that connects; the sessions stand at both. */
  function tracking(): RbsPair {
    const tracked = { track: { discriminator: 7, session: "Path" } };
    const pair = new RbsPair({}, { rbs: tracked });
    for (const [n, pe] of pair.pes.entries()) pe.desired = { ...pe.desired, bfdSessions: [sessionOf(pair, n)] };
    return pair.connected();
  }

  function sessionOf(pair: RbsPair, n: number): DesiredBfdSession {
    const [source, peer] = [pair.pes[n], pair.pes[1 - n]].map((pe) => pe?.addresses[0]);
    return {
      ...{ name: "path", peer, source, interface: undefined, trackInterface: undefined, group: ANY_IPV4 },
      ...{ localDiscriminator: 8 - n, remoteDiscriminator: 7 + n, minTx: millis(300), minRx: millis(300) },
      ...{ multiplier: 3, wtr: millis(0), shutdown: false, description: undefined, authentication: undefined },
      tosExp: 7,
    };
  }

  test("that goes down ends the connection, and that comes up makes it at once", () => {
    const pair = tracking();
    pair.world.run(seconds(5));
    pair.split();
    pair.world.run(seconds(2));
    expect(pair.service(pair.pe2)).toMatchObject({
      tcpState: "connecting",
      trackBfd: 7,
      lastDownReason: "BFD session Path is down",
    });
    pair.world.run(seconds(100));
    pair.split(false);
    const bfdIsUp = (): boolean =>
      pair.world.events.some(
        ({ time, node, event }) =>
          node === "pe2" && event.event === "bfd-state" && event.to === "Up" && time > seconds(107),
      );
    pair.world.until("BFD is up", bfdIsUp, seconds(10));
    expect(pair.untilConnected()).toBeLessThan(0.1);
  });

  test("that is administratively down changes nothing", () => {
    const pair = tracking();
    pair.world.run(seconds(5));
    pair.world.configure(pair.pe1, { ...pair.pe1.desired, bfdSessions: [{ ...sessionOf(pair, 0), shutdown: true }] });
    pair.world.run(seconds(10));
    expect(pair.isConnected).toBe(true);
    expect(pair.changes().filter((change) => change.includes("connected>"))).toEqual([]);
  });
});
