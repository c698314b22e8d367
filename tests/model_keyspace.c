/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_keyspace: the whole server against a naive twin that knows only what commands mean. The twin is an array of
 * keys, each with the length or the number of its value and its time of expiry. Its keys vanish when they expire, but
 * the server's may linger, so only what a client could see is compared.
 *
 * After every command used_memory must equal a recount of everything in the server, with every policy. */
#include "policies/registry.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 120, DATABASES = 4, ROWS_MAX = 4, LENGTH_MAX = 1000000, QUEUE_MAX = 1000 };

#define NEVER INT64_MAX

struct thing {
    bool exists, is_integer, is_decimal;
    uint32_t length;
    long double decimal;
    int64_t number, expire_ms;
};

struct twin {
    const struct row *rows; /* of the command at hand */
    int row_count;
    bool sets_none; /* the MSETNX at hand */
    struct thing things[KEYS];
    int64_t now_ms;
    uint64_t hits, misses, errors;
    uint64_t added;                /* keys that came into being */
    bool set_deletes_what_is_past; /* rules in which servers differ */
    bool multi_within_aborts;
    bool getex_times_first;
    bool has_no_touch;
    struct queue {
        struct row rows[ROWS_MAX];
        int count;
    } queued[QUEUE_MAX]; /* commands behind MULTI */
    int queued_count;
    bool is_queueing, aborts;
};

/* ---- what commands mean ---- */

static struct thing *find(struct twin *twin, uint32_t id)
{
    struct thing *thing = &twin->things[id];

    if (thing->exists && twin->now_ms > thing->expire_ms)
        thing->exists = false;
    return thing->exists ? thing : NULL;
}

static struct thing *find_to_read(struct twin *twin, uint32_t id)
{
    struct thing *thing = find(twin, id);

    twin->hits += thing != NULL;
    twin->misses += thing == NULL;
    return thing;
}

static struct thing *create(struct twin *twin, uint32_t id)
{
    find(twin, id);
    twin->added += !twin->things[id].exists;
    if (!twin->things[id].exists)
        twin->things[id] = (struct thing){.exists = true, .expire_ms = NEVER};
    return &twin->things[id];
}

static void store(struct thing *thing, const struct row *row)
{
    thing->is_integer = row->flags & REQUEST_INTEGER;
    thing->is_decimal = false;
    thing->number = row->number;
    thing->length = row->value_len;
}

static int64_t when(const struct twin *twin, const struct row *row)
{
    return row->flags & REQUEST_ABSOLUTE ? row->ttl_ms : twin->now_ms + row->ttl_ms;
}

static uint32_t digits(int64_t number)
{
    char text[32];

    return (uint32_t)snprintf(text, sizeof text, "%ld", number);
}

static void do_set(struct twin *twin, const struct row *row)
{
    struct thing *thing;

    if (row->flags & REQUEST_TTL && row->ttl_ms <= 0) {
        twin->errors++;
        return;
    }
    if (row->flags & REQUEST_GET)
        find_to_read(twin, row->id);
    if ((row->flags & REQUEST_NX && find(twin, row->id)) || (row->flags & REQUEST_XX && !find(twin, row->id)))
        return;
    if (row->flags & REQUEST_TTL && when(twin, row) <= twin->now_ms && twin->set_deletes_what_is_past) {
        if (find(twin, row->id))
            twin->things[row->id].exists = false;
        return;
    }
    thing = create(twin, row->id);
    store(thing, row);
    if (row->flags & REQUEST_TTL)
        thing->expire_ms = when(twin, row);
    else if (!(row->flags & REQUEST_KEEPTTL))
        thing->expire_ms = NEVER;
}

static void do_getset(struct twin *twin, const struct row *row)
{
    find_to_read(twin, row->id);
    store(create(twin, row->id), row);
    twin->things[row->id].expire_ms = NEVER;
}

static void do_getex(struct twin *twin, const struct row *row)
{
    bool is_invalid = row->flags & REQUEST_TTL && row->ttl_ms <= 0;
    struct thing *thing = is_invalid && twin->getex_times_first ? NULL : find_to_read(twin, row->id);

    twin->errors += is_invalid && (thing || twin->getex_times_first);
    if (!thing || is_invalid)
        return;
    if (row->flags & REQUEST_TTL && when(twin, row) <= twin->now_ms)
        thing->exists = false;
    else if (row->flags & REQUEST_TTL)
        thing->expire_ms = when(twin, row);
    else if (row->flags & REQUEST_PERSIST)
        thing->expire_ms = NEVER;
}

