/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_size_numbers: every number that evsim size prints is in its JSON, and no line but a table's is wider than a terminal. */
#include "tests/support_command.h"
#include "tests/support_numbers.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* One policy and several, several servers; goals that are met, that are not, that cannot be measured; parts of the trace;
 * clusters; machines. */
static const char *const asked[] = {
    "-g 'hit_ratio>=0.7,oom_rejections=0' -p allkeys-lru,volatile-ttl,noeviction",
    "-g 'hit_ratio>=0.7,evicted_keys/s<0.5,evicted_keys/s@p99<=2' -p allkeys-lru --server "
    "redis-7.2.6,valkey-8.1.1-debian",
    "-g 'hit_ratio>=0.9,oom_rejections=0' -p allkeys-lru,noeviction",
    "-g 'byte_hit_ratio>=0.65' -p allkeys-lfu --replicas 2 --rule elasticache --price-per-gb 7",
    "-g 'hit_ratio>=0.6' -p allkeys-lru --split 5 --reserve 25% --price-per-gb 1000",
    "-g 'hit_ratio>=0.6,oom_rejections=0' -p allkeys-lru,noeviction --shards 3 --split 3 --reserve 25% --price-per-gb "
    "1000",
    "-g 'hit_ratio>=0.6' -p allkeys-lru --shards 3 --maxmemory-of cluster --rule memorystore",
    "-g 'hit_ratio>=0.6,misses/s@p99<=8' -p allkeys-random --grow keys=1.5x --save-every 20m",
};
enum { ASKED = sizeof asked / sizeof *asked };

/* What it prints; size.json is in `folder`/out. */
static char *size_of(const char *folder, const char *options)
{
    char here[4096];

    assert_non_null(getcwd(here, sizeof here));
    return command_output_of(
        folder, "\"$EVSIM\" size %s/tests/data/sample.csv.zst %s --seeds 3 -j1 --figures size -o out 2>/dev/null", here,
        options);
}

/* With any number altered, the text is not that of the JSON. Returns how many alterations there are. */
static size_t check_altered(const char *options, const char *text, const char *json)
{
    size_t place = 0, count;
    char why[256];

    for (;; place++) {
        char *other = xstrdup(text);
        bool has = support_numbers_alter(other, place), holds;

        holds = has && support_numbers_hold(NUMBERS_OF_SIZE, other, json, &count, why, sizeof why);
        free(other);
        if (!has)
            return place;
        if (holds)
            fail_msg("%s: number %zu of the text may be another", options, place);
    }
}

static void every_number_is_in_the_json(void **state)
{
    size_t all = 0;

    (void)state;
    for (int i = 0; i < ASKED; i++) {
        char *folder = support_directory(), *text = size_of(folder, asked[i]),
             *json = command_output_of(folder, "cat out/size.json"), why[256];
        size_t count;

        if (!support_numbers_hold(NUMBERS_OF_SIZE, text, json, &count, why, sizeof why))
            fail_msg("%s: %s\n%s", asked[i], why, text);
        all += check_altered(asked[i], text, json);
        free(json);
        free(text);
        support_remove(folder);
        free(folder);
    }
    print_message("%zu numbers\n", all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_in_the_json),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
