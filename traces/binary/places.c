/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/binary/places.h"

#include "traces/text/blocks.h"

enum {
    OBJECT_BYTES = 4096, /* where a record does not say it */
    CERTAIN_RECORDS = 4,
    PLAUSIBLE_BITS = 40, /* no trace has as many requests */
};

int places_open(struct placed *placed, const struct places *places, struct source *source,
                const struct format_options *options, struct intake *intake, struct error *error)
{
    records_init(&placed->records, source, options, intake);
    intake->has_key_sizes |= places->key_size.bytes > 0;
    if (!places->size.bytes)
        return blocks_settle(&placed->block_bytes, OBJECT_BYTES, options, intake, error);
    return 0;
}

void places_close(void *state)
{
    records_release(&((struct placed *)state)->records);
}

enum format_sureness places_detect(const struct places *places, const char *head, size_t bytes)
{
    size_t count = bytes / places->record_bytes;
    bool big = places->is_big_endian, is_told = places->op.bytes || places->next.bytes, any = false;
    uint64_t last = 0;

    if (!count || binary_is_text(head, bytes))
        return FORMAT_NO;
    for (size_t i = 0; i < count; i++) {
        const char *at = head + i * places->record_bytes;
        uint64_t time = place_read(at, places->time, big), op = place_read(at, places->op, big);
        int64_t next = (int64_t)place_read(at, places->next, big);
        bool is_last = next == -1 || next == -2 || next == INT64_MAX;

        if (time < last || (places->op.bytes && (!op || op == 255 || !verb_exists((unsigned)op))))
            return FORMAT_NO;
        if (places->next.bytes && !is_last && (next <= (int64_t)i || next >> PLAUSIBLE_BITS))
            return FORMAT_NO;
        any |= place_read(at, places->object, big) != 0;
        last = time;
    }
    if (!any)
        return FORMAT_NO;
    return is_told && count >= CERTAIN_RECORDS ? FORMAT_CERTAIN : FORMAT_BY_NAME;
}
