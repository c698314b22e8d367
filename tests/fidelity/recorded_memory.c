/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recorded_memory: holds a model against what record_server has recorded of a server's memory: make fidelity GOLDEN=DIRECTORY.
 * It exits non-zero if a row differs by more than the bounds that are printed.
 *
 * usage: recorded_memory DIRECTORY [MODEL]      of every NAME.memory_table.csv, .growth.csv, .composite.csv, .expire.csv in
 * DIRECTORY/memory; MODEL is what a NAME that evsim does not have is taken for */
#include "sim/server/registry.h"
#include "tests/support_composite.h"
#include "tests/support_linger.h"
#include "tests/support_tables.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Connections and their buffers are not part of a growth curve, and weigh some thousand bytes. */
static const unsigned GROWTH_FROM_KEYS = 50000;
static const double GROWTH_MOST = 0.001, COMPOSITE_MOST = 0.01;

static char *directory;
static const char *fallback;

/* The model of a recording called NAME.what.csv; NULL: there is none. */
static const char *model_of(const char *file)
{
    char name[512];

    snprintf(name, sizeof name, "%s", file);
    *strstr(name, "csv") = '\0'; /* it ends so */
    name[strlen(name) - 1] = '\0';
    *strrchr(name, '.') = '\0';
    if (server_find(name))
        return server_find(name)->name;
    return fallback;
}

static bool ends_with(const char *text, const char *end)
{
    return strlen(text) > strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

/* How many keys wait for the active cycle. The server ran in real time: where the cycle's limit has struck, the model has the mean speed that its INFO
 * shows, which explains most of what more there is (test_fidelity_expire), not all. */
static int compare_lingering(const char *file, const char *model, const char *path)
{
    enum { SEEDS = 4 };
    const double most = 0.02, most_limited = 0.04;
    struct linger_recording recording;
    struct linger_setup setup = {model, 1, 0};
    double bound, share;

    if (!linger_read(path, &recording)) {
        printf("%-44s %s: no look between 12 and 17 s\n", file, model);
        return 1;
    }
    setup.expirations_per_s = recording.limited ? recording.expirations_per_s : 0;
    share = linger_mean(&setup, 1, SEEDS);
    bound = recording.limited ? most_limited : most;
    printf("%-44s %s: of the keys %.2f %% have expired, the server %.2f %% (bound %.0f points; its limit struck %d "
           "times)\n",
           file, model, 100 * share, 100 * recording.share, 100 * bound, recording.limited);
    return share < recording.share - bound || share > recording.share + bound;
}

/* How many of its rows miss. */
static int compare(const char *file)
{
    const char *model;
    struct table_match match;
    struct growth_match growth;
    struct composite_match composite;
    char path[4096];

    snprintf(path, sizeof path, "%s/memory/%s", directory, file);
    if (!ends_with(file, ".memory_table.csv") && !ends_with(file, ".growth.csv") &&
        !ends_with(file, ".composite.csv") && !ends_with(file, ".expire.csv"))
        return 0;
    model = model_of(file);
    if (!model) {
        printf("%-44s skipped: evsim has no server of that name; say MODEL=NAME\n", file);
        return 0;
    }
    if (ends_with(file, ".memory_table.csv") && tables_compare(model, path, &match)) {
        printf("%-44s %s: %d rows, %d differ\n", file, model, match.rows, match.mismatches);
        return match.mismatches;
    }
    if (ends_with(file, ".growth.csv") && tables_compare_growth(model, path, GROWTH_FROM_KEYS, &growth)) {
        printf("%-44s %s: worst row off by %.4f %% (bound %.1f %%)\n", file, model, 100 * growth.worst,
               100 * GROWTH_MOST);
        return growth.worst > GROWTH_MOST;
    }
    if (ends_with(file, ".expire.csv"))
        return compare_lingering(file, model, path);
    composite = composite_compare(model, path, COMPOSITE_MOST);
    printf("%-44s %s: %d rows, %d off by more than %.0f %%, 128 bytes and 4 s.d.; worst %.2f %%, %s (1 s.d. of what is "
           "random: %.2f %%); "
           "MEMORY USAGE differs in %d\n",
           file, model, composite.rows, composite.misses, 100 * COMPOSITE_MOST, 100 * composite.worst,
           composite.worst_row, 100 * composite.worst_chance, composite.answers);
    return composite.misses + composite.answers;
}

static void no_row_misses(void **state)
{
    char path[4096];
    struct dirent **files;
    int count, misses = 0;

    (void)state;
    snprintf(path, sizeof path, "%s/memory", directory);
    count = scandir(path, &files, NULL, alphasort);
    if (count < 0)
        fail_msg("%s: no such folder", path);
    for (int i = 0; i < count; i++) {
        misses += compare(files[i]->d_name);
        free(files[i]);
    }
    free(files);
    assert_int_equal(misses, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_row_misses)};

    if (argc < 2 || argc > 3 || (argc == 3 && *argv[2] && !server_find(argv[2]))) {
        fprintf(stderr, "usage: recorded_memory DIRECTORY [MODEL]; MODEL is one of evsim servers\n");
        return 2;
    }
    directory = argv[1];
    fallback = argc == 3 && *argv[2] ? server_find(argv[2])->name : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
