import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { linkAddon } from "../../src/linux/native/link.js";
import { netlinkAddon } from "../../src/linux/native/netlink.js";
import { Daemon, inside, Lab, monotonic, run } from "../lab.js";
import { spread } from "../spread.js";

const TRUNKS = 200;
const SUB_INTERFACES = 500;
const CUTS = 20;
/** Milliseconds from the signal of a reload to the cut: it may fall on any moment of the reload. */
const EARLIEST_CUT = 5;
const LATEST_CUT = 85;
const PATIENCE_MS = 30_000;

/** Each trunk has one member. */
const trunks = (description: string): string[] =>
  Array.from({ length: TRUNKS }, (_, at) => [
    ...[`interface Eth-Trunk${at + 1}`, ` description ${at === TRUNKS - 1 ? description : "none"}`, "#"],
    ...[`interface v${at}`, ` eth-trunk ${at + 1}`, "#"],
  ]).flat();

const subInterfaces = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => [
    `interface Eth-Trunk1.${at + 1}`,
    ` vlan-type dot1q ${at + 1}`,
    "#",
  ]).flat();

const text = (...lines: readonly string[]): string => [...lines, "return", ""].join("\n");

async function wires(lab: Lab, near: string, far: string): Promise<void> {
  const batch = async (namespace: string, lines: readonly string[]): Promise<void> => {
    const file = join(lab.folder, `wires-${namespace}`);
    writeFileSync(file, lines.join("\n"));
    await run("ip", ["-n", namespace, "-batch", file]);
  };
  const all = Array.from({ length: TRUNKS }, (_, at) => at);
  await batch(
    near,
    all.flatMap((at) => [
      `link add name v${at} index ${1_000 + at} type veth peer name v${at} index ${2_000 + at} netns ${far}`,
      `link set dev v${at} up`,
    ]),
  );
  await batch(
    far,
    all.map((at) => `link set dev v${at} up`),
  );
}

/** The far ends of the trunks' only links, and what the daemon says of the trunks. */
class Links {
  readonly #netlink;
  readonly #events: { readonly trunk: number; readonly mono: number; readonly to: string }[] = [];

  constructor(far: string) {
    const netlink = inside(far, () => netlinkAddon().netlinkOpen());
    if (typeof netlink === "number") throw new Error(`netlink: errno ${-netlink}`);
    this.#netlink = netlink;
  }

  watch(daemon: Daemon): Promise<void> {
    return daemon.monitor(["trunk-state"], (line) => {
      this.#events.push(line as unknown as { trunk: number; to: string; mono: number });
    });
  }

  /**
   * Sets one; returns the milliseconds until the daemon had decided by it. They count from the end of the call that sets it, which
   * waits for the lock of network configuration, and the daemon's own changes hold that now and then.
   */
  async set(at: number, up: boolean): Promise<number> {
    const earlier = this.#events.length;
    const result = linkAddon().linkSet(this.#netlink, `v${at}`, { up });
    if (result < 0) throw new Error(`link: errno ${-result}`);
    const begin = monotonic();
    const patience = begin + PATIENCE_MS * 1_000;
    const decision = () =>
      this.#events.slice(earlier).find(({ trunk, to }) => trunk === at + 1 && to === (up ? "up" : "down"));
    while (decision() === undefined) {
      if (monotonic() > patience) throw new Error(`the daemon does not follow the link of Eth-Trunk${at + 1}`);
      await pause(5);
    }
    return Math.max(0, ((decision()?.mono ?? 0) - begin) / 1_000);
  }

  close(): void {
    netlinkAddon().netlinkClose(this.#netlink);
  }
}

/**
 * Cuts a link some time after each change of the configuration; milliseconds until each cut is decided. It is another link each
 * time, since a daemon tells but 30 changes of a trunk in a minute.
 */
async function cuts(links: Links, change: (round: number) => void): Promise<number[]> {
  const delays: number[] = [];
  for (let round = 0; round < CUTS; round++) {
    change(round);
    await pause(EARLIEST_CUT + Math.random() * (LATEST_CUT - EARLIEST_CUT));
    delays.push(await links.set(round, false));
    await links.set(round, true);
    // Nothing of this round may reach into the next.
    await pause(500);
  }
  return delays;
}

/** Milliseconds from a cut to the decision, in a host of 200 trunks: at rest, in reloads, and while sub-interfaces come. */
export async function reload() {
  const lab = new Lab();
  let daemon: Daemon | undefined;
  let links: Links | undefined;
  try {
    const [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
    await wires(lab, near, far);
    const started = await Daemon.start({
      ...{ namespace: near, folder: join(lab.folder, "daemon"), flags: ["--log-level", "error"] },
      configuration: text(...trunks("first")),
    });
    daemon = started;
    links = new Links(far);
    await links.watch(started);
    const atRest = await cuts(links, () => {});
    const reloads = await cuts(links, (round) => started.configure(text(...trunks(`round ${round}`))));
    const coming = await cuts(links, (round) =>
      started.configure(text(...trunks("sub"), ...subInterfaces(round % 2 === 0 ? SUB_INTERFACES : 1))),
    );
    const { loopDelay } = await started.ask<"version">({ ask: "version" });
    return {
      ...{ trunks: TRUNKS, subInterfaces: SUB_INTERFACES, cuts: CUTS },
      ...{ atRest: spread(atRest), reloads: spread(reloads), subInterfacesComeAndGo: spread(coming), loopDelay },
    };
  } finally {
    links?.close();
    await daemon?.stop();
    await lab.close();
  }
}
