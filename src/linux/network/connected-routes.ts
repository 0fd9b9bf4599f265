import { IFF_UP } from "../native/link.js";
import type { Netlink } from "../native/netlink.js";
import { type ConnectedRoute, type KernelRoute, routeAddon } from "../native/route.js";
import { errorCode, systemError } from "../system-error.js";
import { addressText, type WantedAddresses } from "./addresses.js";
import type { Links } from "./links.js";
import type { NoteRefusal } from "./refusal.js";
import type { Look } from "./standing.js";

/** rtnetlink(7): RTPROT_KERNEL. */
const KERNEL = 2;

const networkOf = (octets: Uint8Array, length: number): Uint8Array =>
  octets.map((octet, at) => octet & (0xff00 >> Math.max(0, Math.min(8, length - 8 * at))));

const keyOf = ({ device, destination, length }: Pick<KernelRoute, "device" | "destination" | "length">): string =>
  `${device} ${Buffer.from(destination).toString("hex")}/${length}`;

/** Those that the kernel makes, one for each address; of several in one network it makes one. */
function* routesOf(all: readonly WantedAddresses[], links: Links): Generator<ConnectedRoute> {
  for (const { index, addresses } of all) {
    const link = links.at(index);
    if (link === undefined || (link.flags & IFF_UP) === 0 || link.master !== 0) continue;
    for (const { octets, length } of addresses)
      if (length > 0 && length < 8 * octets.length)
        yield { destination: networkOf(octets, length), length, device: index, source: octets };
  }
}

/**
 * The routes that the kernel makes with our addresses, to the networks they are in. Somebody may delete one and leave its address;
 * it is then made as the kernel makes it. One that was never there is not missed, for it may be in the table of a VRF.
 */
export class ConnectedRoutes {
  readonly #native = routeAddon();
  readonly #netlink: Netlink;
  readonly #refused: NoteRefusal;
  readonly #look: Look;
  #stood: ReadonlySet<string> = new Set();

  constructor(netlink: Netlink, refused: NoteRefusal, look: Look) {
    this.#netlink = netlink;
    this.#refused = refused;
    this.#look = look;
  }

  /** Of all our addresses, after they were added. */
  apply(all: readonly WantedAddresses[], links: Links): void {
    const wanted = new Map([...routesOf(all, links)].map((route) => [keyOf(route), route]));
    const there = wanted.size > 0 ? this.#list() : new Set<string>();
    const stands = new Set<string>();
    for (const [key, route] of wanted) {
      const isThere = there.has(key);
      if (!isThere && !this.#stood.has(key)) continue;
      const subject = `${links.at(route.device)?.name}: route ${addressText(route.destination, route.length)}`;
      this.#look(subject, isThere);
      if (isThere || this.#connect(subject, route)) stands.add(key);
    }
    this.#stood = stands;
  }

  #list(): Set<string> {
    const list = this.#native.routeList(this.#netlink, KERNEL);
    if (typeof list === "number") throw systemError("list of routes", -list);
    return new Set(list.map(keyOf));
  }

  #connect(subject: string, route: ConnectedRoute): boolean {
    const result = this.#native.routeConnect(this.#netlink, route);
    if (result < 0) this.#refused(subject, errorCode(-result));
    return result >= 0;
  }
}
