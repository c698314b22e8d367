/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/remedies.h"

#include "sim/advice/ladder.h"
#include "sim/advice/large_keys.h"
#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/redis_policy.h"
#include "sim/units.h"

#include <stdlib.h>
#include <string.h>

/* The remedy takes the name and the change. */
static void add(struct remedies *remedies, char *name, struct changes change)
{
    if (remedies->count == remedies->room) {
        remedies->room = remedies->room ? 2 * remedies->room : 32;
        remedies->list = xrealloc(remedies->list, remedies->room * sizeof *remedies->list);
    }
    remedies->list[remedies->count++] = (struct remedy){name, change};
}

/* ---- policies, memory, settings ---- */

static void add_policies(struct remedies *remedies, const struct doctor_request *request)
{
    for (size_t i = 0; i < request->policy_count; i++) {
        const struct named_policy policy = {.policy = request->policies[i]};
        struct changes change = {0};
        struct error none = {0};

        if (request->policies[i] == request->policy.policy)
            continue;
        change_policy(&change, &policy, &none);
        add(remedies, NULL, change);
    }
}

static void add_memory(struct remedies *remedies, const struct doctor_request *request)
{
    static const struct {
        unsigned halves;
        const char *name;
    } factors[] = {{3, "maxmemory x1.5"}, {4, "maxmemory x2"}, {8, "maxmemory x4"}};

    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        struct changes change = {0};
        struct error none = {0};

        change_maxmemory(&change, request->maxmemory * factors[i].halves / 2, 0, &none);
        add(remedies, xstrdup(factors[i].name), change);
    }
}

static void add_setting(struct remedies *remedies, const char *name, const char *value)
{
    struct changes change = {0};
    struct error none = {0};

    change_option(&change, name, value, &none);
    add(remedies, NULL, change);
}

bool policy_draws_samples(const struct policy *policy)
{
    return policy->redis && policy->redis->state == SERVER_STATE_POOL;
}

/* Buffers of clients that matter: all clients together may have a twentieth of maxmemory; one may keep half of that waiting, or
 * an eighth of it for ten seconds. */
static void add_client_limits(struct remedies *remedies, const struct remedies_from *from)
{
    const struct sample *sample = &from->onset->sample;
    uint64_t maxmemory = from->request->maxmemory, limit = maxmemory / 20;
    char hard[UNITS_TEXT], soft[UNITS_TEXT];
    char *value;

    if (sample->memory_output_buffers + sample->memory_query_buffers + sample->memory_clients +
            sample->memory_arguments <
        maxmemory / 10)
        return;
    if (!from->request->plan.options.redis.maxmemory_clients)
        add_setting(remedies, "maxmemory-clients", "5%");
    if (sample->memory_output_buffers < maxmemory / 20)
        return;
    print_maxmemory(hard, ladder_up_to(&(struct ladder){.precision = 0.1}, limit / 2));
    print_maxmemory(soft, ladder_up_to(&(struct ladder){.precision = 0.1}, limit / 8));
    value = text_of("normal %s %s 10", hard, soft);
    add_setting(remedies, "client-output-buffer-limit", value);
    free(value);
}

static void add_settings(struct remedies *remedies, const struct remedies_from *from)
{
    const struct doctor_request *request = from->request;
    const struct counters *counters = &from->first->results[0].counters;
    const struct redis_config *config = &request->plan.options.redis;

    if (policy_draws_samples(request->policy.policy) && counters->evicted_keys && config->policy.maxmemory_samples < 10)
        add_setting(remedies, "maxmemory-samples", "10");
    if ((counters->expired_keys || counters->expires) && config->active_expire_effort < 10)
        add_setting(remedies, "active-expire-effort", "10");
    if (request->plan.options.speed.deletions && counters->evicted_keys && config->maxmemory_eviction_tenacity < 100)
        add_setting(remedies, "maxmemory-eviction-tenacity", "100");
    add_client_limits(remedies, from);
}

/* ---- ttls ---- */

/* Shorter than the trace, or it would change nothing in it; and no shorter than a hundredth. */
static bool suits(const struct run *first, int64_t seconds)
{
    int64_t ttl_us = seconds * 1000000;

    return ttl_us * 4 <= first->duration_us * 3 && ttl_us * 100 >= first->duration_us;
}

static void add_ttl(struct remedies *remedies, const char *pattern, int64_t seconds, bool on_use)
{
    struct changes change = {0};
    struct error none = {0};

    if (on_use)
        change_unused(&change, pattern, seconds * 1000, &remedies->patterns, &none);
    else
        change_ttl(&change, pattern, seconds * 1000, &remedies->patterns, &none);
    if (error_is_set(&none))
        change_release(&change);
    else
        add(remedies, NULL, change);
}

