/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/csv.h"

#include "sim/printable.h"
#include "sim/result.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

static void end_field(FILE *out, bool last)
{
    putc(last ? '\n' : ',', out);
}

void csv_text(FILE *out, const char *text, bool last)
{
    printable_put_csv(text, out);
    end_field(out, last);
}

void csv_count(FILE *out, uint64_t count, bool last)
{
    fprintf(out, "%" PRIu64, count);
    end_field(out, last);
}

void csv_count_if_known(FILE *out, uint64_t count, bool last)
{
    if (count != COUNT_UNKNOWN)
        csv_count(out, count, last);
    else
        end_field(out, last);
}

void csv_real(FILE *out, double value, bool last)
{
    if (isfinite(value))
        fprintf(out, "%.17g", value);
    end_field(out, last);
}

void csv_seconds(FILE *out, int64_t time_us, bool last)
{
    assert(time_us >= 0);
    fprintf(out, "%" PRId64 ".%06" PRId64, time_us / 1000000, time_us % 1000000);
    end_field(out, last);
}

void csv_moment(FILE *out, int64_t time_us, bool last)
{
    if (time_us < 0)
        end_field(out, last);
    else
        csv_seconds(out, time_us, last);
}

void csv_cell_titles(FILE *out, const struct run *run)
{
    fputs(run_has_shards(run) ? "server,policy,maxmemory,seed,cluster," : "server,policy,maxmemory,seed,", out);
    if (run->key_parts)
        fputs("key_parts,", out);
    if (run->warmup_us)
        fputs("warmup_s,", out);
}

void csv_cell(FILE *out, const struct run *run, const struct result *result)
{
    csv_text(out, result->server, false);
    csv_text(out, result->policy, false);
    csv_count(out, result->maxmemory, false);
    csv_count(out, result->seed, false);
    if (run_has_shards(run))
        csv_text(out, result->cluster ? result->cluster : "", false);
    if (run->key_parts)
        csv_count(out, run->key_parts, false);
    if (run->warmup_us)
        csv_seconds(out, run->warmup_us, false);
}
