/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/verdict.h"

#include "reports/text_table.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* With one seed, less than half a point may be chance. */
static const double SMALL_DIFFERENCE = 0.005;

enum { NAMES_SAID = 3 };

/* The cells of one server and maxmemory. */
struct block {
    const struct cell *cells;
    size_t count;
};

static bool refuses(struct cell cell)
{
    return cell_counter(cell, COUNTER_oom_rejections).mean > 0;
}

static bool is_ample(struct cell cell)
{
    return !refuses(cell) &&
           cell_counter(cell, COUNTER_evicted_keys).mean + cell_counter(cell, COUNTER_not_admitted).mean == 0;
}

static struct estimate hits_of(struct cell cell)
{
    return cell_ratio(cell, result_hit_ratio);
}

/* How many of them do. */
static size_t count_of(struct block block, bool (*what)(struct cell cell))
{
    size_t count = 0;

    for (size_t i = 0; i < block.count; i++)
        count += what(block.cells[i]);
    return count;
}

static void put_policy(struct cell cell, FILE *out)
{
    printable_put(cell.results->policy, out);
}

static void put_ratio(struct estimate ratio, FILE *out)
{
    fprintf(out, "%.2f", ratio.mean * 100);
    if (ratio.half_width > 0)
        fprintf(out, " ± %.2f", ratio.half_width * 100);
    fputs(" %", out);
}

static void put_place(const struct cell_list *list, struct block block, FILE *out)
{
    const struct result *result = block.cells->results;
    char maxmemory[TEXT_FIELD], server[CELL_SERVER_TEXT];

    if (cell_list_has_servers(list)) {
        cell_server_print(result, server, sizeof server);
        fprintf(out, "%s, ", server);
    }
    text_maxmemory(maxmemory, result->maxmemory, result->unit_sizes);
    fprintf(out, "%s%s: ", result->maxmemory ? maxmemory : "without a limit",
            result->maxmemory && result->unit_sizes ? " objects" : "");
}

/* ---- memory is never short ---- */

static void put_ample(struct block block, FILE *out)
{
    double least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < block.count; i++) {
        least = fmin(least, hits_of(block.cells[i]).mean);
        most = fmax(most, hits_of(block.cells[i]).mean);
    }
    fputs("nothing was evicted and no write refused", out);
    if (block.count > 1)
        fprintf(out, ", so the policy %s", most - least > 0 ? "hardly matters" : "does not matter");
    if (most - least > 0)
        fprintf(out, ": %.2f to %.2f %% of reads hit.\n", least * 100, most * 100);
    else if (isfinite(most))
        fprintf(out, ": %.2f %% of reads hit.\n", most * 100);
    else
        fputs(".\n", out);
}

/* ---- refusals ---- */

static void put_refusal(struct cell cell, FILE *out)
{
    struct estimate oom = cell_counter(cell, COUNTER_oom_rejections);
    char count[TEXT_FIELD];

    text_count(count, oom.mean);
    put_ratio(cell_ratio(cell, result_oom_share), out);
    fprintf(out, " of the writes (%s)", count);
}

static double refused_share(struct cell cell)
{
    return cell_ratio(cell, result_oom_share).mean;
}

/* The one that refuses the largest, or the smallest, share of its writes. */
static size_t find_refusing(struct block block, bool most)
{
    size_t found = 0;

    for (size_t i = 1; i < block.count; i++)
        if (most ? refused_share(block.cells[i]) > refused_share(block.cells[found])
                 : refused_share(block.cells[i]) < refused_share(block.cells[found]))
            found = i;
    return found;
}

/* Some do, and others do not. Who refuses may hit more, which is no gain. */
static void put_some_refuse(struct block block, struct estimate best, FILE *out)
{
    size_t refusing = count_of(block, refuses), most = find_refusing(block, true);

    if (!refusing)
        return;
    if (refusing == 1) {
        putc(' ', out);
        put_policy(block.cells[most], out);
        fputs(" refuses ", out);
    } else {
        fprintf(out, " %zu of the %zu policies refuse writes, ", refusing, block.count);
        put_policy(block.cells[most], out);
        fputs(" most: ", out);
    }
    put_refusal(block.cells[most], out);
    putc('.', out);
    for (size_t i = 0; i < block.count; i++)
        if (refuses(block.cells[i]) && hits_of(block.cells[i]).mean > best.mean) {
            putc(' ', out);
            put_policy(block.cells[i], out);
            fputs(" hits more, ", out);
            put_ratio(hits_of(block.cells[i]), out);
            fputs(", which is no gain: it keeps what it had.", out);
            return;
        }
}

/* The server needs all of maxmemory without a key. */
static bool has_no_room(struct cell cell)
{
    return cell.results->counters.baseline_memory >= result_maxmemory_in_all(cell.results);
}

