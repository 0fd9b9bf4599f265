/**
 * What may be asked of a daemon, how each question is asked and what answers it. Over the control socket goes one JSON
 * document a line, a request of at most 16 MiB: a client sends requests, the daemon answers each with one Reply. After
 * `monitor` it sends one MonitorLine per event instead, until the client hangs up.
 *
 * Clients import the types of this file and no other.
 */
import { z } from "zod";
import type { Nothing, QuestionMap } from "../core/contract/questions.js";
import type { EngineActions, EngineQuestions } from "../core/engine/questions.js";
import type { DaemonQuestions } from "./answers.js";
import type { EditingQuestions } from "./editing/questions.js";

export type * from "../core/engine/questions.js";
export type * from "../core/parts/bfd/questions.js";
export type * from "../core/parts/etrunk/questions.js";
export type * from "../core/parts/flush/questions.js";
export type * from "../core/parts/neighbours/questions.js";
export type * from "../core/parts/rbs/questions.js";
export type * from "../core/parts/trunks/questions.js";
export type * from "./answers.js";
export type * from "./editing/questions.js";
export type * from "./interfaces/interface-answers.js";

/** Whoever sends Markers wants them answered, so the daemon asks for both at once. */
type AskedActions = Omit<EngineActions, "send-markers">;

export interface Questions extends EngineQuestions, AskedActions, DaemonQuestions, EditingQuestions {}

/** A schema of what must be there. */
type Demanded<Value> = z.ZodType<Value> & { readonly type: Exclude<z.core.$ZodTypeDef["type"], "optional"> };

/** The schema of each field of what is asked, and of no other. */
type Shape<Asks> = keyof Asks extends never
  ? { readonly [field: string]: never }
  : {
      readonly [Field in keyof Asks]-?: Nothing extends Pick<Asks, Field>
        ? z.ZodExactOptional<z.ZodType<Required<Asks>[Field]>>
        : Demanded<Asks[Field]>;
    };

/** How each question of a map is asked. */
export type RowsOf<Map extends QuestionMap<Map>> = {
  readonly [Name in keyof Map]: Shape<Map[Name]["asks"]>;
};

/** Such rows, whatever the map. */
export type QuestionRows = { readonly [question: string]: z.ZodRawShape };

const trunkId = z.number().int().min(0).max(4294967295);
const etrunkId = z.number().int().min(0).max(65535);
const discriminator = z.number().int().min(0).max(4294967295);
const name = z.string().max(256);
/** Of a line of configuration, in characters. */
const LONGEST_LINE = 3_100;
const commitId = z.string().regex(/^\d{10}$/);
const label = z.string().regex(/^(?!\d|-$)[!-~]{1,256}$/);
const serviceName = z.string().min(1).max(32);
const profileName = z.string().min(1).max(128);
const neighbourService = z.enum(["arp", "nd"]);
const ipText = z.string().min(2).max(45);
const interfaceName = z.string().min(1).max(64);
const carProtocol = z.enum(["e-trunk-ipv4", "e-trunk-ipv6"]);

export const QUESTIONS: RowsOf<Questions> = {
  "eth-trunk": { id: z.exactOptional(trunkId) },
  "lacp-statistics": { id: z.exactOptional(trunkId) },
  "lacp-brief": {},
  alarms: {},
  "alarm-history": {},
  version: {},
  interfaces: {},
  vlans: {},
  "current-configuration": {},
  "reset-lacp-statistics": { id: z.exactOptional(trunkId), interface: z.exactOptional(z.string().min(1).max(64)) },
  "e-trunk": { id: z.exactOptional(etrunkId) },
  "e-trunk-packets": { id: z.exactOptional(etrunkId) },
  "why-e-trunk": { id: etrunkId },
  "bfd-sessions": {},
  "session-car": { protocol: carProtocol },
  "reset-e-trunk-statistics": { id: z.exactOptional(etrunkId) },
  "reset-bfd-statistics": { discriminator: z.exactOptional(discriminator) },
  "reset-session-car": { protocol: carProtocol },
  "remote-backup-services": { name: z.exactOptional(serviceName) },
  "remote-backup-profiles": { name: z.exactOptional(profileName) },
  "batch-backup": { name: serviceName, service: z.exactOptional(z.enum(["arp", "nd"])) },
  "reset-remote-backup-service": { name: z.exactOptional(serviceName) },
  neighbours: {
    service: neighbourService,
    interface: z.exactOptional(interfaceName),
    address: z.exactOptional(ipText),
    length: z.exactOptional(z.number().int().min(0).max(128)),
    type: z.exactOptional(z.enum(["interface", "dynamic", "remote-backup"])),
  },
  "neighbour-statistics": { service: neighbourService },
  "reset-neighbours": {
    service: neighbourService,
    interface: z.exactOptional(interfaceName),
    address: z.exactOptional(ipText),
    type: z.exactOptional(z.enum(["dynamic", "remote-backup"])),
  },
  "smart-link-flush": {},
  "reset-smart-link-flush": {},
  "protect-switch": { id: trunkId },
  marker: { id: trunkId },
  names: {},
  "reload-result": {},
  reload: {},
  "enter-configuration": { at: z.exactOptional(z.strictObject({ view: name, name })) },
  session: {},
  type: { line: z.string().max(LONGEST_LINE), at: z.exactOptional(z.strictObject({ view: name, name })) },
  leave: { to: z.enum(["upper", "system", "user"]), drop: z.exactOptional(z.boolean()) },
  commit: {
    label: z.exactOptional(label),
    description: z.exactOptional(z.string().min(1).max(60)),
  },
  rollback: {
    to: z.union([
      z.strictObject({ commit: commitId }),
      z.strictObject({ label }),
      z.strictObject({ last: z.number().int().min(1).max(80) }),
    ]),
  },
  replace: { text: z.string(), check: z.exactOptional(z.boolean()) },
  "commit-list": {},
  "commit-configuration": { commit: commitId },
  "commit-changes": {
    commit: z.exactOptional(commitId),
    since: z.exactOptional(commitId),
    last: z.exactOptional(z.number().int().min(1).max(80)),
  },
  "clear-candidate": {},
  "refresh-candidate": {},
  candidate: {},
  "candidate-merge": {},
  "candidate-changes": {},
  this: {},
  "configuration-lock": { lock: z.boolean() },
  "configuration-sessions": {},
  "candidate-names": {},
};

export type RequestOf<Name extends keyof Questions> = { readonly ask: Name } & Questions[Name]["asks"];

export type Request =
  | { [Name in keyof Questions]: RequestOf<Name> }[keyof Questions]
  | { readonly ask: "monitor"; readonly events: readonly string[] };

/** `data` of the reply to a request. */
export type AnswerTo<Name extends keyof Questions> = Questions[Name]["answer"];

export type Reply = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly error: string };

/** `time` ISO 8601 UTC, `mono` microseconds of CLOCK_MONOTONIC when it was decided; then the fields of the event. */
export interface MonitorLine {
  readonly time: string;
  readonly mono: number;
  readonly event: string;
}
