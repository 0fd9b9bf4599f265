import type { HostChange } from "../../contract/input.js";
import type { Condition } from "../alarm.js";
import type { Part } from "../part.js";
import { configurationConditions } from "./alarms.js";

/** Whether what runs is what stands in the configuration file. */
export class ConfigurationPart implements Part<never> {
  /** Why the file was refused when it was read last. */
  #refused: string | undefined;

  hostChanged(change: HostChange): void {
    if (change.kind === "refused" && change.what === "configuration") this.#refused = change.text;
  }

  alarms(): Iterable<Condition> {
    return configurationConditions(this.#refused);
  }
}
