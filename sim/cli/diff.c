/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff: compares the results of two earlier runs of one trace, with intervals over the seeds. */
#include "sim/advice/difference.h"
#include "sim/cli/cli.h"
#include "sim/cli/option_groups.h"
#include "sim/outcome.h"
#include "sim/printable.h"
#include "sim/result_file.h"
#include "sim/units.h"

#include <jansson.h>

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct diff_request {
    bool json;
};

static const struct option diff_options[] = {
    {.name = "json",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "print JSON instead of text: every counter",
     OPTION_IN(struct diff_request, json)},
};

static const struct option_group diff_groups[] = {
    {OPTIONS_OF(diff_options)},
};
enum { DIFF_GROUPS = sizeof diff_groups / sizeof *diff_groups };

static void print_help(const struct option_set *set)
{
    printf("usage: evsim diff A B [options]\n\n"
           "Compares two runs of one trace, A and B: folders that evsim run -o DIR wrote, or their run.results. Cells "
           "of the\n"
           "same server, policy and maxmemory are compared, seed by seed; of what each run has one of, the two may "
           "differ.\n"
           "A difference is given with its 95 %% interval over the seeds that both have.\n\n");
    options_print(set, stdout);
    printf("\n  evsim run trace.csv -m 1gb -p allkeys-lru --seeds 10 -o five\n"
           "  evsim run trace.csv -m 1gb -p allkeys-lru --seeds 10 -o ten --maxmemory-samples 10\n"
           "  evsim diff five ten\n");
}

/* ---- text ---- */

enum { FIELD = 64 };

/* The lines of a pair, in this order; those that are the same in both and 0 are left out. */
static const struct {
    const char *name, *title;
    bool in_bytes;
} shown[] = {
    {"hit_ratio", "hit ratio", false},
    {"byte_hit_ratio", "byte hits", false},
    {"misses_evicted", "misses: evicted", false},
    {"misses_expired_lazily", "misses: expired lazily", false},
    {"misses_expired_by_cycle", "misses: expired by cycle", false},
    {"misses_refused", "misses: refused", false},
    {"evicted_keys", "evicted", false},
    {"expired_keys", "expired", false},
    {"oom_rejections", "OOM", false},
    {"used_memory_peak", "peak mem", true},
    {"used_memory", "final mem", true},
};

static const struct measure *measure_named(const char *name)
{
    for (size_t i = 0; i < measure_count; i++)
        if (!strcmp(measures[i].name, name))
            return &measures[i];
    abort();
}

static void value_text(char field[FIELD], double value, bool is_ratio, bool in_bytes)
{
    char text[UNITS_TEXT];

    if (isnan(value))
        snprintf(field, FIELD, "-");
    else if (is_ratio)
        snprintf(field, FIELD, "%.2f %%", value * 100);
    else
        snprintf(field, FIELD, "%s",
                 in_bytes ? print_bytes(text, (uint64_t)llround(value)) : print_count(text, (uint64_t)llround(value)));
}

/* Without a sign. */
static void size_text(char field[FIELD], double size, bool is_ratio, bool in_bytes)
{
    if (is_ratio)
        snprintf(field, FIELD, "%.2f", size * 100);
    else if (size > 0 && size < 10 && !in_bytes)
        snprintf(field, FIELD, "%.1f", size);
    else
        value_text(field, size, false, in_bytes);
}

static void difference_text(char field[2 * FIELD], const struct compared *compared, bool is_ratio, bool in_bytes)
{
    char by[FIELD], half[FIELD];
    const struct estimate *difference = &compared->difference;

    if (compared->verdict == VERDICT_SAME || isnan(difference->mean)) {
        snprintf(field, 2 * FIELD, "%s", compared->verdict == VERDICT_SAME ? "the same" : "-");
        return;
    }
    size_text(by, fabs(difference->mean), is_ratio, in_bytes);
    snprintf(field, 2 * FIELD, "%s%s", difference->mean < 0 ? "-" : "+", by);
    if (!isnan(difference->half_width) && difference->half_width > 0) {
        size_text(half, difference->half_width, is_ratio, in_bytes);
        snprintf(field + strlen(field), 2 * FIELD - strlen(field), " ± %s", half);
    }
    snprintf(field + strlen(field), 2 * FIELD - strlen(field), "%s%s", is_ratio ? " points" : "",
             compared->verdict == VERDICT_NOISE ? " (noise)" : "");
}

