/** What keeping the host as configured costs, and what waits for it. Needs root, and a machine that does nothing else. */

import { drift } from "./drift.js";
import { outages } from "./outages.js";
import { reload } from "./reload.js";

export const run = async () => ({ reload: await reload(), drift: await drift(), outages: await outages() });
