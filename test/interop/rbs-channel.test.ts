// The channel of the remote backup service between two daemons: real TCP, cuts, kills, and what is captured of it.
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { RbsServiceView } from "../../src/daemon/questions.js";
import { ADDRESSES, CE_LINK, EtrunkLab, type Pe } from "../support/etrunk-lab.js";
import { ended, isRoot, isRunning, Lab, spawnIn, stop } from "../support/lab.js";
import { ipIn } from "../support/namespace.js";
import { COMPLAINTS, DISSECTOR, tshark } from "../support/tshark.js";

const PATIENCE = { timeout: 45_000, interval: 200 };
const PES: readonly Pe[] = ["PE1", "PE2"];
const PORT = 1025;

/** Profiles that only fill OPEN, so that it needs more than one segment. */
const FILLERS = Array.from({ length: 60 }, (_, n) => 100 + n).flatMap((id) => [
  `remote-backup-profile z${id}`,
  ` backup-id ${id} remote-backup-service service1`,
]);

/** `own`: further lines of the profile of Eth-Trunk10. */
function parts(pe: Pe, own: readonly string[] = ["service-type arp", "backup-id 10 remote-backup-service service1"]) {
  const [peer] = PES.filter((each) => each !== pe);
  return {
    system: [
      "remote-backup-service service1",
      ` peer ${ADDRESSES[peer as Pe]} source ${ADDRESSES[pe]} port ${PORT}`,
      "remote-backup-profile profile1",
      ...own.map((line) => ` ${line}`),
      " e-trunk 1 eth-trunk 10",
      ...FILLERS,
    ],
    trunk: ["remote-backup-profile profile1"],
  };
}

