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

  run(): void {
    runToRest(this.#steps);
  }

  #step(): boolean {
    const { settings, now } = this.#aggregator;
    let moved = false;
    for (const port of this.#ports) moved = this.#receive(port) || moved;
    if (this.#isSelectionDue) {
      this.#isSelectionDue = false;
      moved = this.selection.step(settings, this.#limits, now) || moved;
    }
    for (const port of this.#ports) {
      if (port.mux.step()) {
        moved = true;
        this.#isSelectionDue = true;
      }
      moved = port.actorChurnDetection.step() || moved;
      moved = port.partnerChurnDetection.step() || moved;
    }
    return moved;
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
