/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen: writes a synthetic trace to standard output or to a file. */
#include "sim/cli/cli.h"

#include "sim/cli/option_groups.h"
#include "sim/generate.h"
#include "sim/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_SHARE 1e9
#define SECOND_US  INT64_C(1000000)
enum { MOST_VALUE_BYTES = 512 << 20 };

enum arrivals { ARRIVALS_EVEN, ARRIVALS_POISSON };
enum target { TARGET_TWITTER, TARGET_ORACLE_GENERAL };

struct user {
    struct generate_params params;
    const char *output;
    enum target format;
    enum arrivals arrivals;
    int64_t duration_us, ttl_min_us, ttl_max_us;
    uint64_t value_mean_bytes;
    bool has_name; /* a --name was given, which replaces the defaults */
};

/* ---- options ---- */

/* PREFIX=SHARE; may be repeated. */
static int set_name(void *group, const struct option *option, const char *value, struct error *error)
{
    struct user *user = group;
    struct generate_params *params = &user->params;
    const char *equals = strrchr(value, '=');
    struct generate_name *name;
    char *end;

    (void)option;
    if (!user->has_name)
        params->name_count = 0;
    user->has_name = true;
    if (!equals || equals - value >= GENERATE_NAME_BYTES)
        return error_set(error, ERROR_USAGE, "'%s' is not PREFIX=SHARE", value);
    if (params->name_count == GENERATE_NAMES)
        return error_set(error, ERROR_USAGE, "at most %d prefixes", GENERATE_NAMES);
    name = &params->names[params->name_count++];
    memcpy(name->prefix, value, (size_t)(equals - value));
    name->prefix[equals - value] = '\0';
    name->share = strtod(equals + 1, &end);
    if (!equals[1] || *end || !(name->share >= 0 && name->share <= MOST_SHARE))
        return error_set(error, ERROR_USAGE, "bad number '%s'", equals + 1);
    return 0;
}

static const char *const format_words[] = {"twitter", "oracleGeneral", NULL};
static const char *const arrivals_words[] = {"even", "poisson", NULL};

#define AT(member) OPTION_IN(struct user, member)

static const struct option gen_options[] = {
    {.name = "format",
     .letter = 'f',
     .kind = OPTION_CHOICE,
     .words = format_words,
     .argument = "NAME",
     .initial = "twitter",
     .help = "twitter, or oracleGeneral (binary, reads only)",
     AT(format)},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "FILE",
     .initial = "-",
     .help = "where to write; - is standard output",
     AT(output)},
    {.name = "requests",
     .letter = 'n',
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1000000",
     .least = 1,
     .help = "number of requests",
     AT(params.requests)},
    {.name = "keys",
     .letter = 'k',
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "100000",
     .least = 1,
     .most = UINT32_MAX - 1,
     .help = "distinct keys",
     AT(params.keys)},
    {.name = "zipf",
     .letter = 'z',
     .kind = OPTION_REAL,
     .argument = "S",
     .initial = "1.0",
     .highest = 10,
     .help = "popularity of the key of rank r: r^-S; 0 = all alike",
     AT(params.zipf_exponent)},
    {.name = "drift",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "probability that a request makes two keys exchange their ranks",
     AT(params.drift)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .most = UINT32_MAX,
     .help = "the same seed gives the same trace",
     AT(params.seed)},
    {.name = "rate",
     .letter = 'r',
     .kind = OPTION_REAL,
     .argument = "N",
     .initial = "1000",
     .lowest = 1e-6,
     .highest = 1e9,
     .help = "requests per second of trace",
     AT(params.rate_per_s)},
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
    {.name = "value-mean",
     .kind = OPTION_SIZE,
     .argument = "SIZE",
     .initial = "200",
     .most = MOST_VALUE_BYTES,
     .help = "bytes of a value: lognormal, fixed for a key",
     AT(value_mean_bytes)},
    {.name = "value-sigma",
     .kind = OPTION_REAL,
     .argument = "S",
     .initial = "1",
     .highest = 10,
     .help = "standard deviation of the logarithm of a value's bytes; 0 = all alike",
     AT(params.value_sigma)},
    {.name = "value-min",
     .kind = OPTION_SIZE,
     .argument = "SIZE",
     .initial = "1",
     .most = MOST_VALUE_BYTES,
     .help = "no value is smaller",
     AT(params.value_min_bytes)},
    {.name = "value-max",
     .kind = OPTION_SIZE,
     .argument = "SIZE",
     .initial = "1mb",
     .most = MOST_VALUE_BYTES,
     .help = "no value is larger",
     AT(params.value_max_bytes)},
    {.name = "ttl-share",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0",
     .highest = 1,
     .help = "share of the keys with a ttl, 0 to 1",
     AT(params.ttl_share)},
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
    {.name = "name",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "PREFIX=SHARE",
     .set = set_name,
     .help = "a prefix of key names, and the share of keys that have it; may be repeated"},
};