describe.runIf(isRoot)("the remote backup service of two daemons", () => {
  let lab: Lab;
  let pair: EtrunkLab;
  let capture: ReturnType<typeof spawnIn>;
  let file: string;

  beforeAll(async () => {
    lab = new Lab();
    pair = await EtrunkLab.start(lab);
    const [near] = pair.control.namespaces;
    // Segments as a network would have them, not what the kernel joins.
    for (const namespace of pair.control.namespaces)
      await ipIn(namespace, "link", "set", "ctl", "mtu", "576", "gso_max_segs", "1");
    file = join(lab.folder, "channel.pcap");
    const words = ["tcpdump", "-U", "-Z", "root", "-w", file, "-i", "ctl", "tcp", "port", `${PORT}`];
    capture = spawnIn(near, words, { stdio: ["ignore", "ignore", "pipe"] });
    await vi.waitUntil(() => capture.stderr?.read()?.toString().includes("listening"), PATIENCE);
    for (const pe of PES) pair.configure(pe, parts(pe));
  });
  afterAll(async () => {
    if (capture !== undefined && isRunning(capture)) await stop(capture);
    await pair?.stop();
    await lab.close();
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(pair.logs);
  });

  const service = async (pe: Pe): Promise<RbsServiceView> => {
    const { stdout } = await pair.pe[pe].control("--json", "display", "remote-backup-service");
    const [first] = (JSON.parse(stdout) as { services: RbsServiceView[] }).services;
    if (first === undefined) throw new Error("no service");
    return first;
  };
  const states = () => Promise.all(PES.map(async (pe) => (await service(pe)).tcpState));
  const connected = () => vi.waitFor(async () => expect(await states()).toEqual(["connected", "connected"]), PATIENCE);
  const noAlarms = () =>
    vi.waitFor(async () => {
      for (const pe of PES) expect(await pair.pe[pe].alarms()).toEqual([]);
    }, PATIENCE);

  test("comes up, and shows what the guide shows", async () => {
    await connected();
    const { stdout } = await pair.pe.PE1.control("display", "remote-backup-service", "service1");
    const rule = "-".repeat(58);
    expect(stdout.replace(/: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, ": DATE")).toBe(
      `${rule}
 Service-Index    : 1
 Service-Name     : service1
 TCP-State        : connected
 Peer-ip          : ${ADDRESSES.PE2}
 Source-ip        : ${ADDRESSES.PE1}
 TCP-Port         : ${PORT}
 Track-BFD        : --
 SSL-Policy-Name  : --
 SSL-State        : --
 Last up time     : DATE
${rule}
`,
    );
    const profile = await pair.pe.PE2.control("display", "remote-backup-profile", "profile1");
    expect(profile.stdout).toBe(` -----------------------------------------------
 Profile-Index        : 0x1000
 Profile-Name         : profile1
 Service              : arp
 Remote-backup-service: service1
 Backup-ID            : 10
 track protocol       : E-TRUNK
     E-Trunk  ID      : 1
     Eth-trunk ID     : 10
 Interface            :
                        Eth-Trunk10
 Backup mode          : hot
 Slot-Number          : --
 Card-Number          : --
 Port-Number          : --
`);
    const verbose = async (pe: Pe) =>
      (await pair.pe[pe].control("display", "remote-backup-profile", "profile1", "verbose")).stdout;
    await vi.waitFor(async () => {
      expect(await verbose("PE1")).toMatch(/ State +: Master\n +Peer State +: Slave\n/);
      expect(await verbose("PE2")).toMatch(/ State +: Slave\n +Peer State +: Master\n/);
    }, PATIENCE);
    await noAlarms();
  });

  test("a takeover is told over it", async () => {
    const monitor = await pair.pe.PE1.monitor("profile-state");
    await pair.ceWire.PE1.disconnect(CE_LINK.PE1);
    await vi.waitFor(() => {
      const told = monitor.lines().slice(1) as unknown as { local: string; peer: string }[];
      expect(told.at(-1)).toMatchObject({ local: "slave", peer: "master" });
    }, PATIENCE);
    await pair.ceWire.PE1.connect(CE_LINK.PE1);
    await vi.waitFor(() => {
      const told = monitor.lines().slice(1) as unknown as { local: string; peer: string }[];
      expect(told.at(-1)).toMatchObject({ local: "master", peer: "slave" });
    }, PATIENCE);
    await monitor.stop();
  });

  test("what is captured is read by tshark and by etrunkctl alike, over the borders of segments", async () => {
    const field = "etrunkd.rbs.type";
    await vi.waitFor(
      () =>
        expect(
          tshark(file, [field], DISSECTOR)
            .map((line) => line[field])
            .join(),
        ).toMatch(/3/),
      PATIENCE,
    );
    const lines = tshark(file, ["tcp.len", field, "etrunkd.rbs.backup_id", ...COMPLAINTS], DISSECTOR);
    expect(lines.every((line) => line["_ws.malformed"] === "")).toBe(true);
    expect(lines.filter((line) => line["_ws.expert.message"].includes("etrunkd"))).toEqual([]);
    // No segment holds an OPEN, and two of them were read.
    expect(Math.max(...lines.map((line) => Number(line["tcp.len"])))).toBeLessThan(540);
    const types = lines.flatMap((line) => line[field].split(",")).filter((type) => type !== "");
    expect(types.filter((type) => type === "1").length).toBeGreaterThanOrEqual(2);
    const decoded = await pair.pe.PE1.control("--json", "--decode", file);
    expect(decoded).toMatchObject({ code: 0, stderr: "" });
    const { frames } = JSON.parse(decoded.stdout) as {
      frames: { fault: unknown; rbs: { messages: { type: string }[] } | null }[];
    };
    expect(frames.filter(({ fault }) => fault !== null)).toEqual([]);
    const names = frames.flatMap(({ rbs }) => rbs?.messages.map(({ type }) => type) ?? []);
    const NAMES: { [type: string]: string } = { 1: "OPEN", 2: "KEEPALIVE", 3: "PROFILE-STATE", 7: "ACK", 10: "CLOSE" };
    expect(names.slice(0, types.length)).toEqual(types.map((type) => NAMES[type] ?? type));
  });

  test("comes back after its peer is killed", async () => {
    pair.pe.PE2.signal("SIGKILL");
    await pair.pe.PE2.ended();
    await vi.waitFor(async () => expect((await service("PE1")).tcpState).toBe("listening"), PATIENCE);
    expect((await service("PE1")).lastDownReason).toMatch(/^the (peer|connection)/);
    await pair.pe.PE2.start();
    await connected();
    await noAlarms();
  });

  test("survives a path that is silent for some seconds", async () => {
    const before = (await service("PE1")).lastUp;
    await pair.control.silence("ctl");
    // Both PEs miss hellos for longer than their fail time.
    await vi.waitFor(async () => expect((await pair.pe.PE2.etrunk()).members[0]?.state).toBe("Master"), PATIENCE);
    await pair.control.connect("ctl");
    await vi.waitFor(async () => expect((await pair.pe.PE2.etrunk()).members[0]?.state).toBe("Backup"), PATIENCE);
    await connected();
    expect((await service("PE1")).lastUp).toBe(before);
  });

  test("a difference of the two configurations is named by both, and gone when it is mended", async () => {
    pair.configure(
      "PE2",
      parts("PE2", ["service-type arp", "service-type nd", "backup-id 10 remote-backup-service service1"]),
    );
    const text = (which: string) =>
      `Remote backup service service1, backup-id 10: service-type nd is configured ${which}.`;
    await vi.waitFor(async () => {
      expect(await pair.pe.PE1.alarms()).toEqual([text("at the peer and not here")]);
      expect(await pair.pe.PE2.alarms()).toEqual([text("here and not at the peer")]);
    }, PATIENCE);
    pair.configure("PE2", parts("PE2"));
    await noAlarms();
  });

  test("strangers are refused, and the channel does not notice", async () => {
    const before = await service("PE1");
    const [, far] = pair.control.namespaces;
    await ipIn(far, "address", "add", "10.9.0.66/24", "dev", "ctl");
    const script = `let n = 0;
      const timer = setInterval(() => {
        if (++n > 100) return clearInterval(timer);
        const socket = require("node:net").connect({ host: "${ADDRESSES.PE1}", port: ${PORT}, localAddress: "10.9.0.66" });
        socket.on("error", () => {});
      }, 10);`;
    await ended(spawnIn(far, [process.execPath, "-e", script], { stdio: "ignore" }));
    await vi.waitFor(async () => expect((await service("PE1")).strangers).toBe(100), PATIENCE);
    const after = await service("PE1");
    expect(after).toMatchObject({ tcpState: "connected", lastUp: before.lastUp, lastStranger: "10.9.0.66" });
  });

  test.for([
    ["version 2", "5242 02 01 00000022 0000000000000001", "wrong version of a message"],
    ["a message cut short", "5242 01 07 00000012 0000000000000001 0000", "message 1: wrong body"],
  ])(
    "the peer's address with %s is closed with a reason, and the channel does not notice",
    async ([, octets, reason]) => {
      const before = await service("PE1");
      const [, far] = pair.control.namespaces;
      const script = `const socket = require("node:net").connect({ host: "${ADDRESSES.PE1}", port: ${PORT}, localAddress: "${ADDRESSES.PE2}" });
      socket.on("data", (octets) => process.stdout.write(octets.toString("latin1")));
      socket.on("error", () => {});
      socket.write(Buffer.from("${octets?.replaceAll(" ", "")}", "hex"));`;
      const stranger = spawnIn(far, [process.execPath, "-e", script], { stdio: ["ignore", "pipe", "ignore"] });
      let heard = "";
      stranger.stdout?.on("data", (part: Buffer) => {
        heard += part.toString("latin1");
      });
      await ended(stranger);
      expect(heard).toContain(reason);
      expect(await service("PE1")).toMatchObject({ tcpState: "connected", lastUp: before.lastUp });
    },
  );

  test("shutdown closes it with a reason", async () => {
    const { system, trunk } = parts("PE2");
    pair.configure("PE2", { system: system.toSpliced(2, 0, " shutdown"), trunk });
    await vi.waitFor(async () => {
      expect((await service("PE1")).lastDownReason).toBe("closed by the peer, shut down: shutdown is configured");
    }, PATIENCE);
    pair.configure("PE2", parts("PE2"));
    await connected();
  });
});
