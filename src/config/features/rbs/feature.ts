import { trunkName } from "../../../core/base/trunk-names.js";
import type { Collection, Feature } from "../../feature.js";
import type { ParameterType } from "../../language/parameters.js";
import type { RecordOf } from "../../language/setting.js";
import { rbsActions } from "./actions.js";
import { checkRbs, userOfRbs, warnOfRbs } from "./checks.js";
import { desiredRbs } from "./desired.js";
import { bindingRows, profileName, profileRows, serviceName, serviceRows } from "./rows.js";
import type { Profile, RbsSlice } from "./slice.js";

const named = (attribute: string, view: string, type: ParameterType<string>): Collection => ({
  attribute,
  viewLine: (name) => `${view} ${name}`,
  positionOf: (name) => ({ view, name }),
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  misnamed: (name) => (type.schema.safeParse(name).success ? undefined : type.text),
});

/** Remote backup services, their profiles, and the interfaces that are bound to them. */
export const rbs: Feature<RbsSlice> = {
  views: [
    {
      name: "remote-backup-service",
      kind: "a remote backup service",
      collection: "remoteBackupServices",
      promptOf: (name) => `rm-backup-srv-${name}`,
    },
    {
      name: "remote-backup-profile",
      kind: "a remote backup profile",
      collection: "remoteBackupProfiles",
      promptOf: (name) => `rm-backup-prf-${name}`,
    },
  ],
  collections: [
    named("remoteBackupServices", "remote-backup-service", serviceName),
    named("remoteBackupProfiles", "remote-backup-profile", profileName),
  ],
  rows: {
    "remote-backup-service": serviceRows,
    "remote-backup-profile": profileRows,
    "eth-trunk": bindingRows,
    "sub-interface": bindingRows,
  },
  actions: { system: rbsActions },
  unavailable: { "remote-backup-profile": ["peer-backup warm", "peer-backup virtual"] },
  words: {
    "remote-backup-service": "Connections to the other PE",
    "remote-backup-profile": "What is backed up, and where",
    track: "What the connection follows",
  },
  userOf: userOfRbs,
  ties: {
    remoteBackupProfiles: (name, { eTrunk }: Profile) => [
      `remote-backup-profile ${name}`,
      ...(eTrunk === undefined ? [] : [`interface ${trunkName(eTrunk.ethTrunk)}`]),
    ],
    interfaces: (_, { remoteBackupProfile: profile }: RecordOf<typeof bindingRows>) =>
      profile === undefined ? [] : [`remote-backup-profile ${profile}`],
  },
  check: checkRbs,
  warn: warnOfRbs,
  desired: desiredRbs,
};
