/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/live/wire.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT = 24 };

/* Makes room for more bytes and returns their address. */
static char *extend(struct wire *wire, size_t bytes)
{
    if (wire->bytes + bytes > wire->capacity) {
        wire->capacity = 2 * (wire->bytes + bytes);
        wire->text = xrealloc(wire->text, wire->capacity);
    }
    wire->bytes += bytes;
    return wire->text + wire->bytes - bytes;
}

static void put_bytes(struct wire *wire, const char *bytes, size_t count)
{
    memcpy(extend(wire, count), bytes, count);
}

static void put_length(struct wire *wire, size_t bytes)
{
    char text[NUMBER_TEXT];

    put_bytes(wire, text, (size_t)snprintf(text, sizeof text, "$%zu\r\n", bytes));
}

void wire_text(struct wire *wire, const char *text, size_t bytes)
{
    put_length(wire, bytes);
    put_bytes(wire, text, bytes);
    put_bytes(wire, "\r\n", 2);
    wire->words++;
}

void wire_word(struct wire *wire, const char *word)
{
    wire_text(wire, word, strlen(word));
}

static void put_number(struct wire *wire, int64_t number)
{
    char text[NUMBER_TEXT];

    snprintf(text, sizeof text, "%" PRId64, number);
    wire_word(wire, text);
}

/* The first long value is not in the text: the library sends 'v's for it. The values of an MSET's other keys are in the
 * text. */
static void put_value(struct wire *wire, const struct record *record)
{
    if (record->flags & REQUEST_INTEGER) {
        put_number(wire, record->number);
        return;
    }
    put_length(wire, record->value_len);
    if (wire->split) {
        memset(extend(wire, record->value_len), 'v', record->value_len);
    } else {
        wire->split = wire->bytes;
        wire->value_bytes = record->value_len;
    }
    put_bytes(wire, "\r\n", 2);
    wire->words++;
}

static void put_key(struct wire *wire, const struct record *record)
{
    char text[NUMBER_TEXT];

    if (record->key) {
        wire_text(wire, record->key, record->key_bytes);
        return;
    }
    snprintf(text, sizeof text, "%" PRIu64, record->key_number);
    wire_word(wire, text);
}

static int64_t ttl_of(const struct record *record)
{
    return record->flags & REQUEST_MILLIS ? record->ttl_ms : record->ttl_ms / 1000;
}

static void put_options(struct wire *wire, const struct record *record)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } options[] = {{REQUEST_NX, "NX"},           {REQUEST_XX, "XX"},   {REQUEST_GT, "GT"},          {REQUEST_LT, "LT"},
                   {REQUEST_KEEPTTL, "KEEPTTL"}, {REQUEST_GET, "GET"}, {REQUEST_PERSIST, "PERSIST"}};
    static const char *const units[] = {"EX", "PX", "EXAT", "PXAT"};

    if (command_table[record->op].options == OPTIONS_FLUSH) {
        if (record->flags & (REQUEST_SYNC | REQUEST_ASYNC))
            wire_word(wire, record->flags & REQUEST_SYNC ? "SYNC" : "ASYNC");
        return;
    }
    if (record->flags & REQUEST_TTL && command_table[record->op].options != OPTIONS_EXPIRE) {
        wire_word(wire, units[2 * !!(record->flags & REQUEST_ABSOLUTE) + !!(record->flags & REQUEST_MILLIS)]);
        put_number(wire, ttl_of(record));
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (record->flags & options[i].flag)
            wire_word(wire, options[i].name);
}

void wire_begin(struct wire *wire, const char *name)
{
    *wire = (struct wire){0};
    wire_word(wire, name);
}

void wire_add(struct wire *wire, const struct record *record)
{
    for (const char *takes = command_table[record->op].arguments; *takes; takes++) {
        switch (*takes) {
        case 'k':
            put_key(wire, record);
            break;
        case 'v':
            put_value(wire, record);
            break;
        case 'n':
            put_number(wire, record->number);
            break;
        case 't':
            put_number(wire, ttl_of(record));
            break;
        case 'o':
            put_options(wire, record);
            break;
        }
    }
}

void wire_end(struct wire *wire)
{
    char count[NUMBER_TEXT];
    size_t bytes = (size_t)snprintf(count, sizeof count, "*%u\r\n", wire->words);
    size_t split = wire->split ? wire->split : wire->bytes;

    extend(wire, bytes);
    memmove(wire->text + bytes, wire->text, wire->bytes - bytes);
    memcpy(wire->text, count, bytes);
    wire->head_bytes = bytes + split;
    wire->tail_bytes = wire->bytes - wire->head_bytes;
}

void wire_release(struct wire *wire)
{
    free(wire->text);
}
