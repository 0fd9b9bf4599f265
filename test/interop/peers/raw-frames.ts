import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LacpduParts, readLacpdu, toHex } from "../../support/frames.js";
import { type Lab, run, spawnIn, stop } from "../../support/lab.js";
import { type CapturedFrame, readPcap } from "../../support/pcap.js";

const SENDER = fileURLToPath(new URL("send-frame.js", import.meta.url));

/** Sends a frame as it is out of an interface of a namespace, past everything that runs there. */
export async function sendFrame(namespace: string, device: string, frame: Uint8Array): Promise<void> {
  await run("ip", ["netns", "exec", namespace, process.execPath, SENDER, device, toHex(frame)]);
}

export interface CapturedLacpdu extends LacpduParts {
  /** Microseconds, wall clock. */
  readonly time: number;
}

let captures = 0;

/** tcpdump on an interface: the frames that came in and went out there, those of the slow protocols if not told otherwise. */
export class Capture {
  readonly file: string;
  readonly #tcpdump: ChildProcess;

  private constructor(file: string, tcpdump: ChildProcess) {
    this.file = file;
    this.#tcpdump = tcpdump;
  }

  static async start(
    lab: Lab,
    namespace: string,
    device: string,
    filter: readonly string[] = ["ether", "proto", "0x8809"],
  ): Promise<Capture> {
    const file = join(lab.folder, `capture-${captures++}-${device}.pcap`);
    const command = ["tcpdump", "-U", "--immediate-mode", "-n", "-Z", "root", "-i", device, "-w", file, ...filter];
    const tcpdump = spawnIn(namespace, command, { stdio: ["ignore", "ignore", "pipe"] });
    // Its first words come when it listens.
    if (tcpdump.stderr) await once(tcpdump.stderr, "data");
    return new Capture(file, tcpdump);
  }

  /** What was captured so far, oldest first. */
  frames(): CapturedFrame[] {
    return existsSync(this.file) ? readPcap(this.file) : [];
  }

  /** The LACPDUs whose actor is this system. */
  lacpdusOf(system: string): CapturedLacpdu[] {
    return this.frames().flatMap(({ time, bytes }) => {
      const pdu = readLacpdu(bytes);
      return pdu?.actor.system === system ? [{ ...pdu, time }] : [];
    });
  }

  async stop(): Promise<void> {
    await stop(this.#tcpdump);
  }
}
