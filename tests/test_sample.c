/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sample: the sample of `make demo`. It must be what the command in its README makes, and its results must differ
 * enough to be worth a look. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"
#include "sim/input/source.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

/* The command in tests/data/README.md from "evsim gen" to the compressor, as a line that runs
 * $EVSIM. */
static char *command_of_readme(void)
{
    char *readme = support_read_file("tests/data", "README.md", NULL), *line;
    char *begin = strstr(readme, "evsim gen "), *end = begin ? strchr(begin, '|') : NULL;

    assert_non_null(end);
    *end = '\0';
    if (asprintf(&line, "\"$EVSIM\"%s", begin + strlen("evsim")) < 0)
        abort();
    free(readme);
    return line;
}

static void the_sample_is_what_its_command_makes(void **state)
{
    char *line = command_of_readme(), *made = command_output(".", line);
    struct error error = {0};
    struct source *source = source_open("tests/data/sample.csv.zst", &error);
    const char *text, *at = made;
    size_t bytes, rest = strlen(made);

    (void)state;
    assert_non_null(source);
    while ((text = source_peek(source, 1, &bytes, &error)) && bytes) {
        assert_true(bytes <= rest);
        assert_memory_equal(text, at, bytes);
        source_consume(source, bytes);
        at += bytes;
        rest -= bytes;
    }
    assert_string_equal(error.text, "");
    assert_int_equal(rest, 0);
    source_close(source);
    free(made);
    free(line);
}

static json_int_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static bool is_policy(const json_t *object, const char *policy)
{
    return !strcmp(json_string_value(json_object_get(object, "policy")), policy);
}

/* The demo's middle size. */
static void replaying_it_shows_what_policies_do(void **state)
{
    char *text = command_output(".", "\"$EVSIM\" run tests/data/sample.csv.zst -m 2mb --json");
    json_t *results = json_loads(text, 0, NULL);
    json_int_t least = INT64_MAX, most = 0;

    (void)state;
    assert_int_equal(json_array_size(results), 8);
    for (size_t i = 0; i < 8; i++) {
        const json_t *result = json_array_get(results, i);
        json_int_t hits = number(result, "hits");

        assert_int_equal(number(result, "requests"), 50000);
        least = hits < least ? hits : least;
        most = hits > most ? hits : most;
        if (is_policy(result, "noeviction")) {
            assert_true(number(result, "oom_rejections") > 1000);
            assert_int_equal(number(result, "evicted_keys"), 0);
        } else {
            assert_true(number(result, "evicted_keys") > 1000);
        }
        if (is_policy(result, "allkeys-lru"))
            assert_int_equal(number(result, "oom_rejections"), 0);
        assert_true(number(result, "expired_keys") > 1000);
    }
    assert_true(most - least > number(json_array_get(results, 0), "reads") / 10);
    json_decref(results);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_is_what_its_command_makes),
        cmocka_unit_test(replaying_it_shows_what_policies_do),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
