/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_monitor: lines of MONITOR become records, command by command. */
#include "tests/support_trace.h"

#include "sim/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct how monitor = {.format = "monitor"};

/* The records of one command line, all at time 1.5 s. */
static void expect_command(const char *command, const char *records)
{
    char trace[512];

    snprintf(trace, sizeof trace, "1.500000 [0 127.0.0.1:5] %s\n", command);
    expect_records(monitor, trace, records);
}

static void heads_of_every_kind(void **state)
{
    (void)state;
    expect_records(monitor,
                   "OK\n"
                   "1700000000.123456 [0 127.0.0.1:51234] \"GET\" \"a\"\n"
                   "1700000000.123457 [3 [::1]:51234] \"GET\" \"b\"\r\n"
                   "+1700000000.123458 [15 unix:/run/my redis] x.sock] \"GET\" \"c\"\r\n"
                   "+1700000001.000000 [0 lua] \"get\" \"d\"",
                   "1700000000123456 get a ?\n"
                   "1700000000123457 get b ? db=3\n"
                   "1700000000123458 get c ? db=15\n"
                   "1700000001000000 get d ?\n");
}

static void the_protocol_ok_is_ignored_too(void **state)
{
    (void)state;
    expect_records(monitor, "+OK\r\n+1.000001 [0 lua] \"PING\"\r\n", "1000001 ping  0\n");
}

static void escapes_are_decoded(void **state)
{
    (void)state;
    expect_command("\"GET\" \"caf\\xc3\\xa9\"", "1500000 get caf\\xc3\\xa9 ?\n");
    expect_command("\"GET\" \"\\\"\\\\\\n\\r\\t\\a\\b\"", "1500000 get \"\\\\x0a\\x0d\\x09\\x07\\x08 ?\n");
    expect_command("\"GET\" \"a b\"", "1500000 get a\\x20b ?\n");
    expect_command("\"SET\" \"k\" \"{\"x\":\"y z\"}\"", "1500000 set k 11\n"); /* as Valkey 8.1 prints it */
    expect_command("\"SET\" \"k\" \"\\x00\\x01ab\"", "1500000 set k 4\n");
    expect_command("\"SET\" \"\" \"\"", "1500000 set  0\n");
}

static void set_takes_its_options_in_any_order(void **state)
{
    (void)state;
    expect_command("\"SET\" \"k\" \"abc\"", "1500000 set k 3\n");
    expect_command("\"set\" \"k\" \"abc\" \"ex\" \"60\" \"nx\"", "1500000 set k 3 ttl=60000 nx\n");
    expect_command("\"SET\" \"k\" \"abc\" \"XX\" \"PX\" \"60\" \"Get\"", "1500000 set k 3 ttl=60 xx get millis\n");
    expect_command("\"SET\" \"k\" \"abc\" \"EXAT\" \"1700000060\"", "1500000 set k 3 ttl=1700000060000 absolute\n");
    expect_command("\"SET\" \"k\" \"abc\" \"PXAT\" \"1700000060000\"",
                   "1500000 set k 3 ttl=1700000060000 absolute millis\n");
    expect_command("\"SET\" \"k\" \"abc\" \"KEEPTTL\"", "1500000 set k 3 keepttl\n");
}

static void integers_are_known_by_their_canonical_text(void **state)
{
    (void)state;
    expect_command("\"SET\" \"k\" \"17\"", "1500000 set k 2 number=17 integer\n");
    expect_command("\"SET\" \"k\" \"0\"", "1500000 set k 1 integer\n");
    expect_command("\"SET\" \"k\" \"-9223372036854775808\"", "1500000 set k 20 number=-9223372036854775808 integer\n");
    expect_command("\"SET\" \"k\" \"9223372036854775808\"",
                   "1500000 set k 19 number=-9223372036854775808 second=1048576 decimal\n");
    expect_command("\"SET\" \"k\" \"017\"", "1500000 set k 3 number=17 decimal\n");
    expect_command("\"SET\" \"k\" \"-0\"", "1500000 set k 2 decimal\n");
    expect_command("\"SET\" \"k\" \"+1\"", "1500000 set k 2 number=1 decimal\n");
    expect_command("\"SET\" \"k\" \"-1.50\"", "1500000 set k 5 number=-150 second=2 decimal\n");
    expect_command("\"SET\" \"k\" \"1.2.3\"", "1500000 set k 5\n");
    expect_command("\"SET\" \"k\" \".\"", "1500000 set k 1\n");
}

