/** Questions about remote backup services and profiles. */
import type { DesiredRbsProfile } from "../../contract/desired/rbs.js";
import type { Strangers } from "../../contract/host.js";
import { type Acting, type Answering, Refusal } from "../../contract/questions.js";
import type { Mismatch } from "../../rbs/mismatch.js";
import type { RbsService } from "../../rbs/service.js";
import type { HostService } from "../../wire/rbs/host-records.js";
import type { ProfileState } from "../../wire/rbs/names.js";
import {
  type RbsProfileView,
  type RbsServiceView,
  type RbsTableView,
  rbsProfileView,
  rbsServiceView,
} from "./display.js";

export type * from "./display.js";

export interface RbsQuestions {
  /** The service of a name, or all. */
  readonly "remote-backup-services": {
    readonly asks: { readonly name?: string };
    readonly answer: { readonly services: readonly RbsServiceView[] };
  };
  readonly "remote-backup-profiles": {
    readonly asks: { readonly name?: string };
    readonly answer: { readonly profiles: readonly RbsProfileView[] };
  };
}

export interface RbsActions {
  /** A service sends fresh batches: of one service type, or of all. Nothing happens while it is not connected. */
  readonly "batch-backup": {
    readonly asks: { readonly name: string; readonly service?: HostService };
    readonly answer: null;
  };
  /** Zeroes the counters of the service of a name, or of all. */
  readonly "reset-remote-backup-service": { readonly asks: { readonly name?: string }; readonly answer: null };
}

export interface ProfileShown {
  readonly index: number;
  readonly profile: DesiredRbsProfile;
  readonly local: ProfileState;
  readonly peer: ProfileState | null;
  tables(): readonly RbsTableView[];
}

/** What answers are made of. */
export interface RbsSources {
  services(): Iterable<RbsService>;
  profiles(): Iterable<ProfileShown>;
  mismatchesOf(service: RbsService): Iterable<Mismatch>;
  strangersOf(service: RbsService): Strangers;
}

const unknown = (what: string): Refusal => new Refusal(`The specified ${what} does not exist.`);

/** The services of a name, or all of them. */
const called = (sources: RbsSources, name: string | undefined): RbsService[] =>
  [...sources.services()].filter((service) => name === undefined || service.name === name);

export const rbsAnswers = (sources: RbsSources): Answering<RbsQuestions> => ({
  "remote-backup-services": ({ name }, { date }) => {
    const services = called(sources, name);
    if (name !== undefined && services.length === 0) return unknown("remote backup service");
    return {
      services: services.map((service) => {
        const more = { mismatches: sources.mismatchesOf(service), strangers: sources.strangersOf(service) };
        return rbsServiceView(service, more, date);
      }),
    };
  },
  "remote-backup-profiles": ({ name }) => {
    const profiles = [...sources.profiles()].filter(({ profile }) => name === undefined || profile.name === name);
    if (name !== undefined && profiles.length === 0) return unknown("remote backup profile");
    return {
      profiles: profiles.map(({ index, profile, local, peer, tables }) =>
        rbsProfileView(index, profile, local, peer, tables()),
      ),
    };
  },
});

export const rbsActing = (sources: RbsSources): Acting<RbsActions> => ({
  "batch-backup": ({ name, service }) => {
    const services = called(sources, name);
    if (services.length === 0) return unknown("remote backup service");
    for (const each of services) each.exchange?.refresh(service);
    return null;
  },
  "reset-remote-backup-service": ({ name }) => {
    const services = called(sources, name);
    if (name !== undefined && services.length === 0) return unknown("remote backup service");
    for (const service of services) service.resetStatistics();
    return null;
  },
});
