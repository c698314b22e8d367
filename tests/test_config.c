/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_config: redis.conf, read and printed. */
#include "sim/config.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct reading_conf {
    struct redis_config config;
    struct redis_conf_file file;
    struct error error;
    int status;
};

/* Reads the text as a redis.conf; errors lose the folder of the temporary file. */
static struct reading_conf read_conf(const char *text)
{
    struct reading_conf r = {.status = 0};
    char *path = write_temporary("redis.conf", text, strlen(text)), *at;

    redis_config_init(&r.config);
    r.status = redis_conf_read(path, &r.config, &r.file, &r.error);
    at = strstr(r.error.text, "redis.conf");
    if (at)
        memmove(r.error.text, at, strlen(at) + 1);
    remove_temporary(path);
    return r;
}

static void expect_failure(const char *text, const char *message)
{
    struct reading_conf r = read_conf(text);

    assert_int_equal(r.status, -1);
    assert_int_equal(r.error.code, ERROR_USAGE);
    assert_string_equal(r.error.text, message);
    redis_conf_file_release(&r.file);
}

static void an_empty_file_leaves_the_defaults_of_redis(void **state)
{
    struct reading_conf r = read_conf("");

    (void)state;
    assert_int_equal(r.status, 0);
    assert_int_equal(r.config.policy.maxmemory_samples, 5);
    assert_int_equal(r.config.policy.lfu_log_factor, 10);
    assert_int_equal(r.config.policy.lfu_decay_time, 1);
    assert_int_equal(r.config.hz, 10);
    assert_int_equal(r.config.active_expire_effort, 1);
    assert_int_equal(r.config.maxmemory_eviction_tenacity, 10);
    assert_int_equal(r.config.activerehashing, 1);
    assert_null(r.file.maxmemory);
    assert_null(r.file.maxmemory_policy);
    assert_null(r.file.not_modeled);
    redis_conf_file_release(&r.file);
}

static void values_are_read_whatever_their_spacing_case_and_quotes(void **state)
{
    struct reading_conf r = read_conf("maxmemory 100mb\n"
                                      "  maxmemory-policy\t \"allkeys-lfu\"  \r\n"
                                      "HZ 100\n"
                                      "maxmemory-samples '10'\n"
                                      "activerehashing NO\n"
                                      "lfu-decay-time 0");

    (void)state;
    assert_string_equal(r.error.text, "");
    assert_string_equal(r.file.maxmemory, "100mb");
    assert_string_equal(r.file.maxmemory_policy, "allkeys-lfu");
    assert_int_equal(r.config.hz, 100);
    assert_int_equal(r.config.policy.maxmemory_samples, 10);
    assert_int_equal(r.config.activerehashing, 0);
    assert_int_equal(r.config.policy.lfu_decay_time, 0);
    redis_conf_file_release(&r.file);
}

static void comments_and_empty_lines_say_nothing(void **state)
{
    struct reading_conf r = read_conf("# maxmemory 1gb\n\n   # hz 500\n\t\nhz 20\n");

    (void)state;
    assert_int_equal(r.status, 0);
    assert_int_equal(r.config.hz, 20);
    assert_null(r.file.maxmemory);
    assert_null(r.file.not_modeled);
    redis_conf_file_release(&r.file);
}

static void the_last_of_several_counts(void **state)
{
    struct reading_conf r = read_conf("maxmemory 1gb\nhz 20\nmaxmemory 2gb\nhz 30\n");

    (void)state;
    assert_string_equal(r.file.maxmemory, "2gb");
    assert_int_equal(r.config.hz, 30);
    redis_conf_file_release(&r.file);
}

static void what_is_not_modeled_is_listed_once(void **state)
{
    struct reading_conf r = read_conf("save 900 1\nappendonly yes\nsave 300 10\nport 6379\n"
                                      "appendonly no\nappendfsync always\nappend x\nsave\n");

    (void)state;
    assert_int_equal(r.status, 0);
    assert_string_equal(r.file.not_modeled, "save, appendonly, port, appendfsync, append");
    redis_conf_file_release(&r.file);
}

static void a_bad_value_is_named_with_its_line(void **state)
{
    (void)state;
    expect_failure("hz 10\nhz 0\n", "redis.conf:2: hz: '0' is not between 1 and 500");
    expect_failure("\n\nmaxmemory-samples five\n", "redis.conf:3: maxmemory-samples: bad number 'five'");
    expect_failure("activerehashing maybe\n", "redis.conf:1: activerehashing: 'maybe' is neither yes nor no");
    expect_failure("maxmemory 10gib\n", "redis.conf:1: bad maxmemory '10gib'");
    expect_failure("hz\n", "redis.conf:1: hz: bad number ''");
    expect_failure("include other.conf\n", "redis.conf:1: include is not followed: give the file itself");
}

static void a_missing_file_is_an_error(void **state)
{
    struct redis_config config;
    struct redis_conf_file file;
    struct error error = {0};

    (void)state;
    assert_int_equal(redis_conf_read("/nonexistent/redis.conf", &config, &file, &error), -1);
    assert_string_equal(error.text, "/nonexistent/redis.conf: cannot open: No such file or directory");
    redis_conf_file_release(&file);
}

static void every_option_prints_what_reads_back(void **state)
{
    struct redis_config config, again;
    struct error error = {0};
    char text[24];

    (void)state;
    redis_config_init(&config);
    redis_config_init(&again);
    for (size_t i = 0; i < REDIS_OPTIONS; i++) {
        const struct redis_option *option = &redis_options[i];
        char highest[24];

        snprintf(highest, sizeof highest, "%ld", option->highest);
        assert_ptr_equal(redis_option_find(option->name), option);
        assert_int_equal(redis_option_set(&config, option, option->kind == REDIS_FLAG ? "no" : highest, &error), 0);
        assert_int_equal(redis_option_set(&again, option, redis_option_print(&config, option, text), &error), 0);
    }
    assert_memory_equal(&config, &again, sizeof config);
    assert_null(redis_option_find("maxmemory"));
    assert_null(redis_option_find("appendonly"));
}

static void limits_are_kept_on_both_sides(void **state)
{
    (void)state;
    for (size_t i = 0; i < REDIS_OPTIONS; i++) {
        const struct redis_option *option = &redis_options[i];
        struct redis_config config;
        struct error error = {0};
        char text[24];

        if (option->kind == REDIS_FLAG)
            continue;
        redis_config_init(&config);
        snprintf(text, sizeof text, "%ld", option->lowest);
        assert_int_equal(redis_option_set(&config, option, text, &error), 0);
        snprintf(text, sizeof text, "%ld", option->lowest - 1);
        assert_int_equal(redis_option_set(&config, option, text, &error), -1);
        error = (struct error){0};
        snprintf(text, sizeof text, "%ld", option->highest + 1);
        assert_int_equal(redis_option_set(&config, option, text, &error), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_leaves_the_defaults_of_redis),
        cmocka_unit_test(values_are_read_whatever_their_spacing_case_and_quotes),
        cmocka_unit_test(comments_and_empty_lines_say_nothing),
        cmocka_unit_test(the_last_of_several_counts),
        cmocka_unit_test(what_is_not_modeled_is_listed_once),
        cmocka_unit_test(a_bad_value_is_named_with_its_line),
        cmocka_unit_test(a_missing_file_is_an_error),
        cmocka_unit_test(every_option_prints_what_reads_back),
        cmocka_unit_test(limits_are_kept_on_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
