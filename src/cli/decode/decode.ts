import { closeSync, openSync, readSync } from "node:fs";
import { localTime, printMac } from "../layout.js";
import { EXIT, type ExitCode, type Output, reasonOf } from "../output.js";
import { bfdLines } from "./bfd.js";
import { type OctetSource, readCapture, UnreadableCapture } from "./capture-file.js";
import { flushLines } from "./flush.js";
import { type DecodedEnd, type DecodedFrame, type DecodedLacpdu, type DecodedMarker, decodeFrame } from "./frame.js";
import { helloLines } from "./hello.js";
import { RbsStreams, rbsLines } from "./rbs.js";

/**
 * `etrunkctl --decode FILE`; `-` is standard input. The exit code is `refused` when the file cannot be read whole or a
 * PDU has a fault. `key`: key for the digests of hellos.
 */
export function decode(file: string, json: boolean, key: string | undefined, output: Output): ExitCode {
  let descriptor: number;
  try {
    descriptor = file === "-" ? 0 : openSync(file, "r");
  } catch (error) {
    output.complain(`etrunkctl: ${file}: ${reasonOf(error)}`);
    return EXIT.refused;
  }
  try {
    const checked = key === undefined || key === "" ? undefined : new TextEncoder().encode(key);
    return print(octetsOf(descriptor), file, checked, json ? jsonPrinter(output) : textPrinter(output), output);
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}

function octetsOf(descriptor: number): OctetSource {
  return (count) => {
    const octets = new Uint8Array(count);
    let length = 0;
    while (length < count) {
      const read = readSync(descriptor, octets, length, count - length, null);
      if (read === 0) break;
      length += read;
    }
    return new DataView(octets.buffer, 0, length);
  };
}

interface DecodeTotals {
  frames: number;
  pdus: number;
  faults: number;
  /** Damage of the file itself; null without any. */
  damage: string | null;
}

interface Printer {
  frame(frame: DecodedFrame): void;
  end(totals: DecodeTotals): void;
}

function print(
  octets: OctetSource,
  file: string,
  key: Uint8Array | undefined,
  printer: Printer,
  output: Output,
): ExitCode {
  const totals: DecodeTotals = { frames: 0, pdus: 0, faults: 0, damage: null };
  const context = { key, streams: new RbsStreams() };
  try {
    for (const captured of readCapture(octets)) {
      const frame = decodeFrame(captured, context);
      totals.frames++;
      totals.pdus += pdusOf(frame);
      if (frame.fault) totals.faults++;
      printer.frame(frame);
    }
  } catch (error) {
    const isOurs = error instanceof UnreadableCapture || (error instanceof Error && "code" in error);
    if (!isOurs) throw error;
    totals.damage = reasonOf(error);
  }
  printer.end(totals);
  if (totals.damage !== null) output.complain(`etrunkctl: ${file}: ${totals.damage}`);
  return totals.damage !== null || totals.faults > 0 ? EXIT.refused : EXIT.done;
}

/** Messages of a stream are counted in the frame where each ends. */
function pdusOf({ lacpdu, marker, flush, hello, bfd, rbs, fault }: DecodedFrame): number {
  if (rbs !== null) return rbs.messages.length;
  return lacpdu || marker || flush || hello || bfd || fault ? 1 : 0;
}

const jsonPrinter = (output: Output): Printer => {
  let separator = "";
  output.print('{"frames": [');
  return {
    // Frames are printed one by one, since a capture may be larger than memory.
    frame(frame) {
      output.print(`${separator}\n  ${JSON.stringify(frame)}`);
      separator = ",";
    },
    end({ pdus, faults, damage }) {
      output.print(`\n], "pdus": ${pdus}, "faults": ${faults}, "damage": ${JSON.stringify(damage)}}\n`);
    },
  };
};

const textPrinter = (output: Output): Printer => ({
  frame: (frame) => output.print(frameText(frame)),
  end({ frames, pdus, faults, damage }) {
    if (damage !== null && frames === 0) return;
    const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
    output.print(`${count(frames, "frame")}, ${count(pdus, "PDU")}, ${count(faults, "fault")}\n`);
  },
});

/** One frame as text: a line of addresses, then the fields of a PDU, then its fault. @internal */
export function frameText(frame: DecodedFrame): string {
  const addresses =
    frame.source && `${printMac(frame.source)} > ${frame.destination ? printMac(frame.destination) : "?"}`;
  const head = [
    String(frame.number).padStart(5),
    frame.time && timeText(frame.time),
    addresses,
    frame.vlan !== null && `VLAN ${frame.vlan}`,
    frame.what,
    frame.cut && "(cut short by the capture)",
  ];
  const lines = [head.filter((part) => part).join("  ")];
  if (frame.lacpdu) lines.push(...lacpduLines(frame.lacpdu));
  if (frame.marker) lines.push(markerLine(frame.marker));
  if (frame.flush) lines.push(...flushLines(frame.flush));
  if (frame.hello) lines.push(...helloLines(frame.hello));
  if (frame.bfd) lines.push(...bfdLines(frame.bfd));
  if (frame.rbs) lines.push(...rbsLines(frame.rbs));
  if (frame.fault) lines.push(`       Fault: ${frame.fault.text} (${frame.fault.clause})`);
  return `${lines.join("\n")}\n`;
}

function timeText(iso: string): string {
  const { date, time } = localTime(iso);
  return `${date} ${time}${iso.slice(iso.lastIndexOf("."), -1)}`;
}

function lacpduLines({ version, actor, partner, collectorMaxDelay }: DecodedLacpdu): string[] {
  return [
    `       Actor    ${endText(actor)}`,
    `       Partner  ${endText(partner)}`,
    `       Version ${version}, Collector Max Delay ${collectorMaxDelay}`,
  ];
}

const endText = (end: DecodedEnd): string =>
  [
    `System Priority ${end.systemPriority}`,
    `System ${printMac(end.systemId)}`,
    `Key ${end.portKey}`,
    `Port Priority ${end.portPriority}`,
    `Port ${end.portNumber}`,
    `State ${end.portState}${end.portStateBits.length > 0 ? ` (${end.portStateBits.join(", ")})` : ""}`,
  ].join(", ");

const markerLine = ({ version, requesterPort, requesterSystem, transaction }: DecodedMarker): string =>
  `       Version ${version}, Requester Port ${requesterPort}, Requester System ${printMac(requesterSystem)}, Transaction ${transaction}`;
