/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random_streams: compares the model with a real server on random streams of commands. It prints differences as short
 * scripts, and exits with 1 if there is any. A printed script can be played again. */
#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/option_groups.h"
#include "sim/server/registry.h"
#include "tests/fidelity/support_stream_rows.h"
#include "tests/fidelity/support_streams.h"
#include "tests/support_run.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A process is begun for so many. */
enum { STREAMS_OF_PROCESS = 25 };

/* Of what is random: beyond it the two draw from different distributions. */
static const double CHANCE_Z = 4.5;

struct user {
    struct streams_options streams;
    const char *binary, *script;
    uint32_t seed, count, first;
};

#define AT(member) OPTION_IN(struct user, member)

static int check_model(const char *name, struct error *error)
{
    return server_find(name) ? 0 : error_set(error, ERROR_USAGE, "no such server: '%s'", name);
}

static const struct option random_streams_options[] = {
    {.name = "server-binary",
     .kind = OPTION_TEXT,
     .argument = "PROGRAM",
     .initial = "",
     .help = "redis-server or valkey-server; default: redis-server on PATH",
     AT(binary)},
    {.name = "model",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .check = check_model,
     .help = "evsim's server; default: from the program's --version",
     AT(streams.twins.model)},
    {.name = "streams",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1000",
     .least = 1,
     .most = 100000000,
     .help = "how many",
     AT(count)},
    {.name = "first",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = 100000000,
     .help = "the number of the first",
     AT(first)},
    {.name = "commands",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "200",
     .least = 1,
     .most = 100000,
     .help = "of each",
     AT(streams.commands)},
    {.name = "every",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "10",
     .least = 1,
     .most = 100000,
     .help = "compare behind so many commands",
     AT(streams.compare_every)},
    {.name = "types",
     .kind = OPTION_TEXT,
     .argument = "LETTERS",
     .help = "of these types only: s strings, h hashes, l lists, t sets, z sorted sets, x streams, b bitmaps, p "
             "HyperLogLogs, f hashes whose fields have ttls, g places, c strings that are compared",
     AT(streams.types)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "clock",
     .zero = "clock",
     .least = 1,
     .most = UINT32_MAX,
     .help = "of the streams",
     AT(seed)},
    {.name = "show",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "10",
     .least = 1,
     .most = 1000,
     .help = "end after so many kinds of differences",
     AT(streams.most_shown)},
    {.name = "script",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .help = "play this script, as a difference is printed",
     AT(script)},
};

static const struct option_group random_streams_groups[] = {{OPTIONS_OF(random_streams_options)}};

/* ---- what was found ---- */

static void print_tally(const struct tally *tally)
{
    const char *separator = "";

    printf("%" PRIu64 " commands, %" PRIu64 " of them answered with an error; used_memory compared %" PRIu64
           " times, keys %" PRIu64 " times (",
           tally->commands, tally->errors, tally->comparisons, tally->keys);
    for (size_t i = 1; i < sizeof type_names / sizeof *type_names; i++) {
        if (!tally->types[i])
            continue;
        printf("%s%" PRIu64 " %s", separator, tally->types[i], type_names[i]);
        separator = ", ";
    }
    printf(")\nby rule:");
    for (int rule = 0; rule < RULES; rule++)
        printf(" %s %" PRIu64, rule_names[rule], tally->by_rule[rule]);
    printf("\n");
}

static void print_chance(const char *what, const struct chance *chance)
{
    if (chance->squares > 0)
        printf("%s: %.0f bytes more on the server, z %.2f\n", what, chance->sum, chance_z(chance));
}

