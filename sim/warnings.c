/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/warnings.h"

#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/mrc/mrc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Any trace begins with some lookups of keys that were never written. Fewer than these are not reported. */
static const double WARM_SHARE = 0.05;
static const uint64_t WARM_LOOKUPS = 10;
/* A server that refuses writes is at least this near to its limit. */
static const double NEAR_LIMIT = 0.95;

/* The warnings of a run or of miss-ratio curves. */
struct warnings {
    struct warning **list;
    size_t *count;
};

static struct warnings warnings_of(struct run *run)
{
    return (struct warnings){&run->warnings, &run->warning_count};
}

__attribute__((format(printf, 3, 4))) static void add(struct warnings warnings, const char *code, const char *format,
                                                      ...)
{
    struct warning *warning;
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    *warnings.list = xrealloc(*warnings.list, (*warnings.count + 1) * sizeof **warnings.list);
    warning = &(*warnings.list)[(*warnings.count)++];
    warning->code = xstrdup(code);
    warning->text = xstrdup(text);
}

/* Marks memory, and what follows from it, as lower bounds. */
static void mark_memory(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        run->results[i].memory_is_least = run->results[i].oom_is_least = true;
}

/* What is missing or refused is so in the warm-up, too, which `counters` leave out. */
static uint64_t in_all(const struct result *result, int counter)
{
    return counter_get(&result->counters, counter) + counter_get(&result->warmup, counter);
}

/* ---- commands that are not executed ---- */

/* Lists the most frequent commands that take memory: "hmset 3,000, rpush 12". */
static void name_skipped(const struct intake *intake, char *text, size_t bytes)
{
    enum { LISTED = 3 };
    bool is_listed[UNKNOWN_COMMANDS] = {false};
    size_t used = 0;

    *text = '\0';
    for (int turn = 0; turn < LISTED; turn++) {
        const struct unknown_command *best = NULL;
        char count[UNITS_TEXT];

        for (int i = 0; i < UNKNOWN_COMMANDS; i++) {
            const char *name = intake->unknown[i].name, *in_part = strstr(name, " (in part)");
            enum op op = op_find(name, in_part ? (size_t)(in_part - name) : strlen(name));

            if (!is_listed[i] && intake->unknown[i].count && op != OP_COUNT && command_table[op].denyoom &&
                (!best || intake->unknown[i].count > best->count))
                best = &intake->unknown[i];
        }
        if (!best || used >= bytes)
            return;
        is_listed[best - intake->unknown] = true;
        used += (size_t)snprintf(text + used, bytes - used, "%s%s %s", turn ? ", " : "", best->name,
                                 print_count(count, best->count));
    }
}

/* Skipped rows give no requests, so the share is of the trace's rows. `consequence` ends the message. */
static bool find_skipped(struct warnings warnings, const struct intake *intake, const char *consequence)
{
    char names[256], skipped[UNITS_TEXT], all[UNITS_TEXT];

    if (!intake->skipped_writes)
        return false;
    name_skipped(intake, names, sizeof names);
    add(warnings, "commands-skipped",
        "%s of %s commands (%.1f %%) are not executed, and some of those keep data (%s), which is not in memory here: "
        "%s",
        print_count(skipped, intake->unknown_commands), print_count(all, intake->rows),
        100.0 * (double)intake->unknown_commands / (double)intake->rows, *names ? names : "beyond the names above",
        consequence);
    return true;
}

/* For models of sizes alone, which leave out commands on elements. `name` is the model's, for the message. */
static bool find_elements(struct warnings warnings, const struct intake *intake, uint64_t commands, const char *name)
{
    char left_out[UNITS_TEXT], all[UNITS_TEXT];

    if (!intake->element_commands)
        return false;
    add(warnings, "elements-left-out",
        "%s of %s commands are on the elements of values (hashes), or compare values with a text (DELIFEQ), of which "
        "%s "
        "knows nothing: they are left out, and sizes and evictions are lower bounds (≥)",
        print_count(left_out, intake->element_commands), print_count(all, commands), name);
    return true;
}

