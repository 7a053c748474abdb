// Reads what Cyclone DDS keeps to itself: where in a received packet a sample came from.
//
// Cyclone hands a sample to a type as a chain of fragments that point into the receive buffer. The submessage header
// in front of the first fragment names the writer and its 64-bit sequence number, which no public function tells.
// `roswave_dds_self_test` checks, against functions of the library that is linked, that the layout used here is the
// library's own; the Rust side trusts no number before that has passed.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef ROSWAVE_CYCLONE_HEADERS
#include "dds/ddsi/ddsi_radmin.h"
#else
// The same layout, written out for builds that cannot find the headers of Cyclone DDS 11.0.1.
struct ddsi_rmsg_chunk {
  void *rbuf;
  void *next;
  union {
    uint32_t size;
    int64_t l;
    double d;
    void *p;
  } u;
};
struct ddsi_rmsg {
  uint32_t refcount;
  struct ddsi_rmsg_chunk *lastchunk;
  _Bool trace;
  struct ddsi_rmsg_chunk chunk;
};
struct ddsi_rdata {
  struct ddsi_rmsg *rmsg;
  struct ddsi_rdata *nextfrag;
  uint32_t min, maxp1;
  uint16_t submsg_zoff;
  uint16_t payload_zoff;
  uint16_t keyhash_zoff;
};
#define DDSI_RMSG_PAYLOAD(m) ((unsigned char *) (m + 1))
#define DDSI_RMSG_PAYLOADOFF(m, o) (DDSI_RMSG_PAYLOAD (m) + (o))
#define DDSI_RDATA_PAYLOAD_OFF(r) ((unsigned) (r)->payload_zoff)
#define DDSI_RDATA_SUBMSG_OFF(r) ((unsigned) (r)->submsg_zoff)
#endif

// Functions of the library that no public header declares.
struct ddsi_rbufpool;
struct ddsi_rbufpool *ddsi_rbufpool_new (const void *logcfg, uint32_t rbuf_size, uint32_t max_rmsg_size);
void ddsi_rbufpool_free (struct ddsi_rbufpool *pool);
struct ddsi_rmsg *ddsi_rmsg_new (struct ddsi_rbufpool *pool);
void ddsi_rmsg_setsize (struct ddsi_rmsg *rmsg, uint32_t size);
void ddsi_rmsg_commit (struct ddsi_rmsg *rmsg);
struct ddsi_rdata *ddsi_rdata_new (struct ddsi_rmsg *rmsg, uint32_t start, uint32_t endp1, uint32_t submsg_offset,
                                   uint32_t payload_offset, uint32_t keyhash_offset);
const void *ddsi_serdata_keyhash_from_fragchain (const struct ddsi_rdata *fragchain);

struct roswave_origin {
  uint8_t writer[16];
  uint64_t sequence;
};

enum { DATA = 0x15, DATA_FRAG = 0x16, RTPS_HEADER_BYTES = 20, SUBMESSAGE_BYTES = 24 };

static uint32_t native_word (const unsigned char *p)
{
  uint32_t value;
  memcpy (&value, p, sizeof (value));
  return value;
}

// The writer and the sequence number of a received sample; 0 when the packet does not look as it must.
//
// Cyclone has validated the packet and, doing so, turned the GUID's parts and the sequence number into the machine's own
// byte order where they lie (do_packet, validate_Data and validate_DataFrag in ddsi_receive.c).
int roswave_dds_origin (const struct ddsi_rdata *first, struct roswave_origin *out)
{
  const unsigned submessage_offset = DDSI_RDATA_SUBMSG_OFF (first);
  if (submessage_offset < RTPS_HEADER_BYTES || DDSI_RDATA_PAYLOAD_OFF (first) < submessage_offset + SUBMESSAGE_BYTES)
    return 0;
  const unsigned char *packet = DDSI_RMSG_PAYLOAD (first->rmsg);
  const unsigned char *submessage = packet + submessage_offset;
  if (memcmp (packet, "RTPS", 4) != 0 || (submessage[0] != DATA && submessage[0] != DATA_FRAG))
    return 0;
  for (int i = 0; i < 4; i++)
  {
    const uint32_t part = native_word (i < 3 ? packet + 8 + 4 * i : submessage + 12);
    for (int k = 0; k < 4; k++)
      out->writer[4 * i + k] = (uint8_t) (part >> (24 - 8 * k));
  }
  out->sequence = (uint64_t) native_word (submessage + 16) << 32 | native_word (submessage + 20);
  return 1;
}

