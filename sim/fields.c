/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fields.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <jansson.h>

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct layout_field *layout_find(const struct layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->field_count; i++)
        if (!strcmp(layout->fields[i].name, name))
            return &layout->fields[i];
    return NULL;
}

static const void *at(const struct layout_field *field, const void *object)
{
    return (const char *)object + field->offset;
}

static void *place_of(const struct layout_field *field, void *object)
{
    return (char *)object + field->offset;
}

static size_t *count_of(const struct layout_field *field, void *object)
{
    return (size_t *)(void *)((char *)object + field->count_offset);
}

static const void *element(const struct layout *layout, const void *array, size_t index)
{
    return (const char *)array + index * layout->size;
}

/* The elements of a FIXED field, counted up to the last one that is not zero. */
static size_t fixed_count(const struct layout_field *field, const void *object)
{
    static const char zero[1024];
    size_t count = field->size / field->layout->size;

    assert(field->layout->size <= sizeof zero);
    while (count && !memcmp(element(field->layout, at(field, object), count - 1), zero, field->layout->size))
        count--;
    return count;
}

void *field_array(const struct layout_field *field, const void *object, size_t *count)
{
    assert(field->kind == FIELD_ARRAY);
    *count = *(const size_t *)(const void *)((const char *)object + field->count_offset);
    return *(void *const *)at(field, object);
}

/* ---- to JSON ---- */

static json_t *from_uint64(uint64_t value)
{
    char digits[24];

    if (value <= INT64_MAX)
        return json_integer((json_int_t)value);
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    return json_string(digits);
}

static json_t *from_double(double value)
{
    char bits[24];
    uint64_t word;

    if (isfinite(value))
        return json_real(value);
    memcpy(&word, &value, sizeof word);
    snprintf(bits, sizeof bits, "0x%016" PRIx64, word);
    return json_string(bits);
}

json_t *fields_text_to_json(const char *text)
{
    json_t *value = json_string(text), *object;
    char *digits;

    if (value)
        return value;
    digits = xmalloc(2 * strlen(text) + 1);
    for (size_t i = 0; text[i]; i++)
        snprintf(digits + 2 * i, 3, "%02x", (unsigned char)text[i]);
    object = json_pack("{s:s}", "bytes", digits);
    free(digits);
    return object;
}

static json_t *array_to_json(const struct layout *layout, const void *array, size_t count);

static json_t *field_to_json(const struct layout_field *field, const void *object)
{
    const void *value = at(field, object);
    size_t count;

    switch (field->kind) {
    case FIELD_BOOL:
        return json_boolean(*(const bool *)value);
    case FIELD_UINT32:
        return from_uint64(*(const uint32_t *)value);
    case FIELD_UINT64:
        return from_uint64(*(const uint64_t *)value);
    case FIELD_INT64:
        return json_integer(*(const int64_t *)value);
    case FIELD_DOUBLE:
        return from_double(*(const double *)value);
    case FIELD_CHARS:
        return fields_text_to_json(value);
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        assert(*(char *const *)value || field->kind == FIELD_TEXT_OR_NULL);
        return *(char *const *)value ? fields_text_to_json(*(char *const *)value) : json_null();
    case FIELD_STRUCT:
        return fields_to_json(field->layout, value, NULL);
    case FIELD_FIXED:
        return array_to_json(field->layout, value, fixed_count(field, object));
    case FIELD_ARRAY:
        value = field_array(field, object, &count);
        return array_to_json(field->layout, value, count);
    }
    abort();
}

static json_t *array_to_json(const struct layout *layout, const void *array, size_t count)
{
    json_t *columns = json_object();

    for (size_t i = 0; i < layout->field_count; i++) {
        json_t *column = json_array();

        for (size_t j = 0; j < count; j++)
            json_array_append_new(column, field_to_json(&layout->fields[i], element(layout, array, j)));
        json_object_set_new(columns, layout->fields[i].name, column);
    }
    return columns;
}

json_t *fields_to_json(const struct layout *layout, const void *object, const struct layout_field *but)
{
    json_t *json = json_object();

    for (size_t i = 0; i < layout->field_count; i++)
        if (&layout->fields[i] != but)
            json_object_set_new(json, layout->fields[i].name, field_to_json(&layout->fields[i], object));
    return json;
}

/* ---- from JSON ---- */

static int wrong(struct error *error, const char *what)
{
    return error_set(error, ERROR_INPUT, "is not %s", what);
}

static int to_uint64(const json_t *json, uint64_t most, uint64_t *value, struct error *error)
{
    if (json_is_integer(json) && json_integer_value(json) >= 0)
        *value = (uint64_t)json_integer_value(json);
    else if (!json_is_string(json) || !scan_uint64(json_string_value(json), value) || *value <= INT64_MAX)
        return wrong(error, "a whole number from 0 on");
    return *value <= most ? 0 : wrong(error, "within its range");
}