static void put_name(const struct result *a, const struct result *b, FILE *out)
{
    char policy[FIELD], other[FIELD], size[UNITS_TEXT], other_size[UNITS_TEXT];

    printable_copy(policy, sizeof policy, a->policy, strlen(a->policy));
    printable_copy(other, sizeof other, b->policy, strlen(b->policy));
    fprintf(out, "%s", a->server);
    if (strcmp(a->server, b->server) != 0)
        fprintf(out, " -> %s", b->server);
    fprintf(out, ", %s", policy);
    if (strcmp(a->policy, b->policy) != 0)
        fprintf(out, " -> %s", other);
    fprintf(out, ", %s", a->maxmemory ? print_maxmemory(size, a->maxmemory) : "no limit");
    if (a->maxmemory != b->maxmemory)
        fprintf(out, " -> %s", b->maxmemory ? print_maxmemory(other_size, b->maxmemory) : "no limit");
}

static void put_pair(const struct pair *pair, FILE *out)
{
    fputs("\n", out);
    put_name(pair->a[0], pair->b[0], out);
    fprintf(out, " (%zu seed%s)\n  %-24s %12s %12s   %s\n", pair->seeds, pair->seeds == 1 ? "" : "s", "", "A", "B",
            "B - A");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct measure *measure = measure_named(shown[i].name);
        struct compared compared = compare_pair(pair, measure);
        char a[FIELD], b[FIELD], difference[2 * FIELD];

        if (i && (isnan(compared.a) || (compared.a == 0 && compared.b == 0)))
            continue;
        value_text(a, compared.a, measure->ratio, shown[i].in_bytes);
        value_text(b, compared.b, measure->ratio, shown[i].in_bytes);
        difference_text(difference, &compared, measure->ratio, shown[i].in_bytes);
        fprintf(out, "  %-24s %12s %12s   %s\n", shown[i].title, a, b, difference);
    }
}

/* The first line: what the hit ratio does, over all pairs. */
static void put_verdict(const struct pairs *pairs, FILE *out)
{
    const struct measure *hit_ratio = measure_named("hit_ratio"), *oom = measure_named("oom_rejections");
    size_t higher = 0, lower = 0, fewer = 0, more = 0, unknown = 0;

    for (size_t i = 0; i < pairs->count; i++) {
        struct compared ratio = compare_pair(&pairs->list[i], hit_ratio), refused = compare_pair(&pairs->list[i], oom);

        higher += ratio.verdict == VERDICT_DIFFERS && ratio.difference.mean > 0;
        lower += ratio.verdict == VERDICT_DIFFERS && ratio.difference.mean < 0;
        fewer += refused.verdict == VERDICT_DIFFERS && refused.difference.mean < 0;
        more += refused.verdict == VERDICT_DIFFERS && refused.difference.mean > 0;
        unknown += pairs->list[i].seeds < 2;
    }
    fprintf(out,
            "Of %zu cell%s, B has a higher hit ratio in %zu and a lower one in %zu; fewer OOM rejections in\n"
            "%zu and more in %zu. In the others the two cannot be told apart.\n",
            pairs->count, pairs->count == 1 ? "" : "s", higher, lower, fewer, more);
    if (unknown)
        fprintf(out, "Of %zu cell%s there is one seed: whether it is noise is not known. Run both with --seeds 10.\n",
                unknown, unknown == 1 ? "" : "s");
}

static void put_only(const char *which, const struct result *const *results, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "only in %s: ", which);
        put_name(results[i], results[i], out);
        putc('\n', out);
    }
}

static void put_text(const struct pairs *pairs, const struct run *a, const char *const *names, FILE *out)
{
    char count[UNITS_TEXT], name[FIELD * 4];

    put_verdict(pairs, out);
    fputs("\n", out);
    for (int i = 0; i < 2; i++) {
        printable_copy(name, sizeof name, names[i], strlen(names[i]));
        fprintf(out, "%c  %s\n", 'A' + i, name);
    }
    printable_copy(name, sizeof name, a->trace, strlen(a->trace));
    fprintf(out, "of %s, %s requests\n", name, print_count(count, a->commands));
    for (size_t i = 0; i < pairs->change_count; i++) {
        const struct setting_change *change = &pairs->changes[i];
        char before[FIELD], after[FIELD];

        printable_copy(before, sizeof before, change->a, strlen(change->a));
        printable_copy(after, sizeof after, change->b, strlen(change->b));
        fprintf(out, "%s: '%s' in A, '%s' in B\n", change->name, before, after);
    }
    for (size_t i = 0; i < pairs->count; i++)
        put_pair(&pairs->list[i], out);
    fputs("\n", out);
    put_only("A", pairs->only_a, pairs->only_a_count, out);
    put_only("B", pairs->only_b, pairs->only_b_count, out);
    fputs("±: 95 % confidence interval of the mean difference over the seeds (Student's t); noise: 0 is in it\n", out);
}

