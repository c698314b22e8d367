/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_rdb: dumps of five servers (tests/data/dumps), loaded into the model: each key is what the server said of it when it had loaded
 * the same file. What is not random is equal to the byte. */
#include "sim/alloc.h"
#include "sim/input/raw_trace.h"
#include "sim/server/inspect.h"
#include "tests/support_server.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1024, KEYS = 256 };

/* ---- a dump, loaded ---- */

struct loaded {
    struct cell *cell;
    struct raw_trace dump;
    struct error error;
    struct record records[ROOM];
    uint32_t count;
    struct {
        char name[512];
        uint32_t bytes;
        uint8_t db;
    } keys[KEYS]; /* by id */
};

/* The record's row, its members interned, becomes the cell's. */
static void load_record(struct loaded *loaded, const struct record *record)
{
    struct element *list = xcalloc(record->elements + 1, sizeof *list);
    uint32_t id = loaded->count++;

    assert_true(id < KEYS && record->key_bytes <= sizeof loaded->keys[id].name);
    memcpy(loaded->keys[id].name, record->key, record->key_bytes);
    loaded->keys[id].bytes = record->key_bytes;
    loaded->keys[id].db = record->db;
    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = &record->named[record->first_element + i];

        list[i] = named->element;
        list[i].member = member_index_element(&loaded->cell->members, named);
    }
    cell_do(loaded->cell, (struct row){.op = (enum op)record->op,
                                       .id = id,
                                       .db = record->db,
                                       .key_len = record->key_len,
                                       .value_len = record->value_len,
                                       .flags = record->flags,
                                       .ttl_ms = record->ttl_ms,
                                       .elements = record->elements,
                                       .list = list});
    free(list);
}

/* When the dump at the path was written. */
static int64_t written_at_us(const char *path)
{
    struct raw_trace dump;
    struct record records[ROOM];
    struct error error = {0};
    int64_t dumped_us;

    if (raw_trace_open(&dump, path, format_choose, NULL, &(struct format_options){0}, &error) ||
        raw_trace_read(&dump, records, ROOM, &error) < 0)
        fail_msg("%s", error.text);
    dumped_us = dump.intake.dumped_us;
    raw_trace_close(&dump);
    return dumped_us;
}

static struct loaded *load(const char *path, const char *server, const char *policy)
{
    struct loaded *loaded = xcalloc(1, sizeof *loaded);
    int count;

    loaded->cell = cell_open(
        (struct cell_setup){.server = server, .policy = policy, .options.start_unix_us = written_at_us(path)});
    if (raw_trace_open(&loaded->dump, path, format_choose, NULL, &(struct format_options){0}, &loaded->error))
        fail_msg("%s", loaded->error.text);
    while ((count = raw_trace_read(&loaded->dump, loaded->records, ROOM, &loaded->error)) > 0)
        for (int i = 0; i < count; i++)
            load_record(loaded, &loaded->records[i]);
    assert_string_equal(loaded->error.text, "");
    return loaded;
}

static void unload(struct loaded *loaded)
{
    raw_trace_close(&loaded->dump);
    cell_close(loaded->cell);
    free(loaded);
}

/* ---- what servers said ---- */

/* A line of dumps.csv: file,server,policy,db,key in hex,type,encoding,memory usage,end of the ttl,idle time or counter. */
struct said {
    char *file, *server, *policy, *type, *encoding;
    char key[512];
    uint32_t key_bytes;
    int db;
    int64_t memory_usage, expire_ms, age;
};

static struct said read_said(char *line)
{
    struct said said = {.file = strsep(&line, ","), .server = strsep(&line, ","), .policy = strsep(&line, ",")};
    const char *hex;

    said.db = atoi(strsep(&line, ","));
    hex = strsep(&line, ",");
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};

        said.key[said.key_bytes++] = (char)strtoul(pair, NULL, 16);
    }
    said.type = strsep(&line, ",");
    said.encoding = strsep(&line, ",");
    assert_non_null(line);
    said.memory_usage = atoll(strsep(&line, ","));
    said.expire_ms = atoll(strsep(&line, ","));
    assert_non_null(line);
    said.age = atoll(line);
    return said;
}

static uint32_t id_of(const struct loaded *loaded, const struct said *said)
{
    for (uint32_t id = 0; id < loaded->count; id++)
        if (loaded->keys[id].db == said->db && loaded->keys[id].bytes == said->key_bytes &&
            !memcmp(loaded->keys[id].name, said->key, said->key_bytes))
            return id;
    fail_msg("%s: no key of %u bytes in database %d", said->file, said->key_bytes, said->db);
    return 0;
}

/* As in test_payload. */
static bool is_allowed(const struct said *said, int64_t difference)
{
    enum { BUCKET = 64, BUCKETS = 16 };

    if (!strcmp(said->encoding, "skiplist"))
        return llabs(difference) <= said->memory_usage / 10;
    if (!strcmp(said->encoding, "hashtable") && !strncmp(said->server, "valkey", 6))
        return difference % BUCKET == 0 && llabs(difference) <= BUCKET * BUCKETS;
    return !difference;
}