static void become_text(struct thing *thing, uint64_t length)
{
    thing->is_integer = thing->is_decimal = false;
    thing->length = (uint32_t)length;
}

static uint32_t length_of(const struct thing *thing)
{
    return thing->is_integer ? digits(thing->number) : thing->length;
}

static void do_append(struct twin *twin, const struct row *row)
{
    struct thing *thing = find(twin, row->id);
    struct thing before = thing ? *thing : (struct thing){0};

    if (!thing) {
        store(create(twin, row->id), row);
        return;
    }
    become_text(thing, (uint64_t)length_of(thing) + row->value_len);
    if (!row->value_len) { /* the text is what it was, also that of a number */
        thing->is_decimal = before.is_integer || before.is_decimal;
        thing->decimal = before.is_integer ? (long double)before.number : before.decimal;
    }
}

static void do_setrange(struct twin *twin, const struct row *row)
{
    struct thing *thing;
    uint64_t end = (uint64_t)row->number + row->value_len;

    if (row->number < 0) {
        twin->errors++;
        return;
    }
    if (!row->value_len) {
        find(twin, row->id);
        return;
    }
    thing = create(twin, row->id);
    become_text(thing, end > length_of(thing) ? end : length_of(thing));
}

static bool would_overflow(int64_t number, int64_t by)
{
    return by > 0 ? number > INT64_MAX - by : number < INT64_MIN - by;
}

static void do_incr(struct twin *twin, const struct row *row)
{
    struct thing *thing = find(twin, row->id);
    bool is_whole = thing && thing->is_decimal && thing->decimal == (long double)(int64_t)thing->decimal;
    int64_t number = !thing ? 0 : is_whole ? (int64_t)thing->decimal : thing->number;
    int64_t by = row->op == OP_INCR ? 1 : row->op == OP_DECR ? -1 : row->number;

    if (row->op == OP_DECRBY && row->number == INT64_MIN) {
        twin->errors++;
        return;
    }
    by = row->op == OP_DECRBY ? -by : by;
    if ((thing && !thing->is_integer && !is_whole) || would_overflow(number, by)) {
        twin->errors++;
        return;
    }
    thing = create(twin, row->id);
    thing->is_integer = true;
    thing->is_decimal = false;
    thing->number = number + by;
}

static void do_expire(struct twin *twin, const struct row *row)
{
    struct thing *thing = find(twin, row->id);
    int64_t at = when(twin, row);

    /* A key without a ttl lives for ever: GT cannot lengthen that, LT always shortens it. */
    if (!thing || (row->flags & REQUEST_NX && thing->expire_ms != NEVER) ||
        (row->flags & REQUEST_XX && thing->expire_ms == NEVER) || (row->flags & REQUEST_GT && at <= thing->expire_ms) ||
        (row->flags & REQUEST_LT && at >= thing->expire_ms))
        return;
    thing->expire_ms = at;
    if (at <= twin->now_ms)
        thing->exists = false;
}

static void do_flush(struct twin *twin, const struct row *row)
{
    for (uint32_t id = 0; id < KEYS; id++)
        if (row->op == OP_FLUSHALL || id % DATABASES == row->db)
            twin->things[id].exists = false;
}

static void do_read(struct twin *twin, const struct row *row)
{
    find_to_read(twin, row->id);
}

/* The table of the algorithm may not be longer than a string. */
static void do_lcs(struct twin *twin, const struct row *row)
{
    const struct thing *first, *second = find_to_read(twin, row->id);

    if (row->flags & REQUEST_MORE)
        return;
    first = find(twin, twin->rows[0].id);
    if (first && second && 4 * ((uint64_t)length_of(first) + 1) * (length_of(second) + 1) > 512 << 20)
        twin->errors++;
}

static void do_setnx(struct twin *twin, const struct row *row)
{
    if (!find(twin, row->id))
        store(create(twin, row->id), row);
}

static void do_getdel(struct twin *twin, const struct row *row)
{
    if (find_to_read(twin, row->id))
        twin->things[row->id].exists = false;
}

static void do_del(struct twin *twin, const struct row *row)
{
    twin->things[row->id].exists = false;
}

static void do_persist(struct twin *twin, const struct row *row)
{
    struct thing *thing = find(twin, row->id);

    if (thing)
        thing->expire_ms = NEVER;
}

