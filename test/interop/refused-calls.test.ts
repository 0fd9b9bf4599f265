import { mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Mac } from "../../src/core/base/address.js";
import type { TrunkView } from "../../src/core/parts/trunks/questions.js";
import { clearSocketPath } from "../../src/daemon/control/control.js";
import { Daemon } from "../../src/daemon/daemon.js";
import { metricsPage } from "../../src/daemon/http/metrics.js";
import type { Log } from "../../src/daemon/log/log.js";
import { linuxMachine } from "../../src/daemon/machine.js";
import { QUESTIONS, type Reply, type Request } from "../../src/daemon/questions.js";
import { Store } from "../../src/daemon/state/store.js";
import { Daemon as DaemonProcess, WITHOUT_BPF } from "../support/daemon.js";
import { FailingCalls } from "../support/failing-calls.js";
import { type BackendName, leftovers, runIn } from "../support/forwarding.js";
import { isRoot, Lab } from "../support/lab.js";
import { enter, ipIn, makeVeth } from "../support/namespace.js";

/** Where the `nft` of the test lies, before anything of ours reads PATH; and the calls, once they can fail. */
const outside = vi.hoisted(() => {
  const { mkdtempSync } = process.getBuiltinModule("node:fs");
  const folder = mkdtempSync("/tmp/etrunkd-refused-");
  process.env.PATH = `${folder}:${process.env.PATH}:/usr/sbin:/sbin`;
  return { folder, isFailing: (_name: string): boolean => false };
});

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const failing =
    <Parameters extends unknown[], Result>(name: string, call: (...values: Parameters) => Result) =>
    (...values: Parameters): Result => {
      if (String(values[0]).startsWith("/proc/") && outside.isFailing(name))
        throw Object.assign(new Error(`EIO: made by the test, ${name}`), { code: "EIO" });
      return call(...values);
    };
  return {
    ...real,
    readFileSync: failing("read of /proc", real.readFileSync as (...values: unknown[]) => unknown),
    writeFileSync: failing("write to /proc", real.writeFileSync as (...values: unknown[]) => unknown),
  };
});

afterAll(() => rmSync(outside.folder, { recursive: true, force: true }));

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
const PATIENCE = { timeout: 10_000, interval: 5 };
/** Calls of one name that a trigger makes beyond these are more of the same. */
const MOST_OF_A_NAME = 2;

/**
 * Failures that are not told: what waits is asked for again; what is not sent is counted; what does not go with its group goes
 * alone; a route waits for its gateway; where news of routes got lost all of them are looked at; a text of the state is written
 * again with the next one of its name; and what an interface keeps that is no member any more does nothing.
 */
const MADE_GOOD =
  /Next$|^(send|pacerSend|udpSend|linkGroup|linkRemoveGroup|routeReaches|routeWatchGone|ringMember|planeForget|hookQdisc|replaceFile)$/;
/** A daemon that leaves looks no more for what others change; what it made goes whatever it holds. */
const NOT_LOOKED_AT = /^(nftablesPrint|hookFilters|hookTcx)$/;
/** Interface index of eth2, which one of the configurations takes out of its trunk. */
const LEAVING = 102;

const COMMON = [
  ...["sysname PE", "interface Eth-Trunk1", " ip address 10.9.0.1 24", "interface Eth-Trunk2", " mode lacp-static"],
  ...["interface eth1", " eth-trunk 1", "interface eth3", " eth-trunk 2"],
  ...["interface eth4", " ip address 10.5.0.1 24", "interface LoopBack0", " ip address 1.1.1.1 32"],
  ...["e-trunk 1", " peer-address 10.5.0.2 source-address 10.5.0.1", " security-key cipher x"],
  ...["bfd", "bfd one bind peer-ip 10.5.0.2 source-ip 10.5.0.1", " discriminator local 1", " discriminator remote 2"],
];
/** Two configurations; from one to the other things of every sort come, change and go. Tags are the eBPF data plane's. */
const one = (backend: BackendName): string[] => [
  ...COMMON,
  ...["interface Eth-Trunk1", " mtu 1400", "interface eth2", " eth-trunk 1", "ip route-static 10.6.0.0 16 10.5.0.2"],
  ...(backend === "ebpf" ? ["interface Eth-Trunk1.10", " vlan-type dot1q 10", " ip address 10.9.10.1 24"] : []),
  "",
];
const other = (backend: BackendName): string[] => [
  ...COMMON,
  ...["interface Eth-Trunk1", " load-balance src-dst-mac", "interface eth2", " portswitch"],
  ...["interface Vlanif1", " ip address 10.1.0.1 24"],
  ...["interface eth4", " mtu 1450", "ip route-static 10.7.0.0 16 10.5.0.2"],
  ...(backend === "ebpf" ? ["interface Eth-Trunk1.20", " vlan-type dot1q 20"] : []),
  "",
];

const modelOf = (lines: readonly string[]) => {
  const { model, problems } = readConfiguration(lines.join("\n"));
  expect(problems).toEqual([]);
  return model;
};

