import { type Mac, macToColons } from "../../../src/core/base/address.js";
import type { Incoming, InterfaceIndex } from "../../../src/core/base/protocol.js";
import { earliest, later, type Micros, NEVER } from "../../../src/core/base/time.js";
import type { Desired } from "../../../src/core/contract/desired/desired.js";
import type { HostChange } from "../../../src/core/contract/input.js";
import type { Answering, Nothing } from "../../../src/core/contract/questions.js";
import { INFLUENCES } from "../../../src/core/engine/influences.js";
import { ALARMS, makeParts, NEWS } from "../../../src/core/engine/parts.js";
import { protocols } from "../../../src/core/engine/protocols.js";
import type { AlarmKind, Condition } from "../../../src/core/parts/alarm.js";
import { CHANGES_ALARMS, type NewsOf } from "../../../src/core/parts/news.js";
import type { FrameFate, Part, PartContext } from "../../../src/core/parts/part.js";
import { EthernetView, ethernet } from "../../../src/core/wire/ethernet.js";

/** Local experimental EtherType 1 (IEEE 802), and a group address of nobody. */
const ETHERTYPE_PULSE = 0x88b5;
const PULSE_GROUP = 0x0300_0000_88b5 as Mac;
const SHORTEST_FRAME = 60;
/** A neighbour is lost after so many intervals without a pulse. */
const LOST_AFTER = 3;

declare module "../../../src/core/contract/desired/desired.js" {
  interface Desired {
    readonly pulse?: { readonly interval: Micros };
  }
}

type PulseEvent =
  | { readonly kind: "pulse-heard"; readonly name: string; readonly source: Mac }
  | { readonly kind: "pulse-lost"; readonly name: string };

const PULSE_LOST: AlarmKind = { id: "0x0e7f0001", name: "pulseLost", level: "Minor" };

const pulseNews = {
  "pulse-heard": {
    event: "pulse-heard",
    text: "a neighbour's first pulse was heard",
    fields: ({ name, source }) => ({ interface: name, source: macToColons(source) }),
  },
  "pulse-lost": CHANGES_ALARMS,
} as const satisfies NewsOf<PulseEvent>;

interface PulseView {
  readonly name: string;
  readonly received: number;
  readonly source: string;
}

export interface PulseQuestions {
  readonly pulses: { readonly asks: Nothing; readonly answer: { readonly interfaces: readonly PulseView[] } };
}

interface Neighbour {
  source: Mac;
  received: number;
  /** When it is lost; NEVER when it is lost already. */
  deadline: Micros;
}

/** A protocol that no file of src knows: each interface sends a pulse every interval, and tells when it hears none any more. */
class PulsePart implements Part<PulseEvent> {
  readonly #context: PartContext;
  readonly #header = new EthernetView();
  readonly #neighbours = new Map<string, Neighbour>();
  readonly #events: PulseEvent[] = [];
  #interval: Micros = NEVER;
  #due: Micros = NEVER;

  constructor(context: PartContext) {
    this.#context = context;
  }

  apply({ pulse }: Desired, now: Micros): void {
    this.#interval = pulse?.interval ?? NEVER;
    this.#due = pulse === undefined ? NEVER : now;
    this.#listen();
  }

  hostChanged(change: HostChange): void {
    if (change.kind === "link") this.#listen();
  }

  #listen(): void {
    this.#context.host.taps.listen({ destination: PULSE_GROUP, type: ETHERTYPE_PULSE }, this.#indexes());
  }

  #indexes(): InterfaceIndex[] {
    const { names } = this.#context.device;
    return [...names.interfaces()].flatMap(({ name }) => names.linkOf(name)?.index ?? []);
  }

  frame(header: EthernetView, frame: Incoming, now: Micros): FrameFate {
    if (header.type !== ETHERTYPE_PULSE) return "foreign";
    const { links, names } = this.#context.device;
    const name = names.boundTo(links.at(frame.from)?.name ?? "")?.name;
    if (name === undefined) return "stray";
    const neighbour = this.#neighbours.get(name) ?? { source: frame.source, received: 0, deadline: NEVER };
    if (neighbour.received === 0) this.#events.push({ kind: "pulse-heard", name, source: frame.source });
    else if (neighbour.deadline === NEVER) this.#events.push({ kind: "pulse-lost", name });
    const deadline = later(now, (LOST_AFTER * this.#interval) as Micros);
    this.#neighbours.set(name, { source: frame.source, received: neighbour.received + 1, deadline });
    return "taken";
  }

  expire(now: Micros): void {
    for (const [name, neighbour] of this.#neighbours) {
      if (neighbour.deadline > now) continue;
      neighbour.deadline = NEVER;
      this.#events.push({ kind: "pulse-lost", name });
    }
  }

  nextDeadline(): Micros {
    let next = this.#due;
    for (const { deadline } of this.#neighbours.values()) next = earliest(next, deadline);
    return next;
  }

  nextEvent(): PulseEvent | undefined {
    return this.#events.shift();
  }

  send(now: Micros): boolean {
    if (now < this.#due) return false;
    this.#due = later(now, this.#interval);
    for (const index of this.#indexes()) this.#sendBy(index);
    return true;
  }

  #sendBy(index: InterfaceIndex): void {
    const { device, host, out } = this.#context;
    const link = device.links.at(index);
    if (link === undefined) return;
    const header = this.#header.wrap(out.bytes, 0, SHORTEST_FRAME);
    header.destination = PULSE_GROUP;
    header.source = link.mac;
    header.type = ETHERTYPE_PULSE;
    for (let at: number = ethernet.size; at < SHORTEST_FRAME; at++) out.bytes.setUint8(at, 0);
    out.start = 0;
    out.length = SHORTEST_FRAME;
    out.to = index;
    host.link.send(out);
  }

  *alarms(): Generator<Condition> {
    for (const [name, { deadline }] of this.#neighbours)
      if (deadline === NEVER) yield { alarm: PULSE_LOST, subject: name, text: `${name}: no pulse is heard any more.` };
  }

  answers(): Answering<PulseQuestions> {
    return {
      pulses: () => ({
        interfaces: Array.from(this.#neighbours, ([name, { source, received }]) => ({
          name,
          received,
          source: macToColons(source),
        })),
      }),
    };
  }
}

/** The lists of the product, and one protocol more. */
export const WITH_PULSE = protocols({
  parts: (context: PartContext) => ({ ...makeParts(context), pulse: new PulsePart(context) }),
  influences: INFLUENCES,
  news: { ...NEWS, ...pulseNews },
  alarms: [...ALARMS, PULSE_LOST],
});