/* What OBJECT IDLETIME or FREQ would say: the server had been asked a few seconds after it loaded the file, within a minute. */
static void expect_age(const struct loaded *loaded, const struct said *said, uint32_t id)
{
    enum { CLOCK_MAX = (1 << 24) - 1, SOON = 60 };
    struct policy_context *eviction = &loaded->cell->redis->eviction;
    uint32_t field = *(uint32_t *)policy_entry(eviction, id);

    if (strstr(said->policy, "lfu")) {
        assert_true(llabs((int64_t)(field & 255) - said->age) <= 1); /* it may have decayed */
    } else {
        int64_t idle_s = (eviction->clock.lru_clock - field) & CLOCK_MAX;

        assert_true(said->age >= idle_s && said->age <= idle_s + SOON);
    }
}

static void expect_said(const struct loaded *loaded, const struct said *said)
{
    uint32_t id = id_of(loaded, said);
    struct inspection found = inspect_key(loaded->cell->redis, id);

    if (strcmp(found.type, said->type) || strcmp(found.encoding, said->encoding))
        fail_msg("%s %.*s: %s %s, evsim %s %s", said->file, (int)said->key_bytes, said->key, said->type, said->encoding,
                 found.type, found.encoding);
    if (!is_allowed(said, (int64_t)found.memory_usage - said->memory_usage))
        fail_msg("%s %.*s: %jd bytes, evsim %ju", said->file, (int)said->key_bytes, said->key,
                 (intmax_t)said->memory_usage, (uintmax_t)found.memory_usage);
    assert_true(entry_of(loaded->cell->redis, id)->expire_ms == (said->expire_ms > 0 ? said->expire_ms : NO_EXPIRE));
    expect_age(loaded, said, id);
}

static void keys_are_what_the_server_made_of_the_same_file(void **state)
{
    FILE *file = fopen("tests/data/dumps/dumps.csv", "r");
    struct loaded *loaded = NULL;
    char *line = NULL, path[256], last[128] = "";
    size_t room = 0;
    uint32_t lines = 0, files = 0;

    (void)state;
    assert_non_null(file);
    while (getline(&line, &room, file) > 0) {
        struct said said = read_said(line);

        if (strcmp(said.file, last)) {
            if (loaded)
                unload(loaded);
            snprintf(last, sizeof last, "%s", said.file);
            snprintf(path, sizeof path, "tests/data/dumps/%s.zst", last);
            loaded = load(path, said.server, said.policy);
            assert_true(loaded->cell->redis->used == recount_used_memory(loaded->cell->redis));
            files++;
        }
        expect_said(loaded, &said);
        lines++;
    }
    unload(loaded);
    assert_int_equal(files, 5);
    assert_true(lines > 400);
    free(line);
    fclose(file);
}

/* No client sent them: nothing is counted, and nothing refused or evicted. */
static void loading_is_no_traffic(void **state)
{
    struct loaded *loaded = load("tests/data/dumps/redis-7.0.15.rdb.zst", "redis-7.0.15-debian", "allkeys-lru");
    struct counters counters = cell_finish(loaded->cell, NULL);

    (void)state;
    assert_int_equal(counters.writes, 0);
    assert_int_equal(counters.evicted_keys, 0);
    assert_int_equal(counters.oom_rejections, 0);
    assert_int_equal(counters.expired_keys, 0);
    assert_true(counters.used_memory_peak >= loaded->cell->redis->used);
    unload(loaded);
}

/* Short enough, it is an embstr until somebody writes to it, as dbUnshareStringValue says. */
static void a_short_hyperloglog_is_made_anew_when_it_is_written(void **state)
{
    struct loaded *loaded = load("tests/data/dumps/valkey-9.1.2.rdb.zst", "valkey-9.1.2-debian", "allkeys-lfu");
    struct cell *cell = loaded->cell;
    const struct said said = {.file = "valkey-9.1.2.rdb", .key = "hll:sparse", .key_bytes = strlen("hll:sparse")};
    uint32_t id = id_of(loaded, &said);
    uint64_t used = cell->redis->used;

    (void)state;
    assert_int_equal(entry_of(cell->redis, id)->encoding, ENCODING_HLL_EMBSTR);
    cell_do(cell, (struct row){.op = OP_PFCOUNT, .id = id, .key_len = strlen("hll:sparse")});
    assert_int_equal(entry_of(cell->redis, id)->encoding, ENCODING_HLL);
    assert_string_equal(inspect_key(cell->redis, id).encoding, "raw");
    assert_true(cell->redis->used > used);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    unload(loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_what_the_server_made_of_the_same_file),
        cmocka_unit_test(loading_is_no_traffic),
        cmocka_unit_test(a_short_hyperloglog_is_made_anew_when_it_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