static void two_keys_are_two_records(void **state)
{
    (void)state;
    expect_command("\"RENAME\" \"a\" \"b\"", "1500000 rename a 0 more\n1500000 rename b 0\n");
    expect_command("\"MOVE\" \"a\" \"7\"", "1500000 move a 0 more\n1500000 move a 0 db=7\n");
    expect_command("\"COPY\" \"a\" \"b\" \"DB\" \"2\" \"REPLACE\"",
                   "1500000 copy a 0 more\n1500000 copy b 0 db=2 replace\n");
    expect_command("\"LCS\" \"a\" \"b\" \"LEN\"", "1500000 lcs a ? more\n1500000 lcs b ? len\n");
}

static void two_numbers_and_decimals(void **state)
{
    (void)state;
    expect_command("\"GETRANGE\" \"k\" \"-5\" \"9\"", "1500000 getrange k ? number=-5 second=9\n");
    expect_command("\"SETBIT\" \"k\" \"80\" \"1\"", "1500000 setbit k 0 number=80 second=1\n");
    expect_command("\"INCRBYFLOAT\" \"k\" \"-2.5e1\"", "1500000 incrbyfloat k 6 number=-25\n");
    expect_command("\"OBJECT\" \"Encoding\" \"k\"", "1500000 object|encoding k 0\n");
    expect_command("\"SWAPDB\" \"0\" \"3\"", "1500000 swapdb  0 second=3\n");
}

/* Their arguments are elements, which the records printed here do not show; their clients do. */
static void scripts_and_transactions(void **state)
{
    (void)state;
    expect_command("\"EVAL\" \"return redis.call('GET', KEYS[1])\" \"1\" \"k\"", "1500000 eval  0\n");
    expect_command("\"SCRIPT\" \"LOAD\" \"return 1\"", "1500000 script|load  0\n");
    expect_command("\"MULTI\"", "1500000 multi  0\n");
    expect_command("\"EXEC\"", "1500000 exec  0\n");
}

static void commands_of_one_key(void **state)
{
    (void)state;
    expect_command("\"SETEX\" \"k\" \"9\" \"abc\"", "1500000 setex k 3 ttl=9000\n");
    expect_command("\"SET\" \"k\" \"v\" \"EX\" \"9223372036854775807\"",
                   "1500000 set k 1 ttl=9223372036854775807\n"); /* for the model to refuse */
    expect_command("\"PSETEX\" \"k\" \"9\" \"abc\"", "1500000 psetex k 3 ttl=9 millis\n");
    expect_command("\"SETNX\" \"k\" \"abc\"", "1500000 setnx k 3\n");
    expect_command("\"GETSET\" \"k\" \"7\"", "1500000 getset k 1 number=7 integer\n");
    expect_command("\"GETDEL\" \"k\"", "1500000 getdel k ?\n");
    expect_command("\"GETEX\" \"k\"", "1500000 getex k ?\n");
    expect_command("\"GETEX\" \"k\" \"PERSIST\"", "1500000 getex k ? persist\n");
    expect_command("\"GETEX\" \"k\" \"PX\" \"5\"", "1500000 getex k ? ttl=5 millis\n");
    expect_command("\"APPEND\" \"k\" \"abc\"", "1500000 append k 3\n");
    expect_command("\"STRLEN\" \"k\"", "1500000 strlen k ?\n");
    expect_command("\"SETRANGE\" \"k\" \"100\" \"abc\"", "1500000 setrange k 3 number=100\n");
    expect_command("\"INCR\" \"k\"", "1500000 incr k 0\n");
    expect_command("\"INCRBY\" \"k\" \"-5\"", "1500000 incrby k 0 number=-5\n");
    expect_command("\"DECRBY\" \"k\" \"5\"", "1500000 decrby k 0 number=5\n");
    expect_command("\"TYPE\" \"k\"", "1500000 type k 0\n");
    expect_command("\"PERSIST\" \"k\"", "1500000 persist k 0\n");
}

