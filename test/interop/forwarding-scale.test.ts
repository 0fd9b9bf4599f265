import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BackendName, ForwardingProcess, leftovers } from "../support/forwarding.js";
import { isRoot, Lab, run } from "../support/lab.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
const TRUNKS = 64;
const FIRST_INDEX = 1001;

describe.runIf(isRoot).each(BACKENDS)("64 trunks of two members (%s)", (backend) => {
  let lab: Lab;
  let namespace: string;
  let process: ForwardingProcess;

  beforeEach(async () => {
    lab = new Lab();
    namespace = await lab.namespace("s");
    const lines = Array.from({ length: 2 * TRUNKS }, (_, at) => {
      const index = FIRST_INDEX + at;
      return `link add name x${at} index ${index} type veth peer name y${at}\nlink set dev x${at} up\nlink set dev y${at} up\n`;
    });
    await run("ip", ["-n", namespace, "-batch", "-"], lines.join(""));
    process = start();
  });

  afterEach(async () => {
    await process.stop();
    await lab.close();
  });

  const start = (): ForwardingProcess =>
    new ForwardingProcess(namespace, {
      backend,
      record: join(lab.folder, "record.json"),
      deviceMac: 0x02_00_00_00_0a_01,
    });

  /** Seconds from the first word to the last. */
  const tell = async (): Promise<number> => {
    const begin = performance.now();
    for (let trunk = 1; trunk <= TRUNKS; trunk++) {
      const members = [FIRST_INDEX + 2 * trunk - 2, FIRST_INDEX + 2 * trunk - 1];
      await process.call("create", { trunk, hash: "flow" });
      for (const member of members) {
        await process.call("attach", trunk, member);
        await process.call("setCollecting", trunk, member, true);
      }
      const shares = members.map((index) => ({ index, weight: 1 }));
      await process.call("setDistribution", trunk, shares);
      await process.call("setCarrier", trunk, true);
    }
    await process.call("commit");
    expect(process.problems).toEqual([]);
    return (performance.now() - begin) / 1000;
  };

  test("start and restart within 5 s, stay small, and leave within 2 s without a trace", async () => {
    expect(await tell()).toBeLessThan(5);
    // Maps and programs, in octets; nftables has none.
    expect(await process.call<number>("bpfMemory")).toBeLessThan(TRUNKS * 100_000);
    await process.kill();
    process = start();
    expect(await tell()).toBeLessThan(5);
    const begin = performance.now();
    await process.call("leave");
    expect((performance.now() - begin) / 1000).toBeLessThan(2);
    expect(await leftovers(namespace)).toEqual([]);
  });
});
