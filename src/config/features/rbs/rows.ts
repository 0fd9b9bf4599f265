import { z } from "zod";
import { RBS_SERVICES, type RbsService } from "../../../core/base/rbs.js";
import {
  integer,
  interfaceName,
  ipv4Address,
  ipv6Address,
  oneWord,
  type ParameterType,
  word,
} from "../../language/parameters.js";
import { type Setting, setting } from "../../language/setting.js";
import { choice, flag, number, text } from "../../language/setting-kinds.js";
import { etrunkId } from "../etrunk/member-rows.js";
import { LAYER_3 } from "../layer3/address-rows.js";

export const serviceName = word(1, 32, /^(?!__proto__$)[0-9a-z_.-]+$/);
export const profileName = word(1, 128, /^(?!__proto__$)[0-9a-z_.-]+$/);
/** Seconds; as core/neighbours has it where nothing is configured. */
const EXPIRE_TIME = 1_200;
const backupId = integer(1, 4_095);
const tcpPort = integer(1_024, 55_535);
const trunkId = integer(0, 4_294_967_295);

interface Connection {
  readonly peer: string;
  readonly source: string;
  readonly port: number;
}

const connection = (
  peerWord: string,
  sourceWord: string,
  type: ParameterType<string>,
  version: string,
  other: string,
): Setting<Connection> =>
  setting<Connection>(`${peerWord} <peer> ${sourceWord} <source> port <port>`, {
    help: `TCP connection to the peer over ${version}`,
    words: { [sourceWord]: "Address of this device", port: "TCP port, the same at both ends" },
    parameters: {
      peer: { type, help: `${version} address of the peer` },
      source: { type, help: `${version} address of this device` },
      port: { type: tcpPort, help: "Number of the TCP port" },
    },
    undo: `undo ${peerWord} [ <peer> [ ${sourceWord} <source> port <port> ] ]`,
    excludes: [other],
    schema: z.strictObject(
      { peer: type.schema, source: type.schema, port: tcpPort.schema },
      "{ peer, source, port }",
    ) as z.ZodType<Connection>,
    read: ({ values }) => ({
      peer: values.peer as string,
      source: values.source as string,
      port: values.port as number,
    }),
    print: ({ peer, source, port }) => [
      `${peerWord} ${type.print(peer)} ${sourceWord} ${type.print(source)} port ${port}`,
    ],
  });

const TYPES = Object.keys(RBS_SERVICES) as RbsService[];
const TYPE_HELP: { readonly [S in RbsService]: string } = {
  "igmp-snooping": "IGMP snooping entries",
  arp: "ARP entries",
  igmp: "IGMP entries",
  nd: "ND entries",
  mld: "MLD entries",
};
const ONE_TYPE = `{ ${TYPES.join(" | ")} }`;
const typeIn = ({ words }: { readonly words: readonly string[] }): RbsService | undefined =>
  TYPES.find((type) => words.at(-1) === type);

interface Tracked {
  readonly interface: string;
  readonly weight: number;
}

const MOST_TRACKED = 16;
const weight = integer(1, 100);

