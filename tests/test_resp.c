/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_resp: commands as arrays of strings: append-only files, and what is wrong with them. */
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SET_A "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n12\r\n"
#define GET_A "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"

static const struct how resp = {.format = "resp"};

static void commands_are_rows_of_the_database_that_is_selected(void **state)
{
    (void)state;
    expect_records(resp, SET_A "*2\r\n$6\r\nselect\r\n$1\r\n3\r\n" GET_A,
                   "- set a 2 number=12 integer\n- select  0 number=3\n- get a ? db=3\n");
}

/* An annotation in front of the first command: the file has times. A later one alone says nothing of what came before. */
static void annotations_are_times(void **state)
{
    (void)state;
    expect_records(resp, "#TS:1700000000\r\n" SET_A "#TS:1700000001\r\n" GET_A,
                   "1700000000000000 set a 2 number=12 integer\n1700000001000000 get a ?\n");
    expect_records(resp, SET_A "#TS:1700000001\r\n" GET_A, "- set a 2 number=12 integer\n- get a ?\n");
    expect_records(resp, "# a comment\r\n\r\n*0\r\n" GET_A, "- get a ?\n");
}

/* Of every length, down to nothing: the whole commands are there, and the piece is said. */
static void a_last_command_may_be_cut_off(void **state)
{
    static const char trace[] = SET_A GET_A;
    const size_t first = sizeof SET_A - 1;

    (void)state;
    for (size_t bytes = first + 1; bytes < sizeof trace - 1; bytes++) {
        struct reading *r = read_bytes(resp, trace, bytes);
        char said[128];
        assert_int_equal(r->status, 0);
        assert_string_equal(r->text, "- set a 2 number=12 integer\n");
        assert_int_equal(r->intake.skipped, 1);
        snprintf(said, sizeof said, "x:2: the last command is cut off, %zu bytes", bytes - first);
        assert_string_equal(r->intake.first_skipped, said);
        reading_free(r);
    }
}

static void damage_is_named_and_lenient_goes_on_behind_it(void **state)
{
    static const char trace[] = SET_A "*2\r\n$3\r\nGET\r\n$1\r\nabc\r\n" GET_A;

    (void)state;
    expect_error(resp, trace, "x:2: bad command at byte 41: '$1'");
    struct reading *r = read_bytes((struct how){.format = "resp", .lenient = true}, trace, sizeof trace - 1);
    assert_string_equal(r->text, "- set a 2 number=12 integer\n- get a ?\n");
    assert_int_equal(r->intake.skipped, 1);
    reading_free(r);
    expect_error(resp, "*1048577\r\n", "x:1: bad command at byte 0: '*1048577'");
    expect_error(
        resp, "REDIS0010 and so on",
        "x:1: it begins with an RDB dump, which is not read: 'aof-use-rdb-preamble no' and BGREWRITEAOF give one of "
        "commands alone");
}

/* Op, key and size of each record in `text` that changes something. */
static void changes(const char *text, char *to)
{
    for (; *text; text = strchr(text, '\n') + 1) {
        char op[32], key[32], size[32], *db = strstr(text, " db=3");
        int found = sscanf(text, "%*s %31s %31s %31s", op, key, size);

        if (found < 2 || !strcmp(op, "get") || !strcmp(op, "select") || !strcmp(op, "command|docs") ||
            !strcmp(op, "del"))
            continue;
        if (!strcmp(op, "pexpireat"))
            strcpy(op, "expire");
        if (!strcmp(op, "multi") || !strcmp(op, "exec")) {
            to += sprintf(to, "%s\n", op);
            continue;
        }
        to += sprintf(to, "%s %s %s%s\n", op, key, !strcmp(op, "expire") ? "" : size,
                      db && db < strchr(text, '\n') ? " db=3" : "");
    }
    *to = '\0';
}

/* The server repeats in its append-only file what MONITOR shows, of what changed something. */
static void an_append_only_file_has_the_changes_that_monitor_shows(void **state)
{
    struct reading *aof = read_file((struct how){0}, "tests/data/session/session.aof.1.incr.aof");
    struct reading *monitor = read_file((struct how){0}, "tests/data/session/monitor.txt");
    static char ours[4096], theirs[4096];

    (void)state;
    assert_string_equal(aof->format, "resp");
    assert_int_equal(aof->intake.skipped, 0);
    changes(aof->text, ours);
    changes(monitor->text, theirs);
    assert_string_equal(ours, theirs);
    assert_non_null(strstr(ours, "zadd z"));
    reading_free(aof);
    reading_free(monitor);
}

static void a_manifest_names_the_files(void **state)
{
    static const char list[] = "file x.base.rdb seq 1 type b\nfile old.aof seq 1 type h\nfile two.aof seq 2 type i\n";
    char *manifest = write_temporary("x.manifest", list, sizeof list - 1), base[512], two[512];
    int folder = (int)(strrchr(manifest, '/') - manifest);
    FILE *file;

    (void)state;
    snprintf(base, sizeof base, "%.*s/x.base.rdb", folder, manifest);
    snprintf(two, sizeof two, "%.*s/two.aof", folder, manifest);
    assert_non_null(file = fopen(base, "w"));
    fputs("REDIS0010......", file);
    fclose(file);
    assert_non_null(file = fopen(two, "w"));
    fputs(SET_A, file);
    fclose(file);
    struct reading *r = read_file((struct how){0}, manifest);
    assert_string_equal(r->format, "resp");
    assert_string_equal(r->text, "- set a 2 number=12 integer\n");
    assert_non_null(
        strstr(r->intake.first_skipped, "x.base.rdb:1: an RDB dump, whose keys --preload would load, 15 bytes"));
    reading_free(r);
    remove(base);
    remove(two);
    remove_temporary(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_rows_of_the_database_that_is_selected),
        cmocka_unit_test(annotations_are_times),
        cmocka_unit_test(a_last_command_may_be_cut_off),
        cmocka_unit_test(damage_is_named_and_lenient_goes_on_behind_it),
        cmocka_unit_test(an_append_only_file_has_the_changes_that_monitor_shows),
        cmocka_unit_test(a_manifest_names_the_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
