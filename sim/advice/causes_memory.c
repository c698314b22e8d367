/* SPDX-License-Identifier: GPL-3.0-or-later */
/* causes_memory: maxmemory itself is too small: for the server, for what is no key, for a table that doubles, for the data. */
#include "sim/advice/cause.h"

#include "sim/alloc.h"

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

double weigh_baseline(const struct findings *findings, struct cause_told *cause)
{
    static const double FULL = 0.95;
    double needs = usual_without_keys(&findings->unlimited->curve), limit = (double)findings->diagnosis->maxmemory;

    if (needs < FULL * limit)
        return 0;
    tell(&cause->says,
         "maxmemory (%B) leaves hardly anything beside what the server and its clients need without any key",
         "maxmemory", limit);
    tell(&cause->evidence, "An empty server with these clients has a used_memory of %B.", "bytes_without_keys", needs);
    advise_memory(findings->diagnosis, &cause->first);
    return 2;
}

/* Of the single limits of clients that were tried, the one that leaves the fewest refusals; NULL: none leaves less than half. */
static const struct tried *best_limit(const struct diagnosis *diagnosis)
{
    const struct tried *best = NULL;

    for (size_t i = 0; i < diagnosis->remedy_count; i++) {
        const struct tried *trial = &diagnosis->remedies[i];

        if (trial->parts == 1 && trial->oom_rejections.mean < 0.5 * diagnosis->now.oom_rejections.mean &&
            (!strncmp(trial->name, "client-output-buffer-limit ", 27) ||
             !strncmp(trial->name, "maxmemory-clients ", 18)) &&
            (!best || trial->oom_rejections.mean < best->oom_rejections.mean))
            best = trial;
    }
    return best;
}

static void advise_outside(const struct diagnosis *diagnosis, const char *largest, struct told *first)
{
    const struct tried *limit = best_limit(diagnosis);
    bool is_output = strstr(largest, "output") != NULL,
         is_input = strstr(largest, "query") || strstr(largest, "clients") || strstr(largest, "arguments");

    if (limit && (is_output || is_input)) {
        tell(first, "%K: ", "command", limit->command);
        tell_what_is_left(diagnosis, limit, first);
        tell(first, ".");
    } else {
        advise_memory(diagnosis, first);
    }
    if (is_output)
        tell(first, " CLIENT LIST shows whose they are (omem): have them read faster.");
    else if (is_input)
        tell(first, " CLIENT LIST shows whose they are (qbuf, tot-mem): have them send less at once.");
    else if (strstr(largest, "backlog"))
        tell(first, " Or make repl-backlog-size smaller.");
    else if (strstr(largest, "scripts"))
        tell(first,
             " SCRIPT FLUSH drops scripts that are no longer called; texts that are another each time are kept, all of "
             "them: pass what differs as KEYS and ARGV.");
    else if (strstr(largest, "subscriptions"))
        tell(first, " PUBSUB CHANNELS shows what is subscribed to.");
    else if (strstr(largest, "logs"))
        tell(first, " SLOWLOG RESET empties the slow log; slowlog-max-len bounds it.");
}

double weigh_outside(const struct findings *findings, struct cause_told *cause)
{
    const struct sample *onset = &findings->onset->sample;
    double limit = (double)findings->diagnosis->maxmemory, outside = (double)sample_outside_keys(onset);
    double part = share_of(outside, limit - (double)onset->memory_startup);
    double data = most_of(findings, without_outside);
    uint64_t largest_bytes;
    const char *largest = sample_largest_outside(onset, &largest_bytes);

    if (part < 0.1)
        return 0;
    tell(&cause->says, "memory outside the keys fills maxmemory, above all %s", largest);
    tell(&cause->evidence,
         "At that moment %B were no keys: %B of it %s. Without all that used_memory would never have been above %B.",
         "outside_bytes", outside, "largest_bytes", (double)largest_bytes, largest, "most_without_them_bytes", data);
    advise_outside(findings->diagnosis, largest, &cause->first);
    return data < limit ? 1.2 + 0.3 * fmin(part, 1) : 0.8 * fmin(part, 1);
}

double weigh_rehashing(const struct findings *findings, struct cause_told *cause)
{
    const struct sample *onset = &findings->onset->sample;
    double limit = (double)findings->diagnosis->maxmemory, old = (double)onset->memory_rehashing;
    double fits = most_of(findings, without_rehashing);
    double grown = (double)(onset->memory_tables + onset->memory_expires);

    if (!onset->memory_rehashing)
        return 0;
    tell(&cause->says, "a hash table of the keys had just doubled");
    tell(&cause->evidence,
         "At that moment the old table (%B) was still there beside the new one (tables now %B). Without the old one "
         "used_memory would never have been above %B.",
         "old_table_bytes", old, "tables_bytes", grown, "most_without_it_bytes", fits);
    advise_memory(findings->diagnosis, &cause->first);
    return fits < limit ? 1.1 : 0.2 * share_of(old, limit);
}

/* Of used_memory: with less data it is not they that need it. */
static const double LITTLE_DATA = 0.2;

/* Keys, values and tables. */
static double data_of(const struct sample *sample)
{
    return (double)(sample->used_memory - sample->memory_replicas) - without_keys(sample);
}

double weigh_outgrown(const struct findings *findings, struct cause_told *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct growth *growth = &diagnosis->growth;

    if (diagnosis->unlimited_peak <= diagnosis->maxmemory ||
        share_of(data_of(&findings->unlimited_census->end.sample), (double)diagnosis->unlimited_peak) < LITTLE_DATA)
        return 0;
    tell(&cause->says, "the data need more memory than maxmemory");
    tell(&cause->evidence, "Without a limit used_memory would come to %B (maxmemory: %B)", "unlimited_peak_bytes",
         (double)diagnosis->unlimited_peak, "maxmemory", (double)diagnosis->maxmemory);
    if (growth->low > 0)
        tell(&cause->evidence, ", and grows by %B an hour.", "growth_bytes_per_hour", growth->bytes_per_hour);
    else if (isnan(growth->bytes_per_hour))
        tell(&cause->evidence, diagnosis->is_untimed ? "; the trace has no times that say how fast it grows."
                                                     : "; the trace is too short to say how fast it grows.");
    else
        tell(&cause->evidence, "; it does not grow for certain in the second half of the trace.");
    advise_memory(diagnosis, &cause->first);
    return growth->low > 0 ? 0.7 : 0.55;
}
