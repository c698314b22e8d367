/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_policy: any text as a list of policies with their parameters and scopes, and as an admission rule; the first byte says under which
 * scope, which --compat, and how large the cache is that they then run in.
 *
 * These must hold: what is refused is told in a line; what is taken has parameters within their bounds, and means the same when it is
 * taken by its own label; two caches of 400 requests with it end alike, and keep to their limit. */
#include "policies/admission_registry.h"
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/cli/catalog.h"
#include "sim/cli/choice.h"
#include "sim/server/registry.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/run_twice.h"
#include "tests/fuzz/targets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 400, TEXT_MOST = 400, ROW_TEXT = 64, RUNS_MOST = 12, CYCLE_MOST = 12 };

static void must(bool holds, const char *text, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "'%s': %s\n", text, what);
    abort();
}

static void check_parameters(const struct policy_parameter *parameters, const double *values, const char *text)
{
    for (size_t i = 0; parameters && parameters[i].name; i++)
        must(values[i] >= parameters[i].least && values[i] <= parameters[i].most, text,
             "parameters are within their bounds");
}

/* By its label it is the same policy, with the same parameters. */
static void check_label(const struct catalog *catalog, const struct choice *choice, bool libcachesim)
{
    struct choice_list *again = xcalloc(1, sizeof *again);
    struct error error = {0};
    /* scope volatile is part of the label only if it was written there */
    enum scope scope = choice->policy == &choice->narrowed ? SCOPE_VOLATILE : SCOPE_ALLKEYS;

    again->libcachesim = libcachesim;
    must(!choice_list_add(again, catalog, choice->label, scope, &error), choice->label, error.text);
    must(again->count == 1 && !strcmp(again->choices[0].policy->name, choice->policy->name) &&
             again->choices[0].policy->scope == choice->policy->scope,
         choice->label, "a label is that policy");
    for (size_t i = 0; choice->policy->parameters && choice->policy->parameters[i].name; i++)
        must(again->choices[0].parameters[i] == choice->parameters[i], choice->label, "and its parameters");
    choice_list_release(again);
    free(again);
}

static char *make_trace(size_t *bytes)
{
    char *text = xmalloc((size_t)ROWS * ROW_TEXT);
    uint32_t random = 12345;

    *bytes = 0;
    for (int i = 0; i < ROWS; i++) {
        random = random * 1103515245 + 12345;
        int key = (int)(random >> 16) % ((random >> 8) % 3 ? 12 : 90);
        *bytes += (size_t)snprintf(text + *bytes, ROW_TEXT, "%d,k%d,3,%d,1,%s,%d\n", i / 4, key, 20 + key * 7 % 400,
                                   key % 5 ? "get" : "set", key % 3 ? 0 : 20);
    }
    return text;
}

static void check_run(const struct choice *choice, const struct admission_choice *admission, uint64_t maxmemory)
{
    struct simulation_options options = {.start_unix_us = INT64_C(1700000000000000), .fill = true};
    const struct cell_config cell = {.server = server_find("flat"),
                                     .policy = choice->policy,
                                     .parameters = choice->parameters,
                                     .policy_label = choice->label,
                                     .admission = admission->admission,
                                     .admission_parameters = admission->parameters,
                                     .maxmemory = maxmemory,
                                     .seed = 1,
                                     .options = &options};
    struct result results[2] = {0};
    struct error error = {0};
    char *text;
    size_t bytes;

    /* random with a cycle of 2^24 steps asks most of them for each victim, of the few keys that there are here: seconds. */
    if (choice->policy->offline || (!strcmp(choice->policy->name, "random") && choice->parameters[0] > CYCLE_MOST))
        return;
    redis_config_init(&options.redis);
    text = make_trace(&bytes);
    /* A policy may refuse a combination of parameters, with a word. */
    if (run_twice(text, bytes, "twitter", &cell, results, &error)) {
        must(error.text[0] && error.code == ERROR_USAGE, choice->label, error.text);
    } else {
        must(results[0].counters.used_memory_peak <= maxmemory, choice->label, "a flat cache keeps to its limit");
        must(results[0].counters.hits + results[0].counters.misses == results[0].counters.reads, choice->label,
             "hits and misses are the lookups");
    }
    for (int i = 0; i < 2; i++)
        result_release(&results[i]);
}

int fuzz_policy(const uint8_t *bytes, size_t count)
{
    const struct catalog catalog = {.policies = policies,
                                    .policy_count = policy_count,
                                    .admissions = admissions,
                                    .admission_count = admission_count,
                                    .servers = servers,
                                    .server_count = server_count};
    const uint8_t flags = count ? bytes[0] : 0;
    char *text = bytes_as_text(bytes + (count > 0), count ? count - 1 : 0), *line = strchr(text, '\n');
    struct choice_list *list = xcalloc(1, sizeof *list);
    struct admission_choice admission = {0};
    struct error error = {0};

    if (line)
        *line++ = '\0';
    list->libcachesim = flags & 1;
    if (strlen(text) > TEXT_MOST || strchr(text, '/')) /* a path, whose object would be loaded */
        goto out;
    if (line && admission_choose(&admission, &catalog, line, &error)) {
        must(error.text[0] && error.code == ERROR_USAGE, line, "a refusal has a word");
        admission = (struct admission_choice){0};
        error = (struct error){0};
    } else if (admission.admission) {
        check_parameters(admission.admission->parameters, admission.parameters, line);
    }
    if (choice_list_add(list, &catalog, text, flags & 2 ? SCOPE_VOLATILE : SCOPE_ALLKEYS, &error))
        must(error.text[0] && error.code == ERROR_USAGE, text, "a refusal has a word");
    for (size_t i = 0; i < list->count && !error_is_set(&error); i++) {
        check_parameters(list->choices[i].policy->parameters, list->choices[i].parameters, text);
        check_label(&catalog, &list->choices[i], flags & 1);
        if (i < RUNS_MOST)
            check_run(&list->choices[i], &admission, 500 + (uint64_t)(flags >> 2) * 200);
    }
out:
    choice_list_release(list);
    free(list);
    free(text);
    return 0;
}
