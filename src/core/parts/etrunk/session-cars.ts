import { isEqual } from "../../base/equal.js";
import type { Micros } from "../../base/time.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { Etrunk } from "../../etrunk/etrunk.js";
import { type CarRates, SessionCar } from "../../etrunk/hello/session-car.js";
import { type SessionCarView, sessionCarView } from "./display.js";

/** The policers of `whitelist session-car`: one for the session of each E-Trunk whose address family is policed. */
export class SessionCars {
  readonly #cars = new Map<number, SessionCar>();

  /** Gives an E-Trunk a fresh policer where its rates changed. */
  apply(settings: DesiredEtrunk, policed: Desired["sessionCar"]): void {
    const rates = ratesFor(settings, policed);
    if (rates === undefined) this.#cars.delete(settings.id);
    else if (!isEqual(this.#cars.get(settings.id)?.rates, rates)) this.#cars.set(settings.id, new SessionCar(rates));
  }

  forget(etrunk: number): void {
    this.#cars.delete(etrunk);
  }

  /** Polices an authentic hello of an E-Trunk's session; returns false when the session's rate is used up. */
  passes(etrunk: number, octets: number, now: Micros): boolean {
    return this.#cars.get(etrunk)?.police(octets, now) !== "red";
  }

  views(etrunkOf: (id: number) => Etrunk | undefined): SessionCarView[] {
    return [...this.#cars].flatMap(([id, car]) => {
      const etrunk = etrunkOf(id);
      return (etrunk && sessionCarView(etrunk, car)) ?? [];
    });
  }

  /** Zeroes the counters of the policers of one address family. */
  resetStatistics(protocol: SessionCarView["protocol"], etrunkOf: (id: number) => Etrunk | undefined): void {
    for (const [id, car] of this.#cars) {
      const etrunk = etrunkOf(id);
      if (etrunk !== undefined && sessionCarView(etrunk, car)?.protocol === protocol) car.resetStatistics();
    }
  }
}

function ratesFor({ addresses }: DesiredEtrunk, policed: Desired["sessionCar"]): CarRates | undefined {
  if (policed === undefined || addresses === undefined) return undefined;
  return addresses.peer.isIpv4 ? policed.etrunkIpv4 : policed.etrunkIpv6;
}
