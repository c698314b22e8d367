/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_reference_counts: policies against other people's programs, on a trace that evsim generates. The programs ran once,
 * outside of this tree, on the keys that `evsim gen` prints with the options below; policies/README.md says which
 * programs these were, and what had to be changed in them. The misses here are theirs. lru and fifo, whose counts anyone
 * can check, say whether the trace is still the same. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

enum { SIZES_MOST = 4, REFERENCES_MOST = 16 };

struct reference {
    const char *policy;
    unsigned long misses[SIZES_MOST];
    double per_cent; /* by which ours may differ */
};

struct table {
    const char *trace;   /* options of evsim gen */
    const char *options; /* of evsim run */
    int sizes;
    struct reference references[REFERENCES_MOST];
};

static const struct table by_objects = {
    "-n 100000 -k 8000 --seed 7 -z 0.9 --new-keys 0.02 --one-hit 0.05 --repeat 0.05 --scan 0.02 --loop 0.05 "
    "--loop-keys 700 --reads 1 --writes 0",
    "--unit-sizes -m 80,400,1600,4000",
    4,
    {
        {"fifo", {79094, 64342, 46758, 32590}, 0},
        {"lru", {76157, 60620, 42790, 27734}, 0},
        {"cart", {69738, 53564, 37574, 23260}, 0},
        /* Clock2Q+, and S4-FIFO as its control plane may set it. */
        {"s3fifo:threshold=1,skip=0.5,main-uses=1,fill-main=1", {70092, 52521, 37518, 23554}, 0},
        {"s3fifo:skip=0.25,fill-main=1", {68734, 51233, 36809, 23616}, 0},
        {"s3fifo:skip=0.25,fill-main=1,ghost-uses=1,ghost=3", {69206, 53015, 39319, 26208}, 1},
        {"frd", {71128, 53792, 38210, 23569}, 0},
        {"lirs2", {68451, 53957, 37304, 23866}, 0},
    },
};

/* Of values from a byte to a megabyte. */
static const struct table by_bytes = {
    "-n 60000 -k 4000 --seed 9 -z 0.9 --new-keys 0.02 --reads 1 --writes 0 --value-mean 20kb --value-sigma 2",
    "-m 2000000,8000000,30000000",
    3,
    {
        {"lru", {39995, 27976, 13680}, 0},
        {"gd-wheel", {52723, 48077, 36112}, 0},
        {"gd-wheel:wheels=3,queues=16", {52515, 47567, 36112}, 0},
    },
};

static size_t references_of(const struct table *table)
{
    size_t count = 0;

    while (count < REFERENCES_MOST && table->references[count].policy)
        count++;
    return count;
}

/* By size, and of each size by policy. The caller drops the reference. */
static json_t *cells(const struct table *table)
{
    char *folder = support_directory(), policies[4096] = "", *text;
    json_t *list;

    for (size_t i = 0; i < references_of(table); i++) {
        strcat(policies, i ? "," : "");
        strcat(policies, table->references[i].policy);
    }
    text = command_output_of(folder,
                             "\"$EVSIM\" gen %s -f evt -o trace.evt 2>said && "
                             "\"$EVSIM\" run trace.evt -s flat %s -p '%s' --print json 2>said",
                             table->trace, table->options, policies);
    list = json_loads(text, 0, NULL);
    assert_true(json_is_array(list));
    assert_int_equal(json_array_size(list), references_of(table) * (size_t)table->sizes);
    free(text);
    support_remove(folder);
    free(folder);
    return list;
}

static void expect(const struct table *table)
{
    json_t *list = cells(table), *cell;
    size_t i, count = references_of(table);

    json_array_foreach(list, i, cell)
    {
        const struct reference *reference = &table->references[i % count];
        unsigned long misses = (unsigned long)json_integer_value(json_object_get(cell, "misses"));
        double theirs = (double)reference->misses[i / count];

        if (fabs((double)misses - theirs) > theirs * reference->per_cent / 100)
            fail_msg("%s, size %zu: %lu misses, not %.0f", reference->policy, i / count, misses, theirs);
    }
    json_decref(list);
}

static void misses_by_objects_are_those_of_the_references(void **state)
{
    (void)state;
    expect(&by_objects);
}

static void misses_by_bytes_too(void **state)
{
    (void)state;
    expect(&by_bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(misses_by_objects_are_those_of_the_references),
                                       cmocka_unit_test(misses_by_bytes_too)};

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
