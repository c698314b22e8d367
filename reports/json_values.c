/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/json_values.h"

#include "sim/alloc.h"
#include "sim/printable.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

json_t *json_from_text(const char *text)
{
    json_t *value;

    if (!text)
        return json_null();
    value = json_string(text);
    return value ? value : replace_invalid(text);
}

json_t *json_from_count(uint64_t count)
{
    char digits[24];

    if (count <= INT64_MAX)
        return json_integer((json_int_t)count);
    snprintf(digits, sizeof digits, "%" PRIu64, count);
    return json_string(digits);
}

json_t *json_from_count_if_known(uint64_t count)
{
    return count == COUNT_UNKNOWN ? json_null() : json_from_count(count);
}

json_t *json_from_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_from_settings(const struct setting *settings, size_t count)
{
    json_t *object = json_object();

    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, settings[i].name, json_from_text(settings[i].value));
    return object;
}

int json_write(json_t *document, FILE *out, struct error *error)
{
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    int status = 0;

    json_decref(document);
    if (text) {
        printable_put_json(text, out);
        putc('\n', out);
    }
    if (!text || ferror(out))
        status = error_set(error, ERROR_OUTPUT, "cannot write: %s", strerror(text ? errno : ENOMEM));
    free(text);
    return status;
}

json_t *json_from_warnings(const struct warning *warnings, size_t count, bool with_texts)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *object;

        if (!with_texts) {
            json_array_append_new(array, json_from_text(warnings[i].code));
            continue;
        }
        object = json_object();
        json_object_set_new(object, "code", json_from_text(warnings[i].code));
        json_object_set_new(object, "text", json_from_text(warnings[i].text));
        json_array_append_new(array, object);
    }
    return array;
}
