/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/binary/records.h"

#include "sim/alloc.h"

#include <stdlib.h>

enum {
    PLAUSIBLE_BITS = 40, /* no trace has as many requests, so a larger index shows other data */
    FEW_RECORDS = 4,
};

void records_init(struct records *records, struct source *source, const struct format_options *options,
                  struct intake *intake)
{
    *records = (struct records){.source = source, .options = options, .intake = intake};
    intake->key_names_assumed = true;
}

void records_release(struct records *records)
{
    free(records->tenants);
    free(records->origins);
}

void record_keep_next(struct records *records, struct record *record, int64_t next)
{
    size_t slot = (size_t)(record - records->first);

    if (slot >= records->origins_room) { /* as with the tenants' texts below */
        size_t room = slot < 4096 ? 4096 : 2 * slot;
        struct record_origin *larger = xcalloc(room, sizeof *larger);

        for (struct record *earlier = records->first; earlier < record; earlier++)
            if (earlier->origin) {
                larger[earlier - records->first] = *earlier->origin;
                earlier->origin = &larger[earlier - records->first];
            }
        free(records->origins);
        records->origins = larger;
        records->origins_room = room;
    }
    records->origins[slot] = (struct record_origin){.has_next = true, .next = next};
    record->origin = &records->origins[slot];
}

bool binary_is_text(const char *head, size_t bytes)
{
    return !memchr(head, '\0', bytes);
}

bool binary_times_ascend(const char *head, size_t bytes, size_t record_bytes, size_t offset)
{
    uint32_t last = 0;
    size_t count = bytes / record_bytes;

    for (size_t i = 0; i < count; i++) {
        uint32_t time = binary_u32(head + i * record_bytes + offset);

        if (time < last)
            return false;
        last = time;
    }
    return count > 0;
}

enum format_sureness binary_next_requests(const char *head, size_t bytes, size_t record_bytes, size_t offset)
{
    bool ahead = true;
    size_t count = bytes / record_bytes;

    for (size_t i = 0; i < count; i++) {
        int64_t next = (int64_t)binary_u64(head + i * record_bytes + offset);
        bool none = next == -1 || next == -2 || next == INT64_MAX;

        if (!none && (next < 0 || next >> PLAUSIBLE_BITS))
            return FORMAT_NO;
        ahead &= none || next > (int64_t)i;
    }
    if (bytes % record_bytes && count < FEW_RECORDS) /* so short a trace would have whole records */
        ahead = false;
    return !count ? FORMAT_NO : ahead ? FORMAT_CERTAIN : FORMAT_LIKELY;
}

void record_set_tenant(struct records *records, struct record *record, uint32_t tenant)
{
    size_t slot = (size_t)(record - records->first);
    char *text;

    if (records->last_text && records->last_tenant == tenant) {
        record->tenant = records->last_text;
        return;
    }
    /* Texts never move while records of this read() point to them: all that it can return have a place. */
    if (slot >= records->tenants_room) {
        size_t room = slot < 4096 ? 4096 : 2 * slot;
        char *larger = xcalloc(room, TENANT_TEXT);

        if (records->tenants)
            memcpy(larger, records->tenants, records->tenants_room * TENANT_TEXT);
        for (struct record *earlier = records->first; earlier < record; earlier++)
            if (earlier->tenant)
                earlier->tenant = larger + (earlier->tenant - records->tenants);
        free(records->tenants);
        records->tenants = larger;
        records->tenants_room = room;
    }
    records->last_tenant = tenant;
    text = records->tenants + (slot + 1) * TENANT_TEXT - 1;
    *text = '\0';
    do
        *--text = (char)('0' + tenant % 10);
    while (tenant /= 10);
    record->tenant = records->last_text = text;
}
