import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { notifyServiceManager } from "../../src/daemon/notify.js";

/** Prints what it gets as datagrams of a Unix socket; Node has none of its own. */
const LISTENER = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
listener.bind("\\0" + name[1:] if name[0] == "@" else name)
listener.settimeout(10)
print("bound", flush=True)
print(listener.recv(4096).decode(), flush=True)`;

function listen(name: string): Promise<{ got: Promise<string> }> {
  const child = spawn("python3", ["-c", LISTENER, name], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  const got = new Promise<string>((resolve) => child.once("close", () => resolve(text)));
  return new Promise((resolve) => {
    child.stdout.on("data", (part) => {
      text += part;
      if (text === "bound\n") resolve({ got });
    });
  });
}

describe("the service manager", () => {
  test("is told at a path", async () => {
    const folder = mkdtempSync(join(tmpdir(), "etrunkd-notify-"));
    const path = join(folder, "socket");
    const { got } = await listen(path);
    notifyServiceManager(["RELOADING=1", "MONOTONIC_USEC=5"], { NOTIFY_SOCKET: path });
    expect(await got).toBe("bound\nRELOADING=1\nMONOTONIC_USEC=5\n");
    rmSync(folder, { recursive: true });
  });

  test("is told at an abstract name", async () => {
    const name = `@etrunkd-notify-${process.pid}`;
    const { got } = await listen(name);
    notifyServiceManager(["READY=1"], { NOTIFY_SOCKET: name });
    expect(await got).toBe("bound\nREADY=1\n");
  });

  test.each([undefined, "", "/nowhere/socket", "relative", "vsock:2:1234", `/${"x".repeat(200)}`])(
    "that is not there (%s) is no reason to stop",
    (socket) => {
      expect(() => notifyServiceManager(["READY=1"], { NOTIFY_SOCKET: socket })).not.toThrow();
    },
  );
});