/* A SET that is left out may add or free bytes, a DELIFEQ frees none: no bound follows. */
static void add_comparisons(struct warnings warnings, const struct result *result)
{
    char left_out[UNITS_TEXT], all[UNITS_TEXT];

    add(warnings, "comparisons-left-out",
        "%s of %s commands are SET IFEQ (IFNE, IFDEQ, IFDNE), DELIFEQ or DELEX on values whose bytes do not follow "
        "from the trace (they were "
        "written before it, or before its first such command, or changed in place): %s leaves their keys as they are. "
        "used_memory, evictions and the hit ratio may be off either way",
        print_count(left_out, result->counters.comparisons_left_out), print_count(all, result->counters.requests),
        result->server);
}

/* What clients send is a script and its arguments: what it does is not in the trace. */
static bool find_scripts(struct warnings warnings, const struct intake *intake, uint64_t commands)
{
    char scripts[UNITS_TEXT], all[UNITS_TEXT];

    if (!intake->scripts_unseen)
        return false;
    add(warnings, "scripts-not-shown",
        "%s of %s commands call scripts (EVAL, EVALSHA, FCALL), and what these read and write is not in the trace: "
        "used_memory, evictions and OOM rejections are lower bounds (≥). MONITOR shows what scripts call",
        print_count(scripts, intake->scripts_unseen), print_count(all, commands));
    return true;
}

/* ---- a capture that begins on a warm server ---- */

static bool find_warm_start(struct warnings warnings, const struct intake *intake, const char *consequence)
{
    char lookups[UNITS_TEXT];

    if (intake->lookups_of_unwritten < WARM_LOOKUPS ||
        (double)intake->lookups_of_unwritten < WARM_SHARE * (double)intake->lookups)
        return false;
    add(warnings, "warm-start",
        "%.1f %% of the lookups (%s) are of keys that no row of the trace writes, and of no known size: unless those "
        "keys never existed, it began on a warm server. They count as misses, so that %s. Begin the capture on an "
        "empty server, or use a trace with sizes",
        100.0 * (double)intake->lookups_of_unwritten / (double)intake->lookups,
        print_count(lookups, intake->lookups_of_unwritten), consequence);
    return true;
}

/* Whether every miss is filled. Then each key is stored at its first lookup, as on a server that begins empty. */
static bool fills_all(const struct run *run)
{
    if (strcmp(run->on_miss, "fill") != 0)
        return false;
    for (size_t i = 0; i < run->result_count; i++)
        if (in_all(&run->results[i], COUNTER_unfilled_misses))
            return false;
    return true;
}

/* ---- a capture of executed commands ---- */

static uint64_t peak_of(const struct result *result)
{
    uint64_t before = result->warmup.used_memory_peak, peak = result->counters.used_memory_peak;

    return before > peak ? before : peak;
}

/* Whether the limit is reached and nothing can be evicted: nothing ever was, or only keys with a ttl may be and none is
 * left. */
static bool may_hide_refusals(const struct result *result)
{
    const struct counters *counters = &result->counters;
    bool ran_out = strstr(result->policy, "volatile") && !counters->expires;

    return result->maxmemory && (!in_all(result, COUNTER_evicted_keys) || ran_out) &&
           (double)peak_of(result) >= NEAR_LIMIT * (double)result_maxmemory_in_all(result);
}

