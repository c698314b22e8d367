/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_server.h"
#include "sim/server/bless.h"
#include "tests/support_structure.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/server/histograms.h"
#include "sim/server/pubsub_weight.h"
#include "sim/server/command_logs.h"
#include "sim/server/memory.h"
#include "sim/server/tracking_table.h"
#include "sim/server/watch.h"
#include "sim/server/registry.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hyperloglog.h"
#include "traces/commands/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a cell's life ---- */

const char *model_server(size_t i)
{
    for (size_t s = 0; s < server_count; s++) {
        bool is_first = true;

        for (size_t before = 0; before < s; before++)
            is_first &= servers[before].model != servers[s].model;
        if (is_first && i-- == 0)
            return servers[s].name;
    }
    return NULL;
}

struct cell *cell_open(struct cell_setup setup)
{
    struct cell *cell = xcalloc(1, sizeof *cell);

    cell->options = setup.options;
    redis_config_init(&cell->options.redis);
    cell->options.redis.cluster_enabled = setup.is_cluster;
    if (setup.samples)
        cell->options.redis.policy.maxmemory_samples = setup.samples;
    if (setup.effort)
        cell->options.redis.active_expire_effort = setup.effort;
    if (!cell->options.start_unix_us)
        cell->options.start_unix_us = INT64_C(1700000000000000);
    cell->config = (struct cell_config){
        .server = server_find(setup.server ? setup.server : "redis-7.0.15"),
        .policy = setup.wrapped ? setup.wrapped : policy_find(setup.policy ? setup.policy : "noeviction"),
        .admission = setup.admission,
        .admission_parameters = setup.admission_parameters,
        .maxmemory = setup.maxmemory,
        .seed = setup.seed,
        .options = &cell->options,
    };
    assert_non_null(cell->config.server);
    assert_non_null(cell->config.policy);
    cell->batch = xcalloc(1, sizeof *cell->batch);
    cell->key_names = key_names_new();
    cell->state = xcalloc(1, cell->config.server->model->state_size);
    if (cell->config.server->model->init(cell->state, &cell->config, &cell->error))
        fail_msg("%s", cell->error.text);
    cell->redis = cell->config.server->model == &redis_model ? cell->state : NULL;
    return cell;
}

void cell_close(struct cell *cell)
{
    cell->config.server->model->release(cell->state);
    free(cell->state);
    batch_release(cell->batch);
    member_index_release(&cell->members);
    key_names_free(cell->key_names);
    free(cell->batch);
    free(cell);
}

void cell_add(struct cell *cell, struct row row)
{
    struct batch *batch = cell->batch;
    struct record record = {.time_us = cell->now_us,
                            .ttl_ms = row.ttl_ms,
                            .number = row.number,
                            .second = row.second,
                            .id = row.id,
                            .key_len = row.key_len,
                            .value_len = row.value_len,
                            .flags = row.flags,
                            .op = (uint16_t)row.op,
                            .elements = row.elements,
                            .first_element = batch->list_count,
                            .db = row.db,
                            .client = row.client,
                            .behind = row.behind};

    assert_true(batch->count < BATCH_CAPACITY);
    batch->next_access[batch_add(batch, &record)] = row.next_access;
    batch->members = &cell->members.members;
    batch->names = cell->key_names;
    if (row.elements)
        memcpy(batch_add_elements(batch, row.elements), row.list, row.elements * sizeof *row.list);
    if (row.id != NO_KEY && row.id >= cell->key_count)
        cell->key_count = row.id + 1;
    if (batch->count == BATCH_CAPACITY && !(row.flags & REQUEST_MORE))
        cell_flush(cell);
}

uint32_t cell_member(struct cell *cell, const char *text)
{
    return member_index_intern(&cell->members, text, (uint32_t)strlen(text));
}

void cell_flush(struct cell *cell)
{
    cell->batch->key_count = cell->key_count;
    cell->batch->first_row = cell->rows;
    cell->rows += cell->batch->count;
    if (cell->config.server->model->replay(cell->state, cell->batch, &cell->error))
        fail_msg("%s", cell->error.text);
    batch_clear(cell->batch);
}

void cell_do(struct cell *cell, struct row row)
{
    cell_add(cell, row);
    cell_flush(cell);
}

void cell_wait_us(struct cell *cell, int64_t us)
{
    cell_flush(cell);
    cell->now_us += us;
    redis_pass_until(cell->redis, cell->now_us);
}

