import type { RecordOf } from "../../language/setting.js";
import type { deviceRows } from "../interfaces/rows.js";
import type { Interfaces } from "../interfaces/slice.js";
import type { addressRows } from "./address-rows.js";
import type { subInterfaceRows } from "./rows.js";

/** What an interface can be given in Layer 3 mode; of a loopback interface some is missing. */
export type Addressed = RecordOf<typeof addressRows & typeof deviceRows>;
export type SubInterface = RecordOf<typeof subInterfaceRows>;

export type Layer3Slice = Interfaces<
  SubInterface & {
    linuxInterface?: string;
    portswitch?: boolean;
    ethTrunk?: { readonly id: number };
    eTrunk?: object;
  }
>;
