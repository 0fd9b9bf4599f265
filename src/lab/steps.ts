import { collecting, partnersOf } from "./ce.js";
import type { Network, View } from "./network.js";
import { PES, type PeName, REVERT_DELAY } from "./pe.js";

/**
 * States that a PE must display for E-Trunk 1 and its member Eth-Trunk 1; a field that is left out may have any value.
 */
interface Role {
  readonly bfd?: string;
  readonly state?: string;
  readonly causation?: string;
  readonly member: string;
  readonly memberCausation?: string;
}

/** A step of the story: what is done to the network, and what must follow. */
export interface Step {
  readonly title: string;
  readonly act: (network: Network) => Promise<void>;
  /** Explanation for the reader: what should happen. */
  readonly should: readonly string[];
  /** Expected states of each running PE. */
  readonly roles: { readonly [pe in PeName]?: Role };
  /** The PEs that carry the stream in the end; the CE uses its links to them. */
  readonly carries: readonly PeName[];
  /** Seconds until the expected states must hold. */
  readonly within: number;
  /** Longest time in seconds that a flow may lack frames; undefined where the streams begin. */
  readonly gap: number | undefined;
  /** A broadcast frame must arrive twice, since both PEs forward. */
  readonly twice?: boolean;
}

const hasRole = ({ pe }: View, name: PeName, role: Role): boolean => {
  const etrunk = pe[name].etrunk;
  const [member] = etrunk?.members ?? [];
  return (
    (role.state === undefined || role.state === etrunk?.state) &&
    (role.causation === undefined || role.causation === etrunk?.causation) &&
    (role.bfd === undefined || role.bfd === etrunk?.bfdState) &&
    role.member === member?.state &&
    (role.memberCausation === undefined || role.memberCausation === member.causation)
  );
};

/**
 * Whether PEs and CE display what the step expects. The CE must see one partner, which collects on exactly the links
 * that the CE uses.
 */
export function isDone({ roles, carries }: Pick<Step, "roles" | "carries">, { pe }: Network, view: View): boolean {
  const links = carries.map((name) => pe[name].parts.links.ce).join();
  const used = view.ce.filter(({ distributing }) => distributing).map(({ name }) => name);
  return (
    PES.every((name) => roles[name] === undefined || hasRole(view, name, roles[name])) &&
    used.join() === links &&
    collecting(view.ce).join() === links &&
    partnersOf(view.ce).length === 1
  );
}

/** Bounds in seconds, with room for a small machine that stalls; usual times are milliseconds. */
const LOST = 1;
const PLANNED = 0.5;

const MASTER: Role = { state: "Master", causation: "PRI", member: "Master" };
const BACKUP: Role = { state: "Backup", causation: "PRI", member: "Backup" };
const NORMAL = { PE1: { ...MASTER, bfd: "Up" }, PE2: { ...BACKUP, bfd: "Up" } };

const takesBack = (how: string): readonly string[] => [
  how,
  `It waits for the revert delay, ${REVERT_DELAY} s, so that it is ready in earnest. Then it takes its role back: it opens`,
  "first, PE2 closes after it, and nothing or a few frames are lost.",
];

