/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_live: the requests that a real server is sent, turn by turn; the reading of its record; programs that are no
 * servers; and processes that must not stay. The results of a script are compared in test_live_fidelity. */
#include "sim/live/play.h"
#include "sim/live/record.h"
#include "sim/live/script.h"
#include "sim/live/script_file.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "tests/support_command.h"
#include "tests/support_run.h"
#include "tests/support_trace.h"
#include "traces/commands/command.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t ASSUMED_US = INT64_C(1700000000000000);

/* ---- scripts as text ---- */

/* The words of a request, long values as their length: "set key <400>". */
static const char *put_request(FILE *out, const char *texts, const struct turn_request *request)
{
    size_t bytes = request->head_bytes + request->value_bytes + request->tail_bytes;
    char *whole = xcalloc(1, bytes + 1), *at = whole;
    int words;

    memcpy(whole, texts, request->head_bytes);
    memset(whole + request->head_bytes, 'v', request->value_bytes);
    memcpy(whole + request->head_bytes + request->value_bytes, texts + request->head_bytes, request->tail_bytes);
    words = (int)strtol(at + 1, &at, 10);
    for (int i = 0; i < words; i++) {
        long length;

        assert_memory_equal(at, "\r\n$", 3);
        length = strtol(at + 3, &at, 10);
        assert_memory_equal(at, "\r\n", 2);
        at += 2;
        if (length > 2 && strspn(at, "v") == (size_t)length)
            fprintf(out, " <%ld>", length);
        else
            fprintf(out, " %.*s", (int)length, at);
        at += length;
    }
    assert_string_equal(at, "\r\n");
    free(whole);
    return texts + request->head_bytes + request->tail_bytes;
}

/* A line per turn: milliseconds since the first, what it is, the request, the fill behind a bar. */
static char *script_text(const char *path, int64_t *start_us)
{
    static const char *const kinds[] = {"wake", "command", "read", "info"};
    size_t size, bytes;
    char *text, *script = NULL;
    FILE *in = fopen(path, "r"), *out = open_memstream(&text, &bytes);

    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    size = (size_t)ftell(in);
    rewind(in);
    script = xmalloc(size);
    assert_int_equal(fread(script, 1, size, in), size);
    fclose(in);
    *start_us = 0;
    for (const char *at = script; at < script + size;) {
        struct turn turn;

        memcpy(&turn, at, sizeof turn);
        at += sizeof turn;
        *start_us = *start_us ? *start_us : turn.unix_us;
        fprintf(out, "%lld %s", (long long)(turn.unix_us - *start_us) / 1000, kinds[turn.kind]);
        if (turn.command.head_bytes)
            at = put_request(out, at, &turn.command);
        if (turn.fill.head_bytes) {
            fputs(" |", out);
            at = put_request(out, at, &turn.fill);
        }
        fputs(turn.rest_ms ? " and rests\n" : "\n", out);
        at = script + (size_t)(at - script + 7) / 8 * 8;
    }
    fclose(out);
    free(script);
    return text;
}

struct scripting {
    const char *format, *trace, *scenario;
    bool fill;
};

/* The script of a trace, as text to be freed; or NULL, with an error. */
static char *write_script(struct scripting how, int64_t *start_us, struct error *error)
{
    const struct scenario_language language = {policies, policy_count, command_parse, 0};
    char *path = write_temporary("trace", how.trace, strlen(how.trace)), *text = NULL;
    char *script = write_temporary("script", "", 0);
    char *lines =
        write_temporary("scenario", how.scenario ? how.scenario : "", how.scenario ? strlen(how.scenario) : 0);
    struct scenario *scenario = how.scenario ? scenario_read(lines, &language, error) : NULL;
    const struct trace_request request = {.path = path, .format = how.format};
    const struct script_options options = {.fill = how.fill, .info_every_us = 1000000, .hz = 10, .scenario = scenario};

    assert_true(!how.scenario || scenario);
    if (!script_write(script, format_choose, &request, &options, error))
        text = script_text(script, start_us);
    scenario_free(scenario);
    remove_temporary(lines);
    remove_temporary(script);
    remove_temporary(path);
    return text;
}

