/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_reference_counts: policies against other people's programs, on a trace that evsim generates. The programs ran once,
 * outside of this tree, on the keys that `evsim gen` prints with the options below; policies/README.md says which
 * programs these were, and what had to be changed in them. The misses here are theirs. lru and fifo, whose counts anyone
 * can check, say whether the trace is still the same. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#define TRACE                                                                                                          \
    "-n 100000 -k 8000 --seed 7 -z 0.9 --new-keys 0.02 --one-hit 0.05 --repeat 0.05 --scan 0.02 --loop 0.05 "          \
    "--loop-keys 700 --reads 1 --writes 0"

#define SIZES "80,400,1600,4000"
enum { CAPACITIES = 4 };

static const struct reference {
    const char *policy;
    unsigned long misses[CAPACITIES];
} references[] = {
    {"fifo", {79094, 64342, 46758, 32590}},
    {"lru", {76157, 60620, 42790, 27734}},
    {"cart", {69738, 53564, 37574, 23260}},
    /* Clock2Q+, and S4-FIFO as its control plane may set it. */
    {"s3fifo:threshold=1,skip=0.5,main-uses=1,fill-main=1", {70092, 52521, 37518, 23554}},
    {"s3fifo:skip=0.25,fill-main=1", {68734, 51233, 36809, 23616}},
    {"frd", {71128, 53792, 38210, 23569}},
};
enum { REFERENCES = sizeof references / sizeof *references };

/* By size, and of each size by policy. The caller drops the reference. */
static json_t *cells(void)
{
    char *folder = support_directory(), policies[4096] = "", *text;
    json_t *list;

    for (size_t i = 0; i < REFERENCES; i++) {
        strcat(policies, i ? "," : "");
        strcat(policies, references[i].policy);
    }
    text = command_output_of(folder,
                             "\"$EVSIM\" gen " TRACE " -f evt -o trace.evt 2>said && \"$EVSIM\" run trace.evt -s flat "
                             "--unit-sizes -m " SIZES " -p '%s' --print json 2>said",
                             policies);
    list = json_loads(text, 0, NULL);
    assert_true(json_is_array(list));
    assert_int_equal(json_array_size(list), REFERENCES * CAPACITIES);
    free(text);
    support_remove(folder);
    free(folder);
    return list;
}

static void misses_are_those_of_the_references(void **state)
{
    json_t *list = cells(), *cell;
    size_t i;

    (void)state;
    json_array_foreach(list, i, cell)
    {
        const struct reference *reference = &references[i % REFERENCES];
        unsigned long misses = (unsigned long)json_integer_value(json_object_get(cell, "misses"));

        if (misses != reference->misses[i / REFERENCES])
            fail_msg("%s, size %zu: %lu misses, not %lu", reference->policy, i / REFERENCES, misses,
                     reference->misses[i / REFERENCES]);
    }
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(misses_are_those_of_the_references)};

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
