/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_bounded: what a file says of itself is given no more memory than --memory-limit: windows, dictionaries, lines, fields, commands,
 * strings, counts, keys, connections, and lines of what is no trace. Each is a file of a few bytes or a few megabytes that asks for more. evsim must end with one line
 * that names the file and a remedy, with status 3, and must not have taken the memory. */
#include "tests/support_command.h"
#include "tests/support_packets.h"
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "traces/capture/flow.h"
#include "traces/evt/layout.h"

#include <endian.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <lzma.h>
#include <pcap/pcap.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define LIMIT "2mb"

enum {
    MIB = 1 << 20,
    PEAK_KIB = 40 << 10, /* of the whole program: it takes some 10 MiB to begin with */
    SAID = 4096,
};

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { PEAK_IS_KNOWN = 0 }; /* of a program that has a sanitizer's shadow */
#else
enum { PEAK_IS_KNOWN = 1 };
#endif

struct text {
    char *bytes;
    size_t count;
};

static void add(struct text *text, const void *bytes, size_t count)
{
    text->bytes = xrealloc(text->bytes, text->count + count);
    memcpy(text->bytes + text->count, bytes, count);
    text->count += count;
}

static void add_line(struct text *text, const char *line)
{
    add(text, line, strlen(line));
}

static void add_many(struct text *text, char byte, size_t count)
{
    text->bytes = xrealloc(text->bytes, text->count + count);
    memset(text->bytes + text->count, byte, count);
    text->count += count;
}

/* Runs `evsim COMMAND` in a process of its own, after these commands of a shell, where "$f" is a file of these bytes; what it says on
 * standard error goes to said[]. Returns its status, and the peak of its memory. */
