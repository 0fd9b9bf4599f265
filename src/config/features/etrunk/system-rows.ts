import { integer } from "../../language/parameters.js";
import { flag, number, numbers } from "../../language/setting-kinds.js";

/** First of the ports that systems give to programs (RFC 6335). */
const DYNAMIC_PORTS = 49_152;

const etrunkPort = (syntax: string) =>
  number(syntax, integer(1025, 65535), {
    help: "UDP port of hellos, equal at both ends",
    default: 1025,
    warns: (port) =>
      port >= DYNAMIC_PORTS
        ? `Ports from ${DYNAMIC_PORTS} on are given to programs by the system; ${port} may be in use one day.`
        : undefined,
  });

const rate = integer(0, 1_000_000);
const burst = integer(0, 9_000_000);

/** Rates in kbit/s, bursts in octets. */
const CAR = {
  cir: { keyword: "cir", type: rate, help: "Committed rate", unit: "kbit/s", word: "Committed rate", default: 128 },
  cbs: {
    keyword: "cbs",
    type: burst,
    help: "Committed burst",
    unit: "octets",
    word: "Committed burst",
    default: 25_600,
  },
  pir: { keyword: "pir", type: rate, help: "Peak rate", unit: "kbit/s", word: "Peak rate", default: 1_500 },
  pbs: { keyword: "pbs", type: burst, help: "Peak burst", unit: "octets", word: "Peak burst", default: 187_500 },
};

const RISKS =
  "If the parameters of Session-CAR in the whitelist are too large or too small, the neighbor relationship may be disconnected or flap. You are advised to use the default values.";
const PREEMPTS = "Without Session-CAR packets of different sessions may preempt each other's bandwidth.";

/** `whitelist session-car <session> ...`: a line sets the parameters that it names; the others stay. */
const carParameters = (session: string) =>
  numbers(`whitelist session-car ${session}`, CAR, {
    help: "Rates at which the packets of one session are taken",
    warns: () => RISKS,
  });

const carDisable = (session: string) =>
  flag(`whitelist session-car ${session} disable`, {
    help: "Take the packets of a session at any rate",
    warns: (disabled) => (disabled ? PREEMPTS : undefined),
  });

/** System view: the UDP ports of hellos, and their rates. */
export const sessionRows = {
  whitelistSessionCarETrunkIpv4: carParameters("e-trunk-ipv4"),
  whitelistSessionCarETrunkIpv4Disable: carDisable("e-trunk-ipv4"),
  whitelistSessionCarETrunkIpv6: carParameters("e-trunk-ipv6"),
  whitelistSessionCarETrunkIpv6Disable: carDisable("e-trunk-ipv6"),
  eTrunkPort: etrunkPort("e-trunk port <port>"),
  eTrunkIpv6Port: etrunkPort("e-trunk ipv6 port <port>"),
};

/** Rates of a session without configured ones. */
export const DEFAULT_CAR = sessionRows.whitelistSessionCarETrunkIpv4.fill(undefined);
