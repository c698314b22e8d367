/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_library: what is read in the text of a library of functions, and what that makes of FCALL. */
#include "sim/server/libraries.h"
#include "tests/support_server.h"
#include "traces/commands/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "name: function flags description, ...", flags w (no-writes) and o (allow-oom). */
static char *text_of(const struct queue *queue)
{
    size_t bytes;
    char *text;
    FILE *out = open_memstream(&text, &bytes);

    for (uint32_t i = 0; i < queue->named_count; i++) {
        const struct named_element *named = &queue->named[i];

        fprintf(out, "%s%.*s", i == 0 ? "" : i == 1 ? ": " : ", ", (int)named->bytes, named->text);
        if (i && named->element.number & SCRIPT_WRITES_NOTHING)
            fputs(" w", out);
        if (i && named->element.number & SCRIPT_ALLOWS_OOM)
            fputs(" o", out);
        if (i && named->element.flags & ELEMENT_SCORED)
            fprintf(out, " %u", named->element.value_len);
    }
    fclose(out);
    return text;
}

static const struct {
    const char *text;
    enum outcome outcome;
    const char *read;
} libraries[] = {
    {"#!lua name=one\nredis.register_function('F', function(keys, args) return 1 end)", DONE, "one: F"},
    {"#!LUA  name=two_2\nserver.register_function(\"a\", a) redis.register_function([[b]], b)", DONE, "two_2: a, b"},
    {"#!lua name=named\nredis.register_function{ function_name = 'get_all', callback = function(k) local flags, t = "
     "{}, "
     "{'allow-oom'} return t end,\n flags={ 'no-writes', \"allow-stale\" }, description='it\\'s 7' }",
     DONE, "named: get_all w 6"},
    {"#!lua name=bracketed\nlocal t = 1\nredis.register_function({callback=f, function_name='x', flags={'allow-oom'}})",
     DONE, "bracketed: x o"},
    /* neither comments nor strings register anything */
    {"#!lua name=quiet\n-- redis.register_function('no', f)\n--[==[ redis.register_function('no', f) ]] ]==]\n"
     "local s = \"redis.register_function('no', f)\" redis.register_function('yes', f)",
     DONE, "quiet: yes"},
    {"#!lua name=loop\nfor _, n in ipairs(names) do redis.register_function(n, f) end redis.register_function('k', f)",
     PARTLY, "loop: k"},
    {"#!lua name=none\nreturn 1", SYNTAX, NULL},
    {"#!lua name=not-a-name\nredis.register_function('f', f)", SYNTAX, NULL},
    {"#!lua\nredis.register_function('f', f)", SYNTAX, NULL},
    {"#!js name=js\nredis.register_function('f', f)", SYNTAX, NULL},
    {"redis.register_function('f', f)", SYNTAX, NULL},
    {"", SYNTAX, NULL},
    {"#!lua name=open\nredis.register_function{function_name='f", DONE, "open: f"},
};

static void a_library_says_its_functions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        struct queue queue = {0};
        struct record *record = queue_key(&queue, &(struct record){0}, &(struct argument){"", 0});
        size_t bytes = strlen(libraries[i].text);
        char *exact = malloc(bytes + 1); /* nothing behind it is read */

        memcpy(exact, libraries[i].text, bytes);
        assert_int_equal(library_queue(&queue, record, exact, (uint32_t)bytes), libraries[i].outcome);
        if (libraries[i].read) {
            char *text = text_of(&queue);

            assert_string_equal(text, libraries[i].read);
            free(text);
        }
        free(exact);
        queue_release(&queue);
    }
}

/* Every beginning of a library is read to its end. */
static void any_end_is_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        for (size_t bytes = 0; bytes < strlen(libraries[i].text); bytes++) {
            struct queue queue = {0};
            struct record *record = queue_key(&queue, &(struct record){0}, &(struct argument){"", 0});
            char *exact = malloc(bytes + 1);

            memcpy(exact, libraries[i].text, bytes);
            exact = realloc(exact, bytes ? bytes : 1);
            library_queue(&queue, record, exact, (uint32_t)bytes);
            free(exact);
            queue_release(&queue);
        }
}

static void say_library(struct cell *cell, const char *text)
{
    const struct argument words[] = {{"function", 8}, {"load", 4}, {text, (uint32_t)strlen(text)}};

    cell_send(cell, words, 3);
}

static const char counters[] = "#!lua name=counters\nredis.register_function('add', f) "
                               "redis.register_function{function_name='read', callback=f, flags={'no-writes'}} "
                               "redis.register_function{function_name='must', callback=f, flags={'allow-oom'}}";

/* Over maxmemory a function is refused as its flags say, before it is called. */
static void flags_decide_when_memory_is_full(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "noeviction"});
    struct redis *redis = cell->redis;

    (void)state;
    say_library(cell, counters);
    cell_say(cell, "set k v");
    redis->maxmemory = redis->used - 1;
    cell_say(cell, "fcall ADD 0");
    assert_int_equal(redis->counters.oom_rejections, 1);
    cell_say(cell, "fcall read 0");
    cell_say(cell, "fcall must 0");
    assert_int_equal(redis->counters.oom_rejections, 1);
    say_library(cell, "#!lua name=more\nredis.register_function('more', f)");
    assert_int_equal(redis->counters.oom_rejections, 2);
    assert_int_equal(recount_used_memory(redis), redis->used);
    cell_close(cell);
}

