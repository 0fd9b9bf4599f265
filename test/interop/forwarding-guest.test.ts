import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ipv4, type Packet } from "../support/ip-frames.js";
import { isInstalled, isRoot, Lab } from "../support/lab.js";
import { LinuxGuest } from "./peers/linux-guest.js";

const PROGRAM = fileURLToPath(new URL("../support/forwarding-process.js", import.meta.url));
const MEMBERS = [101, 102];
const FLOWS: readonly Packet[] = Array.from({ length: 24 }, (_, flow) => ({
  source: 0x0101 + flow,
  destination: 0x0201,
  ports: [20_000 + flow, 80],
}));
const TEN = { vlan: 10, device: "eth-trunk1.10" };

/** What an engine tells at its start. */
const TRUNK: readonly unknown[][] = [
  ["create", { trunk: 1, hash: "flow", subInterfaces: [TEN] }],
  ...MEMBERS.flatMap((member) => [
    ["attach", 1, member],
    ["setCollecting", 1, member, true],
  ]),
  ["setDistribution", 1, MEMBERS.map((index) => ({ index, weight: 1 }))],
  ["setCarrier", 1, true],
  ["commit"],
  ["carrier", "eth-trunk1"],
  ["carrier", TEN.device],
];

// Debian has user-mode-linux for PCs only.
describe.runIf(isRoot && isInstalled("linux.uml"))(
  "the data plane on another kernel, without a compiler for eBPF",
  () => {
    let lab: Lab;
    let guest: LinuxGuest;

    beforeAll(async () => {
      lab = new Lab();
      guest = await LinuxGuest.boot(lab, await lab.namespace("g"), [], { megabytes: 512 });
      await guest.command("module cls_bpf");
      for (const [at, index] of MEMBERS.entries()) {
        await guest.command(`ip link add m${at + 1} index ${index} type veth peer name c${at + 1}`);
        await guest.command(`ip link set m${at + 1} up; ip link set c${at + 1} up`);
      }
    });

    afterAll(async () => {
      await guest.stop();
      await lab.close();
    });

    /** Answers of a data plane in the guest to calls, by number; what it could not do is an error. */
    const answers = async (calls: readonly (readonly unknown[])[]): Promise<unknown[]> => {
      const file = join(lab.folder, "calls");
      writeFileSync(file, calls.map((call, id) => `${JSON.stringify([id, ...call])}\n`).join(""));
      const said = await guest.command(`${process.execPath} ${PROGRAM} /run/record ebpf 1 <${file}`);
      const lines = said.split("\n").filter((line) => line.startsWith("{"));
      return lines.map((line) => {
        const { result, error, failed } = JSON.parse(line);
        if (error ?? failed) throw new Error(line);
        return result;
      });
    };

    test("spreads frames, takes them in, and pushes and pops tags", async () => {
      const frame = ipv4(FLOWS[0] as Packet);
      const tagged = ipv4({ ...(FLOWS[0] as Packet), vlans: [TEN.vlan] });
      const said = await answers([
        ...TRUNK,
        ["paths", 1, MEMBERS, FLOWS.map(ipv4)],
        ["listen", 3],
        ["transmit", TEN.device, frame],
        ["transmit", "c1", tagged],
        ["transmit", "c1", frame],
        ["counters", 1],
        ["leave"],
      ]);
      const [paths, , , , , counters] = said.slice(TRUNK.length);
      expect(new Set(paths as number[])).toEqual(new Set(MEMBERS));
      expect(counters).toMatchObject({ framesReceived: 2, framesSent: FLOWS.length + 1, framesDropped: 0 });
      expect(await guest.command("ip -br link show type veth")).not.toMatch(/et1|eth-trunk1/);
    });

    test("goes on under a process that follows a killed one", async () => {
      await answers(TRUNK);
      const said = await answers([...TRUNK, ["paths", 1, MEMBERS, FLOWS.map(ipv4)], ["leave"]]);
      expect(new Set(said[TRUNK.length] as number[])).toEqual(new Set(MEMBERS));
      expect(await guest.command("ip -br link show type veth")).not.toMatch(/et1|eth-trunk1|PROMISC/);
    });
  },
);
