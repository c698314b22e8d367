/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_twin.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/input/keys.h"
#include "sim/input/members.h"
#include "sim/live/play.h"
#include "sim/live/script.h"
#include "sim/server/inspect.h"
#include "sim/server/redis.h"
#include "sim/server/registry.h"
#include "tests/support_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool twins_have_setting(const char *name)
{
    return redis_option_find(name) != NULL;
}

/* ---- the server ---- */

static struct wire wire_of(const struct act *act)
{
    struct wire wire = {0};

    if (act->kind == ACT_WAKE)
        return wire;
    wire_begin(&wire, act->words[0].text);
    for (uint32_t i = 1; i < act->word_count; i++)
        wire_word(&wire, act->words[i].text);
    wire_end(&wire);
    return wire;
}

static int write_script(const struct plan *plan, const char *path, struct error *error)
{
    FILE *out = fopen(path, "w");

    if (!out)
        return error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    for (size_t i = 0; i < plan->count; i++) {
        const struct act *act = &plan->acts[i];
        struct turn turn = {.unix_us = PLAN_START_US + act->at_us,
                            .kind = act->kind == ACT_WAKE   ? TURN_WAKE
                                    : act->kind == ACT_INFO ? TURN_INFO
                                                            : TURN_TELL,
                            .rest_ms = act->rest_ms};
        struct wire wire = wire_of(act);

        script_put(out, turn, &wire, &(struct wire){0});
        wire_release(&wire);
    }
    if (fclose(out))
        return error_set(error, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
    return 0;
}

static void copy_word(struct answer *answer, const char *text)
{
    size_t bytes = strcspn(text, "\r\n");

    if (bytes >= sizeof answer->word)
        bytes = sizeof answer->word - 1;
    memcpy(answer->word, text, bytes);
    answer->word[bytes] = '\0';
}

/* "+string", "$6 embstr", ":64"; nil is no word, and no bytes. */
static void take_reply(struct answer *answer, enum act_kind kind, const char *reply)
{
    const char *used = strstr(reply, "\nused_memory:"), *buffer = strstr(reply, " rbs=");

    answer->failed = *reply == '-';
    if (answer->failed || *reply == '+')
        copy_word(answer, reply + 1);
    if (kind == ACT_ENCODING && *reply == '$' && reply[1] != '-')
        copy_word(answer, strchr(reply, '\n') + 1);
    if (kind == ACT_MEMORY && *reply == ':')
        answer->bytes = strtoll(reply + 1, NULL, 10);
    if (kind == ACT_INFO && used)
        answer->bytes = strtoll(used + strlen("\nused_memory:"), NULL, 10);
    if (kind == ACT_BUFFER && buffer)
        answer->bytes = strtoll(buffer + strlen(" rbs="), NULL, 10);
}

/* The replies come in the order of the acts. */
static int read_record(const struct plan *plan, const char *path, struct answer *answers, struct error *error)
{
    FILE *in = fopen(path, "r");
    char line[128], *reply = NULL;
    size_t bytes, i = 0, capacity = 0;
    long long unix_us;

    while (in && i < plan->count && fgets(line, sizeof line, in)) {
        if (sscanf(line, RECORD_TOLD, &unix_us, &bytes) != 2 && sscanf(line, RECORD_INFO, &unix_us, &bytes) != 2)
            break;
        while (i < plan->count && plan->acts[i].kind == ACT_WAKE)
            i++;
        if (bytes >= capacity)
            reply = xrealloc(reply, capacity = 2 * bytes + 1);
        if (i == plan->count || fread(reply, 1, bytes, in) != bytes)
            break;
        reply[bytes] = '\0';
        take_reply(&answers[i], plan->acts[i].kind, reply);
        i++;
    }
    while (i < plan->count && plan->acts[i].kind == ACT_WAKE)
        i++;
    free(reply);
    if (in)
        fclose(in);
    return i == plan->count ? 0 : error_set(error, ERROR_INPUT, "%s: %zu of %zu replies", path, i, plan->count);
}

enum { SERVER_ARGUMENTS = 64 };

/* What the plan wants set, and what the caller wants besides; "--name" needs room. */
static void fill_arguments(const struct twins *twins, const struct plan *plan, const char **arguments,
                           char names[][sizeof((struct stream_setting){0}).name + 2])
{
    size_t count = 0;

    arguments[count++] = "--latency-tracking";
    arguments[count++] = "no";
    for (size_t i = 0; i < plan->setting_count; i++) {
        snprintf(names[i], sizeof names[i], "--%s", plan->settings[i].name);
        arguments[count++] = names[i];
        arguments[count++] = plan->settings[i].value;
    }
    for (const char *const *more = twins->arguments; more && *more && count < SERVER_ARGUMENTS - 1; more++)
        arguments[count++] = *more;
    arguments[count] = NULL;
}

int twins_play_server(const struct twins *twins, const struct plan *plan, struct answer *answers, struct error *error)
{
    char directory[PROGRAM_PATH], script[PROGRAM_PATH + 16], record[PROGRAM_PATH + 16];
    char names[STREAM_SETTINGS][sizeof((struct stream_setting){0}).name + 2];
    const char *arguments[SERVER_ARGUMENTS];
    struct play_run run = {.script = script, .policy = "noeviction", .arguments = arguments};
    struct play play = {.program = &twins->program, .parallel = 1, .directory = directory};
    int status;

    snprintf(directory, sizeof directory, "%.*s/XXXXXX", PROGRAM_PATH - 64, twins->directory);
    if (!mkdtemp(directory))
        return error_set(error, ERROR_OUTPUT, "%s: %s", directory, strerror(errno));
    snprintf(script, sizeof script, "%s/script", directory);
    snprintf(record, sizeof record, "%s/0000/record", directory);
    fill_arguments(twins, plan, arguments, names);
    status = write_script(plan, script, error);
    if (!status)
        status = play_runs(&play, &run, 1, error);
    if (!status)
        status = read_record(plan, record, answers, error);
    play_run_release(&run);
    support_remove(directory);
    return status;
}

/* ---- the model ---- */

struct player {
    const struct model *model;
    void *state;
    struct batch *batch;
    struct keys keys;
    struct member_index members;
    struct queue queue;
    struct intake *intake;
    uint8_t databases[DB_MAX]; /* which one a number means, after SWAPDB */
    int64_t rows;
};

static void swap_databases(struct player *player, const struct record *record)
{
    uint8_t *databases = player->databases, kept;

    if (record->number < 0 || record->number >= DB_MAX || record->second < 0 || record->second >= DB_MAX)
        return;
    kept = databases[record->number];
    databases[record->number] = databases[record->second];
    databases[record->second] = kept;
}

static void add_elements(struct player *player, uint32_t row, const struct record *record)
{
    const struct named_element *named = &record->named[record->first_element];
    struct batch *batch = player->batch;
    struct element *list;

    batch->first_element[row] = batch->list_count;
    batch->has_first_element = true;
    batch->members = &player->members.members;
    list = batch_add_elements(batch, record->elements);
    for (uint32_t i = 0; i < record->elements; i++) {
        list[i] = named[i].element;
        list[i].member = member_index_element(&player->members, &named[i]);
    }
}

static void add_record(struct player *player, struct record *record)
{
    uint32_t row;

    record->db = player->databases[record->db];
    record->id = NO_KEY;
    if (!command_table[record->op].skipped && command_has_key((enum op)record->op))
        keys_intern(&player->keys, record, 1, &record->id);
    if (record->op == OP_SWAPDB)
        swap_databases(player, record);
    row = batch_add(player->batch, record);
    if (record->elements)
        add_elements(player, row, record);
}

/* Whether it is answered with an error: the parser refuses it, or the model does. */
static int execute(struct player *player, const struct act *act, bool *failed, struct error *error)
{
    uint64_t errors = player->model->look(player->state).counters->command_errors;
    struct record row = {.time_us = act->at_us, .db = act->db}, record;

    errors += inspect_finds_no_script(player->state); /* which is counted when the next command comes */
    batch_clear(player->batch);
    queue_begin(&player->queue);
    command_queue(&player->queue, &row, act->words, act->word_count, player->intake);
    while (player->batch->count < BATCH_CAPACITY &&
           queue_end(&player->queue, &record, queue_hand_out(&player->queue, &record, 1)))
        add_record(player, &record);
    *failed = !player->batch->count;
    if (*failed)
        return 0;
    player->batch->key_count = player->keys.count;
    player->batch->names = player->keys.names;
    player->batch->keys = &player->keys;
    player->batch->first_row = player->rows;
    player->rows += player->batch->count;
    if (player->model->replay(player->state, player->batch, error))
        return -1;
    *failed =
        player->model->look(player->state).counters->command_errors > errors || inspect_finds_no_script(player->state);
    return 0;
}

static struct inspection inspect(struct player *player, const struct act *act)
{
    const struct argument *key = &act->words[act->kind == ACT_TYPE ? 1 : 2];
    struct record record = {
        .key = key->text, .key_bytes = key->bytes, .key_len = key->bytes, .db = player->databases[act->db]};
    uint32_t id;

    keys_intern(&player->keys, &record, 1, &id);
    return inspect_key(player->state, id);
}

static void answer_question(struct player *player, const struct act *act, struct answer *answer)
{
    if (act->kind == ACT_TYPE)
        copy_word(answer, inspect(player, act).type);
    else if (act->kind == ACT_ENCODING)
        copy_word(answer, inspect(player, act).encoding);
    else if (act->kind == ACT_MEMORY)
        answer->bytes = (int64_t)inspect(player, act).memory_usage;
    else if (act->kind == ACT_BUFFER)
        answer->bytes = (int64_t)inspect_reply_buffer(player->state);
    else
        *answer = (struct answer){.bytes = (int64_t)inspect_used_memory(player->state),
                                  .is_rehashing = inspect_is_rehashing(player->state),
                                  .bucket_bytes = (int64_t)inspect_bucket_bytes(player->state),
                                  .buckets = (int64_t)inspect_buckets(player->state),
                                  .node_bytes = (int64_t)inspect_node_bytes(player->state),
                                  .library_slots = (int64_t)inspect_library_slots(player->state),
                                  .bare_members = (int64_t)inspect_bare_members(player->state)};
}

static int play_acts(struct player *player, const struct plan *plan, struct answer *answers, struct error *error)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct act *act = &plan->acts[i];
        bool failed = false;

        if (act->kind == ACT_WAKE)
            continue;
        if (execute(player, act, &failed, error))
            return -1;
        if (act_is_question(act->kind))
            answer_question(player, act, &answers[i]);
        answers[i].failed = act->kind == ACT_COMMAND && failed;
    }
    return 0;
}

