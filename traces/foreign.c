/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/foreign.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define OTHER   "give the trace itself"
#define TO_CSV  "write its rows as CSV"
#define CAPTURE "evsim wants what was asked of the server: the output of MONITOR, an append-only file, packets"

/* ---- what begins in its own way ---- */

struct beginning {
    struct foreign foreign;
    const char *bytes;
    size_t count;
};

#define BEGINS(text) text, sizeof text - 1

static const struct beginning beginnings[] = {
    {{"a PNG image", OTHER}, BEGINS("\x89PNG\r\n\x1a\n")},
    {{"a JPEG image", OTHER}, BEGINS("\xff\xd8\xff")},
    {{"a GIF image", OTHER}, BEGINS("GIF8")},
    {{"a PDF document", OTHER}, BEGINS("%PDF-")},
    {{"a program", OTHER},
     BEGINS("\x7f"
            "ELF")},
    {{"a database of SQLite", "write a table of it as CSV: sqlite3 -header -csv FILE 'select * from TABLE'"},
     BEGINS("SQLite format 3")},
    {{"a Parquet file", "write its rows as CSV, for instance: duckdb -csv -c \"from 'FILE'\""}, BEGINS("PAR1")},
    {{"an Avro file", TO_CSV}, BEGINS("Obj\x01")},
    {{"an Arrow file", TO_CSV}, BEGINS("ARROW1")},
    {{"a zip archive (or a spreadsheet)", "unpack it: unzip -p FILE | evsim run -"}, BEGINS("PK\x03\x04")},
    {{"a 7z archive", "unpack it: 7z x -so FILE | evsim run -"}, BEGINS("7z\xbc\xaf\x27\x1c")},
    {{"a RAR archive", "unpack it"}, BEGINS("Rar!\x1a")},
    {{"text in UTF-16", "turn it into UTF-8: iconv -f UTF-16 -t UTF-8 FILE | evsim run -"}, BEGINS("\xff\xfe")},
    {{"text in UTF-16", "turn it into UTF-8: iconv -f UTF-16 -t UTF-8 FILE | evsim run -"}, BEGINS("\xfe\xff")},
    {{"a pointer of Git LFS, not the file", "git lfs pull brings it"}, BEGINS("version https://git-lfs")},
    {{"the binary output of blktrace", "turn it into lines: blkparse -i FILE, and write them as CSV"},
     BEGINS("\x07"
            "tae")},
    {{"what redis-cli --bigkeys prints", CAPTURE}, BEGINS("\n# Scanning the entire keyspace")},
    {{"what redis-benchmark prints", CAPTURE}, BEGINS("====== ")},
    {{"XML", TO_CSV}, BEGINS("<?xml")},
    {{"an error message of redis-cli", "see its first line"}, BEGINS("(error)")},
    {{"an error message of a Redis server", "see its first line"}, BEGINS("-ERR ")},
    {{"an error message of a Redis server", "see its first line"}, BEGINS("-NOAUTH ")},
};

/* ---- what is found by more than its beginning ---- */

static size_t line_bytes(const char *head, size_t bytes)
{
    const char *end = memchr(head, '\n', bytes);

    return end ? (size_t)(end - head) : bytes;
}

static bool is_html(const char *head, size_t bytes)
{
    return (bytes > 9 && !strncasecmp(head, "<!doctype", 9)) || (bytes > 5 && !strncasecmp(head, "<html", 5));
}

static bool is_info(const char *head, size_t bytes)
{
    return (bytes > 8 && !memcmp(head, "# Server", 8)) || memmem(head, bytes, "\nredis_version:", 15) ||
           memmem(head, bytes, "\nused_memory:", 13);
}

/* "  1) ", and what comes behind it. */
static const char *behind_number(const char *head, size_t bytes)
{
    size_t at = 0, digits;

    while (at < bytes && head[at] == ' ')
        at++;
    digits = at;
    while (at < bytes && isdigit((unsigned char)head[at]))
        at++;
    return at > digits && at + 2 < bytes && head[at] == ')' && head[at + 1] == ' ' ? head + at + 2 : NULL;
}

static bool is_slow_log(const char *head, size_t bytes)
{
    const char *inner = behind_number(head, bytes);

    inner = inner ? behind_number(inner, bytes - (size_t)(inner - head)) : NULL;
    return inner && bytes - (size_t)(inner - head) > 9 && !memcmp(inner, "(integer)", 9);
}

static bool is_reply(const char *head, size_t bytes)
{
    return behind_number(head, bytes) != NULL;
}