struct result cell_finish_result(struct cell *cell)
{
    struct result result = {0};

    cell_flush(cell);
    if (cell->config.server->model->finish(cell->state, cell->now_us, &result, &cell->error))
        fail_msg("%s", cell->error.text);
    return result;
}

struct counters cell_finish(struct cell *cell, struct curve *curve)
{
    struct result result = cell_finish_result(cell);
    struct counters counters = result.counters;

    if (curve) {
        *curve = result.curve;
        result.curve = (struct curve){0};
    }
    result_release(&result);
    return counters;
}

uint32_t cell_id(struct cell *cell, const char *name)
{
    uint32_t id;

    for (id = 0; id < cell->name_count; id++)
        if (cell->names[id].db == cell->db && !strcmp(cell->names[id].name, name))
            return id;
    assert_true(id < CELL_NAMES && strlen(name) < sizeof cell->names[id].name);
    strcpy(cell->names[id].name, name);
    cell->names[id].db = cell->db;
    cell->name_count++;
    key_names_note(cell->key_names, id,
                   &(struct record){.key = cell->names[id].name, .key_bytes = (uint32_t)strlen(name), .db = cell->db});
    return id;
}

/* ---- text ---- */

static const struct {
    const char *word;
    unsigned flags;
    int64_t unit_ms;
} options[] = {
    {"ex", REQUEST_TTL, 1000},
    {"px", REQUEST_TTL | REQUEST_MILLIS, 1},
    {"exat", REQUEST_TTL | REQUEST_ABSOLUTE, 1000},
    {"pxat", REQUEST_TTL | REQUEST_ABSOLUTE | REQUEST_MILLIS, 1},
    {"nx", REQUEST_NX, 0},
    {"xx", REQUEST_XX, 0},
    {"gt", REQUEST_GT, 0},
    {"lt", REQUEST_LT, 0},
    {"keepttl", REQUEST_KEEPTTL, 0},
    {"get", REQUEST_GET, 0},
    {"persist", REQUEST_PERSIST, 0},
};

static char *word(char **rest)
{
    char *found = strtok_r(NULL, " \n", rest);

    assert_non_null(found);
    return found;
}

static void take_key(struct cell *cell, struct row *row, const char *name)
{
    row->id = cell_id(cell, name);
    row->key_len = (uint32_t)strlen(name);
}

static void take_value(struct row *row, const char *text)
{
    row->value_len = (uint32_t)strtoul(text, NULL, 10);
    if (*text != '=')
        return;
    row->flags |= REQUEST_INTEGER;
    row->number = strtoll(text + 1, NULL, 10);
    row->value_len = (uint32_t)strlen(text + 1);
}

static void take_time(struct row *row, const char *text, unsigned flags, int64_t unit_ms)
{
    row->flags |= (uint16_t)(REQUEST_TTL | flags);
    row->ttl_ms = strtoll(text, NULL, 10) * unit_ms;
}

static void take_options(struct row *row, char **rest)
{
    for (char *text; (text = strtok_r(NULL, " \n", rest));) {
        size_t i = 0;

        while (i < sizeof options / sizeof *options && strcmp(options[i].word, text))
            i++;
        assert_true(i < sizeof options / sizeof *options);
        row->flags |= (uint16_t)options[i].flags;
        if (options[i].unit_ms)
            row->ttl_ms = strtoll(word(rest), NULL, 10) * options[i].unit_ms;
    }
}

/* The arguments as the command's row says, from its first key on. */
static void run_keys(struct cell *cell, struct row row, char **rest)
{
    const struct command *command = &command_table[row.op];
    const unsigned unit = (command->millis ? REQUEST_MILLIS : 0) | (command->absolute ? REQUEST_ABSOLUTE : 0);
    const char *letters = command->arguments;
    char *name = word(rest);

    while (name) {
        row.flags = 0;
        take_key(cell, &row, name);
        name = NULL;
        for (const char *letter = letters + 1; *letter; letter++) {
            if (*letter == 'n')
                row.number = strtoll(word(rest), NULL, 10);
            else if (*letter == 't')
                take_time(&row, word(rest), unit, command->millis ? 1 : 1000);
            else if (*letter == 'v')
                take_value(&row, word(rest));
            else if (*letter == 'o')
                take_options(&row, rest);
            else if (*letter == '+')
                name = strtok_r(NULL, " \n", rest);
        }
        row.flags |= name ? REQUEST_MORE : 0;
        cell_add(cell, row);
    }
}