/** Every question there is, about what is configured. */
const REQUESTS = Object.entries(QUESTIONS).map(([ask, fields]) => {
  const asks = "id" in fields ? { id: 1 } : "protocol" in fields ? { protocol: "e-trunk-ipv4" } : {};
  return { ask, ...asks } as Request;
});

describe.runIf(isRoot).each(BACKENDS)("each call that fails once (%s)", (backend) => {
  let lab: Lab;
  let near: string;
  let far: string;
  let home: () => void;
  let calls: FailingCalls;
  let daemon: Daemon;
  let starts = 0;
  const broken = vi.fn();
  const log: string[] = [];

  const logger = new Proxy(
    {},
    { get: (_, level) => (text: unknown, fields: object) => log.push(JSON.stringify({ level, text, ...fields })) },
  ) as Log;

  async function start(): Promise<void> {
    const state = join(lab.folder, `state-${++starts}`);
    mkdirSync(state);
    const socket = join(lab.folder, `socket-${starts}`);
    daemon = new Daemon({
      machine: await linuxMachine("ring"),
      model: modelOf(one(backend)),
      bindings: new Map(),
      systemMac: 0x020000000a01 as Mac,
      link: "ring",
      socket,
      store: new Store(state),
      log: logger,
      recorder: undefined,
      broken,
    });
    await clearSocketPath(socket);
    await daemon.start();
  }

  beforeAll(async () => {
    lab = new Lab();
    [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
    for (const at of [1, 2, 3, 4])
      await makeVeth(
        { namespace: near, name: `eth${at}`, index: 100 + at },
        { namespace: far, name: `eth${at}`, index: 200 + at },
      );
    await ipIn(near, "link", "set", "dev", "lo", "up");
    home = enter(near);
    calls = new FailingCalls(outside.folder);
    outside.isFailing = (name) => calls.isFailing(name);
    if (backend === "nftables") calls.always.set("planeOpen", -1);
    await start();
  });
  afterAll(async () => {
    calls?.restore();
    await daemon?.leave();
    home?.();
    await lab?.close();
  });

  const ask = (request: Request): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const connection = connect(join(lab.folder, `socket-${starts}`), () =>
        connection.write(`${JSON.stringify(request)}\n`),
      );
      connection.on("error", reject);
      connection.on("close", () => reject(new Error(`no answer to ${request.ask}`)));
      createInterface({ input: connection }).once("line", (line) => {
        resolve(JSON.parse(line) as Reply);
        connection.destroy();
      });
    });

  const trunk = async (): Promise<TrunkView> => {
    const reply = await ask({ ask: "eth-trunk", id: 1 });
    if (!reply.ok) throw new Error(reply.error);
    return reply.data as TrunkView;
  };

  /** The link is up, or the data plane refuses it, which is the decision. */
  const linkIs = (up: boolean): Promise<void> =>
    vi.waitFor(async () => {
      const { linkUp, reason = "" } = (await trunk()).ports[0] ?? {};
      expect(linkUp === up || reason.startsWith("data plane: ")).toBe(true);
    }, PATIENCE);

  const TRIGGERS: { readonly [name: string]: () => Promise<void> } = {
    display: async () => {
      for (const request of REQUESTS) await ask(request);
    },
    metrics: async () => {
      const { engine, loop, sources } = daemon;
      const page = metricsPage({
        ...{ engine, loop, link: "ring", frames: () => sources.frameLink.counters },
        ...{ tapDrops: () => sources.taps.dropped, transport: () => sources.transport.counters },
        ...{ ignored: () => engine.ignored, logLinesDropped: () => 0, recordLinesDropped: () => 0 },
        ...{ controlRefused: () => 0, controlClients: () => 0, reload: () => undefined },
      });
      let text = "";
      for await (const piece of page.pieces()) text += piece;
      expect(text).toContain('etrunkd_trunk_up{trunk="1"}');
    },
    "link event": async () => {
      await ipIn(far, "link", "set", "dev", "eth1", "down");
      await linkIs(false);
      await ipIn(far, "link", "set", "dev", "eth1", "up");
      await linkIs(true);
    },
    SIGHUP: async () => {
      await daemon.apply(modelOf(other(backend)));
      // A refusal that the next configuration overcomes is told only if a turn lies between.
      await trunk();
      await daemon.apply(modelOf(one(backend)));
    },
    SIGTERM: async () => {
      await daemon.leave();
    },
  };

  test.each(Object.keys(TRIGGERS))("under %s leaves the daemon alive", { timeout: 300_000 }, async (name) => {
    const pull = TRIGGERS[name] as () => Promise<void>;
    const isEnd = name === "SIGTERM";
    calls.begin();
    await pull();
    const made = calls.counts();
    // A page of metrics tells what nft counted when it was read last.
    if (name !== "metrics" || backend === "ebpf") expect(made.size).toBeGreaterThan(0);
    const silent: string[] = [];
    for (const [call, count] of made)
      for (let nth = 1; nth <= Math.min(count, MOST_OF_A_NAME); nth++) {
        if (isEnd) await start();
        log.length = 0;
        calls.arm(call, nth);
        try {
          await pull();
        } catch (error) {
          throw new Error(`${call}, call ${nth}: ${(error as Error).message}; ${log.join(" ")}`);
        }
        const { hasFailed, failedWith } = calls;
        // A member that leaves is closed first, and in the same turn its hooks go, which ends the refusal.
        const isClosed =
          failedWith[1] === LEAVING &&
          (call === "planeMemberStands" || (call === "planeMember" && failedWith[3] === false));
        calls.begin();
        expect(broken, `${call}, call ${nth}`).not.toHaveBeenCalled();
        if (!isEnd) log.push(JSON.stringify(await ask({ ask: "alarms" })));
        if (!isEnd) expect(await trunk(), `${call}, call ${nth}`).toMatchObject({ id: 1 });
        const isMadeGood = isClosed || MADE_GOOD.test(call) || (isEnd && NOT_LOOKED_AT.test(call));
        if (hasFailed && !isMadeGood && !log.some((line) => line.includes("EIO"))) silent.push(`${call} ${nth}`);
      }
    if (isEnd) await start();
    expect(silent).toEqual([]);
  });

  test("a reload lists the links of the host once for what it takes back, and once for what it brings", async () => {
    const renamed = one(backend).map((line) =>
      line.replace("sysname PE", "sysname PE\ninterface eth4\n description x"),
    );
    calls.begin();
    await daemon.apply(modelOf(renamed));
    expect(calls.counts().get("linkList")).toBeLessThanOrEqual(2);
    await daemon.apply(modelOf(one(backend)));
  });

  const kept = "a sub-interface whose VLAN the map does not give up stays while it is refused, and then goes";
  test.for(backend === "ebpf" ? [kept] : [])("%s", async () => {
    const isThere = async () => (await ipIn(near, "-br", "link")).includes("eth-trunk1.10@");
    const alarms = async () => JSON.stringify(await ask({ ask: "alarms" }));
    const gone = one(backend).filter((line) => !/dot1q 10|Eth-Trunk1.10|10.9.10.1/.test(line));
    calls.always.set("planeVlan", -5);
    await daemon.apply(modelOf(gone));
    await vi.waitFor(async () => expect(await alarms()).toContain("map of the VLANs: EIO"), PATIENCE);
    expect(await isThere()).toBe(true);
    calls.always.delete("planeVlan");
    await vi.waitFor(async () => expect(await isThere()).toBe(false), PATIENCE);
    await vi.waitFor(async () => expect(await alarms()).not.toContain("map of the VLANs"), PATIENCE);
    await daemon.apply(modelOf(one(backend)));
  });

  test("a counter that cannot be read is unknown, and told once", async () => {
    log.length = 0;
    calls.always.set("planeCounters", -5);
    const failNft = () => calls.arm("nft", 1);
    for (let times = 0; times < 2; times++) {
      failNft();
      expect((await trunk()).ports[0]).toMatchObject({ framesReceived: null, bytesSent: null, framesDropped: null });
    }
    calls.always.delete("planeCounters");
    calls.begin();
    expect((await trunk()).ports[0]).toMatchObject({ framesReceived: expect.any(Number) });
    const told = log.filter((line) => line.includes("counters not read"));
    expect(told).toHaveLength((await trunk()).ports.length);
  });
});

