/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_config: reading and printing redis.conf. */
#include "sim/config_file.h"
#include "tests/support_command.h"
#include "tests/support_run.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
    r.status = redis_conf_read(path, 0, &r.config, &r.file, &r.error);
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
    assert_int_equal(r.file.not_modeled.count, 0);
    redis_conf_file_release(&r.file);
}

static void values_are_read_whatever_their_spacing_case_and_quotes(void **state)
{
    struct reading_conf r = read_conf("maxmemory 100MB\n"
                                      "  maxmemory-policy\t \"ALLKEYS-lfu\"  \r\n"
                                      "HZ 100\n"
                                      "maxmemory-samples '10'\n"
                                      "activerehashing NO\n"
                                      "\"lfu-log-factor\" \"\\x32\\x30\"\n"
                                      "repl-backlog-ttl '7'\n"
                                      "lfu-decay-time 0");

    (void)state;
    assert_string_equal(r.error.text, "");
    assert_string_equal(r.file.maxmemory, "100MB");
    assert_string_equal(r.file.maxmemory_policy, "ALLKEYS-lfu");
    assert_string_equal(strstr(r.file.policy_place, "redis.conf"), "redis.conf:2");
    assert_int_equal(r.config.hz, 100);
    assert_int_equal(r.config.policy.maxmemory_samples, 10);
    assert_int_equal(r.config.policy.lfu_log_factor, 20);
    assert_int_equal(r.config.activerehashing, 0);
    assert_int_equal(r.config.repl_backlog_ttl, 7);
    assert_int_equal(r.config.policy.lfu_decay_time, 0);
    redis_conf_file_release(&r.file);
}

/* What the server takes for another value is set to that, and said; the last of several counts here too. */
static void a_value_that_the_server_works_otherwise_is_noted(void **state)
{
    struct reading_conf r = read_conf("hz 1000\nhz 20\nhz 0\nmaxmemory-samples 100\n");

    (void)state;
    assert_string_equal(r.error.text, "");
    assert_int_equal(r.config.hz, 1);
    assert_int_equal(r.config.policy.maxmemory_samples, 100);
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        if (!strcmp(redis_options[i].name, "hz"))
            assert_string_equal(strstr(r.file.clamped[i], "redis.conf"), "redis.conf:3: hz 0");
        else
            assert_null(r.file.clamped[i]);
    redis_conf_file_release(&r.file);

    r = read_conf("hz 1000\nhz 20\n");
    assert_int_equal(r.config.hz, 20);
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        assert_null(r.file.clamped[i]);
    redis_conf_file_release(&r.file);
}

/* memtoull of Redis 7.0.15, oddities included: each value was asked of the server. */
static void sizes_are_those_of_the_server(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {
        {"1k", 1000},
        {"1K", 1000},
        {"1Kb", 1024},
        {"5B", 5},
        {"010mb", 10 << 20},
        {"2gB", UINT64_C(2) << 30},
        {"", 0},
        {"mb", 0},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551616", UINT64_MAX},
        {"17179869184gb", 0},
        {"17179869185gb", 1 << 30},
    };
    static const char *const refused[] = {"-1", "1.5gb", "50%", "1t", "100 mb", "0x10", "+5", "1kib", "b1"};
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_true(redis_memory_scan(sizes[i].text, &bytes));
        if (bytes != sizes[i].bytes)
            fail_msg("'%s' is %ju", sizes[i].text, (uintmax_t)bytes);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (redis_memory_scan(refused[i], &bytes))
            fail_msg("'%s' is taken for %ju", refused[i], (uintmax_t)bytes);
}

static void an_odd_maxmemory_is_handed_on_as_digits(void **state)
{
    struct reading_conf r = read_conf("maxmemory 17179869185gb\n");

    (void)state;
    assert_string_equal(r.file.maxmemory, "1073741824");
    redis_conf_file_release(&r.file);
}

static void comments_and_empty_lines_say_nothing(void **state)
{
    struct reading_conf r = read_conf("# maxmemory 1gb\n\n   # hz 500\n\t\nhz 20\n");

    (void)state;
    assert_int_equal(r.status, 0);
    assert_int_equal(r.config.hz, 20);
    assert_null(r.file.maxmemory);
    assert_int_equal(r.file.not_modeled.count, 0);
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

    char *names = redis_conf_not_modeled(&r.file);

    (void)state;
    assert_int_equal(r.status, 0);
    assert_string_equal(names, "save, appendonly, port, appendfsync, append");
    free(names);
    redis_conf_file_release(&r.file);
}

