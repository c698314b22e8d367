/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/write/packed.h"

#include "sim/alloc.h"
#include "sim/policy.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GROWTH = 16 << 20 };

void packed_u32(char *to, uint32_t value)
{
    value = htole32(value);
    memcpy(to, &value, sizeof value);
}

void packed_u64(char *to, uint64_t value)
{
    value = htole64(value);
    memcpy(to, &value, sizeof value);
}

static int failed(const struct packed *packed, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", packed->path, strerror(errno));
}

/* Room for so many more bytes: the file is longer than it will be. Blocks are reserved, so that a full disk is an error here and
 * no signal later. */
static int make_room(struct packed *packed, size_t bytes, struct error *error)
{
    size_t wanted = packed->bytes + bytes, capacity = packed->capacity;
    void *map;

    if (wanted <= capacity)
        return 0;
    while (capacity < wanted)
        capacity += capacity / 2 > GROWTH ? capacity / 2 : GROWTH;
    errno = posix_fallocate(fileno(packed->out), 0, (off_t)capacity);
    if (errno)
        return failed(packed, error);
    map = packed->map ? mremap(packed->map, packed->capacity, capacity, MREMAP_MAYMOVE)
                      : mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(packed->out), 0);
    if (map == MAP_FAILED)
        return failed(packed, error);
    packed->map = map;
    packed->capacity = capacity;
    return 0;
}

int packed_open(struct packed *packed, FILE *out, const char *path, size_t head, size_t each, size_t next_at,
                const struct trace_about *about, struct error *error)
{
    *packed = (struct packed){.out = out, .path = path, .head = head, .each = each, .next_at = next_at};
    packed->keeps_next = about->is_whole;
    if (make_room(packed, head + each, error))
        return -1;
    packed->bytes = head;
    return 0;
}

char *packed_add(struct packed *packed, const struct trace_row *row, struct error *error)
{
    const struct record_origin *origin = row->record->origin;
    uint64_t *last;
    char *record;

    if (make_room(packed, packed->each, error))
        return NULL;
    if (row->id >= packed->last_count)
        packed->last = xgrow(packed->last, &packed->last_count, row->id + 1, sizeof *packed->last);
    record = packed->map + packed->bytes;
    packed->bytes += packed->each;
    last = &packed->last[row->id];
    if (packed->keeps_next && origin && origin->has_next) {
        packed_u64(record + packed->next_at, (uint64_t)origin->next);
        *last = ++packed->count;
        return record;
    }
    if (*last)
        packed_u64(packed->map + packed->head + (*last - 1) * packed->each + packed->next_at, packed->count);
    packed_u64(record + packed->next_at, (uint64_t)-1);
    *last = ++packed->count;
    return record;
}

int packed_close(struct packed *packed, struct error *error)
{
    if (msync(packed->map, packed->bytes, MS_ASYNC) || ftruncate(fileno(packed->out), (off_t)packed->bytes))
        return failed(packed, error);
    return 0;
}

void packed_release(struct packed *packed)
{
    if (packed->map)
        munmap(packed->map, packed->capacity);
    free(packed->last);
}

static void lose(struct omissions *omissions, const char *what)
{
    omissions_add(omissions, what, 1);
}

int packed_take(const struct trace_row *row, struct packed_row *taken, struct omissions *omissions)
{
    const struct record *record = row->record;
    const struct command *command = &command_table[record->op];
    char what[OMISSION_TEXT];

    if (row->id == NO_KEY || command->type > TYPE_STRING ||
        !(command->returns || command->deletes || command_takes((enum op)record->op, 'v') ||
          command->change == CHANGE_COUNTS)) {
        snprintf(what, sizeof what, "commands: %s", op_name((enum op)record->op));
        lose(omissions, what);
        return 0;
    }
    if (record->time_us < 0 || record->time_us / 1000000 > UINT32_MAX) {
        lose(omissions, "requests after 2106");
        return 0;
    }
    *taken = (struct packed_row){.time_s = (uint32_t)(record->time_us / 1000000),
                                 .object = record->key ? row->id + UINT64_C(1) : record->key_number,
                                 .bytes = row->completed->value_len};
    if (record->time_us % 1000000)
        lose(omissions, "parts of a second of times");
    if (taken->bytes == VALUE_UNKNOWN) {
        lose(omissions, "that the size of a read is not known: it is 0");
        taken->bytes = 0;
    } else if (record->value_len == VALUE_UNKNOWN) {
        lose(omissions, "that the size of a read is not known: the last one known for the key is written");
    }
    if (record->key)
        lose(omissions, "names of keys: objects have numbers, from 1 on as they come");
    if (record->db)
        lose(omissions, "databases");
    if (record->client || (record->origin && record->origin->caller))
        lose(omissions, "clients");
    return 1;
}
