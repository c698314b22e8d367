/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_command: laws that hold for every row of the table of commands. The command can be found by its name; its words
 * parse into the rows that its letters describe; and both models do with it what its bits say. */
#include "sim/command.h"
#include "sim/server/arrival.h"
#include "sim/server/availability.h"
#include "sim/server/commands/functions.h"
#include "sim/server/registry.h"
#include "tests/support_server.h"
#include "traces/commands/command.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

enum { KEY_ID = 1, SECOND_ID = 2, VALUE_BYTES = 20, LATER_MS = 50000, EXAMPLE = 128 };

/* Calls the law for every command that is executed, and names the one for which it does not hold. */
static void for_each_executed(void (*law)(enum op op, const struct command *command))
{
    for (int op = 0; op < OP_COUNT; op++) {
        if (command_table[op].skipped)
            continue;
        print_message("law for %s\n", op_name((enum op)op));
        law((enum op)op, &command_table[op]);
    }
}

/* Of commands with words: the fewest that it takes, on a key whose elements, if it has any, are make_key's. */
static const char *const examples[OP_COUNT] = {
    [OP_BITCOUNT] = "bitcount key",
    [OP_BITPOS] = "bitpos key 1",
    [OP_BITFIELD] = "bitfield key set u8 0 1",
    [OP_BITFIELD_RO] = "bitfield_ro key get u8 0",
    [OP_BITOP] = "bitop not out key",
    [OP_PFADD] = "pfadd key",
    [OP_EVAL] = "eval text 0",
    [OP_EVAL_RO] = "eval_ro text 0",
    [OP_EVALSHA] = "evalsha 0123456789abcdef0123456789abcdef01234567 0",
    [OP_EVALSHA_RO] = "evalsha_ro 0123456789abcdef0123456789abcdef01234567 0",
    [OP_FCALL] = "fcall name 0",
    [OP_FCALL_RO] = "fcall_ro name 0",
    [OP_FUNCTION_LOAD] = "function load #!lua\tname=a\nredis.register_function('f',g)",
    [OP_FUNCTION_DELETE] = "function delete a",
    [OP_FUNCTION_FLUSH] = "function flush",
    [OP_FUNCTION_RESTORE] = "function restore payload",
    [OP_SCRIPT_LOAD] = "script load text",
    [OP_SCRIPT_FLUSH] = "script flush",
    [OP_SCRIPT_EXISTS] = "script exists 0123",
    [OP_RESTORE] = "restore other 0 payload",
    [OP_RESTORE_ASKING] = "restore-asking other 0 payload",
    [OP_SORT] = "sort key by nosort",
    [OP_LINDEX] = "lindex key 1",
    [OP_SORT_RO] = "sort_ro key by nosort",
    [OP_SCAN] = "scan 0",
    [OP_DELEX] = "delex key ifeq 41",
    [OP_BLESS_SET] = "bless set key no-evict",
    [OP_BLESS_CLEAR] = "bless clear key NO-EVICT",
    [OP_BLESS_SCAN] = "bless scan 0 no-evict",
    [OP_KEYS] = "keys *",
    [OP_MEMORY_USAGE] = "memory usage key",
    [OP_HRANDFIELD] = "hrandfield key",
    [OP_HSCAN] = "hscan key 0",
    [OP_SSCAN] = "sscan key 0",
    [OP_HEXPIRE] = "hexpire key 100 fields 1 field",
    [OP_HPEXPIRE] = "hpexpire key 100000 nx fields 1 field",
    [OP_HEXPIREAT] = "hexpireat key 2000000000 fields 1 field",
    [OP_HPEXPIREAT] = "hpexpireat key 2000000000000 fields 1 field",
    [OP_HPERSIST] = "hpersist key fields 1 field",
    [OP_HTTL] = "httl key fields 1 field",
    [OP_HPTTL] = "hpttl key fields 1 field",
    [OP_HEXPIRETIME] = "hexpiretime key fields 1 field",
    [OP_HPEXPIRETIME] = "hpexpiretime key fields 1 field",
    [OP_HGETEX] = "hgetex key fields 1 field",
    [OP_HSETEX] = "hsetex key fields 1 field value",
    [OP_HGETDEL] = "hgetdel key fields 1 field",
    [OP_ZADD] = "zadd key 1 field",
    [OP_ZINCRBY] = "zincrby key 1 field",
    [OP_ZRANK] = "zrank key field",
    [OP_ZREVRANK] = "zrevrank key field",
    [OP_ZRANGE] = "zrange key 0 -1",
    [OP_ZREVRANGE] = "zrevrange key 0 -1",
    [OP_ZRANGEBYSCORE] = "zrangebyscore key -inf (50",
    [OP_ZREVRANGEBYSCORE] = "zrevrangebyscore key 50 10",
    [OP_ZRANGEBYLEX] = "zrangebylex key - +",
    [OP_ZREVRANGEBYLEX] = "zrevrangebylex key [z (a",
    [OP_ZCOUNT] = "zcount key 0 50",
    [OP_ZLEXCOUNT] = "zlexcount key - +",
    [OP_ZREMRANGEBYRANK] = "zremrangebyrank key 0 0",
    [OP_ZREMRANGEBYSCORE] = "zremrangebyscore key 100 200",
    [OP_ZREMRANGEBYLEX] = "zremrangebylex key (field [other",
    [OP_ZPOPMIN] = "zpopmin key",
    [OP_ZPOPMAX] = "zpopmax key",
    [OP_ZRANDMEMBER] = "zrandmember key",
    [OP_ZSCAN] = "zscan key 0",
    [OP_ZMPOP] = "zmpop 1 key min",
    [OP_BZMPOP] = "bzmpop 0.5 1 key max",
    [OP_BZPOPMIN] = "bzpopmin key 0",
    [OP_BZPOPMAX] = "bzpopmax key 0",
    [OP_ZUNION] = "zunion 1 key",
    [OP_ZINTER] = "zinter 1 key",
    [OP_ZDIFF] = "zdiff 1 key",
    [OP_ZINTERCARD] = "zintercard 1 key",
    [OP_ZRANGESTORE] = "zrangestore out key 0 -1",
    [OP_ZUNIONSTORE] = "zunionstore out 1 key",
    [OP_ZINTERSTORE] = "zinterstore out 1 key",
    [OP_ZDIFFSTORE] = "zdiffstore out 1 key",
    [OP_CLIENT_TRACKING] = "client tracking on",
    [OP_CLIENT_REPLY] = "client reply on",
    [OP_CLIENT_KILL] = "client kill 1.2.3.4:5",
    [OP_CLIENT_CACHING] = "client caching yes",
    [OP_HELLO] = "hello 3",
    [OP_COMMANDLOG_LEN] = "commandlog len slow",
    [OP_COMMANDLOG_RESET] = "commandlog reset large-reply",
    [OP_SUBSCRIBE] = "subscribe channel",
    [OP_PSUBSCRIBE] = "psubscribe chan*",
    [OP_SSUBSCRIBE] = "ssubscribe channel",
    [OP_UNSUBSCRIBE] = "unsubscribe channel",
    [OP_PUNSUBSCRIBE] = "punsubscribe chan*",
    [OP_SUNSUBSCRIBE] = "sunsubscribe channel",
    [OP_PUBLISH] = "publish channel message",
    [OP_SPUBLISH] = "spublish channel message",
    [OP_XADD] = "xadd key 9-1 field value",
    [OP_XRANGE] = "xrange key - +",
    [OP_XREVRANGE] = "xrevrange key + -",
    [OP_XREAD] = "xread STREAMS key 0",
    [OP_XTRIM] = "xtrim key MAXLEN 5",
    [OP_XDEL] = "xdel key 1-1",
    [OP_XSETID] = "xsetid key 9-1",
    [OP_XACK] = "xack key group 1-1",
    [OP_XPENDING] = "xpending key group",
    [OP_XCLAIM] = "xclaim key group consumer 0 1-1",
    [OP_XAUTOCLAIM] = "xautoclaim key group consumer 0 0",
    [OP_XREADGROUP] = "xreadgroup GROUP group consumer STREAMS key >",
    [OP_XGROUP_CREATE] = "xgroup create key other $",
    [OP_XGROUP_SETID] = "xgroup setid key group 0",
    [OP_XGROUP_DESTROY] = "xgroup destroy key group",
    [OP_XGROUP_CREATECONSUMER] = "xgroup createconsumer key group another",
    [OP_XGROUP_DELCONSUMER] = "xgroup delconsumer key group consumer",
    [OP_XINFO_STREAM] = "xinfo stream key",
    [OP_XINFO_GROUPS] = "xinfo groups key",
    [OP_XINFO_CONSUMERS] = "xinfo consumers key group",
    [OP_GEOADD] = "geoadd key 13.361389 38.115556 field",
    [OP_GEODIST] = "geodist key field other",
    [OP_GEOSEARCH] = "geosearch key frommember field byradius 10 m",
    [OP_GEOSEARCHSTORE] = "geosearchstore out key frommember field bybox 10 20 m",
    [OP_GEORADIUS] = "georadius key 1 2 10 km",
    [OP_GEORADIUSBYMEMBER] = "georadiusbymember key field 10 km",
    [OP_GEORADIUS_RO] = "georadius_ro key 1 2 10 km",
    [OP_GEORADIUSBYMEMBER_RO] = "georadiusbymember_ro key field 10 mi",
};