static void run_statement(struct cell *cell, char *statement)
{
    char *rest, *name = strtok_r(statement, " \n", &rest);
    struct row row = {.db = cell->db, .value_len = VALUE_UNKNOWN, .id = NO_KEY};

    if (!name)
        return;
    if (!strcmp(name, "wait")) {
        cell_wait_us(cell, (int64_t)(strtod(word(&rest), NULL) * 1e6));
        return;
    }
    if (!strcmp(name, "select")) {
        cell->db = (uint8_t)atoi(word(&rest));
        return;
    }
    row.op = op_find(name, strlen(name));
    assert_true(row.op != OP_COUNT);
    if (command_has_key(row.op))
        run_keys(cell, row, &rest);
    else
        cell_add(cell, row);
}

void cell_run(struct cell *cell, const char *text)
{
    char *copy = xstrdup(text), *rest = copy, *statement;

    while ((statement = strsep(&rest, ";"))) {
        run_statement(cell, statement);
        cell_flush(cell);
    }
    free(copy);
}

/* The elements of a record, with the ids of their members. */
static void say_elements(struct cell *cell, const struct record *record, struct row *row)
{
    struct element *list = xcalloc(record->elements, sizeof *list);

    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = &record->named[record->first_element + i];

        list[i] = named->element;
        list[i].member = member_index_element(&cell->members, named);
    }
    row->elements = record->elements;
    row->list = list;
}

static void say_record(struct cell *cell, const struct record *record)
{
    char name[sizeof cell->names->name];
    struct row row = {.op = (enum op)record->op,
                      .id = NO_KEY,
                      .key_len = record->key_len,
                      .value_len = record->value_len,
                      .flags = record->flags,
                      .db = record->db,
                      .client = cell->client,
                      .ttl_ms = record->ttl_ms,
                      .number = record->number,
                      .second = record->second};

    if (command_has_key(row.op)) {
        assert_true(record->key_bytes < sizeof name);
        memcpy(name, record->key, record->key_bytes);
        name[record->key_bytes] = '\0';
        row.id = cell_id(cell, name);
    }
    say_elements(cell, record, &row);
    cell_add(cell, row);
    free((void *)(uintptr_t)row.list);
}

void cell_say(struct cell *cell, const char *text)
{
    enum { WORDS = 1024, ROWS = 64 };
    char *copy = xstrdup(text), *rest = copy;
    const char **words = xcalloc(WORDS, sizeof *words);
    struct record records[ROWS];
    struct error error = {0};
    size_t count = 0;
    int rows;

    while (count < WORDS && (words[count] = strtok_r(count ? NULL : copy, " ", &rest)))
        count++;
    rows = command_parse(words, count, records, ROWS, &error);
    if (rows < 0)
        fail_msg("%s: %s", text, error.text);
    for (int i = 0; i < rows; i++)
        say_record(cell, &records[i]);
    cell_flush(cell);
    free((void *)(uintptr_t)records[0].named);
    free(words);
    free(copy);
}

void cell_send(struct cell *cell, const struct argument *words, size_t count)
{
    enum { ROWS = 64 };
    struct queue queue = {0};
    struct record records[ROWS], row = {0};
    struct intake intake = {0};
    int rows;

    command_queue(&queue, &row, words, count, &intake);
    rows = queue_end(&queue, records, queue_hand_out(&queue, records, ROWS));
    for (int i = 0; i < rows; i++)
        say_record(cell, &records[i]);
    cell_flush(cell);
    queue_release(&queue);
}

/* ---- counting again ---- */

static uint64_t four_a_doubling(uint64_t quantum, uint64_t bytes)
{
    uint64_t size = 8, step = quantum;

    while (size < bytes) {
        if (size >= 64 && (size & (size - 1)) == 0)
            step = size / 4;
        size += size == 8 ? 8 : step;
    }
    return size;
}

uint64_t plain_class(const char *allocator, uint64_t bytes)
{
    if (!strcmp(allocator, "libc"))
        return bytes <= 24 ? 24 : (bytes + 7) / 16 * 16 + 8;
    if (!strcmp(allocator, "jemalloc-5.3.1") && bytes > 16384)
        return (bytes + 4095) & ~UINT64_C(4095);
    return four_a_doubling(strcmp(allocator, "jemalloc") ? 16 : 8, bytes);
}

