import type { RecordOf } from "../../language/setting.js";
import type { Interfaces } from "../interfaces/slice.js";
import type { isisRows, isisViewRows, multicastRows, pimIpv6ViewRows, pimRows, pimViewRows } from "./kept-rows.js";
import type { routeRows } from "./static-rows.js";

export type RoutingSlice = RecordOf<typeof routeRows & typeof multicastRows> &
  Interfaces<RecordOf<typeof pimRows & typeof isisRows>> & {
    /** By number of the process. */
    isis?: { [id: string]: RecordOf<typeof isisViewRows> };
    pim?: RecordOf<typeof pimViewRows>;
    pimIpv6?: RecordOf<typeof pimIpv6ViewRows>;
  };