/* ---- the row ---- */

static void is_found_by_its_name_in_any_case(void **state)
{
    (void)state;
    for (int op = 0; op < OP_COUNT; op++) {
        const char *name = op_name((enum op)op);
        char upper[64];
        size_t length = strlen(name);

        assert_in_range(length, 1, sizeof upper - 1);
        assert_int_equal(command_table[op].name_bytes, length);
        if (!command_table[op].skipped)
            assert_int_equal(command_table[op].container, strchr(name, '|') ? strcspn(name, "|") : 0);
        for (size_t i = 0; i <= length; i++) {
            assert_int_equal(name[i], tolower((unsigned char)name[i]));
            upper[i] = (char)toupper((unsigned char)name[i]);
        }
        assert_int_equal(op_find(name, length), op);
        assert_int_equal(op_find(upper, length), op);
        assert_int_not_equal(op_find(name, length - 1), op);
    }
    assert_int_equal(op_find("", 0), OP_COUNT);
}

static void letters_are_those_that_are_known(enum op op, const struct command *command)
{
    size_t known = strspn(command->arguments, "kdvnftoms:#?wb");

    if (command_takes(op, 'b') && command_takes(op, '+'))
        assert_string_equal(command->arguments, "k+b");
    else
        assert_int_equal(known + strspn(command->arguments + known, "+*"), strlen(command->arguments));
    assert_true(strlen(command->arguments + known) <= 1 || command_takes(op, 'b'));
    assert_int_equal(command_takes(op, 'o'), command->options != OPTIONS_NONE);
    assert_true(!command_takes(op, '*') || !command_has_key(op));
}

