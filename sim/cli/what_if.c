/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/what_if.h"

#include "sim/alloc.h"
#include "sim/cli/note.h"
#include "sim/cli/results.h"
#include "sim/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the option ---- */

static int add_text(void *group, const struct option *option, const char *value, struct error *error)
{
    struct what_if_options *options = group;

    if (options->count == WHAT_IFS)
        return error_set(error, ERROR_USAGE, "--%s: more than %d of them", option->name, WHAT_IFS);
    options->texts[options->count++] = value;
    return 0;
}

const struct option what_if_options[WHAT_IF_OPTIONS] = {
    {.name = "what-if",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "CHANGE",
     .brief = "and what changes: 'maxmemory 2gb'",
     .repeats = true,
     .help = "also replay with this change, see below, and print what is different, with its interval over the seeds; "
             "may be given several times, each is compared with the run as it is",
     .set = add_text},
};

/* ---- names ---- */

struct names {
    struct what_if_options *options;
    const struct catalog *catalog;
};

static int find_server(void *owner, const char *name, const struct server **server, struct error *error)
{
    const struct names *names = owner;

    *server = strcasecmp(name, "next") ? catalog_server(names->catalog, name) : NULL;
    if (*server || !strcasecmp(name, "next"))
        return 0;
    return catalog_no_server(names->catalog, name, error);
}

static int find_policy(void *owner, const char *name, struct named_policy *policy, struct error *error)
{
    const struct names *names = owner;
    struct what_if_options *options = names->options;
    struct choice_list *list = xcalloc(1, sizeof *list);
    struct named_policy *named = xcalloc(CHOICES, sizeof *named);
    int status;

    options->policies = xrealloc(options->policies, (options->policy_count + 1) * sizeof(struct choice_list *));
    options->policies[options->policy_count++] = list;
    status = choice_list_add(list, names->catalog, name, SCOPE_ALLKEYS, error);
    if (!status && choice_list_name(list, named) != 1)
        status =
            error_set(error, ERROR_USAGE, "maxmemory-policy %s: one policy at a time, each in its own --what-if", name);
    if (!status)
        *policy = named[0];
    free(named);
    return status;
}

/* Says where a server works with another value than the user's. */
static void note_clamped(const struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct change_part *part = &changes->parts[i];
        struct redis_config config;
        struct error none = {0};
        char works[REDIS_OPTION_TEXT];

        if (!part->is_clamped)
            continue;
        redis_config_init(&config);
        redis_option_set(&config, part->option, part->value, &none);
        note("--what-if '%s %s': the server works with %s", part->option->name, part->value,
             redis_option_print(&config, part->option, works));
    }
}

/* ---- upgrades ---- */

/* Whether some server of the grid and the one that it becomes differ in it. */
static bool any_differs(const struct what_if_options *options, const struct server *to, bool by_rule, size_t piece)
{
    for (size_t i = 0; i < options->server_count; i++) {
        const struct server *from = options->servers[i], *other = to ? to : server_next(from);

        if (from->profile && other->profile && change_differ(from, other, by_rule, piece))
            return true;
    }
    return false;
}

/* "redis-8.6" of "redis-8.6 by rule", and whether it says so. To be freed. */
static char *name_of_upgrade(const char *text, bool *by_rule)
{
    static const char tail[] = " by rule";
    char *name = xstrdup(text + strspn(text, " "));
    size_t length = strlen(name);

    *by_rule = length > strlen(tail) && !strcasecmp(name + length - strlen(tail), tail);
    if (*by_rule)
        name[length - strlen(tail)] = '\0';
    return name;
}

/* Of 'upgrade redis-8.6': the server, and each group of its rules by itself; with 'by rule' each rule. */
static int add_upgrade(struct what_if_options *options, const struct change_names *names, const char *text,
                       struct error *error)
{
    const struct model_rules *rules = names->rules;
    size_t whole = options->list_count;
    const struct server *to;
    const char *(*word)(size_t piece);
    bool by_rule;
    char *name = name_of_upgrade(text + strlen("upgrade "), &by_rule);
    int status = names->find_server(names->owner, name, &to, error) ||
                 change_server(&options->list[options->list_count++], to, error);

    free(name);
    if (status)
        return -1;
    if (!rules)
        return 0;
    word = by_rule ? rules->single.word : rules->groups.word;
    for (size_t piece = 0; word(piece); piece++) {
        struct changes *change = &options->list[options->list_count];

        if (!any_differs(options, to, by_rule, piece))
            continue;
        if (options->list_count == WHAT_IFS)
            return error_set(error, ERROR_USAGE, "more than %d of them with what upgrades are made of", WHAT_IFS);
        options->list_count++;
        options->parts[whole]++;
        if (change_rules_of(change, rules, by_rule, word(piece), to, error))
            return -1;
        change->parts->is_of_upgrade = true;
    }
    return 0;
}

