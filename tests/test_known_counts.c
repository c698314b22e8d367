/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_known_counts: how many requests, and distinct keys, the traces of the reference material have. Each is recognized
 * by how it begins. */
#include "sim/input/trace.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include "sim/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct known {
    const char *path, *format;
    uint64_t requests;
    uint32_t keys;
};

static const struct known known[] = {
    {"traces/arc/OLTP.lis.zst", "arc", 914145, 186880},
    {"traces/arc/P6.lis.zst", "arc", 12672123, 773770},
    {"traces/lirs/2_pools.trace.gz", "lirs", 100000, 9939},
    {"traces/lirs/cpp.trace.gz", "lirs", 9047, 1223},
    {"traces/lirs/cs.trace.gz", "lirs", 6781, 1409},
    {"traces/lirs/gli.trace.gz", "lirs", 6015, 2529},
    {"traces/lirs/multi1.trace.gz", "lirs", 15858, 2606},
    {"traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst", "oracleGeneral", 113872, 48974},
    {"traces/sized/cloudPhysicsIO.vscsi.zst", "vscsi", 113872, 48974},
    {"traces/sized/cloudPhysicsIO.csv.zst", "vscsi_csv", 113872, 48974},
    {"traces/sized/wiki_sampled_train_trace.tsv", "wikimedia", 50000, 38398},
    {"traces/cachelib/kv_traces_1.csv", "csv", 691, 52},
    {"traces/cachelib/kv_traces_2.csv", "csv", 433, 62},
    {"traces/cachelib/short_bigcache_traces.csv", "csv", 9999, 3125},
};

/* Reads the whole trace. */
static void count(const char *path, const struct known *trace)
{
    struct trace_request request = {.path = path};
    struct intake intake = {0};
    struct error error = {0};
    struct trace reading;
    struct batch *batch = xcalloc(1, sizeof *batch);
    uint64_t requests = 0;
    uint32_t keys = 0;
    int status;

    if (trace_open(&reading, format_choose, &request, &intake, &error))
        fail_msg("%s", error.text);
    assert_string_equal(reading.format->name, trace->format);
    while ((status = reader_next(reading.reader, batch, &error)) > 0) {
        requests += batch->count;
        keys = batch->key_count;
    }
    assert_string_equal(error.text, "");
    assert_int_equal(requests, trace->requests);
    assert_int_equal(keys, trace->keys);
    trace_close(&reading);
    batch_release(batch);
    free(batch);
}

static void the_counts_are_known(void **state)
{
    size_t there = 0;

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char *path = shared_path(known[i].path);

        if (path)
            count(path, &known[i]);
        there += path != NULL;
        free(path);
    }
    if (!there)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_counts_are_known)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