static void bits_agree_with_each_other(enum op op, const struct command *command)
{
    assert_true(!command->fills || (command->looks_up && command->returns && command->measures));
    assert_true(!command->returns || command->looks_up);
    assert_true(!command->sets || command_takes(op, 'v'));
    assert_true(command->type != TYPE_ANY || !(command->adds || command->removes || command_takes(op, 'm')));
    assert_true(!(command->adds && command->removes));
    assert_true(!command->only_new || command->sets || command->transfer);
    assert_true(!command->all_or_none || command->only_new);
    assert_int_equal(command->transfer != TRANSFER_NONE || command->moves,
                     strspn(command->arguments, "kd") == 2 && !command->looks_up && !command->stores);
    assert_true(!(command->transfer && command->moves));
    assert_true(!command->stores || strspn(command->arguments, "kw:#") >= 2);
    assert_true(!(command->sets && command->change));
    assert_true(!(command->sets || command->change || command->adds) || command->denyoom);
    assert_true(!command->retimes || command_takes(op, 't') || command->options == OPTIONS_GETEX);
    assert_true(!command->absolute || command_takes(op, 't') || command->looks_up);
    assert_true(!(command->denyoom_at_first && (command->denyoom || !command->since)));
    assert_true(!command->flushes_all || command->flushes);
    assert_true(!command->flushes || !command_has_key(op));
    assert_true(!(command->looks_up || command->deletes || command->drops_ttl || command_makes_key(op)) ||
                command_has_key(op));
}

static void skipped_rows_say_nothing_else(void **state)
{
    (void)state;
    for (int op = 0; op < OP_COUNT; op++) {
        struct command plain = {
            .name = command_table[op].name, .arguments = "*", .skipped = true, .denyoom = command_table[op].denyoom};

        assert_true(command_table[op].skipped || !command_table[op].refused);
        if (!command_table[op].skipped)
            continue;
        assert_string_equal(command_table[op].arguments, plain.arguments);
        assert_false(command_table[op].looks_up || command_makes_key((enum op)op) || command_table[op].deletes ||
                     command_table[op].flushes || command_table[op].retimes || command_table[op].options);
    }
}