static int print_report(const struct streams_report *report, double seconds)
{
    print_tally(&report->tally);
    print_chance("skip lists", &report->tally.levels);
    print_chance("nodes of dicts", &report->tally.nodes);
    printf("%" PRIu64 " streams in %.1f s (%.0f/s), %" PRIu64 " differ, in %zu ways; %" PRIu64 " by chance\n",
           report->streams, seconds, (double)report->streams / seconds, report->different, report->finding_count,
           report->by_chance);
    if (report->died)
        printf("%" PRIu64 " streams that the server did not survive are left out\n", report->died);
    return report->different || fabs(chance_z(&report->tally.levels)) > CHANCE_Z ||
           fabs(chance_z(&report->tally.nodes)) > CHANCE_Z;
}

/* ---- main ---- */

static double clock_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 0; 1 when there is nothing to compare with; -1 on error. */
static int prepare(struct user *user, struct error *error)
{
    struct twins *twins = &user->streams.twins;
    char types[16];
    int status = program_find(&twins->program, user->binary, error);

    if (status)
        return status;
    if (!twins->model && !server_find(twins->program.server))
        return error_set(error, ERROR_USAGE, "evsim does not model %s (%s): --model names another",
                         twins->program.server, twins->program.path);
    if (!twins->model)
        twins->model = twins->program.server;
    drawn_types(types);
    if (user->streams.types && !strpbrk(types, user->streams.types))
        return error_set(error, ERROR_USAGE, "--types %s: the model executes the commands of these types: %s",
                         user->streams.types, types);
    user->streams.seed = user->seed ? user->seed : (uint32_t)time(NULL);
    user->streams.first = user->first;
    user->streams.count = user->count;
    user->streams.streams_of_process = STREAMS_OF_PROCESS;
    user->streams.out = stdout;
    return 0;
}

static int play_script(struct user *user, struct error *error)
{
    FILE *in = fopen(user->script, "r");
    struct stream stream = {0};
    struct tally tally = {0};
    struct difference difference;
    int status;

    if (!in)
        return error_set(error, ERROR_INPUT, "%s: %s", user->script, strerror(errno));
    status = stream_read(&stream, in, error);
    fclose(in);
    user->streams.twins.log = stdout;
    if (!status)
        status = streams_compare(&user->streams.twins, &stream, 1, &tally, &difference, error);
    stream_release(&stream);
    if (status)
        return status;
    print_tally(&tally);
    printf("%s\n", difference.found ? difference.text : "no difference");
    return difference.found;
}

static int play_streams(struct user *user, struct error *error)
{
    struct streams_report report;
    double start = clock_s();
    int status;

    printf("%s as %s, %" PRIu64 " streams of %" PRIu32 " commands; --seed %" PRIu64 "\n",
           user->streams.twins.program.path, user->streams.twins.model, user->streams.count, user->streams.commands,
           user->streams.seed);
    fflush(stdout);
    status = streams_run(&user->streams, &report, error);
    if (!status)
        status = print_report(&report, clock_s() - start);
    streams_report_release(&report);
    return status;
}

static int run(struct user *user, struct error *error)
{
    char *directory = support_directory();
    int status;

    user->streams.twins.directory = directory;
    status = user->script ? play_script(user, error) : play_streams(user, error);
    support_remove(directory);
    free(directory);
    return status;
}

int main(int argc, char **argv)
{
    struct user user = {0};
    struct option_set set = {.groups = random_streams_groups, .group_count = 1, .target = &user};
    struct error error = {0};
    int status = options_parse(&set, "random_streams", argc - 1, argv + 1, &error);

    options_release(&set);
    if (!status && set.help) {
        printf("usage: random_streams [options]\n\nCompares evsim with a real server on random streams of "
               "commands.\n\n");
        help_options(&set, stdout);
        return 0;
    }
    if (!status && set.operands)
        status = error_set(&error, ERROR_USAGE, "takes options only: '%s'", argv[1]);
    if (!status) {
        status = prepare(&user, &error);
        if (status > 0)
            printf("skipped: no redis-server on PATH\n");
        status = status > 0 ? 0 : status ? status : run(&user, &error);
    }
    if (status < 0) {
        fprintf(stderr, "random_streams: %s\n", error.text);
        return (int)error.code;
    }
    return status;
}
