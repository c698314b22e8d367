/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_forecast: what --grow makes of records, and that a trace that is made to double is like two of its kind. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/replay.h"
#include "sim/generate/generate.h"
#include "sim/input/growth.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_BYTES = 64 << 10 };

static struct forecast scanned(const char *text, const char *horizon)
{
    struct forecast forecast = {0};
    struct error error = {0};

    assert_int_equal(forecast_scan(&forecast, text, &error), 0);
    if (horizon)
        assert_int_equal(forecast_scan_horizon(&forecast, horizon, &error), 0);
    assert_int_equal(forecast_check(&forecast, &error), 0);
    return forecast;
}

/* Appends what a record says. */
static void put(char *text, const struct record *record)
{
    size_t used = strlen(text);
    char key[64];

    if (record->key)
        snprintf(key, sizeof key, "%.*s/%" PRIu32, (int)record->key_bytes, record->key, record->key_len);
    else
        snprintf(key, sizeof key, "#%" PRIu64, record->key_number);
    used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%" PRId64 " %s %s", record->time_us,
                             op_name((enum op)record->op), key);
    if (record->value_len && record->value_len != VALUE_UNKNOWN)
        used += (size_t)snprintf(text + used, TEXT_BYTES - used, " %" PRIu32, record->value_len);
    if (record->flags & REQUEST_TTL)
        used += (size_t)snprintf(text + used, TEXT_BYTES - used, " ttl=%" PRId64, record->ttl_ms);
    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = &record->named[record->first_element + i];

        used += (size_t)snprintf(text + used, TEXT_BYTES - used, " %.*s=%" PRIu32, (int)named->bytes, named->text,
                                 named->element.value_len);
    }
    if (record->client == CLIENT_SCRIPT)
        used += (size_t)snprintf(text + used, TEXT_BYTES - used, " called");
    else if (record->client)
        used += (size_t)snprintf(text + used, TEXT_BYTES - used, " client=%" PRIu32, record->client);
    snprintf(text + used, TEXT_BYTES - used, "%s\n", record->flags & REQUEST_MORE ? " more" : "");
}

/* The records as they grow, given so many at once and taken so many at once. Each is given in memory that is overwritten
 * when more is given, as a format's is. */
static char *grown(const char *how, const struct record *records, int count, int given, int taken, struct error *error)
{
    struct forecast forecast = scanned(how, NULL);
    struct intake intake = {.clients = records[0].client ? 3 : 0};
    struct grower *grower = grower_new(&forecast, "x", &intake);
    char *text = xcalloc(1, TEXT_BYTES), names[16][32];
    struct record room[16], piece[16];
    int got = 0;

    for (int next = 0, ended = 0; !ended;) {
        int size = count - next < given ? count - next : given;

        memset(names, '?', sizeof names);
        for (int i = 0; i < size; i++) {
            piece[i] = records[next + i];
            if (!piece[i].key)
                continue;
            memcpy(names[i], piece[i].key, piece[i].key_bytes);
            piece[i].key = names[i];
        }
        next += size;
        ended = !size;
        grower_give(grower, piece, size);
        while ((got = grower_take(grower, room, taken, error)) > 0)
            for (int i = 0; i < got; i++)
                put(text, &room[i]);
        ended |= got < 0;
    }
    grower_free(grower);
    return text;
}

static struct record record_of(enum op op, const char *key, int64_t time_us, uint32_t size)
{
    struct record record = {.op = (uint16_t)op, .time_us = time_us, .value_len = size, .line = 1};

    record.key = key;
    record.key_bytes = record.key_len = (uint32_t)strlen(key);
    return record;
}

/* However the records come in pieces. */
static void expect(const char *how, const struct record *records, int count, const char *text)
{
    for (int given = 1; given <= count; given++)
        for (int taken = 1; taken <= 16; taken += 5) {
            struct error error = {0};
            char *got = grown(how, records, count, given, taken, &error);

            assert_string_equal(error.text, "");
            assert_string_equal(got, text);
            free(got);
        }
}