static void expiry_in_its_four_forms(void **state)
{
    (void)state;
    expect_command("\"EXPIRE\" \"k\" \"60\"", "1500000 expire k 0 ttl=60000\n");
    expect_command("\"EXPIRE\" \"k\" \"-1\"", "1500000 expire k 0 ttl=-1000\n");
    expect_command("\"EXPIRE\" \"k\" \"60\" \"NX\"", "1500000 expire k 0 ttl=60000 nx\n");
    expect_command("\"EXPIRE\" \"k\" \"60\" \"xx\" \"gt\"", "1500000 expire k 0 ttl=60000 xx gt\n");
    expect_command("\"PEXPIRE\" \"k\" \"60\" \"LT\"", "1500000 pexpire k 0 ttl=60 lt millis\n");
    expect_command("\"EXPIREAT\" \"k\" \"60\"", "1500000 expireat k 0 ttl=60000 absolute\n");
    expect_command("\"PEXPIREAT\" \"k\" \"60\"", "1500000 pexpireat k 0 ttl=60 absolute millis\n");
}

static void several_keys_are_several_records(void **state)
{
    (void)state;
    expect_command("\"MGET\" \"a\" \"b\" \"c\"", "1500000 mget a ? more\n1500000 mget b ? more\n1500000 mget c ?\n");
    expect_command("\"MSET\" \"a\" \"xy\" \"b\" \"7\"", "1500000 mset a 2 more\n1500000 mset b 1 number=7 integer\n");
    expect_command("\"DEL\" \"a\" \"\\x01\"", "1500000 del a 0 more\n1500000 del \\x01 0\n");
    expect_command("\"UNLINK\" \"a\"", "1500000 unlink a 0\n");
    expect_command("\"EXISTS\" \"a\" \"a\"", "1500000 exists a 0 more\n1500000 exists a 0\n");
    expect_command("\"TOUCH\" \"a\"", "1500000 touch a 0\n");
}

static void commands_without_a_key(void **state)
{
    (void)state;
    expect_command("\"SELECT\" \"3\"", "1500000 select  0 number=3\n");
    expect_command("\"PING\"", "1500000 ping  0\n");
    expect_command("\"INFO\" \"memory\"", "1500000 info  6 number=1\n");
    expect_command("\"FLUSHALL\" \"ASYNC\"", "1500000 flushall  0 xx\n");
    expect_command("\"FLUSHDB\"", "1500000 flushdb  0\n");
}

/* It is a request all the same: REFUSED where the server looks at the number of arguments, FAILED where the command
 * does. */