static void do_msetnx(struct twin *twin, const struct row *row)
{
    bool any = false;

    if (row == twin->rows)
        for (int i = 0; i < twin->row_count; i++)
            any |= find(twin, twin->rows[i].id) != NULL;
    if (row == twin->rows)
        twin->sets_none = any;
    if (twin->sets_none)
        return;
    store(create(twin, row->id), row);
    twin->things[row->id].expire_ms = NEVER;
}

/* Bits of a string of at most 512 MB. */
static bool is_no_bit(struct twin *twin, const struct row *row)
{
    bool is_none = row->number < 0 || row->number >= INT64_C(1) << 32;

    twin->errors += is_none;
    return is_none;
}

static void do_getbit(struct twin *twin, const struct row *row)
{
    if (!is_no_bit(twin, row))
        find_to_read(twin, row->id);
}

static void do_setbit(struct twin *twin, const struct row *row)
{
    struct thing *thing;

    if (is_no_bit(twin, row))
        return;
    thing = create(twin, row->id);
    become_text(thing,
                (uint64_t)row->number / 8 + 1 > length_of(thing) ? (uint64_t)row->number / 8 + 1 : length_of(thing));
}

/* The value and the ttl of the first row's key become those of the second's. */
static void give(struct twin *twin, const struct row *from, const struct row *to)
{
    struct thing given = *find(twin, from->id);

    twin->things[to->id].exists = false;
    *create(twin, to->id) = given;
}

static void do_rename(struct twin *twin, const struct row *row)
{
    const struct row *from = twin->rows;

    if (row == from)
        return;
    if (row->op == OP_MOVE && from->id == row->id) {
        twin->errors++;
    } else if (!find(twin, from->id)) {
        twin->errors += row->op != OP_MOVE;
    } else if (from->id != row->id && !(row->op != OP_RENAME && find(twin, row->id))) {
        give(twin, from, row);
        twin->things[from->id].exists = false;
    }
}

static void do_copy(struct twin *twin, const struct row *row)
{
    const struct row *from = twin->rows;

    if (row == from)
        return;
    if (from->id == row->id) {
        twin->errors++;
        return;
    }
    if (find_to_read(twin, from->id) && (row->flags & REQUEST_REPLACE || !find(twin, row->id)))
        give(twin, from, row);
}

static void do_incrbyfloat(struct twin *twin, const struct row *row)
{
    struct thing *thing = find(twin, row->id);
    long double by = (long double)row->number, sum = 0;
    char text[8000];
    size_t length;

    if (thing && !thing->is_integer && !thing->is_decimal) {
        twin->errors++;
        return;
    }
    for (int64_t place = 0; place < row->second; place++)
        by /= 10;
    if (thing)
        sum = thing->is_integer ? (long double)thing->number : thing->decimal;
    sum += by;
    thing = create(twin, row->id);
    thing->is_integer = false;
    thing->is_decimal = true;
    thing->decimal = sum;
    length = (size_t)snprintf(text, sizeof text, "%.17Lf", sum);
    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[--length] = '\0';
    thing->length = strcmp(text, "-0") ? (uint32_t)length : 1;
}

static void do_object_freq(struct twin *twin, const struct row *row)
{
    twin->errors += find_to_read(twin, row->id) != NULL; /* no policy of this test counts */
}

static void do_nothing(struct twin *twin, const struct row *row)
{
    (void)twin;
    (void)row;
}

static void do_no_touch(struct twin *twin, const struct row *row)
{
    (void)row;
    twin->errors += !twin->has_no_touch;
}

