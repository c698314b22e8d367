/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/doctor_text.h"

#include "reports/reading.h"
#include "reports/table_words.h"
#include "reports/text.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/report.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 9, NAME = 25, KEY = 38, MOST_COMMANDS = 3 };

static void put(const char *label, const char *text, FILE *out)
{
    paragraph_put(label, LABEL, text, out);
}

static void put_part(char *text, size_t bytes, uint64_t part, const char *name)
{
    size_t used = strlen(text);
    char size[UNITS_TEXT];

    if (part)
        snprintf(text + used, bytes - used, "%s%s %s", used ? ", " : "", print_bytes(size, part), name);
}

/* What used_memory was made of. */
static void put_memory(const struct sample *sample, FILE *out)
{
    char text[512] = "", used[UNITS_TEXT], limit[UNITS_TEXT], when[UNITS_TEXT], line[640];

    put_part(text, sizeof text, sample->memory_strings, "strings");
    put_part(text, sizeof text, sample->memory_hashes, "hashes");
    put_part(text, sizeof text, sample->memory_lists, "lists");
    put_part(text, sizeof text, sample->memory_sets, "sets");
    put_part(text, sizeof text, sample->memory_zsets, "sorted sets");
    put_part(text, sizeof text, sample->memory_streams, "streams");
    put_part(text, sizeof text, sample->memory_keys, "keys");
    put_part(text, sizeof text, sample->memory_tables, "hash tables");
    put_part(text, sizeof text, sample->memory_rehashing, "tables being emptied");
    put_part(text, sizeof text, sample->memory_expires, "ttls");
    put_part(text, sizeof text, sample->memory_blessed, "index of blessed keys");
    put_part(text, sizeof text, sample->memory_query_buffers, "query buffers");
    put_part(text, sizeof text, sample->memory_output_buffers, "output buffers");
    put_part(text, sizeof text, sample->memory_clients, "clients");
    put_part(text, sizeof text, sample->memory_pubsub, "subscriptions");
    put_part(text, sizeof text, sample->memory_arguments, "arguments");
    put_part(text, sizeof text, sample->memory_backlog, "backlog");
    put_part(text, sizeof text, sample->memory_replicas, "replicas");
    put_part(text, sizeof text, sample->memory_scripts, "scripts");
    put_part(text, sizeof text, sample->memory_logs, "logs");
    put_part(text, sizeof text, sample->memory_other, "compression");
    put_part(text, sizeof text, sample->memory_histograms, "statistics");
    put_part(text, sizeof text, sample->memory_startup, "the empty server");
    snprintf(line, sizeof line, "%s after the start used_memory was %s of %s: %s.",
             print_duration(when, sample->time_us), print_bytes(used, sample->used_memory),
             print_bytes(limit, sample->maxmemory), text);
    put("then", line, out);
}

/* The command that the advice begins with; "": it begins otherwise. */
static const char *command_of(const struct fact *facts, size_t count)
{
    return count && !strcmp(facts[0].name, "command") ? facts[0].text : "";
}

/* Whether what to do about this cause has been told before, or its command. */
static bool is_known(const struct diagnosis *diagnosis, size_t place)
{
    const struct cause *cause = &diagnosis->causes[place];
    const char *command = command_of(cause->first_facts, cause->first_fact_count);

    for (size_t i = 0; i < place; i++)
        if (!strcmp(diagnosis->causes[i].first, cause->first) ||
            (*command &&
             !strcmp(command_of(diagnosis->causes[i].first_facts, diagnosis->causes[i].first_fact_count), command)))
            return true;
    return !place;
}

static void put_causes(const struct diagnosis *diagnosis, FILE *out)
{
    for (size_t i = 0; i < diagnosis->cause_count; i++) {
        const struct cause *cause = &diagnosis->causes[i];
        char text[1200];

        snprintf(text, sizeof text, "%s (%s). %s", cause->says, cause->name, cause->evidence);
        put(i ? "also" : "cause", text, out);
        if (!is_known(diagnosis, i))
            put("", cause->first, out);
    }
}

