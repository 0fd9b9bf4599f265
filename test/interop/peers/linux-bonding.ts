import { type End, stateText } from "../../support/frames.js";
import type { Lab } from "../../support/lab.js";
import type { LacpPeer, PeerMode, PeerPort } from "./lacp-peer.js";
import { type GuestOptions, LinuxGuest } from "./linux-guest.js";

export interface BondingOptions extends GuestOptions {
  /** An interface that is bridged with the bond. */
  readonly host?: string;
}

/** The Linux bonding driver in mode 802.3ad, in a guest of its own. */
export class LinuxBonding implements LacpPeer {
  readonly kind = "Linux bonding";
  readonly seesCarrier = false;
  readonly #guest: LinuxGuest;
  readonly #interfaces: readonly string[];

  private constructor(guest: LinuxGuest, interfaces: readonly string[]) {
    this.#guest = guest;
    this.#interfaces = interfaces;
  }

  static async start(
    lab: Lab,
    namespace: string,
    interfaces: readonly string[],
    mode: PeerMode,
    { host, ...options }: BondingOptions = {},
  ): Promise<LinuxBonding> {
    const guest = await LinuxGuest.boot(
      lab,
      namespace,
      host === undefined ? interfaces : [...interfaces, host],
      options,
    );
    await guest.command("module bonding mode=802.3ad miimon=50 max_bonds=1 xmit_hash_policy=encap3+4");
    const bonding = new LinuxBonding(guest, interfaces);
    await bonding.configure(mode);
    if (host !== undefined) {
      await guest.command("module bridge && ip link add br0 type bridge mcast_snooping 0 && ip link set br0 up");
      for (const port of ["bond0", `s${interfaces.length}`]) await guest.command(`ip link set ${port} master br0 up`);
    }
    return bonding;
  }

  /** Types a line into the shell of its guest; what it prints. */
  command(line: string): Promise<string> {
    return this.#guest.command(line);
  }

  /** Takes the carrier of one of its ports away, or gives it back, as only the guest sees it. */
  async carrier(port: string, on: boolean): Promise<void> {
    await this.#guest.command(`ip link set dev w${this.#interfaces.indexOf(port)} ${on ? "up" : "down"}`);
  }

  /** Another mode, or other ports of those it has. */
  async configure({ active, fast }: PeerMode, interfaces = this.#interfaces): Promise<void> {
    const ports = [...this.#interfaces.keys()].map((n) => `s${n}`);
    const used = ports.filter((_, n) => interfaces.includes(this.#interfaces[n] ?? ""));
    // A port that is released forgets its partner; and neither option can be changed while the bond is up.
    await this.#guest.command("ip link set bond0 down");
    for (const port of ports) await this.#guest.command(`ip link set ${port} nomaster`);
    const options = `lacp_active ${active ? "on" : "off"} lacp_rate ${fast ? "fast" : "slow"}`;
    await this.#guest.command(`ip link set bond0 type bond ${options}`);
    for (const port of used) await this.#guest.command(`ip link set ${port} master bond0`);
    await this.#guest.command("ip link set bond0 up");
  }

  async ports(): Promise<PeerPort[]> {
    const ports = parseBonding(await this.#guest.command("cat /proc/net/bonding/bond0"));
    return ports.map((port) => ({ ...port, name: this.#interfaces[Number(port.name.slice(1))] ?? port.name }));
  }

  report(): Promise<string> {
    return this.#guest.command("cat /proc/net/bonding/bond0");
  }

  async stop(): Promise<void> {
    await this.#guest.stop();
  }
}

/** Reads /proc/net/bonding/bond0. A port carries traffic when it collects and distributes in the active aggregator. */
function parseBonding(text: string): PeerPort[] {
  const [bond = "", ...members] = text.split(/^Slave Interface: /m);
  const active = /Aggregator ID: (\d+)/.exec(bond)?.[1];
  return members.map((section) => {
    const actor = parseEnd(section, "actor");
    const attached = active !== undefined && /Aggregator ID: (\d+)/.exec(section)?.[1] === active;
    const up = /MII Status: up/.test(section);
    return {
      name: section.slice(0, section.indexOf("\n")),
      carrying: attached && up && actor.state.slice(4, 6) === "11",
      attached,
      actor,
      partner: parseEnd(section, "partner"),
    };
  });
}

function parseEnd(section: string, who: "actor" | "partner"): End {
  const block = section.slice(section.indexOf(`details ${who} lacp pdu`));
  const field = (name: string): string => new RegExp(`${name}: (.*)`).exec(block)?.[1] ?? "";
  return {
    systemPriority: Number(field("system priority")),
    system: field("system mac address"),
    key: Number(field("(?:port|oper) key")),
    portPriority: Number(field("port priority")),
    port: Number(field("port number")),
    state: stateText(Number(field("port state"))),
  };
}
