// A daemon that only speaks the control socket: it answers with what a test gives it.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Refused } from "../../src/cli/client.js";
import type { Request } from "../../src/daemon/questions.js";
import { car, decision, etrunk, session } from "./etrunk-views.js";
import { interfaceLine, member, vlanLine } from "./network-views.js";
import { alarm, flushInterface, manualTrunk, statistics, trunk, version } from "./views.js";

export type Handler = (request: Request, socket: Socket) => unknown;

function oneEtrunk<View extends { id: number }>(views: readonly View[], id: number): View {
  const view = views.find((each) => each.id === id);
  if (!view) throw new Refused(`E-Trunk ${id} does not exist`);
  return view;
}

/** What a daemon with Eth-Trunk 1 and 20 answers. */
export const usual: Handler = (request) => {
  const trunks = [trunk(), manualTrunk];
  const counters = [{ id: 1, ports: [statistics()] }];
  const one = <View extends { id: number }>(views: readonly View[], id: number): View => {
    const view = views.find((each) => each.id === id);
    if (!view) throw new Refused(`Eth-Trunk${id} does not exist`);
    return view;
  };
  switch (request.ask) {
    case "eth-trunk":
      return request.id === undefined ? { trunks } : one(trunks, request.id);
    case "lacp-statistics":
      return request.id === undefined ? { trunks: counters } : one(counters, request.id);
    case "lacp-brief":
      return { systemPriority: 32768, systemId: "00:e0:fc:12:34:56", trunks: [] };
    case "alarms":
      return { alarms: [alarm()] };
    case "version":
      return version;
    case "interfaces":
      return { interfaces: [interfaceLine(), member, interfaceLine({ name: "NULL0", kind: "null" })] };
    case "vlans":
      return { vlans: [vlanLine()] };
    case "current-configuration":
      return { lines: ["#", "sysname DeviceA", "#", "return"], model: { sysname: "DeviceA" } };
    case "reset-lacp-statistics":
      if (request.id !== undefined) one(trunks, request.id);
      return null;
    case "e-trunk": {
      const all = [etrunk(), etrunk({ id: 2, state: "Backup", members: [] })];
      return request.id === undefined ? { etrunks: all } : oneEtrunk(all, request.id);
    }
    case "e-trunk-packets":
      return { etrunkIdErrors: 0, lengthErrors: 0, etrunks: [] };
    case "why-e-trunk":
      return oneEtrunk([decision()], request.id);
    case "bfd-sessions":
      return { sessions: [session(), session({ name: "six", localDiscriminator: 6, peerAddress: "2001:db8::6" })] };
    case "session-car":
      return { sessions: request.protocol === "e-trunk-ipv4" ? [car()] : [] };
    case "reset-e-trunk-statistics":
    case "reset-bfd-statistics":
    case "reset-session-car":
      return null;
    case "smart-link-flush":
      return { interfaces: [flushInterface()] };
    case "reset-smart-link-flush":
      return null;
    case "protect-switch":
      one(trunks, request.id);
      return null;
    case "marker":
      return {
        id: request.id,
        ports: [
          { name: "eth1", roundTripMs: 0.5 },
          { name: "eth22", roundTripMs: null },
        ],
      };
    case "names":
      return { trunks: [1, 20], etrunks: [1, 2], interfaces: ["Eth-Trunk1", "GigabitEthernet0/1/1", "NULL0"] };
    case "monitor":
      return undefined;
  }
};

/** Listens on a socket of its own until it is closed; `undefined` as an answer sends nothing. */
export class FakeDaemon {
  readonly directory = mkdtempSync(join(tmpdir(), "etrunkctl-test-"));
  readonly path = join(this.directory, "etrunkd.sock");
  readonly requests: Request[] = [];
  handler: Handler;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(handler: Handler = usual) {
    this.handler = handler;
  }

  static async listening(handler: Handler = usual): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(handler);
    await daemon.listen();
    return daemon;
  }

  async listen(): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      createInterface({ input: socket }).on("line", (line) => this.#answer(line, socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
  }

  #answer(line: string, socket: Socket): void {
    const request = JSON.parse(line) as Request;
    this.requests.push(request);
    try {
      const data = this.handler(request, socket);
      if (data !== undefined) socket.write(`${JSON.stringify({ ok: true, data })}\n`);
    } catch (error) {
      socket.write(`${JSON.stringify({ ok: false, error: (error as Error).message })}\n`);
    }
  }

  get clients(): number {
    return this.#sockets.size;
  }

  /** Hangs up on everybody, as a daemon that dies. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.hangUp();
    this.#server?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
