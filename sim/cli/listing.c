/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/listing.h"

#include "sim/alloc.h"
#include "sim/column_choice.h"
#include "sim/json_text.h"
#include "sim/printable.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const form_words[] = {"auto", "table", "json", "csv", "markdown", NULL};

const struct option listing_options[LISTING_OPTIONS] = {
    {.name = "print",
     .kind = OPTION_CHOICE,
     .role = OPTION_OF_OUTPUT,
     .words = form_words,
     .argument = "FORM",
     .initial = "auto",
     .help = "table, json, csv or markdown: a line each; auto: the table, or with --json that",
     .brief = "table, json, csv or markdown",
     OPTION_IN(struct listing_request, form)},
    {.name = "json",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "the same as --print json: all that is known of each",
     .brief = "for a program",
     OPTION_IN(struct listing_request, json)},
    {.name = "columns-of",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "NAME[,NAME...]",
     .joins = true,
     .help =
         "of the table, CSV or Markdown these columns alone, in this order; a name that is not there is answered with "
         "those that are",
     OPTION_IN(struct listing_request, columns_of)},
};

bool listing_is_json(const struct listing_request *request)
{
    return request->json || request->form == FORM_JSON;
}

bool listing_is_plain(const struct listing_request *request)
{
    return !listing_is_json(request) && request->form <= FORM_TABLE && !request->columns_of;
}

int listing_check(const struct listing_request *request, const char *const *titles, struct error *error)
{
    struct column_choice choice;

    if (request->json && request->form != FORM_AUTO && request->form != FORM_JSON)
        return error_set(error, ERROR_USAGE, "--json is --print json: not with another --print");
    if (!request->columns_of)
        return 0;
    if (listing_is_json(request))
        return error_set(error, ERROR_USAGE, "--columns-of: JSON has every column by name: it is of tables and CSV");
    return column_choice_scan(&choice, request->columns_of, error) || column_choice_check(&choice, titles, error)
               ? error_prefix(error, "--columns-of: ")
               : 0;
}

void listing_begin(struct listing *listing, const char *const *titles)
{
    *listing = (struct listing){.titles = titles};
    while (titles[listing->columns])
        listing->columns++;
}

void listing_cell(struct listing *listing, const char *text)
{
    listing->cells = xrealloc(listing->cells, (listing->cell_count + 1) * sizeof *listing->cells);
    listing->cells[listing->cell_count++] = xstrdup(text);
}

void listing_release(struct listing *listing)
{
    for (size_t i = 0; i < listing->cell_count; i++)
        free(listing->cells[i]);
    free(listing->cells);
    *listing = (struct listing){0};
}

/* ---- the forms ---- */

/* Which columns, in which order: places in the titles. */
struct shown {
    size_t columns[COLUMN_CHOICES];
    size_t count;
};

static struct shown choose(const struct listing *listing, const struct listing_request *request)
{
    struct shown shown = {.count = listing->columns};
    struct column_choice choice;
    struct error none = {0};

    for (size_t i = 0; i < listing->columns; i++)
        shown.columns[i] = i;
    if (!request->columns_of || column_choice_scan(&choice, request->columns_of, &none))
        return shown;
    shown.count = choice.count;
    for (size_t i = 0; i < listing->columns; i++) {
        int place = column_choice_place(&choice, listing->titles[i]);

        if (place >= 0)
            shown.columns[place] = i;
    }
    return shown;
}

static const char *cell_at(const struct listing *listing, size_t line, size_t column)
{
    return line ? listing->cells[(line - 1) * listing->columns + column] : listing->titles[column];
}

static size_t line_count(const struct listing *listing)
{
    return 1 + listing->cell_count / listing->columns;
}

static void print_table(const struct listing *listing, const struct shown *shown)
{
    size_t widths[COLUMN_CHOICES] = {0};

    for (size_t line = 0; line < line_count(listing); line++)
        for (size_t i = 0; i < shown->count; i++) {
            size_t length = strlen(cell_at(listing, line, shown->columns[i]));

            widths[i] = length > widths[i] ? length : widths[i];
        }
    for (size_t line = 0; line < line_count(listing); line++) {
        size_t due = 0;

        for (size_t i = 0; i < shown->count; i++) {
            const char *text = cell_at(listing, line, shown->columns[i]);

            if (*text) {
                printf("%*s", (int)due, "");
                printable_put(text, stdout);
                due = 0;
            }
            due += widths[i] + 2 - strlen(text);
        }
        putchar('\n');
    }
}

static void print_csv(const struct listing *listing, const struct shown *shown)
{
    for (size_t line = 0; line < line_count(listing); line++)
        for (size_t i = 0; i < shown->count; i++) {
            printable_put_csv(cell_at(listing, line, shown->columns[i]), stdout);
            putchar(i + 1 < shown->count ? ',' : '\n');
        }
}

static void print_markdown(const struct listing *listing, const struct shown *shown)
{
    for (size_t line = 0; line < line_count(listing); line++) {
        putchar('|');
        for (size_t i = 0; i < shown->count; i++) {
            putchar(' ');
            for (const char *at = cell_at(listing, line, shown->columns[i]); *at; at++) {
                if (strchr("*|_<`\\", *at))
                    putchar('\\');
                putchar(*at);
            }
            fputs(" |", stdout);
        }
        putchar('\n');
        for (size_t i = 0; !line && i < shown->count; i++)
            fputs(i ? "---|" : "|---|", stdout);
        if (!line)
            putchar('\n');
    }
}

static void print_json(const struct listing *listing)
{
    json_t *array = json_array();

    for (size_t line = 1; line < line_count(listing); line++) {
        json_t *object = json_object();

        for (size_t i = 0; i < listing->columns; i++)
            json_object_set_new(object, listing->titles[i], json_from_text(cell_at(listing, line, i)));
        json_array_append_new(array, object);
    }
    json_text_put(array, JSON_INDENT(2), stdout);
}

void listing_print(const struct listing *listing, const struct listing_request *request)
{
    const struct shown shown = choose(listing, request);

    if (listing_is_json(request))
        print_json(listing);
    else if (request->form == FORM_CSV)
        print_csv(listing, &shown);
    else if (request->form == FORM_MARKDOWN)
        print_markdown(listing, &shown);
    else
        print_table(listing, &shown);
}