static int run_limited(const char *command, const struct text *text, const char *before, char *said, long *peak_kib)
{
    char *path = write_temporary("trace", text->bytes, text->count), line[1024];
    int pipes[2], status;
    struct rusage usage;
    size_t count = 0;
    ssize_t got;

    snprintf(line, sizeof line, "f=%s; %s exec \"$EVSIM\" %s 2>&1 >/dev/null", path, before, command);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        dup2(pipes[1], STDOUT_FILENO);
        close(pipes[0]);
        close(pipes[1]);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    while (count + 1 < SAID && (got = read(pipes[0], said + count, SAID - 1 - count)) > 0)
        count += (size_t)got;
    said[count] = '\0';
    close(pipes[0]);
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    *peak_kib = usage.ru_maxrss;
    remove_temporary(path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs `evsim COMMAND --memory-limit 2mb`. */
static int run(const char *command, const struct text *text, char *said, long *peak_kib)
{
    char line[512];

    snprintf(line, sizeof line, "%s --memory-limit " LIMIT, command);
    return run_limited(line, text, "", said, peak_kib);
}

/* It ends with one line that says this, and stays small. Frees the text. */
static void expect_refused(const char *command, struct text *text, const char *what)
{
    char said[SAID];
    long peak_kib;
    int status = run(command, text, said, &peak_kib);

    if (status != 3 || !strstr(said, what) || !strstr(said, "/trace") || (strchr(said, '\n') && strchr(said, '\n')[1]))
        fail_msg("evsim %s: status %d, where 3 and '%s' were expected:\n%s", command, status, what, said);
    if (PEAK_IS_KNOWN && peak_kib > PEAK_KIB)
        fail_msg("evsim %s: '%s' after %ld KiB", command, what, peak_kib);
    free(text->bytes);
    *text = (struct text){0};
}

static const char convert[] = "convert -q \"$f\" /dev/null --to txt";

static void expect_bounded(struct text *text, const char *what)
{
    expect_refused(convert, text, what);
}

static const char row[] = "0,k,1,1,1,get,0\n";

/* A zstd frame that asks for a window of 2^log bytes; its first block is a row of a trace, and so many blocks of 128 KiB of line feeds
 * follow. */
static struct text zstd_frame(int log, int blocks)
{
    enum { RAW = 0, RLE = 1, BLOCK = 128 << 10 };
    struct text text = {0};
    uint32_t head;

    add(&text, "\x28\xb5\x2f\xfd", 4);
    add(&text, "", 1);
    add(&text, &(char){(char)((log - 10) << 3)}, 1);
    head = htole32((uint32_t)(!blocks | RAW << 1 | (sizeof row - 1) << 3));
    add(&text, &head, 3);
    add_line(&text, row);
    for (int i = 1; i <= blocks; i++) {
        head = htole32((uint32_t)((i == blocks) | RLE << 1 | BLOCK << 3));
        add(&text, &head, 3);
        add(&text, "\n", 1);
    }
    return text;
}

static void a_window_is_bounded(void **state)
{
    struct text text = zstd_frame(31, 0);

    (void)state;
    expect_bounded(&text, ": a zstd frame's window takes 2.00 GiB of this machine's memory, more than --memory-limit "
                          "2.00 MiB: raise it, or "
                          "pack it anew without --long");
    text = zstd_frame(22, 0);
    expect_bounded(&text, ": a zstd frame's window takes 4.00 MiB");
}

/* 32 MiB out of a kilobyte: they pass through. */
static void a_bomb_streams(void **state)
{
    struct text text = zstd_frame(20, 256);
    char said[SAID];
    long peak_kib;

    (void)state;
    assert_true(text.count < 4096);
    assert_int_equal(run("inspect -q \"$f\"", &text, said, &peak_kib), 0);
    assert_string_equal(said, "");
    if (PEAK_IS_KNOWN)
        assert_true(peak_kib < PEAK_KIB);
    expect_bounded(&text, ": the text between two requests, which evsim convert keeps, takes ");
}

static void a_dictionary_is_bounded(void **state)
{
    enum { BLOCK = 12, PROPERTY = BLOCK + 4, OF_3_GIB = 39 };
    uint8_t packed[1024];
    lzma_stream stream = LZMA_STREAM_INIT;
    size_t bytes;
    struct text text = {0};
    uint32_t sum;

    (void)state;
    assert_int_equal(lzma_easy_encoder(&stream, 6, LZMA_CHECK_CRC32), LZMA_OK);
    stream.next_in = (const uint8_t *)row;
    stream.avail_in = sizeof row - 1;
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
    bytes = sizeof packed - stream.avail_out;
    lzma_end(&stream);
    assert_int_equal(packed[BLOCK + 2], 0x21); /* the filter is LZMA2, */
    packed[PROPERTY] = OF_3_GIB;
    size_t end = BLOCK + ((size_t)packed[BLOCK] + 1) * 4 - 4; /* and the block's head ends with a checksum */
    sum = htole32(lzma_crc32(packed + BLOCK, end - BLOCK, 0));
    memcpy(packed + end, &sum, 4);
    add(&text, packed, bytes);
    expect_bounded(&text, ": an xz block's dictionary takes 3.00 GiB of this machine's memory, more than "
                          "--memory-limit 2.00 MiB: raise it, "
                          "or pack it anew with a smaller one (xz -6)");
}

static void a_line_is_bounded_and_named(void **state)
{
    struct text text = {0};

    (void)state;
    add_line(&text, "0,k,1,1,1,get,0\n0,");
    add_many(&text, 'k', 3 * MIB);
    expect_bounded(&text, ": line 2 takes 4.00 MiB of this machine's memory, more than --memory-limit 2.00 MiB: raise "
                          "it, or look whether");
    add_line(&text, "1700000000.1 [0 127.0.0.1:5] \"get\" \"a\"\n1700000000.1 [0 127.0.0.1:5] \"get\" \"");
    add_many(&text, 'k', 3 * MIB);
    expect_bounded(&text, ": line 2 takes 4.00 MiB");
    add_line(&text, "{\"time\":1,\"key\":\"k\"}\n{\"time\":1,\"key\":\"");
    add_many(&text, 'k', 3 * MIB);
    expect_bounded(&text, ": line 2 takes 4.00 MiB");
    add_line(&text, "time,key,op,value-size\n1,\"");
    add_many(&text, 'k', 3 * MIB);
    expect_bounded(&text, " takes 2.");
    add_line(&text, "time,key,op,value-size\n1,k,get,1");
    add_many(&text, ',', 1 << 17);
    add_line(&text, "\n");
    expect_bounded(&text, ":2: row of more than 65536 columns");
}

static void a_command_is_bounded(void **state)
{
    enum { ARGUMENTS = 20000 };
    struct text text = {0};

    (void)state;
    add_line(&text, "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$500000000\r\n");
    add_many(&text, 'x', 3 * MIB);
    expect_bounded(
        &text, ": what begins at byte 20 takes 4.00 MiB of this machine's memory, more than --memory-limit 2.00 MiB");
    add_line(&text, "*20001\r\n$4\r\nMGET\r\n");
    for (int i = 0; i < ARGUMENTS; i++)
        add_line(&text, "$1\r\na\r\n");
    expect_bounded(&text, ": a command of so many arguments takes 3.05 MiB");
    add_line(&text, "1700000000.1 [0 127.0.0.1:5] \"get\" \"a\"\n1700000000.1 [0 127.0.0.1:5] \"mget\"");
    for (int i = 0; i < ARGUMENTS; i++)
        add_line(&text, " \"a\"");
    add_line(&text, "\n");
    expect_bounded(&text, ": a command of so many arguments takes 3.05 MiB");
}

/* A key of an RDB file whose string is said to have 500 MB. */
static void a_string_of_a_dump_is_bounded(void **state)
{
    struct text text = {0};

    (void)state;
    add(&text,
        "REDIS0009\xfe\x00\x00\x01"
        "a\x80",
        15);
    add_many(&text, '\0', 4);
    text.bytes[15] = 0x1d; /* big-endian: 0x1dcd6500 */
    text.bytes[16] = (char)0xcd;
    text.bytes[17] = 0x65;
    add_many(&text, 'x', 3 * MIB);
    expect_bounded(
        &text, ": what begins at byte 11 takes 8.00 MiB of this machine's memory, more than --memory-limit 2.00 MiB");
}

/* ---- the compiled form ---- */

/* As evsim writes it, of a trace of one key. */
static struct text compiled(void)
{
    static const char trace[] = "0,k,1,1,1,get,0\n1,k,1,1,1,set,0\n";
    char *path = write_temporary("one", trace, sizeof trace - 1), name[] = "/tmp/evsim-bounded-XXXXXX", line[1024];
    struct text text = {0};
    int file = mkstemp(name);

    assert_true(file >= 0);
    snprintf(line, sizeof line, "\"$EVSIM\" convert -q %s %s --to evt --compression none", path, name);
    assert_int_equal(system(line), 0);
    close(file);
    file = open(name, O_RDONLY | O_CLOEXEC); /* the name is that of another file now */
    text.bytes = xmalloc(MIB);
    text.count = (size_t)read(file, text.bytes, MIB);
    close(file);
    unlink(name);
    remove_temporary(path);
    return text;
}

static uint32_t number_at(const char *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof number);
    return le32toh(number);
}

static void put_number(char *at, uint32_t number)
{
    number = htole32(number);
    memcpy(at, &number, sizeof number);
}

static char *first_block(const struct text *text)
{
    char *block = text->bytes + EVT_HEAD_BYTES + number_at(text->bytes + 12);

    assert_memory_equal(block, EVT_BLOCK_MAGIC, EVT_MAGIC_BYTES);
    return block;
}

/* Makes the checksums right, so that only what the block says of itself is wrong. */
static void seal(char *block)
{
    uint64_t sum = htole64(XXH64(block + EVT_BLOCK_HEAD_BYTES, number_at(block + 24), 0));

    memcpy(block + 32, &sum, sizeof sum);
    sum = htole64(XXH64(block, 40, 0));
    memcpy(block + 40, &sum, sizeof sum);
}

/* Adds a column of so many values, all of them 0, which take no byte. */
static void add_column(struct text *text, enum evt_kind kind, uint32_t count)
{
    char *block = first_block(text), section[EVT_SECTION_BYTES] = {(char)kind, 0, EVT_OFFSETS};
    uint32_t sections = number_at(block + 12), bytes = number_at(block + 24);
    char *table_end = block + EVT_BLOCK_HEAD_BYTES + sections * EVT_SECTION_BYTES;

    put_number(section + 8, count);
    memmove(table_end + EVT_SECTION_BYTES, table_end, text->count - (size_t)(table_end - text->bytes));
    text->count += EVT_SECTION_BYTES;
    memcpy(table_end, section, EVT_SECTION_BYTES);
    put_number(block + 12, sections + 1);
    put_number(block + 24, bytes + EVT_SECTION_BYTES);
    seal(block);
}

static void set_keys(const struct text *text, uint32_t count)
{
    char *block = first_block(text);
    uint32_t sections = number_at(block + 12);

    for (uint32_t i = 0; i < sections; i++) {
        char *section = block + EVT_BLOCK_HEAD_BYTES + i * EVT_SECTION_BYTES;

        if (section[0] == EVT_KEY_BYTES)
            put_number(section + 8, count);
    }
    put_number(block + 28, count);
    seal(block);
}

static void counts_of_the_compiled_form_are_bounded(void **state)
{
    struct text text = compiled();

    (void)state;
    add_column(&text, EVT_STRING_BYTES, UINT32_MAX);
    expect_bounded(
        &text, ": the places of its texts takes 64.0 GiB of this machine's memory, more than --memory-limit 2.00 MiB");
    text = compiled();
    set_keys(&text, 1000000000);
    expect_bounded(&text, ": the list of its keys takes 16.0 GiB");
    text = compiled();
    add_column(&text, EVT_CLOSING_TIME, UINT32_MAX);
    add_column(&text, EVT_CLOSING_CLIENT, UINT32_MAX);
    expect_bounded(&text, ": the list of closed connections takes 128 GiB");
    text = compiled();
    set_keys(&text, 1000000000);
    expect_refused("inspect -q \"$f\"", &text, " takes ");
}

/* ---- keys ---- */

static struct text keys(int count)
{
    struct text text = {0};
    char line[64];

    for (int i = 0; i < count; i++) {
        snprintf(line, sizeof line, "%d,key%d,6,1,1,get,0\n", i / 100, i);
        add_line(&text, line);
    }
    return text;
}

static void keys_are_refused_with_a_forecast(void **state)
{
    struct text text = keys(30000);

    (void)state;
    expect_bounded(&text, " keys takes 2.");
    text = keys(30000);
    expect_refused("mrc -q \"$f\"", &text, ": reading its first ");
    text = keys(15000);
    expect_refused("inspect -q \"$f\"", &text, " keys takes ");
    text = keys(5000);
    expect_refused("doctor -q \"$f\" -m 1mb", &text, " cells over its first 5,000 keys takes ");
    text = keys(30000);
    expect_refused("size -q \"$f\" -g 'hit_ratio>=0.5'", &text, "raise it, or ");
}

/* ---- captures ---- */

/* Clients that begin a command, each, and do not end it. So many bytes before it are missing. */
static void expect_begun_is_bounded(unsigned missing)
{
    enum { CLIENTS = 60, VALUE = 40 << 10 };
    static const char head[] = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$500000000\r\n";
    struct packets packets = {.link = DLT_EN10MB};
    struct text text = {0};

    add_line(&text, head);
    add_many(&text, 'x', VALUE);
    for (unsigned i = 0; i < CLIENTS; i++) {
        packets_add(&packets, &(struct packet){.time_us = i, .client = i, .flags = PACKET_SYN, .sequence = 99});
        packets_add(&packets,
                    &(struct packet){
                        .time_us = i, .client = i, .sequence = 100 + missing, .data = text.bytes, .bytes = text.count});
    }
    free(text.bytes);
    text = (struct text){packets.bytes, packets.count};
    expect_bounded(&text, ": what its connections have begun up to packet ");
}

static void what_connections_begin_is_bounded(void **state)
{
    (void)state;
    expect_begun_is_bounded(0);
    expect_begun_is_bounded(5); /* what comes too early waits */
}

static void take_nothing(void *owner, const char *data, uint64_t bytes)
{
    *(uint64_t *)owner += data ? bytes : 0;
}

/* What came too early waits: here every other byte. Many pieces take more than their bytes, and time to be put in order. */
static void pieces_that_wait_are_bounded(void **state)
{
    enum { PIECES = 40000, MOST = 20000 };
    struct flow flow = {0};
    uint64_t taken = 0;

    (void)state;
    flow_begin(&flow, 100);
    for (uint32_t i = 0; i < PIECES; i++) {
        flow_add(&flow, 101 + 2 * i, "x", 1, 1, 0, take_nothing, &taken);
        assert_true(flow.waiting_count < MOST && flow.memory < MOST * 64);
    }
    assert_true(flow.waiting_count > 1000 && flow.memory > flow.waiting_count * sizeof(uint64_t));
    flow_end(&flow, take_nothing, &taken);
    assert_int_equal(taken, PIECES);
    assert_int_equal(flow.waiting_count + flow.memory + flow.waiting_bytes, 0);
    flow_release(&flow);
}

/* ---- files that are no traces ---- */

static void a_line_of_a_small_file_is_bounded(void **state)
{
    static const char *const commands[] = {
        "run tests/data/sample.csv.zst -m 1mb -p allkeys-lru --config \"$f\"",
        "run tests/data/sample.csv.zst -m 1mb -p allkeys-lru --scenario \"$f\"",
        "run tests/data/sample.csv.zst -m 1mb -p allkeys-lru --by prefix --miss-cost \"$f\"",
    };
    static const char *const whole[] = {
        "run tests/data/sample.csv.zst -m 1mb -p allkeys-lru --slots \"$f\"",
        "size tests/data/sample.csv.zst -g 'hit_ratio>=0.5' --rule x --instances \"$f\"",
    };
    struct text text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        add_line(&text, "# a comment\n#");
        add_many(&text, 'k', 3 * MIB);
        expect_refused(commands[i], &text,
                       ":2: this line takes 4.00 MiB of this machine's memory, more than "
                       "--memory-limit 2.00 MiB: raise it, or look whether it is the file that was "
                       "meant");
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        add_many(&text, '#', 3 * MIB);
        expect_refused(whole[i], &text, ": its text takes 4.00 MiB of this machine's memory, more than ");
    }
}

