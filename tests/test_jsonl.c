/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_jsonl: JSON lines, from members to records; and the scanner, compared with jansson. */
#include "tests/support_trace.h"
#include "traces/text/json.h"

#include <jansson.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct how jsonl = {.format = "jsonl"};

static void members_have_roles_by_their_names(void **state)
{
    (void)state;
    expect_records((struct how){0},
                   "{\"timestamp\": 1.5, \"key\": \"user:1\", \"op\": \"set\", \"size\": 120, \"ttl\": 60}\n"
                   "{\"key\":\"a\",\"ttl\":-1,\"timestamp\":2,\"op\":\"GET\",\"size\":7,\"db\":3}\n"
                   "{\"op\":\"delete\",\"key\":17,\"timestamp\":2}\n",
                   "1500000 set user:1 120 ttl=60000\n2000000 get a 7 db=3\n2000000 del 17 0\n");
    expect_records(jsonl, "{\"time_ms\":1500,\"key\":\"k\",\"value_bytes\":9,\"ttl(ms)\":5,\"op\":\"set\"}\n",
                   "1500000 set k 9 ttl=5\n");
}

static void the_user_names_them(void **state)
{
    struct how how = {.columns = "time=when,key=path,value-size=bytes,op=verb,op-map=R:get,time-unit=us"};

    (void)state;
    expect_records(how, "{\"path\":\"/a\",\"key\":\"no\",\"when\":5,\"bytes\":3,\"verb\":\"R\"}\n", "5 get /a 3\n");
    how.columns = "key=path,header=auto";
    expect_records(how, "{\"path\":\"/a\",\"time\":5,\"size\":3}\n", "- get /a ?\n");
    how.columns = "key=2";
    expect_error(how, "{\"path\":\"/a\"}\n", "--columns: JSON lines have names: key=NAME");
}

static void the_name_of_the_role_comes_first(void **state)
{
    (void)state;
    expect_records(jsonl,
                   "{\"obj_id\":\"b\",\"key\":\"a\",\"size\":1,\"value_size\":2}\n{\"obj_id\":\"b\",\"size\":1}\n",
                   "- get a 2\n- get b 1\n");
}

static void escapes_are_what_they_stand_for(void **state)
{
    (void)state;
    expect_records(
        jsonl,
        "{\"key\":\"a\\\"\\\\\\/\\n\\u0041\"}\n{\"key\":\"\\u00e9\\u20ac\\ud83d\\ude00\"}\n{\"key\":\"\\ud83dx\"}\n",
        "- get a\"\\/\\x0aA ?\n- get \\xc3\\xa9\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80 ?\n- get \\xef\\xbf\\xbdx ?\n");
}

static void errors_name_the_line_the_cause_and_the_remedy(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"{\"time\":1}", "x:2: missing key"},
        {"{\"key\":\"k\"}", "x:2: missing time"},
        {"{\"time\":\"x\",\"key\":\"k\"}", "x:2: bad time 'x'"},
        {"{\"time\":1,\"key\":\"k\",\"op\":\"set\"}", "x:2: missing value size"},
        {"{\"time\":1,\"key\":\"k\",\"size\":\"1o\"}", "x:2: bad value size '1o'"},
        {"{\"time\":1,\"key\":\"k\",\"size\":4294967295}", "x:2: bad value size '4294967295'"},
        {"{\"time\":1,\"key\":\"k\",\"op_count\":0}", "x:2: bad count '0'"},
        {"{\"time\":1,\"key\":\"k\",\"key_size\":\"x\"}", "x:2: bad key size 'x'"},
        {"{\"time\":1,\"key\":\"k\",\"key_size\":4294967295}", "x:2: bad key size '4294967295'"},
        {"{\"time\":1,\"key\":\"k\",\"op\":\"set\",\"size\":1,\"ttl\":\"soon\"}", "x:2: bad ttl 'soon'"},
        {"{\"time\":1,\"key\":\"k\",\"op\":\"expire\"}", "x:2: missing ttl"},
        {"{\"time\":1,\"key\":\"k\",\"db\":\"one\"}", "x:2: bad db 'one'"},
        {"{\"time\":1,\"key\":\"k\",\"db\":4294967295}", "x:2: bad db '4294967295'"},
        {"{\"time\":1,\"key\":\"k\"", "x:2: not one JSON object"},
        {"[]", "x:2: not one JSON object"},
    };
    char trace[256], text[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "{\"time\":1,\"key\":\"k\"}\n%s\n", cases[i].row);
        snprintf(text, sizeof text, "%s; --lenient leaves out such rows", cases[i].text);
        expect_error(jsonl, trace, text);
    }
    expect_error(jsonl, "{\"key\":\"k\"}\n{\"key\":\"k\",\"time\":1}\n",
                 "x:2: a time, which the first row does not have; --lenient leaves out such rows");
}

static bool walk(const char *text)
{
    const char *at = text, *end = text + strlen(text);
    struct piece name;
    struct json_value value;
    int status;

    if (!json_open(&at, end, '{'))
        return false;
    while ((status = json_member(&at, end, &name, &value)) > 0)
        ;
    return !status && json_ends(at, end);
}

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

/* Whatever jansson takes for an object, the scanner does; it is more lenient within what is nested, and with escapes. */
static void what_jansson_reads_is_read(void **state)
{
    static const char pieces[] = "{}[]\",:1e-.\\u00 tnfalse",
                      *const start = "{\"a\":[1,{\"b\":\"c\\n\"}],\"d\":-1.5e3,\"e\":null}";
    uint32_t random = 20200301;
    int read = 0;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        json_t *json;

        snprintf(text, sizeof text, "%s", start);
        for (uint32_t edits = next_random(&random) % 3; edits; edits--)
            text[next_random(&random) % strlen(start)] = pieces[next_random(&random) % (sizeof pieces - 1)];
        json = json_loads(text, 0, NULL);
        if (json_is_object(json)) {
            read++;
            if (!walk(text))
                fail_msg("not read: %s", text);
        }
        json_decref(json);
    }
    assert_in_range(read, 50000, 199999);
    assert_false(walk("{\"a\":1,}"));
    assert_false(walk("{\"a\" 1}"));
    assert_false(walk("{\"a\":01x}"));
    assert_false(walk("{\"a\":tru}"));
    assert_false(walk("{\"a\":[1}]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_have_roles_by_their_names),
        cmocka_unit_test(the_user_names_them),
        cmocka_unit_test(the_name_of_the_role_comes_first),
        cmocka_unit_test(escapes_are_what_they_stand_for),
        cmocka_unit_test(errors_name_the_line_the_cause_and_the_remedy),
        cmocka_unit_test(what_jansson_reads_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
