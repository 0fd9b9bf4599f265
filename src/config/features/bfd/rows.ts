import { millis, seconds } from "../../../core/base/time.js";
import { groupAddress, integer, restOfLine } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { flag, kept, keptText, number, text } from "../../language/setting-kinds.js";
import { authenticationMode } from "./authentication-row.js";
import { bind } from "./binding.js";
import { DEFAULT_INTERVAL, DEFAULT_MULTIPLIER, interval, multiplier, warnsOfFloor } from "./parameters.js";

const tosExp = integer(0, 7);

/** View of BFD as a whole. */
export const bfdRows = {
  defaultIpAddress: text("default-ip-address <group>", groupAddress(107, 250), {
    help: "Group address of sessions without a peer address",
    default: "224.0.0.184",
  }),
  delayUp: number("delay-up <delay>", integer(1, 600), {
    help: "Delay before sessions may come up",
    unit: "seconds",
    kept: true,
  }),
  tosExp: number("tos-exp <priority>", tosExp, { help: "Priority of BFD packets", default: 7 }),
};

const CHANGES = "A discriminator cannot be changed. Undo the session first.";

const discriminator = <Wish = unknown>(
  which: "local" | "remote",
  most: number,
  help: string,
  desired: (value: number | undefined) => Wish,
) =>
  setting<number, number | undefined, Wish>(`discriminator ${which} <value>`, {
    help,
    words: { [which]: help },
    parameters: { value: { type: integer(1, most), help } },
    schema: integer(1, most).schema,
    read: ({ values }) => values.value as number,
    refuses: (value, old) => (old === undefined || old === value ? undefined : CHANGES),
    print: (value) => [`discriminator ${which} ${value}`],
    desired,
  });

const intervalRow = <Wish>(syntax: string, help: string, desired: (milliseconds: number) => Wish) =>
  number(syntax, interval, {
    help,
    unit: "milliseconds",
    default: DEFAULT_INTERVAL,
    warns: warnsOfFloor,
    desired,
  });

/** View of one BFD session. */
export const sessionRows = {
  bind,
  discriminatorLocal: discriminator("local", 16_384, "Discriminator of this device", (value) => ({
    localDiscriminator: value,
  })),
  discriminatorRemote: discriminator("remote", 4_294_967_295, "Discriminator of the peer", (value) => ({
    remoteDiscriminator: value,
  })),
  authenticationMode,
  description: text("description <text>", restOfLine(1, 51), {
    help: "Description of the session",
    desired: (description) => ({ description }),
  }),
  detectMultiplier: number("detect-multiplier <multiplier>", multiplier, {
    help: "Detection multiplier",
    default: DEFAULT_MULTIPLIER,
    desired: (multiplier) => ({ multiplier }),
  }),
  minRxInterval: intervalRow("min-rx-interval <interval>", "Least interval at which packets are received", (least) => ({
    minRx: millis(least),
  })),
  minTxInterval: intervalRow("min-tx-interval <interval>", "Least interval at which packets are sent", (least) => ({
    minTx: millis(least),
  })),
  processInterfaceStatus: keptText("process-interface-status", "Kept without effect"),
  processPst: kept("process-pst", "Kept without effect"),
  shutdown: flag("shutdown", { help: "Take the session down (AdminDown)", desired: (shutdown) => ({ shutdown }) }),
  tosExp: number("tos-exp <priority>", tosExp, {
    help: "Priority of the session's packets, the default is that of BFD view",
  }),
  wtr: number("wtr <minutes>", integer(1, 60), {
    help: "How long Up is kept back from those who track it",
    unit: "minutes",
    desired: (minutes) => ({ wtr: seconds((minutes ?? 0) * 60) }),
  }),
};