/* ---- what is said ---- */

static void a_factor_per_time_is_raised_to_the_horizon(void **state)
{
    struct forecast forecast = scanned("keys=1.5x/month,rate=1.1/week,sizes=1.2x", "3 months");
    char *text = forecast_print(&forecast), *horizon = forecast_print_horizon(&forecast);

    (void)state;
    assert_true(fabs(forecast_factor(&forecast, GROW_KEYS) - 1.5 * 1.5 * 1.5) < 1e-9);
    assert_true(fabs(forecast_factor(&forecast, GROW_RATE) - pow(1.1, 90.0 / 7)) < 1e-6);
    assert_true(fabs(forecast_factor(&forecast, GROW_SIZES) - 1.2) < 1e-12);
    assert_string_equal(text, "keys=1.5x/month,rate=1.1x/week,sizes=1.2x");
    assert_string_equal(horizon, "90d");
    free(text);
    free(horizon);
}

static void what_makes_no_sense_is_an_error(void **state)
{
    static const char *const bad[] = {
        "",           "keys",        "keys=",    "keys=x",          "keys=0",   "keys=-1x",
        "users=2x",   "keys=2x/eon", "keys=2xx", "keys=1x,keys=2x", "rate=nan", "keys=2x,,rate=2x",
        "rate=1e999",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct forecast forecast = {0};
        struct error error = {0};

        if (!forecast_scan(&forecast, bad[i], &error))
            fail_msg("'%s' was taken", bad[i]);
        assert_int_equal(error.code, ERROR_USAGE);
    }
}

