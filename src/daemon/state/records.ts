import { readlinkSync } from "node:fs";
import * as z from "zod";
import type { ForwardingRecord } from "../../linux/forwarding/record.js";
import type { NetworkRecord } from "../../linux/network/record.js";
import type { Changes } from "../../linux/undo/changes.js";
import type { RecordStore } from "../../linux/undo/record-store.js";
import type { Store } from "./store.js";
import { loadText } from "./stored-texts.js";

/** Records of the changes that data plane and network made on this host, kept in the state directory for the next process. */

const changes = z.record(z.string(), z.object({ found: z.string(), made: z.string().optional() }));

/** The changes of a member in the form of earlier versions, which recorded only the values found. */
const original = z
  .object({
    promiscuous: z.boolean(),
    qdisc: z.boolean(),
    mtu: z.number().optional(),
    sysctls: z.record(z.string(), z.string()),
  })
  .transform(({ promiscuous, qdisc, mtu, sysctls }) => {
    const found: Changes = {
      ...Object.fromEntries(Object.entries(sysctls).map(([path, value]) => [path, { found: value }])),
      ...(!promiscuous && { promiscuous: { found: "false" } }),
      ...(mtu !== undefined && { mtu: { found: String(mtu) } }),
    };
    return { qdisc, changes: found };
  });

const counts = z.array(z.number()).length(5);
const place = { index: z.number(), mac: z.number(), trunk: z.number(), slot: z.number(), counts };
const member = z.union([
  z.object({ ...place, qdisc: z.boolean(), changes, interface: counts.optional() }),
  z.object({ ...place, original }).transform(({ original, ...rest }) => ({ ...rest, ...original })),
]);
const trunk = z.object({ trunk: z.number(), buckets: z.string(), vlans: z.array(z.number()), counts });

/** A list without its unreadable rows: the changes of the others can be undone all the same. */
const readable = <Row extends z.ZodType>(row: Row) =>
  z.array(z.unknown()).transform((all) =>
    all.flatMap((each): z.output<Row>[] => {
      const { success, data } = row.safeParse(each);
      return success ? [data] : [];
    }),
  );

const forwardingRecord: z.ZodType<ForwardingRecord> = z.object({
  backend: z.enum(["ebpf", "nftables"]),
  trunks: readable(trunk),
  members: readable(member),
});

const networkRecord: z.ZodType<NetworkRecord> = z.object({
  changed: readable(z.object({ index: z.number(), changes })),
  addresses: readable(z.string()),
});

/** Interface indexes mean something within one boot and one network namespace. */
const stampOf = (boot: string) => ({
  version: 1,
  boot,
  // /proc/self would be the main thread's, which may be in another namespace.
  namespace: readlinkSync("/proc/thread-self/ns/net"),
});

const printRecord = (content: object, boot: string): string => JSON.stringify({ ...stampOf(boot), ...content });

/** The record of an earlier process; undefined when it is of another boot or network namespace, or unreadable. */
function parseRecord<Content>(text: string | undefined, boot: string, schema: z.ZodType<Content>): Content | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  const stamp = z.object({ version: z.unknown(), boot: z.unknown(), namespace: z.unknown() }).safeParse(record).data;
  const now = stampOf(boot);
  if (stamp?.version !== now.version || stamp.boot !== now.boot || stamp.namespace !== now.namespace) return undefined;
  return schema.safeParse(record).data;
}

/** A record in the store under a name. */
const recordIn = <Content extends object>(
  store: RecordTexts,
  name: string,
  boot: string,
  schema: z.ZodType<Content>,
): RecordStore<Content> => ({
  load: () => parseRecord(loadText(store, name), boot, schema),
  saveNow: (content) => store.saveNow(name, printRecord(content, boot)),
  save: (content) => store.save(name, printRecord(content, boot)),
});

type RecordTexts = Pick<Store, "load" | "save" | "saveNow">;

/** The records of data plane and network. */
export interface Records {
  readonly forwarding: RecordStore<ForwardingRecord>;
  readonly network: RecordStore<NetworkRecord>;
}

/** The records in a store, for this run of the kernel. Loading throws StartFailure where a text cannot be read. */
export const recordsIn = (store: RecordTexts, boot: string): Records => ({
  forwarding: recordIn(store, "forwarding", boot, forwardingRecord),
  network: recordIn(store, "network", boot, networkRecord),
});
