/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/gen_settle.h"

#include "sim/cli/names.h"

#include "sim/generate/presets.h"
#include "sim/host_memory.h"
#include "sim/units.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { HOST_BYTES_PER_KEY = 55 }; /* measured, of 1 to 50 million keys; with --new-keys and ttls a few more */

/* Numbers that no option takes: what was not given beside a preset, is the preset's. */
static const double NOT_GIVEN = -1;

int gen_set_preset(void *group, const struct option *option, const char *value, struct error *error)
{
    struct gen_options *options = group;
    struct generate_params *params = &options->params;

    (void)option;
    (void)error;
    options->preset = value;
    params->keys = params->members = 0;
    params->mix.turns = UINT32_MAX;
    options->value_mean_bytes = 0;
    options->popularity = -1;
    options->format_name = NULL;
    params->popularity.exponent = params->popularity.shift = params->drift = NOT_GIVEN;
    params->new_key_share = params->one_hit_share = params->repeat_share = params->scan_share = params->loop_share =
        NOT_GIVEN;
    params->arrivals.rate_per_s = params->read_share = params->delete_share = NOT_GIVEN;
    params->population.value_sigma = params->population.ttl_share = params->population.ttl_jitter = NOT_GIVEN;
    params->population.value_min_bytes = params->population.value_max_bytes = UINT32_MAX;
    return 0;
}

/* The preset's, with what was given beside it. */
static void override(struct generate_params *preset, const struct gen_options *options)
{
    const struct generate_params *given = &options->params;
    struct population_params *population = &preset->population;

#define TAKE(member) preset->member = given->member >= 0 ? given->member : preset->member
    if (given->popularity.exponent >= 0 || options->popularity >= 0) {
        double exponent = preset->popularity.kind == POPULARITY_TABLE ? 1 : preset->popularity.exponent;
        preset->popularity = (struct popularity_params){.exponent = exponent, .shift = preset->popularity.shift};
    }
    TAKE(popularity.exponent);
    TAKE(popularity.shift);
    TAKE(drift);
    TAKE(new_key_share);
    TAKE(one_hit_share);
    TAKE(repeat_share);
    TAKE(scan_share);
    TAKE(loop_share);
    TAKE(mix.miss_ratio);
    TAKE(population.ttl_jitter);
    preset->loop_keys = given->loop_keys;
    preset->half_life_us = given->half_life_us;
    preset->keys = given->keys ? given->keys : preset->keys;
    preset->members = given->members ? given->members : preset->members;
    double rate_per_s = preset->arrivals.rate_per_s;
    preset->arrivals = given->arrivals;
    if (given->arrivals.rate_per_s < 0)
        preset->arrivals.rate_per_s = rate_per_s;
    uint32_t turns = given->mix.turns == UINT32_MAX ? preset->mix.turns : given->mix.turns;
    double miss_ratio = preset->mix.miss_ratio;
    if (given->mix.count)
        preset->mix = given->mix;
    if (!given->mix.count && (given->read_share >= 0 || given->write_share >= 0 || given->delete_share >= 0)) {
        preset->mix.count = 0;
        preset->read_share = fmax(given->read_share, 0);
        preset->write_share = fmax(given->write_share, 0);
        preset->delete_share = fmax(given->delete_share, 0);
    }
    preset->mix.turns = turns;
    preset->mix.miss_ratio = miss_ratio;
    if (given->population.value_sizes.kind)
        population->value_sizes = given->population.value_sizes;
    else if (options->value_mean_bytes || given->population.value_sigma >= 0) {
        double mean =
            options->value_mean_bytes ? (double)options->value_mean_bytes : sizes_mean(&population->value_sizes);
        double sigma = given->population.value_sigma >= 0 ? given->population.value_sigma : 1;
        population->value_sizes = (struct sizes){.kind = SIZES_LOGNORMAL, .a = mean, .b = sigma};
    }
    if (given->population.key_sizes.kind)
        population->key_sizes = given->population.key_sizes;
    if (given->population.value_min_bytes != UINT32_MAX)
        population->value_min_bytes = given->population.value_min_bytes;
    if (given->population.value_max_bytes != UINT32_MAX)
        population->value_max_bytes = given->population.value_max_bytes;
    if (given->population.ttl_count || given->population.ttl_share >= 0) {
        memcpy(population->ttls, given->population.ttls, sizeof population->ttls);
        population->ttl_count = given->population.ttl_count;
        population->ttl_share = fmax(given->population.ttl_share, 0);
    }
    if (options->has_name) {
        memcpy(population->names, given->population.names, sizeof population->names);
        population->name_count = given->population.name_count;
    }
#undef TAKE
}

static bool has_collections(const struct mix_params *mix)
{
    for (int i = 0; i < mix->count; i++)
        if (!mix->shares[i].operation->verb)
            return true;
    return false;
}