static int to_double(const json_t *json, double *value, struct error *error)
{
    const char *text = json_string_value(json);
    uint64_t word;
    char *end;

    if (json_is_real(json)) {
        *value = json_real_value(json);
        return 0;
    }
    if (!text || strncmp(text, "0x", 2) || strlen(text) != 18)
        return wrong(error, "a real number");
    word = strtoull(text + 2, &end, 16);
    memcpy(value, &word, sizeof word);
    return !*end && !isfinite(*value) ? 0 : wrong(error, "a real number");
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *fields_text_from_json(json_t *json, struct error *error)
{
    const char *digits = json_object_size(json) == 1 ? json_string_value(json_object_get(json, "bytes")) : NULL;
    char *text;

    if (json_is_string(json))
        return xstrdup(json_string_value(json));
    if (!digits || strlen(digits) % 2) {
        wrong(error, "a text");
        return NULL;
    }
    text = xcalloc(strlen(digits) / 2 + 1, 1);
    for (size_t i = 0; digits[i]; i += 2) {
        int high = digit(digits[i]), low = digit(digits[i + 1]);

        if (high < 0 || low < 0 || !(high * 16 + low)) {
            wrong(error, "a text");
            free(text);
            return NULL;
        }
        text[i / 2] = (char)(high * 16 + low);
    }
    return text;
}

static int to_chars(json_t *json, char *chars, size_t size, struct error *error)
{
    char *text = fields_text_from_json(json, error);
    bool fits = text && strlen(text) < size;

    if (fits)
        strcpy(chars, text);
    free(text);
    return fits ? 0 : wrong(error, "a text that fits");
}

static int array_from_json(const struct layout *layout, json_t *json, void *array, size_t count, struct error *error);

/* The length of the columns. Returns -1 if there are none or json is not an object of them. */
static int count_columns(const struct layout *layout, json_t *json, size_t *count, struct error *error)
{
    json_t *first = json_object_get(json, layout->fields[0].name);

    *count = json_array_size(first);
    return json_is_array(first) ? 0 : wrong(error, "an object of columns");
}

static int to_array(const struct layout_field *field, json_t *json, void *object, struct error *error)
{
    size_t count;

    if (count_columns(field->layout, json, &count, error))
        return -1;
    if (count)
        *(void **)place_of(field, object) = xcalloc(count, field->layout->size);
    *count_of(field, object) = count;
    return array_from_json(field->layout, json, *(void **)place_of(field, object), count, error);
}

static int to_fixed(const struct layout_field *field, json_t *json, void *object, struct error *error)
{
    size_t count;

    if (count_columns(field->layout, json, &count, error))
        return -1;
    if (count > field->size / field->layout->size)
        return wrong(error, "as short as it must be");
    return array_from_json(field->layout, json, place_of(field, object), count, error);
}

static int value_from_json(const struct layout_field *field, json_t *json, void *object, struct error *error)
{
    void *value = place_of(field, object);
    uint64_t number = 0;

    switch (field->kind) {
    case FIELD_BOOL:
        *(bool *)value = json_is_true(json);
        return json_is_boolean(json) ? 0 : wrong(error, "true or false");
    case FIELD_UINT32:
        if (to_uint64(json, UINT32_MAX, &number, error))
            return -1;
        *(uint32_t *)value = (uint32_t)number;
        return 0;
    case FIELD_UINT64:
        return to_uint64(json, UINT64_MAX, value, error);
    case FIELD_INT64:
        *(int64_t *)value = json_integer_value(json);
        return json_is_integer(json) ? 0 : wrong(error, "a whole number");
    case FIELD_DOUBLE:
        return to_double(json, value, error);
    case FIELD_CHARS:
        return to_chars(json, value, field->size, error);
    case FIELD_TEXT_OR_NULL:
        if (json_is_null(json))
            return 0;
        /* fall through */
    case FIELD_TEXT:
        *(char **)value = fields_text_from_json(json, error);
        return *(char **)value ? 0 : -1;
    case FIELD_STRUCT:
        return fields_from_json(field->layout, json, value, NULL, error);
    case FIELD_FIXED:
        return to_fixed(field, json, object, error);
    case FIELD_ARRAY:
        return to_array(field, json, object, error);
    }
    abort();
}

static int field_from_json(const struct layout_field *field, json_t *json, void *object, struct error *error)
{
    if (!json)
        return error_set(error, ERROR_INPUT, "%s: is missing", field->name);
    return value_from_json(field, json, object, error) ? error_prefix(error, "%s: ", field->name) : 0;
}

/* An error if the object has a member that the layout does not have. */
static int check_members(const struct layout *layout, json_t *json, const struct layout_field *but, struct error *error)
{
    const char *name;
    json_t *value;

    json_object_foreach(json, name, value)
    {
        const struct layout_field *field = layout_find(layout, name);

        if (!field || field == but)
            return error_set(error, ERROR_INPUT, "%s: is not known", name);
    }
    return 0;
}

static int array_from_json(const struct layout *layout, json_t *json, void *array, size_t count, struct error *error)
{
    if (check_members(layout, json, NULL, error))
        return -1;
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        json_t *column = json_object_get(json, field->name);

        if (json_array_size(column) != count)
            return error_set(error, ERROR_INPUT, "%s: has %zu values instead of %zu", field->name,
                             json_array_size(column), count);
        for (size_t j = 0; j < count; j++)
            if (field_from_json(field, json_array_get(column, j), (char *)array + j * layout->size, error))
                return -1;
    }
    return 0;
}

