import type { AlarmKind, NewsOf } from "../news.js";
import type { InterfacesEvent } from "./part.js";

const INTERFACE_REFUSED: AlarmKind = { id: "0x0e050001", name: "interfaceSettingRefused", level: "Major" };
const MEMBER_UNHEARD: AlarmKind = { id: "0x0e050002", name: "memberNotHeard", level: "Major" };

export const interfacesNews = {
  "interface-refused": {
    alarms: ({ device, text }) => [
      { alarm: INTERFACE_REFUSED, subject: device, text: text && `${device}: not as configured: ${text}.` },
    ],
  },
  "link-refused": {
    alarms: ({ name, text }) => [
      { alarm: MEMBER_UNHEARD, subject: name, text: text && `${name}: LACPDUs cannot be heard: ${text}.` },
    ],
  },
} as const satisfies NewsOf<InterfacesEvent>;

export const interfacesAlarms = [INTERFACE_REFUSED, MEMBER_UNHEARD];