static void rows_are_whole(void **state)
{
    (void)state;
    for_each_executed(letters_are_those_that_are_known);
    for_each_executed(bits_agree_with_each_other);
}

/* ---- the words ---- */

/* How many elements the words of words_of() name. */
static uint32_t elements_of(const struct command *command)
{
    uint32_t elements = 0;

    for (const char *letter = command->arguments; *letter; letter++)
        elements += *letter == 'm' || *letter == 'w';
    return elements;
}

/* Without words it means all that there are. */
static bool needs_no_words(enum op op)
{
    return op == OP_UNSUBSCRIBE || op == OP_PUNSUBSCRIBE || op == OP_SUNSUBSCRIBE || op == OP_HELLO;
}

/* Words for the command, as a client would send them; returns how many. */
static size_t words_of(enum op op, const char *words[], char text[EXAMPLE])
{
    const struct command *command = &command_table[op];
    size_t count = 0;

    if (examples[op]) {
        char *rest = strcpy(text, examples[op]);

        while ((words[count] = strsep(&rest, " ")))
            count++;
        return count;
    }

    const char *bar = strchr(command->name, '|');

    words[count++] = bar ? strncpy(text, command->name, command->container) : command->name;
    if (bar) {
        text[command->container] = '\0';
        words[count++] = bar + 1;
    }
    for (const char *letter = command->arguments; *letter && *letter != '?'; letter++) {
        if (*letter == 'k')
            words[count++] = "key";
        else if (*letter == 'v')
            words[count++] = "some text";
        else if (*letter == 'n' || *letter == 'd' || *letter == '#')
            words[count++] = "1";
        else if (*letter == 'm')
            words[count++] = "field";
        else if (*letter == 'b')
            words[count++] = "1";
        else if (*letter == 's')
            words[count++] = !strcmp(command->name, "linsert") ? "after" : "right";
        else if (*letter == 'f')
            words[count++] = "1.5";
        else if (*letter == 't')
            words[count++] = command->absolute ? "2000000000" : "100";
    }
    return count;
}

static void words_become_a_row_for_each_key(enum op op, const struct command *command)
{
    const char *words[16];
    char text[EXAMPLE];
    size_t count = words_of(op, words, text), keys = 0;
    struct record records[16];
    struct error error = {0};

    if (command->holds_payload) { /* not from the words of a scenario: test_payload */
        assert_int_equal(command_parse(words, count, records, 16, &error), -1);
        return;
    }
    for (const char *letter = command->arguments; *letter; letter++)
        keys += *letter == 'k' || *letter == 'd';
    keys += command->stores && *command->arguments == 'w';
    assert_int_equal(command_parse(words, count, records, 16, &error), keys ? keys : 1);
    for (size_t i = 0; i < (keys ? keys : 1); i++) {
        assert_int_equal(records[i].op, op);
        assert_int_equal(records[i].key_len, keys ? 3 : 0);
        if (!examples[op])
            assert_int_equal(records[i].elements, i + 1 == (keys ? keys : 1) ? elements_of(command) : 0);
        assert_int_equal(!!(records[i].flags & REQUEST_MORE), i + 1 < keys);
    }
    if (command_takes(op, 'd'))
        assert_int_equal(records[1].db, 1);
    assert_int_equal(!!(records[0].flags & REQUEST_TTL), command_takes(op, 't'));
    if (command->measures)
        assert_int_equal(records[0].value_len, VALUE_UNKNOWN);
    if (command_takes_elements(op))
        free((void *)(uintptr_t)records[0].named);
    if (*command->arguments && !strchr("*o", *command->arguments) && !needs_no_words(op))
        assert_int_equal(command_parse(words, count - 1, records, 16, &error), -1);
}

static void words_parse(void **state)
{
    (void)state;
    for_each_executed(words_become_a_row_for_each_key);
}

/* ---- the models ---- */

/* The command's rows: on KEY_ID, and the second key, which is absent, of those that take two. What is stored comes from
 * KEY_ID, too. */
