/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_servers.h"

#include "reports/table_part.h"

#include "sim/units.h"

#include <string.h>

enum { BYTES = PART_FIRST, KEYS, HITS, REFUSED, BASIS, COLUMNS };

static const char *const titles[COLUMNS] = {
    [PART_SERVER] = "server", [PART_POLICY] = "policy", [PART_MAXMEMORY] = "maxmemory", [BYTES] = "bytes/key",
    [KEYS] = "keys",          [HITS] = "hits",          [REFUSED] = "refused",          [BASIS] = "basis",
};

static double mean_of(struct cell cell, double (*of)(const struct result *result))
{
    double sum = 0;

    for (size_t i = 0; i < cell.count; i++)
        sum += of(&cell.results[i]);
    return sum / (double)cell.count;
}

/* used_memory beyond the empty server's, its tables included. */
static double bytes_of(const struct result *result)
{
    return (double)result->counters.used_memory - (double)result->counters.baseline_memory;
}

static double keys_of(const struct result *result)
{
    return (double)result->counters.keys;
}

static double hits_of(const struct result *result)
{
    return 100 * result_hit_ratio(result);
}

static double refused_of(const struct result *result)
{
    return (double)result->counters.oom_rejections;
}

static void fill(const struct run *run, struct text_row *row, struct cell cell, enum part_detail detail)
{
    double keys = mean_of(cell, keys_of);

    (void)run;
    (void)detail;
    snprintf(row->fields[BYTES], TEXT_FIELD, "%.1f", mean_of(cell, bytes_of) / keys);
    print_count(row->fields[KEYS], (uint64_t)(keys + 0.5));
    snprintf(row->fields[HITS], TEXT_FIELD, "%.2f %%", mean_of(cell, hits_of));
    print_count(row->fields[REFUSED], (uint64_t)(mean_of(cell, refused_of) + 0.5));
    snprintf(row->fields[BASIS], TEXT_FIELD, "%s", cell.results->server_is_read ? "read" : "measured");
}

static bool has_keys(struct cell cell)
{
    return cell.results->counters.baseline_memory && mean_of(cell, keys_of) > 0 && mean_of(cell, bytes_of) > 0;
}

void table_put_servers(const struct run *run, const struct cell_list *list, FILE *out)
{
    struct table_part part = {.titles = titles, .columns = COLUMNS, .fill = fill, .has_line = has_keys};
    bool several = false;

    for (size_t i = 0; i < run->result_count; i++)
        several |= strcmp(run->results[i].server, run->results[0].server) != 0;
    if (!several)
        return;
    table_part_init(&part, run, list);
    if (part.count > 1) {
        table_part_fit(&part, 0);
        table_part_put(&part, "what a key weighs, server by server", out);
        fputs("bytes/key: used_memory at the end beyond the empty server's, tables included\n", out);
    }
    table_part_release(&part);
}