/* Those of the first server that has some. */
static const struct model_rules *rules_of(const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->server_count; i++)
        if (catalog->servers[i].model->rules)
            return catalog->servers[i].model->rules;
    return NULL;
}

int what_if_settle(struct what_if_options *options, const struct catalog *catalog, struct error *error)
{
    struct names owner = {options, catalog};
    const struct change_names names = {&owner, find_server, rules_of(catalog), find_policy};

    options->list = xcalloc(WHAT_IFS + 1, sizeof *options->list);
    options->parts = xcalloc(WHAT_IFS + 1, sizeof *options->parts);
    for (size_t i = 0; i < options->count; i++) {
        const char *text = options->texts[i];
        bool upgrades = !strncasecmp(text, "upgrade ", strlen("upgrade "));

        if (options->list_count == WHAT_IFS)
            return error_set(error, ERROR_USAGE, "--what-if: more than %d of them", WHAT_IFS);
        if (upgrades ? add_upgrade(options, &names, text, error)
                     : change_parse(&options->list[options->list_count++], text, &names, &options->patterns, error))
            return error_prefix(error, "--what-if '%s': ", text);
    }
    for (size_t i = 0; i < options->list_count; i++)
        note_clamped(&options->list[i]);
    return 0;
}

void what_if_release(struct what_if_options *options)
{
    for (size_t i = 0; options->list && i < options->list_count; i++)
        change_release(&options->list[i]);
    for (size_t i = 0; i < options->policy_count; i++) {
        choice_list_release(options->policies[i]);
        free(options->policies[i]);
    }
    free(options->list);
    free(options->parts);
    free(options->policies);
}

struct what_if what_if_of(const struct what_if_options *options, uint64_t seeds)
{
    return (struct what_if){options->list, options->list_count, &options->patterns, seeds, options->parts};
}

/* ---- output ---- */

/* The run's settings with those of the change, under these names; the texts of all stay where they are. To be freed. */
static struct setting *changed_settings(const struct run *run, const struct changes *changes, struct setting what_if,
                                        size_t *count)
{
    struct setting *settings = xcalloc(run->setting_count + 1, sizeof *settings);

    memcpy(settings, run->settings, run->setting_count * sizeof *settings);
    *count = run->setting_count;
    for (size_t i = 0; i < changes->count; i++)
        for (size_t s = 0; s < *count; s++)
            if (changes->parts[i].kind == CHANGE_OPTION && !strcmp(settings[s].name, changes->parts[i].option->name))
                settings[s].value = changes->parts[i].value;
    settings[(*count)++] = what_if;
    return settings;
}

static int write_run(const struct catalog *catalog, const struct output_request *all, const char *name,
                     const struct run *run, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    char *below = output_path(all->directory, name);
    struct output_request output = {.directory = below, .figures = all->figures};
    int status = results_write(catalog, &output, &outcome, "results and figures", error);

    free(below);
    return status;
}

/* The run as it is, and the runs with each change. */
static int write_runs(const struct what_if *what_if, const struct catalog *catalog, const struct output_request *output,
                      const struct run *run, struct error *error)
{
    size_t count = run->result_count / (1 + what_if->count);
    struct run now = *run;
    int status;

    now.result_count = count;
    status = write_run(catalog, output, "now", &now, error);
    for (size_t i = 0; i < what_if->count && !status; i++) {
        struct run other = now;
        struct setting setting = {xstrdup("what-if"), change_print(&what_if->list[i])};
        char folder[32];

        snprintf(folder, sizeof folder, "what-if-%zu", i + 1);
        other.results = run->results + (1 + i) * count;
        other.settings = changed_settings(run, &what_if->list[i], setting, &other.setting_count);
        status = write_run(catalog, output, folder, &other, error);
        free(other.settings);
        free(setting.name);
        free(setting.value);
    }
    return status;
}

int what_if_write(const struct what_if *what_if, const struct catalog *catalog, const struct output_request *output,
                  struct run *run, struct error *error)
{
    struct comparison comparison = {.version = xstrdup(catalog->version)};
    struct outcome outcome = {.kind = OUTCOME_COMPARISON, .comparison = &comparison};
    struct run all = *run; /* its texts pass to the comparison, its results stay */
    int status;

    what_if_compare(what_if, run, &comparison);
    run->results = NULL;
    run->result_count = 0;
    comparison_take_run(&comparison, run);
    status = results_print(catalog, output, &outcome, error) ||
             results_write(catalog, output, &outcome, "the differences", error);
    if (!status && output->directory)
        status = write_runs(what_if, catalog, output, &all, error);
    for (size_t i = 0; i < all.result_count; i++)
        result_release(&all.results[i]);
    free(all.results);
    comparison_release(&comparison);
    return status ? -1 : 0;
}
