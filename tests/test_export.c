/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_export: the forms for other tools. A database has what the CSV reports have, to the last digit; what is for Prometheus has every
 * sample once, and promtool takes it, where that is installed. */
#include "reports/export.h"
#include "reports/registry.h"
#include "reports/writer.h"
#include "sim/cli/registry.h"
#include "sim/output.h"
#include "sim/result.h"
#include "tests/support_run.h"

#include <sqlite3.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char *export_of(const struct outcome *outcome, const char *form, size_t *bytes)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);
    struct error error = {0};

    if (export_write(outcome, form, out, form, &error))
        fail_msg("%s", error.text);
    fclose(out);
    return text;
}

static char *report_of(const struct outcome *outcome, const struct report *report)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    struct error error = {0};

    assert_int_equal(report_print(report, outcome, out, report->name, &error), 0);
    fclose(out);
    return text;
}

/* ---- a database ---- */

static sqlite3 *open_image(char *image, size_t bytes)
{
    sqlite3 *database;

    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    assert_int_equal(sqlite3_deserialize(database, "main", (unsigned char *)image, (sqlite3_int64)bytes,
                                         (sqlite3_int64)bytes, SQLITE_DESERIALIZE_READONLY),
                     SQLITE_OK);
    return database;
}

static sqlite3_stmt *rows_of(sqlite3 *database, const char *table)
{
    char *query = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    sqlite3_stmt *rows;

    if (sqlite3_prepare_v2(database, query, -1, &rows, NULL) != SQLITE_OK)
        fail_msg("%s: %s", table, sqlite3_errmsg(database));
    sqlite3_free(query);
    return rows;
}

static void expect_field(const char *table, sqlite3_stmt *rows, int column, const char *text)
{
    switch (sqlite3_column_type(rows, column)) {
    case SQLITE_NULL:
        assert_string_equal(text, "");
        break;
    case SQLITE_INTEGER:
        assert_true(sqlite3_column_int64(rows, column) == strtoll(text, NULL, 10));
        assert_null(strpbrk(text, ".eE"));
        break;
    case SQLITE_FLOAT:
        assert_true(sqlite3_column_double(rows, column) == strtod(text, NULL));
        break;
    default:
        if (strcmp((const char *)sqlite3_column_text(rows, column), text))
            fail_msg("%s: %s, in CSV %s", table, sqlite3_column_text(rows, column), text);
    }
}

/* Fields of CSV, of a line without line feeds in them: cut off one by one, in place. */
static char *next_field(char **line)
{
    char *field = *line, *to = field, *from = field + 1;

    if (*field != '"')
        return strsep(line, ",");
    for (; *from && (*from != '"' || from[1] == '"'); from++) {
        from += *from == '"';
        *to++ = *from;
    }
    *line = from[1] == ',' ? from + 2 : NULL;
    *to = '\0';
    return field;
}

static void expect_titles(sqlite3_stmt *rows, char *line)
{
    int column = 0;

    while (line)
        assert_string_equal(sqlite3_column_name(rows, column++), next_field(&line));
    assert_int_equal(column, sqlite3_column_count(rows));
}

static void expect_table(sqlite3 *database, const struct report *report, const struct outcome *outcome)
{
    sqlite3_stmt *rows = rows_of(database, report->table);
    char *text = report_of(outcome, report), *left = text;

    expect_titles(rows, strsep(&left, "\n"));
    for (char *line; (line = strsep(&left, "\n")) && *line;) {
        assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
        for (int column = 0; line; column++)
            expect_field(report->table, rows, column, next_field(&line));
    }
    assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
    sqlite3_finalize(rows);
    free(text);
}

static bool is_csv(const struct report *report)
{
    return strstr(report->name, ".csv") != NULL;
}

static void a_database_has_what_the_csv_reports_have(void **state)
{
    (void)state;
    for (int kind = 0; kind < OUTCOME_KINDS; kind++) {
        struct outcome outcome = support_outcome((enum outcome_kind)kind, SUPPORT_MEDIUM);
        size_t bytes;
        char *image = export_of(&outcome, "sqlite", &bytes);
        sqlite3 *database = open_image(image, bytes);

        for (size_t i = 0; i < report_count; i++)
            if ((int)reports[i]->takes == kind && is_csv(reports[i])) {
                assert_non_null(reports[i]->table);
                expect_table(database, reports[i], &outcome);
            }
        sqlite3_close(database);
        free(image);
        support_outcome_free(outcome);
    }
}

static void how_the_numbers_came_about_is_there_too(void **state)
{
    struct outcome outcome = support_outcome(OUTCOME_RUN, SUPPORT_MEDIUM);
    size_t bytes;
    char *image = export_of(&outcome, "sqlite", &bytes);
    sqlite3 *database = open_image(image, bytes);
    sqlite3_stmt *rows = rows_of(database, "runs"), *settings = rows_of(database, "settings");
    bool found = false;
    size_t count = 0;

    (void)state;
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    for (int i = 0; i < sqlite3_column_count(rows); i++)
        if (!strcmp(sqlite3_column_name(rows, i), "trace_path")) {
            assert_string_equal(sqlite3_column_text(rows, i), outcome.run->trace);
            found = true;
        }
    assert_true(found);
    assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
    while (sqlite3_step(settings) == SQLITE_ROW)
        count++;
    assert_int_equal(count, outcome.run->setting_count);
    sqlite3_finalize(rows);
    sqlite3_finalize(settings);
    sqlite3_close(database);
    free(image);
    support_outcome_free(outcome);
}

