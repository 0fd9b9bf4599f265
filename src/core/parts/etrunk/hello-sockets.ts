import type { IncomingDatagram } from "../../base/datagram.js";
import { isEqual } from "../../base/equal.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { DatagramEndpoint, Datagrams, ExpectedSender } from "../../contract/host.js";
import { epochOctets, etrunkHello } from "../../wire/etrunk-hello.js";

/** An E-Trunk, and how hellos of its peer are told from others without a key. */
export interface HelloPath {
  readonly settings: DesiredEtrunk;
  readonly leastTtl: number;
  /** Epoch of the last fresh hello; 0 before the first. Who does not see the path has to guess it. */
  readonly peerEpoch: number;
}

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
  apply(paths: Iterable<HelloPath>): void {
    const wanted = new Map<string, DatagramEndpoint>();
    for (const { settings, leastTtl, peerEpoch } of paths) {
      const { addresses, udpPort } = settings;
      if (addresses === undefined) continue;
      const { source, peer, vrf } = addresses;
      const name = nameOf({ source, port: udpPort, vrf });
      const known = peerEpoch === 0 ? undefined : { offset: etrunkHello.at.epoch, octets: epochOctets(peerEpoch) };
      const peers = [...(wanted.get(name)?.peers ?? []), { address: peer, leastTtl, known }];
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
  endpoint?.peers?.map(
    ({ address, leastTtl, known }: ExpectedSender) => `${address.text} ${leastTtl} ${known?.octets}`,
  );