/* ---- the largest keys ---- */

static bool is_found(const struct diagnosis *diagnosis, const char *cause)
{
    for (size_t i = 0; i < diagnosis->cause_count; i++)
        if (!strcmp(diagnosis->causes[i].name, cause))
            return true;
    return false;
}

static void put_large_key(const struct large_key *key, FILE *out)
{
    char name[160], bytes[UNITS_TEXT], elements[UNITS_TEXT] = "-", share[16], db[24] = "";

    if (key->elements)
        print_count(elements, key->elements);
    if (key->db)
        snprintf(db, sizeof db, " (db %u)", key->db);
    snprintf(share, sizeof share, "%.1f", 100 * key->share);
    printable_copy(name, sizeof name - sizeof db, key->name, strlen(key->name));
    strcat(name, db);
    if (display_width(name) > KEY)
        fprintf(out, "  %s\n%*s", name, 2 + KEY, "");
    else
        fprintf(out, "  %s%*s", name, KEY - display_width(name), "");
    fprintf(out, "%8s%12s%12s%8s\n", key->type, elements, print_bytes(bytes, key->bytes), share);
}

/* Those that are small beside the first are in the JSON alone. */
static bool is_large(const struct diagnosis *diagnosis, size_t place)
{
    return 10 * diagnosis->largest[place].bytes >= diagnosis->largest[0].bytes;
}

/* Why some cannot be made smaller from outside: each reason once. */
static void put_reasons(const struct diagnosis *diagnosis, FILE *out)
{
    for (size_t i = 0; i < diagnosis->largest_count && is_large(diagnosis, i); i++) {
        const struct large_key *key = &diagnosis->largest[i];
        bool is_told = !*key->why;
        char text[512];

        for (size_t k = 0; k < i && !is_told; k++)
            is_told = !strcmp(diagnosis->largest[k].why, key->why);
        if (is_told)
            continue;
        snprintf(text, sizeof text, "%s: neither a bound nor a split was tried: %s.", key->name, key->why);
        put("", text, out);
    }
}

static void put_large_keys(const struct diagnosis *diagnosis, FILE *out)
{
    if (!is_found(diagnosis, "few-large-keys"))
        return;
    fprintf(out, "\n  %-*s%8s%12s%12s%8s\n", KEY, "largest keys", "type", "elements", "bytes", "%");
    for (size_t i = 0; i < diagnosis->largest_count && is_large(diagnosis, i); i++)
        put_large_key(&diagnosis->largest[i], out);
    put_reasons(diagnosis, out);
}

/* ---- remedies ---- */

static void print_seen(char text[48], const struct seen *seen, bool is_ratio)
{
    char mean[UNITS_TEXT], half[UNITS_TEXT];

    if (isnan(seen->mean))
        snprintf(text, 48, "-");
    else if (is_ratio && seen->half_width >= 0.1)
        snprintf(text, 48, "%.1f±%.0f", 100 * seen->mean, 100 * seen->half_width);
    else if (is_ratio && seen->half_width >= 5e-5)
        snprintf(text, 48, "%.2f±%.2f", 100 * seen->mean, 100 * seen->half_width);
    else if (is_ratio)
        snprintf(text, 48, "%.2f", 100 * seen->mean);
    else if (seen->half_width >= 0.5)
        snprintf(text, 48, "%s±%s", print_count(mean, (uint64_t)llround(seen->mean)),
                 print_count(half, (uint64_t)llround(seen->half_width)));
    else
        snprintf(text, 48, "%s", print_count(mean, (uint64_t)llround(seen->mean)));
}

static void put_right(const char *text, int width, FILE *out)
{
    fprintf(out, "%*s%s", width - display_width(text) > 1 ? width - display_width(text) : 1, "", text);
}