/* "1:M 28 Nov 2026 10:00:01.123 * Ready to accept connections" */
static bool is_server_log(const char *head, size_t bytes)
{
    size_t at = 0, line = line_bytes(head, bytes);

    while (at < line && isdigit((unsigned char)head[at]))
        at++;
    return at && at + 3 < line && head[at] == ':' && strchr("MSCX", head[at + 1]) && head[at + 2] == ' ' &&
           isdigit((unsigned char)head[at + 3]);
}

static size_t after_blanks(const char *head, size_t bytes, size_t at)
{
    while (at < bytes && isspace((unsigned char)head[at]))
        at++;
    return at;
}

/* A list of objects, or one object over several lines. */
static bool is_json(const char *head, size_t bytes)
{
    size_t at = after_blanks(head, bytes, 0), next;

    if (at == bytes || (head[at] != '[' && head[at] != '{'))
        return false;
    next = after_blanks(head, bytes, at + 1);
    return next < bytes && head[next] == (head[at] == '[' ? '{' : '"') &&
           (head[at] == '[' || memchr(head + at, '\n', next - at));
}

/* The first line that is neither empty nor a comment begins with a directive. */
static bool is_redis_conf(const char *head, size_t bytes)
{
    static const char *const directives[] = {"maxmemory",  "maxmemory-policy", "bind",    "port",           "save",
                                             "appendonly", "daemonize",        "include", "protected-mode", "dir"};
    size_t at = 0;

    while (at < bytes && (head[at] == '#' || head[at] == '\n' || head[at] == '\r'))
        at += line_bytes(head + at, bytes - at) + 1;
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        size_t length = strlen(directives[i]);

        if (at + length < bytes && !strncasecmp(head + at, directives[i], length) && head[at + length] == ' ')
            return true;
    }
    return false;
}

/* "set key 0 60 3" */
static bool is_memcached(const char *head, size_t bytes)
{
    static const char *const commands[] = {"set ", "get ", "gets ", "add ", "replace ", "delete ", "cas "};
    size_t line = line_bytes(head, bytes);

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (line > strlen(commands[i]) && !memcmp(head, commands[i], strlen(commands[i])) && head[line - 1] == '\r')
            return true;
    return false;
}

/* 203.0.113.7 - - [28/Nov/2026:10:00:01 +0000] "GET /a.css HTTP/1.1" 200 512 */
static bool is_access_log(const char *head, size_t bytes)
{
    size_t line = line_bytes(head, bytes);

    return memmem(head, line, "] \"GET ", 7) || memmem(head, line, "] \"POST ", 8) ||
           memmem(head, line, "] \"HEAD ", 8);
}

static bool is_zeros(const char *head, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (head[i])
            return false;
    return true;
}

static const struct {
    struct foreign foreign;
    bool (*is)(const char *head, size_t bytes);
} looks[] = {
    {{"a web page, not the file", "it may ask for a name and a password: look at it in a browser"}, is_html},
    {{"the output of INFO", "it says what the server holds, not what it was asked. " CAPTURE}, is_info},
    {{"the output of SLOWLOG GET", "it has the slow commands alone. " CAPTURE}, is_slow_log},
    {{"a reply that redis-cli printed", CAPTURE}, is_reply},
    {{"the log of a server", CAPTURE}, is_server_log},
    {{"JSON, but not an object a line", "turn it into lines: jq -c '.[]' FILE | evsim run - (of a list; else jq -c .)"},
     is_json},
    {{"a redis.conf", "give it as --config FILE, beside a trace"}, is_redis_conf},
    {{"the access log of a web server",
      "write its time, path and size as CSV: evsim run --columns time=1,key=2,value-size=3"},
     is_access_log},
    {{"memcached's protocol", "evsim reads captures of Redis; write what was asked as CSV"}, is_memcached},
    {{"nothing but zeros", "it was not copied to its end, or its disk was full: bring it again"}, is_zeros},
};

const struct foreign *foreign_beginning(const char *head, size_t bytes)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (bytes >= beginnings[i].count && !memcmp(head, beginnings[i].bytes, beginnings[i].count))
            return &beginnings[i].foreign;
    return NULL;
}

const struct foreign *foreign_file(const char *head, size_t bytes)
{
    const struct foreign *foreign = foreign_beginning(head, bytes);

    if (foreign)
        return foreign;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (looks[i].is(head, bytes))
            return &looks[i].foreign;
    return NULL;
}
