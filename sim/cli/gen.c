/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen: a synthetic trace on standard output or in a file. */
#include "sim/cli/cli.h"

#include "sim/generate.h"
#include "sim/output.h"
#include "sim/units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct request_of_user {
    struct generate_params params;
    const char *output, *format;
    int64_t duration_us;
    bool named; /* --names was given: the defaults are gone */
    bool help;
};

#define SETTER(name) static int name(void *target, const char *value, struct error *error)
#define USER         ((struct request_of_user *)target)

static int scan_real(const char *value, double least, double most, double *number, struct error *error)
{
    char *end;

    *number = strtod(value, &end);
    if (!*value || *end || !(*number >= least && *number <= most))
        return error_set(error, ERROR_USAGE, "bad number '%s'", value);
    return 0;
}

static int scan_count(const char *value, uint64_t least, uint64_t most, uint64_t *number, struct error *error)
{
    if (!scan_uint64(value, number) || *number < least || *number > most)
        return error_set(error, ERROR_USAGE, "bad number '%s'", value);
    return 0;
}

#define REAL_SETTER(field, least, most)                                                                                \
    SETTER(set_##field)                                                                                                \
    {                                                                                                                  \
        return scan_real(value, least, most, &USER->params.field, error);                                              \
    }
REAL_SETTER(zipf_exponent, 0, 10)
REAL_SETTER(drift, 0, 1)
REAL_SETTER(rate_per_s, 1e-6, 1e9)
REAL_SETTER(read_share, 0, 1e9)
REAL_SETTER(write_share, 0, 1e9)
REAL_SETTER(delete_share, 0, 1e9)
REAL_SETTER(value_sigma, 0, 10)
REAL_SETTER(ttl_share, 0, 1)

#define COUNT_SETTER(field, least, most)                                                                               \
    SETTER(set_##field)                                                                                                \
    {                                                                                                                  \
        uint64_t number;                                                                                               \
        if (scan_count(value, least, most, &number, error))                                                            \
            return -1;                                                                                                 \
        USER->params.field = (__typeof__(USER->params.field))number;                                                   \
        return 0;                                                                                                      \
    }
COUNT_SETTER(requests, 1, UINT64_MAX)
COUNT_SETTER(keys, 1, UINT32_MAX - 1)
COUNT_SETTER(seed, 0, UINT32_MAX)

static int set_bytes(const char *value, uint32_t *bytes, struct error *error)
{
    uint64_t number;

    if (!scan_bytes(value, &number) || number > (512u << 20))
        return error_set(error, ERROR_USAGE, "bad size '%s'", value);
    *bytes = (uint32_t)number;
    return 0;
}

SETTER(set_value_mean)
{
    uint32_t bytes = 0;

    if (set_bytes(value, &bytes, error))
        return -1;
    USER->params.value_mean_bytes = bytes;
    return 0;
}

SETTER(set_value_min)
{
    return set_bytes(value, &USER->params.value_min_bytes, error);
}

SETTER(set_value_max)
{
    return set_bytes(value, &USER->params.value_max_bytes, error);
}

static int set_seconds(const char *value, uint32_t *seconds, struct error *error)
{
    int64_t duration_us;

    if (!scan_duration(value, &duration_us) || duration_us < 1000000 || duration_us / 1000000 > UINT32_MAX)
        return error_set(error, ERROR_USAGE, "bad duration '%s'", value);
    *seconds = (uint32_t)(duration_us / 1000000);
    return 0;
}

SETTER(set_ttl_min)
{
    return set_seconds(value, &USER->params.ttl_min_s, error);
}

SETTER(set_ttl_max)
{
    return set_seconds(value, &USER->params.ttl_max_s, error);
}

SETTER(set_duration)
{
    if (!scan_duration(value, &USER->duration_us) || USER->duration_us <= 0)
        return error_set(error, ERROR_USAGE, "bad duration '%s'", value);
    return 0;
}

SETTER(set_arrivals)
{
    if (strcmp(value, "poisson") && strcmp(value, "even"))
        return error_set(error, ERROR_USAGE, "'%s' is neither poisson nor even", value);
    USER->params.poisson = !strcmp(value, "poisson");
    return 0;
}

/* PREFIX=SHARE, repeatable. */
SETTER(set_name)
{
    struct generate_params *params = &USER->params;
    const char *equals = strrchr(value, '=');
    struct generate_name *name;

    if (!USER->named)
        params->name_count = 0;
    USER->named = true;
    if (!equals || equals - value >= GENERATE_NAME_BYTES)
        return error_set(error, ERROR_USAGE, "'%s' is not PREFIX=SHARE", value);
    if (params->name_count == GENERATE_NAMES)
        return error_set(error, ERROR_USAGE, "at most %d prefixes", GENERATE_NAMES);
    name = &params->names[params->name_count++];
    memcpy(name->prefix, value, (size_t)(equals - value));
    name->prefix[equals - value] = '\0';
    return scan_real(equals + 1, 0, 1e9, &name->share, error);
}

SETTER(set_format)
{
    if (strcmp(value, "twitter") && strcmp(value, "oracleGeneral"))
        return error_set(error, ERROR_USAGE, "'%s' is neither twitter nor oracleGeneral", value);
    USER->format = value;
    return 0;
}

SETTER(set_output)
{
    (void)error;
    USER->output = value;
    return 0;
}

SETTER(set_help)
{
    (void)value, (void)error;
    USER->help = true;
    return 0;
}

static const struct option gen_options[] = {
    {"format", 'f', "NAME", "twitter", "twitter, or oracleGeneral (binary, reads only)", set_format},
    {"output", 'o', "FILE", "-", "where to write; - is standard output", set_output},
    {"requests", 'n', "N", "1000000", "how many", set_requests},
    {"keys", 'k', "N", "100000", "distinct keys", set_keys},
    {"zipf", 'z', "S", "1.0", "popularity of the key of rank r: r^-S; 0 = all alike", set_zipf_exponent},
    {"drift", '\0', "P", "0", "per request, probability that two keys exchange their ranks", set_drift},
    {"seed", '\0', "N", "1", "every random choice follows from it", set_seed},
    {"rate", 'r', "N", "1000", "requests per second of trace", set_rate_per_s},
    {"duration", 'd', "TIME", NULL, "of the whole trace, instead of --rate", set_duration},
    {"arrivals", '\0', "KIND", "poisson", "poisson, or even spacing", set_arrivals},
    {"reads", '\0', "SHARE", "9", "of the requests: the three shares are relative to their sum", set_read_share},
    {"writes", '\0', "SHARE", NULL, "of the requests (1; oracleGeneral: 0)", set_write_share},
    {"deletes", '\0', "SHARE", "0", "of the requests", set_delete_share},
    {"value-mean", '\0', "SIZE", "200", "bytes of a value: lognormal, fixed for a key", set_value_mean},
    {"value-sigma", '\0', "S", "1", "of the logarithm of a value's bytes; 0 = all alike", set_value_sigma},
    {"value-min", '\0', "SIZE", "1", "no value is smaller", set_value_min},
    {"value-max", '\0', "SIZE", "1mb", "no value is larger", set_value_max},
    {"ttl-share", '\0', "P", "0", "share of the keys with a ttl, 0 to 1", set_ttl_share},
    {"ttl-min", '\0', "TIME", "60s", "shortest ttl: they are log-uniform between the two", set_ttl_min},
    {"ttl-max", '\0', "TIME", "1h", "longest ttl", set_ttl_max},
    {"name", '\0', "PREFIX=SHARE", NULL, "a prefix of key names and its share; repeatable", set_name},
    {"help", 'h', NULL, NULL, "this text", set_help},
};

static int generate(const struct generate_params *params, const char *format, FILE *out, struct error *error)
{
    if (!strcmp(format, "twitter"))
        return generate_twitter(params, out, error);
    return generate_oracle_general(params, out, error);
}

/* A pipe or a device is written to, never replaced by a file. */
static int generate_in_place(const struct generate_params *params, const char *format, const char *path,
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

/* Written beside the file and renamed, so that a trace is whole or not there. */
static int generate_file(const struct generate_params *params, const char *format, const char *path,
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

static int gen_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct request_of_user user = {0};
    struct option_set set = {
        .options = gen_options,
        .count = sizeof gen_options / sizeof *gen_options,
        .target = &user,
    };
    int operands;

    (void)catalog;
    generate_defaults(&user.params);
    user.params.write_share = -1;
    if (options_parse(&set, argc, argv, &operands, error))
        return -1;
    if (user.help) {
        printf("usage: evsim gen [options]\n\nWrites a synthetic trace, the same for the same "
               "options.\n\n");
        options_print(&set, stdout);
        printf("\n  evsim gen --requests 5000000 --keys 500000 --ttl-share 0.3 | zstd > "
               "trace.csv.zst\n");
        return 0;
    }
    if (operands)
        return error_set(error, ERROR_USAGE, "gen takes options only: '%s'", argv[0]);
    if (user.duration_us)
        generate_set_duration(&user.params, user.duration_us);
    if (user.params.write_share < 0) /* not asked for; oracleGeneral has no room for writes */
        user.params.write_share = strcmp(user.format, "oracleGeneral") ? 1 : 0;
    if (strcmp(user.output, "-"))
        return generate_file(&user.params, user.format, user.output, error);
    return generate(&user.params, user.format, stdout, error);
}

const struct subcommand subcommand_gen = {
    .name = "gen",
    .summary = "a synthetic trace: Zipf keys, lognormal sizes, ttls, poisson arrivals",
    .run = gen_main,
};
