/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listing: what there is to choose from, a line each, as a table, CSV, Markdown or JSON: for policies and servers.
 *
 *     listing_begin(&listing, titles)     up to NULL
 *     listing_cell(&listing, "lru")       line by line, as many as there are titles
 *     listing_print(&listing, &wanted)
 *     listing_release(&listing) */
#ifndef SIM_CLI_LISTING_H
#define SIM_CLI_LISTING_H

#include "sim/cli/option_groups.h"

#include <stdbool.h>
#include <stddef.h>

struct listing {
    const char *const *titles;
    size_t columns, cell_count;
    char **cells;
};

/* How it is to be printed: the options of those that list. */
struct listing_request {
    enum print_form form;
    bool json;
    const char *columns_of;
};
enum { LISTING_OPTIONS = 3 };
extern const struct option listing_options[LISTING_OPTIONS];

/* -1 with a usage error: the columns are not there, or --json and --print say different things. */
int listing_check(const struct listing_request *request, const char *const *titles, struct error *error);
/* Whether it is to be JSON; whether a table is wanted as it is, without a choice of columns. */
bool listing_is_json(const struct listing_request *request);
bool listing_is_plain(const struct listing_request *request);

void listing_begin(struct listing *listing, const char *const *titles);
void listing_cell(struct listing *listing, const char *text);
/* JSON: an array of objects, whose members are the titles. */
void listing_print(const struct listing *listing, const struct listing_request *request);
void listing_release(struct listing *listing);

#endif
