import { millis } from "../../../core/base/time.js";
import type { DesiredEtrunk } from "../../../core/contract/desired/etrunk.js";
import { integer, ipv4Address, ipv6Address, restOfLine } from "../../language/parameters.js";
import { choice, flag, number, text } from "../../language/setting-kinds.js";
import { addresses } from "./address-rows.js";
import {
  eTrunkBfd,
  eTrunkBfdAuthenticationDisable,
  eTrunkBfdEnable,
  eTrunkTrackBfdSessionSessionName,
} from "./bfd-rows.js";
import { securityKey, securityKeys } from "./key-rows.js";

/** View of an E-Trunk. */
export const etrunkRows = {
  priority: number("priority <priority>", integer(1, 254), {
    help: "Priority, the smaller wins",
    default: 100,
    desired: (priority) => ({ priority }),
  }),
  priorityOrder: choice(
    "priority-order",
    { "lower-first": "The smaller priority wins", "higher-first": "The greater priority wins" },
    {
      help: "Which priority wins",
      default: "lower-first",
      desired: (order) => ({ higherFirst: order === "higher-first" }),
    },
  ),
  peerAddress: addresses("peer-address", "source-address", ipv4Address, "IPv4"),
  peerIpv6: addresses("peer-ipv6", "source-ipv6", ipv6Address, "IPv6"),
  timerHello: number("timer hello <interval>", integer(5, 100), {
    help: "Hello interval",
    unit: "units of 100 ms",
    default: 10,
    desired: (units) => ({ helloInterval: millis(units * 100) }),
  }),
  timerHoldOnFailureMultiplier: number("timer hold-on-failure multiplier <multiplier>", integer(3, 300), {
    help: "Hello intervals after which a silent peer counts as failed",
    default: 20,
    desired: (multiplier) => ({ multiplier }),
  }),
  timerRevertDelay: number("timer revert delay <delay>", integer(0, 10_800), {
    help: "Delay before traffic returns to the master",
    unit: "seconds",
    default: 120,
    desired: (revertDelay) => ({ revertDelay }),
  }),
  revertDisable: flag("revert disable", {
    help: "Traffic never returns to the master by itself",
    desired: (isDisabled) => ({ revert: !isDisabled }),
  }),
  eTrunkSelect: choice(
    "e-trunk select",
    {
      "link-number": "More available links make the master",
      bandwidth: "More available bandwidth makes the master",
    },
    {
      help: "What makes the master, by priority unless configured",
      desired: (select): Pick<DesiredEtrunk, "select"> => ({ select: select ?? "default" }),
    },
  ),
  eTrunkTrackBfdSessionSessionName,
  eTrunkBfdEnable,
  eTrunkBfd,
  eTrunkBfdAuthenticationDisable,
  sequenceEnable: flag("sequence enable", {
    help: "Refuse hellos that are no newer than the last, off by default",
    desired: (sequenceCheck) => ({ sequenceCheck }),
  }),
  description: text("description <text>", restOfLine(1, 242), {
    help: "Description of the E-Trunk",
    desired: (description) => ({ description }),
  }),
  securityKey,
  securityKeyKeyId: securityKeys,
  securityKeySendKeyId: number("security-key send-key-id <id>", integer(0, 255), {
    help: "ID of the key that signs our hellos",
    default: 0,
    desired: (sendKeyId) => ({ sendKeyId }),
  }),
  authenticationMode: choice(
    "authentication-mode",
    {
      "hmac-sha1": "HMAC-SHA1",
      "hmac-sha256": "HMAC-SHA256",
      "enhanced-hmac-sha256": "HMAC-SHA256 with a key derived for this E-Trunk",
    },
    {
      help: "How hellos are authenticated",
      default: "enhanced-hmac-sha256",
      warns: (mode) => (mode === "hmac-sha1" ? "hmac-sha1 is weak; enhanced-hmac-sha256 is the default." : undefined),
      desired: (authentication) => ({ authentication }),
    },
  ),
};
