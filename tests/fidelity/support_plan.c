/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_plan.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    WAKE_US = 100000, /* the cron period of hz 10 */
    SETTLING_WAKES = 3,
    REST_MS = 1,
    FLUSH_REST_MS = 5,
    NAMES = 256,
    DATABASES = 16,
    WORDS = 16,
};

struct planner {
    struct plan *plan;
    int64_t now_us;
    uint8_t db;
    uint32_t stream, step;
    /* What the stream has named so far. */
    struct argument names[NAMES];
    size_t name_count;
    uint32_t databases; /* a bit for each that may have keys */
    bool may_free_later;
    /* When ttls of the stream end, Unix time. */
    int64_t *ends_ms;
    size_t end_count;
};

/* ---- acts ---- */

static struct act *put(struct planner *planner, enum act_kind kind, const struct argument *words, size_t count)
{
    struct plan *plan = planner->plan;

    if (plan->count == plan->capacity) {
        plan->capacity = plan->capacity ? 2 * plan->capacity : 1024;
        plan->acts = xrealloc(plan->acts, plan->capacity * sizeof *plan->acts);
    }
    plan->acts[plan->count] = (struct act){
        .kind = kind,
        .at_us = planner->now_us,
        .words = words,
        .word_count = (uint32_t)count,
        .db = planner->db,
        .stream = planner->stream,
        .step = planner->step,
    };
    return &plan->acts[plan->count++];
}

/* Of words that need no quotes, and at the end one that is given. */
static void put_line(struct planner *planner, enum act_kind kind, const char *format, const struct argument *name)
{
    struct plan *plan = planner->plan;
    struct argument *words = xcalloc(1, WORDS * sizeof *words + strlen(format) + 1);
    char *text = strcpy((char *)(words + WORDS), format), *save;
    size_t count = 0;

    for (char *word = strtok_r(text, " ", &save); word && count < WORDS; word = strtok_r(NULL, " ", &save))
        words[count++] = *word == '%' ? *name : (struct argument){word, (uint32_t)strlen(word)};
    plan->blocks = xrealloc(plan->blocks, (plan->block_count + 1) * sizeof *plan->blocks);
    plan->blocks[plan->block_count++] = words;
    put(planner, kind, words, count);
}

/* Newer servers leave it to a thread, which lives in real time. */
static void flush(struct planner *planner)
{
    put_line(planner, ACT_SELECT, "function flush sync", NULL);
    put_line(planner, ACT_SELECT, "flushall", NULL);
    planner->plan->acts[planner->plan->count - 1].rest_ms = FLUSH_REST_MS;
}

static int64_t unix_ms_of(const struct planner *planner)
{
    return (PLAN_START_US + planner->now_us) / 1000;
}

/* The idle server wakes at multiples of the period. */
static void pass_until(struct planner *planner, int64_t at_us)
{
    int64_t wake = (planner->now_us / WAKE_US + 1) * WAKE_US;

    for (; wake <= at_us; wake += WAKE_US) {
        planner->now_us = wake;
        put(planner, ACT_WAKE, NULL, 0);
    }
    planner->now_us = at_us;
}

/* The active cycle of a newer server takes a key at the very millisecond at which its ttl ends, if it comes by: that is the
 * table's seed, which is the server's own. A lookup finds the key there until then. Nothing is sent at that time. */
static void avoid_ends(struct planner *planner)
{
    for (size_t i = 0; i < planner->end_count; i++)
        if (planner->ends_ms[i] == unix_ms_of(planner)) {
            pass_until(planner, planner->now_us + 1000);
            i = SIZE_MAX; /* from the first again */
        }
}

static void note_end(struct planner *planner, const struct record *record)
{
    int64_t begins_ms = record->flags & REQUEST_ABSOLUTE ? 0 : unix_ms_of(planner);

    if (!(record->flags & REQUEST_TTL) || record->ttl_ms > INT64_MAX - begins_ms)
        return;
    planner->ends_ms = xrealloc(planner->ends_ms, (planner->end_count + 1) * sizeof *planner->ends_ms);
    planner->ends_ms[planner->end_count++] = begins_ms + record->ttl_ms;
}

/* ---- a comparison ---- */

static void ask(struct planner *planner)
{
    for (size_t i = 0; i < planner->name_count; i++) {
        put_line(planner, ACT_TYPE, "type %", &planner->names[i]);
        put_line(planner, ACT_ENCODING, "object encoding %", &planner->names[i]);
        put_line(planner, ACT_MEMORY, "memory usage % samples 0", &planner->names[i]);
    }
}

static void go_to_database(struct planner *planner, uint8_t db)
{
    static const char *const numbers[DATABASES] = {"0", "1", "2",  "3",  "4",  "5",  "6",  "7",
                                                   "8", "9", "10", "11", "12", "13", "14", "15"};
    const struct argument number = {numbers[db], (uint32_t)strlen(numbers[db])};

    put_line(planner, ACT_SELECT, "select %", &number);
    planner->db = db;
}

/* INFO holds the text that it has made so far while it reads used_memory, and that varies with the digits of process ids
 * and peaks. INFO memory begins with it. */
static void read_used_memory(struct planner *planner)
{
    put_line(planner, ACT_INFO, "info memory", NULL);
    put_line(planner, ACT_BUFFER, "client info", NULL);
}

