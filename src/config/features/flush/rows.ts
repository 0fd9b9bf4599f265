import { z } from "zod";
import { vlanId, vlanList, vlanListThen } from "../../language/network-parameters.js";
import { cipherKey } from "../../language/secrets.js";
import { setting } from "../../language/setting.js";
import { flag } from "../../language/setting-kinds.js";
import { LAYER_2 } from "../vlan/rows.js";

/** How Flush frames are signed; the key is ciphertext once it is read. */
export interface FlushAuth {
  readonly mode: "simple" | "sha" | "hmac";
  readonly key: string;
}

/** A control VLAN, and the signature of its frames. */
interface FlushVlan {
  readonly vlan: number;
  readonly auth?: FlushAuth;
}

/** The S-series form: several control VLANs, or any. */
export interface FlushReceive {
  readonly controlVlan: "all" | readonly number[];
  readonly password?: FlushAuth;
}

const short = cipherKey(1, 32);
const long = cipherKey(6, 64);
const password = cipherKey(6, 16);

const AUTH = "auth { simple cipher <short> | sha cipher <long> | hmac cipher <long> }";
const AUTH_WORDS = {
  auth: "Authentication of the frames; the other mode or key is dropped",
  simple: "The password stands in the frame",
  sha: "Its SHA2-256 digest stands in the frame",
  hmac: "HMAC-SHA256 over the frame, with replay check",
  cipher: "The key as plain text or as ciphertext",
};
const parameters = {
  vlan: { type: vlanId, help: "Control VLAN" },
  short: { type: short, help: "Key, or its ciphertext" },
  long: { type: long, help: "Key, or its ciphertext" },
};

const authSchema = z.strictObject(
  { mode: z.enum(["simple", "sha", "hmac"], "simple | sha | hmac"), key: z.union([short.schema, long.schema]) },
  "{ mode, key }",
);
const flushVlanSchema = z.strictObject({ vlan: vlanId.schema, auth: z.exactOptional(authSchema) }, "{ vlan, auth }");

const modeOf = (words: readonly string[]): FlushAuth["mode"] =>
  words.includes("hmac") ? "hmac" : words.includes("sha") ? "sha" : "simple";

/** `smart-link flush VERB WORD <vlan> [ auth ... ]`. */
function flushVlan(verb: string, word: string, help: string, words: { readonly [keyword: string]: string }) {
  const command = `smart-link flush ${verb} ${word}`;
  return setting<FlushVlan>(`${command} <vlan> [ ${AUTH} ]`, {
    help,
    words: { "smart-link": "Smart Link", flush: "Flush frames", ...words, ...AUTH_WORDS },
    parameters,
    undo: `undo smart-link flush ${verb} [ ${word} [ <vlan> [ ${AUTH} ] ] ]`,
    schema: flushVlanSchema,
    seal: ({ vlan, auth }, seal) => (auth === undefined ? { vlan } : { vlan, auth: { ...auth, key: seal(auth.key) } }),
    read({ values, words: typed }) {
      const key = (values.short ?? values.long) as string | undefined;
      const vlan = values.vlan as number;
      return key === undefined ? { vlan } : { vlan, auth: { mode: modeOf(typed), key } };
    },
    print: ({ vlan, auth }) => [
      `${command} ${vlan}${auth === undefined ? "" : ` auth ${auth.mode} cipher ${auth.key}`}`,
    ],
  });
}

/** View of an Eth-Trunk. */
export const flushSendRows = {
  smartLinkFlushSendVlan: flushVlan("send", "vlan", "Send Flush frames after a switch-over", {
    send: "Send Flush frames after a switch-over",
    vlan: "Control VLAN",
  }),
};

const RECEIVE = "smart-link flush receive control-vlan";

/** Views of physical interfaces and Eth-Trunks. */
export const flushReceiveRows = {
  smartLinkFlushEnableControlVlan: flushVlan("enable", "control-vlan", "Heed Flush frames of a control VLAN", {
    enable: "Heed Flush frames",
    "control-vlan": "Control VLAN",
  }),
  smartLinkFlushReceiveControlVlan: setting<FlushReceive>(
    `${RECEIVE} { <vlans> [ password { simple <password> | sha <password> } ] | all }`,
    {
      help: "Heed Flush frames of control VLANs (S-series form)",
      words: {
        "smart-link": "Smart Link",
        flush: "Flush frames",
        receive: "Heed Flush frames",
        "control-vlan": "Control VLANs",
        password: "Password of the frames",
        simple: "The password stands in the frame",
        sha: "Its SHA2-256 digest stands in the frame",
        all: "Any control VLAN",
      },
      parameters: {
        vlans: { type: vlanListThen, help: "VLANs, 5 10 to 20" },
        password: { type: password, help: "Password, or its ciphertext" },
      },
      undo: `undo smart-link flush receive [ control-vlan [ <vlans> [ password { simple <password> | sha <password> } ] | all ] ]`,
      schema: z.strictObject(
        {
          controlVlan: z.union([z.literal("all"), vlanListThen.schema], `all | ${vlanList.text}`),
          password: z.exactOptional(
            z.strictObject({ mode: z.enum(["simple", "sha"], "simple | sha"), key: password.schema }, "{ mode, key }"),
          ),
        },
        "{ controlVlan, password }",
      ),
      excludes: ["smartLinkFlushEnableControlVlan"],
      seal: ({ controlVlan, password: secret }, seal) =>
        secret === undefined ? { controlVlan } : { controlVlan, password: { ...secret, key: seal(secret.key) } },
      read({ values, words }) {
        const controlVlan = (values.vlans as readonly number[] | undefined) ?? "all";
        const key = values.password as string | undefined;
        return key === undefined ? { controlVlan } : { controlVlan, password: { mode: modeOf(words), key } };
      },
      print({ controlVlan, password: secret }) {
        const vlans = controlVlan === "all" ? "all" : vlanList.print(controlVlan);
        return [`${RECEIVE} ${vlans}${secret === undefined ? "" : ` password ${secret.mode} ${secret.key}`}`];
      },
    },
  ),
  detectActiveLinkEnable: flag("detect-active-link enable", {
    help: "Let the 1:1 Eth-Trunks that share a VLAN send Flush frames when the interface goes down",
    traits: [LAYER_2],
  }),
};
