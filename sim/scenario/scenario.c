/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/scenario.h"

#include "sim/alloc.h"
#include "sim/engine/event.h"
#include "sim/line_file.h"
#include "sim/redis_policy.h"
#include "sim/units.h"
#include "sim/words.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLIENTS_MOST = 1000000 };

/* ---- parsing words ---- */

/* The scenario that is being built, and the line at hand. */
struct parser {
    struct scenario *scenario;
    const struct scenario_language *language;
    struct error *error;
    uint64_t held_most; /* bytes that LUA and CLIENT-OUTPUT can hold at once, so far */
};

static int fail(struct parser *parser, const char *what, const char *word)
{
    return error_set(parser->error, ERROR_USAGE, "%s '%s'", what, word);
}

static char *keep(struct scenario *scenario, char *text)
{
    scenario->texts = xrealloc(scenario->texts, (scenario->text_count + 1) * sizeof *scenario->texts);
    return scenario->texts[scenario->text_count++] = text;
}

/* Cuts off the first word of the text. NULL if there is none. */
static char *cut_word(char **text)
{
    char *word = *text + strspn(*text, " \t"), *end = word + strcspn(word, " \t");

    if (!*word)
        return NULL;
    *text = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

static int split_command(struct parser *parser, struct scenario_event *event, char *text)
{
    char *words[SCENARIO_WORDS];

    if (words_split(text, words, SCENARIO_WORDS, &event->word_count))
        return fail(parser, "quotes that do not end, or not at the end of a word, in", event->text);
    if (event->word_count > SCENARIO_WORDS)
        return fail(parser, "too many words in", event->text);
    for (size_t i = 0; i < event->word_count; i++)
        event->words[i] = words[i];
    return 0;
}

static bool is_word(const struct scenario_event *event, size_t i, const char *word)
{
    return i < event->word_count && !strcasecmp(event->words[i], word);
}

/* ---- CONFIG SET and BGSAVE ---- */

static int find_policy(struct parser *parser, const char *name, struct scenario_setting *setting)
{
    const struct scenario_language *language = parser->language;

    for (size_t i = 0; i < language->policy_count; i++)
        if (!strcasecmp(language->policies[i]->name, name))
            setting->policy = language->policies[i];
    if (!setting->policy)
        return fail(parser, "unknown policy", name);
    if (setting->policy->offline)
        return fail(parser, "a policy that knows the future is for the whole trace, with --policy:", name);
    parser->scenario->sets_policy = true;
    if (parser->scenario->entry_size < setting->policy->entry_size)
        parser->scenario->entry_size = setting->policy->entry_size;
    return 0;
}

static int add_setting(struct parser *parser, struct scenario_event *event, const char *name, const char *value)
{
    struct scenario_setting *setting = &event->settings[event->setting_count++];
    struct redis_config scratch;

    setting->value = value;
    setting->option = redis_option_find(name);
    if (setting->option) {
        int status;

        redis_config_init(&scratch);
        status = redis_option_set(&scratch, setting->option, value, parser->error);
        setting->is_clamped = status > 0;
        return status < 0 ? error_prefix(parser->error, "%s: ", setting->option->name) : 0;
    }
    if (!strcasecmp(name, "maxmemory-policy"))
        return find_policy(parser, value, setting);
    if (strcasecmp(name, "maxmemory"))
        return fail(parser, "CONFIG SET of what is not modeled:", name);
    return redis_memory_scan(value, &setting->maxmemory) ? 0 : fail(parser, "bad size", value);
}

/* A server refuses a CONFIG SET that has an option twice. */
static bool is_set_before(const struct scenario_event *event, size_t word)
{
    for (size_t i = 2; i < word; i += 2)
        if (!strcasecmp(event->words[i], event->words[word]))
            return true;
    return false;
}

static int parse_config(struct parser *parser, struct scenario_event *event)
{
    event->kind = SCENARIO_CONFIG;
    if (!is_word(event, 1, "SET") || event->word_count < 4 || event->word_count % 2)
        return error_set(parser->error, ERROR_USAGE,
                         "CONFIG is only modeled as CONFIG SET name value [name value ...]");
    for (size_t i = 2; i < event->word_count; i += 2) {
        if (is_set_before(event, i))
            return fail(parser, "CONFIG SET names an option twice:", event->words[i]);
        if (add_setting(parser, event, event->words[i], event->words[i + 1]))
            return -1;
    }
    return 0;
}

/* A duration that a trace may have: such times, and the sums of a few, can be counted. */
static bool scan_time(const char *text, int64_t *us)
{
    return scan_duration(text, us) && *us <= TIME_MOST_US;
}

static int parse_bgsave(struct parser *parser, struct scenario_event *event)
{
    event->kind = SCENARIO_BGSAVE;
    if (event->word_count != 2)
        return error_set(parser->error, ERROR_USAGE, "BGSAVE takes the time that its child lives, as in BGSAVE 30s");
    if (!scan_time(event->words[1], &event->child_us) || event->child_us <= 0)
        return fail(parser, "bad duration", event->words[1]);
    event->word_count = 1; /* the duration is not sent to a server */
    return 0;
}

/* ---- memory, replicas and connections ---- */

/* Adds a copy of the event at a later time. It may move the events, so pointers to them become invalid. */
static struct scenario_event *follow(struct scenario *scenario, size_t of, int64_t later_us)
{
    struct scenario_event *events = xrealloc(scenario->events, (scenario->count + 1) * sizeof *scenario->events);
    struct scenario_event *copy = &events[scenario->count++];

    scenario->events = events;
    *copy = events[of];
    copy->at_us += later_us;
    copy->follows = true;
    return copy;
}

/* The time until a new connection gives up its reply buffer, and its query buffer. Measured: means over 500
 * connections. */
static const int64_t idle_us[] = {1600000, 3500000};

/* Whether so many times these bytes, and all that lines before may hold, is what a server might have: then sums of memory
 * cannot overflow. */
static bool may_hold(struct parser *parser, uint64_t bytes, uint64_t times)
{
    if (bytes > SERVER_MEMORY_MOST / times || bytes * times > SERVER_MEMORY_MOST - parser->held_most)
        return false;
    parser->held_most += bytes * times;
    return true;
}

/* CLIENT-OUTPUT and LUA: SIZE for TIME. A second event takes the bytes back. */
static int parse_memory(struct parser *parser, struct scenario_event *event)
{
    size_t index = (size_t)(event - parser->scenario->events);
    uint64_t bytes;
    int64_t for_us;

    event->kind = SCENARIO_MEMORY;
    event->is_lua = is_word(event, 0, "LUA");
    if (event->word_count != 4 || !is_word(event, 2, "for"))
        return error_set(parser->error, ERROR_USAGE, "%s takes a size and a time, as in %s 20mb for 1m",
                         event->words[0], event->words[0]);
    if (!scan_bytes(event->words[1], &bytes) || bytes > INT64_MAX)
        return fail(parser, "bad size", event->words[1]);
    if (!scan_time(event->words[3], &for_us) || for_us <= 0)
        return fail(parser, "bad duration", event->words[3]);
    if (!may_hold(parser, bytes, event->period_us ? (uint64_t)(for_us / event->period_us) + 1 : 1))
        return error_set(parser->error, ERROR_USAGE,
                         "%s %s for %s would, with the lines before it, hold more than 1024 TiB at once",
                         event->words[0], event->words[1], event->words[3]);
    event->bytes = (int64_t)bytes;
    follow(parser->scenario, index, for_us)->bytes = -(int64_t)bytes;
    return 0;
}

/* "2mb/s", or "all". */
static int parse_rate(struct parser *parser, const char *word, uint64_t *rate)
{
    size_t length = strlen(word);
    char text[32];

    *rate = UINT64_MAX;
    if (!strcasecmp(word, "all"))
        return 0;
    if (length > 2 && !strcasecmp(word + length - 2, "/s"))
        length -= 2;
    if (length >= sizeof text)
        return fail(parser, "bad rate", word);
    memcpy(text, word, length);
    text[length] = '\0';
    return scan_bytes(text, rate) && *rate <= UINT64_C(1) << 40 ? 0 : fail(parser, "bad rate", word);
}

/* The words behind "REPLICA attach": the time that a snapshot takes, "reads" and a rate; or neither. */
static int parse_attach(struct parser *parser, struct scenario_event *event)
{
    size_t next = 2;

    event->attaches = true;
    event->rate = UINT64_MAX;
    if (next < event->word_count && !is_word(event, next, "reads")) {
        if (!scan_time(event->words[next], &event->child_us) || event->child_us < 0)
            return fail(parser, "bad duration", event->words[next]);
        next++;
    }
    if (is_word(event, next, "reads") && next + 1 < event->word_count) {
        if (parse_rate(parser, event->words[next + 1], &event->rate))
            return -1;
        next += 2;
    }
    return next == event->word_count
               ? 0
               : error_set(parser->error, ERROR_USAGE,
                           "REPLICA attach takes the time of its snapshot, and how much it reads, as in REPLICA attach "
                           "30s reads 2mb/s");
}

static int parse_replica(struct parser *parser, struct scenario_event *event)
{
    size_t index = (size_t)(event - parser->scenario->events);
    struct scenario_event *idle;

    event->kind = SCENARIO_REPLICA;
    if (event->word_count == 2 && is_word(event, 1, "detach"))
        return 0;
    if (event->word_count == 3 && is_word(event, 1, "reads")) {
        event->sets_rate = true;
        return parse_rate(parser, event->words[2], &event->rate);
    }
    if (!is_word(event, 1, "attach"))
        return error_set(parser->error, ERROR_USAGE,
                         "REPLICA takes attach, perhaps with the time that its snapshot takes, reads 2mb/s, or detach");
    if (parse_attach(parser, event))
        return -1;
    idle = follow(parser->scenario, index, idle_us[0]);
    idle->kind = SCENARIO_IDLE;
    idle->idle_step = 1;
    return 0;
}

static int parse_clients(struct parser *parser, struct scenario_event *event)
{
    size_t index = (size_t)(event - parser->scenario->events);
    uint64_t clients;

    event->kind = SCENARIO_CLIENTS;
    if (event->word_count != 2 || !scan_uint64(event->words[1], &clients) || !clients || clients > CLIENTS_MOST)
        return error_set(parser->error, ERROR_USAGE,
                         "CLIENTS takes how many there are, the one that sends the trace included: 1 to %d",
                         CLIENTS_MOST);
    event->clients = (uint32_t)clients - 1;
    for (int step = 1; step <= 2; step++) {
        struct scenario_event *idle = follow(parser->scenario, index, idle_us[step - 1]);

        idle->kind = SCENARIO_IDLE;
        idle->idle_step = step;
    }
    return 0;
}

/* ---- commands on keys ---- */

static bool is_pattern(const struct record *record)
{
    for (uint32_t i = 0; i < record->key_bytes; i++)
        if (strchr("*?[", record->key[i]))
            return true;
    return false;
}

static int add_pattern(struct parser *parser, struct scenario_event *event, const struct record *record)
{
    struct scenario *scenario = parser->scenario;
    const char *text = keep(scenario, strndup(record->key, record->key_bytes));
    unsigned i = 0;

    event->kind = SCENARIO_PATTERN;
    if (event->rows != 1)
        return fail(parser, "one pattern at a time, please: it stands for many keys in", event->text);
    /* A command that makes keys would have no end of names to make. */
    if (command_makes_key((enum op)record->op))
        return fail(parser, "a pattern stands for keys that exist, and this may make one:", event->text);
    while (i < scenario->pattern_count && strcmp(scenario->patterns[i], text))
        i++;
    if (i == SCENARIO_PATTERNS)
        return fail(parser, "too many patterns, this is the 33rd:", text);
    if (i == scenario->pattern_count)
        scenario->patterns[scenario->pattern_count++] = text;
    event->pattern = i;
    return 0;
}

static void add_row(struct scenario *scenario, const struct record *record)
{
    uint32_t row = batch_add(&scenario->rows, record);

    scenario->rows.id[row] = NO_KEY; /* the reader sets it in reader_expect() */
    scenario->records[row] = *record;
}

/* All rows of a command have the same. */
static void free_elements(const struct record *record)
{
    free((void *)(uintptr_t)record->named);
}

static int add_rows(struct parser *parser, struct scenario_event *event, const struct record *records)
{
    struct scenario *scenario = parser->scenario;

    if (records[0].op == OP_SELECT)
        return error_set(parser->error, ERROR_USAGE, "SELECT: a scenario stays in database 0");
    for (uint32_t i = 0; i < event->rows; i++) {
        if (records[i].key_bytes && is_pattern(&records[i]) && add_pattern(parser, event, &records[i]))
            return -1;
        if (scenario->rows.count == BATCH_CAPACITY)
            return fail(parser, "too many keys in the scenario, at", event->text);
        add_row(scenario, &records[i]);
    }
    return 0;
}

static int parse_command(struct parser *parser, struct scenario_event *event)
{
    struct scenario *scenario = parser->scenario;
    struct record records[SCENARIO_WORDS];
    int count = parser->language->command(event->words, event->word_count, records, SCENARIO_WORDS, parser->error);

    if (count < 0)
        return -1;
    event->kind = SCENARIO_COMMAND;
    event->first = scenario->rows.count;
    event->rows = (uint32_t)count;
    if (!add_rows(parser, event, records))
        return 0;
    if (scenario->rows.count == event->first) /* else they are the scenario's */
        free_elements(&records[0]);
    return -1;
}

/* ---- lines and the file ---- */

static int parse_time(struct parser *parser, struct scenario_event *event, char **rest)
{
    const char *word = cut_word(rest);
    bool every;

    assert(word); /* lines without a word do not come here */
    every = !strcasecmp(word, "every");
    if (every || !strcasecmp(word, "at"))
        word = cut_word(rest);
    if (!word || !scan_time(word, &event->at_us) || event->at_us < 0 || (every && !event->at_us))
        return fail(parser, "bad time", word ? word : "");
    event->period_us = every ? event->at_us : 0;
    return 0;
}

static int parse_line(struct parser *parser, char *line, int number)
{
    struct scenario *scenario = parser->scenario;
    struct scenario_event *event;
    char *rest = line;

    line[strcspn(line, "\r\n")] = '\0';
    if (number == 1 && !strncmp(rest, "\xef\xbb\xbf", 3))
        rest += 3; /* a byte order mark */
    rest += strspn(rest, " \t");
    if (!*rest || *rest == '#')
        return 0;
    scenario->events = xrealloc(scenario->events, (scenario->count + 1) * sizeof *scenario->events);
    event = &scenario->events[scenario->count++];
    memset(event, 0, sizeof *event);
    event->line = number;
    rest = keep(scenario, xstrdup(rest));
    if (parse_time(parser, event, &rest))
        return -1;
    rest += strspn(rest, " \t");
    event->text = keep(scenario, xstrdup(rest));
    if (split_command(parser, event, rest))
        return -1;
    if (!event->word_count)
        return error_set(parser->error, ERROR_USAGE, "no command after the time");
    if (is_word(event, 0, "CONFIG"))
        return parse_config(parser, event);
    if (is_word(event, 0, "BGSAVE"))
        return parse_bgsave(parser, event);
    if (is_word(event, 0, "CLIENT-OUTPUT") || is_word(event, 0, "LUA"))
        return parse_memory(parser, event);
    if (is_word(event, 0, "REPLICA"))
        return parse_replica(parser, event);
    if (is_word(event, 0, "CLIENTS"))
        return parse_clients(parser, event);
    return parse_command(parser, event);
}

static const struct policy *find_recency(const struct scenario_language *language)
{
    for (size_t i = 0; i < language->policy_count; i++)
        if (redis_policy_of(language->policies[i]).lru_field == LRU_FIELD_CLOCK)
            return language->policies[i];
    return NULL;
}

static struct scenario *new_scenario(const char *path, const struct scenario_language *language)
{
    struct scenario *scenario = xcalloc(1, sizeof *scenario);

    scenario->path = xstrdup(path);
    scenario->records = xcalloc(BATCH_CAPACITY, sizeof *scenario->records);
    scenario->recency = find_recency(language);
    if (scenario->recency)
        scenario->entry_size = scenario->recency->entry_size;
    return scenario;
}

/* Each time that there are twice as many: a line of a few bytes becomes an event of hundreds. */
static int ask_for_events(const struct scenario *scenario, const struct line_file *file, struct error *error)
{
    const size_t count = scenario->count;

    if (count & (count - 1))
        return 0;
    return line_file_may_take(file, 2 * count * sizeof *scenario->events, "the list of events up to here", error);
}

struct scenario *scenario_read(const char *path, const struct scenario_language *language, struct error *error)
{
    struct parser parser = {.language = language, .error = error};
    struct line_file file;
    int status = 0, more;

    if (line_file_open(&file, path, language->memory_limit)) {
        error_set(error, ERROR_USAGE, "%s: cannot open: %s", path, strerror(errno));
        return NULL;
    }
    parser.scenario = new_scenario(path, language);
    while (!status && (more = line_file_next(&file, error)))
        if (more < 0 || ask_for_events(parser.scenario, &file, error))
            status = -1;
        else if (parse_line(&parser, file.text, file.number))
            status = error_prefix(error, "%s:%d: ", path, file.number);
    if (!status && file.reason)
        status = error_set(error, ERROR_USAGE, "%s: %s", path, strerror(file.reason));
    line_file_close(&file);
    if (!status)
        return parser.scenario;
    scenario_free(parser.scenario);
    return NULL;
}

void scenario_free(struct scenario *scenario)
{
    if (!scenario)
        return;
    for (size_t i = 0; i < scenario->text_count; i++)
        free(scenario->texts[i]);
    free(scenario->texts);
    for (size_t i = 0; i < scenario->count; i++)
        if (scenario->events[i].rows && scenario->events[i].first < scenario->rows.count)
            free_elements(&scenario->records[scenario->events[i].first]);
    batch_release(&scenario->rows);
    free(scenario->records);
    free(scenario->events);
    free(scenario->path);
    free(scenario);
}

/* ---- walking through the events ---- */

void scenario_cursor_init(struct scenario_cursor *cursor, const struct scenario *scenario)
{
    cursor->scenario = scenario;
    cursor->next_us = xcalloc(scenario->count + 1, sizeof *cursor->next_us);
    for (size_t i = 0; i < scenario->count; i++)
        cursor->next_us[i] = scenario->events[i].at_us;
}

void scenario_cursor_release(struct scenario_cursor *cursor)
{
    free(cursor->next_us);
    cursor->next_us = NULL;
}

static size_t next_index(const struct scenario_cursor *cursor)
{
    size_t best = 0;

    for (size_t i = 1; i < cursor->scenario->count; i++)
        if (cursor->next_us[i] < cursor->next_us[best])
            best = i;
    return best;
}

int64_t scenario_next_us(const struct scenario_cursor *cursor)
{
    return cursor->scenario->count ? cursor->next_us[next_index(cursor)] : EVENT_NEVER;
}

const struct scenario_event *scenario_next(struct scenario_cursor *cursor)
{
    size_t i = next_index(cursor);
    const struct scenario_event *event = &cursor->scenario->events[i];

    if (!event->period_us || __builtin_add_overflow(cursor->next_us[i], event->period_us, &cursor->next_us[i]))
        cursor->next_us[i] = EVENT_NEVER;
    return event;
}

/* ---- the text for reports ---- */

char *scenario_print(const struct scenario *scenario)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    for (size_t i = 0; i < scenario->count; i++) {
        const struct scenario_event *event = &scenario->events[i];

        if (event->follows)
            continue;
        fprintf(out, "%s%s %g s %s", i ? "; " : "", event->period_us ? "every" : "at", (double)event->at_us / 1e6,
                event->text);
    }
    fclose(out);
    return text;
}
