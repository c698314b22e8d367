/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_policy_page: evsim policies NAME and --json say of every policy what its row says, and their commands work. */
#include "policies/admission_registry.h"
#include "policies/registry.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/policy.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *page, const char *member)
{
    return json_string_value(json_object_get(page, member));
}

static double number_of(const json_t *page, const char *member)
{
    return json_number_value(json_object_get(page, member));
}

/* To the fifteenth digit. */
static bool is_near(double a, double b)
{
    return fabs(a - b) <= 1e-14 * fabs(b);
}

/* In the JSON with its bounds; in the words as it would be typed. */
static void check_parameters(const char *name, const json_t *page, const struct policy_parameter *parameters)
{
    const json_t *list = json_object_get(page, "parameters");
    char *words = command_output_of(".", "\"$EVSIM\" policies %s", name);
    size_t count = 0;

    for (; parameters && parameters[count].name; count++) {
        const json_t *said = json_array_get(list, count);
        char *at, *typed;

        assert_string_equal(text_of(said, "name"), parameters[count].name);
        assert_true(is_near(number_of(said, "default"), parameters[count].initial));
        assert_true(is_near(number_of(said, "least"), parameters[count].least));
        assert_true(is_near(number_of(said, "most"), parameters[count].most));
        if (asprintf(&typed, " %s=", parameters[count].name) < 0)
            abort();
        at = strstr(words, typed);
        if (!at || !is_near(strtod(at + strlen(typed), NULL), parameters[count].initial))
            fail_msg("evsim policies %s: %s is not %.17g in\n%s", name, parameters[count].name,
                     parameters[count].initial, words);
        free(typed);
    }
    assert_int_equal(json_array_size(list), count);
    free(words);
}

static size_t run_examples(const char *folder, const json_t *page)
{
    const json_t *examples = json_object_get(page, "examples");

    assert_true(json_array_size(examples) > 0);
    for (size_t i = 0; i < json_array_size(examples); i++) {
        const char *line = json_string_value(json_array_get(examples, i));
        char *said = command_output_of(folder, "PATH=$PWD:$PATH; %s >said 2>&1 || tail -1 said", line);

        if (*said)
            fail_msg("%s: %s", line, said);
        free(said);
    }
    return json_array_size(examples);
}

static int make_folder(void **state)
{
    char *folder = support_directory(), *data = realpath("tests/data/twelve.csv", NULL);

    free(command_output_of(folder, "ln -s \"$EVSIM\" evsim && ln -s '%s' trace.csv.zst", data));
    free(data);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

static json_t *all_pages(void)
{
    char *text = command_output(".", "\"$EVSIM\" policies --json");
    json_t *document = json_loads(text, 0, NULL);

    assert_non_null(document);
    free(text);
    return document;
}

static void every_policy_has_a_page(void **state)
{
    json_t *document = all_pages(), *pages = json_object_get(document, "policies");
    size_t examples = 0;

    assert_int_equal(json_array_size(pages), policy_count);
    for (size_t i = 0; i < policy_count; i++) {
        const json_t *page = json_array_get(pages, i);

        assert_string_equal(text_of(page, "name"), policies[i]->name);
        assert_int_equal(json_integer_value(json_object_get(page, "bytes_per_key")), policies[i]->entry_size);
        assert_true(json_is_true(json_object_get(page, "redis")) == (policies[i]->redis != NULL));
        check_parameters(policies[i]->name, page, policies[i]->parameters);
        examples += run_examples(*state, page);
    }
    assert_true(examples > policy_count);
    json_decref(document);
}

static void every_rule_has_a_page(void **state)
{
    json_t *document = all_pages(), *pages = json_object_get(document, "admissions");

    assert_int_equal(json_array_size(pages), admission_count);
    for (size_t i = 0; i < admission_count; i++) {
        const json_t *page = json_array_get(pages, i);

        assert_string_equal(text_of(page, "name"), admissions[i]->name);
        run_examples(*state, page);
    }
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_policy_has_a_page, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(every_rule_has_a_page, make_folder, remove_folder),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