int gen_choose_format(struct gen_options *options, const struct catalog *catalog, struct error *error)
{
    const char *nearest;

    options->format = -1;
    if (!options->format_name)
        return 0;
    for (size_t i = 0; i < generate_target_count; i++)
        if (!strcasecmp(generate_targets[i]->name, options->format_name))
            options->format = (int)i;
    if (options->format < 0)
        options->writer = catalog_trace_writer(catalog, options->format_name);
    if (options->format >= 0 || options->writer)
        return 0;
    nearest = nearest_name(options->format_name, catalog_trace_writer_name, catalog, catalog->trace_writer_count);
    return error_set(error, ERROR_USAGE, "--format: unknown format '%s'%s%s%s: see evsim gen --help",
                     options->format_name, nearest ? ": did you mean '" : "", nearest ? nearest : "",
                     nearest ? "'" : "");
}

/* Keys that this machine has no room for would be drawn for minutes, until the kernel ends the program without a word. */
static int check_keys(uint32_t keys, struct error *error)
{
    const uint64_t has = host_memory_size();
    const uint64_t takes = (uint64_t)keys * HOST_BYTES_PER_KEY;
    char count[UNITS_TEXT], wanted[UNITS_TEXT], there[UNITS_TEXT];

    if (takes <= has)
        return 0;
    return error_set(error, ERROR_USAGE, "--keys: %s keys at a time take %s of memory, and this machine has %s",
                     print_count(count, keys), print_bytes(wanted, takes), print_bytes(there, has));
}

int gen_settle(struct gen_options *options, struct error *error)
{
    struct generate_params *params = &options->params;
    struct generate_params preset = {.requests = params->requests, .seed = params->seed};

    if (options->preset) {
        if (preset_apply(options->preset, &preset, error))
            return -1;
        override(&preset, options);
        *params = preset;
    } else {
        params->population.value_mean_bytes = (double)options->value_mean_bytes;
        if (params->write_share < 0) /* not given; oracleGeneral cannot hold writes */
            params->write_share = options->format >= 0 && generate_targets[options->format]->reads_only ? 0 : 1;
    }
    if (options->format < 0)
        options->format = has_collections(&params->mix) ? FORMAT_MONITOR : FORMAT_TWITTER;
    params->arrivals.poisson = options->arrivals == ARRIVALS_POISSON;
    if (options->popularity >= 0)
        params->popularity.kind = options->popularity == BY_LRU_TEST ? POPULARITY_LRU_TEST : POPULARITY_ZIPF;
    if (options->popularity == BY_UNIFORM)
        params->popularity.exponent = 0;
    params->population.ttl_min_s = (uint32_t)(options->ttl_min_us / SECOND_US);
    params->population.ttl_max_s = (uint32_t)(options->ttl_max_us / SECOND_US);
    if (options->duration_us)
        generate_set_duration(params, options->duration_us);
    return check_keys(params->keys, error);
}

static bool is_preset(const char *argument)
{
    return !strncasecmp(argument, "--preset", 8) && (!argument[8] || argument[8] == '=');
}

void gen_put_preset_first(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int words = argv[i][0] == '-' && is_preset(argv[i]) ? argv[i][8] ? 1 : 2 : 0;
        if (!words || i + words > argc)
            continue;
        char *moved[] = {argv[i], words > 1 ? argv[i + 1] : NULL};
        memmove(argv + words, argv, (size_t)i * sizeof *argv);
        memcpy(argv, moved, (size_t)words * sizeof *argv);
        i += words - 1;
    }
}

int gen_check_like(int argc, char *const *argv, struct error *error)
{
    static const char *const names[] = {"--like", "--output", "--format", "--seed", "-o", "-f", "--quiet", "-q"};
    enum { NAMES = sizeof names / sizeof *names, SWITCHES = 2 }; /* the last ones have no value */

    for (int i = 0; i < argc; i++) {
        size_t length = strcspn(argv[i], "="), name = 0;
        if (argv[i][0] != '-' || !argv[i][1])
            continue;
        if (argv[i][1] != '-')
            length = 2;
        while (name < NAMES && !(strlen(names[name]) == length && !strncasecmp(names[name], argv[i], length)))
            name++;
        if (name == NAMES)
            return error_set(error, ERROR_USAGE, "%.*s does not go with --like, which takes all from the trace",
                             (int)length, argv[i]);
        i += name < NAMES - SWITCHES && !argv[i][length];
    }
    return 0;
}

void gen_options_init(struct gen_options *options)
{
    *options = (struct gen_options){0};
    generate_defaults(&options->params);
    options->params.write_share = -1; /* not given */
}

void gen_options_release(struct gen_options *options)
{
    sizes_release(&options->params.population.value_sizes);
    sizes_release(&options->params.population.key_sizes);
}
