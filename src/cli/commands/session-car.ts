import { DEFAULT_CAR } from "../../config/features/etrunk/system-rows.js";
import { integer } from "../../config/language/parameters.js";
import type { SessionCarView } from "../../daemon/questions.js";
import { columns, printAddress, rule } from "../layout.js";
import { action, display } from "./row.js";

const identity = columns(0, 49);
const rates = columns(0, 44);
const types = columns(0, 52);

const FIELDS = ["cir", "cbs", "pir", "pbs"] as const;
type Field = (typeof FIELDS)[number];

const unitOf = (field: Field): string => (field.endsWith("ir") ? "kbps" : "bytes");

/** `display cpu-defend whitelist session-car e-trunk-ipv4 statistics` and its like. */
function displaySessionCars(sessions: readonly SessionCarView[]): string {
  return [...sessions.flatMap(oneSession), rule(79), ""].join("\n");
}

function oneSession(car: SessionCarView, n: number): string[] {
  const first = (label: string, value: string | number): string => `${label.padEnd(13)}: ${value}`;
  const second = (label: string, value: string | number): string => `${label.padEnd(17)}: ${value}`;
  const amount = (field: Field): string => `${String(car[field]).padEnd(10)}${unitOf(field)}`;
  const type = (field: Field): string =>
    `${field.toUpperCase()} Configuration Type: ${car[field] === DEFAULT_CAR[field] ? "APP-default" : "User-defined"}`;
  return [
    rule(79),
    `Num.${n + 1}`,
    identity(first("protocol", car.protocol), second("VSID", 0)),
    identity(
      first("source-IP", printAddress(car.sourceAddress)),
      second("destination-IP", printAddress(car.destinationAddress)),
    ),
    identity(first("source-port", car.port), second("destination-port", car.port)),
    first("G-Packets", car.green),
    first("Y-Packets", car.yellow),
    first("R-Packets", car.red),
    "Configuration information:",
    ...FIELDS.map((field) =>
      rates(
        `Configured ${field.toUpperCase()} : ${amount(field)}`,
        `Actual ${field.toUpperCase()} in NP : ${amount(field)}`,
      ),
    ),
    "Fixed-packet-length   : -",
    types(type("cir"), type("cbs")),
    types(type("pir"), type("pbs")),
  ];
}

const CAR = "Sessions that are policed";

/** IPv6 has a whitelist of its own. */
export const sessionCarRows = (["e-trunk-ipv4", "e-trunk-ipv6"] as const).flatMap((protocol) => {
  const whitelist = protocol === "e-trunk-ipv4" ? "whitelist" : "whitelist-v6";
  const words = {
    "cpu-defend": CAR,
    [whitelist]: CAR,
    "session-car": CAR,
    [protocol]: "Sessions of E-Trunks",
    slot: "Slot; it makes no difference",
  };
  return [
    display(`display cpu-defend ${whitelist} session-car ${protocol} statistics [ slot <slot> ]`, {
      help: "Rates and counters of policed sessions",
      words: { ...words, statistics: "Rates and counters" },
      parameters: { slot: { type: integer(0, 255), help: "Slot; it makes no difference" } },
      ask: () => ["session-car", { protocol }],
      show: ({ sessions }) => displaySessionCars(sessions),
    }),
    action(`reset cpu-defend ${whitelist} session-car ${protocol} statistics`, {
      help: "Clear the counters of policed sessions",
      words: { ...words, statistics: "Counters" },
      ask: () => ["reset-session-car", { protocol }],
    }),
  ];
});
