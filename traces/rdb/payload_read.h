/* SPDX-License-Identifier: GPL-3.0-or-later */
/* payload_read: numbers, texts and listpacks as they stand in a payload. Whoever reads goes on behind a fault: is_bad says so at
 * the end.
 *
 * Source: rdbLoadLen, rdbGenericLoadStringObject (rdb.c), lpGet (listpack.c). */
#ifndef TRACES_RDB_PAYLOAD_READ_H
#define TRACES_RDB_PAYLOAD_READ_H

#include "traces/commands/words.h"

struct reading {
    struct queue *queue;
    struct record *record;
    const unsigned char *at, *end;
    bool is_bad;   /* it ends too early, or says what cannot be; */
    bool is_short; /* the former, of the whole, not of a block in it */
};

/* A text of the payload, or of the queue. */
struct text_read {
    const char *text;
    uint32_t bytes;
};

/* The next bytes; NULL: there are not as many. */
const unsigned char *payload_take(struct reading *reading, uint64_t bytes);
uint64_t payload_little_endian(const unsigned char *bytes, int count);
int64_t payload_signed_of(uint64_t number, int bytes);
uint64_t payload_take_count(struct reading *reading);
/* rdbLoadLen. *is_encoded: it is no length, but says how a string is written. */
uint64_t payload_take_length(struct reading *reading, bool *is_encoded);
struct text_read payload_text_of_number(struct reading *reading, int64_t number);
struct text_read payload_take_string(struct reading *reading);

/* An element of the record, an ELEMENT_CONTENT with this text. */
struct element *payload_queue_content(struct reading *reading, struct text_read text);

/* The listpack that the text is; its next entry; whether there is one. What it cannot be the reading is not, either. */
struct reading payload_open_listpack(struct reading *reading, struct text_read text);
struct text_read payload_take_entry(struct reading *listpack);
bool payload_has_entries(const struct reading *listpack);
void payload_close_listpack(struct reading *reading, const struct reading *listpack);

#endif
