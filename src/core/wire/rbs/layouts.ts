import { bytes, layout, mac, u8, u16, u32 } from "../layout.js";

/** Remote backup service, version 1, our own format (formats/rbs.md): the header of a message, then its body. */
export const rbsHeader = layout({ magic: u16, version: u8, type: u8, length: u32, sequence: bytes(8) });

// The fixed parts of the bodies, formats/rbs.md 3.
export const rbsOpen = layout({ epoch: bytes(8), keepalive: u16, multiplier: u8, flags: u8, profiles: u16 });
export const rbsAcknowledgement = layout({ acknowledged: bytes(8) });
export const rbsProfileState = layout({ backupId: u16, state: u8, reserved: u8, generation: u32 });
export const rbsBatchBegin = layout({ backupId: u16, service: u8, reserved: u8, generation: u32, entries: u32 });
export const rbsEntries = layout({
  backupId: u16,
  service: u8,
  flags: u8,
  generation: u32,
  records: u16,
  reserved: u16,
});
/** Of BATCH-END and DIGEST. */
export const rbsDigest = layout({
  backupId: u16,
  service: u8,
  reserved: u8,
  generation: u32,
  entries: u32,
  digest: bytes(8),
});
export const rbsRefresh = layout({ backupId: u16, service: u8, reason: u8 });
export const rbsClose = layout({ code: u16 });
export const rbsRelay = layout({
  backupId: u16,
  service: u8,
  reserved: u8,
  outerVlan: u16,
  innerVlan: u16,
  trunk: u16,
  reserved2: u16,
});

/** A profile in OPEN, formats/rbs.md 3.1; service codes follow. */
export const rbsProfile = layout({
  length: u16,
  backupId: u16,
  state: u8,
  mode: u8,
  etrunk: u16,
  trunk: u16,
  remoteTrunk: u16,
  workMode: u8,
  services: u8,
});

// The head of a record and the fixed parts of the services, formats/rbs.md 4.
export const rbsRecord = layout({ operation: u8, reserved: u8, length: u16 });
export const rbsArp = layout({
  trunk: u16,
  outerVlan: u16,
  innerVlan: u16,
  reserved: u16,
  address: bytes(4),
  mac,
  reserved2: u16,
  sinceHeard: u32,
});
export const rbsNd = layout({
  trunk: u16,
  outerVlan: u16,
  innerVlan: u16,
  flags: u16,
  address: bytes(16),
  mac,
  reserved: u16,
  sinceHeard: u32,
});
export const rbsGroup4 = layout({
  trunk: u16,
  outerVlan: u16,
  innerVlan: u16,
  filterMode: u8,
  compatibility: u8,
  group: bytes(4),
  lastReporter: bytes(4),
  groupTimer: u32,
  olderHostTimer: u32,
  sources: u16,
  reserved: u16,
});
export const rbsGroup6 = layout({
  trunk: u16,
  outerVlan: u16,
  innerVlan: u16,
  filterMode: u8,
  compatibility: u8,
  group: bytes(16),
  lastReporter: bytes(16),
  groupTimer: u32,
  olderHostTimer: u32,
  sources: u16,
  reserved: u16,
});