static void expect_script(struct scripting how, const char *expected)
{
    struct error error = {0};
    int64_t start_us;
    char *text = write_script(how, &start_us, &error);

    if (!text)
        fail_msg("%s", error.text);
    assert_string_equal(text, expected);
    free(text);
}

static void expect_fault(struct scripting how, const char *expected)
{
    struct error error = {0};
    int64_t start_us;

    assert_null(write_script(how, &start_us, &error));
    if (!strstr(error.text, expected))
        fail_msg("'%s' is not in '%s'", expected, error.text);
}

/* ---- scripts ---- */

static void the_loop_wakes_and_tells_between_the_rows(void **state)
{
    (void)state;
    expect_script(
        (struct scripting){.format = "twitter", .trace = "0,a,1,9,0,get,0\n0,b,1,9,0,set,7\n1,a,1,9,0,delete,0\n"},
        "0 info info\n0 info info\n0 command get a\n0 command set b <9> EX 7\n"
        "100 wake\n200 wake\n300 wake\n400 wake\n500 wake\n600 wake\n700 wake\n800 wake\n900 wake\n"
        "1000 wake\n1000 info info\n1000 command del a\n1000 info info\n");
}

static void a_miss_is_followed_by_its_fill(void **state)
{
    (void)state;
    expect_script((struct scripting){.format = "twitter", .trace = "0,a,1,9,0,get,60\n0,b,1,0,0,set,0\n", .fill = true},
                  "0 info info\n0 info info\n0 read get a | set a <9> EX 60\n0 command set b \n0 info info\n");
}

static void commands_of_any_shape_are_said(void **state)
{
    (void)state;
    expect_script((struct scripting){.format = "monitor",
                                     .trace = "1.0 [0 x] \"MGET\" \"a\" \"b\"\n"
                                              "1.0 [0 x] \"MSET\" \"a\" \"wwww\" \"b\" \"wwwww\" \"c\" \"17\"\n"
                                              "1.0 [0 x] \"SET\" \"a\" \"-5\" \"NX\" \"PX\" \"1500\"\n"
                                              "1.0 [0 x] \"GETEX\" \"a\" \"PERSIST\"\n"
                                              "1.0 [0 x] \"SETRANGE\" \"a\" \"3\" \"wwww\"\n"
                                              "1.0 [0 x] \"EXPIRE\" \"a\" \"100\" \"GT\"\n"
                                              "1.0 [0 x] \"PEXPIREAT\" \"a\" \"1700000000123\"\n"
                                              "1.0 [0 x] \"DEL\" \"a\" \"b\" \"c\"\n"
                                              "1.0 [0 x] \"FLUSHALL\"\n"},
                  "0 info info\n0 info info\n0 command mget a b\n0 command mset a <4> b <5> c 17\n"
                  "0 command set a -5 PX 1500 NX\n0 command getex a PERSIST\n0 command setrange a 3 <4>\n"
                  "0 command expire a 100 GT\n0 command pexpireat a 1700000000123\n0 command del a b c\n"
                  "0 command flushall and rests\n0 info info\n");
}

static void a_scenario_comes_before_the_row_of_its_time(void **state)
{
    (void)state;
    expect_script((struct scripting){.format = "twitter",
                                     .trace = "0,a,1,9,0,get,0\n1,a,1,9,0,get,0\n",
                                     .scenario = "at 250ms CONFIG SET hz 2 maxmemory 3mb\nat 1s SET x y EX 5\n"
                                                 "every 900ms FLUSHDB\n"},
                  "0 info info\n0 info info\n0 command get a\n100 wake\n200 wake\n"
                  "250 command CONFIG SET hz 2 maxmemory 3mb\n500 wake\n900 command FLUSHDB and rests\n"
                  "1000 wake\n1000 info info\n1000 command SET x y EX 5\n1000 command get a\n1000 info info\n");
}