describe.runIf(isRoot)("a ruleset that somebody flushes", () => {
  let lab: Lab;
  let daemon: DaemonProcess | undefined;

  beforeAll(() => {
    lab = new Lab();
  });
  afterAll(async () => {
    await daemon?.stop();
    await lab.close();
  });

  test("ends no daemon: it answers, reloads, follows links and leaves with 0", async () => {
    const [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
    for (const at of [1, 2])
      await makeVeth(
        { namespace: near, name: `eth${at}`, index: 100 + at },
        { namespace: far, name: `eth${at}`, index: 200 + at },
      );
    const configuration = ["interface Eth-Trunk1", " trunkport eth1", " trunkport eth2", ""];
    daemon = await DaemonProcess.start({
      namespace: near,
      folder: join(lab.folder, "daemon"),
      configuration: configuration.join("\n"),
      wrapper: WITHOUT_BPF,
    });
    await runIn(near, ["nft", "flush", "ruleset"]);
    // Found and put back; until then nothing counts.
    await vi.waitFor(() => expect(daemon?.log).toContain("data plane changed by somebody else"), PATIENCE);
    await vi.waitFor(
      async () =>
        expect((await daemon?.trunk())?.ports[0]).toMatchObject({ name: "eth1", framesReceived: expect.any(Number) }),
      PATIENCE,
    );
    daemon.configure(configuration.filter((line) => !line.includes("eth2")).join("\n"));
    await vi.waitFor(async () => expect((await daemon?.trunk())?.ports).toHaveLength(1), PATIENCE);
    await ipIn(near, "link", "del", "eth1");
    await vi.waitFor(async () => expect((await daemon?.trunk())?.ports[0]?.linkUp).toBe(false), PATIENCE);
    daemon.signal("SIGTERM");
    expect(await daemon.ended()).toBe(0);
    expect(daemon.log).not.toContain("broken invariant");
    expect(await leftovers(near)).toEqual([]);
  });
});
