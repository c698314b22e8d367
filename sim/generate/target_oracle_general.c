/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target_oracle_general: binary records; see traces/oracle_general.c. Objects are numbered from 1.
 *
 * Each record has the place of its object's next request, which is not known when the record is drawn. So the records go
 * into a temporary file, which is mapped; there, a record's last eight bytes are its key's place at first. Then they are gone
 * through from behind, where the next request of each key has been seen already. Memory is bounded by the keys: the
 * file's pages are the system's to write away. */
#include "sim/generate/target.h"

#include "sim/alloc.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { AHEAD = 16, RECORD_BYTES = 24, BLOCK_BYTES = RECORD_BYTES << 14 };

/* The next request of what is in a place. */
struct seen {
    uint64_t object, index;
};

struct oracle_general {
    FILE *out, *file; /* file: the temporary one */
    char *records;    /* mapped */
    uint64_t count, capacity;
    uint32_t keys;
};

static int no_room(struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "cannot write the trace: no room for its records in %s: %s", P_tmpdir,
                     strerror(errno));
}

static int begin(void *state, const struct generate_plan *plan, FILE *out, struct error *error)
{
    struct oracle_general *oracle = state;
    void *mapped;

    if (plan->seconds > UINT32_MAX)
        return error_set(error, ERROR_USAGE,
                         "cannot generate a trace: "
                         "oracleGeneral counts seconds in 32 bits, the trace would be longer");
    *oracle = (struct oracle_general){.out = out, .capacity = plan->requests, .keys = plan->keys};
    oracle->file = tmpfile();
    if (!oracle->file)
        return no_room(error);
    errno = posix_fallocate(fileno(oracle->file), 0, (off_t)(plan->requests * RECORD_BYTES));
    if (errno)
        return no_room(error);
    mapped = mmap(NULL, plan->requests * RECORD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(oracle->file), 0);
    if (mapped == MAP_FAILED)
        return no_room(error);
    oracle->records = mapped;
    return 0;
}

static int put(void *state, const struct generate_row *row)
{
    struct oracle_general *oracle = state;
    char *record = oracle->records + oracle->count * RECORD_BYTES;
    uint32_t time_le = htole32((uint32_t)(row->time_us / 1000000)), bytes_le = htole32(row->value_bytes);
    uint64_t object_le = htole64(row->number + 1), key_le = htole64(row->key);

    if (oracle->count == oracle->capacity) {
        errno = EFBIG;
        return -1;
    }
    oracle->count++;
    memcpy(record, &time_le, 4);
    memcpy(record + 4, &object_le, 8);
    memcpy(record + 12, &bytes_le, 4);
    memcpy(record + 16, &key_le, 8);
    return 0;
}

/* The place of each record's key becomes the index of its next request, or -1. */
static void find_next(struct oracle_general *oracle)
{
    struct seen *seen = xcalloc(oracle->keys + 1ull, sizeof *seen);

    for (uint64_t i = oracle->count; i-- > 0;) {
        char *record = oracle->records + i * RECORD_BYTES;
        uint64_t object, key, next = UINT64_MAX;

        if (i >= AHEAD) { /* the table does not fit into the processor's caches */
            memcpy(&key, record - AHEAD * RECORD_BYTES + 16, 8);
            key = le64toh(key);
            if (key < oracle->keys)
                __builtin_prefetch(&seen[key], 1);
        }
        memcpy(&object, record + 4, 8);
        memcpy(&key, record + 16, 8);
        object = le64toh(object);
        key = le64toh(key);
        if (key < oracle->keys) {
            if (seen[key].object == object)
                next = seen[key].index;
            seen[key] = (struct seen){object, i};
        }
        next = htole64(next);
        memcpy(record + 16, &next, 8);
    }
    free(seen);
}

static int write_out(struct oracle_general *oracle)
{
    uint64_t bytes = oracle->count * RECORD_BYTES;

    find_next(oracle);
    for (uint64_t at = 0; at < bytes; at += BLOCK_BYTES) {
        size_t block = bytes - at < BLOCK_BYTES ? (size_t)(bytes - at) : BLOCK_BYTES;
        if (fwrite_unlocked(oracle->records + at, 1, block, oracle->out) != block)
            return -1;
    }
    return fflush(oracle->out) ? -1 : 0;
}

static int end(void *state, bool failed)
{
    struct oracle_general *oracle = state;
    int status = failed ? 0 : write_out(oracle), number = errno;

    if (oracle->records)
        munmap(oracle->records, oracle->capacity * RECORD_BYTES);
    if (oracle->file)
        fclose(oracle->file);
    errno = number;
    return status;
}

const struct generate_target generate_target_oracle_general = {
    .name = "oracleGeneral",
    .summary = "oracleGeneral (binary, reads only)",
    .state_size = sizeof(struct oracle_general),
    .reads_only = true,
    .begin = begin,
    .put = put,
    .end = end,
};
