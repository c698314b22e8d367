/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check-policy: runs the laws that hold for every policy on the policies that the user names. */
#include "sim/cli/choice.h"
#include "sim/cli/help.h"
#include "sim/cli/option_groups.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/scope.h"
#include "sim/trials.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const world_names[] = {"flat", "redis-7.0.15", "valkey-8.1.1-debian"};
enum { WORLDS = sizeof world_names / sizeof *world_names, SEEDS = 3 };

struct user {
    int64_t limit_us;
};

static const struct option check_options[] = {
    {.name = "time-limit",
     .kind = OPTION_DURATION,
     .role = OPTION_OF_HOST,
     .argument = "TIME",
     .initial = "20s",
     .least = 1,
     .brief = "for each law, of this machine",
     .help = "for each law, in time of this machine; a policy that takes longer breaks the law",
     OPTION_IN(struct user, limit_us)},
};

static const struct option_group groups[] = {{OPTIONS_OF(check_options)}};

/* Prints how each law fares, one line per law. Returns 0, or -1 if the trials cannot be run. */
static int check(const struct trials *trials, const char *label, int *broken, struct error *error)
{
    printable_put(label, stdout);
    printf(", scope %s: in %s, %s and %s\n", trials->policy->scope == SCOPE_VOLATILE ? "volatile" : "allkeys",
           world_names[0], world_names[1], world_names[2]);
    for (size_t i = 0; i < law_count; i++) {
        struct error found = {0};

        if (!trials_run(trials, &laws[i], &found)) {
            printf("ok      %s\n", laws[i].name);
        } else if (found.code != ERROR_LAW) {
            *error = found;
            return -1;
        } else {
            printf("BROKEN  %s\n        ", laws[i].name);
            printable_put(found.text, stdout);
            printf("\n");
            ++*broken;
        }
        fflush(stdout);
    }
    return 0;
}

/* Checks the policy in its own scope, and in scope volatile if it may have that as well. */
static int check_scopes(const struct catalog *catalog, const struct user *user, const struct choice *choice,
                        int *broken, struct error *error)
{
    const struct server *worlds[WORLDS];
    struct trials trials = {.worlds = worlds,
                            .world_count = WORLDS,
                            .seeds = SEEDS,
                            .policy = choice->policy,
                            .parameters = choice->parameters,
                            .limit_us = user->limit_us};
    struct policy narrowed;

    for (size_t w = 0; w < WORLDS; w++)
        worlds[w] = catalog_server(catalog, world_names[w]);
    if (choice->policy->scope == SCOPE_NONE)
        return error_set(error, ERROR_USAGE, "%s never evicts: there is nothing to check", choice->label);
    if (check(&trials, choice->label, broken, error))
        return -1;
    if (choice->policy->redis || choice->policy->scope == SCOPE_VOLATILE)
        return 0;
    scope_narrow(choice->policy, &narrowed);
    trials.policy = &narrowed;
    return check(&trials, choice->label, broken, error);
}

static int check_choices(const struct catalog *catalog, const struct user *user, const char *text, struct error *error)
{
    struct choice_list *list = xcalloc(1, sizeof *list);
    int broken = 0, status = choice_list_add(list, catalog, text, SCOPE_ALLKEYS, error);

    for (size_t i = 0; !status && i < list->count; i++)
        status = check_scopes(catalog, user, &list->choices[i], &broken, error);
    if (!status && broken)
        status = error_set(error, ERROR_LAW, "%d law%s broken", broken, broken == 1 ? " is" : "s are");
    choice_list_release(list);
    free(list);
    return status;
}

static int check_policy_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                             struct error *error)
{
    struct user user = {0};
    struct option_set set = {.groups = groups, .group_count = sizeof groups / sizeof *groups, .target = &user};
    int status = options_parse(&set, self->name, argc, argv, error);

    options_release(&set);
    if (status)
        return -1;
    if (set.help) {
        help_print(self, catalog, &set, stdout);
        return 0;
    }
    if (set.operands != 1)
        return error_set(error, ERROR_USAGE, "check-policy takes one policy: a name, or the path of a shared object");
    return check_choices(catalog, &user, argv[0], error);
}

static const struct cli_example examples[] = {
    {"evsim check-policy ./mine.so", "a policy of your own"},
    {"evsim check-policy s3fifo:small=0.2", "one of evsim's"},
    {"evsim check-policy ./mine.so --time-limit 5s", "for each law"},
    {0},
};

const struct subcommand subcommand_check_policy = {
    .name = "check-policy",
    .summary = "test a policy, ./mine.so too, against the laws for all",
    .usage = "evsim check-policy NAME|FILE.so[:parameter=value,...] [options]",
    .about =
        "Runs the laws that hold for every policy over this one, with random traffic, in a flat cache and in two "
        "servers, for all keys and for those with a ttl. Each law runs in a process of its own: a policy that crashes, "
        "ends the program or never comes back breaks it, and the next law is tried. Exit status 1 when one is broken.",
    .examples = examples,
    .options = groups,
    .option_groups = sizeof groups / sizeof *groups,
    .operands = VALUES_POLICIES,
    .run = check_policy_main,
};
