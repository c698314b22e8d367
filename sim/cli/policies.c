/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policies, servers: list the names that run accepts, and say all about some policies. */
#include "sim/alloc.h"
#include "sim/cli/cell_lists.h"
#include "sim/cli/choice.h"
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/listing.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/policy_page.h"
#include "sim/json_text.h"
#include "sim/redis_policy.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The parameters are printed below the line of their policy or rule. */
static void print_parameters(const struct policy_parameter *parameters)
{
    for (size_t i = 0; parameters && parameters[i].name; i++) {
        const struct policy_parameter *parameter = &parameters[i];

        printf("%-16s %-8s %5s     %s=", "", "", "", parameter->name);
        policy_put_number(parameter->initial, stdout);
        printf("  %s (", parameter->summary);
        policy_put_number(parameter->least, stdout);
        printf(" to ");
        policy_put_number(parameter->most, stdout);
        printf(")\n");
    }
}

static void print_admissions(const struct catalog *catalog)
{
    printf("\n%-32s %s\n", "admission", "a key comes in");
    for (size_t i = 0; i < catalog->admission_count; i++) {
        const struct admission *admission = catalog->admissions[i];

        printf("%-32s %s%s%s%s\n", admission->name, admission->summary, admission->source ? " [" : "",
               admission->source ? admission->source : "", admission->source ? "]" : "");
        print_parameters(admission->parameters);
    }
}

/* Those of Redis's own that all servers have, or the late ones. */
static void print_own(const struct catalog *catalog, bool late)
{
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (catalog->policies[i]->redis && catalog->policies[i]->redis->notes_every_write == late)
            printf(" %s", catalog->policies[i]->name);
}

static void print_list(const struct catalog *catalog)
{
    printf("%-16s %-8s %5s  %s\n", "policy", "scope", "bytes", "victim");
    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        printf("%-16s %-8s %5zu  %s%s%s%s\n", policy->name, policy_scope_name(policy->scope), policy->entry_size,
               policy->summary, policy->source ? " [" : "", policy->source ? policy->source : "",
               policy->source ? "]" : "");
        print_parameters(policy->parameters);
        if (policy->libcachesim)
            printf("%-16s %-8s %5s     with --compat libcachesim: %s\n", "", "", "", policy->libcachesim);
    }
    printf("\nbytes: memory of this machine that the policy takes for each key in each cell\n--policy all:");
    print_own(catalog, false);
    printf("; of Redis 8.6 and later also");
    print_own(catalog, true);
    printf("\n--policy sieve@volatile: evicts keys with a ttl only; for any policy but Redis's own\n"
           "--policy s3fifo:small=0.2,ghost=1: sets parameters; the list shows name=default\n"
           "--policy ./mine.so: a policy of your own, see policies/README.md\n");
    print_admissions(catalog);
    printf("\n--admission size:most=64kb: this rule stands in front of every policy of the run\n"
           "\nevsim policies NAME: all about one, with commands that try it\n");
}

/* ---- some of them, or all as JSON ---- */

enum { RULES = 64 };

struct user {
    const struct catalog *catalog;
    struct listing_request wanted;
    struct choice_list chosen;
    const struct admission *rules[RULES];
    size_t rule_count;
};

static bool add_rule(struct user *user, const char *name)
{
    const struct admission *rule = NULL;

    for (size_t i = 0; i < user->catalog->admission_count; i++)
        if (!strcasecmp(user->catalog->admissions[i]->name, name))
            rule = user->catalog->admissions[i];
    for (size_t i = 0; i < user->rule_count; i++)
        if (user->rules[i] == rule)
            return true;
    if (rule && user->rule_count < RULES)
        user->rules[user->rule_count++] = rule;
    return rule;
}

/* Policies as run names them: in any case, by pattern, several with commas, ./mine.so; and rules of admission. tinylfu is
 * both. */
static int choose(struct user *user, const char *name, struct error *error)
{
    if (add_rule(user, name) && !catalog_policy(user->catalog, name))
        return 0;
    return choice_list_add(&user->chosen, user->catalog, name, SCOPE_ALLKEYS, error);
}

static int choose_every(struct user *user, struct error *error)
{
    for (size_t i = 0; i < user->catalog->admission_count; i++)
        add_rule(user, user->catalog->admissions[i]->name);
    return choice_list_add(&user->chosen, user->catalog, "*", SCOPE_ALLKEYS, error);
}

static void print_pages(const struct user *user)
{
    for (size_t i = 0; i < user->chosen.count; i++) {
        if (i)
            putchar('\n');
        policy_page(&user->chosen.choices[i], stdout);
    }
    for (size_t i = 0; i < user->rule_count; i++) {
        if (i || user->chosen.count)
            putchar('\n');
        policy_page_admission(user->rules[i], stdout);
    }
}

