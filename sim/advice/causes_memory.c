/* SPDX-License-Identifier: GPL-3.0-or-later */
/* causes_memory: maxmemory itself is too small: for the server, for what is no key, for a table that doubles, for the data. */
#include "sim/advice/cause.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double most_of(const struct findings *findings, double (*of)(const struct sample *sample))
{
    const struct curve *curve = &findings->unlimited->curve;
    double most = 0;

    for (size_t i = 0; i < curve->count; i++)
        most = fmax(most, of(&curve->samples[i]));
    return most;
}

static double without_outside(const struct sample *sample)
{
    return (double)(sample->used_memory - sample_outside_keys(sample) - sample->memory_replicas);
}

static double without_rehashing(const struct sample *sample)
{
    return (double)(sample->used_memory - sample->memory_rehashing - sample->memory_replicas);
}

/* What the server needs without a key: itself, its statistics and its clients. */
static double without_keys(const struct sample *sample)
{
    return (double)(sample->memory_startup + sample->memory_histograms + sample_outside_keys(sample));
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Its median over the run: a buffer that is large for a moment does not count. */
static double usual_without_keys(const struct curve *curve)
{
    double *all = xcalloc(curve->count, sizeof *all), median;

    for (size_t i = 0; i < curve->count; i++)
        all[i] = without_keys(&curve->samples[i]);
    qsort(all, curve->count, sizeof *all, by_size);
    median = all[curve->count / 2];
    free(all);
    return median;
}

double weigh_baseline(const struct findings *findings, struct cause *cause)
{
    static const double FULL = 0.95;
    double needs = usual_without_keys(&findings->unlimited->curve), limit = (double)findings->diagnosis->maxmemory;
    char empty[UNITS_TEXT], room[UNITS_TEXT];

    if (needs < FULL * limit)
        return 0;
    cause_fact(cause, "bytes_without_keys", needs);
    cause->says =
        text_of("maxmemory (%s) leaves hardly anything beside what the server and its clients need without any "
                "key",
                print_bytes(room, findings->diagnosis->maxmemory));
    cause->evidence =
        text_of("An empty server with these clients has a used_memory of %s.", print_bytes(empty, (uint64_t)needs));
    cause->first =
        text_of("Raise maxmemory above %s by what the keys are to have.", print_bytes(empty, (uint64_t)needs));
    return 2;
}

double weigh_outside(const struct findings *findings, struct cause *cause)
{
    const struct sample *onset = &findings->onset->sample;
    double limit = (double)findings->diagnosis->maxmemory, outside = (double)sample_outside_keys(onset);
    double part = share_of(outside, limit - (double)onset->memory_startup);
    double data = most_of(findings, without_outside);
    uint64_t largest_bytes;
    const char *largest = sample_largest_outside(onset, &largest_bytes);
    char sum[UNITS_TEXT], one[UNITS_TEXT], rest[UNITS_TEXT];

    if (part < 0.1)
        return 0;
    cause_fact(cause, "outside_bytes", outside);
    cause_fact(cause, "largest_bytes", (double)largest_bytes);
    cause_fact(cause, "most_without_them_bytes", data);
    cause->says = text_of("memory outside the keys fills maxmemory, above all %s", largest);
    cause->evidence =
        text_of("At that moment %s were no keys: %s of it %s. Without all that used_memory would never have "
                "been above %s.",
                print_bytes(sum, (uint64_t)outside), print_bytes(one, largest_bytes), largest,
                print_bytes(rest, (uint64_t)data));
    if (strstr(largest, "output"))
        cause->first = xstrdup("Cap them (client-output-buffer-limit, maxmemory-clients) or have clients read faster; "
                               "CLIENT LIST shows whose they are (omem).");
    else if (strstr(largest, "query") || strstr(largest, "clients") || strstr(largest, "arguments"))
        cause->first =
            xstrdup("Cap them (maxmemory-clients, since Redis 7.0); CLIENT LIST shows whose they are (qbuf, tot-mem).");
    else if (strstr(largest, "backlog"))
        cause->first = xstrdup("Make repl-backlog-size smaller, or maxmemory larger by as much.");
    else
        cause->first = text_of("Look for what needs %s, or make maxmemory larger by as much.", largest);
    return data < limit ? 1.2 + 0.3 * fmin(part, 1) : 0.8 * fmin(part, 1);
}

double weigh_rehashing(const struct findings *findings, struct cause *cause)
{
    const struct sample *onset = &findings->onset->sample;
    double limit = (double)findings->diagnosis->maxmemory, old = (double)onset->memory_rehashing;
    double fits = most_of(findings, without_rehashing);
    double grown = (double)(onset->memory_tables + onset->memory_expires);
    char emptied[UNITS_TEXT], larger[UNITS_TEXT], rest[UNITS_TEXT];

    if (!onset->memory_rehashing)
        return 0;
    cause_fact(cause, "old_table_bytes", old);
    cause_fact(cause, "tables_bytes", grown);
    cause_fact(cause, "most_without_it_bytes", fits);
    cause->says = xstrdup("a hash table of the keys had just doubled");
    cause->evidence = text_of("At that moment the old table (%s) was still there beside the new one (tables now %s). "
                              "Without the old one used_memory would never have been above %s.",
                              print_bytes(emptied, (uint64_t)old), print_bytes(larger, (uint64_t)grown),
                              print_bytes(rest, (uint64_t)fits));
    cause->first =
        text_of("Leave room for it: maxmemory needs %s more than the data.", print_bytes(emptied, (uint64_t)old));
    return fits < limit ? 1.1 : 0.2 * share_of(old, limit);
}

double weigh_outgrown(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct growth *growth = &diagnosis->growth;
    char peak[UNITS_TEXT], limit[UNITS_TEXT], hour[UNITS_TEXT];

    if (diagnosis->unlimited_peak <= diagnosis->maxmemory)
        return 0;
    cause_fact(cause, "unlimited_peak_bytes", (double)diagnosis->unlimited_peak);
    cause_fact(cause, "growth_bytes_per_hour", growth->bytes_per_hour);
    cause->says = text_of("the data need more memory than maxmemory");
    if (growth->low > 0)
        cause->evidence =
            text_of("Without a limit used_memory would come to %s (maxmemory: %s), and grows by %s an hour.",
                    print_bytes(peak, diagnosis->unlimited_peak), print_bytes(limit, diagnosis->maxmemory),
                    print_bytes(hour, (uint64_t)growth->bytes_per_hour));
    else
        cause->evidence =
            text_of("Without a limit used_memory would come to %s (maxmemory: %s); it does not grow for "
                    "certain in the second half of the trace.",
                    print_bytes(peak, diagnosis->unlimited_peak), print_bytes(limit, diagnosis->maxmemory));
    cause->first = advise_memory(diagnosis);
    return growth->low > 0 ? 0.7 : 0.55;
}
