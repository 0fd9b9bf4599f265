/** What people see of the toy protocol: a line of configuration, and a display. */
import { CommandLine } from "../../../src/cli/command-line.js";
import { COMMANDS, WORDS } from "../../../src/cli/commands/commands.js";
import { rowsAsking } from "../../../src/cli/commands/row.js";
import type { Feature } from "../../../src/config/feature.js";
import { FEATURES } from "../../../src/config/features.js";
import { Grammar } from "../../../src/config/grammar.js";
import { integer } from "../../../src/config/language/parameters.js";
import { desiredOf, type RecordOf } from "../../../src/config/language/setting.js";
import { number } from "../../../src/config/language/setting-kinds.js";
import { seconds } from "../../../src/core/base/time.js";
import { QUESTIONS, type RowsOf } from "../../../src/daemon/questions.js";
import type { PulseQuestions } from "./pulse-part.js";

const rows = {
  pulseInterval: number("pulse interval <interval>", integer(1, 10), {
    help: "Time between pulses",
    unit: "seconds",
    default: 2,
    desired: (interval) => ({ interval: seconds(interval) }),
  }),
};

const feature: Feature<RecordOf<typeof rows>> = {
  rows: { system: rows },
  words: { pulse: "Pulses" },
  desired: (model) => ({ pulse: desiredOf(rows, model) }),
};

export const grammar = new Grammar([...FEATURES, feature]);

const question: RowsOf<PulseQuestions> = { pulses: {} };
export const questions = { ...QUESTIONS, ...question };

const command = rowsAsking<PulseQuestions>().display("display pulse", {
  help: "Pulses of neighbours",
  ask: () => ["pulses", {}],
  show: ({ interfaces }) => interfaces.map(({ name, received }) => `${name}: ${received} pulses\n`).join(""),
});

export const commands = new CommandLine([...COMMANDS, command], WORDS);