static void compare(struct planner *planner)
{
    uint8_t home = planner->db;

    pass_until(planner, (planner->now_us / WAKE_US + SETTLING_WAKES) * WAKE_US);
    if (planner->may_free_later)
        planner->plan->acts[planner->plan->count - 1].rest_ms = REST_MS;
    planner->may_free_later = false;
    avoid_ends(planner);
    put_line(planner, ACT_SELECT, "ping", NULL); /* the buffers of an idle connection grow before INFO looks */
    for (uint8_t db = 0; db < DATABASES; db++) {
        if (!(planner->databases & 1u << db))
            continue;
        if (db != planner->db)
            go_to_database(planner, db);
        ask(planner);
    }
    if (planner->db != home)
        go_to_database(planner, home);
    read_used_memory(planner);
}

/* ---- commands ---- */

static void note_name(struct planner *planner, const struct record *record)
{
    for (size_t i = 0; i < planner->name_count; i++)
        if (planner->names[i].bytes == record->key_bytes &&
            !memcmp(planner->names[i].text, record->key, record->key_bytes))
            return;
    if (planner->name_count < NAMES)
        planner->names[planner->name_count++] = (struct argument){record->key, record->key_bytes};
}

static void note_database(struct planner *planner, int64_t db)
{
    if (db >= 0 && db < DATABASES)
        planner->databases |= 1u << db;
}

/* Which keys and databases the command names, by the parser of traces. */
static void note_command(struct planner *planner, const struct step *step)
{
    struct queue queue = {0};
    struct intake intake = {0};
    struct record row = {.db = planner->db}, record;

    command_queue(&queue, &row, step->words, step->word_count, &intake);
    while (queue_hand_out(&queue, &record, 1)) {
        if (command_table[record.op].skipped)
            continue;
        if (command_has_key((enum op)record.op))
            note_name(planner, &record);
        note_end(planner, &record);
        note_database(planner, record.db);
        if (record.op == OP_SWAPDB) {
            note_database(planner, record.number);
            note_database(planner, record.second);
        }
        if (record.op == OP_SELECT && record.number >= 0 && record.number < DATABASES) {
            planner->db = (uint8_t)record.number;
            note_database(planner, record.number);
        }
    }
    queue_release(&queue);
}

static void put_step(struct planner *planner, const struct step *step)
{
    switch (step->kind) {
    case STEP_WAIT:
        pass_until(planner, planner->now_us + step->wait_ms * 1000);
        break;
    case STEP_COMPARE:
        compare(planner);
        break;
    case STEP_COMMAND:
        avoid_ends(planner);
        put(planner, ACT_COMMAND, step->words, step->word_count);
        planner->may_free_later = true;
        note_command(planner, step);
        break;
    }
}

/* The server's own dicts of commands and of their subcommands were filled at its start, and go on rehashing with each
 * lookup: to the end. */
static void look_commands_up(struct planner *planner)
{
    enum { LOOKUPS = 512, LOOKUPS_OF_SUBCOMMANDS = 16 };

    for (int i = 0; i < LOOKUPS; i++)
        put_line(planner, ACT_SELECT, "ping", NULL);
    for (int i = 0; i < LOOKUPS_OF_SUBCOMMANDS; i++) {
        put_line(planner, ACT_SELECT, "object encoding none", NULL);
        put_line(planner, ACT_SELECT, "memory usage none", NULL);
        put_line(planner, ACT_SELECT, "script exists none", NULL);
        put_line(planner, ACT_SELECT, "function stats", NULL);
        put_line(planner, ACT_SELECT, "command count", NULL);
        put_line(planner, ACT_SELECT, "client info", NULL);
        put_line(planner, ACT_SELECT, "xgroup destroy none g", NULL);
    }
}

/* Of errors, the first of a kind leaves a counter behind; the model has one kind. */
static void put_prologue(struct planner *planner)
{
    put_line(planner, ACT_SELECT, "info", NULL); /* keeps something for good */
    read_used_memory(planner);
    look_commands_up(planner);
    put_line(planner, ACT_SELECT, "set prologue word", NULL);
    put_line(planner, ACT_SELECT, "incr prologue", NULL);
    put_line(planner, ACT_SELECT, "lpush prologue a", NULL);
    put_line(planner, ACT_SELECT, "xgroup create group g $ mkstream", NULL);
    put_line(planner, ACT_SELECT, "xgroup create group g $ mkstream", NULL);
    put_line(planner, ACT_SELECT, "xreadgroup group none c streams group >", NULL);
    put_line(planner, ACT_SELECT, "del group", NULL);
    flush(planner);
    pass_until(planner, SETTLING_WAKES * WAKE_US);
    put_line(planner, ACT_SELECT, "ping", NULL);
    read_used_memory(planner);
}

static void put_stream(struct planner *planner, const struct stream *stream)
{
    planner->step = 0;
    planner->name_count = 0;
    planner->databases = 1;
    planner->end_count = 0; /* those of before are flushed */
    if (planner->db)
        go_to_database(planner, 0);
    flush(planner);
    for (; planner->step < stream->count; planner->step++)
        put_step(planner, &stream->steps[planner->step]);
}

void streams_plan(struct plan *plan, const struct stream *streams, size_t count)
{
    struct planner planner = {.plan = plan};

    *plan = (struct plan){.settings = streams->settings, .setting_count = streams->setting_count};
    put_prologue(&planner);
    for (; planner.stream < count; planner.stream++)
        put_stream(&planner, &streams[planner.stream]);
    free(planner.ends_ms);
}

void streams_plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->block_count; i++)
        free(plan->blocks[i]);
    free(plan->blocks);
    free(plan->acts);
    *plan = (struct plan){0};
}