static void the_clock_shows_the_traces_own_time_if_it_has_one(void **state)
{
    struct scripting relative = {.format = "monitor", .trace = "1.0 [0 x] \"PING\"\n"};
    struct scripting unix_time = {.format = "monitor", .trace = "1600000000.5 [0 x] \"PING\"\n"};
    struct error error = {0};
    int64_t start_us;

    (void)state;
    free(write_script(relative, &start_us, &error));
    assert_int_equal(start_us, ASSUMED_US);
    free(write_script(unix_time, &start_us, &error));
    assert_int_equal(start_us, 1600000000500000);
}

static void what_a_server_cannot_be_sent_is_named(void **state)
{
    struct scripting twitter = {.format = "twitter", .trace = "0,a,1,9,0,get,0\n", .scenario = "at 1s BGSAVE 30s\n"};

    (void)state;
    expect_fault(twitter, ":1: not a command that a server can be sent as it is");
    expect_fault((struct scripting){.format = "monitor", .trace = "1.0 [0 x] \"GET\" \"a\"\n", .fill = true},
                 "row 1 has a read without a size");
    expect_fault((struct scripting){.format = "monitor", .trace = "1.0 [0 x] \"MGET\" \"a\"\n", .fill = true},
                 "row 1 has a read of several keys");
    expect_fault((struct scripting){.format = "monitor", .trace = "1.0 [0 x] \"PING\"\n1.0 [3 x] \"GET\" \"a\"\n"},
                 "row 2 has no time, or another database than 0");
    expect_fault((struct scripting){.format = "monitor", .trace = "1.0 [0 x] \"HGET\" \"a\" \"b\"\n"},
                 "row 1 has a command whose arguments are not kept");
    expect_fault((struct scripting){.format = "twitter", .trace = ""}, "the trace is empty");
}

/* ---- records ---- */

static void a_record_becomes_counters_and_a_curve(void **state)
{
    static const char first[] = "$x\r\nused_memory:1000\r\nused_memory_peak:1100\r\n";
    static const char second[] =
        "$x\r\nused_memory:2000\r\nused_memory_peak:2500\r\nexpired_keys:3\r\nevicted_keys:4\r\n"
        "keyspace_hits:5\r\nkeyspace_misses:6\r\n# Keyspace\r\ndb0:keys=7,expires=2,avg_ttl=1\r\n"
        "db3:keys=10,expires=1,avg_ttl=1\r\n";
    struct counters counters;
    struct curve curve;
    uint64_t waiting = 0;
    char record[1024], *path;

    (void)state;
    snprintf(record, sizeof record, RECORD_INFO "%s" RECORD_INFO "%s" RECORD_END, (long long)ASSUMED_US,
             sizeof first - 1, first, (long long)ASSUMED_US + 60000000, sizeof second - 1, second, 8ull, 9ull, 10ull,
             11ull);
    path = write_temporary("record", record, strlen(record));
    assert_true(record_read(path, &counters, &curve, &waiting));
    assert_int_equal(counters.baseline_memory, 1000);
    assert_int_equal(counters.used_memory, 2000);
    assert_int_equal(counters.used_memory_peak, 2500);
    assert_int_equal(counters.reads, 11);
    assert_int_equal(counters.expired_keys, 3);
    assert_int_equal(counters.evicted_keys, 4);
    assert_int_equal(counters.keys, 17);
    assert_int_equal(counters.expires, 3);
    assert_int_equal(counters.fills, 8);
    assert_int_equal(counters.oom_rejections, 9);
    assert_int_equal(counters.command_errors, 10);
    assert_int_equal(waiting, 11);
    assert_int_equal(curve.count, 1);
    assert_int_equal(curve.samples[0].time_us, 60000000);
    assert_int_equal(curve.samples[0].keys, 17);
    free(curve.samples);
    remove_temporary(path);
    *strstr(record, "end fills") = '\0';
    path = write_temporary("record", record, strlen(record));
    assert_false(record_read(path, &counters, &curve, &waiting));
    free(curve.samples);
    remove_temporary(path);
}

