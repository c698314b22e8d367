/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/doctor_text.h"

#include "reports/doctor_outlook.h"
#include "reports/reading.h"
#include "reports/table_words.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/report.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { LABEL = 9, NAME = 25, KEY = 38, MOST_COMMANDS = 3 };

static void put(const char *label, const char *text, struct article *to)
{
    article_paragraph(to, label, LABEL, text);
}

static void put_part(char *text, size_t bytes, uint64_t part, const char *name)
{
    size_t used = strlen(text);
    char size[UNITS_TEXT];

    if (part)
        snprintf(text + used, bytes - used, "%s%s %s", used ? ", " : "", print_bytes(size, part), name);
}

/* What used_memory was made of. */
static void put_memory(const struct sample *sample, struct article *to)
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
    put("then", line, to);
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

static void put_causes(const struct diagnosis *diagnosis, struct article *to)
{
    for (size_t i = 0; i < diagnosis->cause_count; i++) {
        const struct cause *cause = &diagnosis->causes[i];
        char text[1200];

        snprintf(text, sizeof text, "%s (%s). %s", cause->says, cause->name, cause->evidence);
        put(i ? "also" : "cause", text, to);
        if (!is_known(diagnosis, i))
            put("", cause->first, to);
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

static void put_large_key(const struct large_key *key, struct article *to)
{
    char name[160], bytes[UNITS_TEXT], elements[UNITS_TEXT] = "-", share[16], db[24] = "";

    if (key->elements)
        print_count(elements, key->elements);
    if (key->db)
        snprintf(db, sizeof db, " (db %u)", key->db);
    snprintf(share, sizeof share, "%.1f", 100 * key->share);
    printable_copy(name, sizeof name - sizeof db, key->name, strlen(key->name));
    strcat(name, db);
    article_cell(to, name);
    article_cell(to, key->type);
    if (key->elements)
        article_number(to, elements, (double)key->elements);
    else
        article_cell(to, elements);
    article_number(to, print_bytes(bytes, key->bytes), (double)key->bytes);
    article_number(to, share, key->share);
}

/* Those that are small beside the first are in the JSON alone. */
static bool is_large(const struct diagnosis *diagnosis, size_t place)
{
    return 10 * diagnosis->largest[place].bytes >= diagnosis->largest[0].bytes;
}

/* Why some cannot be made smaller from outside: each reason once. */
static void put_reasons(const struct diagnosis *diagnosis, struct article *to)
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
        put("", text, to);
    }
}

static const struct article_column large_columns[] = {
    {.title = "largest keys", .gap = 2, .width = KEY, .is_text = true},
    {.title = "type", .gap = 1, .width = 7},
    {.title = "elements", .gap = 1, .width = 11},
    {.title = "bytes", .gap = 1, .width = 11},
    {.title = "%", .gap = 1, .width = 7},
};
static const struct article_table large_table = {
    .caption = "The largest keys", .columns = large_columns, .count = COUNT(large_columns)};

