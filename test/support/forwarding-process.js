// A data plane in a process of its own, inside a network namespace: `node forwarding-process.js RECORD BACKEND`. Lines of JSON
// [id, method, ...arguments] come in on stdin, {id, result} or {id, error} and {failed} go out on stdout.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { addon } from "../../dist/linux/addon.js";
import { EbpfBackend, whyNoEbpf } from "../../dist/linux/forwarding/ebpf.js";
import { LinuxForwarding } from "../../dist/linux/forwarding/forwarding.js";

const [path, kind, deviceMac] = process.argv.slice(2);
const netlink = addon().netlinkOpen();
const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const backends = { ebpf: () => new EbpfBackend(netlink, Number(deviceMac)) };

const record = {
  load: () => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
  save(text) {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  },
};

const forwarding = new LinuxForwarding({
  netlink,
  backend: backends[kind](),
  deviceMac: Number(deviceMac),
  record,
  failed: (problem) => print({ failed: problem }),
});

/** What a test may call besides the methods of LinuxForwarding. */
const extra = { whyNoEbpf, ping: () => "pong" };

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [id, method, ...parameters] = JSON.parse(line);
    try {
      const result = method in extra ? extra[method](...parameters) : forwarding[method](...parameters);
      print({ id, result });
    } catch (error) {
      print({ id, error: error.stack });
    }
  })
  .on("close", () => process.exit(0));
