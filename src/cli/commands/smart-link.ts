import type { FlushInterfaceView } from "../../daemon/questions.js";
import { columns, localTime, printMac } from "../layout.js";
import { action, display } from "./row.js";

/** `display smart-link flush`: sums over all interfaces, and the last accepted frame. */
function displayFlush(interfaces: readonly FlushInterfaceView[]): string {
  const field = columns(0, 43);
  let last: FlushInterfaceView | undefined;
  for (const each of interfaces)
    if (each.lastTime !== null && (last?.lastTime == null || each.lastTime > last.lastTime)) last = each;
  const { lastInterface = null, lastTime = null, lastSource = null, lastControlVlan = null } = last ?? {};
  return [
    field(
      "Receive flush packets count:",
      interfaces.reduce((sum, { received }) => sum + received, 0),
    ),
    field("Receive last flush interface:", lastInterface ?? "-"),
    field("Receive last flush packet time:", lastTime === null ? "-" : timeText(lastTime)),
    field("Receive last flush packet source MAC:", lastSource === null ? "-" : printMac(lastSource)),
    field("Receive last flush packet control VLAN ID:", lastControlVlan ?? "-"),
    "",
  ].join("\n");
}

function timeText(iso: string): string {
  const { date, time } = localTime(iso);
  return `${date} ${time}`;
}

/** `display smart-link flush interface`. */
function displayFlushInterfaces(interfaces: readonly FlushInterfaceView[]): string {
  const row = columns(0, 28, 34, 44, 54, 64);
  return [
    row("Interface", "VLAN", "Received", "Sent", "Dropped", "LastReason"),
    ...interfaces.map(({ name, lastControlVlan, received, sent, dropped, lastReason }) =>
      row(name, lastControlVlan ?? "-", received, sent, dropped, lastReason ?? "-"),
    ),
    "",
  ].join("\n");
}

export const flushRows = [
  display("display smart-link flush [ interface ]", {
    help: "Flush frames received and sent",
    words: { interface: "One line per interface" },
    ask: () => ["smart-link-flush", {}],
    show: ({ interfaces }, { words }) =>
      words.includes("interface") ? displayFlushInterfaces(interfaces) : displayFlush(interfaces),
  }),
  action("reset smart-link flush", {
    help: "Clear the counters of Flush frames",
    ask: () => ["reset-smart-link-flush", {}],
  }),
];
