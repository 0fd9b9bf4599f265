import type { IncomingDatagram } from "../../base/datagram.js";
import { isEqual } from "../../base/equal.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { DatagramEndpoint, Datagrams } from "../../contract/host.js";

/** The UDP sockets of hellos: one for each source address, port and VRF, whichever E-Trunks share it. */
export class HelloSockets {
  readonly #datagrams: Datagrams;
  readonly #open = new Map<string, DatagramEndpoint>();
  /** Sockets that cannot be opened, and why. */
  readonly #refused = new Map<string, string>();

  constructor(datagrams: Datagrams) {
    this.#datagrams = datagrams;
  }

  /** Opens the sockets that these E-Trunks need, and closes the others. */
  apply(etrunks: Iterable<DesiredEtrunk>): void {
    const wanted = new Map<string, DatagramEndpoint>();
    for (const { addresses, udpPort } of etrunks) {
      if (addresses === undefined) continue;
      const { source, peer, vrf } = addresses;
      const name = nameOf({ source, port: udpPort, vrf });
      const peers = [...(wanted.get(name)?.peers ?? []), peer];
      wanted.set(name, { source, port: udpPort, vrf, peers });
    }
    for (const [name, endpoint] of this.#open) {
      if (wanted.has(name)) continue;
      this.#datagrams.close(endpoint);
      this.#refused.delete(name);
    }
    for (const [name, endpoint] of wanted)
      if (!isEqual(peersOf(endpoint), peersOf(this.#open.get(name)))) this.#datagrams.listen(endpoint);
    this.#open.clear();
    for (const [name, endpoint] of wanted) this.#open.set(name, endpoint);
  }

  /** A socket cannot be opened for this reason; undefined: now it is open. A socket of another part is ignored. */
  refused(endpoint: DatagramEndpoint, reason: string | undefined): void {
    const name = nameOf(endpoint);
    if (!this.#open.has(name)) return;
    if (reason === undefined) this.#refused.delete(name);
    else this.#refused.set(name, reason);
  }

  /** The reason why the socket of an E-Trunk cannot be opened; undefined where it is open. */
  troubleOf({ addresses, udpPort }: DesiredEtrunk): string | undefined {
    return addresses && this.#refused.get(nameOf({ ...addresses, port: udpPort }));
  }

  /** Whether a datagram came to one of these sockets. */
  isOurs({ destination, destinationPort, vrf }: IncomingDatagram): boolean {
    return this.#open.has(nameOf({ source: destination, port: destinationPort, vrf }));
  }
}

const nameOf = ({ source, port, vrf }: Pick<DatagramEndpoint, "source" | "port" | "vrf">): string =>
  `${source.text} ${port} ${vrf ?? ""}`;

const peersOf = (endpoint: DatagramEndpoint | undefined): readonly string[] | undefined =>
  endpoint?.peers?.map(({ text }) => text);
