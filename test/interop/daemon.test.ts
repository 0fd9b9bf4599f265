import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { PortView } from "../../src/core/parts/trunks/questions.js";
import { Daemon } from "../support/daemon.js";
import type { LinkJson } from "../support/forwarding.js";
import { collect, ended, isRoot, Lab, run, spawnIn, stop } from "../support/lab.js";
import { ipIn, makeVeth } from "../support/namespace.js";

const ETRUNKD = fileURLToPath(new URL("../../dist/etrunkd.js", import.meta.url));
const REPLAY = fileURLToPath(new URL("../../dist/daemon/recording/replay.js", import.meta.url));

const configuration = (name: string, ...more: string[]): string =>
  [
    `sysname ${name}`,
    "interface Eth-Trunk1",
    " mode lacp-static",
    " lacp timeout fast",
    "interface eth1",
    " eth-trunk 1",
    "interface eth2",
    " eth-trunk 1",
    ...more,
    "",
  ].join("\n");

/** Collects the datagrams of a Unix socket; Node has none of its own. */
const LISTENER = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("bound", flush=True)
while True: print(listener.recv(4096).decode().replace("\\n", " "), flush=True)`;

/** Has a port and never answers. */
const RIVAL = `
import socket, sys
rival = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("bound", flush=True)
rival.accept()`;

describe.runIf(isRoot)("etrunkd as a process", () => {
  let lab: Lab;
  let near: string;
  let far: string;
  let tests = 0;
  let folder: string;
  let partner: Daemon;
  let daemon: Daemon | undefined;
  let others: ChildProcess[];

  const veth = (index: number): Promise<void> =>
    makeVeth(
      { namespace: near, name: `eth${index}`, index: 100 + index },
      { namespace: far, name: `eth${index}`, index: 200 + index },
    );

  beforeAll(async () => {
    lab = new Lab();
    [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
    await Promise.all([veth(1), veth(2)]);
    await ipIn(near, "link", "set", "dev", "lo", "up");
    partner = await Daemon.start({
      namespace: far,
      folder: join(lab.folder, "partner"),
      configuration: configuration("CE"),
    });
  });
  afterAll(async () => {
    await partner?.stop();
    await lab.close();
  });

  beforeEach(() => {
    folder = join(lab.folder, `test-${++tests}`);
    mkdirSync(folder);
    others = [];
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(daemon?.log);
    for (const other of others) await stop(other);
    await daemon?.stop();
    daemon = undefined;
  });

  const start = async (text = configuration("PE1"), ...flags: string[]): Promise<Daemon> => {
    daemon = await Daemon.start({ namespace: near, folder, configuration: text, flags });
    return daemon;
  };

  /** Another etrunkd, run to its end. */
  async function second(flags: readonly string[], prefix: readonly string[] = []) {
    const child = spawnIn(near, [...prefix, process.execPath, ETRUNKD, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    others.push(child);
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    await ended(child);
    return { code: child.exitCode, stdout: stdout(), stderr: stderr() };
  }

  const port = async (name: string): Promise<PortView | undefined> =>
    (await daemon?.trunk())?.ports.find((each) => each.name === name);

  const isSelected = (...names: string[]): Promise<void> =>
    vi.waitFor(
      async () => {
        for (const name of names) expect(await port(name)).toMatchObject({ status: "Selected", distributing: true });
      },
      { timeout: 20_000, interval: 50 },
    );

  test("refuses a second daemon on its socket, its state directory or in its network namespace, and goes on", async () => {
    const first = await start();
    await isSelected("eth1", "eth2");
    const state = join(folder, "state");
    const [sameSocket, sameState, sameNamespace] = await Promise.all([
      second(["--socket", first.socket, "--state-dir", join(folder, "other")]),
      second(["--socket", join(folder, "other.sock"), "--state-dir", state]),
      second(["--socket", join(folder, "third.sock"), "--state-dir", join(folder, "third")]),
    ]);
    expect(sameSocket).toEqual({
      code: 1,
      stdout: "",
      stderr: `etrunkd: control socket ${first.socket}: a running daemon answers there; stop it, or choose another with --socket\n`,
    });
    expect(sameState).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^etrunkd: state directory \S+: held by another etrunkd \(process \d+\); stop it, or choose another with --state-dir\n$/,
      ),
    });
    expect(sameNamespace).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "etrunkd: another etrunkd runs in this network namespace; stop it, or start this one in a namespace of its own (ip netns exec NAME ...)\n",
    });
    expect(await first.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
  });

  test("starts where one was killed, and replaces its socket", async () => {
    const first = await start();
    first.signal("SIGKILL");
    await first.ended();
    expect(existsSync(first.socket)).toBe(true);
    await first.start();
    expect(await first.trunk()).toMatchObject({ id: 1 });
  });

  test.each([["net_raw"], ["net_admin"]])("names the capability it lacks: %s", async (capability) => {
    const { code, stderr } = await second(
      ["--socket", join(folder, "s"), "--state-dir", folder],
      ["setpriv", `--bounding-set=-${capability}`],
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^etrunkd: CAP_${capability.toUpperCase()} \\([^)]+\\) is missing: [^\n]+\n$`));
  });

  test("serves metrics, and does not start where the port is in use", async () => {
    const first = await start(configuration("PE1"), "--metrics", "9199");
    const fetched = `process.stdout.write(await (await fetch("http://127.0.0.1:9199/metrics")).text())`;
    const text = await run("ip", ["netns", "exec", near, process.execPath, "--input-type=module", "-e", fetched]);
    expect(text).toMatch(/^etrunkd_build_info\{version="[^"]+",node="v[^"]+",link="ring"\} 1$/m);
    expect(text).toMatch(/^etrunkd_ring_drops_total 0$/m);
    await first.stop();
    const rival = spawnIn(near, ["python3", "-c", RIVAL, "9199"], { stdio: ["ignore", "pipe", "inherit"] });
    others.push(rival);
    await once(rival.stdout as Readable, "data");
    const other = ["--socket", join(folder, "s"), "--state-dir", join(folder, "other"), "--metrics", "9199"];
    expect(await second(other)).toMatchObject({
      code: 1,
      stderr: "etrunkd: --metrics 127.0.0.1:9199: already in use (EADDRINUSE); choose another address or port\n",
    });
  });

  test("reads its file again: a bad one changes nothing and is told line by line, a good one touches only what differs", async () => {
    const first = await start();
    await isSelected("eth1", "eth2");
    const monitor = await first.monitor();
    first.configure(configuration("PE9", " lacp priority 70000", "nonsense"));
    await vi.waitFor(() => expect(first.log.match(/configuration refused/g)).toHaveLength(2), { timeout: 5_000 });
    expect(first.log).toMatch(/"problem":"[^"]+etrunkd\.cfg:9: [^"]+"/);
    expect(first.log).toMatch(/"problem":"[^"]+etrunkd\.cfg:10: [^"]+"/);

    first.configure(configuration("PE1", " lacp priority 5"));
    await vi.waitFor(async () => expect(await port("eth2")).toMatchObject({ portPriority: 5 }), { timeout: 5_000 });
    await isSelected("eth1", "eth2");
    const events = monitor.lines().map((line) => line as { event: string; port?: string });
    expect(events.filter((line) => line.event === "configuration")).toHaveLength(1);
    expect(events.filter((line) => line.port === "eth1")).toEqual([]);
    await monitor.stop();
  });

  test("a trunk that is shut down has no carrier, its ports are out of sync and its members up", async () => {
    const first = await start();
    const links = async (namespace: string): Promise<[name: string, state: string][]> =>
      JSON.parse(await ipIn(namespace, "-j", "link")).map((link: LinkJson) => [link.ifname, link.operstate]);
    const isUp = (up: boolean) =>
      vi.waitFor(
        async () => {
          const status = up ? "Selected" : "Unselect";
          for (const trunk of await Promise.all([first.trunk(), partner.trunk()])) {
            expect(trunk.operState).toBe(up ? "up" : "down");
            for (const port of trunk.ports) expect(port).toMatchObject({ linkUp: true, status });
          }
          for (const namespace of [near, far]) {
            expect(await links(namespace)).toContainEqual(["eth-trunk1", up ? "UP" : "LOWERLAYERDOWN"]);
            for (const member of ["eth1", "eth2"]) expect(await links(namespace)).toContainEqual([member, "UP"]);
          }
        },
        { timeout: 20_000, interval: 100 },
      );
    await isUp(true);
    first.configure(configuration("PE1", "interface Eth-Trunk1", " shutdown"));
    await isUp(false);
    // Synchronization, collecting and distributing as the partner heard them.
    for (const { partner: us } of (await partner.trunk()).ports) expect(us?.portState.slice(3, 6)).toBe("000");
    first.configure(configuration("PE1"));
    await isUp(true);
  });

  test("waits for an interface, and takes it up again when it is deleted and made anew", async () => {
    const first = await start(configuration("PE1", "interface eth3", " eth-trunk 1"));
    partner.configure(configuration("CE", "interface eth3", " eth-trunk 1"));
    await isSelected("eth1", "eth2");
    expect(await port("eth3")).toMatchObject({ interface: null, status: "Unselect" });
    await veth(3);
    await isSelected("eth3");
    await ipIn(near, "link", "delete", "dev", "eth3");
    await vi.waitFor(async () => expect(await port("eth3")).toMatchObject({ interface: null, linkUp: false }), {
      timeout: 5_000,
    });
    // Under the same index: nothing but the deletion told that it lost its multicast membership.
    await veth(3);
    await isSelected("eth1", "eth2", "eth3");
    await ipIn(near, "link", "delete", "dev", "eth3");
    expect(await first.trunk()).toMatchObject({ operState: "up" });
  });

  test("does not wait for a reader of its stderr, neither at work nor at its end", async () => {
    const socket = join(folder, "s");
    const file = join(folder, "cfg");
    writeFileSync(file, configuration("PE1"));
    // A pipe (a socket pair, as Node makes it) that nobody reads.
    const flags = ["--config", file, "--socket", socket, "--state-dir", folder];
    const child = spawnIn(near, [process.execPath, ETRUNKD, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
    others.push(child);
    child.stderr?.pause();
    await vi.waitFor(() => expect(existsSync(socket)).toBe(true), { timeout: 10_000, interval: 10 });
    // Every line is a problem, and each is logged: some megabytes.
    writeFileSync(file, "nonsense nonsense nonsense\n".repeat(9_000));
    for (let round = 0; round < 3; round++) child.kill("SIGHUP");
    daemon = undefined;
    const display = () =>
      run(process.execPath, [ETRUNKD.replace("etrunkd.js", "etrunkctl.js"), "--socket", socket, "display", "version"]);
    for (let round = 0; round < 5; round++) expect(await display()).toContain("etrunkd");
    const start = performance.now();
    child.kill("SIGTERM");
    await ended(child);
    expect(child.exitCode).toBe(0);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test("reads its file again when it is asked to before it has begun", async () => {
    const [file, log] = [join(folder, "cfg"), join(folder, "log")];
    writeFileSync(file, configuration("PE1"));
    const flags = ["--config", file, "--socket", join(folder, "s"), "--state-dir", folder];
    const out = openSync(log, "w");
    const child = spawnIn(near, [process.execPath, ETRUNKD, ...flags], { stdio: ["ignore", "ignore", out] });
    others.push(child);
    // SigCgt (proc_pid_status(5)) says when SIGHUP, the first signal, no longer ends the process.
    const caught = () => readFileSync(`/proc/${child.pid}/status`, "utf8").match(/^SigCgt:.*[13579bdf]$/m) !== null;
    await vi.waitFor(() => expect(caught()).toBe(true), { timeout: 10_000, interval: 1 });
    child.kill("SIGHUP");
    await vi.waitFor(() => expect(readFileSync(log, "utf8")).toContain("configuration read again"), {
      timeout: 10_000,
    });
    closeSync(out);
  });

  test("tells the service manager when it is ready, reads its file again and stops", async () => {
    const socket = join(folder, "notify");
    const listener = spawn("python3", ["-c", LISTENER, socket], { stdio: ["ignore", "pipe", "inherit"] });
    others.push(listener);
    const told = collect(listener.stdout);
    const heard = (text: string): Promise<void> =>
      vi.waitFor(() => expect(told()).toContain(text), { timeout: 10_000 });
    await heard("bound");
    vi.stubEnv("NOTIFY_SOCKET", socket);
    const first = await start();
    vi.unstubAllEnvs();
    await heard("READY=1");
    first.signal("SIGHUP");
    await heard("RELOADING=1 MONOTONIC_USEC=");
    await vi.waitFor(() => expect(told().match(/READY=1/g)).toHaveLength(2), { timeout: 10_000 });
    first.signal("SIGTERM");
    await heard("STOPPING=1");
    expect(await first.ended()).toBe(0);
  });

  test.each(["SIGTERM", "SIGINT", "SIGUSR2"] as const)(
    "exits 0 within 2 s on %s and takes its socket away",
    async (signal) => {
      const first = await start();
      await isSelected("eth1");
      const begin = performance.now();
      first.signal(signal);
      expect(await first.ended()).toBe(0);
      expect(performance.now() - begin).toBeLessThan(2_000);
      expect(existsSync(first.socket)).toBe(false);
      const stored = readFileSync(join(folder, "state", "checkpoint"), "utf8");
      expect(stored === "").toBe(signal !== "SIGUSR2");
    },
  );

  test("is not harmed by a reader that goes away", async () => {
    const first = await start();
    first.signal("SIGPIPE");
    first.signal("SIGUSR1");
    expect(await first.trunk()).toMatchObject({ id: 1 });
  });

  test("ends with 1 on a broken invariant, tells it and keeps the recording", async () => {
    const file = join(folder, "recording");
    const engine = new URL("../../dist/core/engine/engine.js", import.meta.url);
    // The planted fault: whoever resets the statistics breaks an invariant.
    const fault = `import { Engine } from "${engine}";
      const { take } = Engine.prototype;
      Engine.prototype.take = function (input, now) {
        if (input.kind === "act") throw new Error("planted");
        return take.call(this, input, now);
      };`;
    vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${encodeURIComponent(fault)}`);
    const first = await start(configuration("PE1"), "--record", file);
    vi.unstubAllEnvs();
    await isSelected("eth1", "eth2");
    await first.control("reset", "lacp", "statistics", "eth-trunk", "1");
    expect(await first.ended()).toBe(1);
    expect(first.log).toMatch(/"level":60,.*"reason":"planted",.*"msg":"broken invariant"/);
    expect(readFileSync(file, "utf8").trimEnd().split("\n").at(-1)).toMatch(
      /^\{"kind":"call",.*"name":"reset-lacp-statistics"/,
    );
    // The next one takes the trunk up; at once only where it starts before the partner times out.
    await first.start();
    await isSelected("eth1", "eth2");
    expect(await first.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
  });

  test.each(["ring", "pcap"])("records a run over a %s link that plays the same", async (link) => {
    const file = join(folder, "recording");
    const first = await start(configuration("PE1"), "--record", file, "--link", link);
    await isSelected("eth1", "eth2");
    await ipIn(far, "link", "set", "dev", "eth2", "down");
    await vi.waitFor(async () => expect(await port("eth2")).toMatchObject({ status: "Unselect" }), { timeout: 5_000 });
    await ipIn(far, "link", "set", "dev", "eth2", "up");
    await isSelected("eth1", "eth2");
    await first.stop();
    // Fails unless the same events come out; they are printed.
    expect(await run(process.execPath, [REPLAY, file])).toMatch(/"event":"port-state","trunk":1,"port":"eth2"/);
  });
});