static const struct option_group gen_groups[] = {{OPTIONS_OF(gen_options)}};

static void print_help(const struct option_set *set)
{
    printf("usage: evsim gen [options]\n\nWrites a synthetic trace. The same options give the same bytes.\n\n");
    options_print(set, stdout);
    printf("\n  evsim gen --requests 5000000 --keys 500000 --ttl-share 0.3 | zstd > trace.csv.zst\n");
}

/* ---- the trace ---- */

static int generate(const struct generate_params *params, enum target format, FILE *out, struct error *error)
{
    if (format == TARGET_TWITTER)
        return generate_twitter(params, out, error);
    return generate_oracle_general(params, out, error);
}

/* A pipe or a device is written to directly: renaming a file would replace it. */
static int generate_in_place(const struct generate_params *params, enum target format, const char *path,
                             struct error *error)
{
    FILE *out = fopen(path, "w");
    int status;

    if (!out)
        return error_set(error, ERROR_OUTPUT, "%s: cannot open: %s", path, strerror(errno));
    status = generate(params, format, out, error);
    if (fclose(out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    return status;
}

/* The trace is written beside the file and renamed, so it is whole or not there at all. */
static int generate_file(const struct generate_params *params, enum target format, const char *path,
                         struct error *error)
{
    struct output output;
    struct stat about;

    if (!stat(path, &about) && !S_ISREG(about.st_mode))
        return generate_in_place(params, format, path, error);
    if (output_open_path(&output, path, error))
        return -1;
    generate(params, format, output.file, error);
    return output_close(&output, error);
}

/* Works out what the options leave open. */
static void settle(struct user *user)
{
    struct generate_params *params = &user->params;

    params->poisson = user->arrivals == ARRIVALS_POISSON;
    params->value_mean_bytes = (double)user->value_mean_bytes;
    params->ttl_min_s = (uint32_t)(user->ttl_min_us / SECOND_US);
    params->ttl_max_s = (uint32_t)(user->ttl_max_us / SECOND_US);
    if (user->duration_us)
        generate_set_duration(params, user->duration_us);
    if (params->write_share < 0) /* not given; oracleGeneral cannot hold writes */
        params->write_share = user->format == TARGET_ORACLE_GENERAL ? 0 : 1;
}

static int gen_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct user user = {0};
    struct option_set set = {.groups = gen_groups, .group_count = 1, .target = &user};
    int status;

    (void)catalog;
    generate_defaults(&user.params);
    user.params.write_share = -1;
    status = options_parse(&set, "gen", argc, argv, error);
    free(set.command);
    if (status)
        return -1;
    if (set.help) {
        print_help(&set);
        return 0;
    }
    if (set.operands)
        return error_set(error, ERROR_USAGE, "gen takes options only: '%s'", argv[0]);
    settle(&user);
    if (strcmp(user.output, "-"))
        return generate_file(&user.params, user.format, user.output, error);
    return generate(&user.params, user.format, stdout, error);
}

const struct subcommand subcommand_gen = {
    .name = "gen",
    .summary = "a synthetic trace: Zipf keys, lognormal sizes, ttls, poisson arrivals",
    .options = gen_groups,
    .option_groups = 1,
    .run = gen_main,
};