/* What the twin knows of each command. */
static void (*const twins[OP_COUNT])(struct twin *, const struct row *) = {
    [OP_GET] = do_read,
    [OP_MGET] = do_read,
    [OP_STRLEN] = do_read,
    [OP_EXISTS] = do_read,
    [OP_TTL] = do_read,
    [OP_PTTL] = do_read,
    [OP_TYPE] = do_read,
    [OP_TOUCH] = do_read,
    [OP_SET] = do_set,
    [OP_SETEX] = do_set,
    [OP_PSETEX] = do_set,
    [OP_MSET] = do_set,
    [OP_SETNX] = do_setnx,
    [OP_GETSET] = do_getset,
    [OP_GETEX] = do_getex,
    [OP_GETDEL] = do_getdel,
    [OP_APPEND] = do_append,
    [OP_SETRANGE] = do_setrange,
    [OP_INCR] = do_incr,
    [OP_DECR] = do_incr,
    [OP_INCRBY] = do_incr,
    [OP_DECRBY] = do_incr,
    [OP_DEL] = do_del,
    [OP_UNLINK] = do_del,
    [OP_EXPIRE] = do_expire,
    [OP_PEXPIRE] = do_expire,
    [OP_EXPIREAT] = do_expire,
    [OP_PEXPIREAT] = do_expire,
    [OP_PERSIST] = do_persist,
    [OP_FLUSHALL] = do_flush,
    [OP_FLUSHDB] = do_flush,
    [OP_SELECT] = do_nothing,
    [OP_PING] = do_nothing,
    [OP_INFO] = do_nothing,
    [OP_GETRANGE] = do_read,
    [OP_SUBSTR] = do_read,
    [OP_GETBIT] = do_getbit,
    [OP_LCS] = do_lcs,
    [OP_EXPIRETIME] = do_read,
    [OP_PEXPIRETIME] = do_read,
    [OP_OBJECT_ENCODING] = do_read,
    [OP_OBJECT_IDLETIME] = do_read,
    [OP_OBJECT_REFCOUNT] = do_read,
    [OP_OBJECT_FREQ] = do_object_freq,
    [OP_MSETNX] = do_msetnx,
    [OP_SETBIT] = do_setbit,
    [OP_INCRBYFLOAT] = do_incrbyfloat,
    [OP_RENAME] = do_rename,
    [OP_RENAMENX] = do_rename,
    [OP_MOVE] = do_rename,
    [OP_COPY] = do_copy,
    [OP_DBSIZE] = do_nothing,
    [OP_RANDOMKEY] = do_nothing,
    [OP_SWAPDB] = do_nothing,
    [OP_UNWATCH] = do_nothing,
    [OP_SCAN] = do_nothing,
    [OP_KEYS] = do_nothing,
    [OP_DUMP] = do_read,
    [OP_MEMORY_USAGE] = do_nothing,
    [OP_CONFIG_RESETSTAT] = do_nothing,
    [OP_SLOWLOG_LEN] = do_nothing,
    [OP_SLOWLOG_RESET] = do_nothing,
    [OP_ECHO] = do_nothing,
    [OP_QUIT] = do_nothing,
    [OP_CLIENT_SETNAME] = do_nothing,
    [OP_CLIENT_SETINFO] = do_nothing,
    [OP_CLIENT_NO_EVICT] = do_nothing,
    [OP_CLIENT_NO_TOUCH] = do_no_touch,
    [OP_SCRIPT_EXISTS] = do_nothing,
    [OP_EVAL] = do_nothing,
    [OP_EVAL_RO] = do_nothing,
    [OP_FCALL] = do_nothing,
    [OP_FCALL_RO] = do_nothing,
    [OP_SCRIPT_LOAD] = do_nothing,
    [OP_SCRIPT_FLUSH] = do_nothing,
    [OP_FUNCTION_FLUSH] = do_nothing,
};

static void twin_execute(struct twin *twin, const struct row *rows, int count)
{
    twin->rows = rows;
    twin->row_count = count;
    for (int i = 0; i < count; i++)
        twins[rows[i].op](twin, &rows[i]);
}

static void twin_end_transaction(struct twin *twin, bool executes)
{
    if (!twin->is_queueing || (executes && twin->aborts))
        twin->errors++;
    for (int i = 0; i < twin->queued_count && executes && !twin->aborts; i++)
        twin_execute(twin, twin->queued[i].rows, twin->queued[i].count);
    twin->queued_count = 0;
    twin->is_queueing = twin->aborts = false;
}

/* A command: at once, or behind MULTI later. */
static void twin_do(struct twin *twin, const struct row *rows, int count)
{
    if (rows[0].op == OP_MULTI) {
        twin->errors += twin->is_queueing;
        twin->aborts |= twin->is_queueing && twin->multi_within_aborts;
        twin->is_queueing = true;
        return;
    }
    if (rows[0].op == OP_EXEC || rows[0].op == OP_DISCARD) {
        twin_end_transaction(twin, rows[0].op == OP_EXEC);
        return;
    }
    if (rows[0].op == OP_QUIT && twin->is_queueing) { /* what it has queued goes with it */
        twin_end_transaction(twin, false);
        return;
    }
    if (!twin->is_queueing) {
        twin_execute(twin, rows, count);
        return;
    }
    assert_true(twin->queued_count < QUEUE_MAX);
    memcpy(twin->queued[twin->queued_count].rows, rows, (size_t)count * sizeof *rows);
    twin->queued[twin->queued_count++].count = count;
}

