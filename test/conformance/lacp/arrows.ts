import { expect, test } from "vitest";
import { type Arrow, type Machine, Running } from "../../../src/core/base/machine.js";
import type { PortVariables } from "../../../src/core/lacp/port-variables.js";

/** A row: where the standard says it, the box, the variables that differ from those of a port at rest, and the next box. */
export type Row<State extends string> = readonly [clause: string, from: State, given: Given, to: State | "stays"];

/** Variables under the standard's names, as the guards read them. */
export type Given = Partial<typeof AT_REST>;

/** A port whose guards are all false where one can be: enabled, hearing nothing, no timer due. */
const AT_REST = {
  begin: false,
  portEnabled: true,
  portMoved: false,
  lacpEnabled: true,
  lacpduReceived: false,
  currentWhileExpired: false,
  isPassive: false,
  partnerIsPassive: false,
  partnerWantsFast: true,
  periodicExpired: false,
  selected: "SELECTED" as PortVariables["selected"],
  ready: false,
  partnerInSync: false,
  partnerCollects: false,
  isHeldBack: false,
  joins: false,
  joinExpired: false,
  actorInSync: false,
  actorChurnExpired: false,
  partnerChurnExpired: false,
};

/** Stands in for a port: variables are what the row gives, anything else is a mistake of the test. */
function portWith(given: Given): PortVariables {
  const variables: Record<PropertyKey, unknown> = { ...AT_REST, ...given };
  return new Proxy(variables, {
    get(target, name) {
      if (name in target) return target[name];
      throw new Error(`a guard reads ${String(name)}, which no row can give`);
    },
    set(_target, name) {
      throw new Error(`${String(name)} is written outside an action`);
    },
  }) as unknown as PortVariables;
}

interface Step<State extends string> {
  readonly to: State | "stays";
  readonly arrow: Arrow<State, PortVariables> | undefined;
}

/** One step out of a box, without its action; tells which arrow of the table was taken. */
function stepFrom<State extends string>(
  machine: Machine<State, PortVariables>,
  from: State,
  given: Given,
): Step<State> {
  let last: Arrow<State, PortVariables> | undefined;
  const watched = (arrow: Arrow<State, PortVariables>): Arrow<State, PortVariables> => ({
    to: arrow.to,
    when: (port) => {
      const holds = arrow.when(port);
      if (holds) last = arrow;
      return holds;
    },
  });
  const boxes = Object.fromEntries(
    Object.entries<Machine<State, PortVariables>["boxes"][State]>(machine.boxes).map(([name, box]) => [
      name,
      { exits: box.exits.map(watched) },
    ]),
  ) as unknown as Machine<State, PortVariables>["boxes"];
  const running = new Running({ ...machine, open: machine.open.map(watched), boxes }, portWith(given));
  // The first step enters the initial box, whatever the variables are.
  running.step();
  running.state = from;
  last = undefined;
  return running.step() ? { to: running.state, arrow: last } : { to: "stays", arrow: undefined };
}

const describeGiven = (given: Given): string =>
  Object.entries(given)
    .map(([name, value]) => (value === true ? name : value === false ? `not ${name}` : `${name} ${value}`))
    .join(", ") || "nothing";

/** One test a row, and one that every arrow of the table is taken by some row. */
export function conforms<State extends string>(
  machine: Machine<State, PortVariables>,
  rows: readonly Row<State>[],
): void {
  const titled = rows.map(
    (row) =>
      [
        `${row[0]}: ${row[1]} with ${describeGiven(row[2])} ${row[3] === "stays" ? "stays" : `-> ${row[3]}`}`,
        row,
      ] as const,
  );
  test.for(titled)("%s", ([, [, from, given, to]]) => {
    expect(stepFrom(machine, from, given).to).toBe(to);
  });

  test(`every arrow of ${machine.clause} has a row`, () => {
    expect(arrowsWithoutRow(machine, rows)).toEqual([]);
  });

  test(`the table of ${machine.clause} names every box and every open arrow in every box`, () => {
    const states = Object.keys(machine.boxes) as State[];
    for (const state of states)
      expect(
        rows.some(([, from]) => from === state),
        state,
      ).toBe(true);
    for (const { to } of machine.open)
      for (const state of states)
        if (state !== to)
          expect(
            rows.some(([, from, , target]) => from === state && target === to),
            `${state} -> ${to}`,
          ).toBe(true);
  });
}

/** The arrows no row takes, as text. */
export function arrowsWithoutRow<State extends string>(
  machine: Machine<State, PortVariables>,
  rows: readonly Row<State>[],
): string[] {
  const taken = new Set(rows.map(([, from, given]) => stepFrom(machine, from, given).arrow));
  const boxes = Object.entries<Machine<State, PortVariables>["boxes"][State]>(machine.boxes);
  return [
    ...machine.open.filter((arrow) => !taken.has(arrow)).map(({ to }) => `anywhere -> ${to}`),
    ...boxes.flatMap(([from, { exits }]) =>
      exits.filter((arrow) => !taken.has(arrow)).map(({ to }) => `${from} -> ${to}`),
    ),
  ];
}
