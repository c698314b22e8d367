/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/warnings.h"

#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer lookups of keys that were never written are what any trace begins with. */
static const double WARM_SHARE = 0.05;
static const uint64_t WARM_LOOKUPS = 10;
/* A server that refuses writes stands this near to its limit. */
static const double NEAR_LIMIT = 0.95;

__attribute__((format(printf, 3, 4))) static void add(struct run *run, const char *code, const char *format, ...)
{
    struct warning *warning;
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    run->warnings = xrealloc(run->warnings, (run->warning_count + 1) * sizeof *run->warnings);
    warning = &run->warnings[run->warning_count++];
    warning->code = xstrdup(code);
    warning->text = xstrdup(text);
}

/* Memory, and what follows from it, is at least this. */
static void mark_memory(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        run->results[i].memory_is_least = run->results[i].oom_is_least = true;
}

/* ---- commands that are not executed ---- */

/* "hmset 3,000, rpush 12": those that take memory, the most frequent of them. */
static void name_skipped(const struct intake *intake, char *text, size_t bytes)
{
    enum { NAMED = 3 };
    bool named[UNKNOWN_COMMANDS] = {false};
    size_t used = 0;

    *text = '\0';
    for (int turn = 0; turn < NAMED; turn++) {
        const struct unknown_command *best = NULL;
        char count[UNITS_TEXT];

        for (int i = 0; i < UNKNOWN_COMMANDS; i++) {
            enum op op = op_find(intake->unknown[i].name, strlen(intake->unknown[i].name));

            if (!named[i] && intake->unknown[i].count && op != OP_COUNT && command_table[op].denyoom &&
                (!best || intake->unknown[i].count > best->count))
                best = &intake->unknown[i];
        }
        if (!best || used >= bytes)
            return;
        named[best - intake->unknown] = true;
        used += (size_t)snprintf(text + used, bytes - used, "%s%s %s", turn ? ", " : "", best->name,
                                 print_count(count, best->count));
    }
}

static void find_skipped(struct run *run)
{
    const struct intake *intake = &run->intake;
    char names[256], skipped[UNITS_TEXT], all[UNITS_TEXT];

    if (!intake->skipped_writes)
        return;
    name_skipped(intake, names, sizeof names);
    add(run, "commands-skipped",
        "%s of %s commands (%.1f %%) are not executed, and some of those keep data (%s), which is not in memory here: "
        "used_memory, evictions and OOM rejections are lower bounds (≥)",
        print_count(skipped, intake->unknown_commands), print_count(all, run->commands),
        100.0 * (double)intake->unknown_commands / (double)(run->commands ? run->commands : 1),
        *names ? names : "beyond the names above");
    mark_memory(run);
}

/* ---- a capture that begins in the middle ---- */

static void find_warm_start(struct run *run)
{
    const struct intake *intake = &run->intake;
    char lookups[UNITS_TEXT];

    if (intake->lookups_of_unwritten < WARM_LOOKUPS ||
        (double)intake->lookups_of_unwritten < WARM_SHARE * (double)intake->lookups)
        return;
    add(run, "warm-start",
        "%.1f %% of the lookups (%s) are of keys that no row of the trace writes, and of no known size: unless those "
        "keys "
        "never existed, it began on a warm server. They count as misses, so that the hit ratio says little of that "
        "server, and used_memory, evictions and OOM rejections are lower bounds (≥). Begin the capture on an empty "
        "server, or use a trace with sizes",
        100.0 * (double)intake->lookups_of_unwritten / (double)intake->lookups,
        print_count(lookups, intake->lookups_of_unwritten));
    mark_memory(run);
}

/* ---- a capture of what was executed ---- */

/* The limit is reached, and nothing else gives way. */
static bool may_hide_refusals(const struct result *result)
{
    const struct counters *counters = &result->counters;

    return result->maxmemory && !counters->evicted_keys &&
           (double)counters->used_memory_peak >= NEAR_LIMIT * (double)result->maxmemory;
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
    add(run, "refusals-not-shown",
        "%s shows the commands that a server executed, not those that it refused, and used_memory comes up to %s of %s "
        "(%s): if that server was full too, its refusals are missing here and OOM rejections are lower bounds (≥). "
        "INFO errorstats of that server has their number",
        run->format, print_bytes(peak, first->counters.used_memory_peak), print_bytes(limit, first->maxmemory),
        first->policy);
}

/* ---- nothing to find ---- */

static void find_no_writes(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        if (run->results[i].counters.writes || !run->results[i].counters.reads)
            return;
    if (run->result_count && !run->intake.lookups_of_unwritten)
        add(run, "nothing-writes",
            "no row of the trace writes and --on-miss is none: every lookup misses. With --on-miss fill a missed read "
            "is "
            "followed by a SET");
}

void warnings_find(struct run *run)
{
    find_skipped(run);
    find_warm_start(run);
    find_hidden_refusals(run);
    find_no_writes(run);
}
