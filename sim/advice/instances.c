/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/instances.h"

#include "sim/alloc.h"
#include "sim/line_file.h"
#include "sim/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Facts of the providers' own pages, in our words; 80 columns wide, as it is printed. */
const char published_instances[] = "# Rules that providers have published, by name: what share of a node's memory\n"
                                   "# is to stay out of maxmemory. Copy this table to a file, change it, and name\n"
                                   "# it with --instances.\n"
                                   "#\n"
                                   "# ElastiCache sets a quarter of a node's memory aside by default\n"
                                   "# (reserved-memory-percent), and recommends it for most cases; 30 % for small\n"
                                   "# and 50 % for micro burstable nodes: docs.aws.amazon.com, AmazonElastiCache,\n"
                                   "# redis-memory-management (Valkey and Redis OSS).\n"
                                   "rule elasticache 25% AmazonElastiCache redis-memory-management, read 2026-11-27\n"
                                   "rule elasticache-small 30% AmazonElastiCache redis-memory-management, 2026-11-27\n"
                                   "rule elasticache-micro 50% AmazonElastiCache redis-memory-management, 2026-11-27\n"
                                   "# Memorystore for Redis: maxmemory-gb at 80 % of the capacity while it exports,\n"
                                   "# imports, scales or upgrades: cloud.google.com,\n"
                                   "# memorystore/docs/redis/general-best-practices.\n"
                                   "rule memorystore 20% Google memorystore general-best-practices, read 2026-11-27\n"
                                   "# Memorystore for Redis Cluster: a fifth of a node is not writable by default:\n"
                                   "# cloud.google.com, memorystore/docs/cluster/cluster-node-specification.\n"
                                   "rule memorystore-cluster 20% Google cluster-node-specification, read 2026-11-27\n"
                                   "size memorystore-cluster redis-shared-core-nano 1400m\n"
                                   "size memorystore-cluster redis-standard-small 6500m\n"
                                   "size memorystore-cluster redis-highmem-medium 13g\n"
                                   "size memorystore-cluster redis-highmem-xlarge 58g\n"
                                   "# Azure Cache for Redis: a tenth for maxmemory-reserved and a tenth for\n"
                                   "# maxfragmentationmemory-reserved, by default: learn.microsoft.com,\n"
                                   "# azure-cache-for-redis/cache-best-practices-memory-management.\n"
                                   "rule azure-cache 20% Azure cache-best-practices-memory-management of 2025-04-14\n";

/* ---- the table ---- */

bool scan_reserve(const char *text, double *reserve)
{
    char *end;

    if (!isdigit((unsigned char)*text) && *text != '.')
        return false;
    *reserve = strtod(text, &end);
    if (!strcmp(end, "%"))
        *reserve /= 100;
    else if (*end)
        return false;
    return *reserve >= 0 && *reserve < 1;
}

static struct instance_rule *find(const struct instance_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (!strcmp(table->rules[i].name, name))
            return &table->rules[i];
    return NULL;
}

static int add_rule(struct instance_table *table, const char *name, const char *share, const char *source,
                    struct error *error)
{
    double reserve;

    if (!*source)
        return error_set(error, ERROR_USAGE, "a rule is: rule NAME SHARE SOURCE, as in rule my-cloud 25%% its manual");
    if (!scan_reserve(share, &reserve))
        return error_set(error, ERROR_USAGE, "'%s' is no share of a machine's memory below 100%%, as 25%%", share);
    if (find(table, name))
        return error_set(error, ERROR_USAGE, "there is a rule %s already", name);
    table->rules = xrealloc(table->rules, (table->count + 1) * sizeof *table->rules);
    table->rules[table->count++] =
        (struct instance_rule){.name = xstrdup(name), .source = xstrdup(source), .reserve = reserve};
    return 0;
}

static int add_size(struct instance_table *table, const char *name, const char *machine, const char *memory,
                    struct error *error)
{
    struct instance_rule *rule = find(table, name);
    uint64_t bytes;

    if (!*memory)
        return error_set(error, ERROR_USAGE, "a size is: size NAME MACHINE MEMORY, as in size my-cloud small 4gb");
    if (!rule)
        return error_set(error, ERROR_USAGE, "no rule %s stands above it", name);
    if (!scan_bytes(memory, &bytes) || !bytes)
        return error_set(error, ERROR_USAGE, "'%s' is no size of memory, as 4gb", memory);
    rule->sizes = xrealloc(rule->sizes, (rule->size_count + 1) * sizeof *rule->sizes);
    rule->sizes[rule->size_count++] = (struct instance_size){xstrdup(machine), bytes};
    return 0;
}

