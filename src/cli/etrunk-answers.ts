import type { BfdFilter, EtrunkCommand } from "../config/etrunk-operational.js";
import type { BfdSessionView, EtrunkView, MoveView } from "../daemon/questions.js";
import { type Answer, type Asking, answer, numbered } from "./answer.js";
import { type Daemon, Refused } from "./client.js";
import { displayBfdSessions, displayBfdSessionsVerbose, displayBfdStatistics } from "./displays/bfd.js";
import {
  displayEtrunk,
  displayEtrunkBfd,
  displayEtrunkBrief,
  displayEtrunkPackets,
  displayEtrunks,
  displayMoves,
} from "./displays/e-trunk.js";
import { displaySessionCars } from "./displays/session-car.js";
import { displayWhy } from "./displays/why.js";

const done: Answer = { document: null, text: () => "" };

/** Asks the daemon what a command about E-Trunks or BFD asks. Throws as Daemon.ask does. */
export async function etrunkAnswerTo(command: EtrunkCommand, daemon: Daemon, asking: Asking): Promise<Answer> {
  const all = async (): Promise<readonly EtrunkView[]> => {
    const data = await daemon.ask<"e-trunk">({ ask: "e-trunk" }, asking);
    return "etrunks" in data ? data.etrunks : [data];
  };
  switch (command.command) {
    case "display-e-trunk": {
      const data = await daemon.ask<"e-trunk">({ ask: "e-trunk", ...numbered(command.id) }, asking);
      return answer(data, () => ("etrunks" in data ? displayEtrunks(data.etrunks) : displayEtrunk(data)));
    }
    case "display-e-trunk-brief":
      return answer({ etrunks: await all() }, ({ etrunks }) => displayEtrunkBrief(etrunks));
    case "display-e-trunk-bfd": {
      const etrunks = (await all()).filter(({ dynamicBfd }) => dynamicBfd !== null);
      return answer({ etrunks }, () => displayEtrunkBfd(etrunks));
    }
    case "display-e-trunk-packets": {
      const request = { ask: "e-trunk-packets", ...numbered(command.id) } as const;
      return answer(await daemon.ask<"e-trunk-packets">(request, asking), displayEtrunkPackets);
    }
    case "display-e-trunk-moves": {
      const data = await daemon.ask<"e-trunk">({ ask: "e-trunk", id: command.id }, asking);
      const moves = movesOf("etrunks" in data ? data.etrunks[0]! : data, command.interface);
      return answer({ id: command.id, interface: command.interface ?? null, moves }, () => displayMoves(moves));
    }
    case "display-bfd-session": {
      const data = await daemon.ask<"bfd-sessions">({ ask: "bfd-sessions" }, asking);
      const sessions = filtered(data.sessions, command.filter);
      return answer({ sessions }, () => (command.verbose ? displayBfdSessionsVerbose : displayBfdSessions)(sessions));
    }
    case "display-bfd-statistics":
      return answer(await daemon.ask<"bfd-sessions">({ ask: "bfd-sessions" }, asking), displayBfdStatistics);
    case "display-session-car": {
      const request = { ask: "session-car", protocol: command.protocol } as const;
      return answer(await daemon.ask<"session-car">(request, asking), ({ sessions }) => displaySessionCars(sessions));
    }
    case "why-e-trunk":
      return answer(await daemon.ask<"why-e-trunk">({ ask: "why-e-trunk", id: command.id }, asking), displayWhy);
    case "reset-e-trunk-statistics":
      await daemon.ask<"reset-e-trunk-statistics">(
        { ask: "reset-e-trunk-statistics", ...numbered(command.id) },
        asking,
      );
      return done;
    case "reset-bfd-statistics": {
      const { discriminator } = command;
      const which = discriminator === undefined ? {} : { discriminator };
      await daemon.ask<"reset-bfd-statistics">({ ask: "reset-bfd-statistics", ...which }, asking);
      return done;
    }
    case "reset-session-car":
      await daemon.ask<"reset-session-car">({ ask: "reset-session-car", protocol: command.protocol }, asking);
      return done;
  }
}

/** The moves of the device, or of a member. */
function movesOf(etrunk: EtrunkView, name: string | undefined): readonly MoveView[] {
  if (name === undefined) return etrunk.history;
  const member = etrunk.members.find(({ type, id }) => `${type}${id}` === name);
  if (member === undefined) throw new Refused(`${name} is no member of E-Trunk ${etrunk.id}`);
  return member.history;
}

function filtered(sessions: readonly BfdSessionView[], filter: BfdFilter): readonly BfdSessionView[] {
  switch (filter.by) {
    case "all":
      return sessions;
    case "type":
      return sessions.filter(({ type }) => type === filter.type);
    case "peer":
      return sessions.filter(({ peerAddress }) => peerAddress === filter.address);
    case "discriminator": {
      const found = sessions.filter(({ localDiscriminator }) => localDiscriminator === filter.discriminator);
      if (found.length > 0) return found;
      throw new Refused(`There is no BFD session with the local discriminator ${filter.discriminator}`);
    }
  }
}