/* Thousands of names are listed, each once, in their order. */
static void many_names_are_listed_too(void **state)
{
    enum { NAMES = 3000 };
    char *text = NULL, name[32];
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    struct reading_conf r;

    (void)state;
    for (int i = 0; i < 2 * NAMES; i++)
        fprintf(out, "name-%d x\n", i % NAMES);
    fclose(out);
    r = read_conf(text);
    assert_int_equal(r.status, 0);
    assert_int_equal(r.file.not_modeled.count, NAMES);
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "name-%d", i);
        assert_string_equal(r.file.not_modeled.texts[i], name);
    }
    redis_conf_file_release(&r.file);
    free(text);
}

static void a_bad_value_is_named_with_its_line(void **state)
{
    (void)state;
    expect_failure("hz 10\nhz -1\n", "redis.conf:2: hz: '-1' is not between 0 and 2147483647");
    expect_failure("\n\nmaxmemory-samples five\n", "redis.conf:3: maxmemory-samples: bad number 'five'");
    expect_failure("hz 010\n", "redis.conf:1: hz: bad number '010'");
    expect_failure("hz +5\n", "redis.conf:1: hz: bad number '+5'");
    expect_failure("hz -0\n", "redis.conf:1: hz: bad number '-0'");
    expect_failure("hz \"\"\n", "redis.conf:1: hz: bad number ''");
    expect_failure("activerehashing maybe\n", "redis.conf:1: activerehashing: 'maybe' is neither yes nor no");
    expect_failure("active-expire-effort 11\n", "redis.conf:1: active-expire-effort: '11' is not between 1 and 10");
    expect_failure("repl-backlog-size 0\n",
                   "redis.conf:1: repl-backlog-size: '0' is not between 1 and 9223372036854775807");
    expect_failure("maxmemory 10gib\n", "redis.conf:1: bad maxmemory '10gib'");
}

static void what_the_server_cannot_read_is_an_error(void **state)
{
    static const char *const not_alone[] = {"hz", "hz 10 # ten", "maxmemory 100 mb", "maxmemory-policy a b",
                                            "include a b"};

    (void)state;
    for (size_t i = 0; i < sizeof not_alone / sizeof *not_alone; i++) {
        char message[200];

        snprintf(message, sizeof message,
                 "redis.conf:1: %.*s takes one value, in quotes if it has blanks; a comment has a line of its own",
                 (int)strcspn(not_alone[i], " "), not_alone[i]);
        expect_failure(not_alone[i], message);
    }
    expect_failure("save \"a", "redis.conf:1: quotes that do not end, or not at the end of a word");
    expect_failure(
        "\x89PNG\r\n\x1a\n",
        "redis.conf:1: an option's name is of letters, digits and dashes, and this line begins otherwise: is "
        "it a redis.conf? CONFIG REWRITE writes the one of a server");
    expect_failure(
        "hz 10\nmaxmemory:100\n",
        "redis.conf:2: an option's name is of letters, digits and dashes, and this line begins otherwise: is "
        "it a redis.conf? CONFIG REWRITE writes the one of a server");
    expect_failure("hz \"1\"0", "redis.conf:1: quotes that do not end, or not at the end of a word");
    expect_failure("hz '2\\'0'", "redis.conf:1: hz: bad number '2'0'");
}

/* ---- include ---- */

/* A folder with a main file and others; NULL ends the list of names and texts. */
static char *write_files(const char *first, ...)
{
    char *folder = support_directory();
    va_list rest;

    va_start(rest, first);
    for (const char *name = first; name; name = va_arg(rest, const char *)) {
        char *path = path_join(folder, name);
        FILE *out = fopen(path, "w");

        assert_non_null(out);
        fputs(va_arg(rest, const char *), out);
        fclose(out);
        free(path);
    }
    va_end(rest);
    return folder;
}

static struct reading_conf read_in(const char *folder, const char *name)
{
    struct reading_conf r = {.status = 0};
    char *path = path_join(folder, name);

    redis_config_init(&r.config);
    r.status = redis_conf_read(path, 0, &r.config, &r.file, &r.error);
    free(path);
    return r;
}

