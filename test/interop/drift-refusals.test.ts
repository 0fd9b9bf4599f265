import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BACKENDS, DriftLab, PATIENCE } from "../support/drift-lab.js";
import { leftovers } from "../support/forwarding.js";
import { isRoot } from "../support/lab.js";

describe.runIf(isRoot).each(BACKENDS)("a data plane that the host refuses (%s)", (backend) => {
  let lab: DriftLab;

  beforeEach(async () => {
    lab = await DriftLab.create();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(lab.daemon.log);
    await lab.close();
  });

  test("since the name of its device is taken invites no partner, says so, and is made when the name is free", async () => {
    await lab.run("ip", "link", "add", "eth-trunk1", "up", "type", "veth", "peer", "name", "other");
    await lab.start(backend);
    const refusal = "interface eth-trunk1 exists and was not made by etrunkd: remove or rename it";
    await vi.waitFor(async () => {
      const { operState, ports } = await lab.daemon.trunk();
      expect(operState).toBe("down");
      for (const port of ports) expect(port).toMatchObject({ status: "Unselect", reason: `data plane: ${refusal}` });
      // It hears its partner all the same, and the partner is told that it is not in sync.
      expect(ports.map(({ portState }) => portState?.slice(2, 6))).toEqual(["1000", "1000"]);
    }, PATIENCE);
    expect((await lab.partner.trunk()).upPorts).toBe(0);
    expect(await lab.daemon.alarms()).toEqual([`Eth-Trunk1: ${refusal}.`]);
    const { stdout } = await lab.daemon.control("display", "eth-trunk", "1");
    expect(stdout).toMatch(new RegExp(`Not carrying +Reason\nm1 +data plane: ${refusal}`));
    await lab.run("ip", "link", "del", "other");
    await lab.carries();
    await lab.passes();
    expect(await lab.daemon.alarms()).toEqual([]);
  });

  test("only in settings that protect, /proc/sys being read-only, carries, and an alarm names them", async () => {
    const readOnly = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"';
    for (const name of ["m1", "m2"]) await lab.run("sysctl", "-qw", `net.ipv6.conf.${name}.disable_ipv6=0`);
    await lab.start(backend, [], ["unshare", "--mount", "sh", "-c", readOnly, "sh"]);
    await lab.carries();
    await lab.passes();
    const alarms = await lab.daemon.alarms();
    expect(alarms).toContainEqual(expect.stringMatching(/^Eth-Trunk1 m1: carries, but .*arp_ignore: EROFS/));
    expect(alarms).toContainEqual(expect.stringMatching(/^Eth-Trunk1 et1-ul: carries, but/));
    await lab.daemon.stop();
    expect(await leftovers(lab.near)).toEqual([]);
  });
});
