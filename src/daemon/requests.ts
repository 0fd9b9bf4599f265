import { z } from "zod";
import type { Request } from "./control-messages.js";
import { EVENT_TEXTS } from "./daemon-events.js";

/** Fixed before their protocols are there, so that scripts need not change. */
const LATER_EVENTS = ["rbs-state", "profile-state", "batch", "digest-mismatch"];

/** What a monitor may ask for. */
const EVENT_NAMES = [...Object.keys(EVENT_TEXTS), ...LATER_EVENTS];

const trunkId = z.number().int().min(0).max(4294967295);

const etrunkId = z.number().int().min(0).max(65535);
const discriminator = z.number().int().min(0).max(4294967295);
const carProtocol = z.enum(["e-trunk-ipv4", "e-trunk-ipv6"]);

const schema = z.discriminatedUnion("ask", [
  z.strictObject({ ask: z.literal("eth-trunk"), id: trunkId.optional() }),
  z.strictObject({ ask: z.literal("lacp-statistics"), id: trunkId.optional() }),
  z.strictObject({ ask: z.literal("lacp-brief") }),
  z.strictObject({ ask: z.literal("alarms") }),
  z.strictObject({ ask: z.literal("version") }),
  z.strictObject({ ask: z.literal("interfaces") }),
  z.strictObject({ ask: z.literal("vlans") }),
  z.strictObject({ ask: z.literal("current-configuration") }),
  z.strictObject({
    ask: z.literal("reset-lacp-statistics"),
    id: trunkId.optional(),
    interface: z.string().min(1).max(64).optional(),
  }),
  z.strictObject({ ask: z.literal("e-trunk"), id: etrunkId.optional() }),
  z.strictObject({ ask: z.literal("e-trunk-packets"), id: etrunkId.optional() }),
  z.strictObject({ ask: z.literal("why-e-trunk"), id: etrunkId }),
  z.strictObject({ ask: z.literal("bfd-sessions") }),
  z.strictObject({ ask: z.literal("session-car"), protocol: carProtocol }),
  z.strictObject({ ask: z.literal("reset-e-trunk-statistics"), id: etrunkId.optional() }),
  z.strictObject({ ask: z.literal("reset-bfd-statistics"), discriminator: discriminator.optional() }),
  z.strictObject({ ask: z.literal("reset-session-car"), protocol: carProtocol }),
  z.strictObject({ ask: z.literal("smart-link-flush") }),
  z.strictObject({ ask: z.literal("reset-smart-link-flush") }),
  z.strictObject({ ask: z.literal("protect-switch"), id: trunkId }),
  z.strictObject({ ask: z.literal("marker"), id: trunkId }),
  z.strictObject({ ask: z.literal("monitor"), events: z.array(z.enum(EVENT_NAMES)).max(EVENT_NAMES.length) }),
]);

const KNOWN = schema.options.map((option) => option.shape.ask.value).join(", ");

/** A request that cannot be done; the text goes to who asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Reads one line of the control socket. Throws Refusal. */
export function readRequest(line: string): Request {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    throw new Refusal("the request is not a JSON document");
  }
  const read = schema.safeParse(document);
  if (read.success) return read.data as Request;
  const [first] = read.error.issues;
  if (typeof document !== "object" || document === null) throw new Refusal("the request is not a JSON object");
  if (first === undefined || first.path[0] === "ask") throw new Refusal(`"ask" is not one of: ${KNOWN}`);
  throw new Refusal(first.path.length > 0 ? `${first.path.join(".")}: ${first.message}` : first.message);
}
