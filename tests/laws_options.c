/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_options: laws that hold for every option of every subcommand: its row is complete, --help shows it, what shows it takes it,
 * and its value is among the settings of the results. An option that is added without an example below fails here. */
#include "sim/cli/registry.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef void law_fn(const struct subcommand *subcommand, const struct option *option);

static void for_every_option(law_fn *law)
{
    for (size_t s = 0; s < subcommand_count; s++)
        for (size_t g = 0; g < subcommands[s]->option_groups; g++)
            for (size_t i = 0; i < subcommands[s]->options[g].count; i++)
                law(subcommands[s], &subcommands[s]->options[g].options[i]);
}

/* How often a name, or a letter, stands in the subcommand's tables. */
static int count_of(const struct subcommand *subcommand, const char *name, char letter)
{
    int count = 0;

    for (size_t g = 0; g < subcommand->option_groups; g++)
        for (size_t i = 0; i < subcommand->options[g].count; i++) {
            const struct option *option = &subcommand->options[g].options[i];

            count += name ? !strcasecmp(option->name, name) || (option->alias && !strcasecmp(option->alias, name))
                          : option->letter == letter;
        }
    return count;
}

/* ---- rows ---- */

/* Whether the row says all that its kind needs. */
static bool is_complete(const struct option *option)
{
    switch (option->kind) {
    case OPTION_SWITCH:
        return option->bytes == sizeof(bool) && !option->argument && !option->initial;
    case OPTION_TEXT:
        return option->bytes == sizeof(char *) && option->argument;
    case OPTION_LIST:
        return option->bytes == sizeof(char *) && option->argument && option->add;
    case OPTION_CHOICE: /* without a default, zero must be a word's number */
        return option->bytes == sizeof(int) && option->words && (option->initial || !option->least);
    case OPTION_NUMBER:
    case OPTION_SIZE:
        return (option->bytes == sizeof(uint32_t) || option->bytes == sizeof(uint64_t)) && option->argument;
    case OPTION_DURATION:
        return option->bytes == sizeof(int64_t) && option->argument;
    case OPTION_REAL:
        return option->bytes == sizeof(double) && option->argument && option->highest > option->lowest;
    case OPTION_CUSTOM:
        return option->argument && option->set && (option->print || option->role != OPTION_OF_RESULTS);
    }
    return false;
}

/* What completion offers is what the row says that it takes. */
static bool is_offered(const struct option *option)
{
    const char *argument = option->argument ? option->argument : "";

    if (!strcmp(argument, "FILE") || !strcmp(argument, "TRACE"))
        return option->values == VALUES_FILES;
    return strcmp(argument, "DIR") != 0 || option->values == VALUES_FOLDERS;
}

static void check_row(const struct subcommand *subcommand, const struct option *option)
{
    if (!is_complete(option) || !option->help || !*option->help || strlen(option->help) > 300)
        fail_msg("%s --%s: the row is not complete", subcommand->name, option->name);
    if (!is_offered(option))
        fail_msg("%s --%s: completion does not offer what %s is", subcommand->name, option->name, option->argument);
    if (count_of(subcommand, option->name, '\0') != 1 || !strcasecmp(option->name, "help"))
        fail_msg("%s --%s: the name stands twice", subcommand->name, option->name);
    if (option->alias && count_of(subcommand, option->alias, '\0') != 1)
        fail_msg("%s --%s: the name stands twice", subcommand->name, option->alias);
    if (option->letter && (count_of(subcommand, NULL, option->letter) != 1 || option->letter == 'h'))
        fail_msg("%s -%c: the letter stands twice", subcommand->name, option->letter);
}

static void every_row_is_complete_and_its_name_its_own(void **state)
{
    (void)state;
    for_every_option(check_row);
}

static void check_help(const struct subcommand *subcommand, const struct option *option, const char *help)
{
    char *line;

    if (asprintf(&line, "--%s%s%s", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "") < 0)
        abort();
    if (!strstr(help, line))
        fail_msg("evsim %s --help has no %s", subcommand->name, line);
    free(line);
}

static void help_has_every_option(void **state)
{
    (void)state;
    for (size_t s = 0; s < subcommand_count; s++) {
        char *help = command_output_of(".", "\"$EVSIM\" %s --help", subcommands[s]->name);

        for (size_t g = 0; g < subcommands[s]->option_groups; g++)
            for (size_t i = 0; i < subcommands[s]->options[g].count; i++)
                check_help(subcommands[s], &subcommands[s]->options[g].options[i], help);
        free(help);
    }
}

/* ---- settings ---- */

/* An option as it is given, and what the settings then say. */
struct example {
    const char *name, *value; /* NULL: a switch */
    const char *setting;      /* NULL: the value; "name=text" where the setting has another name */
};

