import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CapturedFrame, writePcap } from "./pcap.js";

/** Our dissector in Lua. */
export const DISSECTOR = fileURLToPath(new URL("../../examples/wireshark/etrunkd.lua", import.meta.url));

/**
 * Wireshark's own decoder on a capture file, with a dissector in Lua where one is given: per frame the wanted fields,
 * repeated values joined by a comma.
 */
export function tshark<const Field extends string>(
  pcap: string,
  fields: readonly Field[],
  script?: string,
): { [F in Field]: string }[] {
  const more = script === undefined ? [] : ["-X", `lua_script:${script}`];
  const words = [...more, "-r", pcap, "-T", "fields", ...fields.flatMap((field) => ["-e", field])];
  const output = execFileSync("tshark", words, {
    encoding: "utf8",
    // tshark says on stderr that running as root is dangerous; here it reads a file.
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = output.split("\n").slice(0, -1);
  return lines.map((line) => {
    const values = line.split("\t");
    return Object.fromEntries(fields.map((field, n) => [field, values[n] ?? ""])) as { [F in Field]: string };
  });
}

/** The same for frames in memory, through a capture file that is removed again. */
export function dissect<const Field extends string>(
  frames: readonly CapturedFrame[],
  fields: readonly Field[],
  script?: string,
): { [F in Field]: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "etrunkd-dissect-"));
  try {
    const path = join(folder, "frames.pcap");
    writePcap(path, frames);
    return tshark(path, fields, script);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What Wireshark objects to in a frame: malformed, or an expert's remark. Ask for both; each is empty when all is well. */
export const COMPLAINTS = ["_ws.malformed", "_ws.expert.message"] as const;
