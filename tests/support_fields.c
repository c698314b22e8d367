/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_fields.h"

#include "sim/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *at(const struct layout_field *field, void *object)
{
    return (char *)object + field->offset;
}

/* Bytes that are not UTF-8, most of the time. */
static char *random_text(struct random *random, size_t most)
{
    size_t length = random_below(random, most + 1);
    bool plain = random_chance(random, 40);
    char *text = xcalloc(length + 1, 1);

    for (size_t i = 0; i < length; i++)
        text[i] = (char)(plain ? ' ' + random_below(random, 95) : 1 + random_below(random, 255));
    return text;
}

static uint64_t random_word(struct random *random)
{
    static const uint64_t words[] = {0,
                                     1,
                                     UINT64_MAX,
                                     INT64_MAX,
                                     (uint64_t)INT64_MAX + 1,
                                     UINT64_C(0x7ff8000000000000),  /* NaN, */
                                     UINT64_C(0xfff80000deadbeef),  /* another, */
                                     UINT64_C(0x7ff0000000000000),  /* infinity, */
                                     UINT64_C(0xfff0000000000000),  /* minus infinity, */
                                     UINT64_C(0x8000000000000000),  /* -0.0 */
                                     UINT64_C(0x0000000000000001),  /* the smallest double, */
                                     UINT64_C(0x7fefffffffffffff)}; /* the largest one */

    return random_chance(random, 50) ? words[random_below(random, sizeof words / sizeof *words)] : random_next(random);
}

static void fill_elements(const struct layout *layout, char *array, size_t count, struct random *random)
{
    for (size_t i = 0; i < count; i++)
        support_fill(layout, array + i * layout->size, random);
}

static void fill_field(const struct layout_field *field, void *object, struct random *random)
{
    void *value = at(field, object);
    uint64_t word = random_word(random);
    size_t count;
    char *text;

    switch (field->kind) {
    case FIELD_BOOL:
        *(bool *)value = word & 1;
        break;
    case FIELD_UINT32:
    case FIELD_UINT64:
    case FIELD_INT64:
    case FIELD_DOUBLE:
        memcpy(value, &word, field->size);
        break;
    case FIELD_CHARS:
        text = random_text(random, field->size - 1);
        strcpy(value, text);
        free(text);
        break;
    case FIELD_TEXT_OR_NULL:
        if (random_chance(random, 30))
            break;
        /* fall through */
    case FIELD_TEXT:
        *(char **)value = random_text(random, 20);
        break;
    case FIELD_STRUCT:
        support_fill(field->layout, value, random);
        break;
    case FIELD_FIXED:
        count = random_below(random, field->size / field->layout->size + 1);
        fill_elements(field->layout, value, count, random);
        break;
    case FIELD_ARRAY:
        count = random_below(random, 5);
        *(size_t *)(void *)((char *)object + field->count_offset) = count;
        if (count)
            *(void **)value = xcalloc(count, field->layout->size);
        fill_elements(field->layout, *(char **)value, count, random);
        break;
    }
}

void support_fill(const struct layout *layout, void *object, struct random *random)
{
    for (size_t i = 0; i < layout->field_count; i++)
        fill_field(&layout->fields[i], object, random);
}

/* The struct, or structs, of a field; *count of them. */
static char *below(const struct layout_field *field, void *object, size_t *count)
{
    if (field->kind == FIELD_ARRAY)
        return field_array(field, object, count);
    *count = field->size / field->layout->size;
    return at(field, object);
}

size_t support_count_leaves(const struct layout *layout, const void *object)
{
    size_t leaves = 0;

    for (size_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        size_t count;
        const char *structs;

        if (!field->layout) {
            leaves++;
            continue;
        }
        structs = below(field, (void *)object, &count);
        for (size_t j = 0; j < count; j++)
            leaves += support_count_leaves(field->layout, structs + j * field->layout->size);
    }
    return leaves;
}

static void change_text(char **text)
{
    size_t length = *text ? strlen(*text) : 0;
    char *changed = xcalloc(length + 2, 1);

    memcpy(changed, *text ? *text : "", length);
    changed[length] = 'x';
    free(*text);
    *text = changed;
}

/* Another value that makes sense wherever this one did: numbers grow by one in their last place. */
static void change(const struct layout_field *field, void *value)
{
    size_t length;

    switch (field->kind) {
    case FIELD_BOOL:
        *(bool *)value = !*(bool *)value;
        break;
    case FIELD_UINT32:
        ++*(uint32_t *)value;
        break;
    case FIELD_UINT64:
    case FIELD_INT64:
    case FIELD_DOUBLE: /* the next one */
        ++*(uint64_t *)value;
        break;
    case FIELD_CHARS:
        length = strlen(value);
        if (length == field->size - 1)
            length--;
        ((char *)value)[length] = ((char *)value)[length] == 'x' ? 'y' : 'x';
        break;
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        change_text(value);
        break;
    case FIELD_STRUCT:
    case FIELD_FIXED:
    case FIELD_ARRAY:
        abort();
    }
}

void support_change_leaf(const struct layout *layout, void *object, size_t leaf, char *name, size_t room)
{
    size_t length = (size_t)snprintf(name, room, "%s", layout->name);

    for (size_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        size_t count;
        char *structs;

        if (!field->layout && leaf-- == 0) {
            snprintf(name + length, room - length, ".%s", field->name);
            change(field, at(field, object));
            return;
        }
        structs = field->layout ? below(field, object, &count) : NULL;
        for (size_t j = 0; structs && j < count; j++) {
            char *one = structs + j * field->layout->size;
            size_t leaves = support_count_leaves(field->layout, one);

            if (leaf < leaves) {
                name[length++] = '.';
                support_change_leaf(field->layout, one, leaf, name + length, room - length);
                return;
            }
            leaf -= leaves;
        }
    }
}