static void print_json(const struct user *user)
{
    json_t *document = json_object(), *list = json_array(), *rules = json_array();

    for (size_t i = 0; i < user->chosen.count; i++)
        json_array_append_new(list, policy_page_json(&user->chosen.choices[i]));
    for (size_t i = 0; i < user->rule_count; i++)
        json_array_append_new(rules, policy_page_admission_json(user->rules[i]));
    json_object_set_new(document, "policies", list);
    json_object_set_new(document, "admissions", rules);
    json_text_put(document, JSON_INDENT(2) | JSON_REAL_PRECISION(15), stdout);
}

/* ---- a line each ---- */

static const char *const policy_titles[] = {"kind",   "name",       "scope",       "bytes", "victim",
                                            "source", "parameters", "libcachesim", NULL};

/* "small=0.1 ghost=0.9": with their defaults. To be freed. */
static char *join_parameters(const struct policy_parameter *parameters)
{
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    for (size_t i = 0; parameters && parameters[i].name; i++) {
        fprintf(file, "%s%s=", i ? " " : "", parameters[i].name);
        policy_put_number(parameters[i].initial, file);
    }
    fclose(file);
    return text;
}

static void add_line(struct listing *listing, const char *const *cells, const struct policy_parameter *parameters,
                     const char *libcachesim)
{
    char *joined = join_parameters(parameters);

    for (size_t i = 0; policy_titles[i] && strcmp(policy_titles[i], "parameters") != 0; i++)
        listing_cell(listing, cells[i] ? cells[i] : "");
    listing_cell(listing, joined);
    listing_cell(listing, libcachesim ? libcachesim : "");
    free(joined);
}

static void print_listing(const struct user *user)
{
    struct listing listing;

    listing_begin(&listing, policy_titles);
    for (size_t i = 0; i < user->chosen.count; i++) {
        const struct choice *choice = &user->chosen.choices[i];
        const struct policy *policy = choice->policy;
        char bytes[24];

        snprintf(bytes, sizeof bytes, "%zu", policy->entry_size);
        add_line(&listing,
                 (const char *const[]){"policy", choice->label, policy_scope_name(policy->scope), bytes,
                                       policy->summary, policy->source},
                 policy->parameters, policy->libcachesim);
    }
    for (size_t i = 0; i < user->rule_count; i++)
        add_line(&listing,
                 (const char *const[]){"admission", user->rules[i]->name, "", "", user->rules[i]->summary,
                                       user->rules[i]->source},
                 user->rules[i]->parameters, NULL);
    listing_print(&listing, &user->wanted);
    listing_release(&listing);
}

static const struct option_group policies_groups[] = {
    {OPTIONS_OF(listing_options), .offset = offsetof(struct user, wanted)}};

static int policies_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                         struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = self->options, .group_count = self->option_groups, .target = user};
    int status = options_parse(&set, self->name, argc, argv, error);
    bool is_plain = listing_is_plain(&user->wanted), lists = !set.operands && is_plain;
    bool are_pages = is_plain && user->wanted.form == FORM_AUTO;

    user->catalog = catalog;
    if (!status && !set.help)
        status = listing_check(&user->wanted, policy_titles, error);
    for (int i = 0; !status && !set.help && i < set.operands; i++)
        status = choose(user, argv[i], error);
    if (!status && !set.help && !set.operands && !is_plain)
        status = choose_every(user, error);
    if (status)
        ;
    else if (set.help)
        help_print(self, catalog, &set, stdout);
    else if (listing_is_json(&user->wanted))
        print_json(user);
    else if (lists)
        print_list(catalog);
    else if (are_pages)
        print_pages(user);
    else
        print_listing(user);
    choice_list_release(&user->chosen);
    options_release(&set);
    free(user);
    return status;
}

/* ---- servers ---- */

struct servers_user {
    bool diff;
    struct listing_request wanted;
};

static const char *const server_titles[] = {"server", "alias", "basis", "summary", NULL};

static const char *basis_of(const struct server *server)
{
    return !server->profile ? "-" : server->is_read ? "read" : "measured";
}

static void list_servers(const struct catalog *catalog, const struct listing_request *wanted)
{
    struct listing listing;

    listing_begin(&listing, server_titles);
    for (size_t i = 0; i < catalog->server_count; i++) {
        const struct server *server = &catalog->servers[i];

        listing_cell(&listing, server->name);
        listing_cell(&listing, server->alias ? server->alias : "");
        listing_cell(&listing, basis_of(server));
        listing_cell(&listing, server->summary);
    }
    listing_print(&listing, wanted);
    listing_release(&listing);
}

/* Breaks a line at 80 columns; what goes on begins below the words. */
static void print_line(void *owner, const char *line)
{
    enum { MARGIN = 4, WIDTH = 80 };
    size_t column = 2;

    (void)owner;
    printf("  %.2s", line);
    column += 2;
    for (const char *at = line + 2; *at;) {
        size_t length = strcspn(at, " ");

        if (column > MARGIN && column + 1 + length > WIDTH) {
            printf("\n%*s", MARGIN, "");
            column = MARGIN;
        } else if (column > MARGIN) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, at);
        column += length;
        at += length + strspn(at + length, " ");
    }
    putchar('\n');
}