static void what_the_server_refuses_is_counted_by_why(void **state)
{
    static const struct {
        const char *command, *name, *row;
    } cases[] = {
        {"\"a\\x00b\"", "a?b", ""},
        {"\"SET\" \"k\"", "set (arity)", "(refused)  4 number=2"},
        {"\"Get\" \"k\" \"k\"", "get (arity)", "(refused)  5 number=3"},
        {"\"MSET\" \"k\" \"v\" \"k\"", "mset (arity)", "(failed write)  7 number=4"},
        {"\"HSET\" \"k\" \"f\" \"v\" \"f\"", "hset (arity)", "(failed write)  8 number=5"},
        {"\"HSET\" \"k\" \"f\"", "hset (arity)", "(refused)  6 number=3"},
        {"\"ZADD\" \"k\" \"1\"", "zadd (arity)", "(refused)  6 number=3"},
        {"\"OBJECT\" \"ENCODING\"", "object (arity)", "(refused)  14 number=2"},
        {"\"SPOP\" \"k\" \"1\" \"1\"", "spop (arity)", "(failed)  7 number=4"},
        {"\"DEL\"", "del (arity)", "(refused)  3 number=1"},
        {"\"SET\" \"k\" \"v\" \"NX\" \"XX\"", "set (syntax)", "(failed write)  9 number=5"},
        {"\"SET\" \"k\" \"v\" \"EX\"", "set (syntax)", "(failed write)  7 number=4"},
        {"\"SET\" \"k\" \"v\" \"EX\" \"5\" \"PX\" \"5\"", "set (syntax)", "(failed write)  11 number=7"},
        {"\"SET\" \"k\" \"v\" \"KEEPTTL\" \"EX\" \"5\"", "set (syntax)", "(failed write)  15 number=6"},
        {"\"SET\" \"k\" \"v\" \"PERSIST\"", "set (syntax)", "(failed write)  12 number=4"},
        {"\"SET\" \"k\" \"v\" \"EX\" \"0\"", "set (number)", "(failed write)  8 number=5"},
        {"\"SET\" \"k\" \"v\" \"EXAT\" \"9223372036854775807\"", "set (number)", "(failed write)  28 number=5"},
        {"\"SETEX\" \"k\" \"-1\" \"v\"", "setex (number)", "(failed write)  9 number=4"},
        {"\"GETEX\" \"k\" \"EX\" \"5\" \"PERSIST\"", "getex (syntax)", "(failed)  16 number=5"},
        {"\"EXPIRE\" \"k\" \"soon\"", "expire (number)", "(failed)  11 number=3"},
        {"\"EXPIRE\" \"k\" \"5\" \"GT\" \"LT\"", "expire (syntax)", "(failed)  12 number=5"},
        {"\"INCRBY\" \"k\" \"1.5\"", "incrby (number)", "(failed write)  10 number=3"},
        {"\"DECRBY\" \"k\" \"-9223372036854775808\"", "decrby (number)", "(failed write)  27 number=3"},
        {"\"SETRANGE\" \"k\" \"-1\" \"v\"", "setrange (number)", "(failed write)  12 number=4"},
    };
    char trace[256], row[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "1.500000 [0 127.0.0.1:1] %s\n", cases[i].command);
        struct reading *r = read_trace(monitor, trace);
        snprintf(row, sizeof row, "1500000 %s", cases[i].row);
        assert_int_equal(strlen(r->text) > 0, *cases[i].row != '\0');
        if (*r->text)
            assert_memory_equal(r->text, row, strlen(row));
        assert_int_equal(r->status, 0);
        assert_int_equal(r->intake.unknown_commands, 1);
        assert_string_equal(r->intake.unknown[0].name, cases[i].name);
        reading_free(r);
    }
}

/* Of what a script calls MONITOR shows no such thing. */
static void a_script_is_not_refused_by_arity(void **state)
{
    struct reading *r = read_trace(monitor, "1.500000 [0 lua] \"SET\" \"k\"\n");

    (void)state;
    assert_string_equal(r->text, "");
    assert_int_equal(r->intake.unknown_commands, 1);
    reading_free(r);
}

static void what_is_not_executed_is_a_request_all_the_same(void **state)
{
    struct reading *r = read_trace(monitor, "1.500000 [2 lua] \"VADD\" \"h\" \"field\" \"v\"\n"
                                            "1.500000 [0 lua] \"Config\" \"SET\" \"hz\" \"9\"\n"
                                            "1.500000 [0 lua] \"config\" \"nothing\"\n");

    (void)state;
    assert_string_equal(r->text, "1500000 vadd  7 db=2 number=3\n1500000 config|set  6 number=3\n");
    assert_int_equal(r->intake.unknown_commands, 3);
    assert_string_equal(r->intake.unknown[0].name, "vadd");
    assert_string_equal(r->intake.unknown[1].name, "config");
    reading_free(r);
}

