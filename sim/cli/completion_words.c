/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/completion_words.h"

#include "sim/advice/instances.h"
#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/generate/presets.h"
#include "sim/generate/target.h"

#include <stdlib.h>
#include <string.h>

enum { SUMMARY_BYTES = 72 };

/* A word that is there already is left out. */
static void add(struct completion_words *words, const char *word, const char *summary)
{
    for (size_t i = 0; i < words->count; i++)
        if (!strcmp(words->list[i].word, word))
            return;
    words->list = xrealloc(words->list, (words->count + 1) * sizeof *words->list);
    words->list[words->count++] = (struct completion_word){xstrdup(word), summary};
}

static void add_policies(struct completion_words *words, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->policy_count; i++)
        add(words, catalog->policies[i]->name, catalog->policies[i]->summary);
}

static void add_servers(struct completion_words *words, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->server_count; i++)
        add(words, catalog->servers[i].name, catalog->servers[i].summary);
    for (size_t i = 0; i < catalog->server_count; i++)
        if (catalog->servers[i].alias)
            add(words, catalog->servers[i].alias, catalog->servers[i].summary);
}

static void add_formats(struct completion_words *words, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->format_count; i++)
        add(words, catalog->formats[i]->name, catalog->formats[i]->summary);
}

static void add_admissions(struct completion_words *words, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->admission_count; i++)
        add(words, catalog->admissions[i]->name, catalog->admissions[i]->summary);
}

static void add_presets(struct completion_words *words)
{
    for (size_t i = 0; i < preset_count(); i++) {
        struct preset preset = preset_at(i);

        add(words, preset.name, preset.source);
    }
}

static void add_writers(struct completion_words *words, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->trace_writer_count; i++)
        add(words, catalog->trace_writers[i]->name, catalog->trace_writers[i]->summary);
}

static void add_targets(struct completion_words *words, const struct catalog *catalog)
{
    for (size_t i = 0; i < generate_target_count; i++)
        add(words, generate_targets[i]->name, NULL);
    add_writers(words, catalog);
}

static void add_rules(struct completion_words *words)
{
    struct instance_table table = {0};
    struct error error = {0};

    if (!instance_table_scan(&table, "published rules", published_instances, &error))
        for (size_t i = 0; i < table.count; i++)
            add(words, table.rules[i].name, NULL);
    instance_table_release(&table);
}

static void add_figures(struct completion_words *words, const struct catalog *catalog)
{
    const char *name;

    for (int kind = 0; kind < OUTCOME_KINDS; kind++)
        for (size_t i = 0; (name = catalog->figure_name((enum outcome_kind)kind, i)); i++)
            add(words, name, NULL);
}

struct completion_words completion_words_of(const struct catalog *catalog, enum option_values values)
{
    struct completion_words words = {0};

    switch (values) {
    case VALUES_FREE:
    case VALUES_FILES:
    case VALUES_FOLDERS:
    case VALUES_KINDS:
        break;
    case VALUES_POLICIES:
        add_policies(&words, catalog);
        break;
    case VALUES_SERVERS:
        add_servers(&words, catalog);
        break;
    case VALUES_FORMATS:
        add_formats(&words, catalog);
        break;
    case VALUES_ADMISSIONS:
        add_admissions(&words, catalog);
        break;
    case VALUES_PRESETS:
        add_presets(&words);
        break;
    case VALUES_WRITERS:
        add_writers(&words, catalog);
        break;
    case VALUES_TARGETS:
        add_targets(&words, catalog);
        break;
    case VALUES_COMMANDS:
        for (enum op op = 0; op < OP_COUNT; op++)
            add(&words, op_name(op), NULL);
        break;
    case VALUES_RULES:
        add_rules(&words);
        break;
    case VALUES_FIGURES:
        add_figures(&words, catalog);
        break;
    case VALUES_SUBCOMMANDS:
        for (size_t i = 0; i < catalog->subcommand_count; i++)
            add(&words, catalog->subcommands[i]->name, catalog->subcommands[i]->summary);
        break;
    }
    return words;
}

static struct completion_words words_of_list(const char *const *list)
{
    struct completion_words words = {0};

    for (; list && *list; list++)
        add(&words, *list, NULL);
    return words;
}

struct completion_words completion_words_of_operands(const struct subcommand *subcommand)
{
    return words_of_list(subcommand->operand_words);
}

struct completion_words completion_words_of_row(const struct option *option)
{
    struct completion_words words = words_of_list(option->words);

    if (option->zero)
        add(&words, option->zero, NULL);
    return words;
}

struct completion_words completion_words_of_parameters(const struct catalog *catalog)
{
    struct completion_words words = {0};

    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        for (size_t k = 0; policy->parameters && policy->parameters[k].name; k++) {
            char text[128];

            snprintf(text, sizeof text, "%s:%s=", policy->name, policy->parameters[k].name);
            add(&words, text, policy->parameters[k].summary);
        }
    }
    return words;
}

void completion_words_release(struct completion_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i].word);
    free(words->list);
    *words = (struct completion_words){0};
}

const char *completion_kind(enum option_values values)
{
    static const char *const kinds[VALUES_KINDS] = {
        [VALUES_FREE] = "free",
        [VALUES_FILES] = "files",
        [VALUES_FOLDERS] = "folders",
        [VALUES_POLICIES] = "policies",
        [VALUES_SERVERS] = "servers",
        [VALUES_FORMATS] = "formats",
        [VALUES_ADMISSIONS] = "admissions",
        [VALUES_PRESETS] = "presets",
        [VALUES_WRITERS] = "writers",
        [VALUES_TARGETS] = "targets",
        [VALUES_COMMANDS] = "commands",
        [VALUES_RULES] = "rules",
        [VALUES_FIGURES] = "figures",
        [VALUES_SUBCOMMANDS] = "subcommands",
    };

    return kinds[values];
}

bool completion_takes_value(const struct option *option)
{
    return option->kind != OPTION_SWITCH;
}

bool completion_takes_several(const struct option *option)
{
    return option->argument && strstr(option->argument, "[,");
}

char *completion_summary(const char *text)
{
    size_t bytes = strcspn(text, ";");
    char *summary;

    if (bytes <= SUMMARY_BYTES)
        return strndup(text, bytes);
    for (bytes = SUMMARY_BYTES; bytes > 1 && text[bytes] != ' ';)
        bytes--;
    summary = xmalloc(bytes + sizeof " ...");
    memcpy(summary, text, bytes);
    strcpy(summary + bytes, " ...");
    return summary;
}

void completion_put(const char *text, const char *special, const char *escape, FILE *out)
{
    for (; *text; text++)
        fprintf(out, "%s%c", strchr(special, *text) ? escape : "", *text);
}
