import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BackendName, ForwardingProcess, ipIn, type Lab, makeVeth, runIn } from "../lab.js";
import { OpenVswitch } from "../open-vswitch.js";

/** What carries frames from `pa` to `m1` and `m2` and back. */
export type PathKind = "bare veth" | "bridge" | "ebpf" | "nftables" | "open vswitch";

/** MAC addresses of stations beyond the far end and the near end. */
export const FAR_STATION = "02:bb:00:00:00:09";
export const NEAR_STATION = "02:aa:00:00:00:01";

/** A path in three namespaces: a0 - pa [path] m1, m2 - c1, c2. The bare veth is a0 - c1, and the bridge has only m1. */
export class Path {
  readonly kind: PathKind;
  readonly near: string;
  readonly far: string;
  readonly #middle: string;
  readonly #folder: string;
  readonly #forwarding: ForwardingProcess[] = [];
  #switch: OpenVswitch | undefined;

  private constructor(kind: PathKind, near: string, middle: string, far: string, folder: string) {
    this.kind = kind;
    this.near = near;
    this.#middle = middle;
    this.far = far;
    this.#folder = folder;
  }

  static async make(lab: Lab, kind: PathKind, number: number): Promise<Path> {
    const [near, middle, far] = [
      await lab.namespace(`a${number}`),
      await lab.namespace(`p${number}`),
      await lab.namespace(`c${number}`),
    ];
    const folder = join(lab.folder, `path${number}`);
    mkdirSync(folder);
    const path = new Path(kind, near, middle, far, folder);
    await path.#build();
    return path;
  }

  /** Interfaces that frames arrive on at the far end. */
  get farPorts(): readonly string[] {
    return this.kind === "bare veth" || this.kind === "bridge" ? ["c1"] : ["c1", "c2"];
  }

  /** Processes that forward frames besides the kernel. */
  get forwarders(): readonly number[] {
    return this.#switch?.pids ?? [];
  }

  async #build(): Promise<void> {
    const { near, far } = this;
    const middle = this.#middle;
    if (this.kind === "bare veth") {
      await makeVeth({ namespace: near, name: "a0", index: 11 }, { namespace: far, name: "c1", index: 12 });
      return;
    }
    await makeVeth({ namespace: near, name: "a0", index: 11 }, { namespace: middle, name: "pa", index: 12 });
    for (const [at, name] of this.farPorts.entries()) {
      const port = { namespace: middle, name: `m${at + 1}`, index: 21 + at };
      await makeVeth(port, { namespace: far, name, index: 31 + at });
    }
    if (this.kind === "open vswitch")
      this.#switch = await OpenVswitch.start(middle, join(this.#folder, "ovs"), ["m1", "m2"]);
    else if (this.kind === "bridge") await this.#bridge("m1");
    else {
      await this.#trunk(this.#middle, ["m1", "m2"], this.kind);
      await this.#bridge("eth-trunk1");
    }
  }

  /** Makes a bridge that knows the stations, so it floods nothing. */
  async #bridge(uplink: string): Promise<void> {
    const ip = (...words: string[]) => ipIn(this.#middle, "link", ...words);
    await ip("add", "br0", "type", "bridge", "mcast_snooping", "0");
    await ip("set", "dev", "br0", "up");
    for (const port of ["pa", uplink]) await ip("set", "dev", port, "master", "br0");
    for (const [station, port] of [
      [FAR_STATION, uplink],
      [NEAR_STATION, "pa"],
    ] as const)
      await runIn(this.#middle, ["bridge", "fdb", "add", station, "dev", port, "master", "static"]);
  }

  async #trunk(namespace: string, ports: readonly string[], backend: BackendName): Promise<void> {
    const record = join(this.#folder, `${namespace}.json`);
    // The trunks of two hosts must not have one address.
    const deviceMac = namespace === this.far ? 0x02_00_00_00_0a_02 : 0x02_00_00_00_0a_01;
    const forwarding = new ForwardingProcess(namespace, { backend, record, deviceMac });
    this.#forwarding.push(forwarding);
    const indexes = [];
    for (const port of ports) {
      const [{ ifindex }] = JSON.parse(await ipIn(namespace, "-j", "link", "show", "dev", port));
      indexes.push(ifindex as number);
    }
    await forwarding.call("create", { trunk: 1, hash: "flow" });
    for (const index of indexes) {
      await forwarding.call("attach", 1, index);
      await forwarding.call("setCollecting", 1, index, true);
    }
    const shares = indexes.map((index) => ({ index, weight: 1 }));
    await forwarding.call("setDistribution", 1, shares);
    await forwarding.call("setCarrier", 1, true);
    await forwarding.call("commit");
    if (forwarding.problems.length > 0) throw new Error(JSON.stringify(forwarding.problems));
  }

  /** Gives both ends an address, and the far end an eBPF trunk where there are two links; returns the far address. */
  async addAddresses(): Promise<string> {
    const farDevice = this.farPorts.length > 1 ? "eth-trunk1" : "c1";
    if (this.farPorts.length > 1) await this.#trunk(this.far, this.farPorts, "ebpf");
    await ipIn(this.near, "addr", "add", "10.8.0.1/24", "dev", "a0");
    await ipIn(this.far, "addr", "add", "10.8.0.2/24", "dev", farDevice);
    // Open vSwitch in user space accepts neither large segments nor open checksums.
    if (this.kind === "open vswitch")
      for (const [namespace, device] of [
        [this.near, "a0"],
        [this.far, farDevice],
      ] as const)
        await runIn(namespace, ["ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off"]);
    await runIn(this.near, ["ping", "-c", "3", "-i", "0.2", "-W", "2", "10.8.0.2"]);
    return "10.8.0.2";
  }

  /** Frames that arrived so far. */
  async received(where: "near" | "far"): Promise<number> {
    const links = JSON.parse(await ipIn(this[where], "-j", "-s", "link", "show"));
    const ports = where === "near" ? ["a0"] : this.farPorts;
    const counted = links.filter(({ ifname }: { ifname: string }) => ports.includes(ifname));
    return counted.reduce((sum: number, { stats64 }: { stats64: Stats }) => sum + stats64.rx.packets, 0);
  }

  async close(): Promise<void> {
    for (const forwarding of this.#forwarding) await forwarding.stop();
    await this.#switch?.stop();
  }
}

interface Stats {
  readonly rx: { readonly packets: number };
}