// Puts the fragments of a sample together; 0 when they do not cover exactly `size` bytes.
int roswave_dds_assemble (const struct ddsi_rdata *first, unsigned char *to, size_t size)
{
  size_t filled = 0;
  for (const struct ddsi_rdata *part = first; part != NULL; part = part->nextfrag)
  {
    const size_t end = part->maxp1 < size ? part->maxp1 : size;
    if (part->min > filled)
      return 0;
    if (end > filled)
    {
      const unsigned char *from = DDSI_RMSG_PAYLOADOFF (part->rmsg, DDSI_RDATA_PAYLOAD_OFF (part));
      memcpy (to + filled, from + (filled - part->min), end - filled);
      filled = end;
    }
  }
  return filled == size;
}

// 1 when the library builds its receive buffers as this file believes.
int roswave_dds_self_test (void)
{
  static const uint64_t no_logging[128];
  static const unsigned char packet[] = {
    'R', 'T', 'P', 'S', 2, 1, 1, 0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    DATA, 0x05, 36, 0, 0, 0, 16, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 0, 0, 'p', 'a', 'y', 'l', 'o', 'a', 'd', '!', 0, 0, 0, 0
  };
  enum { SUBMESSAGE_AT = 20, PAYLOAD_AT = 44, PAYLOAD_BYTES = 12 };
  // GUID prefix; entity id, sequence number above and below 2^32: in the machine's order, as Cyclone leaves them.
  static const uint32_t prefix[] = { 0x01100a0b, 0x0c0d0e0f, 0x01020304 };
  static const uint32_t native[] = { 0x00001203, 1, 2 };
  static const unsigned char writer[] = { 1, 16, 10, 11, 12, 13, 14, 15, 1, 2, 3, 4, 0, 0, 0x12, 0x03 };
  int passed = 0;
  struct ddsi_rbufpool *pool = ddsi_rbufpool_new (no_logging, 262144, 65536);
  if (pool == NULL)
    return 0;
  struct ddsi_rmsg *rmsg = ddsi_rmsg_new (pool);
  if (rmsg != NULL)
  {
    ddsi_rmsg_setsize (rmsg, sizeof (packet));
    // The offset of a key hash is turned into an address by the library itself: it tells where packets start.
    struct ddsi_rdata *first = ddsi_rdata_new (rmsg, 0, 8, SUBMESSAGE_AT, PAYLOAD_AT, 4);
    struct ddsi_rdata *second = ddsi_rdata_new (rmsg, 8, PAYLOAD_BYTES, SUBMESSAGE_AT, PAYLOAD_AT + 8, 0);
    if (first != NULL && second != NULL)
    {
      const unsigned char *start = (const unsigned char *) ddsi_serdata_keyhash_from_fragchain (first) - 4;
      unsigned char whole[PAYLOAD_BYTES];
      struct roswave_origin origin;
      if (start == DDSI_RMSG_PAYLOAD (rmsg) && first->rmsg == rmsg && first->nextfrag == NULL && first->min == 0
          && first->maxp1 == 8 && second->min == 8 && second->maxp1 == PAYLOAD_BYTES)
      {
        memcpy (DDSI_RMSG_PAYLOAD (rmsg), packet, sizeof (packet));
        memcpy (DDSI_RMSG_PAYLOAD (rmsg) + 8, prefix, sizeof (prefix));
        memcpy (DDSI_RMSG_PAYLOAD (rmsg) + SUBMESSAGE_AT + 12, native, sizeof (native));
        first->nextfrag = second;
        passed = roswave_dds_origin (first, &origin) && origin.sequence == 0x100000002
                 && memcmp (origin.writer, writer, sizeof (writer)) == 0
                 && roswave_dds_assemble (first, whole, sizeof (whole))
                 && memcmp (whole, packet + PAYLOAD_AT, sizeof (whole)) == 0
                 && !roswave_dds_assemble (second, whole, sizeof (whole));
      }
    }
    ddsi_rmsg_commit (rmsg);
  }
  ddsi_rbufpool_free (pool);
  return passed;
}