static int rows_of(enum op op, struct row rows[2])
{
    const struct command *command = &command_table[op];
    struct row row = {.op = op, .id = NO_KEY, .value_len = command_takes(op, 'v') ? VALUE_BYTES : VALUE_UNKNOWN};
    bool has_two = strspn(command->arguments, "kd") == 2 || command->stores;

    if (command_has_key(op)) {
        row.id = KEY_ID;
        row.key_len = 3;
    }
    if (command->retimes || command_takes(op, 't')) {
        row.flags |= REQUEST_TTL | (command->absolute ? REQUEST_ABSOLUTE : 0) | (command->millis ? REQUEST_MILLIS : 0);
        row.ttl_ms = LATER_MS + (command->absolute ? INT64_C(1700000000000) : 0);
    }
    if (command_takes(op, '*'))
        row.value_len = 0;
    if (command_takes(op, 'f') || command_takes(op, 'b'))
        row.value_len = 1; /* the number's digits */
    row.number = command_takes(op, 'n') || command_takes(op, 'f');
    row.second = strstr(command->arguments, "nn") != NULL;
    rows[0] = rows[1] = row;
    rows[!command->stores].id = SECOND_ID;
    rows[1].db = command_takes(op, 'd');
    rows[0].flags |= has_two ? REQUEST_MORE : 0;
    return 1 + has_two;
}

/* What DUMP says of "hello", to a key that is absent; what FUNCTION DUMP says if there are none. */
static void send_payload(struct cell *cell, enum op op)
{
    static const char payload[] = "\0\5hello\12\0\143\162\337\166\145\64\40\12",
                      libraries[] = "\n\0]\x9b\\@\x0f\x7f\xa2\xda";
    const struct argument none[] = {{"function", 8}, {"restore", 7}, {libraries, sizeof libraries - 1}};
    const struct argument words[] = {
        {op_name(op), command_table[op].name_bytes}, {"other", 5}, {"0", 1}, {payload, sizeof payload - 1}};

    if (op == OP_FUNCTION_RESTORE)
        cell_send(cell, none, 3);
    else
        cell_send(cell, words, 4);
}

static void send(struct cell *cell, enum op op)
{
    struct row rows[2];
    int count = rows_of(op, rows);
    struct element element = {.member = cell_member(cell, "field"), .value_len = VALUE_BYTES};
    struct element elements[2] = {element, element};

    if (examples[op]) {
        assert_int_equal(cell_id(cell, "absent"), 0);
        assert_int_equal(cell_id(cell, "key"), KEY_ID);
        assert_int_equal(cell_id(cell, "out"), SECOND_ID);
        if (command_table[op].holds_payload)
            send_payload(cell, op);
        else
            cell_say(cell, examples[op]);
        return;
    }
    rows[count - 1].elements = elements_of(&command_table[op]);
    rows[count - 1].list = elements;

    for (int i = 0; i < count; i++)
        cell_add(cell, rows[i]);
    cell_flush(cell);
}

static bool exists(const struct cell *cell, uint32_t id)
{
    return cell->redis->capacity > id && entry_of(cell->redis, id)->encoding != ENCODING_ABSENT;
}

/* How many of the command's keys it looks up for reading. */
static uint64_t lookups(enum op op)
{
    const struct command *command = &command_table[op];

    if (op == OP_XREAD || op == OP_XREADGROUP) /* to see what it is, and to read it */
        return 2;
    if (op == OP_DELEX) /* with a condition */
        return 1;
    return command->transfer == TRANSFER_COPIES || command->stores ? 1
           : command->looks_up ? strspn(command->arguments, "#k") - (*command->arguments == '#')
                               : 0;
}

/* The key gets a value of the type: an integer, or elements two of which are "field" and "other", integers too. */
static void make_key(struct cell *cell, enum value_type type)
{
    struct element elements[2] = {{.number = 42, .member = cell_member(cell, "field"), .value_len = 2},
                                  {.number = 42, .member = cell_member(cell, "other"), .value_len = 2}};

    elements[0].flags = elements[1].flags = ELEMENT_INTEGER;
    if (type == TYPE_HASH)
        cell_do(cell, (struct row){.op = OP_HSET, .id = KEY_ID, .key_len = 3, .elements = 2, .list = elements});
    if (type == TYPE_HLL)
        cell_do(cell, (struct row){.op = OP_PFADD, .id = KEY_ID, .key_len = 3, .elements = 2, .list = elements});
    if (type == TYPE_SET)
        cell_do(cell, (struct row){.op = OP_SADD, .id = KEY_ID, .key_len = 3, .elements = 2, .list = elements});
    if (type == TYPE_LIST)
        cell_do(cell, (struct row){.op = OP_RPUSH, .id = KEY_ID, .key_len = 3, .elements = 2, .list = elements});
    cell_id(cell, "absent"); /* has the id before */
    if (type == TYPE_ZSET)
        cell_say(cell, "zadd key 42 field 42 other");
    if (type == TYPE_STREAM) {
        cell_say(cell, "xadd key 5-1 field value");
        cell_say(cell, "xgroup create key group 0");
    }
}