static uint64_t plain_sds(const char *allocator, uint64_t length)
{
    uint64_t header = length == 0 ? 3 : length < 32 ? 1 : length < 256 ? 3 : length < 65536 ? 5 : 9;

    return plain_class(allocator, header + length + 1);
}

static bool is_embstr(const struct entry *entry)
{
    return entry->encoding == ENCODING_EMBSTR || entry->encoding == ENCODING_HLL_EMBSTR;
}

static uint64_t embstr_length(const struct entry *entry)
{
    return entry->encoding == ENCODING_EMBSTR ? entry->length : ((const struct hll *)entry->structure)->length;
}

static uint64_t plain_value(const struct redis *redis, const struct entry *entry)
{
    const char *allocator = redis->allocator->name;

    if (is_embstr(entry))
        return plain_class(allocator, 20 + embstr_length(entry));
    if (encoding_is_structure(entry->encoding))
        return 16 + recount_structure(redis, entry);
    switch (entry->encoding) {
    case ENCODING_INT:
        return 16;
    case ENCODING_RAW:
        assert_true(entry->capacity >= entry->length);
        return 16 + (entry->has_wide_header
                         ? plain_class(allocator, (entry->capacity < 32 ? 3 : 9) + (uint64_t)entry->capacity + 1)
                         : plain_sds(allocator, entry->capacity));
    default:
        break;
    }
    return 0;
}

/* One object; a value that does not fit lies behind a pointer or, a number, in it. */
static uint64_t plain_object(const struct redis *redis, uint64_t key_length, const struct entry *entry)
{
    const char *allocator = redis->allocator->name;
    bool is_9 = redis->profile->layout == LAYOUT_OBJECT_128;
    uint64_t key_header = key_length < 32 ? 1 : key_length < 256 ? 3 : key_length < 65536 ? 5 : 9;
    uint64_t name = 1 + key_header + key_length + 1, object = 16;
    uint64_t field = entry->has_ttl_field ? 8 : 0, apart = 0;

    assert_true(entry->expire_ms == NO_EXPIRE || entry->has_ttl_field);
    assert_true(entry->encoding != ENCODING_SHARED);
    if (is_embstr(entry))
        object = is_9 ? 8 + (embstr_length(entry) < 4 ? 8 : 4 + embstr_length(entry)) : 20 + embstr_length(entry);
    if (entry->encoding == ENCODING_RAW)
        apart = plain_sds(allocator, entry->capacity);
    if (encoding_is_structure(entry->encoding))
        apart = recount_structure(redis, entry);
    if (redis->blessings && redis->blessings[entry_id(redis, entry)] & BLESSING_FIELD)
        field += 8;
    return plain_class(allocator, object + field + name + redis->profile->key_metadata_bytes) + apart;
}

static uint64_t plain_key(const struct redis *redis, const char *allocator, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);
    uint64_t node = plain_class(allocator, 24);
    uint64_t length = entry->key_len == KEY_LEN_LONG ? redis->long_key_len[id] : entry->key_len;
    uint64_t header = length < 256 ? 3 : length < 65536 ? 5 : 9;
    uint64_t ttl = entry->expire_ms == NO_EXPIRE ? 0 : node;

    switch (redis->profile->layout) {
    case LAYOUT_APART:
        return node + plain_sds(allocator, length) + plain_value(redis, entry) + ttl;
    case LAYOUT_NAME_IN_ENTRY:
        return plain_class(allocator, 17 + header + length + 1) + plain_value(redis, entry) + ttl;
    case LAYOUT_OBJECT_64:
    case LAYOUT_OBJECT_128:
    case LAYOUT_KVOBJ:
        break;
    }
    return plain_object(redis, length, entry);
}

static void count_key(void *owner, uint32_t id)
{
    (void)id;
    ++*(uint64_t *)owner;
}

static uint64_t plain_table(const struct table *table, const char *allocator, uint32_t object, bool has_node)
{
    uint64_t bytes, keys = 0;

    table_each(table, count_key, &keys);
    assert_int_equal(keys, table_count(table));
    if (table->kind == TABLE_CHAINS)
        bytes = 8 * (table->dict.size[0] + table->dict.size[1]);
    else
        bytes =
            64 * (hashtable_buckets(&table->hashtable) + table->hashtable.children[0] + table->hashtable.children[1]);
    if (object && table->exists)
        bytes += plain_class(allocator, object);
    if (has_node && table_is_rehashing(table))
        bytes += plain_class(allocator, 24);
    return bytes;
}