static int configure(struct redis_config *config, const struct plan *plan, struct error *error)
{
    redis_config_init(config);
    for (size_t i = 0; i < plan->setting_count; i++) {
        const struct redis_option *option = redis_option_find(plan->settings[i].name);

        if (!option)
            return error_set(error, ERROR_USAGE, "'%s': the model has no such option", plan->settings[i].name);
        if (redis_option_set(config, option, plan->settings[i].value, error) < 0)
            return -1;
    }
    return 0;
}

int twins_play_model(const struct twins *twins, const struct plan *plan, struct answer *answers, struct error *error)
{
    const struct server *server = server_find(twins->model);
    struct simulation_options options = {.start_unix_us = PLAN_START_US};
    const struct cell_config config = {
        .server = server, .policy = policy_find("noeviction"), .seed = twins->seed + 1, .options = &options};
    struct player player = {.model = server->model};
    int status = configure(&options.redis, plan, error);

    if (status)
        return status;
    for (int i = 0; i < DB_MAX; i++)
        player.databases[i] = (uint8_t)i;
    player.state = xcalloc(1, server->model->state_size);
    player.batch = xcalloc(1, sizeof *player.batch);
    player.intake = xcalloc(1, sizeof *player.intake);
    player.queue.compares = true; /* so that the first comparison of a stream is known, too */
    keys_init(&player.keys);
    keys_keep_names(&player.keys);
    member_index_keep_texts(&player.members, UINT64_MAX);
    status = server->model->init(player.state, &config, error);
    if (!status)
        status = play_acts(&player, plan, answers, error);
    server->model->release(player.state);
    keys_release(&player.keys);
    member_index_release(&player.members);
    batch_release(player.batch);
    queue_release(&player.queue);
    free(player.intake);
    free(player.batch);
    free(player.state);
    return status;
}
