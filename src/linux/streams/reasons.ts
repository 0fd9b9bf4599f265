import type { StreamEndpoint } from "../../core/base/protocol.js";

/** Why TCP failed, in one line that says what to look at. */
export function reasonOf(error: NodeJS.ErrnoException, { source, peer, port }: StreamEndpoint): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return `${peer.text} refuses connections to port ${port}: its service is down, or has another port`;
    case "ECONNRESET":
    case "EPIPE":
      return "the peer reset the connection";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
      return `${peer.text} cannot be reached from ${source.text}`;
    case "ETIMEDOUT":
      return `${peer.text} does not answer`;
    case "EADDRNOTAVAIL":
      return `${source.text} is not an address of this host`;
    case "EADDRINUSE":
      return `port ${port} of ${source.text} is used by another program`;
    case "EACCES":
    case "EPERM":
      return `this process may not use port ${port} of ${source.text}`;
    default:
      return `TCP: ${error.code ?? error.message}`;
  }
}
