import { z } from "zod";
import { integer } from "./language/parameters.js";
import { flag, type Setting, setting } from "./language/setting.js";

/** Rates in kbit/s, bursts in octets; what differs from the defaults. */
export interface CarSettings {
  readonly cir?: number;
  readonly cbs?: number;
  readonly pir?: number;
  readonly pbs?: number;
}

/** Defaults of E-Trunk sessions. */
export const ETRUNK_CAR = { cir: 128, cbs: 25_600, pir: 1_500, pbs: 187_500 } as const;

const rate = integer(0, 1_000_000);
const burst = integer(0, 9_000_000);
const FIELDS = ["cir", "cbs", "pir", "pbs"] as const;

const help = (what: string, unit: string, value: number) => `${what} in ${unit}, the default value is ${value}`;
const PARAMETERS = {
  cir: { type: rate, help: help("Committed rate", "kbit/s", ETRUNK_CAR.cir) },
  cbs: { type: burst, help: help("Committed burst", "octets", ETRUNK_CAR.cbs) },
  pir: { type: rate, help: help("Peak rate", "kbit/s", ETRUNK_CAR.pir) },
  pbs: { type: burst, help: help("Peak burst", "octets", ETRUNK_CAR.pbs) },
};
const WORDS = { cir: "Committed rate", cbs: "Committed burst", pir: "Peak rate", pbs: "Peak burst" };

const RISKS =
  "If the parameters of Session-CAR in the whitelist are too large or too small, the neighbor relationship may be disconnected or flap. You are advised to use the default values.";
const PREEMPTS = "Without Session-CAR packets of different sessions may preempt each other's bandwidth.";

function withoutDefaults(car: CarSettings): CarSettings {
  const kept = FIELDS.flatMap((field) =>
    car[field] === undefined || car[field] === ETRUNK_CAR[field] ? [] : [[field, car[field]] as const],
  );
  return Object.fromEntries(kept);
}

/** `whitelist session-car <session> ...`: parameters are set one by one, those that are not named stay. */
export const carParameters = (session: string): Setting<CarSettings> =>
  setting<CarSettings>(`whitelist session-car ${session} { cir <cir> | cbs <cbs> | pir <pir> | pbs <pbs> } *`, {
    help: "Rates at which the packets of one session are taken",
    words: WORDS,
    parameters: PARAMETERS,
    undo: `undo whitelist session-car ${session} [ cir [ <cir> ] | cbs [ <cbs> ] | pir [ <pir> ] | pbs [ <pbs> ] ] *`,
    schema: z
      .strictObject(
        {
          cir: z.exactOptional(rate.schema),
          cbs: z.exactOptional(burst.schema),
          pir: z.exactOptional(rate.schema),
          pbs: z.exactOptional(burst.schema),
        },
        "{ cir, cbs, pir, pbs }",
      )
      .overwrite(withoutDefaults),
    read: ({ values }, old) => withoutDefaults({ ...old, ...values }),
    remove({ words }, old) {
      const named = FIELDS.filter((field) => words.includes(field));
      const left = Object.entries(old ?? {}).filter(
        ([field]) => named.length > 0 && !named.some((gone) => gone === field),
      );
      return left.length === 0 ? undefined : Object.fromEntries(left);
    },
    warns: () => RISKS,
    print(car) {
      const fields = FIELDS.flatMap((field) => (car[field] === undefined ? [] : [`${field} ${car[field]}`]));
      return fields.length === 0 ? [] : [`whitelist session-car ${session} ${fields.join(" ")}`];
    },
  });

export const carDisable = (session: string) =>
  flag(`whitelist session-car ${session} disable`, {
    help: "Take the packets of a session at any rate",
    warns: (disabled) => (disabled ? PREEMPTS : undefined),
  });
