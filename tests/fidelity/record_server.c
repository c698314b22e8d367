/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record_server: records what a server does, in the layout of golden/, so that a model can be held against it
 * (make record-server; make fidelity GOLDEN=DIRECTORY).
 *
 * usage: record_server --server PROGRAM --name NAME --output DIRECTORY [--parts LIST] [--policies LIST] [--runs N]
 *                      [--maxmemory D1,D2] [--every SECONDS]
 *
 * The parts are memory_table, growth, composite, expire and runs; runs plays DIRECTORY/d1.csv.zst and d2.csv.zst, those that are
 * there. The server listens to a unix socket in a folder of its own, and ends with the recording. */
#include "policies/registry.h"
#include "sim/server/registry.h"
#include "sim/units.h"
#include "tests/fidelity/support_recorder.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name;
    recorder_fn *record; /* NULL: runs */
} parts[] = {
    {"memory_table", recorder_memory_table},
    {"growth", recorder_growth},
    {"composite", recorder_composite},
    {"expire", recorder_expire},
    {"runs", NULL},
};

enum { POLICIES = 64 };

struct user {
    const char *server, *name, *output, *parts;
    char *policies;
    const char *policy[POLICIES];
    size_t runs;
    double every_s;
    uint64_t maxmemory[2];
};

static int make_directory(const char *path, struct error *error)
{
    return mkdir(path, 0777) && errno != EEXIST ? error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno)) : 0;
}

/* Whether the list, "a,b", has the word; an absent one has all. */
static bool has(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (!strncmp(at, word, length) && (!at[length] || at[length] == ','))
            return true;
    return !list;
}

/* Those that were named; or those that evsim's server of that name has; or what every Redis has. */
static int choose_policies(struct user *user, struct error *error)
{
    const struct server *model = server_find(user->name) ? server_find(user->name) : server_find("redis-7.0.15");
    size_t count = 0;

    if (!user->policies)
        for (size_t i = 0; i < policy_count; i++)
            if (model->model->has_policy(model, policies[i]))
                user->policy[count++] = policies[i]->name;
    for (char *name = user->policies ? strtok(user->policies, ",") : NULL; name; name = strtok(NULL, ",")) {
        if (!policy_find(name) || !policy_find(name)->redis || count + 1 == POLICIES)
            return error_set(error, ERROR_USAGE, "--policies: '%s' is none of Redis's own", name);
        user->policy[count++] = policy_find(name)->name;
    }
    return 0;
}

static int read_sizes(struct user *user, char *text, struct error *error)
{
    char *second = strchr(text, ',');

    if (second)
        *second++ = '\0';
    if (!scan_bytes(text, &user->maxmemory[0]) || (second && !scan_bytes(second, &user->maxmemory[1])))
        return error_set(error, ERROR_USAGE, "--maxmemory: two sizes, as 8mb,12mb");
    if (!second)
        user->maxmemory[1] = user->maxmemory[0];
    return 0;
}

static int parse(struct user *user, int argc, char **argv, struct error *error)
{
    static const struct option options[] = {
        {"server", required_argument, NULL, 's'},
        {"name", required_argument, NULL, 'n'},
        {"output", required_argument, NULL, 'o'},
        {"parts", required_argument, NULL, 'p'},
        {"policies", required_argument, NULL, 'P'},
        {"runs", required_argument, NULL, 'r'},
        {"every", required_argument, NULL, 'e'},
        {"maxmemory", required_argument, NULL, 'm'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
        switch (option) {
        case 's':
            user->server = optarg;
            break;
        case 'n':
            user->name = optarg;
            break;
        case 'o':
            user->output = optarg;
            break;
        case 'p':
            user->parts = optarg;
            break;
        case 'P':
            user->policies = optarg;
            break;
        case 'r':
            user->runs = strtoul(optarg, NULL, 10);
            break;
        case 'e':
            user->every_s = strtod(optarg, NULL);
            break;
        case 'm':
            if (read_sizes(user, optarg, error))
                return -1;
            break;
        default:
            return error_set(error, ERROR_USAGE, "see the head of tests/fidelity/record_server.c");
        }
    if (!user->name || !user->output || strpbrk(user->name, "/\" ") || !*user->name)
        return error_set(error, ERROR_USAGE,
                         "record_server wants --server PROGRAM --name NAME --output DIRECTORY; a "
                         "name has no blanks, as redis-8.6.3");
    if (!user->runs || user->every_s <= 0)
        return error_set(error, ERROR_USAGE, "--runs and --every are numbers above 0");
    return choose_policies(user, error);
}

static int record(const struct user *user, const struct program *program, struct error *error)
{
    const struct recorder_plan plan = {
        .directory = user->output,
        .name = user->name,
        .policies = user->policy,
        .runs = user->runs,
        .parallel = (size_t)sysconf(_SC_NPROCESSORS_ONLN),
        .maxmemory = {user->maxmemory[0], user->maxmemory[1]},
        .info_every_us = (int64_t)(user->every_s * 1e6),
    };
    char memory[PROGRAM_PATH];

    snprintf(memory, sizeof memory, "%s/memory", user->output);
    if (make_directory(user->output, error) || make_directory(memory, error))
        return -1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!has(user->parts, parts[i].name))
            continue;
        fprintf(stderr, "%s: %s\n", user->name, parts[i].name);
        if (parts[i].record ? parts[i].record(program, memory, user->name, error)
                            : recorder_runs(program, &plan, error))
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct user user = {.runs = 4, .every_s = 60, .maxmemory = {8 << 20, 12 << 20}};
    struct program program;
    struct error error = {0};
    int found;

    if (parse(&user, argc, argv, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return ERROR_USAGE;
    }
    found = program_find(&program, user.server, &error);
    if (found > 0)
        error_set(&error, ERROR_USAGE, "no redis-server on PATH: say --server PROGRAM");
    if (!found)
        record(&user, &program, &error);
    if (error_is_set(&error))
        fprintf(stderr, "%s\n", error.text);
    return error_is_set(&error) ? (int)error.code : 0;
}