/* ---- random commands ---- */

static uint32_t random_length(struct random *random)
{
    switch (random_below(random, 10)) {
    case 0:
        return (uint32_t)(30000 + random_below(random, 70000));
    case 1:
    case 2:
    case 3:
        return (uint32_t)random_below(random, 3000);
    default:
        return (uint32_t)random_below(random, 70);
    }
}

static int64_t random_number(struct random *random)
{
    static const int64_t edges[] = {INT64_MIN, INT64_MAX, -1, 0, 9999, 10000};

    if (random_chance(random, 10))
        return edges[random_below(random, 6)];
    return (int64_t)random_below(random, 30000) - 10000;
}

static void random_value(struct random *random, struct row *row)
{
    row->value_len = random_length(random);
    if (!random_chance(random, 30))
        return;
    row->flags |= REQUEST_INTEGER;
    row->number = random_number(random);
    row->value_len = digits(row->number);
}

static void random_ttl(struct random *random, struct row *row, int64_t now_ms)
{
    row->flags |= REQUEST_TTL | (random_chance(random, 50) ? REQUEST_MILLIS : 0);
    row->ttl_ms = (int64_t)random_below(random, 20000) - 500;
    if (random_chance(random, 50)) /* round ones, so that some meet */
        row->ttl_ms = (int64_t)random_below(random, 10) * 100;
    if (row->flags & REQUEST_ABSOLUTE)
        row->ttl_ms += now_ms;
}

static void random_set_options(struct random *random, struct row *row, int64_t now_ms)
{
    static const uint16_t conditions[] = {0, 0, REQUEST_NX, REQUEST_XX};

    row->flags |= conditions[random_below(random, 4)];
    row->flags |= random_chance(random, 15) ? REQUEST_GET : 0;
    if (random_chance(random, 15)) {
        row->flags |= REQUEST_KEEPTTL;
    } else if (random_chance(random, 50)) {
        row->flags |= random_chance(random, 20) ? REQUEST_ABSOLUTE : 0;
        random_ttl(random, row, now_ms);
    }
}

static void random_expire_options(struct random *random, struct row *row)
{
    static const uint16_t conditions[] = {
        0, 0, REQUEST_NX, REQUEST_XX, REQUEST_GT, REQUEST_LT, REQUEST_XX | REQUEST_GT};

    row->flags |= conditions[random_below(random, 7)];
}

static void random_getex_options(struct random *random, struct row *row, int64_t now_ms)
{
    if (random_chance(random, 30)) {
        row->flags |= REQUEST_PERSIST;
    } else if (random_chance(random, 60)) {
        row->flags |= random_chance(random, 30) ? REQUEST_ABSOLUTE : 0;
        random_ttl(random, row, now_ms);
    }
}

static void random_options(struct random *random, struct row *row, int64_t now_ms)
{
    switch ((enum options)command_table[row->op].options) {
    case OPTIONS_SET:
        random_set_options(random, row, now_ms);
        break;
    case OPTIONS_GETEX:
        random_getex_options(random, row, now_ms);
        break;
    case OPTIONS_EXPIRE:
        random_expire_options(random, row);
        break;
    case OPTIONS_COPY:
        row->flags |= random_chance(random, 50) ? REQUEST_REPLACE : 0;
        break;
    case OPTIONS_LCS:
        row->flags |= random_chance(random, 50) ? REQUEST_LEN : 0;
        break;
    case OPTIONS_FLUSH:
        row->flags |= random_chance(random, 30) ? REQUEST_SYNC : random_chance(random, 30) ? REQUEST_ASYNC : 0;
        break;
    case OPTIONS_MSETEX: /* the number of its keys is among the words: random_streams */
    case OPTIONS_LIMIT:  /* of commands on elements: model_set, model_list */
    case OPTIONS_COUNT:  /* ... and model_list */
    case OPTIONS_LPOS:
    case OPTIONS_NONE:
        break;
    }
}