/* ---- programs and processes ---- */

static void what_is_no_server_is_said(void **state)
{
    struct program program;
    struct error error = {0};

    (void)state;
    assert_int_equal(program_find(&program, "/no/such/server", &error), -1);
    assert_string_equal(error.text, "no such server: '/no/such/server'");
    error = (struct error){0};
    assert_int_equal(program_find(&program, "/bin/echo", &error), -1);
    assert_non_null(strstr(error.text, "not a server"));
}

/* Plays with a shell script in a server's place, in a new directory, to be freed. */
static char *play_with(const char *shell, bool (*keep_on)(void *owner), struct error *error)
{
    char *path = write_temporary("server", shell, strlen(shell)), *directory = support_directory();
    struct program program = {.name = "redis-server"};
    struct play_run run = {.script = "/dev/null", .policy = "noeviction"};
    struct play play = {
        .program = &program, .parallel = 2, .directory = directory, .keep_on = keep_on, .owner = directory};

    snprintf(program.path, sizeof program.path, "%s", path);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(play_runs(&play, &run, 1, error), -1);
    play_run_release(&run);
    remove_temporary(path);
    return directory;
}

static void a_servers_last_words_are_passed_on(void **state)
{
    struct error error = {0};
    char *directory = play_with("#!/bin/sh\necho no port for $2\nexit 3\n", NULL, &error);

    (void)state;
    assert_string_equal(error.text, "the server did not survive the script; its last words: 'no port for 0'");
    support_remove(directory);
    free(directory);
    error = (struct error){0};
    directory = play_with("#!/bin/sh\nexit 0\n", NULL, &error);
    assert_string_equal(error.text, "the server did not play the whole script; its last words: ''");
    support_remove(directory);
    free(directory);
}

static bool until_it_runs(void *owner)
{
    char *path = path_join(owner, "0000/pids");
    bool runs = access(path, F_OK) == 0;

    free(path);
    return !runs;
}

/* Killed, perhaps not yet reaped by whoever inherited it. */
static bool is_gone(int pid)
{
    char path[64], state = '\0';
    FILE *in;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    in = fopen(path, "r");
    if (!in)
        return true;
    if (fscanf(in, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z'; /* it went while it was looked at */
    fclose(in);
    return state == 'Z' || state == 'X';
}

/* The script has started another process by the time it is stopped: neither is left. */
static void no_process_is_left(void **state)
{
    struct error error = {0};
    char *directory, *path;
    int pids[2];
    FILE *in;

    (void)state;
    directory =
        play_with("#!/bin/sh\nsleep 100 &\necho $$ $! >started && mv started pids\nwait\n", until_it_runs, &error);
    assert_int_equal(error.code, ERROR_INTERRUPTED);
    path = path_join(directory, "0000/pids");
    in = fopen(path, "r");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%d %d", &pids[0], &pids[1]), 2);
    fclose(in);
    for (int i = 0; i < 2; i++) {
        for (int tries = 0; tries < 1000 && !is_gone(pids[i]); tries++)
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        assert_true(is_gone(pids[i]));
    }
    free(path);
    support_remove(directory);
    free(directory);
}

/* ---- a server of our own, to see what the library makes of its calls ---- */

static const char SERVER_NAME[] = "a-server-that-says-what-it-sees";

/* The event loop of a server with one client, whose every request is an INFO: a line for each round, with the seconds since
 * the script began, and what was read. The library ends it, behind the script. */
__attribute__((noreturn)) static void serve(void)
{
    static const char info[] = "$15\r\nused_memory:1\r\n\r\n";
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket-to-server"};
    int listening = socket(AF_UNIX, SOCK_STREAM, 0), epoll = epoll_create1(0), client = -1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening};
    bool has_begun = false;

    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 1) ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, listening, &event))
        exit(1);
    for (;;) {
        int count = epoll_wait(epoll, &event, 1, 1000);
        char request[256];

        if (client < 0 && count == 1) {
            client = accept(listening, NULL, NULL);
            epoll_ctl(epoll, EPOLL_CTL_ADD, client, &(struct epoll_event){.events = EPOLLIN, .data.fd = client});
        } else if (client >= 0 && (count || has_begun)) { /* what makes it readable has arrived */
            long bytes = count ? (long)read(client, request, sizeof request) : 0;

            has_begun = true;
            dprintf(STDOUT_FILENO, count ? "%ld s: read %ld\n" : "%ld s: nothing\n",
                    (long)(time(NULL) - ASSUMED_US / 1000000), bytes);
            if (count && write(client, info, sizeof info - 1) < 0)
                exit(1);
        }
    }
}

