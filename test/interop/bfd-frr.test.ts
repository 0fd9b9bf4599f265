import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { isRoot, Lab, spawnIn, stop } from "../support/lab.js";
import { COMPLAINTS, tshark } from "../support/tshark.js";
import { type BfdPath, BfdWire, PATHS } from "./peers/bfd-wire.js";
import { Frr, isFrrInstalled } from "./peers/frr.js";

const until = (check: () => Promise<void>, seconds = 20): Promise<void> =>
  vi.waitFor(check, { timeout: seconds * 1_000, interval: 20 });

interface Timers {
  readonly interval: number;
  readonly multiplier: number;
}

/** Our side: FRR picks its discriminators, so ours learns them. */
function configuration(timers: Timers, more: readonly string[] = []): string {
  const sessions = PATHS.map(({ name, ours, theirs, interface: to }, n) => {
    const v6 = ours.includes(":") ? "v6" : "";
    const binding = `bind peer-ip${v6} ${theirs}${to === undefined ? "" : ` interface ${to}`} source-ip${v6} ${ours}`;
    return [
      `bfd ${name} ${binding}`,
      ` discriminator local ${n + 1}`,
      ` min-tx-interval ${timers.interval}`,
      ` min-rx-interval ${timers.interval}`,
      ` detect-multiplier ${timers.multiplier}`,
      ...more,
    ];
  });
  return ["bfd", ...sessions.flat(), ""].join("\n");
}

/** How FRR names a session. */
const peerLine = ({ ours, theirs, interface: to }: BfdPath): string =>
  to === undefined
    ? `peer ${ours} multihop local-address ${theirs}`
    : `peer ${ours} local-address ${theirs} interface ${to}`;

function frrConfiguration({ interval, multiplier }: Timers): string {
  const timers = [`receive-interval ${interval}`, `transmit-interval ${interval}`, `detect-multiplier ${multiplier}`];
  const peers = PATHS.map((path) => [peerLine(path), ...timers, ...(path.interface ? [] : ["minimum-ttl 250"])]);
  return [
    "bfd",
    ...peers.flatMap(([head, ...lines]) => [` ${head}`, ...lines.map((line) => `  ${line}`), " !"]),
    "",
  ].join("\n");
}

