/** The settings in which PEs of one E-Trunk differ. */
export interface PeSettings {
  readonly name: string;
  readonly priority: number;
  /** Source address of the E-Trunk, on the loopback interface. */
  readonly address: string;
  readonly peerAddress: string;
  /**
   * Links of the PE: to the CE, to the core bridged with the trunk, to the core routed. A link has the same name at
   * both ends.
   */
  readonly links: { readonly ce: string; readonly service: string; readonly path: string };
  /** Addresses of the routed link, in a network of 30 bits. */
  readonly path: { readonly own: string; readonly core: string };
  /** Revert delay in seconds. */
  readonly revertDelay: number;
}

/** `auto`: the E-Trunk decides which PE carries; `force-master`: this PE carries always. */
export type MemberMode = "auto" | "force-master";

/**
 * Configuration of a PE. BFD detects a dead peer after three intervals of so many milliseconds, LACP with the short timeout a
 * dead partner after 3 s. Trunk and link to the core are in one bridge; the path to the other PE's loopback interface is
 * routed.
 */
export const peConfiguration = (
  { name, priority, address, peerAddress, links, path, revertDelay }: PeSettings,
  bfdInterval: number,
  mode: MemberMode = "auto",
): string => `sysname ${name}
#
vlan batch 10
#
bfd
#
e-trunk 1
 priority ${priority}
 peer-address ${peerAddress} source-address ${address}
 timer revert delay ${revertDelay}
 security-key cipher two-PEs-act-as-one
 e-trunk bfd enable
 e-trunk bfd min-tx-interval ${bfdInterval} min-rx-interval ${bfdInterval} detect-multiplier 3
#
interface Eth-Trunk1
 portswitch
 port link-type access
 port default vlan 10
 mode lacp-static
 lacp timeout fast
 e-trunk 1
 e-trunk mode ${mode}
#
interface ${links.ce}
 eth-trunk 1
#
interface ${links.service}
 portswitch
 port link-type access
 port default vlan 10
#
interface ${links.path}
 ip address ${path.own} 30
#
interface LoopBack0
 ip address ${address} 32
#
ip route-static ${peerAddress} 32 ${path.core}
#
return
`;
