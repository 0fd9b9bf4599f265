import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isInstalled, isRoot, Lab } from "../support/lab.js";
import { LinuxGuest } from "./peers/linux-guest.js";

const PROGRAM = fileURLToPath(new URL("../support/tables-process.js", import.meta.url));
const VLANS = [10, 20, 30, 40, 50, 60];
const PORTS = ["p1", "p2", "p3"];
/** These are emptied one by one, of so many in one sweep. */
const FEW = [10, 20];
const MANY = [10, 20, 30, 40, 50];
const ELSEWHERE = Array.from({ length: 60 }, (_, n) => 101 + n);
/** Carried by the first two ports besides. */
const EMPTY = "101-160";
const NOT_CARRIED = Array.from({ length: 60 }, (_, n) => 201 + n);

const WORDS = { dynamic: "dynamic", static: "static", extern_learn: "dynamic extern_learn" } as const;
const KINDS = ["dynamic", "static", "extern_learn"] as const;

/** What was learned on each port in each VLAN, beside it a static and an externally learned entry. */
const ENTRIES = PORTS.flatMap((port, n) =>
  VLANS.flatMap((vlan) => KINDS.map((kind, k) => ({ port, vlan, kind, mac: `02:00:00:0${n}:${vlan}:0${k}` }))),
);

// Debian has user-mode-linux for PCs only.
describe.runIf(isRoot && isInstalled("linux.uml"))("the tables of a bridge that filters VLANs", () => {
  let lab: Lab;
  let guest: LinuxGuest;

  beforeAll(async () => {
    lab = new Lab();
    guest = await LinuxGuest.boot(lab, await lab.namespace("g"), [], { megabytes: 256 });
    await guest.command("module bridge");
    await guest.command("ip link add br0 type bridge vlan_filtering 1 && ip link set br0 up");
    for (const port of PORTS) {
      await guest.command(`ip link add ${port} type veth peer name q${port} && ip link set q${port} up`);
      await guest.command(`ip link set ${port} master br0 up`);
      for (const vlan of VLANS) await guest.command(`bridge vlan add dev ${port} vid ${vlan}`);
      if (port !== "p3") await guest.command(`bridge vlan add dev ${port} vid ${EMPTY}`);
    }
  });
  afterAll(async () => {
    await guest.stop();
    await lab.close();
  });

  beforeEach(async () => {
    for (const port of PORTS) {
      const own = ENTRIES.filter((entry) => entry.port === port);
      const lines = own.map(
        ({ mac, vlan, kind }) => `bridge fdb replace ${mac} dev ${port} master ${WORDS[kind]} vlan ${vlan}`,
      );
      await guest.command(lines.join(" && "));
    }
  });

  const flush = async (ports: readonly string[], vlans: readonly number[] | "all"): Promise<void> => {
    const words = `${ports.join(",")} ${vlans === "all" ? vlans : vlans.join(",")}`;
    const said = await guest.command(`${process.execPath} ${PROGRAM} br0 ${words}`);
    expect(said.split("\n").filter((line) => line.startsWith("{"))).toEqual(['{"emptied":true}']);
  };
  const gone = async (): Promise<string[]> => {
    const text = await guest.command("bridge fdb show br br0");
    return ENTRIES.filter(({ mac }) => !text.includes(mac)).map(({ port, vlan, kind }) => `${port} ${vlan} ${kind}`);
  };
  const learned = (ports: readonly string[], vlans: readonly number[]): string[] =>
    ports.flatMap((port) => vlans.map((vlan) => `${port} ${vlan} dynamic`));

  test("lose nothing before they are emptied", async () => {
    expect(await gone()).toEqual([]);
  });

  test("lose what was learned in a VLAN, on the ports that are named", async () => {
    await flush(["p1", "p2"], FEW);
    expect(await gone()).toEqual(learned(["p1", "p2"], FEW));
  });

  test("lose the same of many VLANs, which are swept", async () => {
    await flush(["p1", "p2"], [...MANY, ...ELSEWHERE]);
    expect(await gone()).toEqual(learned(["p1", "p2"], MANY));
  });

  test("lose the same of many VLANs of which a port carries few", async () => {
    await flush(["p3"], [...MANY, ...NOT_CARRIED]);
    expect(await gone()).toEqual(learned(["p3"], MANY));
  });

  test("lose everything learned on a port of which each VLAN is named", async () => {
    await flush(["p3"], [1, ...VLANS, ...NOT_CARRIED]);
    expect(await gone()).toEqual(learned(["p3"], VLANS));
  });

  test("lose what was learned in every VLAN when all are meant", async () => {
    await flush(["p2", "p3"], "all");
    expect(await gone()).toEqual(learned(["p2", "p3"], VLANS));
  });

  test("lose nothing in VLANs that are not there", async () => {
    await flush(PORTS, ELSEWHERE);
    await flush(PORTS, [11]);
    expect(await gone()).toEqual([]);
  });
});
