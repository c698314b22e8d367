/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_fidelity_expire: how many expired keys linger, against real servers: within 2 points at effort 1, 1 point at
 * effort 10. */
#include "tests/support_linger.h"
#include "tests/support_random.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static double points_allowed(uint32_t effort)
{
    return effort == 10 ? 0.01 : 0.02;
}

static void as_many_linger_as_on_each_server(void **state)
{
    enum { ROOM = 32, SEEDS = 2 };

    struct linger_row rows[ROOM];
    int count = linger_read_rows(rows, ROOM);

    (void)state;
    assert_int_equal(count, 16); /* eight servers, two efforts */
    for (int i = 0; i < count; i++) {
        double share = linger_mean(rows[i].server, rows[i].effort, random_seed(), SEEDS);

        if (share < rows[i].share - points_allowed(rows[i].effort) ||
            share > rows[i].share + points_allowed(rows[i].effort))
            fail_msg("%s, effort %u: %.4f, not %.4f", rows[i].server, rows[i].effort, share, rows[i].share);
    }
}

static struct linger_recording recording(const char *relative)
{
    struct linger_recording recording;
    char *path = shared_path(relative);

    if (!path)
        skip();
    assert_true(linger_read(path, &recording));
    free(path);
    printf("%s: %.4f over %d looks, the time limit struck %d times\n", relative, recording.share, recording.looks,
           recording.limited);
    return recording;
}

/* Recorded in real time. The first was busy: its time limit struck 26 times in five seconds, and then more
 * keys linger than the algorithm alone leaves. */
static void as_many_linger_as_were_recorded_unless_the_time_limit_struck_often(void **state)
{
    enum { SEEDS = 3 };

    struct linger_recording busy = recording("golden/memory/expire_redis7.csv");
    struct linger_recording quiet = recording("golden/memory/expire_redis7_b.csv");
    struct linger_recording ten = recording("golden/memory/expire_redis7_effort10.csv");
    double one = linger_mean("redis-7.0.15-debian", 1, random_seed(), SEEDS);
    double ours_ten = linger_mean("redis-7.0.15-debian", 10, random_seed(), SEEDS);

    (void)state;
    assert_true(busy.limited > 2 * quiet.limited);
    assert_true(one < busy.share && one > busy.share - 0.08);
    assert_true(one > quiet.share - 0.02 && one < quiet.share + 0.02);
    assert_true(ours_ten > ten.share - 0.01 && ours_ten < ten.share + 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_linger_as_on_each_server),
        cmocka_unit_test(as_many_linger_as_were_recorded_unless_the_time_limit_struck_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
