import type { Facts } from "../../facts.js";
import type { DesiredPart } from "../../feature.js";
import { type InterfaceName, parseInterfaceName, speedOfType } from "../../language/interface-name.js";
import { desiredOf, type RecordOf } from "../../language/setting.js";
import { deviceOf } from "./devices.js";
import { physicalRows } from "./rows.js";
import { type Interfaces, physicalsOf } from "./slice.js";

const { shutdown, description } = physicalRows;

export const desiredInterfaces = (
  model: Interfaces<RecordOf<typeof physicalRows>>,
  { bindings }: Facts,
): DesiredPart => ({
  interfaces: physicalsOf(model).map(([name, physical]) => ({
    name,
    device: deviceOf(name, physical, bindings),
    speed: physical.speed ?? speedOfType(parseInterfaceName(name) as InterfaceName),
    ...desiredOf({ shutdown, description }, physical),
  })),
});
