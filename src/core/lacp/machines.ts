import { runToRest } from "../base/machine.js";
import type { Port } from "./port.js";
import type { AggregatorVariables } from "./port-variables.js";
import { Selection, type SelectionLimits } from "./selection.js";

/** Runs the machines of all ports of a trunk to rest in the standard's order, with the Selection Logic between them. */
export class Machines {
  readonly selection: Selection;
  readonly #ports: ReadonlySet<Port>;
  readonly #aggregator: AggregatorVariables;
  #limits: SelectionLimits;
  #isSelectionDue = false;
  readonly #steps = [{ step: () => this.#step() }];

  constructor(ports: ReadonlySet<Port>, aggregator: AggregatorVariables, limits: SelectionLimits) {
    this.selection = new Selection(ports);
    this.#ports = ports;
    this.#aggregator = aggregator;
    this.#limits = limits;
  }

  get limits(): SelectionLimits {
    return this.#limits;
  }

  /** An input of the Selection Logic changed. */
  selectAnew(limits = this.#limits): void {
    this.#limits = limits;
    this.#isSelectionDue = true;
  }

  /** Runs all machines; true when the ports other than `port`, of which alone an input came, may have changed too. */
  run(port?: Port): boolean {
    if (port !== undefined && !this.#isSelectionDue) {
      runToRest([{ step: () => this.#stepAlone(port) }]);
      if (!this.#isSelectionDue) return false;
    }
    runToRest(this.#steps);
    return true;
  }

  /** The machines of one port, until the Selection Logic has to decide. */
  #stepAlone(port: Port): boolean {
    const moved = this.#receive(port);
    return !this.#isSelectionDue && (this.#mux(port) || moved) && !this.#isSelectionDue;
  }

  #step(): boolean {
    const { settings, now } = this.#aggregator;
    let moved = false;
    for (const port of this.#ports) moved = this.#receive(port) || moved;
    if (this.#isSelectionDue) {
      this.#isSelectionDue = false;
      moved = this.selection.step(settings, this.#limits, now) || moved;
    }
    for (const port of this.#ports) moved = this.#mux(port) || moved;
    return moved;
  }

  #mux(port: Port): boolean {
    let moved = port.mux.step();
    if (moved) this.#isSelectionDue = true;
    moved = port.actorChurnDetection.step() || moved;
    return port.partnerChurnDetection.step() || moved;
  }

  #receive(port: Port): boolean {
    const { receiveState, selected, partnerInSync } = port;
    const moved = port.receive.step();
    if (
      moved &&
      (port.receiveState !== receiveState || port.selected !== selected || port.partnerInSync !== partnerInSync)
    )
      this.#isSelectionDue = true;
    return port.periodicTransmission.step() || moved;
  }
}
