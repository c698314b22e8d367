/* SPDX-License-Identifier: GPL-3.0-or-later */
/* speed: measures what run's --speed asks for, on a real server. */
#include "sim/cli/cli.h"
#include "sim/cli/help.h"

#include "sim/alloc.h"
#include "sim/live/speed.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct speed_request {
    uint64_t keys, value_bytes, rounds;
};

#define AT(member) OPTION_IN(struct speed_request, member)

static const struct option speed_options[] = {
    {.name = "keys",
     .kind = OPTION_NUMBER,
     .role = OPTION_OF_HOST,
     .argument = "N",
     .initial = "200000",
     .least = 1000,
     .most = 100000000,
     .brief = "how many keys the server holds",
     .help = "how many keys the server is filled with: a large table is slower than a small one",
     AT(keys)},
    {.name = "value-size",
     .kind = OPTION_SIZE,
     .role = OPTION_OF_HOST,
     .argument = "BYTES",
     .initial = "100",
     .most = 16 << 20,
     .brief = "of each key",
     .help = "of each key",
     AT(value_bytes)},
    {.name = "rounds",
     .kind = OPTION_NUMBER,
     .role = OPTION_OF_HOST,
     .argument = "N",
     .initial = "3",
     .least = 1,
     .most = 99,
     .brief = "how often; the median counts",
     .help = "how often it is measured; the median is printed",
     AT(rounds)},
};

static const struct option_group speed_groups[] = {
    {.options = speed_options, .count = sizeof speed_options / sizeof *speed_options},
};

static int by_size(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* Rounds to three digits: even two runs agree in fewer. */
static uint64_t rounded(uint64_t number)
{
    uint64_t unit = 1;

    while (number / unit >= 1000)
        unit *= 10;
    return (number + unit / 2) / unit * unit;
}

/* Prints the range, and returns the median, rounded. Sorts the rounds. */
static uint64_t print_rates(const char *name, const char *what, uint64_t *per_second, size_t rounds)
{
    uint64_t median;

    qsort(per_second, rounds, sizeof *per_second, by_size);
    median = rounded(per_second[rounds / 2]);
    printf("%-12s %" PRIu64 "%s a second (%" PRIu64 " to %" PRIu64 ")\n", name, median, what, per_second[0],
           per_second[rounds - 1]);
    return median;
}

static int measure(const struct speed_request *request, const char *binary, struct error *error)
{
    struct program program;
    const struct speed_trial trial = {&program, request->keys, request->value_bytes};
    uint64_t *deletions, *expirations, *elements;
    struct speed_result result;
    int status = program_locate(&program, binary, error);

    if (status > 0)
        return error_set(error, ERROR_USAGE, "no redis-server on PATH: evsim speed /path/to/redis-server");
    if (status)
        return -1;
    deletions = xcalloc(request->rounds, sizeof *deletions);
    expirations = xcalloc(request->rounds, sizeof *expirations);
    elements = xcalloc(request->rounds, sizeof *elements);
    for (uint64_t i = 0; i < request->rounds && !status; i++) {
        status = speed_measure(&trial, &result, error);
        deletions[i] = result.speed.deletions;
        expirations[i] = result.speed.expirations;
        elements[i] = result.speed.elements;
    }
    if (!status) {
        printf("server       %s (%s)\nkeys         %" PRIu64 ", values of %" PRIu64 " bytes; medians of %" PRIu64 "\n",
               result.server, program.path, request->keys, request->value_bytes, request->rounds);
        deletions[0] = print_rates("deletions", " keys", deletions, request->rounds);
        expirations[0] = print_rates("expirations", " keys", expirations, request->rounds);
        elements[0] = print_rates("elements", "", elements, request->rounds);
        printf("\n--speed deletions=%" PRIu64 ",expirations=%" PRIu64 ",elements=%" PRIu64 "\n", deletions[0],
               expirations[0], elements[0]);
    }
    free(deletions);
    free(expirations);
    free(elements);
    return status;
}

static int speed_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                      struct error *error)
{
    struct speed_request request = {0};
    struct option_set set = {.groups = speed_groups, .group_count = 1, .target = &request};
    int status = options_parse(&set, self->name, argc, argv, error);

    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status && set.operands > 1)
        status = error_set(error, ERROR_USAGE, "speed measures one server: '%s' and '%s' are two", argv[0], argv[1]);
    else if (!status)
        status = measure(&request, set.operands ? argv[0] : NULL, error);
    options_release(&set);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim speed", "redis-server of PATH"},
    {"evsim speed /usr/bin/redis-server --value-size 2kb", "that one, larger values"},
    {"evsim speed --keys 1000000 --rounds 1", "a large table, once"},
    {0},
};

const struct subcommand subcommand_speed = {
    .name = "speed",
    .summary = "how fast a real server evicts and expires, for run --speed",
    .usage = "evsim speed [REDIS-SERVER] [options]",
    .about = "Measures how many keys a second a real server evicts, and deletes in its active expiry cycle, on this "
             "machine. It starts the server for it, on a unix socket: redis-server of PATH, or the program that is "
             "named. evsim run --speed takes the result.",
    .examples = examples,
    .options = speed_groups,
    .option_groups = 1,
    .operands = VALUES_FILES,
    .about_program = true,
    .run = speed_main,
};
