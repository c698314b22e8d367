/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/json_values.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    json_text_put(document, JSON_INDENT(2) | JSON_REAL_PRECISION(17), out);
    return ferror(out) ? error_set(error, ERROR_OUTPUT, "cannot write: %s", strerror(errno)) : 0;
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