static const struct example of_a_server[] = {
    {"maxmemory", "3mb,5mb", "maxmemory=1mb,3mb,5mb"}, /* behind -m 1mb */
    {"policy", "sieve,lru", NULL},
    {"scope", "volatile", NULL},
    {"admission", "prob:p=0.5", NULL},
    {"server", "redis-7.2.6,redis-7.4.1", NULL},
    {"allocator", "jemalloc-q16", NULL},
    {"seed", "7", NULL},
    {"seeds", "2", NULL},
    {"format", "csv", NULL},
    {"columns", "time=1,key=2,value-size=4,op=6,ttl=7", NULL},
    {"lenient", NULL, "yes"},
    {"size-zero", "empty", NULL},
    {"block-size", "64kb", "block-size=65536"},
    {"row-requests", "100", NULL},
    {"pipeline-gap", "5us", "pipeline-gap-us=5"},
    {"sort-window", "2s", "sort-window-us=2000000"},
    {"grow", "keys=2x,rate=1.5x/week", NULL},
    {"horizon", "'2 weeks'", "14d"},
    {"on-miss", "none", NULL},
    {"scenario", "events", NULL},
    {"baseline-memory", "1mb", "1048576"},
    {"clients-stay", NULL, "yes"},
    {"info-every", "7s", "info-every-us=7000000"},
    {"interval", "1.5s", "interval-us=1500000"},
    {"by", "prefix:2", NULL},
    {"separator", "/", NULL},
    {"miss-cost", "5ms", NULL},
    {"shards", "2,3", NULL},
    {"slots", "table", NULL},
    {"maxmemory-of", "cluster", NULL},
    {"rss", NULL, "yes"},
    {"speed", "deletions=1000,expirations=2000/s", NULL},
    {"config", "redis.conf", NULL},
};

/* What a server does not take. */
static const struct example of_a_flat_cache[] = {
    {"server", "flat", NULL},    {"maxmemory", "3mb", "maxmemory=1mb,3mb"},
    {"unit-sizes", NULL, "yes"}, {"compat", "libcachesim", NULL},
    {"bounds", NULL, "yes"},     {"weigh", "value", NULL},
};

/* Not of clusters. */
static const struct example of_one_server[] = {
    {"warmup", "10%", NULL},
};

/* Of several sizes. */
static const struct example of_a_range[] = {
    {"budget", "3", NULL},
};

static const struct example of_a_sample[] = {
    {"sample", "0.5", NULL},
};

static const struct example of_curves[] = {
    {"policy", "sieve", NULL},
    {"scope", "volatile", NULL},
    {"method", "miniature", NULL},
    {"sample", "0.3", NULL},
    {"sample-keys", "5", NULL},
    {"salts", "3", NULL},
    {"adjust", "reads", NULL},
    {"maxmemory", "10kb,20kb", NULL},
    {"points", "7", NULL},
    {"unit-sizes", NULL, "yes"},
    {"seed", "7", NULL},
    {"format", "csv", NULL},
    {"columns", "time=1,key=2,value-size=4,op=6,ttl=7", NULL},
    {"lenient", NULL, "yes"},
    {"size-zero", "empty", NULL},
    {"block-size", "64kb", "block-size=65536"},
    {"row-requests", "100", NULL},
    {"pipeline-gap", "5us", "pipeline-gap-us=5"},
    {"sort-window", "2s", "sort-window-us=2000000"},
    {"grow", "keys=2x,rate=1.5x/week", NULL},
    {"horizon", "'2 weeks'", "14d"},
    {"weigh", "value", NULL},
};

static const struct example of_server_curves[] = {
    {"server", "redis-7.2.6,valkey-8.0.1", NULL},
    {"seeds", "2", NULL},
    {"budget", "3", NULL},
    {"on-miss", "none", NULL},
    {"allocator", "jemalloc-q16", NULL},
    {"admission", "prob:p=0.5", NULL},
    {"scenario", "quiet-events", NULL},
    {"baseline-memory", "1mb", "1048576"},
    {"clients-stay", NULL, "yes"},
    {"info-every", "7s", "info-every-us=7000000"},
    {"speed", "deletions=1000,expirations=2000/s", NULL},
    {"config", "redis.conf", NULL},
};

/* What does not go with --grow. */
static const struct example of_a_dump[] = {{"preload", "dump.rdb", NULL}};

/* The others are those of a run. */
static const struct example of_sizes[] = {
    {"goal", "'hit_ratio>0.25'", "goal=hit_ratio>=0.2,hit_ratio>0.25"},
    {"seeds", "2", NULL},
    {"precision", "0.05", NULL},
    {"split", "3", NULL},
    {"save-every", "1m", "save-every-us=60000000"},
    {"save-speed", "10mb", "10485760"},
    {"replicas", "2", NULL},
    {"reserve", "25%", NULL},
    {"price-per-gb", "3.5", NULL},
};

/* Those that do not go with --reserve. */
static const struct example of_machines[] = {
    {"rule", "mine", NULL},
    {"instances", "machines", NULL},
};

static const struct example of_doctor[] = {
    {"role", "store", NULL},
    {"seeds", "2", NULL},
};

static const struct example of_inspect[] = {
    {"server", "redis-7.2.6", NULL},     {"separator", "/", NULL},
    {"allocator", "jemalloc-q16", NULL}, {"seed", "7", NULL},
    {"on-miss", "none", NULL},           {"interval", "1.5s", "interval-us=1500000"},
};

