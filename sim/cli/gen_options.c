/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/gen_options.h"

#include "sim/cli/gen_settle.h"
#include "sim/cli/option_groups.h"
#include "sim/units.h"

#include <stdlib.h>
#include <string.h>

#define MOST_SHARE 1e9
enum { MOST_VALUE_BYTES = 512 << 20 };

/* Splits NAME=SHARE. The name's length, or -1. */
static int split_share(const char *value, const char *what, double *share, struct error *error)
{
    const char *equals = strrchr(value, '=');
    char *end;

    if (!equals)
        return error_set(error, ERROR_USAGE, "'%s' is not %s=SHARE", value, what);
    *share = strtod(equals + 1, &end);
    if (!equals[1] || *end || !(*share >= 0 && *share <= MOST_SHARE))
        return error_set(error, ERROR_USAGE, "bad number '%s'", equals + 1);
    return (int)(equals - value);
}

/* PREFIX=SHARE; may be repeated. */
static int set_name(void *group, const struct option *option, const char *value, struct error *error)
{
    struct gen_options *user = group;
    struct population_params *params = &user->params.population;
    struct generate_name *name;
    double share = 0;
    int length = split_share(value, "PREFIX", &share, error);

    (void)option;
    if (length < 0)
        return -1;
    if (length >= GENERATE_NAME_BYTES)
        return error_set(error, ERROR_USAGE, "'%s' is not PREFIX=SHARE", value);
    if (!user->has_name)
        params->name_count = 0;
    user->has_name = true;
    if (params->name_count == GENERATE_NAMES)
        return error_set(error, ERROR_USAGE, "at most %d prefixes", GENERATE_NAMES);
    name = &params->names[params->name_count++];
    memcpy(name->prefix, value, (size_t)length);
    name->prefix[length] = '\0';
    name->share = share;
    return 0;
}

/* TIME=SHARE or none=SHARE; may be repeated. */
static int set_ttl(void *group, const struct option *option, const char *value, struct error *error)
{
    struct population_params *params = &((struct gen_options *)group)->params.population;
    char text[32];
    int64_t ttl_us = 0;
    double share = 0;
    int length = split_share(value, "TIME", &share, error);

    (void)option;
    if (length < 0)
        return -1;
    snprintf(text, sizeof text, "%.*s", length, value);
    if (strcmp(text, "none") && (!scan_duration(text, &ttl_us) || ttl_us < SECOND_US))
        return error_set(error, ERROR_USAGE, "'%s' is neither none nor a time of 1s or more", text);
    if (params->ttl_count == GENERATE_TTLS)
        return error_set(error, ERROR_USAGE, "at most %d ttls", GENERATE_TTLS);
    params->ttls[params->ttl_count++] = (struct generate_ttl){(double)ttl_us / 1e6, share};
    return 0;
}

/* NAME=SHARE; may be repeated. */
static int set_operation(void *group, const struct option *option, const char *value, struct error *error)
{
    struct mix_params *mix = &((struct gen_options *)group)->params.mix;
    double share = 0;
    int length = split_share(value, "NAME", &share, error);

    (void)option;
    if (length < 0)
        return -1;
    const struct operation *operation = operation_find(value, (size_t)length);
    if (!operation) {
        char names[512];
        size_t used = 0;
        for (size_t i = 0; i < operation_count && used < sizeof names; i++)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", operations[i].name);
        return error_set(error, ERROR_USAGE, "unknown operation '%.*s': it is one of %s", length, value, names);
    }
    if (mix->count == MIX_OPERATIONS)
        return error_set(error, ERROR_USAGE, "at most %d operations", MIX_OPERATIONS);
    mix->shares[mix->count++] = (struct mix_share){operation, share};
    return 0;
}

static int set_sizes(struct sizes *distribution, const char *value, struct error *error)
{
    sizes_release(distribution);
    return sizes_parse(distribution, value, error);
}

static int set_value_sizes(void *group, const struct option *option, const char *value, struct error *error)
{
    (void)option;
    return set_sizes(&((struct gen_options *)group)->params.population.value_sizes, value, error);
}

static int set_key_sizes(void *group, const struct option *option, const char *value, struct error *error)
{
    (void)option;
    return set_sizes(&((struct gen_options *)group)->params.population.key_sizes, value, error);
}

static const char *const arrivals_words[] = {"even", "poisson", NULL};
static const char *const popularity_words[] = {"zipf", "uniform", "lru-test", NULL};

#define AT(member) OPTION_IN(struct gen_options, member)