/* The remedy's name, and behind it the columns; a long one has a line of its own. */
static void put_name(const struct tried *trial, FILE *out)
{
    const char *prefix = "maxmemory-policy ";
    const char *short_name = trial->name + (strncmp(trial->name, prefix, strlen(prefix)) ? 0 : strlen(prefix));
    char name[80];

    printable_copy(name, sizeof name, short_name, strlen(short_name));
    if (display_width(name) > NAME)
        fprintf(out, "  %s\n%*s", name, 2 + NAME, "");
    else
        fprintf(out, "  %s%*s", name, NAME - display_width(name), "");
}

static void put_trial(const struct tried *trial, FILE *out)
{
    char text[48], bytes[UNITS_TEXT];

    put_name(trial, out);
    print_seen(text, &trial->oom_rejections, false);
    put_right(text, 15, out);
    print_seen(text, &trial->hit_ratio, true);
    put_right(text, 12, out);
    print_seen(text, &trial->evicted_keys, false);
    put_right(text, 15, out);
    put_right(print_bytes(bytes, (uint64_t)trial->used_memory_peak.most), 11, out);
    putc('\n', out);
}

/* The remedies of the text. Returns how many. */
static size_t choose(const struct diagnosis *diagnosis, const struct tried **shown)
{
    size_t count = 0;

    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        if (diagnosis->remedies[i].is_told)
            shown[count++] = &diagnosis->remedies[i];
    return count;
}

static void put_remedies(const struct diagnosis *diagnosis, const struct tried *const *shown, size_t count, FILE *out)
{
    char seeds[UNITS_TEXT], text[256];

    if (!diagnosis->remedy_count)
        return;
    fprintf(out, "\n  %-25s%15s%12s%15s%11s\n", "best first", "OOM", "hits %", "evicted", "peak");
    put_trial(&diagnosis->now, out);
    for (size_t i = 0; i < count; i++)
        put_trial(shown[i], out);
    snprintf(text, sizeof text,
             "Means of %s seed%s, the verdict is of the first; ±: 95 %% confidence interval; peak: the highest.",
             print_count(seeds, diagnosis->now.seeds), diagnosis->now.seeds == 1 ? "" : "s");
    if (diagnosis->without_effect)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s more remed%s changed nothing.",
                 print_count(seeds, diagnosis->without_effect), diagnosis->without_effect == 1 ? "y" : "ies");
    put("", text, out);
    if (count)
        putc('\n', out);
    for (size_t i = 0; i < count && i < MOST_COMMANDS; i++)
        put(i ? "" : "apply", shown[i]->command, out);
}

/* ---- what remedies would lose ---- */

static uint64_t whole(double value)
{
    return (uint64_t)llround(value);
}

/* A row; NaN: there is nothing to say. */
static void put_loss(const struct tried *trial, const char *what, double count, double for_good, double in_vain,
                     FILE *out)
{
    char text[UNITS_TEXT];

    put_name(trial, out);
    fprintf(out, "  %-14s", what);
    put_right(print_count(text, whole(count)), 12, out);
    put_right(isnan(for_good) ? "-" : print_count(text, whole(for_good)), 12, out);
    put_right(isnan(in_vain) ? "-" : print_count(text, whole(in_vain)), 12, out);
    putc('\n', out);
}

static bool expires_more(const struct tried *trial, const struct tried *now)
{
    return trial->changes_application && trial->expired_keys.mean > now->expired_keys.mean;
}

/* A store of record: what it loses now, and what each remedy that is shown would lose. */
static void put_losses(const struct diagnosis *diagnosis, const struct tried *const *shown, size_t count, FILE *out)
{
    const struct tried *now = &diagnosis->now;
    bool is_told = false;

    if (strcmp(diagnosis->role, "store") != 0)
        return;
    for (size_t i = 0; i <= count; i++) {
        const struct tried *trial = i ? shown[i - 1] : now;
        bool evicts = trial->evicted_keys.mean > 0, expires = expires_more(trial, now);

        if (!evicts && !expires && !(trial->trimmed_elements.mean > 0))
            continue;
        if (!is_told)
            fprintf(out, "\n  %-25s  %-14s%12s%12s%12s\n", "loses", "", "", "for good", "in vain");
        is_told = true;
        if (evicts)
            put_loss(trial, "evicted keys", trial->evicted_keys.mean, trial->evicted_for_good.mean,
                     trial->misses_evicted.mean, out);
        if (expires)
            put_loss(trial, "expired keys", trial->expired_keys.mean, trial->expired_for_good.mean,
                     trial->misses_expired.mean, out);
        if (trial->trimmed_elements.mean > 0)
            put_loss(trial, "elements", trial->trimmed_elements.mean, NAN, NAN, out);
    }
    if (is_told)
        put("",
            "For good: never written again, so that nobody could rebuild them. In vain: reads that asked for such "
            "keys.",
            out);
}

