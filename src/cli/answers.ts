import type { OperationalCommand } from "../config/operational.js";
import { type Answer, type Asking, answer, numbered } from "./answer.js";
import type { Daemon } from "./client.js";
import {
  displayEthTrunk,
  displayEthTrunkBrief,
  displayEthTrunks,
  displayTrunkMembership,
} from "./displays/eth-trunk.js";
import { displayLacpBrief, displayLacpStatistics } from "./displays/lacp.js";
import { displayFlush, displayFlushInterfaces } from "./displays/smart-link.js";
import { displayAlarms, displayAlarmsVerbose, displayVersion } from "./displays/system.js";
import { etrunkAnswerTo } from "./etrunk-answers.js";
import { networkAnswerTo } from "./network-answers.js";

/** Asks the daemon what the command asks. Throws as Daemon.ask does. */
export async function answerTo(command: OperationalCommand, daemon: Daemon, asking: Asking = {}): Promise<Answer> {
  switch (command.command) {
    case "display-eth-trunk": {
      const data = await daemon.ask<"eth-trunk">({ ask: "eth-trunk", ...numbered(command.id) }, asking);
      return answer(data, () => ("trunks" in data ? displayEthTrunks(data.trunks) : displayEthTrunk(data)));
    }
    case "display-eth-trunk-brief": {
      const data = await daemon.ask<"eth-trunk">({ ask: "eth-trunk" }, asking);
      return answer(data, () => displayEthTrunkBrief("trunks" in data ? data.trunks : [data]));
    }
    case "display-trunkmembership": {
      const data = await daemon.ask<"eth-trunk">({ ask: "eth-trunk", id: command.id }, asking);
      return answer(data, () => ("trunks" in data ? data.trunks : [data]).map(displayTrunkMembership).join("\n"));
    }
    case "display-lacp-statistics": {
      const data = await daemon.ask<"lacp-statistics">({ ask: "lacp-statistics", ...numbered(command.id) }, asking);
      return answer(data, () => displayLacpStatistics("trunks" in data ? data.trunks : [data]));
    }
    case "display-lacp-brief":
      return answer(await daemon.ask<"lacp-brief">({ ask: "lacp-brief" }, asking), displayLacpBrief);
    case "display-smart-link-flush": {
      const data = await daemon.ask<"smart-link-flush">({ ask: "smart-link-flush" }, asking);
      return answer(data, ({ interfaces }) =>
        command.interfaces ? displayFlushInterfaces(interfaces) : displayFlush(interfaces),
      );
    }
    case "reset-smart-link-flush":
      return answer(await daemon.ask<"reset-smart-link-flush">({ ask: "reset-smart-link-flush" }, asking), () => "");
    case "protect-switch": {
      const request = { ask: "protect-switch", id: command.id } as const;
      return answer(await daemon.ask<"protect-switch">(request, asking), () => "");
    }
    case "display-alarm-active": {
      const data = await daemon.ask<"alarms">({ ask: "alarms" }, asking);
      return answer(data, ({ alarms }) => (command.verbose ? displayAlarmsVerbose(alarms) : displayAlarms(alarms)));
    }
    case "display-version":
      return answer(await daemon.ask<"version">({ ask: "version" }, asking), displayVersion);
    case "display-current-configuration": {
      const { text, model } = await daemon.ask<"current-configuration">({ ask: "current-configuration" }, asking);
      return answer(model, () => (text.endsWith("\n") ? text : `${text}\n`));
    }
    case "reset-lacp-statistics": {
      const { id, interface: member } = command;
      const request = {
        ask: "reset-lacp-statistics",
        ...numbered(id),
        ...(member ? { interface: member } : {}),
      } as const;
      return answer(await daemon.ask<"reset-lacp-statistics">(request, asking), () => "");
    }
    case "display-interface":
    case "display-interface-brief":
    case "display-ip-interface-brief":
    case "display-ipv6-interface-brief":
    case "display-vlan":
      return networkAnswerTo(command, daemon, asking);
    default:
      return etrunkAnswerTo(command, daemon, asking);
  }
}
