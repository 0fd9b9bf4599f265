import { PassThrough } from "node:stream";
import { expect, vi } from "vitest";
import { Daemon } from "../../src/cli/client.js";
import { Interactive } from "../../src/cli/interactive.js";
import { Shell } from "../../src/cli/shell.js";

export const CTRL = { c: "\x03", d: "\x04", g: "\x07", x: "\x18", y: "\x19", z: "\x1a" };
export const UP = "\x1b[A";
export const LEFT = "\x1b[D";

/** A terminal that shows what the last row of it says, as a person would see it. */
export class Terminal {
  readonly keys = new PassThrough();
  readonly screen = new PassThrough();
  shown = "";
  readonly ended: Promise<number>;

  /** `path`: the control socket. */
  constructor(path: string) {
    this.screen.on("data", (text) => {
      this.shown += String(text);
    });
    const daemon = new Daemon(path);
    const output = {
      print: (text: string) => void this.screen.write(text),
      complain: (line: string) => void this.screen.write(`${line}\n`),
    };
    const shell = new Shell({ daemon, output, json: false });
    this.ended = new Interactive({ shell, daemon, keys: this.keys, screen: this.screen, output }).run();
  }

  type(text: string): void {
    this.keys.write(text);
  }

  /** Everything shown so far, with the editor's cursor movements played back. */
  get text(): string {
    let rows = [""];
    let column = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal obeys
    for (const [piece] of this.shown.matchAll(/\x1b\[(\d*)([A-Z])|\r|\n|[^\x1b\r\n]/g)) {
      const row = rows.at(-1)!;
      const [, number, letter] = /^.\[(\d*)([A-Z])$/.exec(piece) ?? [];
      if (piece === "\n") {
        rows.push("");
        column = 0;
      } else if (piece === "\r") column = 0;
      else if (letter === "G") column = Number(number) - 1;
      else if (letter === "C") column += Number(number);
      else if (letter === "D") column -= Number(number);
      else if (letter === "J" || letter === "K") rows = [...rows.slice(0, -1), row.slice(0, column)];
      else if (letter === undefined) {
        rows = [...rows.slice(0, -1), row.slice(0, column).padEnd(column) + piece + row.slice(column + 1)];
        column++;
      }
    }
    return rows.join("\n");
  }

  get row(): string {
    return this.text.split("\n").at(-1)!;
  }

  async shows(row: string): Promise<void> {
    await vi.waitFor(() => expect(this.row).toBe(row), { interval: 5, timeout: 15_000 });
  }

  async showsText(text: string): Promise<void> {
    await vi.waitFor(() => expect(this.text).toContain(text), { interval: 5, timeout: 15_000 });
  }
}