interface Daily {
  readonly type: RbsService | "all";
  /** `03:00:00`. */
  readonly time: string;
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
const timeOfDay = oneWord("HH:MM:SS", z.string("HH:MM:SS").regex(TIME, "HH:MM:SS"), (text) =>
  TIME.test(text) ? text : undefined,
);

const ALL_TYPES = `{ all | ${TYPES.join(" | ")} }`;
const dailyTypeIn = ({ words }: { readonly words: readonly string[] }): Daily["type"] =>
  TYPES.find((type) => words.includes(type)) ?? "all";

const DIRECTIONS = ["send", "receive"] as const;

interface Block {
  readonly direction: (typeof DIRECTIONS)[number];
  readonly type: RbsService | "all";
}

/** All lines there are, in the order in which they are printed. */
const BLOCKS: readonly Block[] = DIRECTIONS.flatMap((direction) =>
  (["all", ...TYPES] as const).map((type) => ({ direction, type })),
);
const isBlock =
  (one: Block) =>
  ({ direction, type }: Block): boolean =>
    direction === one.direction && type === one.type;
const blockIn = (match: { readonly words: readonly string[] }): Block => ({
  direction: match.words.includes("receive") ? "receive" : "send",
  type: typeIn(match) ?? "all",
});

/** View of a remote backup service. */
export const serviceRows = {
  peer: connection("peer", "source", ipv4Address, "IPv4", "peerIpv6"),
  peerIpv6: connection("peer-ipv6", "source-ipv6", ipv6Address, "IPv6", "peer"),
  trackBfdSession: number("track bfd-session <discriminator>", integer(1, 16_384), {
    help: "Local discriminator of the BFD session that watches the path",
  }),
  /** What BRAS needs: tracked interfaces that are down make a device unfit for master. */
  trackInterface: setting<readonly Tracked[]>("track interface <interface> [ weight <weight> ]", {
    help: "Kept without effect, one line for each interface",
    kept: true,
    words: { weight: "Its share" },
    parameters: {
      interface: { type: interfaceName, help: "Interface to watch" },
      weight: { type: weight, help: "Its share, 10 unless configured" },
    },
    undo: "undo track interface [ <interface> [ weight <weight> ] ]",
    schema: z
      .array(z.strictObject({ interface: interfaceName.schema, weight: weight.schema }, "{ interface, weight }"))
      .min(1)
      .max(MOST_TRACKED, `at most ${MOST_TRACKED} interfaces`),
    read: ({ values }, old = []) => {
      const own = { interface: values.interface as string, weight: (values.weight as number | undefined) ?? 10 };
      return [...old.filter((each) => each.interface !== own.interface), own];
    },
    remove(match, old = []) {
      const name = match.values.interface;
      const left = old.filter((each) => name !== undefined && each.interface !== name);
      return left.length === 0 ? undefined : left;
    },
    print: (tracked) => tracked.map((each) => `track interface ${each.interface} weight ${each.weight}`),
  }),
  batchBackupServiceType: setting<readonly Daily[]>(`batch-backup service-type ${ALL_TYPES} daily <time>`, {
    help: "Kept without effect: digests find within a minute what a daily batch would mend",
    kept: true,
    words: { "service-type": "What is sent", all: "All of it", daily: "Each day at a time", ...TYPE_HELP },
    parameters: { time: { type: timeOfDay, help: "Time of day" } },
    undo: `undo batch-backup service-type [ ${ALL_TYPES} [ daily [ <time> ] ] ]`,
    schema: z.array(
      z.strictObject({ type: z.enum(["all", ...TYPES]), time: timeOfDay.schema }, "{ type, time }"),
      "a list of times",
    ),
    read: (match, old = []) => {
      const type = dailyTypeIn(match);
      return [...old.filter((each) => each.type !== type), { type, time: match.values.time as string }];
    },
    remove(match, old = []) {
      // Without a type all of them go.
      const isOne = match.words.length > 2;
      const left = old.filter(({ type }) => isOne && type !== dailyTypeIn(match));
      return left.length === 0 ? undefined : left;
    },
    print: (all) => all.map(({ type, time }) => `batch-backup service-type ${type} daily ${time}`),
  }),
  backupBlock: setting<readonly Block[]>(`backup block { ${DIRECTIONS.join(" | ")} } [ ${ONE_TYPE} ]`, {
    help: "Tell the peer nothing, or heed nothing that it tells, of all entries or of one type",
    words: {
      block: "Stop one direction",
      send: "Tell the peer nothing",
      receive: "Heed nothing that the peer tells",
      ...TYPE_HELP,
    },
    undo: `undo backup block [ { ${DIRECTIONS.join(" | ")} } [ ${ONE_TYPE} ] ]`,
    schema: z
      .array(z.strictObject({ direction: z.enum(DIRECTIONS), type: z.enum(["all", ...TYPES]) }, "{ direction, type }"))
      .min(1, "a list of blocks")
      .overwrite((blocks) => BLOCKS.filter((block) => blocks.some(isBlock(block)))),
    read(match, old = []) {
      const added = blockIn(match);
      return BLOCKS.filter((block) => old.some(isBlock(block)) || isBlock(added)(block));
    },
    remove(match, old = []) {
      const removed = blockIn(match);
      const hasDirection = DIRECTIONS.some((direction) => match.words.includes(direction));
      // Without a type all of that direction go, without a direction all.
      const left = old.filter(
        ({ direction, type }) =>
          hasDirection && (direction !== removed.direction || (removed.type !== "all" && type !== removed.type)),
      );
      return left.length === 0 ? undefined : left;
    },
    print: (blocks) =>
      blocks.map(({ direction, type }) => `backup block ${direction}${type === "all" ? "" : ` ${type}`}`),
  }),
  shutdown: flag("shutdown", {
    help: "Close the connection and open none",
  }),
};

interface Backup {
  readonly id: number;
  readonly service: string;
}

/** The member of an E-Trunk whose state is the role of a profile. */
interface Member {
  readonly etrunk: number;
  readonly ethTrunk: number;
}

/** View of a remote backup profile, in the order in which guides print it. */
export const profileRows = {
  serviceType: setting<readonly RbsService[]>(`service-type ${ONE_TYPE}`, {
    help: "What is backed up, one line for each",
    words: TYPE_HELP,
    undo: `undo service-type [ ${ONE_TYPE} ]`,
    schema: z
      .array(z.enum(TYPES, TYPES.join(" | ")), "a list of services")
      .min(1, "a list of services")
      .overwrite((types) => TYPES.filter((type) => types.includes(type))),
    read: (match, old = []) => TYPES.filter((type) => old.includes(type) || type === typeIn(match)),
    remove(match, old = []) {
      const left = old.filter((type) => typeIn(match) !== undefined && type !== typeIn(match));
      return left.length === 0 ? undefined : left;
    },
    print: (types) => types.map((type) => `service-type ${type}`),
  }),
  backupId: setting<Backup>("backup-id <id> remote-backup-service <service>", {
    help: "Number of the profile, the same at both ends, and its service",
    words: { "remote-backup-service": "Service that carries it" },
    parameters: {
      id: { type: backupId, help: "Number of the profile" },
      service: { type: serviceName, help: "Name of the remote backup service" },
    },
    undo: "undo backup-id [ <id> [ remote-backup-service <service> ] ]",
    schema: z.strictObject({ id: backupId.schema, service: serviceName.schema }, "{ id, service }"),
    read: ({ values }) => ({ id: values.id as number, service: values.service as string }),
    print: ({ id, service }) => [`backup-id ${id} remote-backup-service ${service}`],
  }),
  peerBackup: choice(
    "peer-backup",
    { hot: "The backup is ready to forward at once" },
    { help: "How ready the backup is, hot unless configured" },
  ),
  eTrunk: setting<Member>("e-trunk <id> eth-trunk <trunk>", {
    help: "Take the role from the state of an Eth-Trunk in its E-Trunk",
    words: { "eth-trunk": "Member of the E-Trunk" },
    parameters: {
      id: { type: etrunkId, help: "Number of the E-Trunk" },
      trunk: { type: trunkId, help: "Number of the Eth-Trunk" },
    },
    undo: "undo e-trunk [ <id> [ eth-trunk <trunk> ] ]",
    schema: z.strictObject({ etrunk: etrunkId.schema, ethTrunk: trunkId.schema }, "{ etrunk, ethTrunk }"),
    read: ({ values }) => ({ etrunk: values.id as number, ethTrunk: values.trunk as number }),
    print: ({ etrunk, ethTrunk }) => [`e-trunk ${etrunk} eth-trunk ${ethTrunk}`],
  }),
};

const expireTime = integer(60, 86_400);

/** Views of an Eth-Trunk and of its sub-interfaces. */
export const bindingRows = {
  arpExpireTime: number("arp expire-time <seconds>", expireTime, {
    help: "Time without a packet of a host after which it is asked",
    unit: "seconds",
    default: EXPIRE_TIME,
    traits: [LAYER_3],
  }),
  remoteBackupProfile: text("remote-backup-profile <name>", profileName, {
    help: "Back up what is learned on the interface as a profile says",
  }),
};
