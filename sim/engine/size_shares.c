/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/size_shares.h"

#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SHARE_MOST = 10;
static const double ROUNDED_TO = 1e-3; /* of the size, at most */

/* A number, and a '%' behind it, which `bare` ones may do without; what follows is written to *end. 0: it is none. The point of
 * "10..50%" is of the dots. */
static double scan_percent(const char *text, bool bare, const char **end)
{
    static const char digits[] = "0123456789";
    size_t length = strspn(text, digits);
    char number[32];

    if (length && text[length] == '.' && strspn(text + length + 1, digits))
        length += 1 + strspn(text + length + 1, digits);
    if (!length || length >= sizeof number || (text[length] != '%' && !bare))
        return 0;
    memcpy(number, text, length);
    number[length] = '\0';
    *end = text + length + (text[length] == '%');
    return strtod(number, NULL);
}

bool size_share_scan(const char *text, double *share)
{
    const char *end = text;

    *share = scan_percent(text, false, &end) / 100;
    return !*end && *share > 0 && *share <= SHARE_MOST;
}

/* As if it had been typed: 0.1 three times is 0.3. */
static double as_typed(double percent)
{
    return round(percent * 1e9) / 1e9;
}

size_t size_share_range_scan(const char *text, double *shares, size_t most)
{
    const char *end = text, *behind = "";
    double first = scan_percent(text, true, &end), last, step;
    size_t count = 0;
    bool grows;

    if (!(first > 0) || strncmp(end, "..", 2) != 0)
        return 0;
    last = scan_percent(end + 2, false, &behind);
    grows = !strncmp(behind, ":x", 2);
    if (!(last >= first) || last > 100 * SHARE_MOST || (!grows && strncmp(behind, ":+", 2) != 0))
        return 0;
    step = scan_percent(behind + 2, true, &end);
    if (*end || !(step > (grows ? 1 : 0)) || (grows && behind[strlen(behind) - 1] == '%'))
        return 0;
    for (double percent = first; percent <= last && count <= most; count++) {
        if (count < most)
            shares[count] = percent / 100;
        percent = as_typed(grows ? percent * step : first + (double)(count + 1) * step);
    }
    return count;
}

/* ---- the first reading ---- */

/* What a maxmemory has to hold of the result, and what of that an empty server is. */
static void measure(const struct result *result, bool is_divided, struct whole_size *set)
{
    uint64_t most = 0;

    set->server = xstrdup(result->server);
    set->unit_sizes = result->unit_sizes;
    set->used_memory = result->counters.used_memory_peak;
    set->empty = result->counters.baseline_memory;
    for (size_t i = 0; i < result->shard_count && !is_divided; i++)
        most = result->shards[i].used_memory_peak > most ? result->shards[i].used_memory_peak : most;
    if (result->shard_count && !is_divided) {
        set->used_memory = most;
        set->empty /= result->shard_count;
    }
}

int size_shares_read(const struct size_shares *shares, const struct grid *grid, const struct replay_plan *plan,
                     struct whole_size **sizes, size_t *count, struct error *error)
{
    const struct named_policy policy = {.policy = shares->noeviction, .label = "noeviction"};
    const uint64_t no_limit = 0;
    struct grid first = {.servers = grid->servers,
                         .server_count = grid->server_count,
                         .sizes = &no_limit,
                         .size_count = 1,
                         .policies = &policy,
                         .policy_count = 1,
                         .first_seed = grid->first_seed,
                         .seeds = 1};
    struct replay_plan reading = *plan;
    struct run found = {0};
    int status;

    *sizes = NULL;
    *count = 0;
    if (!trace_is_rereadable(plan->trace.path))
        return error_set(error, ERROR_USAGE,
                         "--maxmemory as a share reads the trace twice: give a file, or a size, as --maxmemory 512mb");
    reading.cells = grid_cells(&first);
    reading.cell_count = grid_count(&first);
    reading.bounded_at = NULL;
    reading.bounded_count = 0;
    reading.explain = NULL;
    reading.replay_seconds = NULL;
    status = replay_run(&reading, &found, error);
    free((void *)reading.cells);
    if (!status) {
        *sizes = xcalloc(found.result_count, sizeof **sizes);
        *count = found.result_count;
        for (size_t i = 0; i < found.result_count; i++)
            measure(&found.results[i], plan->sharding.divides_maxmemory, &(*sizes)[i]);
    }
    run_release(&found);
    return status;
}

/* ---- the sizes ---- */

static uint64_t size_of(double share, const struct whole_size *set)
{
    double size = (double)set->empty + share * (double)(set->used_memory - set->empty);
    uint64_t step = 1;

    while (!set->unit_sizes && 2 * (double)step <= size * ROUNDED_TO)
        step *= 2;
    size = ceil(size / (double)step) * (double)step; /* up: with 100 % nothing is short */
    return size < 1 ? 1 : (uint64_t)size;            /* 0 would be no limit */
}

/* Those of the grid, and the shares; each once. Returns how many. */
static size_t sizes_of(const struct size_shares *shares, const struct grid *grid, const struct whole_size *set,
                       uint64_t *sizes)
{
    size_t count = grid->size_count;

    memcpy(sizes, grid->sizes, count * sizeof *sizes);
    for (size_t i = 0; i < shares->count; i++) {
        size_t place = 0;

        sizes[count] = size_of(shares->shares[i], set);
        while (sizes[place] != sizes[count])
            place++;
        count += place == count;
    }
    return count;
}

struct cell_config *size_shares_cells(const struct size_shares *shares, const struct grid *grid,
                                      const struct whole_size *whole, size_t *count)
{
    struct cell_config *cells;
    uint64_t *sizes;

    sizes = xcalloc(grid->size_count + shares->count, sizeof *sizes);
    cells = xcalloc(grid->server_count * (grid->size_count + shares->count) * grid->policy_count * grid->seeds,
                    sizeof *cells);
    *count = 0;
    for (size_t s = 0; s < grid->server_count; s++) {
        struct grid one = *grid;
        struct cell_config *of_one;

        one.servers = &grid->servers[s];
        one.server_count = 1;
        one.sizes = sizes;
        one.size_count = sizes_of(shares, grid, &whole[s], sizes);
        of_one = grid_cells(&one);
        memcpy(cells + *count, of_one, grid_count(&one) * sizeof *cells);
        *count += grid_count(&one);
        free(of_one);
    }
    free(sizes);
    return cells;
}
