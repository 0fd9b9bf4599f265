import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseIpAddress } from "../../../src/core/base/ip-address.js";
import type { StreamEndpoint } from "../../../src/core/base/protocol.js";
import { openStreams, type TcpStreams } from "../../../src/linux/streams/streams.js";
import { isRoot, Lab } from "../../support/lab.js";
import { enter, ipIn } from "../../support/namespace.js";

const PORT = 1_025;
const between = (source: string, peer: string): StreamEndpoint => {
  const [from, to] = [source, peer].map((text) => parseIpAddress(text));
  if (from === undefined || to === undefined) throw new Error("no address");
  return { source: from, peer: to, port: PORT };
};

/** The TCP of one process, and what it told. */
class End {
  readonly told: string[] = [];
  octets = 0;
  connection = 0;
  readonly streams: TcpStreams = openStreams({
    changed: (change) => {
      if (change.kind === "stream-opened") this.connection = change.connection;
      this.told.push(change.kind === "stream-closed" ? `closed: ${change.text}` : change.kind);
    },
    deliver: ({ length }) => {
      this.octets += length;
    },
    readable: () => setImmediate(() => this.streams.drain()),
    refused: (_, text) => this.told.push(`refused: ${text}`),
  });
  send(octets: number): boolean {
    return this.streams.send(this.connection, new DataView(new ArrayBuffer(octets)));
  }
}

describe.runIf(isRoot)("TCP between two addresses", () => {
  let lab: Lab;
  const ends: End[] = [];
  let back = (): void => {};
  const end = (): End => {
    const made = new End();
    ends.push(made);
    return made;
  };

  beforeEach(async () => {
    lab = new Lab();
    const namespace = await lab.namespace("st");
    await ipIn(namespace, "link", "set", "dev", "lo", "up");
    back = enter(namespace);
  });
  afterEach(async () => {
    for (const { streams } of ends.splice(0)) streams.end();
    back();
    await lab.close();
  });

  test("the peer alone is taken, and octets arrive whatever their number", async () => {
    const [listening, connecting, stranger] = [end(), end(), end()];
    listening.streams.listen(between("127.0.0.1", "127.0.0.2"));
    await vi.waitFor(() => {
      connecting.streams.connect(between("127.0.0.2", "127.0.0.1"));
      return vi.waitFor(() => expect(listening.told).toContain("stream-opened"), { timeout: 200 });
    });
    await vi.waitFor(() => expect(connecting.told).toContain("stream-opened"));
    let sent = 0;
    for (let takesMore = true; takesMore; sent += 60_000) takesMore = connecting.send(60_000);
    await vi.waitFor(() => expect(listening.octets).toBe(sent));
    expect(connecting.told).toContain("stream-writable");
    stranger.streams.connect(between("127.0.0.3", "127.0.0.1"));
    await vi.waitFor(() => expect(stranger.told).toContain("closed: the peer reset the connection"));
    expect(listening.streams.strangers(between("127.0.0.1", "127.0.0.2"))).toEqual({ count: 1, last: "127.0.0.3" });
    connecting.streams.close(connecting.connection);
    await vi.waitFor(() => expect(listening.told).toContain("closed: the peer closed the connection"));
  });

  test("nobody listens, and another program does: both are said in words", async () => {
    const [first, second] = [end(), end()];
    first.streams.connect(between("127.0.0.2", "127.0.0.1"));
    const text = "127.0.0.1 refuses connections to port 1025: its service is down, or has another port";
    await vi.waitFor(() => expect(first.told).toEqual([`closed: ${text}`]));
    first.streams.listen(between("127.0.0.1", "127.0.0.2"));
    await vi.waitFor(() => {
      second.streams.listen(between("127.0.0.1", "127.0.0.3"));
      return vi.waitFor(() => expect(second.told.join()).toContain("used by another program"), { timeout: 200 });
    });
    first.streams.ignore(between("127.0.0.1", "127.0.0.2"));
    await vi.waitFor(() => {
      second.streams.listen(between("127.0.0.1", "127.0.0.3"));
      return vi.waitFor(() => expect(second.told.at(-1)).toBe("refused: undefined"), { timeout: 200 });
    });
  });
});
