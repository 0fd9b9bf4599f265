/* BFD packets with an authentication section, Meticulous Keyed SHA1 (RFC 5880 4.4, 6.7.4). */
#ifndef ETRUNKD_SIGNED_H
#define ETRUNKD_SIGNED_H

#include <stdbool.h>
#include <stdint.h>

/* Octets of a packet without authentication section, and with one. */
#define PACKET_SIZE 24
#define SIGNED_SIZE 52
#define DIGEST_SIZE 20

/* The key and the sequence numbers of a session, in both directions. */
struct signer {
  /* Without it packets have no section. */
  bool on;
  uint8_t key_id;
  uint8_t key[DIGEST_SIZE];
  /* bfd.XmitAuthSeq, bfd.RcvAuthSeq: of the last packet that was sent, that was taken. */
  uint32_t sent, taken;
  /* How far ahead of the last packet the next one may be. */
  uint32_t window;
};

/* Appends the section to the 24 octets of a packet, under the next sequence number. */
void sign(struct signer *signer, uint8_t packet[SIGNED_SIZE]);
/* Whether a packet of 52 octets is authentic and newer than the last one; then it is the last one. */
bool takes_signed(struct signer *signer, const uint8_t *packet);

#endif
