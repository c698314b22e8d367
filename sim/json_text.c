/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/json_text.h"

#include "sim/alloc.h"
#include "sim/printable.h"

#include <stdlib.h>
#include <string.h>

/* What jansson 2.14 takes for what begins with a character, as malloc gives it: an array with its first eight places, an object with its
 * first eight buckets, a member of one, a value. Characters within strings are taken for such, too: it is a bound. */
static const uint16_t taken[256] = {['['] = 176, ['{'] = 288, [':'] = 112, [','] = 64};

/* The number of bytes that the first byte of a UTF-8 sequence announces; 1 if it does not begin one. */
static size_t sequence_length(const char *text)
{
    unsigned char first = (unsigned char)*text;

    if (first >= 0xf0)
        return 4;
    if (first >= 0xe0)
        return 3;
    return first >= 0xc0 ? 2 : 1;
}

/* Replaces invalid sequences. Each sequence is given to jansson, so that both judge by the same rules. */
static json_t *replace_invalid(const char *text)
{
    size_t room = strlen(text) * 3 + 1; /* U+FFFD is three bytes */
    char *clean = xmalloc(room), *end = clean;
    json_t *value;

    while (*text) {
        size_t length = sequence_length(text);
        json_t *one = strnlen(text, length) == length ? json_stringn(text, length) : NULL;

        if (one) {
            memcpy(end, text, length);
            end += length;
            text += length;
        } else {
            memcpy(end, "\xef\xbf\xbd", 3);
            end += 3;
            text++;
        }
        json_decref(one);
    }
    *end = '\0';
    value = json_string(clean);
    free(clean);
    return value;
}

uint64_t json_text_memory(const char *text, size_t bytes)
{
    uint64_t memory = bytes;

    for (size_t i = 0; i < bytes; i++)
        memory += taken[(unsigned char)text[i]];
    return memory;
}

json_t *json_from_text(const char *text)
{
    json_t *value;

    if (!text)
        return json_null();
    value = json_string(text);
    return value ? value : replace_invalid(text);
}

void json_text_put(json_t *document, size_t flags, FILE *out)
{
    char *text = document ? json_dumps(document, flags) : NULL;

    if (!text)
        abort(); /* a value was no JSON: what would be printed lacked it */
    printable_put_json(text, out);
    putc('\n', out);
    free(text);
    json_decref(document);
}