/* ---- ttls ---- */

static void print_ratio(char text[16], double ratio)
{
    snprintf(text, 16, isnan(ratio) ? "-" : "%.2f", 100 * ratio);
}

static void put_ttl(const struct ttl_advice *advice, FILE *out)
{
    char name[64], keys[UNITS_TEXT], bytes[UNITS_TEXT], ratio[16], ttl[UNITS_TEXT] = "-", knee_bytes[UNITS_TEXT] = "-",
                                                                   knee_ratio[16] = "-";

    printable_copy(name, sizeof name, advice->prefix, strlen(advice->prefix));
    print_ratio(ratio, advice->hit_ratio);
    if (advice->knee_s) {
        print_duration(ttl, advice->knee_s * 1000000);
        print_bytes(knee_bytes, whole(advice->knee_mean_bytes));
        print_ratio(knee_ratio, advice->knee_hit_ratio);
    }
    if (display_width(name) < 20)
        fprintf(out, "  %s%*s", name, 20 - display_width(name), "");
    else
        fprintf(out, "  %s\n  %20s", name, "");
    put_right(print_count(keys, whole(advice->keys)), 10, out);
    put_right(print_bytes(bytes, whole(advice->mean_bytes)), 10, out);
    put_right(ratio, 8, out);
    put_right(ttl, 10, out);
    put_right(knee_bytes, 11, out);
    put_right(knee_ratio, 8, out);
    putc('\n', out);
}

static void put_ttls(const struct diagnosis *diagnosis, FILE *out)
{
    if (!diagnosis->ttl_count || !diagnosis->remedy_count)
        return;
    fprintf(out, "\n  %-20s%10s%10s%8s%10s%11s%8s\n", "prefix", "keys", "bytes", "hits %", "knee ttl", "bytes",
            "hits %");
    for (size_t i = 0; i < diagnosis->ttl_count; i++)
        put_ttl(&diagnosis->ttls[i], out);
    put("",
        "Mean bytes and hits without a limit, and with the ttl at the knee of their curve, given to the keys that have "
        "none "
        "(--json has the curve).",
        out);
}

/* ---- memory alone ---- */

enum { NEVER_HOURS = 24 * 3650 };

static void print_hours(char text[UNITS_TEXT], double hours)
{
    if (isnan(hours))
        snprintf(text, UNITS_TEXT, "unknown");
    else if (hours > NEVER_HOURS)
        snprintf(text, UNITS_TEXT, "never");
    else if (hours > 72)
        snprintf(text, UNITS_TEXT, "%.1f days", hours / 24);
    else
        print_duration(text, (int64_t)(hours * 3600e6));
}

