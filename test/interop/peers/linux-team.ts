import { type End, stateText } from "../../support/frames.js";
import type { Lab } from "../../support/lab.js";
import type { LacpPeer, PeerMode, PeerPort } from "./lacp-peer.js";
import { LinuxGuest } from "./linux-guest.js";

/** teamd of libteam: LACP in user space over the team driver, in a guest of its own. Its keys are 0. */
export class LinuxTeam implements LacpPeer {
  readonly kind = "teamd";
  readonly seesCarrier = false;
  readonly #guest: LinuxGuest;
  readonly #interfaces: readonly string[];

  private constructor(guest: LinuxGuest, interfaces: readonly string[]) {
    this.#guest = guest;
    this.#interfaces = interfaces;
  }

  static async start(lab: Lab, namespace: string, interfaces: readonly string[], mode: PeerMode): Promise<LinuxTeam> {
    const guest = await LinuxGuest.boot(lab, namespace, interfaces);
    await guest.command("module team_mode_loadbalance && ip link set dev lo up && mkdir /run/teamd");
    const team = new LinuxTeam(guest, interfaces);
    await team.#begin(mode);
    return team;
  }

  async configure(mode: PeerMode): Promise<void> {
    // Neither can be changed while teamd runs.
    await this.#guest.command("teamd -k -t team0");
    await this.#begin(mode);
  }

  async ports(): Promise<PeerPort[]> {
    const ports = parseTeamState(await this.report());
    return ports.map((port, n) => ({ ...port, name: this.#interfaces[n] ?? port.name }));
  }

  report(): Promise<string> {
    return this.#guest.command("teamdctl -U team0 state dump");
  }

  async stop(): Promise<void> {
    await this.#guest.stop();
  }

  async #begin({ active, fast }: PeerMode): Promise<void> {
    const settings = {
      device: "team0",
      runner: { name: "lacp", active, fast_rate: fast, tx_hash: ["eth", "ipv4"] },
      link_watch: { name: "ethtool" },
      ports: Object.fromEntries([...this.#interfaces.keys()].map((n) => [`s${n}`, {}])),
    };
    await this.#guest.command(`echo '${JSON.stringify(settings)}' >/run/team.json && teamd -U -d -f /run/team.json`);
    await this.#guest.command("ip link set dev team0 up");
  }
}

interface TeamEnd {
  readonly system_priority: number;
  readonly system: string;
  readonly key: number;
  readonly port_priority: number;
  readonly port: number;
  readonly state: number;
}

interface TeamPort {
  readonly runner: {
    readonly selected: boolean;
    readonly state: string;
    readonly actor_lacpdu_info: TeamEnd;
    readonly partner_lacpdu_info: TeamEnd;
  };
}

/** Reads `teamdctl state dump`. A selected port carries traffic while its partner is heard and in sync. */
function parseTeamState(text: string): PeerPort[] {
  const { ports } = JSON.parse(text) as { ports: { [name: string]: TeamPort } };
  return Object.entries(ports).map(([name, { runner }]) => {
    const partner = endOf(runner.partner_lacpdu_info);
    return {
      name,
      carrying: runner.selected && runner.state === "current" && partner.state[3] === "1",
      attached: runner.selected,
      actor: endOf(runner.actor_lacpdu_info),
      partner,
    };
  });
}

const endOf = (end: TeamEnd): End => ({
  systemPriority: end.system_priority,
  system: end.system,
  key: end.key,
  portPriority: end.port_priority,
  port: end.port,
  state: stateText(end.state),
});
