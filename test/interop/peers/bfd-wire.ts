import { type Lab, run } from "../../support/lab.js";
import { allowIpv6, ipIn, makeVeth } from "../../support/namespace.js";

/** Addresses of one path, ours first. */
export interface BfdPath {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  /** Single-hop over `v0`. */
  readonly interface?: string;
}

export const SINGLE_HOP_IPV4: BfdPath = { name: "single4", ours: "10.8.0.1", theirs: "10.8.0.2", interface: "v0" };
export const SINGLE_HOP_IPV6: BfdPath = { name: "single6", ours: "fd08::1", theirs: "fd08::2", interface: "v0" };
const MULTIHOP_IPV4: BfdPath = { name: "multi4", ours: "10.81.0.1", theirs: "10.82.0.1" };
export const MULTIHOP_IPV6: BfdPath = { name: "multi6", ours: "fd81::1", theirs: "fd82::1" };
export const PATHS = [SINGLE_HOP_IPV4, SINGLE_HOP_IPV6, MULTIHOP_IPV4, MULTIHOP_IPV6] as const;

/** Two namespaces with a direct link `v0` and a way over a router, both with IPv4 and IPv6. */
export class BfdWire {
  readonly ours: string;
  readonly theirs: string;

  private constructor(ours: string, theirs: string) {
    this.ours = ours;
    this.theirs = theirs;
  }

  static async create(lab: Lab): Promise<BfdWire> {
    const [ours, theirs, router] = [await lab.namespace("a"), await lab.namespace("b"), await lab.namespace("r")];
    for (const namespace of [ours, theirs, router]) {
      await allowIpv6(namespace);
      await ipIn(namespace, "link", "set", "lo", "up");
    }
    await set(router, "net/ipv4/ip_forward", 1);
    await set(router, "net/ipv6/conf/all/forwarding", 1);
    await makeVeth({ namespace: ours, name: "v0", index: 101 }, { namespace: theirs, name: "v0", index: 201 });
    await makeVeth({ namespace: ours, name: "v1", index: 102 }, { namespace: router, name: "ra", index: 301 });
    await makeVeth({ namespace: theirs, name: "v1", index: 202 }, { namespace: router, name: "rb", index: 302 });
    for (const [namespace, host, far] of [
      [ours, 1, "ra"],
      [theirs, 2, "rb"],
    ] as const) {
      await address(namespace, "v0", `10.8.0.${host}/24`, `fd08::${host}/64`);
      await address(namespace, "v1", `10.8${host}.0.1/24`, `fd8${host}::1/64`);
      await address(router, far, `10.8${host}.0.254/24`, `fd8${host}::254/64`);
      await ipIn(namespace, "route", "add", "default", "via", `10.8${host}.0.254`);
      await ipIn(namespace, "-6", "route", "add", "default", "via", `fd8${host}::254`);
    }
    return new BfdWire(ours, theirs);
  }

  /** What one end sends to a path's address no longer arrives; nobody is told. */
  async silence(hearing: "ours" | "theirs", path: BfdPath): Promise<void> {
    const family = path.ours.includes(":") ? "ip6" : "ip";
    const rule = `${family} saddr ${hearing === "ours" ? path.theirs : path.ours} udp dport { 3784, 4784 } drop`;
    await this.#nft(hearing, `table inet cut { chain c { type filter hook input priority 0; ${rule}; }; }`);
  }

  async heal(hearing: "ours" | "theirs"): Promise<void> {
    await this.#nft(hearing, "delete table inet cut");
  }

  async #nft(end: "ours" | "theirs", rules: string): Promise<void> {
    await run("ip", ["netns", "exec", this[end], "nft", rules]);
  }
}

async function set(namespace: string, name: string, value: number): Promise<void> {
  await run("ip", ["netns", "exec", namespace, "sh", "-c", `echo ${value} >/proc/sys/${name}`]);
}

async function address(namespace: string, device: string, ipv4: string, ipv6: string): Promise<void> {
  await ipIn(namespace, "address", "add", ipv4, "dev", device);
  await ipIn(namespace, "address", "add", ipv6, "dev", device, "nodad");
}
