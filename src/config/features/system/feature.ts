import type { Feature } from "../../feature.js";
import type { RecordOf } from "../../language/setting.js";
import { systemRows } from "./rows.js";

/** System view, and what identifies the host. */
export const system: Feature<RecordOf<typeof systemRows>> = {
  views: [{ name: "system", kind: "", promptOf: () => "" }],
  rows: { system: systemRows },
  desired: (_, { deviceMac }) => ({ deviceMac }),
};
