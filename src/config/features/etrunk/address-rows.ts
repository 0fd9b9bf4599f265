import { z } from "zod";
import type { ParameterType } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { vpnInstance } from "../bfd/parameters.js";

/** Addresses of hellos. */
interface Addresses {
  readonly peer: string;
  readonly source: string;
  readonly vpnInstance?: string;
}

const withVpn = <Value extends object>(value: Value, vpn: string | undefined) =>
  vpn === undefined ? value : { ...value, vpnInstance: vpn };

export function addresses(peerWord: string, sourceWord: string, type: ParameterType<string>, version: string) {
  return setting<Addresses>(`${peerWord} <peer> ${sourceWord} <source> [ vpn-instance <vpn> ]`, {
    help: `Exchange hellos over ${version}`,
    words: { [sourceWord]: "Address of this device", "vpn-instance": "VPN instance of the addresses" },
    parameters: {
      peer: { type, help: `${version} address of the peer` },
      source: { type, help: `${version} address of this device` },
      vpn: { type: vpnInstance, help: "Name of the VPN instance, a VRF device of Linux" },
    },
    schema: z
      .strictObject(
        { peer: type.schema, source: type.schema, vpnInstance: z.exactOptional(vpnInstance.schema) },
        "{ peer, source, vpnInstance }",
      )
      .overwrite(({ peer, source, vpnInstance }) => withVpn({ peer, source }, vpnInstance)),
    read: ({ values }) =>
      withVpn({ peer: values.peer as string, source: values.source as string }, values.vpn as string | undefined),
    print: ({ peer, source, vpnInstance: vpn }) => [
      `${peerWord} ${type.print(peer)} ${sourceWord} ${type.print(source)}${vpn === undefined ? "" : ` vpn-instance ${vpn}`}`,
    ],
  });
}
