import { createServer, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { StartFailure, systemReason } from "../start-failure.js";

export interface HttpAddress {
  readonly address: string;
  readonly port: number;
}

/** A document of the server: its media type, and its text at this moment. */
export interface HttpPage {
  readonly type: string;
  text(): Promise<string>;
}

/** Serves pages by path. `option` names the flag that gave the address, for the StartFailure it throws. */
export async function serveHttp(
  option: string,
  { address, port }: HttpAddress,
  pages: { readonly [path: string]: HttpPage },
): Promise<Server> {
  const paths = Object.keys(pages).join(", ");
  const server = createServer(({ url, method }, response) => {
    const page = pages[url?.split("?")[0] ?? ""];
    if (page === undefined) end(response, 404, `see ${paths}\n`);
    else if (method !== "GET" && method !== "HEAD") end(response, 405, "GET only\n");
    else
      page.text().then(
        (text) => end(response, 200, text, page.type),
        (error: Error) => end(response, 500, `${error.message}\n`),
      );
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