static void events_of_a_scenario_are_bounded(void **state)
{
    enum { EVENTS = 10000 };
    struct text text = {0};

    (void)state;
    for (int i = 0; i < EVENTS; i++)
        add_line(&text, "1s BGSAVE 1s\n");
    expect_refused("run tests/data/sample.csv.zst -m 1mb -p allkeys-lru --scenario \"$f\"", &text,
                   ": the list of events up to here takes ");
}

/* Where no option allows more, the limit is the machine's: here a resource limit. A line of 1 MiB takes 81 as JSON. */
static void json_is_bounded(void **state)
{
    static const char *const commands[] = {"unit \"$f\" -i 0 -o /dev/null/x", "merge \"$f\" /dev/null",
                                           "gen -n 1 --value-sizes file:\"$f\""};
    struct text text = {0};
    char said[SAID], line[256];
    long peak_kib;

    (void)state;
    add_line(&text, "{\"evsim-plan\":[");
    add_many(&text, ',', MIB);
    for (size_t i = text.count - MIB; i + 2 < text.count; i += 3) /* "[]," */
        memcpy(text.bytes + i, "[]", 2);
    add_line(&text, "0]}\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands && PEAK_IS_KNOWN; i++) {
        snprintf(line, sizeof line, "%s", commands[i]);
        assert_int_equal(run_limited(line, &text, "ulimit -v 81920; ", said, &peak_kib), 3);
        assert_non_null(strstr(said, " of memory, and this machine has 80.0 MiB: look whether it is the file that was "
                                     "meant\n"));
        assert_true(peak_kib < PEAK_KIB);
    }
    free(text.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_is_bounded),
        cmocka_unit_test(a_bomb_streams),
        cmocka_unit_test(a_dictionary_is_bounded),
        cmocka_unit_test(a_line_is_bounded_and_named),
        cmocka_unit_test(a_command_is_bounded),
        cmocka_unit_test(a_string_of_a_dump_is_bounded),
        cmocka_unit_test(counts_of_the_compiled_form_are_bounded),
        cmocka_unit_test(keys_are_refused_with_a_forecast),
        cmocka_unit_test(what_connections_begin_is_bounded),
        cmocka_unit_test(pieces_that_wait_are_bounded),
        cmocka_unit_test(a_line_of_a_small_file_is_bounded),
        cmocka_unit_test(events_of_a_scenario_are_bounded),
        cmocka_unit_test(json_is_bounded),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
