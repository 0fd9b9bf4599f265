import { describe, expect, test } from "vitest";
import { type Flags, readFlags } from "../../src/daemon/flags.js";

const accepted = (...words: string[]): Flags => {
  const flags = readFlags(words, {});
  if ("code" in flags) throw new Error(flags.text);
  return flags;
};

const refused = (...words: string[]): string => {
  const flags = readFlags(words, {});
  if (!("code" in flags)) throw new Error(`${words.join(" ")} is accepted`);
  expect(flags.code).toBe(2);
  return flags.text;
};

describe("the command line", () => {
  test("has the documented defaults", () => {
    expect(accepted()).toEqual({
      config: undefined,
      socket: "/run/etrunkd/etrunkd.sock",
      stateDirectory: "/var/lib/etrunkd",
      bindings: new Map(),
      link: "ring",
      systemMac: undefined,
      metrics: undefined,
      record: undefined,
      redact: false,
      logLevel: "info",
      check: false,
      here: false,
    });
  });

  test("takes the socket from ETRUNKD_SOCKET, unless it is empty or --socket is given", () => {
    const socket = (words: string[], variable: string): unknown => {
      const flags = readFlags(words, { ETRUNKD_SOCKET: variable });
      return "socket" in flags ? flags.socket : flags;
    };
    expect(socket([], "/tmp/a")).toBe("/tmp/a");
    expect(socket([], "")).toBe("/run/etrunkd/etrunkd.sock");
    expect(socket(["--socket", "/tmp/b"], "/tmp/a")).toBe("/tmp/b");
  });

  test("binds several names", () => {
    const { bindings } = accepted("--bind", "GigabitEthernet0/1/1=eth1", "--bind=ge0/1/2=eth2");
    expect([...bindings]).toEqual([
      ["GigabitEthernet0/1/1", "eth1"],
      ["GigabitEthernet0/1/2", "eth2"],
    ]);
  });

  test.each([
    ["9100", { address: "127.0.0.1", port: 9100 }],
    ["0.0.0.0:9100", { address: "0.0.0.0", port: 9100 }],
    ["[::1]:9100", { address: "::1", port: 9100 }],
  ])("serves metrics at %s", (text, at) => {
    expect(accepted("--metrics", text).metrics).toEqual(at);
  });

  test("reads a MAC address in either form", () => {
    expect(accepted("--system-mac", "00e0-fc12-3455").systemMac).toBe(0x00e0fc123455);
    expect(accepted("--system-mac", "00:e0:fc:12:34:55").systemMac).toBe(0x00e0fc123455);
  });

  test.each([
    [["--nonsense"], "unknown option '--nonsense'"],
    [["eth0"], "too many arguments"],
    [["--link", "dpdk"], "Allowed choices are ring, pcap"],
    [["--log-level", "loud"], "Allowed choices are fatal"],
    [["--config"], "argument missing"],
    [["--config", ""], "--config: the path is empty"],
    [["--check"], "--check: needs --config FILE"],
    [["--here"], "--here: needs --check"],
    [["--bind", "eth2"], "--bind eth2: write NAME=IFACE"],
    [["--bind", "=eth2"], "write NAME=IFACE"],
    [["--bind", "a=b=c"], "write NAME=IFACE"],
    [["--bind", "Eth-Trunk1=eth2"], '"Eth-Trunk1" is not the name of a physical interface'],
    [["--bind", "GigabitEthernet0/1/2.5=eth2"], "is not the name of a physical interface"],
    [["--bind", "a=much-too-long-name"], '"much-too-long-name" is not the name of a Linux interface'],
    [["--bind", "a=e0", "--bind", "a=e1"], "a is bound twice"],
    [["--bind", "a=e0", "--bind", "b=e0"], "e0 is bound twice"],
    [["--system-mac", "00e0"], "not a MAC address"],
    [["--system-mac", "0-0-0"], "the address of no device"],
    [["--system-mac", "0180-c200-0002"], "a group address"],
    [["--metrics", "0"], "a port of 1-65535"],
    [["--metrics", "65536"], "a port of 1-65535"],
    [["--metrics", "localhost:9100"], '"localhost" is not an IPv4 address'],
    [["--metrics", "::1:9100"], "write [ADDRESS:]PORT"],
    [["--metrics", "[127.0.0.1]:9100"], "is not an IPv4 address, nor an IPv6 address in brackets"],
    [["--socket", `/tmp/${"x".repeat(103)}`], "longer than 107 octets"],
  ])("refuses %j in one line", (words, why) => {
    const text = refused(...words);
    expect(text).toContain(why);
    expect(text).toMatch(/^etrunkd: [^\n]+\n$/);
  });

  test("names every bad value, one a line", () => {
    expect(refused("--bind", "x", "--system-mac", "y", "--metrics", "z").split("\n")).toHaveLength(4);
  });

  test("prints help and version for stdout, and ends with 0", () => {
    expect(readFlags(["--version"], {})).toEqual({ code: 0, text: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    const help = readFlags(["--help"], {});
    expect(help).toMatchObject({ code: 0 });
    for (const flag of [
      "--config",
      "--socket",
      "--state-dir",
      "--bind",
      "--link",
      "--system-mac",
      "--metrics",
      "--record",
    ])
      expect("text" in help && help.text).toContain(flag);
  });
});
