/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/csv_struct.h"

#include "reports/csv.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { NAME = 160 };

struct walk {
    FILE *out;
    const char *of; /* in front of each named value */
    size_t left;    /* fields that are still to come */
    /* What is done with each number and text, whose name has those of the structs around it in front. */
    void (*visit)(struct walk *walk, const struct layout_field *field, const char *name, const char *place);
};

static bool is_list(const struct layout_field *field)
{
    return field->kind == FIELD_ARRAY || field->kind == FIELD_FIXED;
}

static size_t count_fields(const struct layout *layout)
{
    size_t count = 0;

    for (size_t i = 0; i < layout->field_count; i++)
        if (layout->fields[i].kind == FIELD_STRUCT)
            count += count_fields(layout->fields[i].layout);
        else
            count += !is_list(&layout->fields[i]);
    return count;
}

static void go_through(struct walk *walk, const struct layout *layout, const char *data, const char *before,
                       const char *between, const char *skip)
{
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        const char *place = data ? data + field->offset : NULL;
        char name[NAME];

        if (is_list(field) || (skip && !strcmp(field->name, skip)))
            continue;
        snprintf(name, sizeof name, "%s%s%s", before, *before ? between : "", field->name);
        if (field->kind == FIELD_STRUCT)
            go_through(walk, field->layout, place, name, between, NULL);
        else
            walk->visit(walk, field, name, place);
    }
}

static void put_value(FILE *out, const struct layout_field *field, const char *place, bool last)
{
    const char *text;

    assert(place); /* go_through() has data where it visits values */
    switch (field->kind) {
    case FIELD_BOOL:
        csv_count(out, *(const bool *)place, last);
        break;
    case FIELD_UINT32:
        csv_count(out, *(const uint32_t *)(const void *)place, last);
        break;
    case FIELD_UINT64:
        csv_count(out, *(const uint64_t *)(const void *)place, last);
        break;
    case FIELD_INT64:
        fprintf(out, "%jd%c", (intmax_t) * (const int64_t *)(const void *)place, last ? '\n' : ',');
        break;
    case FIELD_DOUBLE:
        csv_real(out, *(const double *)(const void *)place, last);
        break;
    case FIELD_CHARS:
        csv_text(out, place, last);
        break;
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        text = *(const char *const *)(const void *)place;
        csv_text(out, text ? text : "", last);
        break;
    case FIELD_STRUCT:
    case FIELD_FIXED:
    case FIELD_ARRAY:
        break;
    }
}

static void put_title(struct walk *walk, const struct layout_field *field, const char *name, const char *place)
{
    (void)field;
    (void)place;
    csv_text(walk->out, name, !--walk->left);
}

static void put_column(struct walk *walk, const struct layout_field *field, const char *name, const char *place)
{
    (void)name;
    put_value(walk->out, field, place, !--walk->left);
}

static void put_named(struct walk *walk, const struct layout_field *field, const char *name, const char *place)
{
    csv_text(walk->out, walk->of, false);
    csv_text(walk->out, name, false);
    put_value(walk->out, field, place, true);
}

void csv_struct_titles(const struct layout *layout, FILE *out)
{
    struct walk walk = {.out = out, .left = count_fields(layout), .visit = put_title};

    go_through(&walk, layout, NULL, "", "_", NULL);
}

void csv_struct_line(const struct layout *layout, const void *data, FILE *out)
{
    struct walk walk = {.out = out, .left = count_fields(layout), .visit = put_column};

    go_through(&walk, layout, data, "", "_", NULL);
}

void csv_struct_names(const struct layout *layout, const void *data, const char *skip, const char *of, FILE *out)
{
    struct walk walk = {.out = out, .of = of, .visit = put_named};

    go_through(&walk, layout, data, "", ".", skip);
}
