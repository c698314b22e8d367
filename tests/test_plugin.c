/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_plugin: policies in shared objects, and the faults that check-policy finds in them. The objects are in
 * tests/plugins. */
#include "sim/alloc.h"
#include "sim/laws.h"
#include "sim/plugin.h"
#include "sim/scope.h"
#include "sim/server/registry.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *path_of(const char *name, char path[4096])
{
    const char *folder = getenv("EVSIM_PLUGINS");

    snprintf(path, 4096, "%s/%s.so", folder ? folder : "build/release/tests/plugins", name);
    return path;
}

static const struct policy *load(const char *name)
{
    struct error error = {0};
    char path[4096];
    const struct policy *policy = plugin_load(path_of(name, path), &error);

    if (!policy)
        fail_msg("%s", error.text);
    return policy;
}

static void expect_refused(const char *name, const char *cause)
{
    struct error error = {0};
    char path[4096];

    assert_null(plugin_load(path_of(name, path), &error));
    assert_int_equal(error.code, ERROR_USAGE);
    assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
    assert_non_null(strstr(error.text, cause));
}

static void a_policy_is_found_in_its_object(void **state)
{
    const struct policy *policy = load("largest");

    (void)state;
    assert_string_equal(policy->name, "largest");
    assert_string_equal(policy->parameters[0].name, "samples");
}

static void what_is_not_a_policy_of_this_version_is_refused_by_name(void **state)
{
    (void)state;
    expect_refused("absent", "cannot load");
    expect_refused("stale", "version 999");
    expect_refused("unfinished", "no victim()");
    expect_refused("../../sim/live/virtual_time", "no policy in it");
}

/* The law that fails first, with any model; NULL: all hold. */
static const char *first_broken(const struct policy *policy, const double *parameters)
{
    for (size_t i = 0; i < law_count; i++)
        for (size_t w = 0; model_server(w); w++) {
            struct trial trial = {
                .server = server_find(model_server(w)), .policy = policy, .parameters = parameters, .seed = 1};
            struct error error = {0};

            if (laws[i].check(&trial, &error)) {
                print_message("%s: %s: %s\n", model_server(w), laws[i].name, error.text);
                return laws[i].name;
            }
        }
    return NULL;
}

static void a_sound_policy_breaks_no_law(void **state)
{
    (void)state;
    assert_null(first_broken(load("largest"), NULL));
    assert_null(first_broken(load("broken"), NULL));
}

static void expect_every_fault_found(const struct policy *policy)
{
    for (double fault = 1; fault <= policy->parameters[0].most; fault++) {
        print_message("fault %g\n", fault);
        assert_non_null(first_broken(policy, &fault));
    }
}

static void every_fault_breaks_a_law(void **state)
{
    struct policy narrowed;

    (void)state;
    expect_every_fault_found(load("broken"));
    expect_every_fault_found(load("liar"));
    scope_narrow(load("liar"), &narrowed);
    expect_every_fault_found(&narrowed);
}

/* ---- a run asks a policy that answers what cannot be ---- */

enum { KEYS = 3000, ROWS = 8 * BATCH_CAPACITY };

/* SETs of keys of which every other one has a ttl, and every fourth is deleted at times. */
static void fill_batch(struct batch *batch, int64_t first_row)
{
    batch->count = BATCH_CAPACITY;
    batch->key_count = KEYS;
    for (uint32_t row = 0; row < BATCH_CAPACITY; row++) {
        int64_t n = first_row + row;
        uint32_t id = (uint32_t)((uint64_t)n * 2654435761u >> 7) % KEYS;
        bool deletes = n % 16 == 0;

        batch->time_us[row] = n * 1000;
        batch->op[row] = deletes ? OP_DEL : OP_SET;
        batch->id[row] = id;
        batch->key_len[row] = 8;
        batch->value_len[row] = deletes ? VALUE_UNKNOWN : 100;
        batch->flags[row] = !deletes && id % 2 ? REQUEST_TTL : 0;
        batch->ttl_ms[row] = !deletes && id % 2 ? 3600 * 1000 : 0;
    }
}

/* 0, or -1: what sweep_run would say of such a cell. */
static int replay(const struct cell_config *config, struct counters *counters, struct error *error)
{
    const struct model *model = config->server->model;
    struct batch *batch = xcalloc(1, sizeof *batch);
    void *cell = xcalloc(1, model->state_size);
    struct result result = {0};
    int status = model->init(cell, config, error);

    for (int64_t row = 0; row < ROWS && !status; row += BATCH_CAPACITY) {
        fill_batch(batch, row);
        status = model->replay(cell, batch, error);
    }
    if (!status)
        status = model->finish(cell, ROWS * 1000, &result, error);
    *counters = result.counters;
    result_release(&result);
    model->release(cell);
    free(cell);
    free(batch);
    return status;
}

static void check_liar(const char *server, const struct policy *policy, double fault)
{
    struct simulation_options options = {.start_unix_us = INT64_C(1700000000000000)};
    struct cell_config config = {
        .server = server_find(server),
        .policy = policy,
        .parameters = &fault,
        .policy_path = "./liar.so",
        .maxmemory = strcmp(server, "flat") ? 1200000 : 100000,
        .seed = 1,
        .options = &options,
    };
    struct counters counters = {0};
    struct error error = {0};
    int status;

    redis_config_init(&options.redis);
    status = replay(&config, &counters, &error);
    print_message("%s%s, fault %g: %s\n", server, policy->inner ? "@volatile" : "", fault, error.text);
    if (fault == 0) {
        assert_int_equal(status, 0);
        assert_true(counters.evicted_keys > 100);
        return;
    }
    assert_int_equal(status, -1);
    assert_int_equal(error.code, ERROR_LAW);
    assert_non_null(strstr(error.text, "liar"));
    assert_null(strchr(error.text, '\n'));
    if (strstr(error.text, "named key")) {
        assert_int_equal(strncmp(error.text, "./liar.so: ", 11), 0);
        assert_non_null(strstr(error.text, "evsim check-policy ./liar.so"));
        assert_int_equal(strstr(error.text, "no ttl") != NULL, policy->inner && fault == 4);
    } else {
        assert_true(fault >= 6);
    }
}

static void an_answer_that_cannot_be_ends_the_run(void **state)
{
    const struct policy *liar = load("liar");
    struct policy narrowed;

    (void)state;
    scope_narrow(liar, &narrowed);
    for (size_t s = 0; s < server_count; s++)
        for (double fault = 0; fault <= liar->parameters[0].most; fault++) {
            check_liar(servers[s].name, liar, fault);
            check_liar(servers[s].name, &narrowed, fault);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_found_in_its_object),
        cmocka_unit_test(what_is_not_a_policy_of_this_version_is_refused_by_name),
        cmocka_unit_test(a_sound_policy_breaks_no_law),
        cmocka_unit_test(every_fault_breaks_a_law),
        cmocka_unit_test(an_answer_that_cannot_be_ends_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
