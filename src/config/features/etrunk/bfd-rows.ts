import { z } from "zod";
import { interfaceName } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { flag, numbers } from "../../language/setting-kinds.js";
import {
  DEFAULT_INTERVAL,
  DEFAULT_MULTIPLIER,
  interval,
  multiplier,
  sessionName,
  warnsOfFloor,
} from "../bfd/parameters.js";

/** `e-trunk bfd enable`. */
interface DynamicBfd {
  readonly trackInterface?: string;
}

/** The E-Trunk makes a BFD session to its peer. */
export const eTrunkBfdEnable = setting<DynamicBfd>("e-trunk bfd enable [ track interface <if> ]", {
  help: "Make a BFD session to the peer by itself",
  words: { track: "The session goes down with an interface", interface: "Interface to track" },
  parameters: { if: { type: interfaceName, help: "Physical interface or Eth-Trunk" } },
  schema: z.strictObject({ trackInterface: z.exactOptional(interfaceName.schema) }, "{ trackInterface }"),
  clears: ["eTrunkBfd", "eTrunkBfdAuthenticationDisable"],
  read: ({ values }) => (values.if === undefined ? {} : { trackInterface: values.if as string }),
  print: ({ trackInterface }) => [
    `e-trunk bfd enable${trackInterface === undefined ? "" : ` track interface ${trackInterface}`}`,
  ],
});

/** Parameters of that session. */
export const eTrunkBfd = numbers(
  "e-trunk bfd",
  {
    minTxInterval: {
      keyword: "min-tx-interval",
      type: interval,
      help: "Interval of sending",
      unit: "milliseconds",
      default: DEFAULT_INTERVAL,
    },
    minRxInterval: {
      keyword: "min-rx-interval",
      type: interval,
      help: "Interval of receiving",
      unit: "milliseconds",
      default: DEFAULT_INTERVAL,
    },
    detectMultiplier: {
      keyword: "detect-multiplier",
      type: multiplier,
      help: "Detection multiplier",
      default: DEFAULT_MULTIPLIER,
    },
  },
  {
    help: "Parameters of the BFD session the E-Trunk makes by itself",
    warns: ({ minTxInterval, minRxInterval }) => warnsOfFloor(minTxInterval) ?? warnsOfFloor(minRxInterval),
  },
);

/** For a peer of an older version, whose packets are not signed. */
export const eTrunkBfdAuthenticationDisable = flag("e-trunk bfd authentication disable", {
  help: "Do not sign the BFD session the E-Trunk makes by itself, for a peer that cannot",
  warns: () => "Without authentication whoever forges one packet can take the BFD session down.",
});

/** A BFD session of the configuration watches the peer. */
export const eTrunkTrackBfdSessionSessionName = setting<string>("e-trunk track bfd-session session-name <name>", {
  help: "Take the peer for failed when a BFD session goes down",
  parameters: { name: { type: sessionName, help: "Name of the BFD session" } },
  undo: "undo e-trunk track bfd-session [ session-name [ <name> ] ]",
  schema: sessionName.schema,
  excludes: ["eTrunkBfdEnable"],
  read: ({ values }) => values.name as string,
  print: (name) => [`e-trunk track bfd-session session-name ${name}`],
});
