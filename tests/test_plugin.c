/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_plugin: policies in shared objects, and what check-policy finds in them. The objects are tests/plugins. */
#include "sim/laws.h"
#include "sim/plugin.h"
#include "sim/server/registry.h"

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
    expect_refused("../fidelity/virtual_time", "no policy in it");
}

/* The law that fails first, in any of the worlds; NULL: all hold. */
static const char *first_broken(const struct policy *policy, const double *parameters)
{
    static const char *const worlds[] = {"flat", "redis-7.0.15"};

    for (size_t i = 0; i < law_count; i++)
        for (size_t w = 0; w < 2; w++) {
            struct trial trial = {
                .server = server_find(worlds[w]), .policy = policy, .parameters = parameters, .seed = 1};
            struct error error = {0};

            if (laws[i].check(&trial, &error)) {
                print_message("%s: %s: %s\n", worlds[w], laws[i].name, error.text);
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

static void every_fault_breaks_a_law(void **state)
{
    const struct policy *broken = load("broken");

    (void)state;
    for (double fault = 1; fault <= broken->parameters[0].most; fault++) {
        print_message("fault %g\n", fault);
        assert_non_null(first_broken(broken, &fault));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_found_in_its_object),
        cmocka_unit_test(what_is_not_a_policy_of_this_version_is_refused_by_name),
        cmocka_unit_test(a_sound_policy_breaks_no_law),
        cmocka_unit_test(every_fault_breaks_a_law),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