/* An idle connection, besides its buffers. */
static uint64_t plain_struct(const struct redis *redis)
{
    bool is_private = redis->profile->query_buffer == QUERY_PRIVATE;

    return redis->profile->idle_client_bytes - 1024 - (is_private ? plain_class(redis->allocator->name, 2) : 0);
}

/* What the connection is that asked INFO first, besides its buffers. */
static uint64_t plain_first_struct(const struct redis *redis)
{
    const struct server_profile *profile = redis->profile;
    uint64_t bytes = profile->first_info_bytes - profile->info_bytes - profile->info_once_bytes - 16384;

    if (profile->keeps_vector)
        bytes -= 8;
    return profile->query_buffer == QUERY_SHARED ? bytes : bytes - 20480;
}

static uint64_t plain_client(const struct redis *redis, const char *allocator)
{
    const struct client *client = &redis->client;
    uint64_t bytes = plain_first_struct(redis) + client->reply_capacity + client->name_bytes + client->info_bytes[0] +
                     client->info_bytes[1] + client->wait_bytes + client->address_bytes + client->own_address_bytes;

    bytes +=
        client->vector_count && redis->profile->keeps_vector ? plain_class(allocator, 8 * client->vector_count) : 0;
    if (redis->profile->query_buffer == QUERY_SHARED && client->query_is_shared)
        return bytes;
    return bytes + client->query_bytes;
}

/* Of all connections: what an idle one has besides its buffers, which is known of the first otherwise; and the buffers. */
static uint64_t plain_clients(const struct redis *redis, const char *allocator)
{
    const struct connections *all = &redis->connections;
    const struct server_profile *profile = redis->profile;
    uint64_t struct_bytes = plain_struct(redis);
    uint64_t bytes = plain_first_struct(redis) - struct_bytes;

    if (!all->is_known)
        return plain_client(redis, allocator);
    if (profile->query_buffer == QUERY_REUSABLE)
        bytes += all->thread_buffer.bytes;
    for (uint32_t client = 0; client < all->place_capacity; client++) {
        const struct client *now = client == all->current ? &redis->client : &all->list[all->places[client]].client;

        if (!all->places[client])
            continue;
        bytes += struct_bytes + now->reply_capacity + now->name_bytes + now->info_bytes[0] + now->info_bytes[1] +
                 now->address_bytes + now->own_address_bytes + now->wait_bytes;
        bytes += profile->query_buffer == QUERY_SHARED && now->query_is_shared ? 0 : now->query_bytes;
        bytes += now->vector_count ? plain_class(allocator, 8 * now->vector_count) : 0;
    }
    if (all->current == NO_CLIENT && all->pooled_vector)
        bytes += plain_class(allocator, 8 * all->pooled_vector);
    return bytes;
}

/* The array of a client's queued commands, and what they hold. */
static uint64_t plain_transaction(const struct redis *redis, const char *allocator,
                                  const struct transaction *transaction)
{
    uint64_t place = redis->profile->queued_place_bytes ? redis->profile->queued_place_bytes : 24, places = 2, bytes;

    bytes = transaction->has_state && redis->profile->transaction_state_bytes
                ? plain_class(allocator, redis->profile->transaction_state_bytes)
                : 0;
    if (!transaction->count)
        return bytes;
    while (places < transaction->queued) /* what a queued script will call has no place */
        places *= 2;
    bytes += plain_class(allocator, places * place);
    for (uint32_t i = 0; i < transaction->count; i++)
        bytes += transaction->commands[i].bytes;
    return bytes;
}

/* What redis->dataset says, key by key. */
static void check_dataset(const struct redis *redis)
{
    uint64_t keys = 0, values[VALUE_TYPES] = {0};

    for (uint32_t id = 0; id < redis->capacity; id++) {
        const struct entry *entry = entry_of(redis, id);

        if (entry->encoding == ENCODING_ABSENT)
            continue;
        keys += entry_key_bytes(redis, id);
        values[encodings[entry->encoding].type == TYPE_HLL ? TYPE_STRING : encodings[entry->encoding].type] +=
            entry_value_bytes(redis, entry);
    }
    assert_int_equal(redis->dataset.keys, keys);
    assert_int_equal(redis->dataset.values[TYPE_STRING] + redis->dataset.values[TYPE_HLL], values[TYPE_STRING]);
    for (int type = TYPE_HASH; type < TYPE_HLL; type++)
        assert_int_equal(redis->dataset.values[type], values[type]);
}

