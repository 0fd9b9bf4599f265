import { describe, expect, test } from "vitest";
import { type ReceiveState, receiveMachine } from "../../../src/core/lacp/receive-machine.js";
import { arrowsWithoutRow, conforms, type Row } from "./arrows.js";

const DISABLED = { portEnabled: false };

const ROWS: readonly Row<ReceiveState>[] = [
  ["6.4.12 BEGIN", "INITIALIZE", { begin: true }, "stays"],
  ["6.4.12 BEGIN", "PORT_DISABLED", { begin: true }, "INITIALIZE"],
  ["6.4.12 BEGIN", "EXPIRED", { begin: true }, "INITIALIZE"],
  ["6.4.12 BEGIN", "LACP_DISABLED", { begin: true }, "INITIALIZE"],
  ["6.4.12 BEGIN", "DEFAULTED", { begin: true }, "INITIALIZE"],
  ["6.4.12 BEGIN", "CURRENT", { begin: true, lacpduReceived: true }, "INITIALIZE"],

  ["6.4.12 port down", "INITIALIZE", DISABLED, "PORT_DISABLED"],
  ["6.4.12 port down", "PORT_DISABLED", DISABLED, "stays"],
  ["6.4.12 port down", "EXPIRED", DISABLED, "PORT_DISABLED"],
  ["6.4.12 port down", "LACP_DISABLED", DISABLED, "PORT_DISABLED"],
  ["6.4.12 port down", "DEFAULTED", DISABLED, "PORT_DISABLED"],
  ["6.4.12 port down", "CURRENT", DISABLED, "PORT_DISABLED"],
  ["6.4.12 port down, late frame", "PORT_DISABLED", { ...DISABLED, lacpduReceived: true }, "stays"],
  ["6.4.12 port down, late frame", "CURRENT", { ...DISABLED, lacpduReceived: true }, "PORT_DISABLED"],

  ["6.4.12 UCT", "INITIALIZE", {}, "PORT_DISABLED"],
  ["6.4.12 UCT", "INITIALIZE", { lacpduReceived: true }, "PORT_DISABLED"],

  ["6.4.12 port moved", "PORT_DISABLED", { ...DISABLED, portMoved: true }, "INITIALIZE"],
  ["6.4.12 port moved", "PORT_DISABLED", { portMoved: true }, "INITIALIZE"],
  ["6.4.12", "PORT_DISABLED", {}, "EXPIRED"],
  ["6.4.12", "PORT_DISABLED", { lacpEnabled: false }, "LACP_DISABLED"],
  ["6.4.12", "PORT_DISABLED", { currentWhileExpired: true }, "EXPIRED"],

  ["6.4.12", "EXPIRED", {}, "stays"],
  ["6.4.12", "EXPIRED", { lacpduReceived: true }, "CURRENT"],
  ["6.4.12", "EXPIRED", { currentWhileExpired: true }, "DEFAULTED"],
  [
    "6.4.12 a PDU proves the partner, late or not",
    "EXPIRED",
    { lacpduReceived: true, currentWhileExpired: true },
    "CURRENT",
  ],

  ["6.4.12", "LACP_DISABLED", { lacpEnabled: false }, "stays"],
  ["6.4.12", "LACP_DISABLED", { lacpEnabled: false, lacpduReceived: true }, "stays"],
  ["6.4.12", "LACP_DISABLED", { lacpEnabled: false, currentWhileExpired: true }, "stays"],

  ["6.4.12", "DEFAULTED", {}, "stays"],
  ["6.4.12", "DEFAULTED", { lacpduReceived: true }, "CURRENT"],
  ["6.4.12", "DEFAULTED", { currentWhileExpired: true }, "stays"],

  ["6.4.12", "CURRENT", {}, "stays"],
  ["6.4.12", "CURRENT", { lacpduReceived: true }, "CURRENT"],
  ["6.4.12", "CURRENT", { currentWhileExpired: true }, "EXPIRED"],
  [
    "6.4.12 a PDU proves the partner, late or not",
    "CURRENT",
    { lacpduReceived: true, currentWhileExpired: true },
    "CURRENT",
  ],
  ["6.4.12 only a disabled port moves", "CURRENT", { portMoved: true }, "stays"],
];

describe("receive machine", () => {
  conforms(receiveMachine, ROWS);

  test("an arrow without a row is found", () => {
    const withoutDefaulted = ROWS.filter(([, from, , to]) => from !== "EXPIRED" || to !== "DEFAULTED");
    expect(arrowsWithoutRow(receiveMachine, withoutDefaulted)).toEqual(["EXPIRED -> DEFAULTED"]);
    const withoutBegin = ROWS.filter(([, , { begin }]) => begin === undefined);
    expect(arrowsWithoutRow(receiveMachine, withoutBegin)).toEqual(["anywhere -> INITIALIZE"]);
  });
});