static void put_large_keys(const struct diagnosis *diagnosis, struct article *to)
{
    if (!is_found(diagnosis, "few-large-keys"))
        return;
    article_gap(to);
    article_table(to, &large_table);
    for (size_t i = 0; i < diagnosis->largest_count && is_large(diagnosis, i); i++)
        put_large_key(&diagnosis->largest[i], to);
    article_table_end(to);
    put_reasons(diagnosis, to);
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

static void put_seen(const struct seen *seen, bool is_ratio, struct article *to)
{
    char text[48];

    print_seen(text, seen, is_ratio);
    article_number(to, text, seen->mean);
}

static void put_name(const struct tried *trial, struct article *to)
{
    const char *prefix = "maxmemory-policy ";
    const char *short_name = trial->name + (strncmp(trial->name, prefix, strlen(prefix)) ? 0 : strlen(prefix));
    char name[80];

    printable_copy(name, sizeof name, short_name, strlen(short_name));
    article_cell(to, name);
}

static const struct article_column remedy_columns[] = {
    {.title = "best first", .gap = 2, .width = NAME, .is_text = true},
    {.title = "OOM", .gap = 1, .width = 14},
    {.title = "hits %", .gap = 1, .width = 11},
    {.title = "evicted", .gap = 1, .width = 14},
    {.title = "peak", .gap = 1, .width = 10},
};
static const struct article_table remedy_table = {
    .caption = "As it is now, and with each remedy", .columns = remedy_columns, .count = COUNT(remedy_columns)};

static void put_trial(const struct tried *trial, struct article *to)
{
    char bytes[UNITS_TEXT];

    put_name(trial, to);
    put_seen(&trial->oom_rejections, false, to);
    put_seen(&trial->hit_ratio, true, to);
    put_seen(&trial->evicted_keys, false, to);
    article_number(to, print_bytes(bytes, (uint64_t)trial->used_memory_peak.most), trial->used_memory_peak.most);
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

static void put_remedies(const struct diagnosis *diagnosis, const struct tried *const *shown, size_t count,
                         struct article *to)
{
    char seeds[UNITS_TEXT], text[256];

    if (!diagnosis->remedy_count)
        return;
    article_gap(to);
    article_table(to, &remedy_table);
    put_trial(&diagnosis->now, to);
    for (size_t i = 0; i < count; i++)
        put_trial(shown[i], to);
    article_table_end(to);
    snprintf(text, sizeof text,
             "Means of %s seed%s, the verdict is of the first; ±: 95 %% confidence interval; peak: the highest.",
             print_count(seeds, diagnosis->now.seeds), diagnosis->now.seeds == 1 ? "" : "s");
    if (diagnosis->without_effect)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s more remed%s changed nothing.",
                 print_count(seeds, diagnosis->without_effect), diagnosis->without_effect == 1 ? "y" : "ies");
    put("", text, to);
    if (count)
        article_gap(to);
    for (size_t i = 0; i < count && i < MOST_COMMANDS; i++)
        put(i ? "" : "apply", shown[i]->command, to);
}

/* ---- what remedies would lose ---- */

static uint64_t whole(double value)
{
    return (uint64_t)llround(value);
}

static const struct article_column loss_columns[] = {
    {.title = "loses", .gap = 2, .width = 25, .is_text = true},
    {.title = "", .gap = 2, .width = 14, .is_text = true},
    {.title = "", .gap = 1, .width = 11},
    {.title = "for good", .gap = 1, .width = 11},
    {.title = "in vain", .gap = 1, .width = 11},
};
static const struct article_table loss_table = {
    .caption = "What is lost", .columns = loss_columns, .count = COUNT(loss_columns)};

/* NaN: there is nothing to say. */
static void put_lost(double count, struct article *to)
{
    char text[UNITS_TEXT];

    article_number(to, isnan(count) ? "-" : print_count(text, whole(count)), count);
}

static void put_loss(const struct tried *trial, const char *what, double count, double for_good, double in_vain,
                     struct article *to)
{
    put_name(trial, to);
    article_cell(to, what);
    put_lost(count, to);
    put_lost(for_good, to);
    put_lost(in_vain, to);
}

static bool expires_more(const struct tried *trial, const struct tried *now)
{
    return trial->changes_application && trial->expired_keys.mean > now->expired_keys.mean;
}

/* A store of record: what it loses now, and what each remedy that is shown would lose. */
static void put_losses(const struct diagnosis *diagnosis, const struct tried *const *shown, size_t count,
                       struct article *to)
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
        if (!is_told) {
            article_gap(to);
            article_table(to, &loss_table);
        }
        is_told = true;
        if (evicts)
            put_loss(trial, "evicted keys", trial->evicted_keys.mean, trial->evicted_for_good.mean,
                     trial->misses_evicted.mean, to);
        if (expires)
            put_loss(trial, "expired keys", trial->expired_keys.mean, trial->expired_for_good.mean,
                     trial->misses_expired.mean, to);
        if (trial->trimmed_elements.mean > 0)
            put_loss(trial, "elements", trial->trimmed_elements.mean, NAN, NAN, to);
    }
    if (!is_told)
        return;
    article_table_end(to);
    put("",
        "For good: never written again, so that nobody could rebuild them. In vain: reads that asked for such "
        "keys.",
        to);
}

/* ---- ttls ---- */

static void print_ratio(char text[16], double ratio)
{
    snprintf(text, 16, isnan(ratio) ? "-" : "%.2f", 100 * ratio);
}

static void put_ratio(double ratio, struct article *to)
{
    char text[16];

    print_ratio(text, ratio);
    article_number(to, text, ratio);
}

static const struct article_column ttl_columns[] = {
    {.title = "prefix", .gap = 2, .width = 19, .is_text = true},
    {.title = "keys", .gap = 2, .width = 9},
    {.title = "bytes", .gap = 1, .width = 9},
    {.title = "hits %", .gap = 1, .width = 7},
    {.title = "knee ttl", .gap = 1, .width = 9},
    {.title = "bytes", .gap = 1, .width = 10},
    {.title = "hits %", .gap = 1, .width = 7},
};
static const struct article_table ttl_table = {
    .caption = "A ttl for the keys of a prefix that have none", .columns = ttl_columns, .count = COUNT(ttl_columns)};

