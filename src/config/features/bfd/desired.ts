import type { BfdAuthenticationType } from "../../../core/base/bfd.js";
import type { DesiredBfdSession } from "../../../core/contract/desired/bfd.js";
import type { Facts } from "../../facts.js";
import type { DesiredPart } from "../../feature.js";
import { parsedAddress } from "../../language/network-parameters.js";
import { type Cipher, openedKey } from "../../language/secrets.js";
import { desiredOf, type Filled, filled } from "../../language/setting.js";
import { isDefaultIp } from "./binding.js";
import { bfdRows, sessionRows } from "./rows.js";
import { type BfdSlice, type Session, sessionsOf } from "./slice.js";

export function desiredSessions(model: BfdSlice, { cipher }: Required<Facts>): DesiredPart {
  const bfd = filled(bfdRows, model.bfd);
  return { bfdSessions: sessionsOf(model).map(([name, session]) => desiredSession(name, session, bfd, cipher)) };
}

function desiredSession(
  name: string,
  session: Session,
  { defaultIpAddress, tosExp }: Filled<typeof bfdRows>,
  cipher: Cipher,
): DesiredBfdSession {
  const { bind } = session;
  const authentication = desiredAuthentication(session, cipher);
  const isUsable = session.authenticationMode === undefined || authentication !== undefined;
  const wish = desiredOf(sessionRows, session);
  return {
    name,
    peer: isDefaultIp(bind) ? undefined : parsedAddress(bind.peer),
    source: bind.source === undefined ? undefined : parsedAddress(bind.source),
    vrf: bind.vpnInstance,
    interface: bind.interface,
    trackInterface: bind.trackInterface,
    group: parsedAddress(defaultIpAddress),
    authentication,
    tosExp: session.tosExp ?? tosExp,
    ...wish,
    // Without its key a session must stay down, not run unauthenticated.
    localDiscriminator: isUsable ? wish.localDiscriminator : undefined,
  };
}

/** Octets of the longest keys, RFC 5880 6.7.2 to 6.7.4: a foreign ciphertext is longer. */
const LONGEST_KEY: { readonly [type in BfdAuthenticationType]: number } = {
  simple: 16,
  md5: 16,
  "met-md5": 16,
  sha1: 20,
  "met-sha1": 20,
};

function desiredAuthentication({ authenticationMode: mode }: Session, cipher: Cipher) {
  if (mode === undefined) return undefined;
  const octets = openedKey(mode.key, cipher).octets?.slice(0, LONGEST_KEY[mode.type]);
  return octets && { type: mode.type, id: mode.keyId, octets };
}