/* Redis's own, of all of them. */
static const struct example of_redis[] = {
    {"maxmemory-samples", "7", NULL},
    {"lfu-log-factor", "3", NULL},
    {"lfu-decay-time", "4", NULL},
    {"hz", "50", NULL},
    {"active-expire-effort", "2", NULL},
    {"maxmemory-eviction-tenacity", "20", NULL},
    {"activerehashing", "no", NULL},
    {"latency-tracking", "no", NULL},
    {"repl-backlog-size", "2mb", "2097152"},
    {"hash-max-listpack-entries", "128", NULL},
    {"hash-max-listpack-value", "32", NULL},
    {"hll-sparse-max-bytes", "2000", NULL},
    {"cluster-enabled", "yes", NULL},
    {"timeout", "300", NULL},
    {"maxclients", "500", NULL},
    {"tracking-table-max-keys", "1000", NULL},
    {"slowlog-log-slower-than", "0", NULL},
    {"slowlog-max-len", "1000", NULL},
    {"commandlog-request-larger-than", "100", NULL},
    {"commandlog-large-request-max-len", "1000", NULL},
    {"commandlog-reply-larger-than", "100", NULL},
    {"commandlog-large-reply-max-len", "1000", NULL},
    {"client-output-buffer-limit", "'normal 1mb 1kb 5'",
     "normal 1048576 1024 5 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
    {"maxmemory-clients", "5%", NULL},
    {"set-max-intset-entries", "100", NULL},
    {"set-max-listpack-entries", "20", NULL},
    {"set-max-listpack-value", "32", NULL},
    {"list-max-listpack-size", "-3", NULL},
    {"list-compress-depth", "1", NULL},
    {"zset-max-listpack-entries", "64", NULL},
    {"zset-max-listpack-value", "32", NULL},
    {"stream-node-max-bytes", "2kb", "2048"},
    {"stream-node-max-entries", "50", NULL},
    {"proto-max-bulk-len", "1gb", "1073741824"},
    {"client-query-buffer-limit", "2gb", "2147483648"},
    {"repl-backlog-ttl", "60", NULL},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int make_folder(void **state)
{
    char *folder = support_directory(), *data = realpath("tests/data/twelve.csv", NULL),
         *dump = realpath("tests/data/dumps/redis-7.0.15.rdb.zst", NULL);

    free(command_output_of(
        folder,
        "ln -s '%s' trace.csv && ln -s '%s' dump.rdb && echo 'hz 20' > redis.conf && "
        "echo 'at 5s CONFIG SET maxmemory 4mb' > events && echo 'rule mine 10%% a test' > machines && "
        "echo '0-16383 all' > table && echo 'at 5s CONFIG SET hz 20' > quiet-events",
        data, dump));
    free(dump);
    free(data);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

static char *join(const char *first, const struct example *examples, size_t count)
{
    char *line = xstrdup(first);

    for (size_t i = 0; i < count; i++) {
        char *longer;

        if (asprintf(&longer, "%s --%s %s", line, examples[i].name, examples[i].value ? examples[i].value : "") < 0)
            abort();
        free(line);
        line = longer;
    }
    return line;
}

static json_t *read_json(char *text)
{
    json_t *object = json_loads(text, 0, NULL);

    assert_true(json_is_object(object));
    free(text);
    return object;
}

/* run.json of a run; the same of sizes; the JSON that mrc prints. */
static json_t *results_of(const char *folder, const char *subcommand, const char *options)
{
    if (!strcmp(subcommand, "mrc"))
        return read_json(command_output_of(folder, "\"$EVSIM\" mrc trace.csv --json %s", options));
    if (!strcmp(subcommand, "size"))
        return read_json(command_output_of(
            folder, "\"$EVSIM\" size trace.csv -o out %s > printed 2>&1 && cat out/size_run.json", options));
    if (!strcmp(subcommand, "doctor"))
        return read_json(command_output_of(folder, "\"$EVSIM\" doctor trace.csv --json %s 2>printed", options));
    if (!strcmp(subcommand, "inspect"))
        return read_json(command_output_of(folder, "\"$EVSIM\" inspect trace.csv --json %s 2>printed", options));
    return read_json(
        command_output_of(folder, "\"$EVSIM\" run trace.csv -o out %s > printed 2>&1 && cat out/run.json", options));
}

static const char *setting_of(const json_t *results, const char *name)
{
    return json_string_value(json_object_get(json_object_get(results, "settings"), name));
}

/* The setting says what was given, and something else without. */
static void check_example(const struct example *example, const json_t *with, const json_t *without)
{
    const char *wanted = example->setting ? example->setting : example->value, *equals = strchr(wanted, '=');
    char *name = example->setting && equals ? strndup(wanted, (size_t)(equals - wanted)) : xstrdup(example->name);

    if (example->setting && equals)
        wanted = equals + 1;
    if (!setting_of(with, name) || strcmp(setting_of(with, name), wanted) != 0)
        fail_msg("--%s: the settings say '%s', not '%s'", example->name,
                 setting_of(with, name) ? setting_of(with, name) : "nothing", wanted);
    if (!setting_of(without, name) || !strcmp(setting_of(without, name), wanted))
        fail_msg("--%s: '%s' is what the settings say without it", example->name, wanted);
    free(name);
}

static bool lists(const char *subcommand, const char *name)
{
    for (size_t s = 0; s < subcommand_count; s++)
        if (!strcmp(subcommands[s]->name, subcommand))
            return count_of(subcommands[s], name, '\0') > 0;
    return false;
}

/* Of those that the subcommand has; `needed` is what it cannot do without. */
static void check_examples(const char *folder, const char *subcommand, const char *needed, const struct example *all,
                           size_t all_count)
{
    struct example examples[64] = {0};
    size_t count = 0;
    char *line;
    json_t *with, *without;

    for (size_t i = 0; i < all_count && count < COUNT(examples); i++)
        if (lists(subcommand, all[i].name))
            examples[count++] = all[i];
    line = join(needed, examples, count);
    with = results_of(folder, subcommand, line);
    without = results_of(folder, subcommand, needed);
    for (size_t i = 0; i < count; i++)
        check_example(&examples[i], with, without);
    json_decref(with);
    json_decref(without);
    free(line);
}

static bool has_example(const char *name, const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(examples[i].name, name))
            return true;
    return false;
}

static void what_was_given_is_among_the_settings(void **state)
{
    check_examples(*state, "run", "-m 1mb", of_a_server, COUNT(of_a_server));
    check_examples(*state, "run", "-m 1mb", of_a_flat_cache, COUNT(of_a_flat_cache));
    check_examples(*state, "run", "-m 1mb", of_one_server, COUNT(of_one_server));
    check_examples(*state, "run", "-m 1mb,2mb", of_a_range, COUNT(of_a_range));
    check_examples(*state, "run", "-m 1mb", of_a_sample, COUNT(of_a_sample));
    check_examples(*state, "run", "-m 1mb", of_redis, COUNT(of_redis));
    check_examples(*state, "run", "-m 1mb", of_a_dump, COUNT(of_a_dump));
    check_examples(*state, "doctor", "-m 1mb", of_a_dump, COUNT(of_a_dump));
    check_examples(*state, "size", "-p allkeys-lru -g 'hit_ratio>=0.2'", of_a_dump, COUNT(of_a_dump));
    check_examples(*state, "size", "-p allkeys-lru -g 'hit_ratio>=0.2'", of_sizes, COUNT(of_sizes));
    check_examples(*state, "size", "-p allkeys-lru -g 'hit_ratio>=0.2'", of_machines, COUNT(of_machines));
    check_examples(*state, "doctor", "-m 1mb", of_doctor, COUNT(of_doctor));
    check_examples(*state, "inspect", "", of_inspect, COUNT(of_inspect));
    check_examples(*state, "inspect", "", of_a_dump, COUNT(of_a_dump));
    check_examples(*state, "inspect", "", of_redis, COUNT(of_redis));
    check_examples(*state, "doctor", "-m 1mb", of_redis, COUNT(of_redis));
    check_examples(*state, "mrc", "", of_curves, COUNT(of_curves));
    check_examples(*state, "mrc", "-s redis-7.0.15 --points 2", of_redis, COUNT(of_redis));
    check_examples(*state, "mrc", "-s redis-7.0.15", of_a_dump, COUNT(of_a_dump));
    check_examples(*state, "mrc", "", of_server_curves, COUNT(of_server_curves));
}

static void check_has_example(const struct subcommand *subcommand, const struct option *option)
{
    bool has =
        has_example(option->name, of_redis, COUNT(of_redis)) || has_example(option->name, of_a_dump, COUNT(of_a_dump));

    if (has || option->role != OPTION_OF_RESULTS || !strcmp(subcommand->name, "gen") ||
        !strcmp(subcommand->name, "convert") ||
        !strcmp(subcommand->name, "score")) /* a trace has no settings, nor a line */
        return;
    if (!strcmp(subcommand->name, "run") || !strcmp(subcommand->name, "plan")) /* which has run's */
        has = has_example(option->name, of_a_server, COUNT(of_a_server)) ||
              has_example(option->name, of_one_server, COUNT(of_one_server)) ||
              has_example(option->name, of_a_range, COUNT(of_a_range)) ||
              has_example(option->name, of_a_sample, COUNT(of_a_sample)) ||
              has_example(option->name, of_a_flat_cache, COUNT(of_a_flat_cache));
    else if (!strcmp(subcommand->name, "size"))
        has = has_example(option->name, of_sizes, COUNT(of_sizes)) ||
              has_example(option->name, of_machines, COUNT(of_machines)) ||
              has_example(option->name, of_a_server, COUNT(of_a_server)) ||
              has_example(option->name, of_a_flat_cache, COUNT(of_a_flat_cache));
    else if (!strcmp(subcommand->name, "doctor"))
        has = has_example(option->name, of_doctor, COUNT(of_doctor)) ||
              has_example(option->name, of_a_server, COUNT(of_a_server)) ||
              has_example(option->name, of_a_flat_cache, COUNT(of_a_flat_cache));
    else if (!strcmp(subcommand->name, "inspect"))
        has = has_example(option->name, of_inspect, COUNT(of_inspect)) ||
              has_example(option->name, of_a_server, COUNT(of_a_server)) ||
              has_example(option->name, of_a_flat_cache, COUNT(of_a_flat_cache));
    else if (!strcmp(subcommand->name, "mrc"))
        has = has_example(option->name, of_curves, COUNT(of_curves)) ||
              has_example(option->name, of_server_curves, COUNT(of_server_curves));
    if (!has)
        fail_msg("%s --%s has no example in this file", subcommand->name, option->name);
}

static void every_option_of_results_has_an_example(void **state)
{
    (void)state;
    for_every_option(check_has_example);
}

/* ---- alone ---- */

/* What an option goes with, and its value there, if that is not the example's. NULL: of any subcommand; of several that fit the
 * first is taken. */
static const struct company {
    const char *subcommand, *option, *with, *value;
} companies[] = {
    {"doctor", "maxmemory", "-p allkeys-lru", "3mb"},
    {"doctor", "policy", "-m 1mb", "allkeys-lfu"},
    {"doctor", "server", "-m 1mb -p allkeys-lru", "redis-7.2.6"},
    {"doctor", "shards", "-m 1mb -p allkeys-lru", "2"},
    {"doctor", "horizon", "-m 1mb -p allkeys-lru --grow keys=1.5x/week", NULL},
    {"doctor", "grow", "-m 1mb -p allkeys-lru", "keys=2x"},
    {"doctor", "format", "-m 1mb -p allkeys-lru", "twitter"},
    {"doctor", NULL, "-m 1mb -p allkeys-lru", NULL},
    {"size", "goal", "-p allkeys-lru", NULL},
    {"size", "policy", "-g 'hit_ratio>=0.2'", NULL},
    {"size", "shards", "-p allkeys-lru -g 'hit_ratio>=0.2'", "2"},
    {"size", "maxmemory-of", "-p allkeys-lru -g 'hit_ratio>=0.2' --shards 2", NULL},
    {"size", "rule", "-p allkeys-lru -g 'hit_ratio>=0.2' --instances machines", NULL},
    {"size", "price-per-gb", "-p allkeys-lru -g 'hit_ratio>=0.2' --reserve 25%", NULL},
    {"size", "scenario", "-p allkeys-lru -g 'hit_ratio>=0.2'", "quiet-events"},
    {"size", "horizon", "-p allkeys-lru -g 'hit_ratio>=0.2' --grow keys=1.5x/week", NULL},
    {"size", "grow", "-p allkeys-lru -g 'hit_ratio>=0.2'", "keys=2x"},
    {"size", "unit-sizes", "-p lru -g 'hit_ratio>=0.2' -s flat", NULL},
    {"size", "weigh", "-p lru -g 'hit_ratio>=0.2' -s flat", NULL},
    {"size", "compat", "-p lru -g 'hit_ratio>=0.2' -s flat", NULL},
    {"size", "format", "-p allkeys-lru -g 'hit_ratio>=0.2'", "twitter"},
    {"size", NULL, "-p allkeys-lru -g 'hit_ratio>=0.2'", NULL},
    {"run", "maxmemory-of", "-m 1mb --shards 2", NULL},
    {"run", "budget", "-m 1mb,2mb", NULL},
    {"run", "sample", "-m 1mb", "0.5"},
    {"run", "grow", "-m 1mb", "keys=2x"},
    {"run", "horizon", "-m 1mb --grow keys=1.5x/week", NULL},
    {"run", "unit-sizes", "-m 1mb -s flat", NULL},
    {"run", "weigh", "-m 1mb -s flat", NULL},
    {"run", "compat", "-m 1mb -s flat", NULL},
    {"run", "bounds", "-m 1mb -s flat -p lru", NULL},
    {"run", "what-if", "-m 1mb -p allkeys-lru", "'maxmemory 2mb'"},
    {"run", "format", "-m 1mb", "twitter"},
    {"run", NULL, "-m 1mb", NULL},
    {"mrc", "method", "", NULL},
    {"mrc", "sample", "", NULL},
    {"mrc", "sample-keys", "", NULL},
    {"mrc", "salts", "", NULL},
    {"mrc", "adjust", "", NULL},
    {"mrc", "unit-sizes", "", NULL},
    {"mrc", "weigh", "", NULL},
    {"mrc", "format", "", "twitter"},
    {"mrc", "grow", "", "keys=2x"},
    {"mrc", "horizon", "--grow keys=1.5x/week", NULL},
    {"mrc", "server", "", NULL},
    {"mrc", NULL, "-s redis-7.2.6 -m 2mb", NULL},
    {NULL, "format", "", "twitter"},
    {NULL, "grow", "", "keys=2x"},
    {NULL, "horizon", "--grow keys=1.5x/week", NULL},
    {NULL, NULL, "", NULL},
};

/* Of the subcommand's own examples, or else of those that it shares with others. */
static const char *value_of(const struct subcommand *subcommand, const struct option *option)
{
    const struct {
        const char *subcommand;
        const struct example *examples;
        size_t count;
    } tables[] = {
        {"inspect", of_inspect, COUNT(of_inspect)},  {"doctor", of_doctor, COUNT(of_doctor)},
        {"size", of_sizes, COUNT(of_sizes)},         {"size", of_machines, COUNT(of_machines)},
        {"mrc", of_curves, COUNT(of_curves)},        {"mrc", of_server_curves, COUNT(of_server_curves)},
        {NULL, of_a_server, COUNT(of_a_server)},     {NULL, of_a_flat_cache, COUNT(of_a_flat_cache)},
        {NULL, of_one_server, COUNT(of_one_server)}, {NULL, of_a_dump, COUNT(of_a_dump)},
        {NULL, of_redis, COUNT(of_redis)},           {NULL, of_a_range, COUNT(of_a_range)},
        {NULL, of_a_sample, COUNT(of_a_sample)},
    };

    for (size_t i = 0; i < COUNT(tables); i++)
        for (size_t k = 0; k < tables[i].count; k++)
            if ((!tables[i].subcommand || !strcmp(tables[i].subcommand, subcommand->name)) &&
                !strcmp(tables[i].examples[k].name, option->name))
                return tables[i].examples[k].value ? tables[i].examples[k].value : "";
    return NULL;
}

static const struct company *company_of(const struct subcommand *subcommand, const struct option *option)
{
    size_t i = 0;

    while ((companies[i].subcommand && strcmp(companies[i].subcommand, subcommand->name) != 0) ||
           (companies[i].option && strcmp(companies[i].option, option->name) != 0))
        i++;
    return &companies[i];
}

/* What --help lists is not refused afterwards, by a subcommand that has no use for it. */
static void every_option_is_taken(void **state)
{
    static const char *const looked_at[] = {"run", "doctor", "size", "inspect", "mrc"};
    size_t taken = 0;

    for (size_t s = 0; s < subcommand_count; s++) {
        bool is_looked_at = false;

        for (size_t i = 0; i < COUNT(looked_at); i++)
            is_looked_at |= !strcmp(subcommands[s]->name, looked_at[i]);
        for (size_t g = 0; is_looked_at && g < subcommands[s]->option_groups; g++)
            for (size_t i = 0; i < subcommands[s]->options[g].count; i++) {
                const struct option *option = &subcommands[s]->options[g].options[i];
                const struct company *company = company_of(subcommands[s], option);
                const char *value = company->value ? company->value : value_of(subcommands[s], option);
                char *said;

                if (option->role != OPTION_OF_RESULTS)
                    continue;
                if (!value)
                    fail_msg("%s --%s has no example", subcommands[s]->name, option->name);
                said = command_output_of(*state,
                                         "\"$EVSIM\" %s trace.csv %s --json --%s %s >printed 2>&1 || tail -1 printed",
                                         subcommands[s]->name, company->with, option->name, value);
                if (*said)
                    fail_msg("%s --%s %s: %s", subcommands[s]->name, option->name, value, said);
                free(said);
                taken++;
            }
    }
    assert_true(taken > 200);
}

/* Where an option of a subcommand that looks at less than a run does something. Those of Redis's own that change what a server
 * does are the fidelity tests' subject. */
static const struct effect {
    const char *subcommand, *option, *trace_and_company, *value;
} effects[] = {
    {"inspect", "server", "trace.csv", "redis-7.2.6"},
    {"inspect", "allocator", "trace.csv", "libc"},
    {"inspect", "seed", "dump.rdb", "7"},
    {"inspect", "config", "sample", "redis.conf"},
    {"inspect", "separator", "sample", "1"},
    {"inspect", "format", "ids", "txt"},
    {"inspect", "columns", "headed.csv -f csv", "time=time,key=op,value-size=value-size"},
    {"inspect", "lenient", "bad.csv -f csv", ""},
    {"inspect", "size-zero", "headed.csv -f csv", "empty"},
    {"inspect", "block-size", "lis -f arc", "8kb"},
    {"inspect", "row-requests", "long-lis -f arc --lenient", "100000"},
    {"inspect", "pipeline-gap", "monitor", "1s"},
    {"inspect", "sort-window", "late.csv -f csv", "10s"},
    {"inspect", "grow", "trace.csv", "keys=2x"},
    {"inspect", "horizon", "trace.csv --grow keys=1.5x/week", "14d"},
    {"inspect", "preload", "trace.csv", "dump.rdb"},
    {"inspect", "on-miss", "trace.csv", "none"},
    {"inspect", "scenario", "trace.csv", "loud-events"},
    {"inspect", "baseline-memory", "trace.csv", "1mb"},
    {"inspect", "clients-stay", "callers", ""},
    {"inspect", "info-every", "trace.csv", "2s"},
    {"inspect", "interval", "sample", "7m"},
    {"inspect", "speed", "sample", "expirations=1/s"},
    {"inspect", "rss", "trace.csv", ""},
    {"mrc", "maxmemory-samples", "sample -p allkeys-lru", "1"},
    {"mrc", "lfu-log-factor", "sample -p allkeys-lfu", "100"},
    {"mrc", "lfu-decay-time", "sample -p allkeys-lfu", "0"},
    {"mrc", "server", "short.csv --points 3", "redis-7.0.15"},
    {"mrc", "seeds", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "2"},
    {"mrc", "budget", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1mb,2mb", "1"},
    {"mrc", "on-miss", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "none"},
    {"mrc", "allocator", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "libc"},
    {"mrc", "admission", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "prob:p=0.5"},
    {"mrc", "scenario", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "loud-events"},
    {"mrc", "baseline-memory", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "1mb"},
    {"mrc", "clients-stay", "callers -s redis-7.0.15 -p allkeys-lru -m 1100kb", ""},
    {"mrc", "info-every", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "2s"},
    {"mrc", "speed", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "expirations=1/s"},
    {"mrc", "config", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "redis.conf"},
    {"mrc", "preload", "short.csv -s redis-7.0.15 -p allkeys-lru -m 1100kb", "dump.rdb"},
};

static bool has_effect(const struct subcommand *subcommand, const struct option *option)
{
    for (size_t i = 0; i < COUNT(effects); i++)
        if (!strcmp(effects[i].subcommand, subcommand->name) && !strcmp(effects[i].option, option->name))
            return true;
    return false;
}

/* What a flat cache has of Redis's options, and what mrc hands on to servers. */
static bool changes_curves(const struct option *option)
{
    static const char *const of_policies[] = {"maxmemory-samples", "lfu-log-factor", "lfu-decay-time"};

    for (size_t i = 0; i < COUNT(of_policies); i++)
        if (!strcmp(option->name, of_policies[i]))
            return true;
    return has_example(option->name, of_server_curves, COUNT(of_server_curves)) || !strcmp(option->name, "preload");
}

static void need_effect(const struct subcommand *subcommand, const struct option *option)
{
    bool is_redis = has_example(option->name, of_redis, COUNT(of_redis));
    bool needs = !strcmp(subcommand->name, "inspect") ? option->role == OPTION_OF_RESULTS && !is_redis
                                                      : !strcmp(subcommand->name, "mrc") && changes_curves(option);

    if (needs && !has_effect(subcommand, option))
        fail_msg("%s --%s: nobody shows that it does something there", subcommand->name, option->name);
}

/* The JSON without what was asked for; NULL: it is refused. */
static json_t *answer_of(const char *folder, const char *subcommand, const char *trace, const char *options)
{
    char *text = command_output_of(folder, "\"$EVSIM\" %s %s --json %s 2>printed || true", subcommand, trace, options);
    json_t *answer = json_loads(text, 0, NULL);

    free(text);
    json_object_del(answer, "settings");
    json_object_del(answer, "command");
    return answer;
}

static void every_option_does_something(void **state)
{
    for_every_option(need_effect);
    free(command_output_of(
        *state,
        "ln -s '%s' sample && ln -s '%s' monitor && zstd -dcq <sample | head -n 6000 > short.csv && "
        "printf 'time,key,op,value-size\n1,a,get,0\n2,b,get,10\n3,a,set,5\n' > headed.csv && "
        "(cat headed.csv && echo 4,b) > bad.csv && (cat headed.csv && echo 2,b,get,7) > late.csv && "
        "printf '3 2 0 0\n9 1 0 1\n' > lis && "
        "printf '3 2 0 0\n9 65537 0 1\n' > long-lis && "
        "printf '3\\n9\\n3\\n7\\n' > ids && echo 'at 5s CLIENTS 100' > loud-events && "
        "for i in $(seq 10 60); do echo \"10$i.5 [0 127.0.0.1:40$i] \\\"SET\\\" \\\"k\\\" \\\"v\\\"\"; "
        "echo \"10$i.6 [0 127.0.0.1:40$i] \\\"GET\\\" \\\"k\\\"\"; done > callers",
        realpath("tests/data/sample.csv.zst", NULL), realpath("tests/data/session/monitor.txt", NULL)));
    for (size_t i = 0; i < COUNT(effects); i++) {
        const struct effect *effect = &effects[i];
        char *option = join("", &(struct example){.name = effect->option, .value = effect->value}, 1);
        json_t *with = answer_of(*state, effect->subcommand, effect->trace_and_company, option);
        json_t *without = answer_of(*state, effect->subcommand, effect->trace_and_company, "");

        if (!with)
            fail_msg("%s --%s is refused", effect->subcommand, effect->option);
        if (json_equal(with, without))
            fail_msg("%s --%s does nothing", effect->subcommand, effect->option);
        json_decref(with);
        json_decref(without);
        free(option);
    }
}

/* ---- twice ---- */

/* A value that the parser takes; NULL: none is known. */
static const char *parsed_value(const struct subcommand *subcommand, const struct option *option)
{
    static const struct example others[] = {
        {"preset", "lru-test", NULL},   {"ttl", "60s=0.5", NULL},           {"name", "user:=0.5", NULL},
        {"op", "get=1", NULL},          {"value-sizes", "fixed:100", NULL}, {"key-sizes", "fixed:20", NULL},
        {"what-if", "'hz 20'", NULL},   {"grow", "keys=2x", NULL},          {"figure-size", "120x90", NULL},
        {"figure-format", "pdf", NULL},
    };
    const char *value = option->initial && !option->zero ? option->initial : value_of(subcommand, option);

    for (size_t i = 0; i < COUNT(others); i++)
        if (option->kind == OPTION_CUSTOM && !strcmp(others[i].name, option->name))
            return others[i].value;
    if (option->kind == OPTION_SWITCH)
        return "";
    if (value)
        return value;
    if (option->kind == OPTION_CHOICE)
        return option->words[0];
    if (option->kind == OPTION_LIST && !strcmp(option->name, "op"))
        return "get";
    if (option->kind == OPTION_TEXT || option->kind == OPTION_LIST)
        return "x";
    if (option->kind == OPTION_CUSTOM)
        return NULL;
    return option->kind == OPTION_NUMBER && option->least > 1 ? "50" : "1";
}

/* What is said of the options: their subcommand's help where they are parsed without a fault, for --help is looked at last. */
static char *parsed(const struct subcommand *subcommand, const struct option *option, const char *value, int times)
{
    if (times == 1)
        return command_output_of(".", "\"$EVSIM\" %s --%s %s --help 2>&1 || true", subcommand->name, option->name,
                                 value);
    return command_output_of(".", "\"$EVSIM\" %s --%s %s --%s %s --help 2>&1 || true", subcommand->name, option->name,
                             value, option->name, value);
}

static void check_several(const struct subcommand *subcommand, const struct option *option, const char *value,
                          const char *twice)
{
    char *once = parsed(subcommand, option, value, 1);

    if (strncmp(once, "usage: ", 7) != 0)
        fail_msg("%s --%s %s: %s", subcommand->name, option->name, value, once);
    if (strcmp(twice, once) != 0 && !strstr(twice, "keys is there twice")) /* --grow keys=2x,keys=2x */
        fail_msg("%s --%s takes several values, but not twice: %s", subcommand->name, option->name, twice);
    free(once);
}

/* One rule for all: what takes several values takes them in several pieces, too; anything else is given once, and that its
 * first value was parsed the fault of the second one says. */
static void check_twice(const struct subcommand *subcommand, const struct option *option)
{
    const char *value = parsed_value(subcommand, option);
    bool several = option->kind == OPTION_LIST || option->joins || option->repeats;
    char *twice;

    if (!value)
        fail_msg("%s --%s: no value is known", subcommand->name, option->name);
    twice = parsed(subcommand, option, value, 2);
    if (several)
        check_several(subcommand, option, value, twice);
    else if (!strstr(twice, " is given twice"))
        fail_msg("%s --%s: the second value silently takes the first one's place", subcommand->name, option->name);
    if (option->argument && strstr(option->argument, "[,") && !several)
        fail_msg("%s --%s %s: a list that does not go on", subcommand->name, option->name, option->argument);
    free(twice);
}

static void no_value_is_lost(void **state)
{
    (void)state;
    for_every_option(check_twice);
}

/* As if it had been given in one piece. */
static void lists_are_joined(void **state)
{
    static const char *const pieces[][3] = {
        {"run", "-m 1mb -p lru -p sieve -s flat --maxmemory 2mb -m 3mb", "-m 1mb,2mb,3mb -p lru,sieve -s flat"},
        {"run", "-m 1mb -s flat -s redis-7.0.15 -p lru", "-m 1mb -s flat,redis-7.0.15 -p lru"},
        {"mrc", "-m 1kb -m 2kb -p lru --policy sieve", "-m 1kb,2kb -p lru,sieve"},
        {"run", "-m 1mb -p lru --grow keys=2x --grow rate=2x", "-m 1mb -p lru --grow keys=2x,rate=2x"},
    };

    for (size_t i = 0; i < COUNT(pieces); i++) {
        char *apart = command_output_of(*state, "\"$EVSIM\" %s trace.csv %s --json 2>/dev/null | grep -v '\"command\"'",
                                        pieces[i][0], pieces[i][1]);
        char *joined =
            command_output_of(*state, "\"$EVSIM\" %s trace.csv %s --json 2>/dev/null | grep -v '\"command\"'",
                              pieces[i][0], pieces[i][2]);

        assert_string_equal(apart, joined);
        free(apart);
        free(joined);
    }
}

/* What a row says of its role: nothing in the results hangs on it, and the machine's part is not even in the
 * command. */
static void other_options_change_no_result(void **state)
{
    static const char *const names[] = {"settings", "trace", "assumed", "on_miss", "results", "seeds"};
    json_t *with = results_of(*state, "run", "-m 1mb --json --timing --jobs 3");
    json_t *without = results_of(*state, "run", "-m 1mb");

    for (size_t i = 0; i < COUNT(names); i++)
        assert_true(json_equal(json_object_get(with, names[i]), json_object_get(without, names[i])));
    assert_string_equal(json_string_value(json_object_get(with, "command")),
                        "evsim run trace.csv -o out -m 1mb --json --timing");
    json_decref(with);
    json_decref(without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete_and_its_name_its_own),
        cmocka_unit_test(help_has_every_option),
        cmocka_unit_test_setup_teardown(what_was_given_is_among_the_settings, make_folder, remove_folder),
        cmocka_unit_test(every_option_of_results_has_an_example),
        cmocka_unit_test_setup_teardown(every_option_is_taken, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(every_option_does_something, make_folder, remove_folder),
        cmocka_unit_test(no_value_is_lost),
        cmocka_unit_test_setup_teardown(lists_are_joined, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(other_options_change_no_result, make_folder, remove_folder),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