export const STEPS: readonly Step[] = [
  {
    title: "Everything is plugged in.",
    act: async () => {},
    should: [
      "The PEs find each other by hellos; PE1 has the smaller priority number and is Master. The CE sees one LACP partner and",
      "uses its link to PE1; PE2 keeps its port out of sync.",
    ],
    roles: NORMAL,
    carries: ["PE1"],
    within: 15,
    gap: undefined,
  },
  {
    title: "The link between CE and PE1 is cut.",
    act: ({ pe }) => pe.PE1.cutCe(),
    should: [
      "PE1 says so in a hello, PE2 opens its side and the CE changes to it: milliseconds, no timer is waited for.",
    ],
    roles: { PE1: { member: "Backup" }, PE2: { member: "Master", memberCausation: "PEER_MEMBER_DOWN" } },
    carries: ["PE2"],
    within: 3,
    gap: LOST,
  },
  {
    title: "That link is healed.",
    act: ({ pe }) => pe.PE1.healCe(),
    should: takesBack("PE1's member is up again."),
    roles: NORMAL,
    carries: ["PE1"],
    within: REVERT_DELAY + 5,
    gap: PLANNED,
  },
  {
    title: "The daemon of PE1 is killed: kill -9.",
    act: async ({ pe }) => pe.PE1.kill(),
    should: [
      "The host goes on forwarding without it. PE2 hears by BFD after 0.9 s and joins in, so for a while both carry (a frame to",
      "everybody comes twice). When the CE has heard no LACPDU over its link to PE1 for 3 s it takes the link out. Nothing is lost.",
    ],
    roles: { PE2: { state: "Master", causation: "BFD_DOWN", member: "Master" } },
    carries: ["PE2"],
    within: 8,
    gap: PLANNED,
  },
  {
    title: "The daemon of PE1 is started again.",
    act: ({ pe }) => pe.PE1.start(),
    should: takesBack("Its checkpoint is too old to go on from: it begins anew."),
    roles: NORMAL,
    carries: ["PE1"],
    within: REVERT_DELAY + 10,
    gap: PLANNED,
  },
  {
    title: "PE1 is powered off.",
    act: ({ pe }) => pe.PE1.powerOff(),
    should: ["Its links vanish and nobody says anything: PE2 takes over when BFD has heard nothing for 3 x 300 ms."],
    roles: { PE2: { state: "Master", causation: "BFD_DOWN", member: "Master" } },
    carries: ["PE2"],
    within: 5,
    gap: 2,
  },
  {
    title: "PE1 is powered on.",
    act: ({ pe }) => pe.PE1.powerOn(),
    should: takesBack("It boots with what is on its disk."),
    roles: NORMAL,
    carries: ["PE1"],
    within: REVERT_DELAY + 10,
    gap: PLANNED,
  },
  {
    title: "The daemon of PE1 is stopped: kill -TERM.",
    act: ({ pe }) => pe.PE1.stop(),
    should: ["It says that it leaves and waits until PE2 has taken over; nothing or a few frames are lost."],
    roles: { PE2: { state: "Master", causation: "PEER_NODE_DOWN", member: "Master" } },
    carries: ["PE2"],
    within: 5,
    gap: PLANNED,
  },
  {
    title: "The daemon of PE1 is started again.",
    act: ({ pe }) => pe.PE1.start(),
    should: takesBack("It finds PE2 at work."),
    roles: NORMAL,
    carries: ["PE1"],
    within: REVERT_DELAY + 10,
    gap: PLANNED,
  },
  {
    title: "What PE1 sends to PE2 is lost, what PE2 sends to PE1 arrives.",
    act: (network) => network.loseWayTo("PE2"),
    should: [
      "PE2 hears nothing, so it becomes Master and says why; PE1 hears that it is not heard, and gives way after a second.",
      "One PE carries, not none and not two.",
    ],
    roles: {
      PE1: { state: "Backup", causation: "PEER_BFD_DOWN", member: "Backup" },
      PE2: { state: "Master", causation: "BFD_DOWN", member: "Master" },
    },
    carries: ["PE2"],
    within: 6,
    gap: PLANNED,
  },
  {
    title: "It arrives again.",
    act: (network) => network.loseWayTo(),
    should: takesBack("PE1 is heard."),
    roles: NORMAL,
    carries: ["PE1"],
    within: REVERT_DELAY + 5,
    gap: PLANNED,
  },
  {
    title: "Every path between the PEs is lost.",
    act: (network) => network.loseWayTo("PE1", "PE2"),
    should: [
      "Each must take the other for dead: both are Master. The CE still sees one partner and uses both links; nothing is lost,",
      "but a frame to everybody comes twice.",
    ],
    roles: {
      PE1: { state: "Master", causation: "BFD_DOWN", member: "Master" },
      PE2: { state: "Master", causation: "BFD_DOWN", member: "Master" },
    },
    carries: ["PE1", "PE2"],
    within: 5,
    gap: PLANNED,
    twice: true,
  },
  {
    title: "The paths are back.",
    act: (network) => network.loseWayTo(),
    should: ["With the first hello PE2 gives way at once: PE1 has the better priority and carries already."],
    roles: NORMAL,
    carries: ["PE1"],
    within: 5,
    gap: PLANNED,
  },
];
