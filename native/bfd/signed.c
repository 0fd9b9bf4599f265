/* BFD packets with an authentication section, Meticulous Keyed SHA1 (RFC 5880 4.4, 6.7.4). */
#include "signed.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#define METICULOUS_SHA1 5
#define SECTION_SIZE (SIGNED_SIZE - PACKET_SIZE)
#define SEQUENCE_AT (PACKET_SIZE + 4)
#define DIGEST_AT (PACKET_SIZE + 8)

/* The digest is made over the packet with the key in the digest's place. */
static void digest(const struct signer *signer, const uint8_t *packet, uint8_t to[DIGEST_SIZE]) {
  uint8_t keyed[SIGNED_SIZE];
  memcpy(keyed, packet, DIGEST_AT);
  memcpy(keyed + DIGEST_AT, signer->key, DIGEST_SIZE);
  SHA1(keyed, sizeof keyed, to);
}

void sign(struct signer *signer, uint8_t packet[SIGNED_SIZE]) {
  uint32_t sequence = ++signer->sent;
  const uint8_t section[] = {METICULOUS_SHA1,          SECTION_SIZE,          signer->key_id,       0,
                             (uint8_t)(sequence >> 24), (uint8_t)(sequence >> 16), (uint8_t)(sequence >> 8), (uint8_t)sequence};
  memcpy(packet + PACKET_SIZE, section, sizeof section);
  digest(signer, packet, packet + DIGEST_AT);
}

bool takes_signed(struct signer *signer, const uint8_t *packet) {
  const uint8_t *section = packet + PACKET_SIZE, *at = packet + SEQUENCE_AT;
  uint32_t sequence = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
  uint32_t ahead = sequence - signer->taken;
  uint8_t wanted[DIGEST_SIZE];
  if (section[0] != METICULOUS_SHA1 || section[1] != SECTION_SIZE || section[2] != signer->key_id) return false;
  if (ahead == 0 || ahead > signer->window) return false;
  digest(signer, packet, wanted);
  if (CRYPTO_memcmp(wanted, packet + DIGEST_AT, DIGEST_SIZE) != 0) return false;
  signer->taken = sequence;
  return true;
}