static void unknown_names_beyond_the_table_go_together(void **state)
{
    char trace[4096] = "";

    (void)state;
    for (int i = 0; i < 40; i++)
        snprintf(trace + strlen(trace), sizeof trace - strlen(trace),
                 "1.5 [0 lua] \"command%d\"\n1.5 [0 lua] \"COMMAND%d\"\n", i, i);
    struct reading *r = read_trace(monitor, trace);
    assert_int_equal(r->intake.unknown_commands, 80);
    assert_string_equal(r->intake.unknown[30].name, "command30");
    assert_int_equal(r->intake.unknown[30].count, 2);
    assert_string_equal(r->intake.unknown[31].name, "(others)");
    assert_int_equal(r->intake.unknown[31].count, 18);
    reading_free(r);
}

static void errors_name_the_line(void **state)
{
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"yesterday [0 lua] \"PING\"", "x:3: bad time 'yesterday [0 lua] \"PING\"'"},
        {"1.5 0 lua \"PING\"", "x:3: bad source '1.5 0 lua \"PING\"'"},
        {"1.5 [0 lua] PING", "x:3: bad source '1.5 [0 lua] PING'"},
        {"1.5 [256 lua] \"PING\"", "x:3: bad db '1.5 [256 lua] \"PING\"'"},
        {"1.5 [0 lua] \"GET\" \"k", "x:3: bad argument '\"k'"},
        {"1.5 [0 lua] \"GET\" k", "x:3: bad argument 'k'"},
        {"1.5 [0 lua] \"GET\"\"k\"", "x:3: bad argument '\"GET\"\"k\"'"},
        {"1.5 [0 lua] \"GET\" \"\\q\"", "x:3: bad argument '\"\\q\"'"},
        {"1.5 [0 lua] \"GET\" \"\\x1\"", "x:3: bad argument '\"\\x1\"'"},
        {"1.5 [0 lua] \"GET\" \"k\\", "x:3: bad argument '\"k\\'"},
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "OK\n1.5 [0 lua] \"PING\"\n%s\n", cases[i].line);
        expect_error(monitor, trace, cases[i].text);
    }
}

static void more_keys_than_room_and_a_line_beyond_the_window(void **state)
{
    enum { KEYS = 60000 };
    char *trace = xmalloc(KEYS * 12 + 64);
    size_t length = (size_t)sprintf(trace, "1.5 [0 lua] \"MGET\"");

    (void)state;
    for (int i = 0; i < KEYS; i++)
        length += (size_t)sprintf(trace + length, " \"\\x01%d\"", i);
    strcpy(trace + length, "\n2.5 [0 lua] \"GET\" \"last\"\n");
    struct reading *r = read_trace((struct how){.format = "monitor", .room = 1000}, trace);
    assert_int_equal(r->count, KEYS + 1);
    assert_non_null(strstr(r->text, "1500000 mget \\x0159999 ?\n2500000 get last ?\n"));
    reading_free(r);
    free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_of_every_kind),
        cmocka_unit_test(the_protocol_ok_is_ignored_too),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(set_takes_its_options_in_any_order),
        cmocka_unit_test(integers_are_known_by_their_canonical_text),
        cmocka_unit_test(two_keys_are_two_records),
        cmocka_unit_test(two_numbers_and_decimals),
        cmocka_unit_test(scripts_and_transactions),
        cmocka_unit_test(commands_of_one_key),
        cmocka_unit_test(expiry_in_its_four_forms),
        cmocka_unit_test(several_keys_are_several_records),
        cmocka_unit_test(commands_without_a_key),
        cmocka_unit_test(what_the_server_refuses_is_counted_by_why),
        cmocka_unit_test(a_script_is_not_refused_by_arity),
        cmocka_unit_test(what_is_not_executed_is_a_request_all_the_same),
        cmocka_unit_test(unknown_names_beyond_the_table_go_together),
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(more_keys_than_room_and_a_line_beyond_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
