import { describe, expect, test } from "vitest";
import { NO_MAC } from "../../src/core/base/address.js";
import type { Desired } from "../../src/core/contract/desired/desired.js";
import type { DesiredInterface } from "../../src/core/contract/desired/trunk.js";
import type { LinkState } from "../../src/core/contract/host.js";
import { MemberLinks } from "../../src/daemon/interfaces/member-links.js";

const link = (index: number, name: string, present = true): LinkState => ({
  index,
  name,
  present,
  up: present,
  carrier: present,
  mac: NO_MAC,
  mtu: 1500,
  speed: 0,
});

const member = { trunk: 1, active: true, priority: 32768, weight: 1, forceUp: false };
const face = (name: string, device: string | undefined, isMember = true): DesiredInterface => ({
  name,
  device,
  shutdown: false,
  description: undefined,
  speed: undefined,
  member: isMember ? member : undefined,
});
const desired = (...interfaces: DesiredInterface[]): Desired => ({
  deviceMac: NO_MAC,
  lacpPriority: 32768,
  interfaces,
  trunks: [],
});

function follow() {
  const told: string[] = [];
  const links = new MemberLinks((members) => told.push(members.map(({ index, name }) => `${name}#${index}`).join(" ")));
  return { links, told };
}

describe("the links under the members", () => {
  test("are told once when the configuration is applied to links that are there", () => {
    const { links, told } = follow();
    for (const each of [link(1, "lo"), link(7, "eth1"), link(8, "eth2"), link(9, "eth3")]) links.linkChanged(each);
    links.configure(desired(face("GE0/1/1", "eth1"), face("eth2", "eth2"), face("eth3", "eth3", false)));
    links.configure(desired(face("GE0/1/1", "eth1"), face("eth2", "eth2"), face("GE0/1/9", undefined)));
    expect(told).toEqual(["eth1#7 eth2#8"]);
  });

  test("follow one that comes late, and one that is renamed", () => {
    const { links, told } = follow();
    links.configure(desired(face("eth1", "eth1")));
    links.linkChanged(link(7, "eth9"));
    links.linkChanged(link(7, "eth1"));
    links.linkChanged(link(7, "eth8"));
    expect(told).toEqual(["eth1#7", ""]);
  });

  test("follow one made anew under another index", () => {
    const { links, told } = follow();
    links.configure(desired(face("eth1", "eth1")));
    links.linkChanged(link(7, "eth1"));
    links.linkChanged(link(7, "eth1", false));
    links.linkChanged(link(12, "eth1"));
    expect(told).toEqual(["eth1#7", "", "eth1#12"]);
  });

  test("are told gone and there again when one is made anew under the same index", () => {
    const { links, told } = follow();
    links.configure(desired(face("eth1", "eth1")));
    links.linkChanged(link(7, "eth1"));
    links.linkChanged(link(7, "eth1", false));
    links.linkChanged(link(7, "eth1"));
    expect(told).toEqual(["eth1#7", "", "eth1#7"]);
  });

  test("are not told anew when only a carrier changes", () => {
    const { links, told } = follow();
    links.configure(desired(face("eth1", "eth1")));
    links.linkChanged(link(7, "eth1"));
    links.linkChanged({ ...link(7, "eth1"), carrier: false });
    expect(told).toHaveLength(1);
  });
});
