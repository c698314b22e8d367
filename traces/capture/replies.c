/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/capture/replies.h"

#include "sim/alloc.h"
#include "sim/digits.h"

#include <stdlib.h>
#include <string.h>

enum { ITEMS_MOST = 1 << 20, STRING_MOST = 1 << 30, KEPT_DEPTH = 2 };

void replies_begin(struct reply_reader *reader, bool lost)
{
    reader->is_lost = lost;
    reader->in_line = false;
    reader->word_bytes = 0;
    reader->skip = 0;
    reader->depth = 0;
    reader->count = 0;
    reader->is_reply = true;
    *reader->first_word = '\0';
}

void replies_release(struct reply_reader *reader)
{
    free(reader->items);
}

bool replies_at_rest(const struct reply_reader *reader)
{
    return !reader->is_lost && !reader->in_line && !reader->skip && !reader->depth;
}

static void add_item(struct reply_reader *reader, char type, bool is_nil, int64_t number)
{
    if (reader->depth > KEPT_DEPTH || reader->count >= ITEMS_MOST || !reader->is_reply)
        return;
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 16;
        reader->items = xrealloc(reader->items, reader->capacity * sizeof *reader->items);
    }
    reader->items[reader->count++] =
        (struct reply_item){.type = type, .depth = (uint8_t)reader->depth, .is_nil = is_nil, .number = number};
}

/* An element is whole, and with it perhaps what it is in. */
static void end_element(struct reply_reader *reader, replies_reply_fn *reply, void *owner)
{
    while (reader->depth && !--reader->left[reader->depth - 1])
        reader->depth--;
    if (reader->depth)
        return;
    if (reader->is_reply)
        reply(owner, reader);
    reader->count = 0;
    reader->is_reply = true;
    *reader->first_word = '\0';
}

static bool begin_array(struct reply_reader *reader, char type, int64_t number, replies_reply_fn *reply, void *owner)
{
    bool pairs = type == '%' || type == '|';

    if (number > INT32_MAX || reader->depth == REPLY_DEPTH)
        return false;
    if (!reader->depth)
        reader->is_reply = type != '>' && type != '|';
    if (type != '|')
        add_item(reader, type, number < 0, number);
    if (number <= 0) {
        if (type == '|') /* about nothing */
            reader->is_reply = !reader->depth;
        else
            end_element(reader, reply, owner);
        return true;
    }
    /* What is said about an element is none of the array's elements. */
    if (reader->depth && type == '|')
        ++reader->left[reader->depth - 1];
    reader->left[reader->depth++] = (uint64_t)number << pairs;
    return true;
}

/* The line is there: reader->word is its beginning, without its end. */
static bool take_item(struct reply_reader *reader, replies_reply_fn *reply, void *owner)
{
    const char *word = reader->word, *end = word + reader->word_bytes;
    char type = *word;
    int64_t number = 0;
    size_t bytes;

    switch (type) {
    case '+':
    case '-':
        if (!reader->depth) {
            for (bytes = 0; bytes < REPLY_WORD - 1 && word + 1 + bytes < end && word[1 + bytes] != ' '; bytes++)
                reader->first_word[bytes] = word[1 + bytes];
            reader->first_word[bytes] = '\0';
        }
        add_item(reader, type, false, 0);
        break;
    case ':':
        if (!digits_canonical(word + 1, end, &number))
            return false;
        add_item(reader, type, false, number);
        break;
    case '_':
    case ',':
    case '(':
    case '#':
        add_item(reader, type, type == '_', 0);
        break;
    case '$':
    case '=':
    case '!':
        if (!digits_canonical(word + 1, end, &number) || number < -1 || number > STRING_MOST)
            return false;
        add_item(reader, type, number < 0, number);
        if (number >= 0) {
            reader->skip = (uint64_t)number + 2;
            return true;
        }
        break;
    case '*':
    case '~':
    case '>':
    case '%':
    case '|':
        return digits_canonical(word + 1, end, &number) && number >= -1 &&
               begin_array(reader, type, number, reply, owner);
    default:
        return false;
    }
    end_element(reader, reply, owner);
    return true;
}

/* Takes what there is of a line, which only keeps its beginning. False: it is none of a reply. */
static bool take_line(struct reply_reader *reader, const char **at, const char *end, replies_reply_fn *reply,
                      void *owner)
{
    const char *feed = memchr(*at, '\n', (size_t)(end - *at));
    const char *stop = feed ? feed : end;

    if (!reader->in_line && !strchr("+-:_,(#$=!*~>%|", **at))
        return false;
    reader->in_line = true;
    for (; *at < stop; ++*at)
        if (reader->word_bytes < sizeof reader->word)
            reader->word[reader->word_bytes++] = **at;
    if (!feed)
        return true;
    ++*at;
    reader->in_line = false;
    if (reader->word_bytes < sizeof reader->word && (!reader->word_bytes || reader->word[--reader->word_bytes] != '\r'))
        return false;
    if (!take_item(reader, reply, owner))
        return false;
    reader->word_bytes = 0;
    return true;
}

static bool get_lost(struct reply_reader *reader)
{
    replies_begin(reader, true);
    return false;
}

bool replies_take(struct reply_reader *reader, const char *data, uint64_t bytes, replies_reply_fn *reply, void *owner)
{
    const char *at = data, *end;

    if (reader->is_lost)
        return true;
    if (!data) {
        if (bytes + 2 > reader->skip) /* not within a string */
            return get_lost(reader);
        reader->skip -= bytes;
        return true;
    }
    for (end = data + bytes; at < end && !reader->is_lost;) {
        if (reader->skip) {
            uint64_t step = (uint64_t)(end - at) < reader->skip ? (uint64_t)(end - at) : reader->skip;

            at += step;
            reader->skip -= step;
            if (!reader->skip)
                end_element(reader, reply, owner);
        } else if (!take_line(reader, &at, end, reply, owner)) {
            return get_lost(reader);
        }
    }
    return true;
}
