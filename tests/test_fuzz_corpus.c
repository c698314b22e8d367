/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_fuzz_corpus: what the fuzzers begin with (tests/fuzz/corpus) is read by what they fuzz. README.md says how a file gets there. */
#include "sim/alloc.h"
#include "tests/fuzz/targets.h"
#include "traces/registry.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CORPUS_MOST = 300 * 1000, PATH_ROOM = 512 };

static const char corpus[] = "tests/fuzz/corpus", format_prefix[] = "format-";

/* One folder of the corpus is for one target: of formats there is one for each, and one for what recognizes them. */
typedef int target_fn(const uint8_t *bytes, size_t count);
static const struct target {
    const char *folder;
    target_fn *run;
} targets[] = {{"columns", fuzz_columns}, {"config", fuzz_config}, {"evt", fuzz_evt},
               {"formats", fuzz_formats}, {"plan", fuzz_plan},     {"policy", fuzz_policy},
               {"results", fuzz_results}, {"run", fuzz_run},       {"scenario", fuzz_scenario},
               {"source", fuzz_source},   {"units", fuzz_units}};

struct tally {
    int files;
    size_t bytes;
};

/* Gives a file to a target. Its name goes ahead, for a target aborts when something does not hold. */
static size_t replay_file(target_fn *run, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes;
    long size;

    printf("%s\n", path);
    fflush(stdout);
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    bytes = xmalloc((size_t)size + !size);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    fclose(file);
    assert_int_equal(run((const uint8_t *)bytes, (size_t)size), 0);
    free(bytes);
    return (size_t)size;
}

/* All files of a folder. */
static void replay_folder(target_fn *run, const char *folder, struct tally *tally)
{
    char path[PATH_ROOM];
    struct dirent *entry;
    DIR *directory;
    int files = 0;

    snprintf(path, sizeof path, "%s/%s", corpus, folder);
    directory = opendir(path);
    if (!directory)
        fail_msg("%s: there is none, and the fuzzer begins with nothing", path);
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s/%s", corpus, folder, entry->d_name);
        tally->bytes += replay_file(run, path);
        files++;
    }
    closedir(directory);
    if (!files)
        fail_msg("%s/%s: it is empty", corpus, folder);
    tally->files += files;
}

static void each_file_is_read_by_its_target(void **state)
{
    struct tally tally = {0};

    (void)state;
    unsetenv("EVSIM_FUZZ_FORMAT");
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        replay_folder(targets[i].run, targets[i].folder, &tally);
    for (size_t i = 0; i < format_count; i++) {
        char folder[64];

        snprintf(folder, sizeof folder, "%s%s", format_prefix, formats[i]->name);
        setenv("EVSIM_FUZZ_FORMAT", formats[i]->name, 1);
        replay_folder(fuzz_formats, folder, &tally);
    }
    unsetenv("EVSIM_FUZZ_FORMAT");
    assert_in_range(tally.bytes, 1, CORPUS_MOST);
}

static bool is_a_target(const char *folder)
{
    struct error error = {0};

    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (!strcmp(folder, targets[i].folder))
            return true;
    return !strncmp(folder, format_prefix, sizeof format_prefix - 1) &&
           format_find(folder + sizeof format_prefix - 1, &error);
}

static void each_folder_is_of_a_target(void **state)
{
    DIR *directory = opendir(corpus);
    struct dirent *entry;

    (void)state;
    assert_non_null(directory);
    while ((entry = readdir(directory)))
        if (entry->d_name[0] != '.' && !is_a_target(entry->d_name))
            fail_msg("%s/%s: nothing reads it", corpus, entry->d_name);
    closedir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_is_read_by_its_target),
        cmocka_unit_test(each_folder_is_of_a_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