static void expect_hz(const char *folder, uint32_t hz)
{
    struct reading_conf r = read_in(folder, "redis.conf");

    assert_string_equal(r.error.text, "");
    assert_int_equal(r.config.hz, hz);
    redis_conf_file_release(&r.file);
    support_remove(folder);
}

static void an_included_file_is_read_where_it_is_included(void **state)
{
    char *folders[] = {
        write_files("redis.conf", "hz 5\ninclude a.conf\n", "a.conf", "hz 77\n", NULL),
        write_files("redis.conf", "INCLUDE \"a.conf\"\nhz 5\n", "a.conf", "hz 77\n", NULL),
        write_files("redis.conf", "include a.conf\n", "a.conf", "include b.conf\n", "b.conf", "hz 66\n", NULL),
        write_files("redis.conf", "include *.inc\n", "a.inc", "hz 1\n", "b.inc", "hz 2\n", "c.conf", "hz 3\n", NULL),
        write_files("redis.conf", "hz 8\ninclude none*.conf\n", NULL),
        write_files("redis.conf", "dir /nowhere\ninclude a.conf\n", "a.conf", "hz 9\n", NULL),
    };
    static const uint32_t expected[] = {77, 5, 66, 2, 8, 9};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        expect_hz(folders[i], expected[i]);
        free(folders[i]);
    }
}

static void dir_says_where_later_includes_are(void **state)
{
    char *elsewhere = write_files("a.conf", "hz 44\n", NULL), *text, *folder;

    (void)state;
    assert_true(asprintf(&text, "dir %s\ninclude a.conf\n", elsewhere) > 0);
    folder = write_files("redis.conf", text, "a.conf", "hz 55\n", NULL);
    expect_hz(folder, 44);
    support_remove(elsewhere);
    free(elsewhere);
    free(folder);
    free(text);
}

static void what_is_wrong_with_an_included_file_is_said_of_it(void **state)
{
    char *folder = write_files("redis.conf", "\ninclude a.conf\n", "a.conf", "hz x\n", "lost.conf",
                               "include nowhere.conf\n", "loop.conf", "include loop.conf\n", NULL);
    struct reading_conf r = read_in(folder, "redis.conf");

    (void)state;
    assert_string_equal(strrchr(r.error.text, '/'), "/a.conf:1: hz: bad number 'x'");
    redis_conf_file_release(&r.file);
    r = read_in(folder, "lost.conf");
    assert_non_null(strstr(r.error.text, "lost.conf:1: include: nowhere.conf: cannot open: No such file or directory"));
    redis_conf_file_release(&r.file);
    r = read_in(folder, "loop.conf");
    assert_non_null(strstr(r.error.text, "loop.conf:1: include: files include one another without end: loop.conf"));
    redis_conf_file_release(&r.file);
    support_remove(folder);
    free(folder);
}

static void a_missing_file_is_an_error(void **state)
{
    struct redis_config config;
    struct redis_conf_file file;
    struct error error = {0};

    (void)state;
    assert_int_equal(redis_conf_read("/nonexistent/redis.conf", 0, &config, &file, &error), -1);
    assert_string_equal(error.text, "/nonexistent/redis.conf: cannot open: No such file or directory");
    redis_conf_file_release(&file);
}

static void every_option_prints_what_reads_back(void **state)
{
    struct redis_config config, again;
    struct error error = {0};
    char text[REDIS_OPTION_TEXT];

    (void)state;
    redis_config_init(&config);
    redis_config_init(&again);
    for (size_t i = 0; i < REDIS_OPTIONS; i++) {
        const struct redis_option *option = &redis_options[i];
        char most[24];

        snprintf(most, sizeof most, "%ld", option->most);
        assert_ptr_equal(redis_option_find(option->name), option);
        assert_int_equal(redis_option_set(&config, option,
                                          option->kind == REDIS_FLAG     ? "no"
                                          : option->kind == REDIS_LIMITS ? "slave 9223372036854775807 1 2147483647"
                                                                         : most,
                                          &error),
                         0);
        assert_int_equal(redis_option_set(&again, option, redis_option_print(&config, option, text), &error), 0);
    }
    assert_memory_equal(&config, &again, sizeof config);
    assert_null(redis_option_find("maxmemory"));
    assert_null(redis_option_find("appendonly"));
}

static int set_to(const struct redis_option *option, int64_t value, struct redis_config *config)
{
    struct error error = {0};
    char text[24];

    snprintf(text, sizeof text, "%ld", value);
    return redis_option_set(config, option, text, &error);
}

