/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_shards.h"

#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/shard_skew.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines of a block, and blocks: whatever is more is in shards.csv and slots.csv. */
enum { LINES_MOST = 12, BLOCKS_MOST = 4, SLOTS_SHOWN = 3, SLOTS_WIDTH = 18, NAME_WIDTH = 16, KEY_WIDTH = 28 };

enum { SHARD, SLOTS, REQUESTS, SHARE, HIT_RATIO, EVICTED, OOM, PEAK, FULL, COLUMNS };

static const char *const titles[COLUMNS] = {
    [SHARD] = "shard",     [SLOTS] = "slots", [REQUESTS] = "requests", [SHARE] = "share", [HIT_RATIO] = "hit ratio",
    [EVICTED] = "evicted", [OOM] = "OOM",     [PEAK] = "peak mem",     [FULL] = "of max",
};

enum { SLOT, SLOT_SHARD, SLOT_REQUESTS, SLOT_SHARE, SLOT_KEYS, SLOT_BYTES, SLOT_KEY, SLOT_KEY_SHARE, SLOT_COLUMNS };

static const char *const slot_titles[SLOT_COLUMNS] = {
    [SLOT] = "slot",      [SLOT_SHARD] = "shard", [SLOT_REQUESTS] = "requests", [SLOT_SHARE] = "share",
    [SLOT_KEYS] = "keys", [SLOT_BYTES] = "bytes", [SLOT_KEY] = "key",           [SLOT_KEY_SHARE] = "its part",
};

static void put_percent(char *field, double ratio)
{
    if (isnan(ratio))
        snprintf(field, TEXT_FIELD, "-");
    else
        snprintf(field, TEXT_FIELD, "%.1f %%", 100 * ratio);
}

static void put_count(char *field, uint64_t count)
{
    char text[UNITS_TEXT];

    snprintf(field, TEXT_FIELD, "%s", count ? print_count(text, count) : "-");
}

static void put_size(char *field, const struct result *result, uint64_t bytes)
{
    char text[UNITS_TEXT];

    snprintf(field, TEXT_FIELD, "%s", result->unit_sizes ? print_count(text, bytes) : print_bytes(text, bytes));
}