static void find_hidden_refusals(struct run *run)
{
    const struct result *first = NULL;
    char peak[UNITS_TEXT], limit[UNITS_TEXT];

    for (size_t i = 0; run->intake.executed_only && i < run->result_count; i++) {
        if (!may_hide_refusals(&run->results[i]))
            continue;
        run->results[i].oom_is_least = true;
        if (!first)
            first = &run->results[i];
    }
    if (!first)
        return;
    add(warnings_of(run), "refusals-not-shown",
        "%s shows the commands that a server executed, not those that it refused, and used_memory comes up to %s of %s "
        "(%s): if that server was full too, its refusals are missing here and OOM rejections are lower bounds (≥). "
        "INFO errorstats of that server has their number",
        run->format, print_bytes(peak, peak_of(first)), print_bytes(limit, first->maxmemory), first->policy);
}

/* ---- other warnings ---- */

static void find_no_writes(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        if (in_all(&run->results[i], COUNTER_writes) || !in_all(&run->results[i], COUNTER_reads))
            return;
    if (!run->result_count || run->intake.lookups_of_unwritten)
        return;
    if (!strcmp(run->on_miss, "fill"))
        add(warnings_of(run), "nothing-writes",
            "no row of the trace writes, and none that missed says how long its value is, so that there is nothing to "
            "fill it with: every lookup misses. This says nothing of any policy");
    else
        add(warnings_of(run), "nothing-writes",
            "no row of the trace writes and --on-miss is none: every lookup misses. With --on-miss fill a missed read "
            "is followed by a SET");
}

static void find_elements_of_cells(struct run *run)
{
    const char *name = NULL;

    for (size_t i = 0; i < run->result_count; i++)
        if (run->results[i].sizes_alone)
            name = run->results[i].server;
    if (!name || !find_elements(warnings_of(run), &run->intake, run->commands, name))
        return;
    for (size_t i = 0; i < run->result_count; i++)
        run->results[i].memory_is_least |= run->results[i].sizes_alone;
}

static void find_comparisons(struct run *run)
{
    const struct result *most = NULL;

    for (size_t i = 0; i < run->result_count; i++)
        if (run->results[i].counters.comparisons_left_out > (most ? most->counters.comparisons_left_out : 0))
            most = &run->results[i];
    if (most)
        add_comparisons(warnings_of(run), most);
}

/* How much LZF compresses a node depends on the list's bytes, and no trace has these. */
static void find_compressed_lists(struct run *run)
{
    for (size_t i = 0; i < run->setting_count; i++)
        if (!strcmp(run->settings[i].name, "list-compress-depth") && strcmp(run->settings[i].value, "0") &&
            run->intake.element_commands)
            add(warnings_of(run), "lists-not-compressed",
                "list-compress-depth is %s, and evsim compresses nothing: used_memory is an upper bound (≤) where "
                "there "
                "are lists of more nodes than that. With list-compress-depth 0 it is as the server's",
                run->settings[i].value);
}

static void find_crossslot(struct run *run)
{
    const struct cluster_traffic *traffic = run->result_count ? &run->results[0].traffic : NULL;
    char left_out[UNITS_TEXT], calls[UNITS_TEXT], all[UNITS_TEXT];

    if (!traffic || !(traffic->crossslot | traffic->calls_elsewhere))
        return;
    add(warnings_of(run), "crossslot",
        "%s of %s commands (%.1f %%) are on keys of several slots: a cluster refuses them with CROSSSLOT, and they are "
        "left out%s%s%s. Give such keys one {hash tag}",
        print_count(left_out, traffic->crossslot), print_count(all, traffic->commands),
        100.0 * (double)traffic->crossslot / (double)traffic->commands,
        !traffic->calls_elsewhere       ? ""
        : traffic->calls_elsewhere == 1 ? "; so is "
                                        : "; so are ",
        traffic->calls_elsewhere ? print_count(calls, traffic->calls_elsewhere) : "",
        !traffic->calls_elsewhere       ? ""
        : traffic->calls_elsewhere == 1 ? " call of a script whose key is in another shard"
                                        : " calls of scripts whose keys are in another shard");
}

