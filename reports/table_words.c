/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/table_words.h"

#include "sim/printable.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The plural's ending for this count: "1 key", "2 keys". */
static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* What comes before an item of a list: nothing for the first, then a comma. */
static const char *comma(bool *is_first)
{
    const char *text = *is_first ? "" : ", ";

    *is_first = false;
    return text;
}

void table_put_trace(const struct run *run, FILE *out)
{
    char commands[UNITS_TEXT], keys[UNITS_TEXT], duration[UNITS_TEXT];

    fputs("trace    ", out);
    printable_put(trace_shown(run->trace), out);
    fprintf(out, " (%s): %s request%s, %s key%s, %s\n", run->format, print_count(commands, run->commands),
            plural(run->commands), print_count(keys, run->key_count), plural(run->key_count),
            print_duration(duration, run->duration_us));
    if (run->key_parts) {
        fprintf(out, "sample   1 in %" PRIu32 " of the keys, some %s, in each seed: counts are estimates of all",
                run->key_parts, print_count(keys, run->key_count / run->key_parts));
        fprintf(out, run->seed_count > 1 ? "\n" : "; --seeds %d says how sure\n", run->key_parts < 5 ? 2 : 5);
    }
    if (run->warmup_us)
        fprintf(out, "warm-up  the first %s are left out of all totals, not of what is over time\n",
                print_duration(duration, run->warmup_us));
}

/* Whether a result before has the server, or a cluster of it. */
static bool was_named(const struct run *run, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(run->results[i].server, run->results[index].server) == 0)
            return true;
    return false;
}

/* What an empty server uses; of a cluster, one shard. */
static uint64_t empty_bytes(const struct result *result)
{
    return result->counters.baseline_memory / (result->shard_count ? result->shard_count : 1);
}

/* Writes how many servers there are, and between which bounds their empty memory is. The rows name them. */
static void put_number_of_servers(const struct run *run, size_t count, FILE *out)
{
    char least_text[UNITS_TEXT], most_text[UNITS_TEXT];
    uint64_t least = UINT64_MAX, most = 0;

    for (size_t i = 0; i < run->result_count; i++) {
        uint64_t bytes = empty_bytes(&run->results[i]);

        if (bytes && bytes < least)
            least = bytes;
        if (bytes > most)
            most = bytes;
    }
    fprintf(out, "%zu servers", count);
    if (most)
        fprintf(out, " (%s to %s when empty)", print_bytes(least_text, least), print_bytes(most_text, most));
}

/* Writes the servers in the order in which they were given, and what each uses when empty; of more than a few, how many. */
static void put_servers(const struct run *run, FILE *out)
{
    enum { FEW = 3 };
    bool is_first = true;
    size_t count = 0;

    for (size_t i = 0; i < run->result_count; i++)
        count += !was_named(run, i);
    if (count > FEW) {
        put_number_of_servers(run, count, out);
        return;
    }
    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];
        char baseline[UNITS_TEXT];

        if (was_named(run, i))
            continue;
        fprintf(out, "%s%s", comma(&is_first), result->server);
        if (result->counters.baseline_memory)
            fprintf(out, " (%s%s when empty)", print_bytes(baseline, empty_bytes(result)),
                    result->shard_count > 1 ? " each" : "");
    }
}

/* Writes "seed 1", "seeds 1-5", or a list if the seeds are not consecutive. */
static void put_seeds(const struct run *run, const struct cell_list *list, FILE *out)
{
    size_t count = list->count ? list->cells[0].count : 0;
    bool in_a_row = true;

    if (!cell_list_has_even_seeds(list)) {
        fprintf(out, "up to %zu seed%s\n", run->seed_count, plural(run->seed_count));
        return;
    }

    for (size_t i = 1; i < count; i++)
        in_a_row = in_a_row && run->results[i].seed == run->results[i - 1].seed + 1;
    fputs(count > 1 ? "seeds" : "seed", out);
    if (count > 2 && in_a_row)
        fprintf(out, " %" PRIu64 "-%" PRIu64, run->results[0].seed, run->results[count - 1].seed);
    else
        for (size_t i = 0; i < count; i++)
            fprintf(out, " %" PRIu64, run->results[i].seed);
    putc('\n', out);
}

static void put_text(const char *title, const char *text, FILE *out)
{
    fputs(title, out);
    printable_put(text, out);
    putc('\n', out);
}

/* A run that was merged from parts may miss some combinations. */
static void put_missing(const struct cell_list *list, FILE *out)
{
    struct cell_table table = cell_table_make(list);
    size_t all = table.server_count * table.size_count * table.policy_count;
    char missing[UNITS_TEXT], of[UNITS_TEXT];

    if (list->count < all)
        fprintf(out, "missing  %s of the %s combinations of server, maxmemory and policy\n",
                print_count(missing, all - list->count), print_count(of, all));
    cell_table_release(&table);
}

/* What 100 % of a --maxmemory is, by server. */
static void put_whole_sizes(const struct run *run, FILE *out)
{
    char most[UNITS_TEXT], empty[UNITS_TEXT], data[UNITS_TEXT];
    const char *of = run_setting(run, "maxmemory-of");
    bool is_divided = of && !strcmp(of, "cluster");

    for (size_t i = 0; i < run->whole_size_count; i++) {
        const struct whole_size *set = &run->whole_sizes[i];
        char *(*print)(char *, uint64_t) = set->unit_sizes ? print_count : print_bytes;

        fprintf(out, "shares   100 %% of --maxmemory is %s%s", print(most, set->used_memory),
                set->unit_sizes ? " objects" : "");
        if (run->whole_size_count > 1)
            fprintf(out, " in %s", set->server);
        if (run_has_shards(run))
            fputs(is_divided ? " in all shards together" : " in the fullest shard", out);
        fputs(", the most that is used without a limit", out);
        if (set->empty)
            fprintf(out, "; 0 %% is the empty server, %s: shares are of the %s that the data take",
                    print(empty, set->empty), print(data, set->used_memory - set->empty));
        putc('\n', out);
    }
}