static void random_arguments(struct random *random, struct row *row, int64_t now_ms)
{
    static const struct element cursor = {.member = NO_MEMBER, .value_len = 1};

    for (const char *letter = command_table[row->op].arguments; *letter; letter++) {
        if (*letter == 'v' && command_table[row->op].change == CHANGE_EXTENDS) {
            row->value_len = random_length(random) / 4;
        } else if (*letter == 'v') {
            random_value(random, row);
        } else if (*letter == 'f') {
            row->number = random_chance(random, 90) ? (int64_t)random_below(random, 2001) - 1000 : 0;
            row->second = (int64_t)random_below(random, 2); /* a tenth is as exact as can be both ways */
            row->value_len = digits(row->number) + (row->second ? 1 : 0);
        } else if (*letter == 'n' && command_table[row->op].change == CHANGE_SETS_BIT) {
            row->number = (int64_t)random_below(random, 40000) - 100;
        } else if (*letter == 'n') {
            row->number = command_table[row->op].change == CHANGE_EXTENDS ? (int64_t)random_below(random, 5000) - 50
                                                                          : random_number(random);
        } else if (*letter == 't') {
            row->flags |= command_table[row->op].absolute ? REQUEST_ABSOLUTE : 0;
            random_ttl(random, row, now_ms);
        } else if (*letter == 'o') {
            random_options(random, row, now_ms);
        } else if (row->op == OP_SCAN || row->op == OP_KEYS) {
            row->elements = 1;
            row->list = &cursor;
        }
    }
}

/* The twin has one client. */
static bool is_between_clients(enum op op)
{
    static const enum op ops[] = {OP_SUBSCRIBE,       OP_PSUBSCRIBE,     OP_SSUBSCRIBE,       OP_UNSUBSCRIBE,
                                  OP_PUNSUBSCRIBE,    OP_SUNSUBSCRIBE,   OP_PUBLISH,          OP_SPUBLISH,
                                  OP_RESET,           OP_COMMANDLOG_LEN, OP_COMMANDLOG_RESET, OP_HELLO,
                                  OP_CLIENT_TRACKING, OP_CLIENT_REPLY,   OP_CLIENT_KILL,      OP_CLIENT_CACHING};

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (ops[i] == op)
            return true;
    return false;
}

/* The twin does not know who watches what. */
static enum op random_op(struct random *random, bool has_twin)
{
    enum op op = (enum op)random_below(random, OP_COUNT);

    while (command_table[op].skipped || command_table[op].reply_bytes || command_table[op].holds_payload ||
           op == OP_FUNCTION_LOAD || op == OP_FUNCTION_DELETE || command_table[op].since || /* those: random_streams */
           command_table[op].type > TYPE_STRING || /* those: model_collection */
           (command_table[op].type == TYPE_STRING && command_takes(op, 'w')) || (op == OP_WATCH && has_twin) ||
           op == OP_EVALSHA || op == OP_EVALSHA_RO || /* whether the script is there shows only behind it */
           is_between_clients(op))
        op = (enum op)random_below(random, OP_COUNT);
    if (command_table[op].flushes && !random_chance(random, 3))
        return OP_SET;
    return random_chance(random, 20) ? OP_SET : op;
}

/* One command; returns its rows. A key's length follows from its id; one name has 70,000 bytes. */
static int random_command(struct random *random, struct row rows[ROWS_MAX], int64_t now_ms, bool has_twin)
{
    enum op op = random_op(random, has_twin);
    uint8_t db = (uint8_t)random_below(random, DATABASES);
    bool has_two = strspn(command_table[op].arguments, "kd") == 2;
    int count = has_two ? 2 : command_takes(op, '+') ? 1 + (int)random_below(random, ROWS_MAX) : 1;

    for (int i = 0; i < count; i++) {
        uint32_t id;

        if (i && command_table[op].transfer && op != OP_RENAME && op != OP_RENAMENX)
            db = (uint8_t)random_below(random, DATABASES);
        id = (uint32_t)random_below(random, KEYS / DATABASES) * DATABASES + db;
        if (i && has_two && random_chance(random, 10))
            id = rows[0].id - rows[0].db + db;
        rows[i] = (struct row){.op = op, .id = NO_KEY, .db = db, .value_len = VALUE_UNKNOWN};
        if (command_has_key(op)) {
            rows[i].id = id;
            rows[i].key_len = id == 7 ? 70000 : id * id / 40;
        }
        random_arguments(random, &rows[i], now_ms);
        if (i + 1 < count)
            rows[i].flags |= REQUEST_MORE;
    }
    return count;
}