/* Takes the next word of a line; "" at its end. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");

    *rest = word + strcspn(word, " \t");
    if (**rest)
        *(*rest)++ = '\0';
    return word;
}

static int scan_line(struct instance_table *table, char *line, struct error *error)
{
    char *rest = line, *kind = next_word(&rest), *name, *second, *third;

    if (!*kind || *kind == '#')
        return 0;
    name = next_word(&rest);
    second = next_word(&rest);
    third = rest + strspn(rest, " \t");
    if (!strcmp(kind, "rule"))
        return add_rule(table, name, second, third, error);
    if (!strcmp(kind, "size"))
        return add_size(table, name, second, next_word(&rest), error);
    return error_set(error, ERROR_USAGE, "a line begins with rule, size or #, not with '%s'", kind);
}

int instance_table_scan(struct instance_table *table, const char *name, const char *text, struct error *error)
{
    char *copy = xstrdup(text), *rest = copy, *line;
    int number = 0, status = 0;

    while (!status && (line = strsep(&rest, "\n"))) {
        number++;
        line[strcspn(line, "\r")] = '\0';
        if (scan_line(table, line, error))
            status = error_prefix(error, "%s:%d: ", name, number);
    }
    free(copy);
    return status;
}

int instance_table_read(struct instance_table *table, const char *path, uint64_t memory_limit, struct error *error)
{
    struct line_file file;
    int status;

    if (line_file_open(&file, path, memory_limit))
        return error_set(error, ERROR_USAGE, "%s: cannot open: %s", path, strerror(errno));
    status = line_file_rest(&file, error) < 0 ? -1 : 0;
    if (!status && file.reason)
        status = error_set(error, ERROR_USAGE, "%s: cannot read: %s", path, strerror(file.reason));
    else if (!status)
        status = instance_table_scan(table, path, file.text, error);
    line_file_close(&file);
    return status;
}

void instance_table_release(struct instance_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        struct instance_rule *rule = &table->rules[i];

        for (size_t j = 0; j < rule->size_count; j++)
            free((char *)rule->sizes[j].name);
        free(rule->sizes);
        free((char *)rule->name);
        free((char *)rule->source);
    }
    free(table->rules);
    *table = (struct instance_table){0};
}

const struct instance_rule *instance_table_find(const struct instance_table *table, const char *name,
                                                struct error *error)
{
    const struct instance_rule *rule = find(table, name);
    char names[512] = "";

    for (size_t i = 0; !rule && i < table->count; i++) {
        size_t used = strlen(names);

        snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", table->rules[i].name);
    }
    if (!rule)
        error_set(error, ERROR_USAGE, "no rule is called '%s': there are %s; or say --reserve 25%%", name, names);
    return rule;
}

/* ---- choosing ---- */

static const struct instance_size *smallest(const struct instance_rule *rule, uint64_t needs)
{
    const struct instance_size *best = NULL;

    for (size_t i = 0; i < rule->size_count; i++)
        if (rule->sizes[i].memory >= needs && (!best || rule->sizes[i].memory < best->memory))
            best = &rule->sizes[i];
    return best;
}

void instance_choose(const struct instance_rule *rule, double price, uint64_t maxmemory, uint64_t machines,
                     struct sized_line *line)
{
    struct sized_instance *instance = &line->instance;
    const struct instance_size *machine;
    uint64_t by_rule;

    instance->cost = NAN;
    instance->machines = machines;
    if (!rule || !line->needed_memory)
        return;
    by_rule = (uint64_t)ceil((double)maxmemory / (1 - rule->reserve));
    instance->rule = xstrdup(rule->name);
    instance->source = rule->source ? xstrdup(rule->source) : NULL;
    instance->reserve = rule->reserve;
    instance->needs = by_rule > line->needed_memory ? by_rule : line->needed_memory;
    machine = smallest(rule, instance->needs);
    instance->name = machine ? xstrdup(machine->name) : NULL;
    instance->memory = machine ? machine->memory : instance->needs;
    instance->cost = price * (double)instance->memory / (1 << 30) * (double)machines;
}