static void limits_are_kept_on_both_sides(void **state)
{
    (void)state;
    for (size_t i = 0; i < REDIS_OPTIONS; i++) {
        const struct redis_option *option = &redis_options[i];
        struct redis_config config;
        char text[REDIS_OPTION_TEXT], expected[24];

        if (option->kind == REDIS_FLAG || option->kind == REDIS_LIMITS || option->kind == REDIS_SHARE)
            continue;
        redis_config_init(&config);
        assert_int_equal(set_to(option, option->lowest, &config), option->lowest < option->least);
        snprintf(expected, sizeof expected, "%ld", option->least);
        assert_string_equal(redis_option_print(&config, option, text), expected);
        assert_int_equal(set_to(option, option->highest, &config), option->highest > option->most);
        snprintf(expected, sizeof expected, "%ld", option->most);
        assert_string_equal(redis_option_print(&config, option, text), expected);
        assert_int_equal(set_to(option, option->lowest - 1, &config), -1);
        if (option->highest < INT64_MAX)
            assert_int_equal(set_to(option, option->highest + 1, &config), -1);
    }
}

static const char *printed_after(const char *name, const char *value, char text[REDIS_OPTION_TEXT])
{
    const struct redis_option *option = redis_option_find(name);
    struct redis_config config;
    struct error error = {0};

    redis_config_init(&config);
    if (redis_option_set(&config, option, value, &error))
        return error.text[0] ? "refused" : "no reason";
    return redis_option_print(&config, option, text);
}

/* As CONFIG SET and CONFIG GET of Redis 7.0.15 have them. */
static void limits_of_clients_are_those_of_the_server(void **state)
{
    static const char *const rows[][3] = {
        {"client-output-buffer-limit", "replica 1mb 512kb 10",
         "normal 0 0 0 slave 1048576 524288 10 pubsub 33554432 8388608 60"},
        {"client-output-buffer-limit", "NORMAL 1k 1kb 0 pubsub 0 0 0",
         "normal 1000 1024 0 slave 268435456 67108864 60 pubsub 0 0 0"},
        {"client-output-buffer-limit", "normal 1 2 3 normal 4 5 6",
         "normal 4 5 6 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
        {"client-output-buffer-limit", "normal 1 2", "refused"},
        {"client-output-buffer-limit", "master 1 2 3", "refused"},
        {"client-output-buffer-limit", "normal 1 2 -3", "refused"},
        {"client-output-buffer-limit", "normal one 2 3", "refused"},
        {"maxmemory-clients", "5%", "5%"},
        {"maxmemory-clients", "100%", "100%"},
        {"maxmemory-clients", "101%", "refused"},
        {"maxmemory-clients", "-1%", "refused"},
        {"maxmemory-clients", "%", "refused"},
        {"maxmemory-clients", "1mb", "1048576"},
        {"maxmemory-clients", "0%", "0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[REDIS_OPTION_TEXT];

        assert_string_equal(printed_after(rows[i][0], rows[i][1], text), rows[i][2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_of_clients_are_those_of_the_server),
        cmocka_unit_test(an_empty_file_leaves_the_defaults_of_redis),
        cmocka_unit_test(values_are_read_whatever_their_spacing_case_and_quotes),
        cmocka_unit_test(a_value_that_the_server_works_otherwise_is_noted),
        cmocka_unit_test(sizes_are_those_of_the_server),
        cmocka_unit_test(an_odd_maxmemory_is_handed_on_as_digits),
        cmocka_unit_test(comments_and_empty_lines_say_nothing),
        cmocka_unit_test(the_last_of_several_counts),
        cmocka_unit_test(what_is_not_modeled_is_listed_once),
        cmocka_unit_test(many_names_are_listed_too),
        cmocka_unit_test(a_bad_value_is_named_with_its_line),
        cmocka_unit_test(what_the_server_cannot_read_is_an_error),
        cmocka_unit_test(an_included_file_is_read_where_it_is_included),
        cmocka_unit_test(dir_says_where_later_includes_are),
        cmocka_unit_test(what_is_wrong_with_an_included_file_is_said_of_it),
        cmocka_unit_test(a_missing_file_is_an_error),
        cmocka_unit_test(every_option_prints_what_reads_back),
        cmocka_unit_test(limits_are_kept_on_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