static int64_t random_pause_us(struct random *random)
{
    if (random_chance(random, 70))
        return 0;
    if (random_chance(random, 2))
        return 30000000;
    if (random_chance(random, 70))
        return (int64_t)random_below(random, 3) * 100000;
    return (int64_t)random_below(random, 300000);
}

/* ---- comparing ---- */

static bool is_visible(const struct redis *redis, const struct entry *entry)
{
    return entry->encoding != ENCODING_ABSENT && redis->unix_ms <= entry->expire_ms;
}

static void compare_key(const struct redis *redis, struct twin *twin, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);
    const struct thing *thing = find(twin, id);

    assert_int_equal(is_visible(redis, entry), thing != NULL);
    if (!thing)
        return;
    assert_int_equal(entry->db, id % DATABASES);
    assert_true(entry->expire_ms == thing->expire_ms);
    assert_int_equal(entry_value_length(entry), length_of(thing));
    assert_int_equal(entry->encoding == ENCODING_INT || entry->encoding == ENCODING_SHARED, thing->is_integer);
    if (thing->is_integer)
        assert_true(entry->number == thing->number);
}

static uint64_t count_entries(const struct redis *redis, bool with_ttl)
{
    uint64_t count = 0;

    for (uint32_t id = 0; id < redis->capacity; id++) {
        const struct entry *entry = entry_of(redis, id);

        count += entry->encoding != ENCODING_ABSENT && (!with_ttl || entry->expire_ms != NO_EXPIRE);
    }
    return count;
}

/* What holds whatever the commands were. */
static void check_server(const struct redis *redis)
{
    const struct counters *counters = &redis->counters;

    assert_true(redis->used == recount_used_memory(redis));
    assert_int_equal(redis->arguments, 0);
    assert_int_equal(keyspace_keys(redis), count_entries(redis, false));
    assert_int_equal(keyspace_expires(redis), count_entries(redis, true));
    assert_int_equal(counters->hits + counters->misses, counters->reads);
    assert_true(counters->oom_rejections <= counters->requests);
}

static void compare(const struct redis *redis, struct twin *twin)
{
    const struct counters *counters = &redis->counters;

    for (uint32_t id = 0; id < KEYS; id++)
        compare_key(redis, twin, id);
    assert_int_equal(counters->hits, twin->hits);
    assert_int_equal(counters->misses, twin->misses);
    assert_int_equal(counters->command_errors, twin->errors);
    assert_int_equal(counters->deleted_keys + counters->expired_keys + keyspace_keys(redis), twin->added);
}

/* Values that grow without bound would make the test slow. */
static bool is_too_long(const struct twin *twin, const struct row *row)
{
    return command_table[row->op].change && row->id != NO_KEY && twin->things[row->id].length > LENGTH_MAX;
}

/* A key may be gone at the very millisecond until which it was to live, where the expiry cycle takes that
 * for late enough: the twin follows. */
static void take_what_expired_on_time(const struct redis *redis, struct twin *twin)
{
    for (uint32_t id = 0; redis->profile->expires_on_time && id < KEYS; id++)
        if (id < redis->capacity && entry_of(redis, id)->encoding == ENCODING_ABSENT &&
            twin->things[id].expire_ms == twin->now_ms)
            twin->things[id].exists = false;
}

static void run_beside_the_twin(const char *server, uint64_t seed, int commands)
{
    static struct twin twin;
    struct random random = random_stream(seed);
    struct cell *cell = cell_open((struct cell_setup){.server = server, .seed = seed});

    memset(&twin, 0, sizeof twin);
    twin.set_deletes_what_is_past = cell->redis->profile->past_ttl != PAST_TTL_STORED;
    twin.multi_within_aborts = cell->redis->profile->no_multi_within;
    twin.getex_times_first = cell->redis->profile->getex_times_first;
    twin.has_no_touch = cell->redis->profile->has_no_touch;
    cell->key_count = KEYS;
    for (int done = 0; done < commands; done++) {
        struct row rows[ROWS_MAX];
        int count;

        cell_wait_us(cell, random_pause_us(&random));
        twin.now_ms = (cell->options.start_unix_us + cell->now_us) / 1000;
        take_what_expired_on_time(cell->redis, &twin);
        count = random_command(&random, rows, twin.now_ms, true);
        if (is_too_long(&twin, &rows[0]))
            continue;
        for (int i = 0; i < count; i++)
            cell_add(cell, rows[i]);
        twin_do(&twin, rows, count);
        cell_flush(cell);
        check_server(cell->redis);
        compare(cell->redis, &twin);
    }
    printf("%s: %lu hits, %lu misses, %lu errors, %lu keys added\n", server, twin.hits, twin.misses, twin.errors,
           twin.added);
    cell_close(cell);
}