/* ---- OpenMetrics ---- */

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (; (text = strstr(text, what)); text++)
        count++;
    return count;
}

/* The samples of used_memory, in their order: the time and the value of each are those of the curve. */
static void every_sample_is_there_once(void **state)
{
    struct outcome outcome = support_outcome(OUTCOME_RUN, SUPPORT_MEDIUM);
    const struct run *run = outcome.run;
    size_t bytes;
    char *text = export_of(&outcome, "openmetrics", &bytes);
    const char *at = text;

    (void)state;
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t j = 0; j < run->results[i].curve.count; j++) {
            const struct sample *sample = &run->results[i].curve.samples[j], *next = sample + 1;
            int64_t ms = (run->start_unix_us + sample->time_us) / 1000;
            char wanted[96];

            if (j + 1 < run->results[i].curve.count && (run->start_unix_us + next->time_us) / 1000 == ms)
                continue;
            snprintf(wanted, sizeof wanted, "} %" PRIu64 " %" PRId64 ".%03" PRId64 "\n", sample->used_memory, ms / 1000,
                     ms % 1000);
            at = strstr(at, "\nredis_memory_used_bytes{");
            assert_non_null(at);
            at = strstr(at, "} ");
            assert_memory_equal(at, wanted, strlen(wanted));
        }
    assert_null(strstr(at, "\nredis_memory_used_bytes{"));
    assert_string_equal(text + bytes - strlen("\n# EOF\n"), "\n# EOF\n");
    assert_int_equal(count_of(text, "\nredis_keyspace_hits_total{"), count_of(text, "\nredis_up{"));
    free(text);
    support_outcome_free(outcome);
}

static void promtool_takes_it(void **state)
{
    struct outcome outcome = support_outcome(OUTCOME_RUN, SUPPORT_MEDIUM);
    char *directory = support_directory(), *path = output_path(directory, "run.om"), command[512], line[256];
    FILE *out = fopen(path, "w"), *blocks;
    size_t bytes, lines = 0;
    char *text = export_of(&outcome, "openmetrics", &bytes);

    (void)state;
    fwrite(text, 1, bytes, out);
    fclose(out);
    if (system("command -v promtool >/dev/null 2>&1")) {
        printf("skipped: promtool is not installed (Debian: prometheus)\n");
    } else {
        snprintf(command, sizeof command, "promtool tsdb create-blocks-from openmetrics '%s' '%s/data' 2>&1", path,
                 directory);
        blocks = popen(command, "r");
        while (fgets(line, sizeof line, blocks))
            lines++;
        assert_int_equal(pclose(blocks), 0);
        assert_true(lines > 1);
        /* its linter reads the older text format, with milliseconds and counters by their whole names: reports/README.md */
        snprintf(command, sizeof command,
                 "sed -E 's/^# (HELP|TYPE) (redis_(keyspace_(hits|misses)|(evicted|expired)_keys|errors)) /# \\1 "
                 "\\2_total /; s/ ([0-9]+)\\.([0-9]{3})$/ \\1\\2/' '%s' | promtool check metrics",
                 path);
        assert_int_equal(system(command), 0);
    }
    snprintf(command, sizeof command, "rm -rf '%s/data'", directory);
    assert_int_equal(system(command), 0);
    support_remove(directory);
    free(text);
    free(path);
    free(directory);
    support_outcome_free(outcome);
}

/* ---- all forms ---- */

static bool has_option(const char *name)
{
    for (size_t s = 0; s < subcommand_count; s++)
        for (size_t g = 0; g < subcommands[s]->option_groups && !strcmp(subcommands[s]->name, "export"); g++)
            for (size_t i = 0; i < subcommands[s]->options[g].count; i++)
                if (!strcmp(subcommands[s]->options[g].options[i].name, name))
                    return true;
    return false;
}

static void every_form_gives_the_same_bytes_or_says_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < export_form_count; i++) {
        assert_true(has_option(export_forms[i]->name) && *export_forms[i]->summary);
        for (int kind = 0; kind < OUTCOME_KINDS; kind++) {
            struct outcome outcome = support_outcome((enum outcome_kind)kind, SUPPORT_MEDIUM);
            struct error error = {0};
            size_t bytes, again_bytes;
            char *text, *again;

            if (export_check(outcome.kind, export_forms[i]->name, &error)) {
                assert_int_equal(error.code, ERROR_USAGE);
            } else {
                text = export_of(&outcome, export_forms[i]->name, &bytes);
                again = export_of(&outcome, export_forms[i]->name, &again_bytes);
                assert_int_equal(bytes, again_bytes);
                assert_memory_equal(text, again, bytes);
                free(text);
                free(again);
            }
            support_outcome_free(outcome);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_has_what_the_csv_reports_have),
        cmocka_unit_test(how_the_numbers_came_about_is_there_too),
        cmocka_unit_test(every_sample_is_there_once),
        cmocka_unit_test(promtool_takes_it),
        cmocka_unit_test(every_form_gives_the_same_bytes_or_says_why_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
