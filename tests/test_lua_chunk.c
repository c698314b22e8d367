/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lua_chunk: what Lua keeps of scripts: what used_memory_vm_eval of Redis 8.0.6 has grown by for each of some thousand such
 * scripts. */
#include "traces/commands/lua_chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void bytes_are_what_the_server_asked_for(void **state)
{
    static char text[1200] = "return '";
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"return 123", 307},
        {"return redis.call('GET', KEYS[1])", 411},
        {"if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end", 563},
        {"return {KEYS[1],KEYS[2],ARGV[1],ARGV[2]}", 427},
        {text, 1357}, /* a string of 1,025 bytes */
    };

    (void)state;
    memset(text + 8, 'x', 1025);
    strcpy(text + 8 + 1025, "'");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(lua_chunk_weigh(cases[i].text, strlen(cases[i].text)).asked_bytes, cases[i].bytes);
}

static void what_does_not_compile_weighs_nothing(void **state)
{
    static const char *const texts[] = {"return (",      "x",         "x = ", "for i = 1 do end", "local 1",
                                        "break",         "return 'a", "--[[", "f() = 1",          "goto x",
                                        "a, f() = 1, 2", "return 0x", "\"",   "x = \\",           "return 1 return 2"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (lua_chunk_weigh(texts[i], strlen(texts[i])).block_bytes)
            fail_msg("it compiles: %s", texts[i]);
}

/* Nested as deep as anybody likes. */
static void depth_has_an_end(void **state)
{
    static char text[100000];

    (void)state;
    memset(text, '(', sizeof text);
    assert_int_equal(lua_chunk_weigh(text, sizeof text).block_bytes, 0);
    memset(text, '{', sizeof text);
    assert_int_equal(lua_chunk_weigh(text, sizeof text).block_bytes, 0);
    memset(text, '-', sizeof text);
    assert_int_equal(lua_chunk_weigh(text, sizeof text).asked_bytes,
                     lua_chunk_weigh("", 0).asked_bytes); /* a comment */
}

static void a_first_line_with_flags_is_left_out(void **state)
{
    static const char text[] = "#!lua flags=no-writes\nreturn 1", plain[] = "\nreturn 1";

    (void)state;
    assert_int_equal(lua_chunk_weigh(text, sizeof text - 1).asked_bytes,
                     lua_chunk_weigh(plain, sizeof plain - 1).asked_bytes);
    assert_int_equal(lua_chunk_weigh("#!lua", 5).asked_bytes, lua_chunk_weigh("", 0).asked_bytes);
}

/* A compiled chunk would be taken as it is, whatever is in it; a long text takes as long as it likes. */
static void what_is_no_text_or_too_long_is_not_compiled(void **state)
{
    static char text[LUA_TEXT_MOST + 1];

    (void)state;
    assert_int_equal(lua_chunk_weigh("\033Lua\x51", 5).block_bytes, 0);
    memset(text, ' ', sizeof text);
    assert_int_equal(lua_chunk_weigh(text, sizeof text).block_bytes, 0);
    assert_int_equal(lua_chunk_weigh(text, sizeof text - 1).block_bytes, lua_chunk_weigh("", 0).block_bytes);
}

/* Of two scripts of one text the second is remembered; one of another in between is another. */
static void a_text_that_comes_again_weighs_the_same(void **state)
{
    char text[32];
    uint64_t first[600];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 600; i++) {
            uint64_t bytes =
                lua_chunk_weigh(text, (size_t)snprintf(text, sizeof text, "return 'text%.*s'", i % 10, "0123456789"))
                    .block_bytes;

            assert_true(bytes && (!round || bytes == first[i]));
            first[i] = bytes;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_what_the_server_asked_for),
        cmocka_unit_test(what_does_not_compile_weighs_nothing),
        cmocka_unit_test(depth_has_an_end),
        cmocka_unit_test(a_first_line_with_flags_is_left_out),
        cmocka_unit_test(what_is_no_text_or_too_long_is_not_compiled),
        cmocka_unit_test(a_text_that_comes_again_weighs_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
