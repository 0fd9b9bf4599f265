import type { Feature } from "./feature.js";
import { backup } from "./features/backup/feature.js";
import { bfd } from "./features/bfd/feature.js";
import { ethTrunk } from "./features/eth-trunk/feature.js";
import { etrunk } from "./features/etrunk/feature.js";
import { flush } from "./features/flush/feature.js";
import { interfaces } from "./features/interfaces/feature.js";
import { layer3 } from "./features/layer3/feature.js";
import { rbs } from "./features/rbs/feature.js";
import { routing } from "./features/routing/feature.js";
import { system } from "./features/system/feature.js";
import { vlan } from "./features/vlan/feature.js";
import { Grammar } from "./grammar.js";

/** The features of the product. Problems of one line are listed in this order. */
export const FEATURES = [
  ...[system, ethTrunk, backup, interfaces, bfd, etrunk, vlan, layer3, routing, flush, rbs],
] as const satisfies readonly Feature[];

/** The product's configuration language. */
export const PRODUCT = new Grammar(FEATURES);
