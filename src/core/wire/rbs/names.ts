// Numbers and words of the remote backup service (formats/rbs.md 3).

import { RBS_SERVICES, type RbsService } from "../../base/rbs.js";

export const RBS_MESSAGES = {
  OPEN: 1,
  KEEPALIVE: 2,
  "PROFILE-STATE": 3,
  "BATCH-BEGIN": 4,
  ENTRIES: 5,
  "BATCH-END": 6,
  ACK: 7,
  REFRESH: 8,
  DIGEST: 9,
  CLOSE: 10,
  RELAY: 11,
} as const;
export type RbsMessage = keyof typeof RBS_MESSAGES;

/** States of a profile, from 0. */
export const PROFILE_STATES = ["init", "slave", "master"] as const;
export type ProfileState = (typeof PROFILE_STATES)[number];

/** Modes of a profile, from 1. */
export const BACKUP_MODES = ["hot", "warm", "virtual"] as const;

/** Reasons of REFRESH, from 1. */
export const REFRESH_REASONS = ["asked for", "digests differ", "cleared"] as const;

/** Codes of CLOSE, from 1. */
export const CLOSE_CODES = [
  "shut down",
  "version",
  "malformed",
  "silent for too long",
  "replaced",
  "configurations do not fit",
  "leaving",
] as const;
export type CloseCode = (typeof CLOSE_CODES)[number];

const nameIn = <Name extends string>(numbers: { readonly [N in Name]: number }, number: number): Name | undefined =>
  (Object.keys(numbers) as Name[]).find((name) => numbers[name] === number);

/** The name of a type of message; undefined where it is one we do not know. */
export const rbsMessage = (type: number): RbsMessage | undefined => nameIn(RBS_MESSAGES, type);

/** The service of a code; undefined where it is one we do not know. */
export const rbsService = (code: number): RbsService | undefined => nameIn(RBS_SERVICES, code);
