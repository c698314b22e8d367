/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/comparison_words.h"

#include "reports/text_table.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void comparison_value(char field[COMPARISON_FIELD], double value, bool is_ratio, bool in_bytes)
{
    char text[UNITS_TEXT];

    if (isnan(value))
        snprintf(field, COMPARISON_FIELD, "-");
    else if (is_ratio)
        snprintf(field, COMPARISON_FIELD, "%.2f %%", value * 100);
    else
        snprintf(field, COMPARISON_FIELD, "%s",
                 in_bytes ? print_bytes(text, (uint64_t)llround(value)) : print_count(text, (uint64_t)llround(value)));
}

/* Without a sign. */
static void put_size(char field[COMPARISON_FIELD], double size, bool is_ratio, bool in_bytes)
{
    if (is_ratio)
        snprintf(field, COMPARISON_FIELD, "%.2f", size * 100);
    else if (size > 0 && size < 10 && !in_bytes)
        snprintf(field, COMPARISON_FIELD, "%.1f", size);
    else
        comparison_value(field, size, false, in_bytes);
}

bool comparison_is_one_rule(const struct variant *variant)
{
    return !strncmp(variant->name, "rule ", strlen("rule "));
}

bool comparison_is(const struct compared_measure *measure, const char *verdict)
{
    return !strcmp(measure->verdict, verdict);
}

void comparison_difference(char field[COMPARISON_FIELD], const struct compared_measure *measure, bool in_bytes,
                           bool brief)
{
    char by[COMPARISON_FIELD], half[COMPARISON_FIELD] = "", interval[COMPARISON_FIELD + 8] = "";
    const char *noise = brief ? " ~" : " (noise)";

    if (comparison_is(measure, "same") || isnan(measure->difference)) {
        snprintf(field, COMPARISON_FIELD, "%s", comparison_is(measure, "same") ? "the same" : "-");
        return;
    }
    put_size(by, fabs(measure->difference), measure->is_ratio, in_bytes);
    if (measure->half_width > 0) {
        put_size(half, measure->half_width, measure->is_ratio, in_bytes);
        snprintf(interval, sizeof interval, " ± %s", half);
    }
    snprintf(field, COMPARISON_FIELD, "%s%.40s%.44s%s%s", measure->difference < 0 ? "-" : "+", by, interval,
             measure->is_ratio && !brief ? " points" : "", comparison_is(measure, "noise") ? noise : "");
}

void comparison_put_warmup(const struct run *run, FILE *out)
{
    char time[UNITS_TEXT];

    if (run->warmup_us)
        fprintf(out, "the first %s are left out of all numbers (--warmup)\n", print_duration(time, run->warmup_us));
}

void comparison_cells(char *text, size_t bytes, const struct compared_cell *a, const struct compared_cell *b)
{
    char server[64], policy[64], other_server[64], other_policy[64], size[TEXT_FIELD], other_size[TEXT_FIELD];

    if (!b)
        b = a;
    printable_copy(server, sizeof server, a->server, strlen(a->server));
    printable_copy(other_server, sizeof other_server, b->server, strlen(b->server));
    printable_copy(policy, sizeof policy, a->policy, strlen(a->policy));
    printable_copy(other_policy, sizeof other_policy, b->policy, strlen(b->policy));
    text_maxmemory(size, a->maxmemory, a->unit_sizes);
    text_maxmemory(other_size, b->maxmemory, b->unit_sizes);
    snprintf(text, bytes, "%s%s%s, %s%s%s, %s%s%s", server, strcmp(server, other_server) ? " -> " : "",
             strcmp(server, other_server) ? other_server : "", policy, strcmp(policy, other_policy) ? " -> " : "",
             strcmp(policy, other_policy) ? other_policy : "", size, strcmp(size, other_size) ? " -> " : "",
             strcmp(size, other_size) ? other_size : "");
}
