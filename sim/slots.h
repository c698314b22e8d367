/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slots: the 16,384 slots of a Redis Cluster: which of them a key is in, and which shard has it.
 *
 *     key ──▶ CRC16 of its name, or of its hash tag, modulo 16384 ──▶ slot ──▶ slot table ──▶ shard
 *
 * A hash tag is what stands between the first { and the next } behind it, if that is not empty: {user:7}.cart and
 * {user:7}.name are in one slot. A key that the trace knows by a number is hashed as that number's decimal digits.
 *
 * A table is dealt in even ranges, as redis-cli --cluster create does, or comes from a file (slot_file.h). Each slot belongs to
 * exactly one shard.
 *
 * Source: keyHashSlot (cluster.c), crc16.c, clusterManagerCommandCreate (redis-cli.c) of Redis 7.0.15. */
#ifndef SIM_SLOTS_H
#define SIM_SLOTS_H

#include "sim/policy.h"
#include "sim/request.h"

#include <stddef.h>
#include <stdint.h>

enum { SLOT_COUNT = 16384, SHARDS_MOST = 1000 };

/* CRC16-CCITT (XMODEM): polynomial 0x1021, from 0 on. */
uint16_t slot_crc16(const char *text, size_t bytes);
unsigned slot_of_name(const char *name, size_t bytes);

/* What of the name is its hash tag, *bytes long; NULL: it has none, and the whole name counts. */
const char *slot_hash_tag(const char *name, size_t length, size_t *bytes);

/* ---- the slots of a trace's keys ---- */

enum { SLOT_CHUNK_BITS = 16 };

/* By id. Chunks never move, so cells may look at the keys of their batch while the reader adds others. */
struct key_slots {
    uint16_t *chunks[1 << (32 - SLOT_CHUNK_BITS)];
};

struct key_slots *key_slots_new(void);
void key_slots_free(struct key_slots *slots); /* NULL is fine */
void key_slots_set(struct key_slots *slots, uint32_t id, unsigned slot);
/* A key has got its id from this record. */
void key_slots_note(struct key_slots *slots, uint32_t id, const struct record *record);

/* Of a key that has been noted. */
static inline unsigned key_slot_of(const struct key_slots *slots, uint32_t id)
{
    return slots->chunks[id >> SLOT_CHUNK_BITS][id & ((1u << SLOT_CHUNK_BITS) - 1)];
}

/* ---- which shard has which slots ---- */

struct slot_table {
    uint32_t shard_count;
    char *label;                   /* "3 shards", "3 shards of slots.txt"; owned */
    char **names;                  /* of shards; owned */
    uint16_t shard_of[SLOT_COUNT]; /* place of the shard */
};

/* In even ranges; 1 to SHARDS_MOST shards, which are called 1, 2, 3. To be freed. */
struct slot_table *slot_table_deal(uint32_t shards);
void slot_table_free(struct slot_table *table); /* NULL is fine */

/* For who fills one: the place of the shard of this name, which is added; `path` is the file that the table is from, NULL: none. */
uint32_t slot_table_shard(struct slot_table *table, const char *name);
void slot_table_label(struct slot_table *table, const char *path);

/* "0-5460,9000": the slots of a shard. To be freed. */
char *slot_table_print(const struct slot_table *table, uint32_t shard);
uint32_t slot_table_slots(const struct slot_table *table, uint32_t shard); /* how many they are */

#endif