/* One that has the command. */
static const char *server_with(const struct command *command)
{
    static const char *const names[] = {"redis-8.0.2-debian", "valkey-9.1.2-debian", "redis-8.6.3-debian",
                                        "redis-8.12"};
    size_t i = 0;

    if (!command->since)
        return NULL;
    while (command_is_unknown(server_find(names[i])->profile, (enum op)(command - command_table)))
        assert_true(++i < sizeof names / sizeof *names);
    return names[i];
}

/* A key that is there, with a ttl. */
static struct cell *cell_with_key(uint64_t maxmemory, const struct command *command)
{
    enum value_type type = command->type;
    struct cell *cell = cell_open(
        (struct cell_setup){.server = server_with(command), .maxmemory = maxmemory, .policy = "volatile-ttl"});

    if (type > TYPE_STRING) {
        make_key(cell, type);
        cell_do(cell, (struct row){.op = OP_EXPIRE, .id = KEY_ID, .key_len = 3, .flags = REQUEST_TTL, .ttl_ms = 10000});
        return cell;
    }

    cell_do(cell, (struct row){.op = OP_SET,
                               .id = KEY_ID,
                               .key_len = 3,
                               .value_len = 2,
                               .number = 42,
                               .flags = REQUEST_INTEGER | REQUEST_TTL,
                               .ttl_ms = 10000});
    return cell;
}

static void does_to_a_key_what_its_bits_say(enum op op, const struct command *command)
{
    const int64_t start = INT64_C(1700000000000);
    struct cell *cell = cell_with_key(0, command);
    const struct counters *counters = &cell->redis->counters;
    struct entry *entry;
    uint64_t writes = counters->writes;

    send(cell, op);
    entry = entry_of(cell->redis, KEY_ID);
    assert_int_equal(exists(cell, KEY_ID),
                     !command->deletes && !command->flushes && command->transfer != TRANSFER_MOVES);
    assert_int_equal(exists(cell, SECOND_ID), command->transfer != TRANSFER_NONE || command->moves || command->stores);
    assert_int_equal(counters->hits, op == OP_XREAD || op == OP_XREADGROUP ? 2 : lookups(op) ? 1 : 0);
    assert_int_equal(counters->hits + counters->misses, lookups(op));
    assert_int_equal(counters->command_errors, op == OP_OBJECT_FREQ || op == OP_EXEC || op == OP_DISCARD ||
                                                   op == OP_CLIENT_CACHING || op == OP_CLIENT_NO_TOUCH ||
                                                   op == OP_FUNCTION_DELETE);
    assert_int_equal(counters->writes, writes + command->denyoom);
    if (command->transfer) {
        assert_true(entry_of(cell->redis, SECOND_ID)->expire_ms == start + 10000);
        assert_int_equal(entry_value_length(entry_of(cell->redis, SECOND_ID)), 2);
        assert_int_equal(entry_of(cell->redis, SECOND_ID)->db, command_takes(op, 'd'));
    }
    if (command->sets && !command->only_new)
        assert_int_equal(entry_value_length(entry), VALUE_BYTES);
    if (command->retimes || (command->sets && command_takes(op, 't')))
        assert_true(entry->expire_ms == start + LATER_MS);
    else if (command->drops_ttl || (command->sets && !command->only_new))
        assert_true(entry->expire_ms == NO_EXPIRE);
    else if (exists(cell, KEY_ID))
        assert_true(entry->expire_ms == start + 10000);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

static void makes_an_absent_key_or_not(enum op op, const struct command *command)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server_with(command), .options = {.fill = false}});
    const struct counters *counters = &cell->redis->counters;

    send(cell, op);
    assert_int_equal(exists(cell, KEY_ID), command->sets || command->change || command->adds);
    assert_false(exists(cell, SECOND_ID));
    assert_int_equal(counters->hits, 0);
    assert_int_equal(counters->misses, op == OP_XREADGROUP ? 1 : lookups(op));
    assert_int_equal(cell->redis->missed_count, command->fills);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