static void put_all_refuse(struct block block, FILE *out)
{
    size_t least = find_refusing(block, false);
    struct estimate hits = hits_of(block.cells[least]);

    if (count_of(block, has_no_room) == block.count) {
        fputs("the empty server needs more than that, so every write is refused: ", out);
    } else if (block.count > 1 &&
               refused_share(block.cells[find_refusing(block, true)]) == refused_share(block.cells[least])) {
        fputs("every policy refuses ", out);
    } else if (block.count > 1) {
        fputs("every policy refuses writes, ", out);
        put_policy(block.cells[least], out);
        fputs(" the fewest: ", out);
    } else {
        put_policy(block.cells[least], out);
        fputs(" refuses ", out);
    }
    put_refusal(block.cells[least], out);
    if (!isnan(hits.mean)) {
        fputs("; ", out);
        put_ratio(hits, out);
        fputs(" of reads hit", out);
    }
    fputs(".\n", out);
}

/* ---- the best of those that refuse nothing ---- */

/* The best from there on, without those that hit as much as `than`, or more; the count: there is none. */
static size_t find_best(struct block block, double than)
{
    size_t best = block.count;

    for (size_t i = 0; i < block.count; i++) {
        double mean = hits_of(block.cells[i]).mean;

        if (!refuses(block.cells[i]) && mean < than && (best == block.count || mean > hits_of(block.cells[best]).mean))
            best = i;
    }
    return best;
}

/* Those that refuse nothing and hit as much. */
static size_t count_equals(struct block block, double mean)
{
    size_t count = 0;

    for (size_t i = 0; i < block.count; i++)
        count += !refuses(block.cells[i]) && hits_of(block.cells[i]).mean == mean;
    return count;
}

/* Names them. */
static void put_equals(struct block block, double mean, FILE *out)
{
    size_t count = count_equals(block, mean), said = 0;

    for (size_t i = 0; i < block.count && said < (count > NAMES_SAID ? NAMES_SAID - 1 : count); i++)
        if (!refuses(block.cells[i]) && hits_of(block.cells[i]).mean == mean) {
            fputs(!said ? "" : said + 1 == count ? " and " : ", ", out);
            put_policy(block.cells[i], out);
            said++;
        }
    if (said < count)
        fprintf(out, " and %zu others", count - said);
}

/* Whether the difference may be chance, and why. */
static void put_doubt(struct estimate best, struct estimate next, FILE *out)
{
    if (best.half_width + next.half_width > best.mean - next.mean)
        fprintf(out, ": %zu seeds do not tell them apart", best.count);
    else if ((best.count == 1 || next.count == 1) && best.mean - next.mean < SMALL_DIFFERENCE)
        fputs(": with one seed so small a difference may be chance (--seeds 10)", out);
}

static void put_best(struct block block, FILE *out)
{
    size_t best = find_best(block, INFINITY), next;
    struct estimate hits = hits_of(block.cells[best]);
    size_t calm = block.count - count_of(block, refuses), equal = count_equals(block, hits.mean);

    if (equal == block.count && equal > 1)
        fprintf(out, "all %zu policies", equal);
    else
        put_equals(block, hits.mean, out);
    if (equal == block.count && equal > 1)
        fputs(" have the same hit ratio, ", out);
    else if (calm == 1 && block.count > 1)
        fputs(" alone refuses no write: ", out);
    else if (block.count > 1)
        fprintf(out, " %s the highest hit ratio%s, ", equal > 1 ? "have" : "has",
                calm < block.count ? " of those that refuse no write" : "");
    else
        fputs(": ", out);
    put_ratio(hits, out);
    fputs(block.count > 1 && calm > 1 ? "" : " of reads hit", out);
    next = find_best(block, hits.mean);
    if (next < block.count) {
        fputs("; next: ", out);
        put_equals(block, hits_of(block.cells[next]).mean, out);
        fputs(", ", out);
        put_ratio(hits_of(block.cells[next]), out);
        put_doubt(hits, hits_of(block.cells[next]), out);
    }
    putc('.', out);
    put_some_refuse(block, hits, out);
    putc('\n', out);
}

/* Without reads there is nothing to choose by. */
static void put_unread(struct block block, FILE *out)
{
    fputs("nothing was read, so there is no hit ratio.", out);
    put_some_refuse(block, (struct estimate){.mean = INFINITY}, out);
    putc('\n', out);
}

static bool is_read(struct cell cell)
{
    return !isnan(hits_of(cell).mean);
}

static void put_group(const struct cell_list *list, struct block block, FILE *out)
{
    put_place(list, block, out);
    if (count_of(block, is_ample) == block.count)
        put_ample(block, out);
    else if (count_of(block, refuses) == block.count)
        put_all_refuse(block, out);
    else if (count_of(block, is_read) < block.count)
        put_unread(block, out);
    else
        put_best(block, out);
}

void verdict_put(const struct cell_list *list, FILE *out)
{
    for (size_t first = 0, end; first < list->count; first = end) {
        end = cell_list_group_end(list, first);
        put_group(list, (struct block){&list->cells[first], end - first}, out);
    }
}
