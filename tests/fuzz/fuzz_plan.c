/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_plan: any bytes as a plan. A plan that was read can be written, and reads back as the same. */
#include "sim/cli/plan_file.h"
#include "tests/fuzz/round_trip.h"
#include "tests/fuzz/targets.h"

static int read_plan(const char *path, void *plan, struct error *error)
{
    int status = plan_file_read(path, plan, error);

    if (status)
        plan_file_release(plan);
    return status;
}

static void write_plan(const void *plan, FILE *out)
{
    plan_file_write(plan, out);
}

static void release_plan(void *plan)
{
    plan_file_release(plan);
}

int fuzz_plan(const uint8_t *bytes, size_t count)
{
    static const struct round_trip kind = {sizeof(struct plan_file), read_plan, write_plan, release_plan};

    round_trip_must_hold(&kind, bytes, count);
    return 0;
}