static void a_client_sees_what_the_twin_sees(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        if (servers[i].profile)
            run_beside_the_twin(servers[i].name, random_seed() + i, 8000);
}

/* ---- memory, with a limit ---- */

/* A database that had no keys may have been left as it was. */
static void expect_no_buckets(const struct redis *redis, const struct table *table)
{
    assert_int_equal(table_count(table), 0);
    if (redis->profile->flush_skips_empty)
        return;
    assert_int_equal(dict_slots(&table->dict) + hashtable_buckets(&table->hashtable), 0);
    if (redis->profile->flush_may_wait ||
        redis->profile->frees_lazily) /* else FLUSHALL empties it, and leaves it there */
        assert_true(!table->exists || !table->object_bytes);
}

static void expect_empty_server(const struct redis *redis)
{
    for (int db = 0; db < redis->database_ready; db++) {
        expect_no_buckets(redis, &redis->databases[db].keys);
        expect_no_buckets(redis, &redis->databases[db].expires);
        assert_true(redis->profile->flush_skips_empty || redis->databases[db].expires_cursor == 0);
    }
    for (uint32_t id = 0; id < redis->capacity; id++)
        assert_int_equal(entry_of(redis, id)->encoding, ENCODING_ABSENT);
    if (redis->eviction.policy->victim)
        assert_int_equal(redis->eviction.policy->victim((struct policy_context *)(uintptr_t)&redis->eviction), NO_KEY);
}

static void run_at_the_limit(const char *server, const char *policy, int commands)
{
    struct random random = random_stream(random_seed());
    const struct server_profile *profile = server_find(server)->profile;
    struct cell *cell = cell_open((struct cell_setup){
        .server = server, .policy = policy, .maxmemory = profile->startup_bytes + profile->client_bytes + 1300000});
    const struct redis *redis = cell->redis;

    cell->key_count = KEYS;
    cell_flush(cell); /* room for all of them */
    for (int done = 0; done < commands; done++) {
        struct row rows[ROWS_MAX];
        int count;

        cell_wait_us(cell, random_pause_us(&random));
        count = random_command(&random, rows, redis->unix_ms, false);
        if (rows[0].op == OP_APPEND && entry_of(redis, rows[0].id)->encoding == ENCODING_RAW &&
            entry_of(redis, rows[0].id)->length > LENGTH_MAX)
            continue;
        for (int i = 0; i < count; i++)
            cell_add(cell, rows[i]);
        cell_flush(cell);
        check_server(redis);
    }
    assert_true(redis->counters.evicted_keys + redis->counters.oom_rejections > 0);
    cell_run(cell, "discard; unwatch; flushall");
    expect_empty_server(redis);
    check_server(redis);
    cell_close(cell);
}

/* Each policy on a third of the servers, and each server with a third of the policies: all pairs would take a minute. */
static void used_memory_is_what_a_recount_says_under_every_policy(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < policy_count; i++)
        for (size_t s = 0; s < server_count; s++)
            if (servers[s].profile && (i + s) % 3 == 0)
                run_at_the_limit(servers[s].name, policies[i]->name, 2000);
}

static void flushall_leaves_what_it_found_before_the_first_key(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});
    uint64_t before;

    (void)state;
    cell_run(cell, "set a 1; flushall; wait 0.5; ping");
    before = cell->redis->used;
    for (uint32_t id = 0; id < 5000; id++)
        cell_add(cell, (struct row){.op = OP_SET,
                                    .id = id,
                                    .key_len = id % 50,
                                    .value_len = id,
                                    .flags = id % 2 ? REQUEST_TTL : 0,
                                    .ttl_ms = 100000});
    cell_run(cell, "flushall");
    assert_int_equal(cell->redis->used, before);
    assert_int_equal(cell->redis->counters.deleted_keys, 5001);
    expect_empty_server(cell->redis);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_sees_what_the_twin_sees),
        cmocka_unit_test(used_memory_is_what_a_recount_says_under_every_policy),
        cmocka_unit_test(flushall_leaves_what_it_found_before_the_first_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
