import { bfdAlarms } from "../parts/bfd/alarms.js";
import { bfdNews } from "../parts/bfd/news.js";
import { BfdPart } from "../parts/bfd/part.js";
import type { BfdActions, BfdQuestions } from "../parts/bfd/questions.js";
import { configurationAlarms } from "../parts/configuration/alarms.js";
import { ConfigurationPart } from "../parts/configuration/part.js";
import { etrunkAlarms } from "../parts/etrunk/alarms.js";
import { etrunkNews } from "../parts/etrunk/news.js";
import { EtrunkPart } from "../parts/etrunk/part.js";
import type { EtrunkActions, EtrunkQuestions } from "../parts/etrunk/questions.js";
import { flushAlarms } from "../parts/flush/alarms.js";
import { flushNews } from "../parts/flush/news.js";
import { FlushPart } from "../parts/flush/part.js";
import type { FlushActions, FlushQuestions } from "../parts/flush/questions.js";
import { interfacesAlarms } from "../parts/interfaces/alarms.js";
import { InterfacesPart } from "../parts/interfaces/part.js";
import { neighboursAlarms } from "../parts/neighbours/alarms.js";
import { neighboursNews } from "../parts/neighbours/news.js";
import { NeighboursPart } from "../parts/neighbours/part.js";
import type { NeighbourActions, NeighbourQuestions } from "../parts/neighbours/questions.js";
import { networkAlarms } from "../parts/network/alarms.js";
import { networkNews } from "../parts/network/news.js";
import { NetworkPart } from "../parts/network/part.js";
import type { PartContext } from "../parts/part.js";
import { processAlarms } from "../parts/process/alarms.js";
import { processNews } from "../parts/process/news.js";
import { ProcessPart } from "../parts/process/part.js";
import { rbsAlarms } from "../parts/rbs/alarms.js";
import { rbsNews } from "../parts/rbs/news.js";
import { RbsPart } from "../parts/rbs/part.js";
import type { RbsActions, RbsQuestions } from "../parts/rbs/questions.js";
import { trunksAlarms } from "../parts/trunks/alarms.js";
import { trunksNews } from "../parts/trunks/news.js";
import { TrunksPart } from "../parts/trunks/part.js";
import type { TrunkActions, TrunkQuestions } from "../parts/trunks/questions.js";

/**
 * The parts of the core, in the order in which they send:
 *
 *   etrunk      hellos first: the peer waits for what we give up, and each millisecond is traffic lost
 *   bfd         then what says that we live
 *   neighbours  then where our addresses are from now on, and whether hosts are still there,
 *   flush       and what the network shall forget
 *   rbs         then the state that the peer's profiles follow
 *   configuration  sends nothing; knows whether the file is in force
 *   process     sends nothing; knows whether this process is in time
 *   network     sends nothing; what it asks the Host for stands on the trunks' devices
 *   interfaces  sends nothing; members are heard before LACP speaks on them
 *   trunks      LACP last: it invites traffic, so whatever else is to be known by then has left
 */
export const makeParts = (context: PartContext) => ({
  etrunk: new EtrunkPart(context),
  bfd: new BfdPart(context),
  neighbours: new NeighboursPart(context),
  flush: new FlushPart(context),
  rbs: new RbsPart(context),
  configuration: new ConfigurationPart(),
  process: new ProcessPart(),
  network: new NetworkPart(context),
  interfaces: new InterfacesPart(context),
  trunks: new TrunksPart(context),
});

export type Parts = ReturnType<typeof makeParts>;

/** What the parts answer, and what an operator may do. */
export interface PartQuestions
  extends BfdQuestions,
    EtrunkQuestions,
    FlushQuestions,
    NeighbourQuestions,
    RbsQuestions,
    TrunkQuestions {}
export interface PartActions
  extends BfdActions,
    EtrunkActions,
    FlushActions,
    NeighbourActions,
    RbsActions,
    TrunkActions {}

/** What the world is told of the events of all parts. */
export const NEWS = {
  ...trunksNews,
  ...flushNews,
  ...neighboursNews,
  ...bfdNews,
  ...etrunkNews,
  ...rbsNews,
  ...processNews,
  ...networkNews,
};

/** Every alarm there is. */
export const ALARMS = [
  ...trunksAlarms,
  ...etrunkAlarms,
  ...flushAlarms,
  ...bfdAlarms,
  ...neighboursAlarms,
  ...rbsAlarms,
  ...interfacesAlarms,
  ...networkAlarms,
  ...configurationAlarms,
  ...processAlarms,
];