static void is_refused_when_memory_is_full_or_not(enum op op, const struct command *command)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server_with(command)});
    const struct counters *counters = &cell->redis->counters;
    bool is_denied = command->denyoom || op == OP_FCALL; /* a function that has not said that it needs no memory */

    cell->redis->maxmemory = 1000;
    send(cell, op);
    assert_int_equal(counters->oom_rejections, is_denied);
    assert_int_equal(cell->redis->was_called[op], !is_denied && !cell->redis->blocked.count); /* who waits, later */
    cell_close(cell);
}

/* Small requests are weighed in a shorter way than the others: the sum must be the same. */
static void weighs_as_it_arrives(const char *server, enum op op)
{
    static const uint32_t lengths[] = {0, 1, 44, 45, 200, 3000};
    static const uint16_t flags[] = {0, REQUEST_INTEGER, REQUEST_TTL, REQUEST_TTL | REQUEST_MILLIS | REQUEST_NX,
                                     REQUEST_KEEPTTL | REQUEST_GET};
    struct cell *cell = cell_open((struct cell_setup){.server = server});
    struct redis *redis = cell->redis;

    for (size_t i = 0; i < 6 * 6 * 5; i++) {
        struct call call = {.redis = redis,
                            .op = (uint16_t)op,
                            .batch = cell->batch,
                            .key_len = lengths[i % 6],
                            .value_len = lengths[i / 6 % 6],
                            .flags = flags[i / 36],
                            .ttl_ms = LATER_MS};
        struct argument_list list;

        arguments_begin(&list, redis, op);
        arguments_add_row(&list, &call, 0);
        arrival_receive(redis, &list);
        assert_int_equal(arguments_weigh(redis, &call), redis->arguments);
    }
    redis->arguments = 0;
    cell_close(cell);
}

static void weighs_as_much_however_it_is_counted(enum op op, const struct command *command)
{
    if (strpbrk(command->arguments, "mw:")) /* with elements a command is never weighed in the shorter way */
        return;
    weighs_as_it_arrives("redis-7.0.15", op);
    weighs_as_it_arrives("redis-8.0.2-debian", op); /* which keeps the vector */
}

static void arguments_weigh_the_same(void **state)
{
    (void)state;
    for_each_executed(weighs_as_much_however_it_is_counted);
}

static void the_server_keeps_the_promises(void **state)
{
    (void)state;
    for_each_executed(does_to_a_key_what_its_bits_say);
    for_each_executed(makes_an_absent_key_or_not);
    for_each_executed(is_refused_when_memory_is_full_or_not);
}

/* A flat cache counts what a server counts, where sizes are all there is. */
static void counts_in_flat_as_in_a_server(enum op op, const struct command *command)
{
    if (command->type > TYPE_STRING || command->unsized)
        return; /* a cache of sizes alone has no elements: flat leaves these commands out */
    for (int present = 0; present < 2; present++) {
        struct cell *flat = cell_open((struct cell_setup){.server = "flat", .policy = "lru"});
        struct cell *redis = cell_open((struct cell_setup){.policy = "allkeys-lru", .server = server_with(command)});
        struct cell *cells[] = {flat, redis};
        struct counters ended[2];

        for (int i = 0; i < 2; i++) {
            if (present)
                cell_do(cells[i], (struct row){.op = OP_SET,
                                               .id = KEY_ID,
                                               .key_len = 3,
                                               .value_len = 2,
                                               .number = 42,
                                               .flags = REQUEST_INTEGER});
            send(cells[i], op);
            ended[i] = cell_finish(cells[i], NULL);
            cell_close(cells[i]);
        }
        assert_int_equal(ended[0].reads, ended[1].reads);
        assert_int_equal(ended[0].hits, ended[1].hits);
        assert_int_equal(ended[0].misses, ended[1].misses);
        assert_int_equal(ended[0].keys, ended[1].keys);
        assert_int_equal(ended[0].expires, ended[1].expires);
        assert_int_equal(ended[0].deleted_keys, ended[1].deleted_keys);
        if (!command->only_new && command_has_key(op))
            assert_int_equal(ended[0].writes, ended[1].writes);
    }
}

static void flat_agrees(void **state)
{
    (void)state;
    for_each_executed(counts_in_flat_as_in_a_server);
}