static double part_of(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

/* Text that is longer than the column ends with "...". */
static void put_name(char *field, const char *name, size_t width)
{
    if (strlen(name) <= width) {
        printable_copy(field, TEXT_FIELD, name, strlen(name));
        return;
    }
    printable_copy(field, TEXT_FIELD, name, width - 3);
    strcat(field, "...");
}

static void fill(struct text_row *row, const struct result *result, const struct shard *shard)
{
    put_name(row->fields[SHARD], shard->name, NAME_WIDTH);
    put_name(row->fields[SLOTS], shard->slots, SLOTS_WIDTH);
    put_count(row->fields[REQUESTS], shard->requests);
    put_percent(row->fields[SHARE], part_of(shard->requests, result->counters.requests));
    put_percent(row->fields[HIT_RATIO], shard_hit_ratio(shard));
    put_count(row->fields[EVICTED], shard->evicted_keys);
    put_count(row->fields[OOM], shard->oom_rejections);
    put_size(row->fields[PEAK], result, shard->used_memory_peak);
    put_percent(row->fields[FULL], shard_fullness(shard));
}

static void put_rows(const struct text_row *rows, size_t count, int columns, uint32_t texts,
                     const char *const *row_titles, FILE *out)
{
    struct text_table table = {.columns = columns, .texts = texts};

    for (int column = 0; column < columns; column++) {
        bool says_something = false;

        for (size_t i = 0; i < count; i++)
            says_something |= strcmp(rows[i].fields[column], "-") != 0 && *rows[i].fields[column];
        if (says_something)
            text_table_measure(&table, column, row_titles[column]);
        for (size_t i = 0; i < count && says_something; i++)
            text_table_measure(&table, column, rows[i].fields[column]);
    }
    text_table_put_titles(&table, row_titles, out);
    text_table_put_rule(&table, out);
    for (size_t i = 0; i < count; i++)
        text_table_put_row(&table, &rows[i], out);
    text_table_put_rule(&table, out);
}

/* ---- shards ---- */

/* Those that are worst off come first when there is no room for all: more refusals, then more requests. */
static int by_trouble(const void *a, const void *b)
{
    const struct shard *x = *(const struct shard *const *)a, *y = *(const struct shard *const *)b;

    if (x->oom_rejections != y->oom_rejections)
        return x->oom_rejections < y->oom_rejections ? 1 : -1;
    if (x->requests != y->requests)
        return x->requests < y->requests ? 1 : -1;
    return (x > y) - (x < y);
}

static int by_place(const void *a, const void *b)
{
    const struct shard *x = *(const struct shard *const *)a, *y = *(const struct shard *const *)b;

    return (x > y) - (x < y);
}

static void put_lines(const struct result *result, FILE *out)
{
    const struct shard **order = xcalloc(result->shard_count + 1, sizeof(struct shard *));
    size_t shown = result->shard_count < LINES_MOST ? result->shard_count : LINES_MOST;
    struct text_row *rows = xcalloc(shown + 1, sizeof *rows);

    for (size_t i = 0; i < result->shard_count; i++)
        order[i] = &result->shards[i];
    if (shown < result->shard_count)
        qsort(order, result->shard_count, sizeof *order, by_trouble);
    qsort(order, shown, sizeof *order, by_place);
    for (size_t i = 0; i < shown; i++)
        fill(&rows[i], result, order[i]);
    put_rows(rows, shown, COLUMNS, 1 << SHARD | 1 << SLOTS, titles, out);
    if (shown < result->shard_count)
        fprintf(out, "the %zu with the most OOM, then requests, of %zu shards; all are in shards.csv and --json\n",
                shown, result->shard_count);
    free(rows);
    free(order);
}

static const char *name_of(const struct result *result, uint32_t place, char *text)
{
    char name[TEXT_FIELD];

    put_name(name, result->shards[place].name, NAME_WIDTH);
    snprintf(text, TEXT_FIELD, "shard %.*s", 4 * NAME_WIDTH, name); /* of a character four bytes, if it is escaped */
    return text;
}

static void put_skew(const struct result *result, FILE *out)
{
    struct skew requests = skew_of_requests(result), memory = skew_of_memory(result);
    char busy[TEXT_FIELD], large[TEXT_FIELD];

    if (!isnan(requests.ratio))
        fprintf(out, "skewed requests: %s has %.2f times the mean\n", name_of(result, requests.shard, busy),
                requests.ratio);
    if (!isnan(memory.ratio))
        fprintf(out, "skewed %s: %s has %.2f times the mean at its peak\n", result->unit_sizes ? "objects" : "bytes",
                name_of(result, memory.shard, large), memory.ratio);
}

static void put_worst(const struct result *result, FILE *out)
{
    uint32_t place = shard_worst(result);
    const struct shard *shard = &result->shards[place];
    char name[TEXT_FIELD], ratio[TEXT_FIELD], whole[TEXT_FIELD], count[UNITS_TEXT];

    put_percent(ratio, shard_hit_ratio(shard));
    put_percent(whole, result_hit_ratio(result));
    fprintf(out, "worst shard: %s", name_of(result, place, name));
    if (shard->reads)
        fprintf(out, ", hit ratio %s (all: %s)", ratio, whole);
    if (shard->oom_rejections)
        fprintf(out, ", %s OOM, %.1f %% of its writes (all: %.1f %%)", print_count(count, shard->oom_rejections),
                100 * shard_oom_share(shard), 100 * result_oom_share(result));
    putc('\n', out);
}

static void put_half_empty(const struct result *result, FILE *out)
{
    int place = shard_full_beside_half_empty(result);
    const struct shard *shard = place < 0 ? NULL : &result->shards[place];
    char name[TEXT_FIELD], other[TEXT_FIELD], since[UNITS_TEXT];

    if (!shard)
        return;
    fprintf(out, "%s had refused writes by %s, when %.0f %% of the room in %s was free\n",
            name_of(result, (uint32_t)place, name), print_duration(since, shard->first_refusal_us),
            100 - 100 * shard->least_full_share, name_of(result, shard->least_full, other));
}

/* ---- slots ---- */

static void fill_slot(struct text_row *row, const struct result *result, const struct hot_slot *slot, bool by_bytes)
{
    const char *key = by_bytes ? slot->largest_key : slot->hottest_key;
    uint64_t all = 0;

    for (uint32_t i = 0; i < result->shard_count; i++)
        all += result->shards[i].requests;
    snprintf(row->fields[SLOT], TEXT_FIELD, "%" PRIu32, slot->slot);
    put_name(row->fields[SLOT_SHARD], result->shards[slot->shard].name, NAME_WIDTH);
    put_count(row->fields[SLOT_REQUESTS], slot->requests);
    put_percent(row->fields[SLOT_SHARE], part_of(slot->requests, all));
    put_count(row->fields[SLOT_KEYS], slot->keys);
    put_size(row->fields[SLOT_BYTES], result, slot->bytes);
    put_name(row->fields[SLOT_KEY], key ? key : "-", KEY_WIDTH);
    put_percent(row->fields[SLOT_KEY_SHARE], by_bytes ? part_of(slot->largest_key_bytes, slot->bytes)
                                                      : part_of(slot->hottest_key_requests, slot->requests));
}

static void put_slots(const struct result *result, const struct hot_slot *slots, size_t count, bool by_bytes, FILE *out)
{
    struct text_row rows[SLOTS_SHOWN] = {0};
    size_t shown = count < SLOTS_SHOWN ? count : SLOTS_SHOWN;

    if (!shown)
        return;
    for (size_t i = 0; i < shown; i++)
        fill_slot(&rows[i], result, &slots[i], by_bytes);
    fputs(by_bytes ? "largest slots at the end, and the largest key of each\n"
                   : "hottest slots by requests, and the key of each that is asked most\n",
          out);
    put_rows(rows, shown, SLOT_COLUMNS, 1 << SLOT_SHARD | 1 << SLOT_KEY, slot_titles, out);
}

/* Keys that a hash tag keeps together cannot be spread by more shards. */
static void put_tag(const struct result *result, FILE *out)
{
    const struct hot_slot *slot = result->slots_by_requests_count ? &result->slots_by_requests[0] : NULL;
    char tag[TEXT_FIELD], count[UNITS_TEXT];

    if (!slot || !slot->hash_tag)
        return;
    put_name(tag, slot->hash_tag, KEY_WIDTH);
    fprintf(out, "slot %" PRIu32 " has the keys with the hash tag {%s}: %s key%s at the end\n", slot->slot, tag,
            print_count(count, slot->keys), slot->keys == 1 ? "" : "s");
}

static void put_block(const struct result *result, bool has_seeds, FILE *out)
{
    char size[TEXT_FIELD], policy[TEXT_FIELD], server[CELL_SERVER_TEXT];

    printable_copy(policy, sizeof policy, result->policy, strlen(result->policy));
    text_maxmemory(size, result->maxmemory, result->unit_sizes);
    cell_server_print(result, server, sizeof server);
    fprintf(out, "\nby shard: %s, %s, %s%s", server, policy, result->maxmemory ? "maxmemory " : "", size);
    if (result->maxmemory)
        fputs(result_maxmemory_in_all(result) > result->maxmemory || result->shard_count == 1 ? " each" : " in all",
              out);
    if (has_seeds)
        fprintf(out, ", seed %" PRIu64, result->seed);
    putc('\n', out);
    put_lines(result, out);
    put_half_empty(result, out);
    put_worst(result, out);
    put_skew(result, out);
    put_slots(result, result->slots_by_requests, result->slots_by_requests_count, false, out);
    put_tag(result, out);
    put_slots(result, result->slots_by_bytes, result->slots_by_bytes_count, true, out);
}

void table_put_shards(const struct run *run, const struct cell_list *list, FILE *out)
{
    size_t shown = 0, all = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct result *result = list->cells[i].results;

        all += result->shard_count > 0;
        if (result->shard_count && shown < BLOCKS_MOST) {
            put_block(result, run->seed_count > 1, out);
            shown++;
        }
    }
    if (all > shown)
        fprintf(out, "the other %zu lines' shards are in shards.csv (-o DIR) and --json\n", all - shown);
}

/* ---- the traffic ---- */

static void put_traffic(FILE *out, bool *is_first, uint64_t count, const char *one, const char *many)
{
    char text[UNITS_TEXT];

    if (!count)
        return;
    fprintf(out, "%s%s %s", *is_first ? "cluster  " : "; ", print_count(text, count), count == 1 ? one : many);
    *is_first = false;
}

void table_put_cluster(const struct run *run, FILE *out)
{
    const struct cluster_traffic *traffic = run->result_count ? &run->results[0].traffic : NULL;
    bool is_first = true;

    if (!traffic)
        return;
    put_traffic(out, &is_first, traffic->commands_split, "command split by slot", "commands split by slot");
    put_traffic(out, &is_first, traffic->commands_everywhere, "without a key sent to every shard",
                "without a key sent to every shard");
    put_traffic(out, &is_first, traffic->transactions_split, "transaction split by shard",
                "transactions split by shard");
    if (!is_first)
        putc('\n', out);
}
