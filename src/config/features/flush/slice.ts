import type { RecordOf } from "../../language/setting.js";
import type { Trunk } from "../eth-trunk/slice.js";
import type { Interfaces } from "../interfaces/slice.js";
import type { SwitchPort, VlanSlice } from "../vlan/ports.js";
import type { flushReceiveRows, flushSendRows } from "./rows.js";

/** An interface that sends or heeds Flush frames. */
export type FlushPort = SwitchPort &
  RecordOf<typeof flushSendRows & typeof flushReceiveRows> &
  Pick<Trunk, "mode"> & { eTrunk?: object };

export type FlushSlice = Pick<VlanSlice, "vlanBatch" | "vlans"> & Interfaces<FlushPort>;
