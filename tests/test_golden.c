/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_golden: command lines and their exact output. Every folder of tests/golden is a test. tests/golden/README.md
 * says how they are written, run alone and renewed. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOLDEN "tests/golden"

static const char *const parts[] = {"stdout", "stderr", "status"};
enum { PARTS = sizeof parts / sizeof *parts };

static bool is_fixture(const char *name)
{
    for (int i = 0; i < PARTS; i++)
        if (!strcmp(name, parts[i]))
            return false;
    return name[0] != '.' && strcmp(name, "cmd") != 0;
}

static void link_into(const char *scratch, const char *target, const char *name)
{
    char *absolute = realpath(target, NULL), *path = path_join(scratch, name);

    assert_non_null(absolute);
    assert_int_equal(symlink(absolute, path), 0);
    free(absolute);
    free(path);
}

/* A folder to run in: links to the fixtures of the case, and to tests/data. */
static char *make_scratch(const char *folder)
{
    char *scratch = support_directory();
    DIR *files = opendir(folder);

    assert_non_null(files);
    for (struct dirent *file; (file = readdir(files));) {
        if (is_fixture(file->d_name)) {
            char *path = path_join(folder, file->d_name);

            link_into(scratch, path, file->d_name);
            free(path);
        }
    }
    closedir(files);
    link_into(scratch, "tests/data", "data");
    return scratch;
}

static void write_file(const char *directory, const char *name, const char *text, size_t bytes)
{
    char *path = path_join(directory, name);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, bytes, out), bytes);
    assert_int_equal(fclose(out), 0);
    free(path);
}

/* Whether the two files agree; a difference is printed, or under `update` it becomes the
 * expectation. */
static bool compare(const char *folder, const char *results, const char *part, bool update)
{
    size_t expected_bytes = 0, bytes;
    char *expected = support_read_file(folder, part, &expected_bytes);
    char *actual = support_read_file(results, part, &bytes), *line;
    bool same = expected && expected_bytes == bytes && !memcmp(expected, actual, bytes);

    if (!same && update) {
        write_file(folder, part, actual, bytes);
        same = true;
    } else if (!same) {
        if (asprintf(&line, "diff -u -L '%s/%s' -L 'this run' '%s/%s' '%s/%s' >&2", folder, part,
                     expected ? folder : "/dev", expected ? part : "null", results, part) < 0 ||
            system(line) < 0)
            abort();
        free(line);
    }
    free(expected);
    free(actual);
    return same;
}

static void golden(void **state)
{
    char *folder = path_join(GOLDEN, *state), *scratch = make_scratch(folder);
    char *results = support_directory(), *command = support_read_file(folder, "cmd", NULL);
    const char *asked = getenv("EVSIM_UPDATE_GOLDEN");
    char status[16];
    bool same = true;

    snprintf(status, sizeof status, "%d\n", command_run(scratch, results, command));
    write_file(results, "status", status, strlen(status));
    for (int i = 0; i < PARTS; i++)
        same = compare(folder, results, parts[i], asked && *asked && strcmp(asked, "0")) && same;
    if (!same)
        print_error("%s/cmd:\n%s", folder, command);
    support_remove(scratch);
    support_remove(results);
    free(command);
    free(results);
    free(scratch);
    free(folder);
    assert_true(same);
}

static int is_case(const struct dirent *entry)
{
    char *folder = path_join(GOLDEN, entry->d_name), *command = path_join(folder, "cmd");
    bool found = access(command, R_OK) == 0;

    free(command);
    free(folder);
    return found;
}

/* With an argument only that case. */
int main(int argc, char **argv)
{
    struct dirent **entries;
    struct CMUnitTest *tests;
    int found = scandir(GOLDEN, &entries, is_case, alphasort), status;
    size_t count = 0;

    if (found <= 0) {
        fprintf(stderr, "no cases in " GOLDEN "\n");
        return 1;
    }
    command_init();
    tests = xcalloc((size_t)found, sizeof *tests);
    for (int i = 0; i < found; i++)
        if (argc < 2 || !strcmp(argv[1], entries[i]->d_name))
            tests[count++] = (struct CMUnitTest){
                .name = entries[i]->d_name,
                .test_func = golden,
                .initial_state = entries[i]->d_name,
            };
    status = _cmocka_run_group_tests("golden", tests, count, NULL, NULL);
    for (int i = 0; i < found; i++)
        free(entries[i]);
    free(entries);
    free(tests);
    return status;
}
