import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { ended, isInstalled, type Lab, run, spawnIn, stop } from "../../support/lab.js";

export const isBirdInstalled = isInstalled("bird");

/** BIRD's BFD in a namespace. */
export class Bird {
  readonly #file: string;
  readonly #socket: string;
  readonly #process: ChildProcess;

  private constructor(file: string, socket: string, child: ChildProcess) {
    this.#file = file;
    this.#socket = socket;
    this.#process = child;
  }

  /** `lines` stand inside `protocol bfd`. */
  static async start(lab: Lab, namespace: string, lines: readonly string[]): Promise<Bird> {
    const folder = join(lab.folder, `bird-${namespace}`);
    mkdirSync(folder, { recursive: true });
    const [file, socket] = [join(folder, "bird.conf"), join(folder, "bird.ctl")];
    writeFileSync(file, configurationOf(lines));
    const child = spawnIn(namespace, ["bird", "-f", "-c", file, "-s", socket], { stdio: "ignore" });
    const bird = new Bird(file, socket, child);
    await Promise.race([
      vi.waitUntil(() => existsSync(socket), { timeout: 10_000, interval: 20 }),
      ended(child).then(() => Promise.reject(new Error("bird ended"))),
    ]);
    return bird;
  }

  async configure(lines: readonly string[]): Promise<void> {
    writeFileSync(this.#file, configurationOf(lines));
    await this.#ask("configure");
  }

  /** State by neighbour: `Up`, `Down`, `Init`, `AdminDown`. */
  async states(): Promise<{ readonly [neighbour: string]: string }> {
    const text = await this.#ask("show bfd sessions");
    const rows = [...text.matchAll(/^([\da-f.:]+)\s+\S+\s+(Up|Down|Init|AdminDown)\b/gm)];
    return Object.fromEntries(rows.map(([, neighbour, state]) => [neighbour, state ?? ""]));
  }

  #ask(command: string): Promise<string> {
    return run("birdc", ["-s", this.#socket, command]);
  }

  async stop(): Promise<void> {
    await stop(this.#process);
  }
}

const configurationOf = (lines: readonly string[]): string =>
  ["router id 10.0.0.2;", "protocol device {}", "protocol bfd {", ...lines, "}", ""].join("\n");