/* The parts of used_memory: what has none of its own is what an empty server has, and little else. */
static void check_parts(const struct redis *redis)
{
    const struct server_profile *profile = redis->profile;
    struct sample sample = {.used_memory = redis->used};
    uint64_t rest = profile->startup_bytes + redis->timer_bytes + (redis->info_seen ? profile->info_once_bytes : 0);

    for (int db = 1; db < redis->database_ready; db++)
        rest += redis->databases[db].is_used ? profile->database_bytes : 0;
    rest += plain_first_struct(redis) - plain_struct(redis);
    memory_look(redis, &sample);
    assert_int_equal(sample.memory_startup, rest);
}

/* What BLESS keeps of the keys of a database, by the bits of the keys. */
static uint64_t plain_blessed(const struct redis *redis, const char *allocator, int db)
{
    const struct database *database = &redis->databases[db];
    uint32_t keys = 0, with_ttl = 0;
    uint64_t bytes = plain_table(&database->blessed, allocator, redis->profile->expires_table_bytes, true);

    for (uint32_t id = 0; redis->blessings && id < redis->capacity; id++) {
        const struct entry *entry = entry_of(redis, id);

        assert_true(!redis->blessings[id] || entry->encoding != ENCODING_ABSENT);
        if (entry->db != db || !(redis->blessings[id] & BLESSING_KEPT))
            continue;
        keys++;
        with_ttl += entry->expire_ms != NO_EXPIRE;
        bytes += plain_class(allocator, 24) + plain_sds(allocator, key_length(redis, id));
    }
    assert_int_equal(keys, table_count(&database->blessed));
    assert_int_equal(with_ttl, database->blessed_with_ttl);
    return bytes;
}

uint64_t recount_used_memory(const struct redis *redis)
{
    const struct server_profile *profile = redis->profile;
    const char *allocator = redis->allocator->name;
    uint64_t used = profile->startup_bytes + plain_clients(redis, allocator);

    check_dataset(redis);
    check_parts(redis);
    used += redis->timer_bytes;
    used += UINT64_C(24688) * (uint64_t)histograms_kinds(redis);
    for (uint32_t i = 0; i < redis->blocked.count; i++)
        used += redis->blocked.list[i].bytes;
    used += redis->blocked.keys * (plain_class(allocator, 24) + plain_class(allocator, 48)) + 8 * redis->blocked.slots;
    for (uint32_t client = 0; client < redis->transactions.capacity; client++)
        used += plain_transaction(redis, allocator, &redis->transactions.list[client]);
    used += redis->script.arguments + script_cache_bytes(&redis->scripts) + redis->libraries.bytes +
            redis->script_arguments.bytes + watch_bytes(redis) + pubsub_bytes(redis) + command_logs_bytes(redis) +
            tracking_bytes(redis);
    used += error_statistics_bytes(&redis->errors);
    used += redis->info_seen ? profile->info_once_bytes : 0;
    used += redis->has_compressed ? profile->compression_bytes : 0;
    for (int db = 1; db < redis->database_ready; db++) /* the first is among what there is at startup */
        used += redis->databases[db].is_used ? profile->database_bytes : 0;
    for (int db = 0; db < redis->database_ready; db++)
        used +=
            plain_table(&redis->databases[db].keys, allocator, profile->keys_table_bytes, profile->lists_rehashing) +
            plain_table(&redis->databases[db].expires, allocator, profile->expires_table_bytes,
                        profile->lists_rehashing) +
            plain_table(&redis->databases[db].volatile_hashes, allocator, profile->expires_table_bytes,
                        profile->lists_rehashing) +
            plain_blessed(redis, allocator, db) +
            redis->databases[db].field_expires.bytes; /* model_ebuckets holds them to that */
    for (uint32_t id = 0; id < redis->capacity; id++)
        if (entry_of(redis, id)->encoding != ENCODING_ABSENT)
            used += plain_key(redis, allocator, id);
    if (has_kvobjs(redis))
        for (int db = 0; db < redis->database_ready; db++)
            used += recount_nodes(redis, &redis->databases[db].keys.dict) +
                    recount_nodes(redis, &redis->databases[db].expires.dict);
    return used;
}
