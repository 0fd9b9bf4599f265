import { createServer, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Turns } from "../control/turns.js";
import { StartFailure, systemReason } from "../start-failure.js";

export interface HttpAddress {
  readonly address: string;
  readonly port: number;
}

/** A document of the server: its media type, and its text at this moment, made piece by piece. */
export interface HttpPage {
  readonly type: string;
  pieces(): AsyncIterable<string>;
}

/** Serves pages by path. `option` names the flag that gave the address, for the StartFailure it throws. */
export async function serveHttp(
  option: string,
  { address, port }: HttpAddress,
  pages: { readonly [path: string]: HttpPage },
): Promise<Server> {
  const turns = new Turns();
  const paths = Object.keys(pages).join(", ");
  const server = createServer(({ url, method }, response) => {
    const page = pages[url?.split("?")[0] ?? ""];
    if (page === undefined) end(response, 404, `see ${paths}\n`);
    else if (method !== "GET" && method !== "HEAD") end(response, 405, "GET only\n");
    else void send(response.writeHead(200, { "content-type": page.type }), page, turns);
  });
  server.maxConnections = 16;
  // Pipelined requests would all be answered in one turn of the event loop.
  server.maxRequestsPerSocket = 1;
  server.requestTimeout = 10_000;
  // A client that never reads its answer must not hold a connection.
  server.setTimeout(10_000);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
  } catch (error) {
    const where = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
    throw new StartFailure(`${option} ${where}: ${systemReason(error)}; choose another address or port`);
  }
  return server;
}

function end(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.writeHead(status, { "content-type": type }).end(text);
}

/** A client that is gone, or a page that fails, ends the connection: what is cut must not pass for a whole page. */
const send = (response: ServerResponse, page: HttpPage, turns: Turns): Promise<void> =>
  pipeline(Readable.from(inTurns(page.pieces(), turns)), response).catch(() => {});

/** Each piece is made in a turn of the event loop of its own, so that the protocols get theirs in between. */
async function* inTurns(pieces: AsyncIterable<string>, turns: Turns): AsyncGenerator<string> {
  for await (const piece of pieces) {
    yield piece;
    await turns.next();
  }
}