void table_put_model(const struct run *run, const struct cell_list *list, FILE *out)
{
    fputs("server   ", out);
    put_servers(run, out);
    fprintf(out, "%s; on-miss %s (%s); ", run->weighs_keys ? "; objects weigh key and value" : "", run->on_miss,
            run->on_miss_reason);
    put_seeds(run, list, out);
    if (run->whole_size_count < 2) /* else servers have sizes of their own */
        put_missing(list, out);
    put_whole_sizes(run, out);
    if (run->admission)
        put_text("admission ", run->admission, out);
    if (run->scenario)
        put_text("scenario ", run->scenario, out);
}

static uint64_t highest(const struct run *run, int counter)
{
    uint64_t most = 0;

    for (size_t i = 0; i < run->result_count; i++)
        if (counter_get(&run->results[i].counters, counter) > most)
            most = counter_get(&run->results[i].counters, counter);
    return most;
}

/* The reasons why a server refused writes, as far as the counts show them. */
enum refusal {
    REFUSAL_NO_ROOM,   /* the server itself needs all of maxmemory */
    REFUSAL_TOO_LARGE, /* all keys were evicted and the write still had no room */
    REFUSALS
};

static bool is_refusal(const struct result *result, enum refusal refusal)
{
    const struct counters *counters = &result->counters;
    bool no_room = counters->baseline_memory >= result_maxmemory_in_all(result);

    if (!counters->oom_rejections || !counters->baseline_memory)
        return false;
    if (refusal == REFUSAL_NO_ROOM)
        return no_room;
    return !no_room && strcmp(result->policy, "noeviction") != 0 && !strstr(result->policy, "volatile");
}

static bool has_refusal(const struct run *run, enum refusal refusal)
{
    for (size_t i = 0; i < run->result_count; i++)
        if (is_refusal(&run->results[i], refusal))
            return true;
    return false;
}

static void print_ratio(char text[UNITS_TEXT], double ratio)
{
    if (isnan(ratio))
        snprintf(text, UNITS_TEXT, "-");
    else
        snprintf(text, UNITS_TEXT, "%.2f %%", ratio * 100);
}

static void put_bounds_legend(const struct run *run, FILE *out)
{
    const struct bound *unlimited = run_bound(run, 0);
    char misses[UNITS_TEXT], hits[UNITS_TEXT], bytes[UNITS_TEXT];

    if (!unlimited)
        return;
    print_ratio(hits, bound_hit_ratio(unlimited));
    print_ratio(bytes, bound_byte_hit_ratio(unlimited));
    fprintf(out,
            "(at most) no policy exceeds this, by object and by byte (PFOO-L); without a limit %s and %s: "
            "%s compulsory misses\n",
            hits, bytes, print_count(misses, unlimited->reads - unlimited->hits));
}

void table_put_legend(const struct run *run, const struct cell_list *list, FILE *out)
{
    uint64_t closed = highest(run, COUNTER_closed_connections);
    uint64_t disconnected = highest(run, COUNTER_client_output_buffer_limit_disconnections);
    uint64_t evicted = highest(run, COUNTER_evicted_clients);
    uint64_t unread = highest(run, COUNTER_unread_commands);
    uint64_t unfilled = highest(run, COUNTER_unfilled_misses), not_admitted = highest(run, COUNTER_not_admitted);
    char text[UNITS_TEXT];

    put_bounds_legend(run, out);
    if (run->seed_count > 1 && !cell_list_has_even_seeds(list))
        fputs("± 95 % confidence interval over the seeds of the line (Student's t); without it there is one seed, or "
              "all agree; memory is the mean\n",
              out);
    else if (run->seed_count > 1)
        fprintf(out,
                "± 95 %% confidence interval over %zu seeds (Student's t); "
                "without it all seeds agree, memory is the mean\n",
                run->seed_count);
    if (has_refusal(run, REFUSAL_NO_ROOM))
        fputs("where the empty server uses more than maxmemory, every write is refused\n", out);
    if (has_refusal(run, REFUSAL_TOO_LARGE))
        fprintf(out,
                "where every key may be evicted, a refused write means that none was left: a value and its query "
                "buffer%s do "
                "not fit\n",
                run->scenario ? ", or what the scenario's clients and replicas hold," : "");
    if (run->has_rss)
        fputs("RSS is used_memory_rss of a build with jemalloc, without active defragmentation\n", out);
    if (unfilled)
        fprintf(out, "misses without a fill, because no size is known: up to %s in one line above\n",
                print_count(text, unfilled));
    if (closed)
        fprintf(out,
                "commands that the server did not take, for an argument was longer than proto-max-bulk-len or "
                "client-query-buffer-limit: it closed the connection up to %s time%s in one line above\n",
                print_count(text, closed), plural(closed));
    if (disconnected)
        fprintf(
            out,
            "clients and replicas that the server closed because of client-output-buffer-limit: up to %s in one line "
            "above\n",
            print_count(text, disconnected));
    if (unread)
        fprintf(out,
                "commands of pipelines whose connection the server had closed, so that it never read them: up to %s "
                "in one line above\n",
                print_count(text, unread));
    if (evicted)
        fprintf(out, "clients that the server evicted because of maxmemory-clients: up to %s in one line above\n",
                print_count(text, evicted));
    if (not_admitted)
        fprintf(
            out,
            "keys that were not admitted, neither stored nor refused for want of memory: up to %s in one line above\n",
            print_count(text, not_admitted));
}
