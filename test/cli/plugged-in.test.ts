import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { Daemon as Client } from "../../src/cli/client.js";
import { CommandLine } from "../../src/cli/command-line.js";
import { COMMANDS, WORDS } from "../../src/cli/commands/commands.js";
import { rowsAsking } from "../../src/cli/commands/row.js";
import { Shell } from "../../src/cli/shell.js";
import { integer } from "../../src/config/language/parameters.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Mac } from "../../src/core/base/address.js";
import { type Answering, Refusal } from "../../src/core/contract/questions.js";
import { Daemon } from "../../src/daemon/daemon.js";
import { Log } from "../../src/daemon/log/log.js";
import { QUESTIONS, type RowsOf } from "../../src/daemon/questions.js";
import { Store } from "../../src/daemon/state/store.js";
import { startInProcess } from "../support/daemon-in-process.js";
import { SimulatedMachine } from "../support/simulated-machine.js";

/** A question that the house does not know, with all that it takes: its types, its row, its answer, its command. */
interface PrimeQuestions {
  readonly primes: {
    readonly asks: { readonly below?: number };
    readonly answer: { readonly primes: readonly { readonly prime: number }[] };
  };
}

const QUESTION: RowsOf<PrimeQuestions> = { primes: { below: z.exactOptional(z.number().min(0)) } };

const ANSWER: Answering<PrimeQuestions> = {
  primes: ({ below = 10 }) => (below > 99 ? new Refusal(`${below} is too many`) : { primes: primes(below) }),
};

function* primes(below: number) {
  for (let prime = 2; prime < below; prime++)
    if (!Array.from({ length: prime - 2 }, (_, n) => n + 2).some((n) => prime % n === 0)) yield { prime };
}

const COMMAND = rowsAsking<PrimeQuestions>().display("display primes [ <below> ]", {
  help: "Prime numbers",
  parameters: { below: { type: integer(0, 200), help: "Only smaller ones" } },
  ask: ({ values: { below } }) => ["primes", below === undefined ? {} : { below: below as number }],
  show: ({ primes }) => `${primes.map(({ prime }) => prime).join(" ")}\n`,
});

const folder = mkdtempSync(join(tmpdir(), "etrunkd-plugged-"));
let daemon: Daemon;
let client: Client;
const commands = new CommandLine([...COMMANDS, COMMAND], WORDS);

beforeAll(async () => {
  daemon = await startInProcess(folder, { questions: { ...QUESTIONS, ...QUESTION }, answers: ANSWER });
  client = new Client(join(folder, "socket"));
});
afterAll(async () => {
  client.close();
  daemon.stopForRestart();
  await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
});

async function type(line: string, json = false): Promise<string> {
  const printed: string[] = [];
  const output = { print: (text: string) => void printed.push(text), complain: () => {} };
  await new Shell({ daemon: client, output, json, commands }).line(line);
  return printed.join("");
}

test("a question of one's own is answered through socket and shell, as text and as JSON", async () => {
  expect(await type("display primes")).toBe("2 3 5 7\n");
  expect(await type("dis pr 4")).toBe("2 3\n");
  expect(JSON.parse(await type("display primes 4", true))).toEqual({ primes: [{ prime: 2 }, { prime: 3 }] });
  await expect(type("display primes 100")).rejects.toThrow("100 is too many");
});

test("it stands in help, beside those of the house", async () => {
  expect(commands.help("display ")).toContainEqual(expect.stringMatching(/^ {2}primes +Prime numbers$/));
  expect(await type("display version")).toContain("etrunkd");
});

test("a question that nothing answers stops the daemon at its start", () => {
  expect(
    () =>
      new Daemon({
        machine: new SimulatedMachine(),
        model: readConfiguration("").model,
        bindings: new Map(),
        systemMac: 0x020000000a01 as Mac,
        link: "ring",
        socket: join(folder, "other"),
        store: new Store(join(folder, "state")),
        log: new Log("silent"),
        recorder: undefined,
        questions: { ...QUESTIONS, ...QUESTION },
        broken: () => {},
      }),
  ).toThrow('nothing answers "primes"');
});
