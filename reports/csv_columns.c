/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/csv_columns.h"

#include <stdbool.h>
#include <string.h>

enum { CSV_COLUMNS = 512 };

/* The end of the field that begins there. */
static const char *field_end(const char *text)
{
    bool is_quoted = *text == '"';

    if (is_quoted)
        for (text++; *text && (*text != '"' || text[1] == '"'); text++)
            text += *text == '"';
    return text + strcspn(text, ",\n");
}

/* Cuts a line into fields; ends[i] is behind field i, which begins at begins[i]. Returns what is behind the line. */
static const char *cut_line(const char *text, const char **begins, const char **ends, size_t *count)
{
    for (*count = 0; *count < CSV_COLUMNS; text++) {
        begins[*count] = text;
        text = ends[(*count)++] = field_end(text);
        if (*text != ',')
            break;
    }
    return *text ? text + 1 : text;
}

void csv_columns_put(const char *text, const struct column_choice *choice, FILE *out)
{
    const char *begins[CSV_COLUMNS], *ends[CSV_COLUMNS];
    int from[COLUMN_CHOICES];
    size_t count;

    memset(from, -1, sizeof from);
    cut_line(text, begins, ends, &count);
    for (size_t i = 0; i < count; i++) {
        char title[COLUMN_NAME];
        int place;

        snprintf(title, sizeof title, "%.*s", (int)(ends[i] - begins[i]), begins[i]);
        place = column_choice_place(choice, title);
        if (place >= 0)
            from[place] = (int)i;
    }
    for (bool is_header = true; *text; is_header = false) {
        text = cut_line(text, begins, ends, &count);
        for (size_t i = 0; i < choice->count; i++) {
            if (from[i] >= 0 && from[i] < (int)count)
                fwrite(begins[from[i]], 1, (size_t)(ends[from[i]] - begins[from[i]]), out);
            else if (is_header)
                fputs(choice->names[i], out);
            putc(i + 1 < choice->count ? ',' : '\n', out);
        }
    }
}
