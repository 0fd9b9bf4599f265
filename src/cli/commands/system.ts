import type { AlarmView, PastAlarmView, ReloadView, VersionView } from "../../daemon/questions.js";
import { columns, localTime, rule, wrap } from "../layout.js";
import { display, excerpt } from "./row.js";

const LEVELS = ["Critical", "Major", "Minor", "Warning"];

const alarmRow = columns(0, 11, 22, 28, 39);

/** `display alarm { active | history }`. */
function displayAlarms(alarms: readonly AlarmView[]): string {
  return [
    LEVELS.map((level, n) => `${n + 1}:${level}`).join("  "),
    rule(),
    alarmRow("Sequence", "AlarmId", "Level", "Date Time", "Description"),
    rule(),
    ...alarms.flatMap(alarmRows),
    rule(),
    "",
  ].join("\n");
}

const continued = columns(28, 39);

/** Rows of an alarm: its text is wrapped at 80 characters, its time stands under the date. */
function alarmRows(alarm: AlarmView): string[] {
  const { date, time } = localTime(alarm.since);
  const level = LEVELS.indexOf(alarm.level);
  const [first = "", second = "", ...more] = wrap(alarm.text, 80 - 39);
  return [
    alarmRow(alarm.sequence, alarm.id, level < 0 ? alarm.level : level + 1, date, first),
    continued(time, second),
    ...more.map((text) => continued("", text)),
  ];
}

/** `display alarm { active | history } verbose`. */
function displayAlarmsVerbose(alarms: readonly (AlarmView | PastAlarmView)[]): string {
  return alarms
    .map((alarm) => {
      const cleared = "cleared" in alarm ? alarm.cleared : undefined;
      const end = cleared === undefined ? "" : `  EndTime: ${dateAndTime(cleared)}`;
      return [
        `Sequence: ${alarm.sequence}`,
        `AlarmId: ${alarm.id}  AlarmName: ${alarm.name}`,
        `AlarmType: communication  Severity: ${alarm.level}  State: ${cleared === undefined ? "active" : "cleared"}`,
        `RootKindFlag: Independent  StartTime: ${dateAndTime(alarm.since)}${end}`,
        `Description: ${alarm.text}`,
        "",
      ].join("\n");
    })
    .join("\n");
}

function dateAndTime(at: string): string {
  const { date, time } = localTime(at);
  return `${date} ${time}`;
}

/** `display version`. */
function displayVersion(version: VersionView): string {
  const minutes = Math.floor(version.uptime / 60);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24];
  return [
    `etrunkd ${version.version}`,
    `Node.js ${version.node}, Linux ${version.kernel}`,
    `Forwarding: ${version.forwarding}${version.forwardingReason === null ? "" : ` (${version.forwardingReason})`}`,
    `Link: ${version.link}`,
    `${version.sysname} uptime is ${days} days, ${hours} hours, ${minutes % 60} minutes`,
    "",
  ].join("\n");
}

/** `display configuration reload result`. */
function displayReload({ time, outcome, changed, problems }: ReloadView): string {
  if (time === null) return "The configuration file has not been read again since the start.\n";
  const { date, time: clock } = localTime(time);
  return [
    `Time: ${date} ${clock}`,
    `Outcome: ${outcome}`,
    ...list("Changed", changed),
    ...list("Problem", problems),
    "",
  ].join("\n");
}

const list = (head: string, lines: readonly string[]): string[] => lines.map((line) => `${head}: ${line}`);

export const systemRows = [
  display("display alarm active [ verbose ]", {
    help: "Alarms that stand",
    words: { verbose: "All fields of each alarm" },
    ask: () => ["alarms", {}],
    show: ({ alarms }, { words }) => (words.includes("verbose") ? displayAlarmsVerbose : displayAlarms)(alarms),
  }),
  display("display alarm history [ verbose ]", {
    help: "Alarms that are over, the latest first",
    words: { verbose: "All fields of each alarm" },
    ask: () => ["alarm-history", {}],
    show: ({ alarms }, { words }) => (words.includes("verbose") ? displayAlarmsVerbose : displayAlarms)(alarms),
  }),
  display("display version", {
    help: "Versions, uptime and backends",
    ask: () => ["version", {}],
    show: displayVersion,
  }),
  display("display configuration reload result", {
    help: "What came of the last read of the configuration file",
    words: { configuration: "The configuration file", reload: "Its last read", result: "What came of it" },
    ask: () => ["reload-result", {}],
    show: displayReload,
  }),
  excerpt("display current-configuration", {
    help: "The running configuration",
    ask: () => ["current-configuration", {}],
    document: ({ model }) => model,
    show: (_model, _match, { lines }) => `${lines.join("\n")}\n`,
  }),
];
