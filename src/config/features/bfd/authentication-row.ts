import { z } from "zod";
import { BFD_AUTHENTICATION_TYPES, type BfdAuthenticationType } from "../../../core/base/bfd.js";
import { integer } from "../../language/parameters.js";
import { cipherKey } from "../../language/secrets.js";
import { setting } from "../../language/setting.js";

/** Authentication of RFC 5880 6.7. */
interface Authentication {
  readonly type: BfdAuthenticationType;
  readonly keyId: number;
  readonly key: string;
  /** Kept: every packet is authenticated, whatever it says. */
  readonly negoPacket?: true;
  readonly timeoutInterval?: number;
}

const keyId = integer(1, 255);
const timeoutInterval = integer(1, 10_000);
/** Keys of the greatest lengths in RFC 5880 6.7.2 to 6.7.4. */
const key = cipherKey(1, 16);
const longKey = cipherKey(1, 20);

/** Authentication of a session. */
export const authenticationMode = setting<Authentication>(
  "authentication-mode { { simple | md5 | met-md5 } key-id <id> cipher <key> | sha1 key-id <id> cipher <long> | met-sha1 key-id <id> cipher <long> [ nego-packet [ timeout-interval <timeout> ] ] }",
  {
    help: "Authenticate the session's packets",
    words: {
      simple: "Password in clear (RFC 5880 6.7.2)",
      md5: "Keyed MD5",
      "met-md5": "Meticulous keyed MD5",
      sha1: "Keyed SHA1",
      "met-sha1": "Meticulous keyed SHA1",
      "key-id": "ID of the key, equal at both ends",
      cipher: "The key as plain text or as ciphertext",
      "nego-packet": "Kept: every packet is authenticated",
      "timeout-interval": "Kept without effect",
    },
    parameters: {
      id: { type: keyId, help: "ID of the key" },
      key: { type: key, help: "Key, or its ciphertext" },
      long: { type: longKey, help: "Key, or its ciphertext" },
      timeout: { type: timeoutInterval, help: "Time in seconds" },
    },
    schema: z.strictObject(
      {
        type: z.enum(BFD_AUTHENTICATION_TYPES, BFD_AUTHENTICATION_TYPES.join(" | ")),
        keyId: keyId.schema,
        key: longKey.schema,
        negoPacket: z.exactOptional(z.literal(true, "true")),
        timeoutInterval: z.exactOptional(timeoutInterval.schema),
      },
      "{ type, keyId, key }",
    ),
    seal: (value, seal) => ({ ...value, key: seal(value.key) }),
    read: ({ words, values }) => ({
      type: BFD_AUTHENTICATION_TYPES.find((type) => words.includes(type)) ?? "simple",
      keyId: values.id as number,
      key: (values.key ?? values.long) as string,
      ...(words.includes("nego-packet") ? { negoPacket: true as const } : {}),
      ...(values.timeout === undefined ? {} : { timeoutInterval: values.timeout as number }),
    }),
    print: (value) => {
      const nego = value.negoPacket ? " nego-packet" : "";
      const timeout = value.timeoutInterval === undefined ? "" : ` timeout-interval ${value.timeoutInterval}`;
      return [`authentication-mode ${value.type} key-id ${value.keyId} cipher ${value.key}${nego}${timeout}`];
    },
  },
);