static const struct option written_options[] = {
    {.name = "preset",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "NAME",
     .values = VALUES_PRESETS,
     .set = gen_set_preset,
     .brief = "twitter:cluster52 ...: --list-presets",
     .help = "parameters that somebody measured: twitter:cluster52, meta:cdn, lru-test, sessions, ...; other options "
             "override them"},
    {.name = "like",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "TRACE",
     .values = VALUES_FILES,
     .brief = "a stand-in for a trace of yours",
     .help =
         "a stand-in for this trace, with new names: sizes, ttls, popularity, reuse and rate are its own; says how far "
         "its miss-ratio curve is from the original's; structures become strings; takes --output, --format and --seed "
         "only",
     AT(like)},
    {.name = "list-presets",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "all of them, with their source",
     AT(list_presets)},
    {.name = "format",
     .letter = 'f',
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .initial = "twitter",
     .values = VALUES_TARGETS,
     .brief = "twitter, monitor, evt, csv ...",
     .help = "twitter; oracleGeneral (binary, reads only); monitor (as redis-cli prints it, values in full); or what "
             "evsim convert writes: evt, csv, lcs, txt, resp, sqlite ...",
     AT(format_name)},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "FILE",
     .initial = "-",
     .values = VALUES_FILES,
     .brief = "where to write",
     .help = "where to write; - is standard output",
     AT(output)},
    {.name = "requests",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1000000",
     .least = 1,
     .brief = "number of requests",
     .help = "number of requests",
     AT(params.requests)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .most = UINT32_MAX,
     .brief = "the same seed, the same trace",
     .help = "the same seed gives the same trace",
     AT(params.seed)},
};

static const struct option popularity_options[] = {
    {.name = "keys",
     .letter = 'k',
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "100000",
     .least = 1,
     .most = UINT32_MAX - 1,
     .brief = "keys that there are at a time",
     .help = "keys that there are at a time",
     AT(params.keys)},
    {.name = "popularity",
     .kind = OPTION_CHOICE,
     .words = popularity_words,
     .argument = "KIND",
     .initial = "zipf",
     .brief = "zipf, uniform or lru-test",
     .help = "zipf; uniform; lru-test: 80 % of requests for 20 % of keys, as redis-cli --lru-test draws them",
     AT(popularity)},
    {.name = "zipf",
     .letter = 'z',
     .kind = OPTION_REAL,
     .argument = "S",
     .initial = "1.0",
     .highest = 10,
     .help = "popularity of the key of rank r: r^-S; 0 = all alike",
     AT(params.popularity.exponent)},
    {.name = "zipf-shift",
     .kind = OPTION_REAL,
     .argument = "Q",
     .initial = "0",
     .highest = 1e9,
     .help = "(r + Q)^-S instead: Zipf-Mandelbrot",
     AT(params.popularity.shift)},
    {.name = "drift",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "probability that a request makes two keys exchange their ranks",
     AT(params.drift)},
    {.name = "new-keys",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "share of requests for a key that never was before, which takes the rank of a random other for good",
     AT(params.new_key_share)},
    {.name = "half-life",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .least = 1,
     .help = "time in which a key's popularity halves; needs --new-keys",
     AT(params.half_life_us)},
    {.name = "one-hit",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "share of requests for a key that never was before and never comes again",
     AT(params.one_hit_share)},
    {.name = "repeat",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "share of requests for a key that one of the last 64 requests was for",
     AT(params.repeat_share)},
    {.name = "scan",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "share of requests that go through all keys in order",
     AT(params.scan_share)},
    {.name = "loop",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "share of requests that go round and round the first keys in order",
     AT(params.loop_share)},
    {.name = "loop-keys",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1000",
     .least = 1,
     .most = UINT32_MAX - 1,
     .help = "so many of them",
     AT(params.loop_keys)},
};

static const struct option arrivals_options[] = {
    {.name = "rate",
     .letter = 'r',
     .kind = OPTION_REAL,
     .argument = "N",
     .initial = "1000",
     .lowest = 1e-6,
     .highest = 1e9,
     .brief = "requests per second",
     .help = "requests per second of trace, on average",
     AT(params.arrivals.rate_per_s)},
    {.name = "duration",
     .letter = 'd',
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .least = 1,
     .help = "length of the trace, instead of --rate",
     AT(duration_us)},
    {.name = "arrivals",
     .kind = OPTION_CHOICE,
     .words = arrivals_words,
     .argument = "KIND",
     .initial = "poisson",
     .help = "poisson: at random; even: all equally far apart",
     AT(arrivals)},
    {.name = "swing",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "the rate goes up and down by this share of it, as day and night",
     AT(params.arrivals.swing)},
    {.name = "swing-period",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "1d",
     .least = 1,
     .help = "from one peak to the next",
     AT(params.arrivals.period_us)},
    {.name = "burst-factor",
     .kind = OPTION_REAL,
     .argument = "F",
     .initial = "1",
     .lowest = 1,
     .highest = 1e6,
     .help = "rate in bursts, in rates between them; the mean stays; 1 = no bursts",
     AT(params.arrivals.burst_factor)},
    {.name = "burst-every",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "1m",
     .least = 1,
     .help = "mean time between bursts",
     AT(params.arrivals.burst_every_us)},
    {.name = "burst-length",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "1s",
     .least = 1,
     .help = "mean length of a burst",
     AT(params.arrivals.burst_length_us)},
};