static void what_is_in_no_library_is_an_error(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "noeviction"});
    const uint64_t *errors = &cell->redis->counters.command_errors;
    uint64_t used;

    (void)state;
    say_library(cell, counters);
    used = cell->redis->libraries.bytes;
    cell_say(cell, "fcall add 0");
    cell_say(cell, "fcall_ro read 0");
    cell_say(cell, "ping");
    assert_int_equal(*errors, 0);
    cell_say(cell, "fcall none 0");
    cell_say(cell, "fcall_ro add 0"); /* it may write */
    cell_say(cell, "ping");
    assert_int_equal(*errors, 2);
    say_library(cell, counters); /* without REPLACE */
    say_library(cell, "#!lua name=other\nredis.register_function('ADD', f)");
    assert_int_equal(*errors, 4);
    assert_int_equal(cell->redis->libraries.bytes, used);
    cell_say(cell, "function delete counters");
    cell_say(cell, "function delete counters");
    assert_int_equal(*errors, 5);
    assert_int_equal(cell->redis->libraries.bytes, 64); /* two tables of four slots */
    cell_say(cell, "function flush");
    assert_int_equal(cell->redis->libraries.bytes, 0);
    assert_int_equal(recount_used_memory(cell->redis), cell->redis->used);
    cell_close(cell);
}

static void replace_library(struct cell *cell, const char *text)
{
    const struct argument words[] = {{"function", 8}, {"load", 4}, {"replace", 7}, {text, (uint32_t)strlen(text)}};

    cell_send(cell, words, sizeof words / sizeof *words);
}

/* The old library is out of the way when the new one's functions are looked for, and back again if another library has one of
 * them. The dict of functions has shrunk by then: the look for the new function, and its coming in, move what is left. */
static void a_library_is_replaced_or_comes_back(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "valkey-8.1.1-debian", .policy = "noeviction"});
    const struct redis *redis = cell->redis;

    (void)state;
    say_library(cell,
                "#!lua name=l\nredis.register_function('a', f) redis.register_function('b', f)\n"
                "redis.register_function('c', f) redis.register_function('d', f) redis.register_function('e', f)\n"
                "redis.register_function('g', f) redis.register_function('h', f) redis.register_function('i', f)\n"
                "redis.register_function('j', f)");
    say_library(cell, "#!lua name=m\nredis.register_function('k', f)");
    say_library(cell, "#!lua name=n\nredis.register_function('o', f)");
    replace_library(cell, "#!lua name=l\nredis.register_function('a', f) redis.register_function('k', f)");
    cell_say(cell, "fcall a 0");
    cell_say(cell, "fcall j 0");
    cell_say(cell, "ping");
    assert_int_equal(redis->counters.command_errors, 1);
    assert_int_equal(redis->libraries.function_count, 11);
    replace_library(cell, "#!lua name=l\nredis.register_function('a', f)");
    assert_int_equal(redis->libraries.function_count, 3);
    assert_int_equal(redis->libraries.function_table.now, 4);
    assert_int_equal(redis->libraries.function_table.before, 0);
    cell_say(cell, "fcall j 0");
    cell_say(cell, "ping");
    assert_int_equal(redis->counters.command_errors, 2);
    assert_int_equal(recount_used_memory(redis), redis->used);
    cell_close(cell);
}

/* What FUNCTION DUMP of a Redis 7.0.15 gave of two libraries, one of which is compressed. */
static void a_dump_brings_its_libraries(void **state)
{
    static const char dump[] =
        "\xf5\xc3@O@\xaf\x1f#!lua name=m\nredis.register_func\ttion('f0',\xe0\x00\r\x0e) return 1 end)\xe0\x12"
        "5\x00"
        "1\xe0,5\x00"
        "2\xe0\x10"
        "5\x01)\n\xf5@A#!lua name=l\nredis.register_function('f',function() return 1 "
        "end)\n\x00.\x8e}\xdf\xcb\x03\xed\xa6";
    const struct argument words[] = {{"function", 8}, {"restore", 7}, {dump, sizeof dump - 1}, {"flush", 5}};
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian", .policy = "noeviction"});
    const struct redis *redis = cell->redis;
    uint64_t bytes;

    (void)state;
    cell_send(cell, words, 3);
    bytes = redis->libraries.bytes;
    assert_int_equal(redis->libraries.count, 2);
    assert_int_equal(redis->libraries.function_count, 4);
    cell_send(cell, words, 3);
    assert_int_equal(redis->counters.command_errors, 1);
    cell_send(cell, words, 4);
    assert_int_equal(redis->libraries.bytes, bytes);
    assert_int_equal(recount_used_memory(redis), redis->used);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_says_its_functions),        cmocka_unit_test(any_end_is_an_end),
        cmocka_unit_test(flags_decide_when_memory_is_full),    cmocka_unit_test(what_is_in_no_library_is_an_error),
        cmocka_unit_test(a_library_is_replaced_or_comes_back), cmocka_unit_test(a_dump_brings_its_libraries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