/* The ttls that are tried for a prefix, each once; returns how many. */
static size_t ttls_of(const struct remedies_from *from, const struct ttl_advice *advice, int64_t *ttls)
{
    static const int64_t usual[] = {3600, 86400, 604800};
    size_t count = 0, most = from->is_long ? 2 : 4;
    int64_t wanted[2 + sizeof usual / sizeof *usual] = {advice->knee_s, advice->long_s};

    memcpy(wanted + 2, usual, sizeof usual);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && count < most; i++) {
        bool is_known = !wanted[i] || wanted[i] * 1000000 >= from->first->duration_us;

        if (i >= 2)
            is_known |= !suits(from->first, wanted[i]);
        for (size_t k = 0; k < count; k++)
            is_known |= ttls[k] == wanted[i];
        if (!is_known)
            ttls[count++] = wanted[i];
    }
    return count;
}

static void add_prefix_ttls(struct remedies *remedies, const struct remedies_from *from)
{
    size_t most = from->is_long ? 2 : 3, prefixes = 0;

    for (size_t i = 0; i < from->diagnosis->ttl_count && prefixes < most; i++) {
        const struct ttl_advice *advice = &from->diagnosis->ttls[i];
        int64_t ttls[5];
        size_t count = ttls_of(from, advice, ttls);

        if (!*advice->pattern || advice->share_with_ttl > 0.95)
            continue;
        prefixes++;
        for (size_t k = 0; k < count; k++)
            add_ttl(remedies, advice->pattern, ttls[k], false);
    }
}

/* Ttls of all keys, and keys that are unused for as long. */
static void add_ttls(struct remedies *remedies, const struct remedies_from *from)
{
    static const int64_t ttls[] = {60, 600, 3600, 86400, 604800};
    bool is_alone = from->diagnosis->ttl_count == 1 && !strcmp(from->diagnosis->ttls[0].pattern, "*");

    for (size_t i = 0; i < sizeof ttls / sizeof *ttls; i++) {
        if (!suits(from->first, ttls[i]))
            continue;
        if (!is_alone)
            add_ttl(remedies, "*", ttls[i], false);
        add_ttl(remedies, "*", ttls[i], true);
    }
}

/* ---- large keys ---- */

static void add_large_keys(struct remedies *remedies, const struct remedies_from *from)
{
    struct large_keys_trim trims[LARGE_KEYS_TRIMS];
    size_t count = large_keys_trims(from->onset, from->request->separator, from->is_long, trims);

    for (size_t i = 0; i < count; i++) {
        struct changes change = {0};
        struct error none = {0};

        change_trim(&change, trims[i].pattern, trims[i].rule, &remedies->patterns, &none);
        if (error_is_set(&none))
            change_release(&change);
        else
            add(remedies, NULL, change);
        free(trims[i].pattern);
    }
    remedies->split = large_keys_split(from->onset, &from->request->plan.options.redis);
}

/* ---- all of them ---- */

void remedies_choose(struct remedies *remedies, const struct remedies_from *from)
{
    add_policies(remedies, from->request);
    add_memory(remedies, from->request);
    add_settings(remedies, from);
    if (!from->diagnosis->is_untimed) {
        add_prefix_ttls(remedies, from);
        add_ttls(remedies, from);
    }
    add_large_keys(remedies, from);
}

/* Two parts of a kind: the same setting, or ttls, which would meet in the same keys. */
static bool clash(const struct change_part *one, const struct change_part *other)
{
    if ((one->kind == CHANGE_TRIM) != (other->kind == CHANGE_TRIM))
        return false;
    if (one->pattern && other->pattern)
        return !strcmp(one->pattern, other->pattern) || !strcmp(one->pattern, "*") || !strcmp(other->pattern, "*");
    return one->kind == other->kind && one->option == other->option;
}

bool remedies_differ(const struct changes *one, const struct changes *other)
{
    for (size_t i = 0; i < one->count; i++)
        for (size_t k = 0; k < other->count; k++)
            if (clash(&one->parts[i], &other->parts[k]))
                return false;
    return true;
}

void remedies_release(struct remedies *remedies)
{
    for (size_t i = 0; i < remedies->count; i++) {
        free(remedies->list[i].name);
        change_release(&remedies->list[i].change);
    }
    free(remedies->list);
    *remedies = (struct remedies){0};
}