for (const interval of [50, 300]) {
  describe.runIf(isRoot && isFrrInstalled)(`FRR at ${interval} ms x 3`, () => {
    const timers = { interval, multiplier: 3 };
    let lab: Lab;
    let wire: BfdWire;
    let frr: Frr;
    let daemon: Daemon;
    let capture: ReturnType<typeof spawnIn>;
    let file: string;

    beforeAll(async () => {
      lab = new Lab();
      wire = await BfdWire.create(lab);
      file = join(lab.folder, "sent.pcap");
      capture = spawnIn(wire.theirs, ["tcpdump", "-U", "-Z", "root", "-w", file, "-i", "v0", "-Q", "in", "udp"], {
        stdio: "ignore",
      });
      daemon = await Daemon.start({
        namespace: wire.ours,
        folder: join(lab.folder, "daemon"),
        configuration: configuration(timers),
      });
      frr = await Frr.start(lab, wire.theirs, frrConfiguration(timers));
    });
    afterAll(async () => {
      await daemon?.stop();
      await frr?.stop();
      if (capture !== undefined) await stop(capture);
      await lab?.close();
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === "fail")
        console.error(`${daemon?.log}\n${await frr?.vty("show bfd peers").catch(String)}`);
    });

    const bothUp = (path: BfdPath): Promise<void> =>
      until(async () => {
        const [ours, theirs] = await Promise.all([daemon.bfd(path.name), frr.peer(path.ours)]);
        expect(ours).toMatchObject({ state: "Up", remoteState: "Up" });
        expect(theirs.status).toBe("up");
      });

    test.for(PATHS)("$name: comes up, and both tell the same of it", async (path) => {
      await bothUp(path);
      await until(async () => {
        const [ours, theirs] = await Promise.all([daemon.bfd(path.name), frr.peer(path.ours)]);
        expect(theirs).toMatchObject({
          multihop: path.interface === undefined,
          "remote-id": ours.localDiscriminator,
          "remote-receive-interval": interval,
          "remote-transmit-interval": interval,
          "remote-detect-multiplier": 3,
        });
        expect(ours).toMatchObject({
          remoteDiscriminator: theirs.id,
          actualTx: interval,
          actualRx: interval,
          detectionTime: 3 * interval,
          multihop: path.interface === undefined,
        });
      });
    });

    /** Until the check holds while one end hears nothing; then both are up again. */
    const whileSilent = async (
      hearing: "ours" | "theirs",
      path: BfdPath,
      check: () => Promise<void>,
    ): Promise<void> => {
      await bothUp(path);
      await wire.silence(hearing, path);
      try {
        await until(check);
      } finally {
        await wire.heal(hearing);
      }
      await bothUp(path);
    };

    // Our Down bears no discriminator of FRR's (RFC 5880 6.8.1), and FRR leaves that aside while it is up: it falls by its
    // own detection time, and then tells what we said.
    test.for(PATHS)("$name: FRR falls silent: we say so, and it falls too", (path) =>
      whileSilent("ours", path, async () => {
        expect(await daemon.bfd(path.name)).toMatchObject({
          state: "Down",
          diagnostic: "Control Detection Time Expired",
          remoteDiscriminator: null,
        });
        const theirs = await frr.peer(path.ours);
        expect(theirs.status).not.toBe("up");
        expect(theirs["remote-diagnostic"]).toBe("control detection time expired");
      }),
    );

    test.for(PATHS)("$name: we fall silent: FRR says so, and we hear it from it", (path) =>
      whileSilent("theirs", path, async () => {
        expect(await frr.peer(path.ours)).toMatchObject({ diagnostic: "control detection time expired" });
        const { state, diagnostic } = await daemon.bfd(path.name);
        expect(state).not.toBe("Up");
        expect(diagnostic).toBe("Neighbor Signaled Session Down");
      }),
    );

    test("shutdown there is AdminDown here, and no failure", async () => {
      const [path] = PATHS;
      await bothUp(path);
      const monitor = await daemon.monitor("bfd-state");
      await frr.configure(peerLine(path), "shutdown");
      await until(async () =>
        expect(await daemon.bfd(path.name)).toMatchObject({
          state: "Down",
          remoteState: "AdminDown",
          diagnostic: "Neighbor Signaled Session Down",
        }),
      );
      await frr.configure(peerLine(path), "no shutdown");
      await bothUp(path);
      const changes = monitor.lines().flatMap((line) => {
        const { event, name, from, to } = line as { event: string; name?: string; from?: string; to?: string };
        return event === "bfd-state" ? [`${name} ${from}-${to}`] : [];
      });
      await monitor.stop();
      expect(changes[0]).toBe("single4 Up-Down");
      expect(changes.at(-1)).toMatch(/^single4 (Init|Down)-Up$/);
    });

    test("shutdown here is AdminDown there, and no failure", async () => {
      for (const path of PATHS) await bothUp(path);
      daemon.configure(configuration(timers, [" shutdown"]));
      await until(async () => {
        for (const path of PATHS) {
          expect((await daemon.bfd(path.name)).state).toBe("AdminDown");
          expect(await frr.peer(path.ours)).toMatchObject({
            status: "down",
            diagnostic: "neighbor signaled session down",
            "remote-diagnostic": "administratively down",
          });
        }
      });
      daemon.configure(configuration(timers));
      for (const path of PATHS) await bothUp(path);
    });

    test("a change here while up comes into force there without a flap", async () => {
      for (const path of PATHS) await bothUp(path);
      const before = await Promise.all(PATHS.map(({ name }) => daemon.bfd(name)));
      daemon.configure(configuration({ interval: interval + 30, multiplier: 5 }));
      await until(async () => {
        for (const path of PATHS)
          expect(await frr.peer(path.ours)).toMatchObject({
            "remote-receive-interval": interval + 30,
            "remote-transmit-interval": interval + 30,
            "remote-detect-multiplier": 5,
          });
        for (const { name } of PATHS) expect((await daemon.bfd(name)).actualTx).toBe(interval + 30);
      });
      daemon.configure(configuration(timers));
      await until(async () => {
        for (const { name } of PATHS) expect((await daemon.bfd(name)).actualTx).toBe(interval);
      });
      for (const [n, { name }] of PATHS.entries())
        expect(await daemon.bfd(name)).toMatchObject({ state: "Up", upCount: before[n]?.upCount });
    });

    test("a change there while up comes into force here without a flap", async () => {
      const [path] = PATHS;
      await bothUp(path);
      const { upCount } = await daemon.bfd(path.name);
      const settings = [
        `receive-interval ${interval + 70}`,
        `transmit-interval ${interval + 50}`,
        "detect-multiplier 6",
      ];
      await frr.configure(peerLine(path), ...settings);
      await until(async () =>
        expect(await daemon.bfd(path.name)).toMatchObject({
          actualTx: interval + 70,
          actualRx: interval + 50,
          detectionTime: 6 * (interval + 50),
        }),
      );
      const back = [`receive-interval ${interval}`, `transmit-interval ${interval}`, "detect-multiplier 3"];
      await frr.configure(peerLine(path), ...back);
      await until(async () =>
        expect(await daemon.bfd(path.name)).toMatchObject({ actualTx: interval, actualRx: interval }),
      );
      expect(await daemon.bfd(path.name)).toMatchObject({ state: "Up", upCount });
    });

    test("a restart by SIGUSR2 is AdminDown there, and the sessions come up again", async () => {
      for (const path of PATHS) await bothUp(path);
      daemon.signal("SIGUSR2");
      await daemon.ended();
      for (const path of PATHS)
        expect(await frr.peer(path.ours)).toMatchObject({ "remote-diagnostic": "administratively down" });
      await daemon.start();
      for (const path of PATHS) await bothUp(path);
    });

    test("tshark reads every packet we sent over the direct link", async () => {
      await stop(capture);
      const packets = tshark(file, ["udp.dstport", "bfd.version", "bfd.sta", "ip.ttl", "ipv6.hlim", ...COMPLAINTS]);
      expect(packets.length).toBeGreaterThan(100);
      const dissected = packets.map(
        (packet) => `${packet["udp.dstport"]} ${packet["bfd.version"]} ${packet["ip.ttl"]}${packet["ipv6.hlim"]}`,
      );
      expect([...new Set(dissected)]).toEqual(["3784 1 255"]);
      expect(packets.flatMap((packet) => COMPLAINTS.map((complaint) => packet[complaint])).filter(Boolean)).toEqual([]);
    });
  });
}