/* A command that is skipped costs its kind's histogram once, and passes the gate. */
static void skipped_commands_cost_what_every_kind_costs(void **state)
{
    (void)state;
    for (int op = 0; op < OP_COUNT; op++) {
        struct cell *cell;
        uint64_t before;

        if (!command_table[op].skipped || command_table[op].refused)
            continue;
        cell = cell_open((struct cell_setup){0});
        before = cell->redis->used;
        send(cell, (enum op)op);
        assert_int_equal(cell->redis->used - before, 24688);
        send(cell, (enum op)op);
        assert_int_equal(cell->redis->used - before, 24688);
        cell->redis->maxmemory = 1000;
        send(cell, (enum op)op);
        assert_int_equal(cell->redis->counters.oom_rejections, command_table[op].denyoom);
        cell_close(cell);
    }
}

/* What the arguments were refused for costs that command's histogram, and passes its gate; what was not called costs neither.
 * Each counts as an error, the first of which costs its counter. */
static void refused_commands_cost_what_they_would(void **state)
{
    static const struct {
        enum op op, is;
        uint64_t bytes;
        uint32_t errors, refused;
    } cases[] = {
        {OP_REFUSED, OP_SET, 32, 3, 0},
        {OP_FAILED, OP_GETEX, 32 + 24688, 3, 0},
        {OP_FAILED_WRITE, OP_SET, 32 + 24688, 2, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct row row = {.op = cases[i].op, .id = NO_KEY, .number = 3, .value_len = 10, .second = cases[i].is};
        struct cell *cell = cell_open((struct cell_setup){0});
        uint64_t before = cell->redis->used;

        cell_do(cell, row);
        assert_int_equal(cell->redis->used - before, cases[i].bytes);
        assert_int_equal(cell->redis->was_called[cases[i].is], cases[i].op != OP_REFUSED);
        cell_do(cell, row);
        assert_int_equal(cell->redis->used - before, cases[i].bytes);
        cell->redis->maxmemory = 1000;
        cell_do(cell, row);
        assert_int_equal(cell->redis->counters.oom_rejections, cases[i].refused);
        assert_int_equal(cell->redis->counters.command_errors, cases[i].errors);
        cell_close(cell);
    }
}

/* A server that lacks it answers "unknown command": nothing is called, nothing refused for want of memory; the first error
 * of its kind takes 32 bytes. Behind MULTI, EXEC aborts. */
static void is_unknown_to_servers_before_it(enum op op, const struct command *command)
{
    struct cell *cell;
    uint64_t before;

    if (!command->since)
        return;
    cell = cell_open((struct cell_setup){.server = "redis-7.2.6"});
    before = cell->redis->used;
    cell->redis->maxmemory = 1000;
    send(cell, op);
    assert_int_equal(cell->redis->counters.command_errors, 1);
    assert_int_equal(cell->redis->counters.oom_rejections, 0);
    assert_int_equal(cell->redis->counters.writes, 0);
    assert_int_equal(cell->redis->used - before, 32);
    assert_false(cell->redis->was_called[op]);
    assert_false(exists(cell, KEY_ID));
    cell->redis->maxmemory = 0;
    cell_say(cell, "multi");
    send(cell, op);
    cell_say(cell, "exec");
    assert_int_equal(cell->redis->counters.command_errors, 3);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

/* HEXPIRE and its kin are denied memory by 7.4 alone. */
static void is_denied_memory_at_first(enum op op, const struct command *command)
{
    static const char *const names[] = {"redis-7.4.1", "redis-8.0.2-debian"};

    for (int i = 0; i < 2 && command->denyoom_at_first; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = names[i]});

        cell->redis->maxmemory = 1000;
        send(cell, op);
        assert_int_equal(cell->redis->counters.oom_rejections, i == 0);
        cell_close(cell);
    }
}

static void versions_of_servers_differ(void **state)
{
    (void)state;
    for_each_executed(is_unknown_to_servers_before_it);
    for_each_executed(is_denied_memory_at_first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_commands_cost_what_they_would),
        cmocka_unit_test(is_found_by_its_name_in_any_case),
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(skipped_rows_say_nothing_else),
        cmocka_unit_test(words_parse),
        cmocka_unit_test(the_server_keeps_the_promises),
        cmocka_unit_test(arguments_weigh_the_same),
        cmocka_unit_test(flat_agrees),
        cmocka_unit_test(versions_of_servers_differ),
        cmocka_unit_test(skipped_commands_cost_what_every_kind_costs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
