/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields: structs that are made from a list of their fields, so that nothing of them can be forgotten.
 *
 *     #define BOUND_FIELDS(X)                                 struct bound {
 *         X(VALUE, uint64_t, maxmemory)  // 0: no limit           BOUND_FIELDS(FIELD_DECLARE)
 *         X(VALUE, uint64_t, hits)       // at most           };
 *
 * The list is the struct; and it is the layout by which such a struct is turned into JSON and back, bit by bit,
 * compared and released. A line more is a field more, in the struct and in every file of results.
 *
 *     X(VALUE, type, name)          bool, uint32_t, uint64_t, int64_t or double
 *     X(CHARS, size, name)          char name[size]: a text with its terminating 0
 *     X(TEXT, name)                 char *name: owned, never NULL
 *     X(TEXT_OR_NULL, name)         char *name: owned, or NULL
 *     X(STRUCT, tag, name)          struct tag name, which has a layout: tag_layout
 *     X(FIXED, tag, name, size)     struct tag name[size]
 *     X(ARRAY, tag, name, count)    size_t count; struct tag *name: owned
 *
 * In JSON a struct is an object with a member per field, in the list's order, and several structs are one object too:
 * a member per field with the array of its values. An integer that JSON cannot hold and a double that is not finite
 * (its bits) are strings; a text that is not UTF-8 is an object with its bytes. */
#ifndef SIM_FIELDS_H
#define SIM_FIELDS_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t; /* of jansson */

enum field_kind {
    FIELD_BOOL,
    FIELD_UINT32,
    FIELD_UINT64,
    FIELD_INT64,
    FIELD_DOUBLE,
    FIELD_CHARS,
    FIELD_TEXT,
    FIELD_TEXT_OR_NULL,
    FIELD_STRUCT,
    FIELD_FIXED,
    FIELD_ARRAY,
};

struct layout_field {
    const char *name;
    enum field_kind kind;
    size_t offset, size;         /* in the struct */
    const struct layout *layout; /* STRUCT, FIXED, ARRAY: of what */
    size_t count_offset;         /* ARRAY: of a size_t */
};

struct layout {
    const char *name;
    size_t size; /* of the struct */
    const struct layout_field *fields;
    size_t field_count;
};

/* The members of the struct. */
#define FIELD_DECLARE(kind, ...)          FIELD_DECLARE_##kind(__VA_ARGS__)
#define FIELD_DECLARE_VALUE(type, name)   type name;
#define FIELD_DECLARE_CHARS(size, name)   char name[size];
#define FIELD_DECLARE_TEXT(name)          char *name;
#define FIELD_DECLARE_TEXT_OR_NULL(name)  char *name;
#define FIELD_DECLARE_STRUCT(tag, name)   struct tag name;
#define FIELD_DECLARE_FIXED(tag, name, n) struct tag name[n];
#define FIELD_DECLARE_ARRAY(tag, name, n)                                                                              \
    size_t n;                                                                                                          \
    struct tag *name;

/* The layout of the struct that FIELDS_OF names:
 *
 *     #define FIELDS_OF struct bound
 *     const struct layout bound_layout = LAYOUT("bound", BOUND_FIELDS);
 *     #undef FIELDS_OF */
#define LAYOUT(text, LIST)                                                                                             \
    {                                                                                                                  \
        .name = text, .size = sizeof(FIELDS_OF), .fields = (const struct layout_field[]){LIST(FIELD_ROW)},             \
        .field_count = sizeof((const struct layout_field[]){LIST(FIELD_ROW)}) / sizeof(struct layout_field),           \
    }
/* clang-format off */
#define FIELD_ROW(kind, ...)             FIELD_ROW_##kind(__VA_ARGS__),
#define FIELD_ROW_VALUE(type, name)      FIELD_AT(name, FIELD_KIND(type), NULL, 0)
#define FIELD_ROW_CHARS(length, name)    FIELD_AT(name, FIELD_CHARS, NULL, 0)
#define FIELD_ROW_TEXT(name)             FIELD_AT(name, FIELD_TEXT, NULL, 0)
#define FIELD_ROW_TEXT_OR_NULL(name)     FIELD_AT(name, FIELD_TEXT_OR_NULL, NULL, 0)
#define FIELD_ROW_STRUCT(tag, name)      FIELD_AT(name, FIELD_STRUCT, &tag##_layout, 0)
#define FIELD_ROW_FIXED(tag, name, n)    FIELD_AT(name, FIELD_FIXED, &tag##_layout, 0)
#define FIELD_ROW_ARRAY(tag, name, n)    FIELD_AT(name, FIELD_ARRAY, &tag##_layout, offsetof(FIELDS_OF, n))
#define FIELD_AT(name, kind, of, n)      {#name, kind, offsetof(FIELDS_OF, name), sizeof(((FIELDS_OF *)0)->name), of, n}
#define FIELD_KIND(type)                                                                                               \
    _Generic((type)0, bool: FIELD_BOOL, uint32_t: FIELD_UINT32, uint64_t: FIELD_UINT64, int64_t: FIELD_INT64,          \
             double: FIELD_DOUBLE)
/* clang-format on */

/* NULL when the layout has no such field. */
const struct layout_field *layout_find(const struct layout *layout, const char *name);

/* The object of a struct, without the field `but` (NULL: with all). A new reference. */
struct json_t *fields_to_json(const struct layout *layout, const void *object, const struct layout_field *but);

/* A text that comes back to the byte: a string, or {"bytes": "636166e9"} if it is not UTF-8. A new reference. */
struct json_t *fields_text_to_json(const char *text);
/* The caller frees it. NULL with an error (ERROR_INPUT): it is none. */
char *fields_text_from_json(struct json_t *json, struct error *error);

/* Fills a struct that was zeroed; the field `but` stays as it is. -1 (ERROR_INPUT) with "run: counters: hits: ..." when
 * a field is missing, unknown, or not of its kind. What was filled by then is released. */
int fields_from_json(const struct layout *layout, struct json_t *json, void *object, const struct layout_field *but,
                     struct error *error);

/* Frees what the struct owns and zeroes it. */
void fields_release(const struct layout *layout, void *object);

/* Whether two structs, or two fields of the same name, are the same to the bit. */
bool fields_equal(const struct layout *layout, const void *a, const void *b);
bool field_equal(const struct layout_field *field, const void *a, const void *b);

/* Of a struct that has it: an ARRAY's elements and their number. */
void *field_array(const struct layout_field *field, const void *object, size_t *count);

/* "run(version:text, ..., results:result(...)[])": what a file of such structs consists of. A digest of it changes
 * when a field does. To be freed. */
char *layout_print(const struct layout *layout);

#endif
