/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packed: a file of binary records of one size, each of which says which record is the next of its object.
 *
 * A record gets its next one when that comes. So the file is mapped, and earlier records are gone back to: the host may keep
 * them in memory or not. What is known of a key is 8 bytes. */
#ifndef TRACES_WRITE_PACKED_H
#define TRACES_WRITE_PACKED_H

#include "sim/trace_writer.h"

/* Zeroed to begin with. */
struct packed {
    FILE *out;
    const char *path;
    size_t head, each, next_at; /* bytes in front of the records, of one, and where in it the index of the next is */
    char *map;
    size_t bytes, capacity;
    uint64_t count; /* records */
    uint64_t *last; /* by id: 1 + the number of the key's last record */
    uint32_t last_count;
    bool keeps_next; /* the source's own indices are taken */
};

/* The map's first `head` bytes are zero, and the caller's. 0, or -1. */
int packed_open(struct packed *packed, FILE *out, const char *path, size_t head, size_t each, size_t next_at,
                const struct trace_about *about, struct error *error);
/* Room for one more record of the row's key, whose next request is written here; the rest is the caller's. NULL, with an error. */
char *packed_add(struct packed *packed, const struct trace_row *row, struct error *error);
/* Whether the key has a record. */
static inline bool packed_has(const struct packed *packed, uint32_t id)
{
    return id < packed->last_count && packed->last[id];
}
/* The file has its length. 0, or -1. */
int packed_close(struct packed *packed, struct error *error);
void packed_release(struct packed *packed);

void packed_u32(char *to, uint32_t value);
void packed_u64(char *to, uint64_t value);

/* What such records have of a request, and what they lack. */
struct packed_row {
    uint32_t time_s;
    uint64_t object;
    uint32_t bytes;
};
/* 0: it is no request for an object, and omissions say so; 1. Objects are numbered as they come where keys have names. */
int packed_take(const struct trace_row *row, struct packed_row *taken, struct omissions *omissions);

#endif
