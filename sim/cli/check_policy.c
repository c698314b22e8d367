/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check-policy: the laws of every policy, over one of the user's choice. */
#include "sim/cli/choice.h"
#include "sim/laws.h"
#include "sim/printable.h"
#include "sim/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const worlds[] = {"flat", "redis-7.0.15", "valkey-8.1.1-debian"};
enum { WORLDS = sizeof worlds / sizeof *worlds };

/* Whether the law holds in every world, for several seeds; says what was seen where it does not. */
static bool holds(const struct catalog *catalog, const struct law *law, const struct choice *choice,
                  const struct policy *policy)
{
    for (size_t w = 0; w < WORLDS; w++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            struct trial trial = {.server = catalog_server(catalog, worlds[w]),
                                  .policy = policy,
                                  .parameters = choice->parameters,
                                  .seed = seed};
            struct error error = {0};

            if (!law->check(&trial, &error))
                continue;
            printf("BROKEN  %s\n        %s, seed %d: %s\n", law->name, worlds[w], (int)seed, error.text);
            return false;
        }
    printf("ok      %s\n", law->name);
    return true;
}

static int check(const struct catalog *catalog, const struct choice *choice, const struct policy *policy,
                 const char *scope)
{
    int broken = 0;

    printable_put(choice->label, stdout);
    printf(", scope %s: in %s, %s and %s\n", scope, worlds[0], worlds[1], worlds[2]);
    for (size_t i = 0; i < law_count; i++)
        broken += !holds(catalog, &laws[i], choice, policy);
    return broken;
}

static void print_help(void)
{
    printf("usage: evsim check-policy NAME|FILE.so[:parameter=value,...]\n\n"
           "Runs the laws that hold for every policy over this one, with random traffic, in a flat cache and in two\n"
           "servers, for all keys and for those with a ttl. Exit status 1 when one is broken.\n");
}

static int check_policy_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct option_set set = {0};
    struct choice_list *list;
    int broken = 0, status = options_parse(&set, "check-policy", argc, argv, error);

    free(set.command);
    if (status)
        return -1;
    if (set.help) {
        print_help();
        return 0;
    }
    if (set.operands != 1)
        return error_set(error, ERROR_USAGE, "check-policy takes one policy: a name, or the path of a shared object");
    list = calloc(1, sizeof *list);
    status = choice_list_add(list, catalog, argv[0], SCOPE_ALLKEYS, error);
    for (size_t i = 0; !status && i < list->count; i++) {
        const struct choice *choice = &list->choices[i];
        struct policy narrowed;

        if (choice->policy->scope == SCOPE_NONE) {
            status = error_set(error, ERROR_USAGE, "%s never evicts: there is nothing to check", choice->label);
            break;
        }
        broken +=
            check(catalog, choice, choice->policy, choice->policy->scope == SCOPE_VOLATILE ? "volatile" : "allkeys");
        if (choice->policy->is_redis || choice->policy->scope == SCOPE_VOLATILE)
            continue;
        scope_narrow(choice->policy, &narrowed);
        broken += check(catalog, choice, &narrowed, "volatile");
    }
    if (broken)
        status = error_set(error, ERROR_LAW, "%d law%s broken", broken, broken == 1 ? " is" : "s are");
    choice_list_release(list);
    free(list);
    return status;
}

const struct subcommand subcommand_check_policy = {
    .name = "check-policy",
    .summary = "run the laws of every policy over one, ./mine.so for example",
    .run = check_policy_main,
};
