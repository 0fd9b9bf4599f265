import { CHANGES_ALARMS, type NewsOf } from "../news.js";
import type { ProcessEvent } from "./part.js";

export const processNews = { "in-time": CHANGES_ALARMS } as const satisfies NewsOf<ProcessEvent>;