static void a_factor_out_of_bounds_is_an_error(void **state)
{
    static const char *const bad[][2] = {
        {"keys=0.5x", NULL},     {"keys=1001x", NULL},    {"rate=0.0001x", NULL},    {"sizes=2000x", NULL},
        {"keys=2x/month", NULL}, {"keys=2x", "6 months"}, {"keys=2x/day", "1 year"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct forecast forecast = {0};
        struct error error = {0};

        assert_int_equal(forecast_scan(&forecast, bad[i][0], &error), 0);
        if (bad[i][1])
            assert_int_equal(forecast_scan_horizon(&forecast, bad[i][1], &error), 0);
        if (!forecast_check(&forecast, &error))
            fail_msg("'%s' was taken", bad[i][0]);
    }
}

/* ---- records ---- */

static void copies_are_spread_between_commands(void **state)
{
    const struct record records[] = {
        record_of(OP_SET, "a:1", 1000, 10),
        record_of(OP_GET, "a:1", 1300, 10),
        record_of(OP_GET, "a:1", 1300, 10),
        record_of(OP_GET, "b", 9001300, 10),
    };

    (void)state;
    expect("keys=3x", records, 4,
           "1000 set a:1~copy2/3 10\n1000 set a:1~copy1/3 10\n1000 set a:1/3 10\n"
           "1100 get a:1~copy2/3 10\n1200 get a:1~copy1/3 10\n1300 get a:1/3 10\n"
           "1300 get a:1~copy2/3 10\n1300 get a:1~copy1/3 10\n1300 get a:1/3 10\n"
           "8334634 get b~copy2/1 10\n8667967 get b~copy1/1 10\n9001300 get b/1 10\n");
}

static void the_keys_of_a_command_stay_together(void **state)
{
    struct record records[] = {
        record_of(OP_RENAME, "a", 0, 0), record_of(OP_RENAME, "b", 0, 0),   record_of(OP_DBSIZE, "", 5, 0),
        record_of(OP_MGET, "c", 10, 0),  record_of(OP_MGET, "{d}e", 10, 0), record_of(OP_MGET, "f", 10, 0),
    };

    (void)state;
    records[0].flags = records[3].flags = records[4].flags = REQUEST_MORE;
    expect("keys=2x", records, 6,
           "0 rename a~copy1/1 more\n0 rename b~copy1/1\n0 rename a/1 more\n0 rename b/1\n"
           "5 dbsize /0\n"
           "8 mget c~copy1/1 more\n8 mget {d}e~copy1/4 more\n8 mget f~copy1/1\n"
           "10 mget c/1 more\n10 mget {d}e/4 more\n10 mget f/1\n");
}

/* A fraction of the keys has a sibling more, always the same keys: those of one hash tag all or none. */
static void of_a_fraction_the_key_decides(void **state)
{
    enum { KEYS = 4000 };
    struct forecast forecast = scanned("keys=2.25x", NULL);
    struct intake intake = {0};
    struct grower *grower = grower_new(&forecast, "x", &intake);
    struct error error = {0};
    int copies[KEYS] = {0}, total = 0;

    (void)state;
    for (int i = 0; i < 2 * KEYS; i++) {
        char name[32];
        struct record record, room[8];
        int count;

        snprintf(name, sizeof name, i % 4 ? "k:%d" : "{k:%d}x", i % KEYS);
        record = record_of(OP_GET, name, i, 0);
        grower_give(grower, &record, 1);
        count = grower_take(grower, room, 8, &error);
        if (i < KEYS)
            copies[i] = count;
        else
            assert_int_equal(copies[i - KEYS], count);
        assert_true(count == 2 || count == 3);
        total += count;
        assert_int_equal(grower_take(grower, room, 8, &error), 0);
    }
    assert_true(fabs(total / (2.0 * KEYS) - 2.25) < 0.02);
    grower_free(grower);
}

static void a_command_leaves_out_the_keys_without_a_sibling_or_is_not_sent(void **state)
{
    struct record mget[3], sinter[2];
    struct error error = {0};
    char names[4][32], *text;
    const char *without[2] = {NULL, NULL}, *with = NULL;

    (void)state;
    for (int i = 0; !without[0] || !without[1] || !with; i++) { /* the hash says which has one */
        struct record record;
        char *got;

        snprintf(names[3], sizeof names[3], "%d", i);
        record = record_of(OP_GET, names[3], 0, 0);
        got = grown("keys=1.5x", &record, 1, 1, 16, &error);
        if (strstr(got, "copy"))
            with = with ? with : strcpy(names[0], names[3]);
        else if (!without[0])
            without[0] = strcpy(names[1], names[3]);
        else if (!without[1])
            without[1] = strcpy(names[2], names[3]);
        free(got);
    }
    mget[0] = record_of(OP_MGET, without[0], 0, 0);
    mget[1] = record_of(OP_MGET, with, 0, 0);
    mget[2] = record_of(OP_MGET, without[1], 0, 0);
    mget[0].flags = mget[1].flags = REQUEST_MORE;
    text = grown("keys=1.5x", mget, 3, 3, 16, &error);
    assert_int_equal(strncmp(text, "0 mget ", 7), 0);
    assert_non_null(strstr(text, "~copy1/"));
    assert_null(strstr(strstr(text, "~copy1/") + 1, "~copy1/"));
    assert_int_equal(strcspn(text, "\n"), strlen("0 mget ~copy1/1") + strlen(with)); /* and no "more" */
    free(text);
    sinter[0] = record_of(OP_SINTER, without[0], 0, 0);
    sinter[1] = record_of(OP_SINTER, with, 0, 0);
    sinter[0].flags = REQUEST_MORE;
    text = grown("keys=1.5x", sinter, 2, 2, 16, &error);
    assert_null(strstr(text, "copy"));
    free(text);
}

static void numbers_have_other_numbers(void **state)
{
    struct record record = {.op = OP_GET, .key_number = 7, .key_len = 1};

    (void)state;
    expect("keys=3x", &record, 1, "0 get #4354685564936845361\n0 get #11400714819323198492\n0 get #7\n");
}

static void siblings_have_clients_of_their_own(void **state)
{
    struct record records[] = {record_of(OP_GET, "a", 0, 0), record_of(OP_GET, "b", 0, 0),
                               record_of(OP_GET, "c", 0, 0)};

    (void)state;
    records[0].client = 2;
    records[2].client = 2;
    expect("keys=2x", records, 3,
           "0 get a~copy1/1\n0 get a/1 client=1\n0 get b~copy1/1 client=2\n0 get b/1 client=3\n"
           "0 get c~copy1/1\n0 get c/1 client=1\n");
}

static struct record sent_by(uint32_t client, struct record record)
{
    record.client = client;
    return record;
}

/* Copies open it with the first command that they have to send, and end it. Other clients' commands may come in between. What has
 * no key is not repeated, nor is a transaction of nothing else. */
static void a_transaction_is_one_of_siblings(void **state)
{
    const struct record records[] = {
        sent_by(1, record_of(OP_WATCH, "a", 0, 0)),  sent_by(1, record_of(OP_MULTI, "", 10, 0)),
        sent_by(1, record_of(OP_DBSIZE, "", 10, 0)), sent_by(1, record_of(OP_SET, "a", 20, 9)),
        sent_by(2, record_of(OP_GET, "c", 20, 0)),   sent_by(1, record_of(OP_GET, "b", 30, 0)),
        sent_by(1, record_of(OP_EXEC, "", 40, 0)),   sent_by(2, record_of(OP_MULTI, "", 50, 0)),
        sent_by(2, record_of(OP_DBSIZE, "", 50, 0)), sent_by(2, record_of(OP_EXEC, "", 50, 0)),
        sent_by(1, record_of(OP_SET, "a", 60, 9)),
    };

    (void)state;
    expect("keys=2x", records, 11,
           "0 watch a~copy1/1\n0 watch a/1 client=1\n10 multi /0 client=1\n10 dbsize /0 client=1\n"
           "15 multi /0\n15 set a~copy1/1 9\n20 set a/1 9 client=1\n20 get c~copy1/1 client=2\n20 get c/1 client=3\n"
           "25 get b~copy1/1\n30 get b/1 client=1\n35 exec /0\n40 exec /0 client=1\n"
           "50 multi /0 client=3\n50 dbsize /0 client=3\n50 exec /0 client=3\n55 set a~copy1/1 9\n60 set a/1 9 "
           "client=1\n");
}

/* Where the trace has one client, copies of transactions still have their own. A copy that only watched watches no longer. */
static void copies_of_transactions_have_clients(void **state)
{
    const struct record records[] = {
        record_of(OP_GET, "a", 0, 0),    record_of(OP_WATCH, "a", 0, 0),  record_of(OP_MULTI, "", 0, 0),
        record_of(OP_DBSIZE, "", 0, 0),  record_of(OP_EXEC, "", 0, 0),    record_of(OP_MULTI, "", 0, 0),
        record_of(OP_SET, "b", 0, 0),    record_of(OP_DISCARD, "", 0, 0), record_of(OP_WATCH, "b", 0, 0),
        record_of(OP_UNWATCH, "", 0, 0),
    };

    (void)state;
    expect("keys=2x", records, 10,
           "0 get a~copy1/1\n0 get a/1\n0 watch a~copy1/1 client=1\n0 watch a/1\n0 multi /0\n0 dbsize /0\n"
           "0 unwatch /0 client=1\n0 exec /0\n0 multi /0\n0 multi /0 client=1\n0 set b~copy1/1 client=1\n0 set b/1\n"
           "0 discard /0 client=1\n0 discard /0\n0 watch b~copy1/1 client=1\n0 watch b/1\n"
           "0 unwatch /0 client=1\n0 unwatch /0\n");
}

/* With its calls behind it: nothing comes between them. One that calls nothing with a key is not repeated. */
static void a_script_is_one_of_siblings(void **state)
{
    struct record records[] = {
        sent_by(1, record_of(OP_EVAL, "", 100, 20)),
        sent_by(CLIENT_SCRIPT, record_of(OP_SET, "a", 101, 7)),
        sent_by(CLIENT_SCRIPT, record_of(OP_MGET, "a", 102, 0)),
        sent_by(CLIENT_SCRIPT, record_of(OP_MGET, "b", 102, 0)),
        sent_by(1, record_of(OP_GET, "a", 110, 0)),
        sent_by(1, record_of(OP_EVAL, "", 120, 20)),
        sent_by(CLIENT_SCRIPT, record_of(OP_DBSIZE, "", 121, 0)),
        sent_by(1, record_of(OP_EVAL, "", 130, 20)),
    };

    (void)state;
    records[2].flags = REQUEST_MORE;
    expect("keys=2x", records, 8,
           "100 eval /0 20\n100 set a~copy1/1 7 called\n100 mget a~copy1/1 called more\n100 mget b~copy1/1 called\n"
           "100 eval /0 20 client=1\n101 set a/1 7 called\n102 mget a/1 called more\n102 mget b/1 called\n"
           "106 get a~copy1/1\n110 get a/1 client=1\n"
           "120 eval /0 20 client=1\n121 dbsize /0 called\n130 eval /0 20 client=1\n");
}

static void what_clients_ask_of_connections_is_refused(void **state)
{
    const struct record refused[][2] = {
        {record_of(OP_PING, "", 0, 0), record_of(OP_CLIENT_TRACKING, "", 0, 0)},
        {record_of(OP_PING, "", 0, 0), record_of(OP_CLIENT_KILL, "", 0, 0)},
        {record_of(OP_MULTI, "", 0, 0), record_of(OP_EVAL, "", 0, 0)},
        {record_of(OP_MULTI, "", 0, 0), record_of(OP_FCALL, "", 0, 0)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct error error = {0};
        char *text = grown("keys=2x", refused[i], 2, 2, 16, &error);

        assert_int_equal(error.code, ERROR_INPUT);
        assert_non_null(strstr(error.text, "x:1: "));
        free(text);
        error = (struct error){0};
        text = grown("rate=2x,sizes=2x", refused[i], 2, 2, 16, &error);
        assert_int_equal(error.code, ERROR_NONE);
        free(text);
    }
}

static void the_rate_leaves_ttls_alone(void **state)
{
    struct record records[] = {record_of(OP_SET, "a", 5000000, 3), record_of(OP_SET, "a", 9000000, 3),
                               record_of(OP_EXPIREAT, "a", 13000000, 0)};

    (void)state;
    records[1].flags = REQUEST_TTL;
    records[1].ttl_ms = 60000;
    records[2].flags = REQUEST_TTL | REQUEST_ABSOLUTE;
    records[2].ttl_ms = 1700000100000; /* after as long as before */
    expect("rate=2x", records, 3,
           "5000000 set a/1 3\n7000000 set a/1 3 ttl=60000\n9000000 expireat a/1 ttl=1700000096000\n");
}

static void sizes_grow_where_they_are_known(void **state)
{
    static const struct named_element fields[] = {
        {.text = "f", .bytes = 1, .element.value_len = 10},
        {.text = "n", .bytes = 1, .element = {.value_len = 2, .flags = ELEMENT_INTEGER, .number = 12}},
    };
    struct record records[] = {
        record_of(OP_SET, "a", 0, 10), record_of(OP_GET, "a", 0, VALUE_UNKNOWN),
        record_of(OP_SET, "a", 0, 3),  record_of(OP_SETRANGE, "a", 0, 10),
        record_of(OP_HSET, "h", 0, 0), record_of(OP_SADD, "s", 0, 0),
        record_of(OP_SET, "a", 0, 0),  record_of(OP_SET, "a", 0, 1),
    };

    (void)state;
    records[2].flags = REQUEST_INTEGER;
    records[4].named = records[5].named = fields;
    records[4].elements = 2;
    records[5].elements = 1;
    expect("sizes=1.25x", records, 8,
           "0 set a/1 13\n0 get a/1\n0 set a/1 3\n0 setrange a/1 13\n0 hset h/1 f=13 n=2\n0 sadd s/1 f=10\n"
           "0 set a/1\n0 set a/1 1\n");
}

/* ---- a trace of twice as many users ---- */

static char *generated(uint32_t seed, const char *prefix, size_t *bytes)
{
    struct generate_params params;
    struct error error = {0};
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    generate_defaults(&params);
    params.requests = 120000;
    params.keys = 8000;
    params.seed = seed;
    params.population.ttl_share = 0.4;
    params.population.ttl_min_s = 20;
    params.population.ttl_max_s = 100;
    params.population.name_count = 1;
    params.population.names[0].share = 1;
    snprintf(params.population.names[0].prefix, sizeof params.population.names[0].prefix, "%s", prefix);
    assert_int_equal(generate_trace(&params, &generate_target_twitter, out, NULL, &error), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* The lines of both, in the order of their times. */
static char *merged(const char *one, const char *other, size_t bytes)
{
    char *text = xmalloc(bytes), *at = text;

    while (*one || *other) {
        const char **first = !*other || (*one && strtod(one, NULL) <= strtod(other, NULL)) ? &one : &other;
        size_t line = strcspn(*first, "\n") + 1;

        memcpy(at, *first, line);
        at += line;
        *first += line;
    }
    return text;
}

static const char *const doubled_policies[] = {"noeviction", "allkeys-lru", "allkeys-lfu", "volatile-ttl", "lru"};
enum { DOUBLED = sizeof doubled_policies / sizeof *doubled_policies };

/* Replays a text without a limit, and through the other policies in the same memory. */
static void replay_text(const char *text, size_t bytes, const char *how, struct run *run)
{
    struct cell_config cells[DOUBLED];
    struct replay_plan plan = {
        .choose_format = format_choose, .cells = cells, .cell_count = DOUBLED, .on_miss = ON_MISS_FILL, .workers = 2};
    struct error error = {0};
    char *path = write_temporary("trace", text, bytes);

    plan.trace.path = path;
    redis_config_init(&plan.options.redis);
    if (how)
        plan.trace.forecast = scanned(how, NULL);
    for (int i = 0; i < DOUBLED; i++)
        cells[i] = (struct cell_config){.server = server_find("redis-7.0.15"),
                                        .policy = policy_find(doubled_policies[i]),
                                        .maxmemory = i ? 2500000 : 0,
                                        .seed = 1};
    if (replay_run(&plan, run, &error))
        fail_msg("%s", error.text);
    remove_temporary(path);
}

/* ---- likewise, of transactions and scripts ---- */

enum { USERS = 4000, VISITS = 9000, SENDERS = 8 };

struct line {
    int64_t us;
    int order;
    char text[700];
};

static int by_time(const void *a, const void *b)
{
    const struct line *one = a, *other = b;

    if (one->us != other->us)
        return one->us < other->us ? -1 : 1;
    return one->order - other->order;
}

static void add_line(struct line *lines, int *count, int64_t us, const char *address, const char *command)
{
    struct line *line = &lines[*count];

    line->us = us;
    line->order = (*count)++;
    snprintf(line->text, sizeof line->text, "17%08" PRId64 ".%06" PRId64 " [0 %s] %s\n", us / 1000000, us % 1000000,
             address, command);
}

/* What MONITOR prints: each visit is of a user whose keys are written by a transaction, by a script, or read. Transactions last, so that
 * others' commands come in between. Visits of the two halves are half a millisecond apart. */
static char *monitored(uint64_t seed, const char *prefix, int port, int64_t phase_us, size_t *bytes)
{
    struct random random = random_stream(seed);
    struct line *lines = xcalloc(VISITS * 6, sizeof *lines);
    int64_t free_us[SENDERS] = {0};
    int count = 0;
    char *text = NULL, address[32], command[600], value[400];
    FILE *out = open_memstream(&text, bytes);

    memset(value, 'v', sizeof value);
    for (int i = 0; i < VISITS; i++) {
        double u = random_unit(&random);
        int user = (int)(u * u * USERS), kind = (int)(random_unit(&random) * 10), sender = i % SENDERS;
        int length = 30 + user * 7 % 300;
        int64_t us = (int64_t)i * 2000 + phase_us;

        us = us > free_us[sender] ? us : free_us[sender];
        snprintf(address, sizeof address, "10.0.0.1:%d", port + sender);
        if (kind < 3) {
            snprintf(command, sizeof command, "\"watch\" \"%s%d\"", prefix, user);
            add_line(lines, &count, us, address, command);
            add_line(lines, &count, us + 1000, address, "\"multi\"");
            snprintf(command, sizeof command, "\"set\" \"%s%d\" \"%.*s\" \"EX\" \"%d\"", prefix, user, length, value,
                     5 + user % 20);
            add_line(lines, &count, us + 3000, address, command);
            snprintf(command, sizeof command, "\"incr\" \"%sn%d\"", prefix, user);
            add_line(lines, &count, us + 5000, address, command);
            add_line(lines, &count, us + 7000, address, "\"exec\"");
            free_us[sender] = us + 8000;
        } else if (kind < 6) {
            snprintf(command, sizeof command, "\"eval\" \"return redis.call('set', KEYS[1], ARGV[1])\" \"1\" \"%ss%d\"",
                     prefix, user);
            add_line(lines, &count, us, address, command);
            snprintf(command, sizeof command, "\"set\" \"%ss%d\" \"%.*s\"", prefix, user, length, value);
            add_line(lines, &count, us + 1, "lua", command);
            snprintf(command, sizeof command, "\"get\" \"%s%d\"", prefix, user);
            add_line(lines, &count, us + 2, "lua", command);
        } else {
            snprintf(command, sizeof command, "\"get\" \"%s%s%d\"", prefix, kind < 8 ? "s" : "", user);
            add_line(lines, &count, us, address, command);
        }
    }
    qsort(lines, (size_t)count, sizeof *lines, by_time);
    for (int i = 0; i < count; i++)
        fputs(lines[i].text, out);
    fclose(out);
    free(lines);
    return text;
}

static double hit_ratio(const struct result *result)
{
    return (double)result->counters.hits / (double)(result->counters.hits + result->counters.misses);
}

/* What two grown halves come to in the mean is what both together do: the halves themselves differ by chance. */
static void expect_doubled(char *one, size_t one_bytes, char *other, size_t other_bytes)
{
    char *both = merged(one, other, one_bytes + other_bytes);
    struct run of_one = {0}, of_other = {0}, of_both = {0};

    replay_text(one, one_bytes, "keys=2x", &of_one);
    replay_text(other, other_bytes, "keys=2x", &of_other);
    replay_text(both, one_bytes + other_bytes, NULL, &of_both);
    assert_int_equal(of_one.commands + of_other.commands, 2 * of_both.commands);
    assert_int_equal(of_one.key_count + of_other.key_count, 2 * of_both.key_count);
    for (int i = 0; i < DOUBLED; i++) {
        const struct result *a = &of_one.results[i], *b = &of_other.results[i], *true_double = &of_both.results[i];
        double used = (double)(a->counters.used_memory + b->counters.used_memory) / 2;
        double hits = (hit_ratio(a) + hit_ratio(b)) / 2;

        print_message("%s: %.0f bytes, %.0f; hit ratio %.4f, %.4f\n", doubled_policies[i], used,
                      (double)true_double->counters.used_memory, hits, hit_ratio(true_double));
        if (fabs(used / (double)true_double->counters.used_memory - 1) > 0.005)
            fail_msg("%s: %.0f bytes used, not %.0f", doubled_policies[i], used,
                     (double)true_double->counters.used_memory);
        if (fabs(hits - hit_ratio(true_double)) > 0.003)
            fail_msg("%s: hit ratio %f, not %f", doubled_policies[i], hits, hit_ratio(true_double));
        if (a->counters.oom_rejections + b->counters.oom_rejections + true_double->counters.oom_rejections)
            continue; /* a transaction whose command was refused ends in an error */
        assert_int_equal(a->counters.command_errors + b->counters.command_errors,
                         2 * true_double->counters.command_errors);
    }
    run_release(&of_one);
    run_release(&of_other);
    run_release(&of_both);
    free(one);
    free(other);
    free(both);
}

static void a_doubled_trace_is_like_two_of_its_kind(void **state)
{
    size_t one_bytes, other_bytes;
    char *one = generated(1, "a:", &one_bytes), *other = generated(2, "b:", &other_bytes);

    (void)state;
    expect_doubled(one, one_bytes, other, other_bytes);
}

static void so_are_doubled_transactions_and_scripts(void **state)
{
    size_t one_bytes, other_bytes;
    char *one = monitored(1, "a:", 5000, 0, &one_bytes), *other = monitored(2, "b:", 6000, 500, &other_bytes);

    (void)state;
    expect_doubled(one, one_bytes, other, other_bytes);
}

/* Factors of 1 change nothing at all; another rate changes the time alone. */
static void what_does_not_matter_changes_nothing(void **state)
{
    size_t bytes;
    char *text = generated(3, "a:", &bytes);
    struct run plain = {0}, same = {0}, faster = {0};

    (void)state;
    replay_text(text, bytes, NULL, &plain);
    replay_text(text, bytes, "keys=1x,rate=1x,sizes=1x", &same);
    replay_text(text, bytes, "rate=2x", &faster);
    for (int i = 0; i < DOUBLED; i++)
        assert_true(fields_equal(&result_layout, &plain.results[i], &same.results[i]));
    assert_true(faster.duration_us == plain.duration_us / 2 || faster.duration_us == (plain.duration_us + 1) / 2);
    assert_int_equal(faster.commands, plain.commands);
    assert_int_equal(faster.key_count, plain.key_count);
    run_release(&plain);
    run_release(&same);
    run_release(&faster);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_factor_per_time_is_raised_to_the_horizon),
        cmocka_unit_test(what_makes_no_sense_is_an_error),
        cmocka_unit_test(a_factor_out_of_bounds_is_an_error),
        cmocka_unit_test(copies_are_spread_between_commands),
        cmocka_unit_test(the_keys_of_a_command_stay_together),
        cmocka_unit_test(of_a_fraction_the_key_decides),
        cmocka_unit_test(a_command_leaves_out_the_keys_without_a_sibling_or_is_not_sent),
        cmocka_unit_test(numbers_have_other_numbers),
        cmocka_unit_test(siblings_have_clients_of_their_own),
        cmocka_unit_test(a_transaction_is_one_of_siblings),
        cmocka_unit_test(copies_of_transactions_have_clients),
        cmocka_unit_test(a_script_is_one_of_siblings),
        cmocka_unit_test(what_clients_ask_of_connections_is_refused),
        cmocka_unit_test(the_rate_leaves_ttls_alone),
        cmocka_unit_test(sizes_grow_where_they_are_known),
        cmocka_unit_test(a_doubled_trace_is_like_two_of_its_kind),
        cmocka_unit_test(so_are_doubled_transactions_and_scripts),
        cmocka_unit_test(what_does_not_matter_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