static const struct server *find_server(const struct catalog *catalog, const char *name, struct error *error)
{
    const struct server *list[1];
    size_t count = 0;

    if (server_list_add(list, &count, 1, catalog, name, error))
        return NULL;
    if (!list[0]->model->rules)
        error_set(error, ERROR_USAGE, "--diff: %s has plain sizes, and no rules to compare", list[0]->name);
    return error_is_set(error) ? NULL : list[0];
}

static void print_differences(const struct server *a, const struct server *b)
{
    const struct model_rules *rules = a->model->rules;
    bool any = false;

    printf("%s (%s) -> %s (%s)\n", a->name, basis_of(a), b->name, basis_of(b));
    for (size_t group = 0; rules->group_name(group); group++) {
        if (!rules->groups.differs(a->profile, b->profile, group))
            continue;
        printf("\n%s\n", rules->group_name(group));
        rules->differences(a->profile, b->profile, group, print_line, NULL);
        any = true;
    }
    puts(any ? "\n+ holds in the second only; - in the first only; numbers without a unit are bytes;\n[]: the rule's "
               "name, as --what-if 'rule NAME of SERVER' takes it"
             : "no difference that evsim models");
}

static const struct option servers_options[] = {
    {.name = "diff",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "how the second of two servers differs from the first, in words",
     .brief = "how two servers differ",
     OPTION_IN(struct servers_user, diff)},
};

static const struct option_group servers_groups[] = {
    {OPTIONS_OF(servers_options)}, {OPTIONS_OF(listing_options), .offset = offsetof(struct servers_user, wanted)}};

static int servers_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                        struct error *error)
{
    struct servers_user user = {.diff = false};
    struct option_set set = {.groups = self->options, .group_count = self->option_groups, .target = &user};
    const struct server *a, *b;
    int status = options_parse(&set, self->name, argc, argv, error);

    if (!status && !set.help)
        status = listing_check(&user.wanted, server_titles, error);
    if (status) {
        ;
    } else if (set.help) {
        help_print(self, catalog, &set, stdout);
    } else if (user.diff && !listing_is_plain(&user.wanted)) {
        error_set(error, ERROR_USAGE,
                  "--diff says in words how servers differ: not with --print, --json or --columns-of");
    } else if (user.diff && set.operands == 2) {
        a = find_server(catalog, argv[0], error);
        b = a ? find_server(catalog, argv[1], error) : NULL;
        if (b)
            print_differences(a, b);
    } else if (user.diff) {
        error_set(error, ERROR_USAGE, "--diff takes two servers: evsim servers --diff redis-8.0 redis-8.6");
    } else if (set.operands) {
        error_set(error, ERROR_USAGE, "servers takes no arguments without --diff: '%s'", argv[0]);
    } else {
        list_servers(catalog, &user.wanted);
    }
    options_release(&set);
    return error_is_set(error) ? -1 : status;
}

static const struct cli_example policy_examples[] = {
    {"evsim policies", "each with scope, parameters, source"},
    {"evsim policies s3fifo", "all about one, and commands that try it"},
    {"evsim policies 'allkeys-*' --json", "of some, for a program"},
    {0},
};

const struct subcommand subcommand_policies = {
    .name = "policies",
    .summary = "the eviction policies there are",
    .usage = "evsim policies [NAME...] [--print FORM]",
    .about = "Lists the policies and rules of admission that --policy and --admission take, each with a line for each "
             "parameter; or says all that is known of those that are named, as run names them: in any case, by a "
             "pattern, or a policy of your own, ./mine.so.",
    .examples = policy_examples,
    .prints_words = true,
    .options = policies_groups,
    .option_groups = sizeof policies_groups / sizeof *policies_groups,
    .operands = VALUES_POLICIES,
    .run = policies_main,
};

static const struct cli_example server_examples[] = {
    {"evsim servers", "names; measured, or read"},
    {"evsim servers --diff redis-8.0 redis-8.6", "what changes, rule by rule"},
    {0},
};

const struct subcommand subcommand_servers = {
    .name = "servers",
    .summary = "the servers that can be modeled",
    .usage = "evsim servers [--diff A B] [--print FORM]",
    .about = "Lists the servers that --server takes, and whether each was run and measured or only read: its source "
             "text and its release "
             "notes. With --diff, how one differs from another: by layout of keys, hash tables, values, allocator, "
             "eviction and expiry, "
             "the empty server, commands.",
    .examples = server_examples,
    .prints_words = true,
    .options = servers_groups,
    .option_groups = sizeof servers_groups / sizeof *servers_groups,
    .run = servers_main,
};
