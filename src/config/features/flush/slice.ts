import type { RecordOf } from "../../language/setting.js";
import type { Interfaces } from "../interfaces/slice.js";
import type { SwitchPort, VlanSlice } from "../vlan/ports.js";
import type { flushReceiveRows, flushSendRows } from "./rows.js";

/** An interface that sends or heeds Flush frames. */
export type FlushPort = SwitchPort &
  RecordOf<typeof flushSendRows & typeof flushReceiveRows> & {
    mode?: "manual load-balance" | "manual backup" | "lacp-static";
    eTrunk?: object;
  };

export type FlushSlice = Pick<VlanSlice, "vlanBatch" | "vlans"> & Interfaces<FlushPort>;