static void find_slots_of_numbers(struct run *run)
{
    if (run_has_shards(run) && run->intake.key_names_assumed)
        add(warnings_of(run), "slots-of-numbers",
            "the keys of this trace are numbers: each is hashed as its decimal digits. Shards are as even as names "
            "without hash tags make them; skew by {hash tag} cannot be seen");
}

static void find_servers_not_measured(struct run *run)
{
    char names[256] = "";
    size_t used = 0, count = 0;

    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];

        if (!result->server_is_read || strstr(names, result->server) || used >= sizeof names)
            continue;
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", count++ ? ", " : "", result->server);
    }
    if (count)
        add(warnings_of(run), "server-not-measured",
            "%s: what evsim knows of %s was read in its source text and its release notes, not measured on a server of "
            "that version. evsim servers says what is missing; make record-server records one, and make fidelity holds "
            "the model against it",
            names, count > 1 ? "them" : "it");
}

/* A policy of Redis's on a server that does not have it: LRM before Redis 8.6. */
static void find_policies_elsewhere(struct run *run)
{
    char names[400] = "";
    size_t used = 0, count = 0;

    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];
        char name[160];

        if (!result->policy_is_elsewhere)
            continue;
        snprintf(name, sizeof name, "%s on %s", result->policy, result->server);
        if (strstr(names, name) || used >= sizeof names)
            continue;
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", count++ ? ", " : "", name);
    }
    if (count)
        add(warnings_of(run), "policy-not-there",
            "%s: a what-if. %s server%s not have it: maxmemory-policy would be refused (it came with Redis 8.6)", names,
            count > 1 ? "These" : "That", count > 1 ? "s do" : " does");
}

/* Keys of a kind that a server keeps in another way than its model. */
static void find_unlike_kinds(struct run *run)
{
    const struct result *hashes = NULL, *zsets = NULL;
    char count[UNITS_TEXT];

    for (size_t i = 0; i < run->result_count; i++) {
        const struct result *result = &run->results[i];

        if (result->unlike_hashes && (!hashes || result->unlike_hashes > hashes->unlike_hashes))
            hashes = result;
        if (result->unlike_zsets && (!zsets || result->unlike_zsets > zsets->unlike_zsets))
            zsets = result;
    }
    if (hashes)
        add(warnings_of(run), "hash-templates-not-modeled",
            "%s: up to %s hashes were made, which may share templates of their fields in that server (since Redis "
            "8.10); "
            "here each has its own, as before: used_memory, evictions and OOM rejections may be too high",
            hashes->server, print_count(count, hashes->unlike_hashes));
    if (zsets)
        add(warnings_of(run), "zset-trees-not-modeled",
            "%s: up to %s sorted sets were made that are B+ trees in that server (since Valkey 9.2); here they are "
            "skip "
            "lists, as before: used_memory, evictions and OOM rejections may be too high",
            zsets->server, print_count(count, zsets->unlike_zsets));
}

/* A value that is larger than what is free is refused, and a smaller one is not. What is free for moments are a few
 * kilobytes, in a part as in all of the memory: there it is more, for its keys. And where a key that is asked all the time
 * is refused, no number of other keys tells how many misses that makes. */
static void find_sampled_refusals(struct run *run)
{
    size_t refusing = 0;

    for (size_t i = 0; i < run->result_count; i++)
        refusing += run->key_parts && run->results[i].counters.oom_rejections;
    if (refusing)
        add(warnings_of(run), "sample-refuses",
            "%zu of %zu results refuse writes, and --sample does not tell how many, nor what misses they make: which "
            "writes find room depends on all keys; without --sample it is exact",
            refusing, run->result_count);
}

static void find_small_sample(struct run *run)
{
    enum { KEYS = 1000 };

    if (run->key_parts && run->key_count / run->key_parts < KEYS)
        add(warnings_of(run), "sample-is-small",
            "1 in %u of the keys are %llu: too few for --sample to say much; a share that has %d keys and more does",
            run->key_parts, (unsigned long long)(run->key_count / run->key_parts), KEYS);
}

