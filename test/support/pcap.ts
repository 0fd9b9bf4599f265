import { readFileSync, writeFileSync } from "node:fs";

/** One captured frame: microseconds since the start of the capture's clock, and the octets from the destination on. */
export interface CapturedFrame {
  readonly time: number;
  readonly bytes: Uint8Array;
}

// libpcap's classic format (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap), version 2.4, microseconds.
const MAGIC = 0xa1b2c3d4;
const LINKTYPE_ETHERNET = 1;
const SNAPLEN = 65_535;

/** The octets of a capture file of Ethernet frames. */
export function encodePcap(frames: readonly CapturedFrame[]): Uint8Array {
  const out = new Uint8Array(24 + frames.reduce((sum, frame) => sum + 16 + frame.bytes.length, 0));
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, SNAPLEN);
  view.setUint32(20, LINKTYPE_ETHERNET);
  let offset = 24;
  for (const { time, bytes } of frames) {
    view.setUint32(offset, Math.floor(time / 1_000_000));
    view.setUint32(offset + 4, Math.round(time % 1_000_000));
    view.setUint32(offset + 8, bytes.length);
    view.setUint32(offset + 12, bytes.length);
    out.set(bytes, offset + 16);
    offset += 16 + bytes.length;
  }
  return out;
}

/** Reads a capture of either byte order; throws when the file is not one of Ethernet frames with microseconds. */
export function decodePcap(file: Uint8Array): CapturedFrame[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = file.length >= 24 && view.getUint32(0, true) === MAGIC;
  if (file.length < 24 || view.getUint32(0, little) !== MAGIC) throw new Error("not a pcap file with microseconds");
  if (view.getUint32(20, little) !== LINKTYPE_ETHERNET) throw new Error("not a capture of Ethernet frames");
  const frames: CapturedFrame[] = [];
  for (let offset = 24; offset < file.length; ) {
    const length = view.getUint32(offset + 8, little);
    const time = view.getUint32(offset, little) * 1_000_000 + view.getUint32(offset + 4, little);
    frames.push({ time, bytes: file.slice(offset + 16, offset + 16 + length) });
    offset += 16 + length;
  }
  return frames;
}

export const writePcap = (path: string, frames: readonly CapturedFrame[]): void =>
  writeFileSync(path, encodePcap(frames));

export const readPcap = (path: string): CapturedFrame[] => decodePcap(readFileSync(path));