/* ---- JSON ---- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* A name that is not UTF-8 becomes null. */
static json_t *text(const char *name)
{
    json_t *value = json_string(name);

    return value ? value : json_null();
}

static json_t *cell_object(const struct result *result)
{
    json_t *object = json_object();

    json_object_set_new(object, "server", text(result->server));
    json_object_set_new(object, "policy", text(result->policy));
    json_object_set_new(object, "maxmemory", json_integer((json_int_t)result->maxmemory));
    return object;
}

static json_t *change_object(const struct setting_change *change)
{
    json_t *object = json_object();

    json_object_set_new(object, "a", text(change->a));
    json_object_set_new(object, "b", text(change->b));
    return object;
}

static json_t *pair_object(const struct pair *pair)
{
    static const char *const verdicts[] = {"same", "differs", "noise", "unknown"};
    json_t *object = json_object(), *all = json_object();

    json_object_set_new(object, "a", cell_object(pair->a[0]));
    json_object_set_new(object, "b", cell_object(pair->b[0]));
    json_object_set_new(object, "seeds", json_integer((json_int_t)pair->seeds));
    for (size_t i = 0; i < measure_count; i++) {
        struct compared compared = compare_pair(pair, &measures[i]);
        json_t *one = json_object();

        json_object_set_new(one, "a", number(compared.a));
        json_object_set_new(one, "b", number(compared.b));
        json_object_set_new(one, "difference", number(compared.difference.mean));
        json_object_set_new(one, "half_width", number(compared.difference.half_width));
        json_object_set_new(one, "verdict", json_string(verdicts[compared.verdict]));
        json_object_set_new(all, measures[i].name, one);
    }
    json_object_set_new(object, "measures", all);
    return object;
}

static json_t *cells_array(const struct result *const *results, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, cell_object(results[i]));
    return array;
}

static void put_json(const struct pairs *pairs, FILE *out)
{
    json_t *object = json_object(), *list = json_array(), *changes = json_object();

    for (size_t i = 0; i < pairs->change_count; i++)
        json_object_set_new(changes, pairs->changes[i].name, change_object(&pairs->changes[i]));
    for (size_t i = 0; i < pairs->count; i++)
        json_array_append_new(list, pair_object(&pairs->list[i]));
    json_object_set_new(object, "settings", changes);
    json_object_set_new(object, "cells", list);
    json_object_set_new(object, "only_in_a", cells_array(pairs->only_a, pairs->only_a_count));
    json_object_set_new(object, "only_in_b", cells_array(pairs->only_b, pairs->only_b_count));
    json_dumpf(object, out, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    putc('\n', out);
    json_decref(object);
}

/* ---- the command ---- */

static int read_run(const char *path, struct outcome *outcome, struct error *error)
{
    if (result_files_read(&path, 1, outcome, error))
        return -1;
    if (outcome->kind == OUTCOME_RUN)
        return 0;
    error_set(error, ERROR_INPUT, "%s: %s: evsim diff compares results of evsim run", path,
              outcome_types[outcome->kind].summary);
    return -1;
}

static int compare(const char *const *paths, bool json, struct error *error)
{
    struct outcome a = {0}, b = {0};
    struct pairs pairs = {0};
    int status = read_run(paths[0], &a, error) || read_run(paths[1], &b, error) ||
                 pairs_make(a.run, b.run, paths[0], paths[1], &pairs, error);

    if (!status && json)
        put_json(&pairs, stdout);
    else if (!status)
        put_text(&pairs, a.run, paths, stdout);
    if (!status && (fflush(stdout) || ferror(stdout)))
        status = error_set(error, ERROR_OUTPUT, "cannot write to standard output");
    pairs_release(&pairs);
    outcome_free(&a);
    outcome_free(&b);
    return status ? -1 : 0;
}

static int diff_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct diff_request request = {0};
    struct option_set set = {.groups = diff_groups, .group_count = DIFF_GROUPS, .target = &request};
    int status = options_parse(&set, "diff", argc, argv, error);

    (void)catalog;
    if (!status && set.help)
        print_help(&set);
    else if (!status && set.operands != 2)
        status = error_set(error, ERROR_USAGE,
                           "evsim diff compares two runs: evsim diff DIR DIR, folders that evsim run -o "
                           "DIR wrote");
    else if (!status)
        status = compare((const char *const *)argv, request.json, error);
    free(set.command);
    return status;
}

const struct subcommand subcommand_diff = {
    .name = "diff",
    .summary = "compare two earlier runs of one trace, with intervals over the seeds",
    .options = diff_groups,
    .option_groups = DIFF_GROUPS,
    .run = diff_main,
};