/* No capture of commands shows when a connection is closed. Where an application opens one for each job or request, those that
 * are long gone are a large part of the memory. */
static void find_silent_clients(struct run *run)
{
    static const double SHARE = 0.05; /* of used_memory, from which on they are said */
    const struct result *most = NULL;
    char silent[UNITS_TEXT], all[UNITS_TEXT + 4] = "", bytes[UNITS_TEXT];

    for (size_t i = 0; i < run->result_count && !run->intake.closings_shown; i++) {
        const struct result *result = &run->results[i];

        if ((double)result->silent_client_bytes >= SHARE * (double)result->counters.used_memory &&
            result->silent_client_bytes > (most ? most->silent_client_bytes : 0))
            most = result;
    }
    if (!most)
        return;
    if (most->silent_clients <= run->intake.clients) { /* else they are counted in each shard */
        memcpy(all, " of ", 4);
        print_count(all + 4, run->intake.clients);
    }
    add(warnings_of(run), "clients-silent",
        "%s%s connections have been silent for a while at the end of the trace, and take up to %s, %.0f %% of "
        "used_memory. It is not known when one is closed, so here they stay open: if they were closed, "
        "used_memory, evictions and OOM rejections are too high, also where there is ≥. INFO clients of that server "
        "says how many are open; --timeout 1 closes who was silent for a second",
        print_count(silent, most->silent_clients), all, print_bytes(bytes, most->silent_client_bytes),
        100.0 * (double)most->silent_client_bytes / (double)most->counters.used_memory);
}

static void find_no_steady_state(struct run *run)
{
    if (run->warmup_missed)
        add(warnings_of(run), "no-steady-state",
            "--warmup auto: in the first half of the trace the miss ratio does not settle (MSER-5) in every cell, so "
            "that nothing is left out. Leave out a time, as --warmup 30m, or take a longer trace");
}

void warnings_find(struct run *run)
{
    bool memory_is_least =
        find_skipped(warnings_of(run), &run->intake,
                     "used_memory, evictions and OOM rejections are lower bounds (≥), and the hit ratio may be off "
                     "either way");

    memory_is_least |= find_scripts(warnings_of(run), &run->intake, run->commands);
    if (!fills_all(run))
        memory_is_least |= find_warm_start(warnings_of(run), &run->intake,
                                           "the hit ratio says little of that server, and used_memory, evictions and "
                                           "OOM rejections are lower bounds (≥)");
    if (memory_is_least)
        mark_memory(run);
    find_elements_of_cells(run);
    find_comparisons(run);
    find_compressed_lists(run);
    find_hidden_refusals(run);
    find_servers_not_measured(run);
    find_policies_elsewhere(run);
    find_unlike_kinds(run);
    find_crossslot(run);
    find_slots_of_numbers(run);
    find_no_writes(run);
    find_sampled_refusals(run);
    find_small_sample(run);
    find_silent_clients(run);
    find_no_steady_state(run);
}

void warnings_find_mrc(struct mrc *mrc)
{
    struct warnings warnings = {&mrc->warnings, &mrc->warning_count};
    bool lacks_data = find_skipped(warnings, &mrc->intake,
                                   "it takes no room from the other keys, so that the footprint and the miss ratios "
                                   "are lower bounds (≥)");
    bool lacks_sizes =
        !mrc->unit_sizes && find_warm_start(warnings, &mrc->intake,
                                            "the miss ratios say little of that server, at any size, and the footprint "
                                            "is a lower bound (≥)");

    lacks_data |= find_elements(warnings, &mrc->intake, mrc->requests, "a curve");
    lacks_data |= find_scripts(warnings, &mrc->intake, mrc->requests);
    mrc->footprint_is_least = lacks_data || lacks_sizes;
    mrc->miss_ratios_are_least = lacks_data && !lacks_sizes;
}