static const struct option operation_options[] = {
    {.name = "reads",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .initial = "9",
     .highest = MOST_SHARE,
     .help = "share of reads; the three shares are taken relative to their sum",
     AT(params.read_share)},
    {.name = "writes",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .shown = "1; oracleGeneral: 0",
     .highest = MOST_SHARE,
     .help = "share of writes",
     AT(params.write_share)},
    {.name = "deletes",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .initial = "0",
     .highest = MOST_SHARE,
     .help = "share of deletes",
     AT(params.delete_share)},
    {.name = "op",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "NAME=SHARE",
     .set = set_operation,
     .repeats = true,
     .help =
         "an operation and its share, instead of the three; may be repeated: get, set, add, incr, hset, lpush, ..."},
    {.name = "turns",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = UINT32_MAX,
     .help = "operations take turns, in rounds of N requests, instead of being drawn; 0 = drawn",
     AT(params.mix.turns)},
    {.name = "miss-ratio",
     .kind = OPTION_REAL,
     .argument = "P",
     .lowest = 0,
     .highest = 1,
     .help = "share of reads that ask for a key that is not there, if nothing is evicted; writes follow them",
     AT(params.mix.miss_ratio)},
    {.name = "members",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "100",
     .least = 1,
     .most = UINT32_MAX - 1,
     .help = "different elements that operations on a collection name",
     AT(params.members)},
};

static const struct option size_options[] = {
    {.name = "value-mean",
     .kind = OPTION_SIZE,
     .argument = "SIZE",
     .initial = "200",
     .most = MOST_VALUE_BYTES,
     .brief = "bytes of a value",
     .help = "bytes of a value: lognormal, fixed for a key",
     AT(value_mean_bytes)},
    {.name = "value-sigma",
     .kind = OPTION_REAL,
     .argument = "S",
     .initial = "1",
     .highest = 10,
     .help = "standard deviation of the logarithm of a value's bytes; 0 = all alike",
     AT(params.population.value_sigma)},
    {.name = "value-min",
     .kind = OPTION_SIZE,
     .argument = "SIZE",
     .initial = "1",
     .most = MOST_VALUE_BYTES,
     .help = "no value is smaller",
     AT(params.population.value_min_bytes)},
    {.name = "value-max",
     .kind = OPTION_SIZE,
     .argument = "SIZE",
     .initial = "1mb",
     .most = MOST_VALUE_BYTES,
     .help = "no value is larger",
     AT(params.population.value_max_bytes)},
    {.name = "value-sizes",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "DISTRIBUTION",
     .set = set_value_sizes,
     .help = "fixed:BYTES, lognormal:MEAN,SIGMA, pareto:LEAST,SHAPE, gpd:LOCATION,SCALE,SHAPE, or file:PATH, rows of "
             "value,weight or JSON; within the bounds"},
    {.name = "key-sizes",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "DISTRIBUTION",
     .set = set_key_sizes,
     .help = "likewise, bytes of a key's name, which gets zeros before its number; 1024 at most"},
    {.name = "name",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "PREFIX=SHARE",
     .set = set_name,
     .repeats = true,
     .help = "a prefix of key names, and the share of keys that have it; may be repeated"},
};

static const struct option ttl_options[] = {
    {.name = "ttl-share",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .brief = "share of the keys with a ttl",
     .help = "share of the keys with a ttl, 0 to 1",
     AT(params.population.ttl_share)},
    {.name = "ttl-min",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "60s",
     .least = SECOND_US,
     .most = UINT32_MAX * SECOND_US,
     .help = "shortest ttl: they are log-uniform between the two",
     AT(ttl_min_us)},
    {.name = "ttl-max",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "1h",
     .least = SECOND_US,
     .most = UINT32_MAX * SECOND_US,
     .help = "longest ttl",
     AT(ttl_max_us)},
    {.name = "ttl",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "TIME=SHARE",
     .set = set_ttl,
     .repeats = true,
     .help = "a ttl, or none, and the share of keys that have it, instead of those; may be repeated"},
    {.name = "ttl-jitter",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "of --ttl: up to this share of it longer or shorter",
     AT(params.population.ttl_jitter)},
};

const struct option_group gen_groups[GEN_GROUPS] = {
    {OPTIONS_OF(written_options)},
    {OPTIONS_OF(quiet_options), .offset = offsetof(struct gen_options, quiet)},
    {.heading = "Which keys", OPTIONS_OF(popularity_options)},
    {.heading = "What requests do", OPTIONS_OF(operation_options)},
    {.heading = "What a key is", OPTIONS_OF(size_options)},
    {.heading = "Ttls", OPTIONS_OF(ttl_options)},
    {.heading = "When requests come", OPTIONS_OF(arrivals_options)},
};
