import { join } from "node:path";
import { addAddresses, link, TrunkEnd, type TrunkPair } from "./forwarding.js";
import type { Lab } from "./lab.js";
import { ipIn } from "./namespace.js";

const DEVICE = "eth-trunk1.10";

let hosts = 0;

/**
 * Two hosts that send frames tagged with VLAN 10, on a kernel without 802.1Q; each has a trunk of its own for that.
 * They reach each other over a pair of trunks, which are in bridges from then on.
 */
export class TaggedHosts {
  /** Namespaces of the hosts; their addresses are 10.9.10.1 and .2, fd09:10::1 and ::2. */
  readonly namespaces: readonly [near: string, far: string];
  readonly #ends: readonly TrunkEnd[];

  private constructor(ends: readonly [TrunkEnd, TrunkEnd]) {
    this.#ends = ends;
    this.namespaces = [ends[0].namespace, ends[1].namespace];
  }

  static async join(lab: Lab, pair: TrunkPair): Promise<TaggedHosts> {
    return new TaggedHosts([await host(lab, pair.near, 1), await host(lab, pair.far, 2)]);
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) await end.stop();
  }
}

async function host(lab: Lab, behind: TrunkEnd, number: number): Promise<TrunkEnd> {
  const namespace = await lab.namespace(`h${hosts++}`);
  await link(namespace, behind.namespace, "h", 301, 401);
  await ipIn(behind.namespace, "link", "add", "br0", "type", "bridge");
  for (const port of ["h", "eth-trunk1"]) await ipIn(behind.namespace, "link", "set", "dev", port, "master", "br0");
  await ipIn(behind.namespace, "link", "set", "dev", "br0", "up");
  const record = join(lab.folder, `${namespace}.json`);
  const end = new TrunkEnd(namespace, [301], { backend: "ebpf", record, deviceMac: 0x02_00_00_00_0b_00 + number });
  await end.tell([1], { subInterfaces: [{ vlan: 10, device: DEVICE }] });
  await end.call("commit");
  if (end.problems.length > 0) throw new Error(`refused: ${JSON.stringify(end.problems)}`);
  await addAddresses(namespace, DEVICE, [`10.9.10.${number}/24`, `fd09:10::${number}/64`]);
  return end;
}