int fields_from_json(const struct layout *layout, json_t *json, void *object, const struct layout_field *but,
                     struct error *error)
{
    int status = json_is_object(json) ? check_members(layout, json, but, error) : wrong(error, "an object");

    for (size_t i = 0; !status && i < layout->field_count; i++)
        if (&layout->fields[i] != but)
            status = field_from_json(&layout->fields[i], json_object_get(json, layout->fields[i].name), object, error);
    if (status)
        fields_release(layout, object);
    return status;
}

/* ---- comparing and releasing ---- */

static void release_array(const struct layout *layout, void *array, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fields_release(layout, (char *)array + i * layout->size);
}

void fields_release(const struct layout *layout, void *object)
{
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        void *value = place_of(field, object);

        if (field->kind == FIELD_STRUCT) {
            fields_release(field->layout, value);
        } else if (field->kind == FIELD_FIXED) {
            release_array(field->layout, value, field->size / field->layout->size);
        } else if (field->kind == FIELD_ARRAY) {
            release_array(field->layout, *(void **)value, *count_of(field, object));
            free(*(void **)value);
        } else if (field->kind == FIELD_TEXT || field->kind == FIELD_TEXT_OR_NULL) {
            free(*(char **)value);
        }
    }
    memset(object, 0, layout->size);
}

static bool texts_equal(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool arrays_equal(const struct layout *layout, const void *a, const void *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!fields_equal(layout, element(layout, a, i), element(layout, b, i)))
            return false;
    return true;
}

bool field_equal(const struct layout_field *field, const void *a, const void *b)
{
    const void *left = at(field, a), *right = at(field, b);
    size_t left_count, right_count;

    switch (field->kind) {
    case FIELD_BOOL:
    case FIELD_UINT32:
    case FIELD_UINT64:
    case FIELD_INT64:
    case FIELD_DOUBLE:
        return !memcmp(left, right, field->size);
    case FIELD_CHARS:
        return !strcmp(left, right);
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        return texts_equal(*(char *const *)left, *(char *const *)right);
    case FIELD_STRUCT:
        return fields_equal(field->layout, left, right);
    case FIELD_FIXED:
        return arrays_equal(field->layout, left, right, field->size / field->layout->size);
    case FIELD_ARRAY:
        left = field_array(field, a, &left_count);
        right = field_array(field, b, &right_count);
        return left_count == right_count && arrays_equal(field->layout, left, right, left_count);
    }
    abort();
}

bool fields_equal(const struct layout *layout, const void *a, const void *b)
{
    for (size_t i = 0; i < layout->field_count; i++)
        if (!field_equal(&layout->fields[i], a, b))
            return false;
    return true;
}

static void print_layout(const struct layout *layout, FILE *out)
{
    static const char *const names[] = {
        [FIELD_BOOL] = "bool",     [FIELD_UINT32] = "uint32", [FIELD_UINT64] = "uint64", [FIELD_INT64] = "int64",
        [FIELD_DOUBLE] = "double", [FIELD_CHARS] = "text",    [FIELD_TEXT] = "text",     [FIELD_TEXT_OR_NULL] = "text?",
        [FIELD_STRUCT] = "",       [FIELD_FIXED] = "[]",      [FIELD_ARRAY] = "[]",
    };

    fprintf(out, "%s(", layout->name);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];

        fprintf(out, "%s%s:", i ? ", " : "", field->name);
        if (field->layout)
            print_layout(field->layout, out);
        fputs(names[field->kind], out);
    }
    putc(')', out);
}

char *layout_print(const struct layout *layout)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    print_layout(layout, out);
    fclose(out);
    return text;
}