static void put_ttl(const struct ttl_advice *advice, struct article *to)
{
    char name[64], text[UNITS_TEXT];

    printable_copy(name, sizeof name, advice->prefix, strlen(advice->prefix));
    article_cell(to, name);
    article_number(to, print_count(text, whole(advice->keys)), advice->keys);
    article_number(to, print_bytes(text, whole(advice->mean_bytes)), advice->mean_bytes);
    put_ratio(advice->hit_ratio, to);
    if (!advice->knee_s) {
        for (int i = 0; i < 3; i++)
            article_cell(to, "-");
        return;
    }
    article_number(to, print_duration(text, advice->knee_s * 1000000), (double)advice->knee_s);
    article_number(to, print_bytes(text, whole(advice->knee_mean_bytes)), advice->knee_mean_bytes);
    put_ratio(advice->knee_hit_ratio, to);
}

static void put_ttls(const struct diagnosis *diagnosis, struct article *to)
{
    if (!diagnosis->ttl_count || !diagnosis->remedy_count)
        return;
    article_gap(to);
    article_table(to, &ttl_table);
    for (size_t i = 0; i < diagnosis->ttl_count; i++)
        put_ttl(&diagnosis->ttls[i], to);
    article_table_end(to);
    put("",
        "Mean bytes and hits without a limit, and with the ttl at the knee of their curve, given to the keys that have "
        "none "
        "(--json has the curve).",
        to);
}

/* What was replayed, and whether misses were filled: the hit ratios hang on it. */
static void put_trace(const struct run *run, struct article *to)
{
    char text[700], commands[UNITS_TEXT], keys[UNITS_TEXT], time[UNITS_TEXT];

    snprintf(text, sizeof text, "%s: %s requests, %s keys, %s%s; %s.", run->trace, print_count(commands, run->commands),
             print_count(keys, run->key_count), print_duration(time, run->duration_us),
             intake_is_untimed(&run->intake, run->commands) ? ", a made-up time" : "",
             strcmp(run->on_miss, "fill") ? "misses are not filled, the trace's writes are all there are"
                                          : "each missed read is followed by a SET");
    put("trace", text, to);
}

void doctor_text_put(const struct diagnosis *diagnosis, struct article *to)
{
    const struct tried **shown;
    size_t count;
    char text[700];

    put("verdict", diagnosis->verdict, to);
    put("first", diagnosis->first, to);
    if (*diagnosis->run.intake.grown) {
        snprintf(text, sizeof text, "all of this is about the trace with %s (--grow).", diagnosis->run.intake.grown);
        put("forecast", text, to);
    }
    if (diagnosis->cluster) {
        snprintf(text, sizeof text, "%s; all of this is about shard %s, which is worst off.", diagnosis->cluster,
                 diagnosis->shard);
        put("cluster", text, to);
    }
    article_gap(to);
    if (diagnosis->first_refusal.used_memory)
        put_memory(&diagnosis->first_refusal, to);
    else if (diagnosis->first_eviction.used_memory)
        put_memory(&diagnosis->first_eviction, to);
    put_causes(diagnosis, to);
    snprintf(text, sizeof text, "a %s: %s.", diagnosis->role, diagnosis->role_reason);
    put("role", text, to);
    put_trace(&diagnosis->run, to);
    put_large_keys(diagnosis, to);
    shown = xcalloc(diagnosis->remedy_count + 1, sizeof *shown);
    count = choose(diagnosis, shown);
    put_remedies(diagnosis, shown, count, to);
    put_losses(diagnosis, shown, count, to);
    free(shown);
    put_ttls(diagnosis, to);
    doctor_outlook_put(diagnosis, LABEL, to);
    if (diagnosis->warning_count)
        article_gap(to);
    article_warnings(to, diagnosis->warnings, diagnosis->warning_count, LABEL);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    struct article article = {
        .out = out, .form = outcome->markdown ? ARTICLE_MARKDOWN : ARTICLE_TEXT, .chosen = outcome->chosen};

    (void)error;
    doctor_text_put(outcome->diagnosis, &article);
    return 0;
}

static const struct article_table *const tables[] = {&remedy_table, &large_table, &loss_table, &ttl_table, NULL};

const struct report report_doctor_text = {
    .name = "doctor.txt",
    .summary = "the verdict, what to do first, causes, remedies: to be read (also on standard output)",
    .takes = OUTCOME_DIAGNOSIS,
    .print = PRINT_TABLE,
    .has_markdown = true,
    .tables = tables,
    .write = write,
};