static struct program ourselves(void)
{
    struct program program;
    ssize_t bytes = readlink("/proc/self/exe", program.path, sizeof program.path - 1);
    char *slash;

    program.path[bytes > 0 ? bytes : 0] = '\0';
    slash = strrchr(program.path, '/');
    assert_non_null(slash);
    strcpy(program.name, SERVER_NAME);
    snprintf(program.library, sizeof program.library, "%.*s/../sim/live/virtual_time.so", (int)(slash - program.path),
             program.path);
    return program;
}

/* While the client has nothing to say, nothing can be read from it. A server that was told otherwise would make room for what
 * it is going to read: Valkey would have given the query buffer of a client away that has been idle, and a new one of
 * 20,480 bytes is in used_memory. */
static void nothing_can_be_read_when_the_loop_wakes(void **state)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    enum { PRELOADS = false }; /* the sanitizer's library has to be the first of a program */
#else
    enum { PRELOADS = true };
#endif
    static const struct {
        int64_t at_s;
        enum turn_kind kind;
    } turns[] = {{1, TURN_INFO}, {2, TURN_WAKE}, {5, TURN_WAKE}, {6, TURN_INFO}, {7, TURN_WAKE}};
    static const char expected[] = "1 s: read 14\n2 s: nothing\n5 s: nothing\n6 s: read 14\n7 s: nothing\n";
    struct program program = ourselves();
    struct play_run run = {.policy = "noeviction"};
    struct play play = {.program = &program, .parallel = 1};
    struct error error = {0};
    char *script, *directory, *log;
    size_t bytes;
    FILE *out;

    (void)state;
    if (!PRELOADS)
        skip();
    run.script = script = write_temporary("script", "", 0);
    play.directory = directory = support_directory();
    out = fopen(script, "w");
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        struct turn turn = {.unix_us = ASSUMED_US + turns[i].at_s * 1000000, .kind = turns[i].kind};
        struct wire wire = {0};

        if (turns[i].kind == TURN_INFO) {
            wire_begin(&wire, "info");
            wire_end(&wire);
        }
        script_put(out, turn, &wire, &(struct wire){0});
        wire_release(&wire);
    }
    fclose(out);
    if (play_runs(&play, &run, 1, &error))
        fail_msg("%s", error.text);
    log = support_read_file(directory, "0000/log", &bytes);
    assert_string_equal(log, expected);
    free(log);
    play_run_release(&run);
    support_remove(directory);
    free(directory);
    remove_temporary(script);
}

int main(int count, char **arguments)
{
    if (count && !strcmp(arguments[0], SERVER_NAME))
        serve();

    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loop_wakes_and_tells_between_the_rows),
        cmocka_unit_test(a_miss_is_followed_by_its_fill),
        cmocka_unit_test(commands_of_any_shape_are_said),
        cmocka_unit_test(a_scenario_comes_before_the_row_of_its_time),
        cmocka_unit_test(the_clock_shows_the_traces_own_time_if_it_has_one),
        cmocka_unit_test(what_a_server_cannot_be_sent_is_named),
        cmocka_unit_test(a_record_becomes_counters_and_a_curve),
        cmocka_unit_test(what_is_no_server_is_said),
        cmocka_unit_test(a_servers_last_words_are_passed_on),
        cmocka_unit_test(no_process_is_left),
        cmocka_unit_test(nothing_can_be_read_when_the_loop_wakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
