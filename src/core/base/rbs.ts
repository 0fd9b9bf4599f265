/** Services of the remote backup service by their codes, which are the vendor's (behaviour.md 4). */
export const RBS_SERVICES = { "igmp-snooping": 2, arp: 5, igmp: 21, nd: 32, mld: 36 } as const;
export type RbsService = keyof typeof RBS_SERVICES;