static void put_outlook(const struct diagnosis *diagnosis, FILE *out)
{
    const struct growth *growth = &diagnosis->growth;
    char text[400], mean[UNITS_TEXT], low[UNITS_TEXT], high[UNITS_TEXT], peak[UNITS_TEXT];

    if (isnan(growth->bytes_per_hour))
        snprintf(text, sizeof text, "The trace is too short to say how fast memory grows.");
    else if (growth->low <= 0)
        snprintf(text, sizeof text, "Without a limit used_memory comes to %s, and does not grow for certain.",
                 print_bytes(peak, diagnosis->unlimited_peak));
    else
        snprintf(text, sizeof text,
                 "Without a limit used_memory comes to %s and grows by %s an hour (95 %%: %s to %s).",
                 print_bytes(peak, diagnosis->unlimited_peak), print_bytes(mean, (uint64_t)growth->bytes_per_hour),
                 print_bytes(low, (uint64_t)growth->low), print_bytes(high, (uint64_t)growth->high));
    putc('\n', out);
    put("growth", text, out);
    for (size_t i = 0; i < diagnosis->outlook_count; i++) {
        const struct outlook *outlook = &diagnosis->outlooks[i];

        if (outlook->full_in_trace) {
            snprintf(text, sizeof text, "maxmemory x%g (%s) is full within the trace.", outlook->factor,
                     print_bytes(peak, outlook->maxmemory));
        } else if (isnan(outlook->hours) || outlook->soonest > NEVER_HOURS) {
            snprintf(text, sizeof text, "maxmemory x%g (%s) is enough %s.", outlook->factor,
                     print_bytes(peak, outlook->maxmemory), isnan(outlook->hours) ? "for the trace" : "at this growth");
        } else {
            print_hours(mean, outlook->hours);
            print_hours(low, outlook->soonest);
            print_hours(high, outlook->latest);
            snprintf(text, sizeof text,
                     "maxmemory x%g (%s) is full %s after the trace's end at this growth (%s to %s).", outlook->factor,
                     print_bytes(peak, outlook->maxmemory), mean, low, high);
        }
        put(i ? "" : "RAM", text, out);
    }
}

/* What was replayed, and whether misses were filled: the hit ratios hang on it. */
static void put_trace(const struct run *run, FILE *out)
{
    char text[700], commands[UNITS_TEXT], keys[UNITS_TEXT], time[UNITS_TEXT];

    snprintf(text, sizeof text, "%s: %s requests, %s keys, %s; %s.", run->trace, print_count(commands, run->commands),
             print_count(keys, run->key_count), print_duration(time, run->duration_us),
             strcmp(run->on_miss, "fill") ? "misses are not filled, the trace's writes are all there are"
                                          : "each missed read is followed by a SET");
    put("trace", text, out);
}

void doctor_text_put(const struct diagnosis *diagnosis, FILE *out)
{
    const struct tried **shown;
    size_t count;
    char text[700];

    put("verdict", diagnosis->verdict, out);
    put("first", diagnosis->first, out);
    if (*diagnosis->run.intake.grown) {
        snprintf(text, sizeof text, "all of this is about the trace with %s (--grow).", diagnosis->run.intake.grown);
        put("forecast", text, out);
    }
    if (diagnosis->cluster) {
        snprintf(text, sizeof text, "%s; all of this is about shard %s, which is worst off.", diagnosis->cluster,
                 diagnosis->shard);
        put("cluster", text, out);
    }
    putc('\n', out);
    if (diagnosis->first_refusal.used_memory)
        put_memory(&diagnosis->first_refusal, out);
    else if (diagnosis->first_eviction.used_memory)
        put_memory(&diagnosis->first_eviction, out);
    put_causes(diagnosis, out);
    snprintf(text, sizeof text, "a %s: %s.", diagnosis->role, diagnosis->role_reason);
    put("role", text, out);
    put_trace(&diagnosis->run, out);
    put_large_keys(diagnosis, out);
    shown = xcalloc(diagnosis->remedy_count + 1, sizeof *shown);
    count = choose(diagnosis, shown);
    put_remedies(diagnosis, shown, count, out);
    put_losses(diagnosis, shown, count, out);
    free(shown);
    put_ttls(diagnosis, out);
    put_outlook(diagnosis, out);
    if (diagnosis->warning_count)
        putc('\n', out);
    for (size_t i = 0; i < diagnosis->warning_count; i++)
        put("WARNING", diagnosis->warnings[i].text, out);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    (void)error;
    doctor_text_put(outcome->diagnosis, out);
    return 0;
}

const struct report report_doctor_text = {
    .name = "doctor.txt",
    .summary = "the verdict, what to do first, causes, remedies: to be read (also on standard output)",
    .takes = OUTCOME_DIAGNOSIS,
    .print = PRINT_TABLE,
    .write = write,
};
