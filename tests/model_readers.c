/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_readers: readers of traces against slow and plain ones, which take a byte at a time and know a few commands only.
 *
 *     random rows ──▶ text, a few bytes of it changed ──┬──▶ the reader ──▶ records, or where it stopped
 *                                                        └──▶ its twin   ──▶ the same
 *
 * What a twin does not know (another command, an empty key) is not compared. The readers get
 * their rows by one, by seven or by sixty-four. EVSIM_TEST_SEED draws others. */
#include "tests/support_random.h"
#include "tests/support_trace.h"

#include "sim/alloc.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXTS = 500, TEXT_ROOM = 8192, ROWS = 6, WORD_ROOM = 64 };

static const int rooms[] = {1, 7, 64};

/* What a twin has read. */
struct twin {
    char records[TEXT_ROOM];
    size_t used;
    bool is_bad;   /* it stopped at something that cannot be */
    bool is_other; /* there is something that the twin does not know */
};

__attribute__((format(printf, 2, 3))) static void tell(struct twin *twin, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    twin->used += (size_t)vsnprintf(twin->records + twin->used, TEXT_ROOM - twin->used, format, arguments);
    va_end(arguments);
    assert_true(twin->used < TEXT_ROOM);
}

struct taken {
    char text[WORD_ROOM];
    size_t bytes;
};

/* As records are printed by support_trace. */
static void tell_key(struct twin *twin, const struct taken *key)
{
    for (size_t i = 0; i < key->bytes; i++) {
        unsigned char byte = (unsigned char)key->text[i];

        tell(twin, byte > ' ' && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
}

/* The text is not terminated. */
static bool is_word(const struct taken *word, const char *text)
{
    return word->bytes == strlen(text) && !strncasecmp(word->text, text, word->bytes);
}

/* A command of a capture: GET key, SET key value, DEL key. */
static void take_command(struct twin *twin, int64_t time_us, bool is_timed, const struct taken *words, size_t count)
{
    bool sets = count == 3 && is_word(&words[0], "set"), gets = count == 2 && is_word(&words[0], "get"),
         deletes = count == 2 && is_word(&words[0], "del");

    if ((!sets && !gets && !deletes) || !words[1].bytes) {
        twin->is_other = true;
        return;
    }
    if (is_timed)
        tell(twin, "%" PRId64 " ", time_us);
    else
        tell(twin, "- ");
    tell(twin, "%s ", sets ? "set" : gets ? "get" : "del");
    tell_key(twin, &words[1]);
    if (sets)
        tell(twin, " %zu\n", words[2].bytes);
    else
        tell(twin, gets ? " ?\n" : " 0\n");
    /* a number is told as such */
    twin->is_other |= sets && (isdigit((unsigned char)*words[2].text) || *words[2].text == '-');
}

static void compare(const char *format, const char *text, size_t bytes, const struct twin *twin)
{
    int room = rooms[bytes % (sizeof rooms / sizeof *rooms)];
    struct reading *r = read_bytes((struct how){.format = format, .room = room}, text, bytes);

    if (strcmp(r->text, twin->records) != 0 || (r->status < 0) != twin->is_bad)
        fail_msg("%s, %d rows at a time, of:\n%.*s\nthe reader says %d '%s':\n%s\nits twin says %d:\n%s", format, room,
                 (int)bytes, text, r->status, r->error.text, r->text, twin->is_bad ? -1 : 0, twin->records);
    reading_free(r);
}

static void change_some(struct random *random, char *text, size_t bytes, const char *by)
{
    for (uint64_t changes = random_below(random, 4); changes > 1; changes--) /* half of the texts stay as they are */
        text[random_below(random, bytes)] = by[random_below(random, strlen(by))];
}

/* Writes a text of rows into TEXT_ROOM and returns its bytes; where no twin reads it, tells what they are. */
typedef size_t make_fn(struct random *random, char *text, struct twin *twin);
typedef void read_fn(struct twin *twin, const char *at, const char *end);

/* At least half of the texts can be compared: the others are those that the twin does not know. */
static void compare_texts(const char *format, make_fn *make, read_fn *read)
{
    struct random random = random_start();
    int compared = 0;

    for (int i = 0; i < TEXTS; i++) {
        char text[TEXT_ROOM];
        struct twin twin = {.used = 0};
        size_t bytes = make(&random, text, &twin);

        if (read)
            read(&twin, text, text + bytes);
        if (twin.is_other)
            continue;
        compare(format, text, bytes, &twin);
        compared++;
    }
    assert_in_range(compared, TEXTS / 2, TEXTS);
}

/* ---- RESP ---- */

/* Takes "$12\r\n". False: it is not there. */
static bool take_length(const char **at, const char *end, char kind, uint64_t *length)
{
    int digits = 0;

    if (*at == end || **at != kind)
        return false;
    for (*length = 0, ++*at; *at < end && isdigit((unsigned char)**at) && digits < 18; ++*at, digits++)
        *length = *length * 10 + (uint64_t)(**at - '0');
    if (!digits || end - *at < 2 || (*at)[0] != '\r' || (*at)[1] != '\n')
        return false;
    *at += 2;
    return true;
}

static void read_resp(struct twin *twin, const char *at, const char *end)
{
    while (at < end && !twin->is_bad && !twin->is_other) {
        struct taken words[4];
        uint64_t count, bytes;

        if (*at != '*' || !take_length(&at, end, '*', &count)) {
            twin->is_bad = true;
            return;
        }
        if (!count || count > 4) { /* an empty command; one that may go on behind the end */
            twin->is_other = true;
            return;
        }
        for (uint64_t i = 0; i < count; i++) {
            if (!take_length(&at, end, '$', &bytes)) {
                twin->is_bad = true;
                return;
            }
            if (bytes >= WORD_ROOM || (uint64_t)(end - at) < bytes + 2) {
                twin->is_other = true; /* cut off: it is left out, and said */
                return;
            }
            memcpy(words[i].text, at, bytes);
            words[i].text[words[i].bytes = bytes] = '\0';
            at += bytes;
            if (at[0] != '\r' || at[1] != '\n') {
                twin->is_bad = true;
                return;
            }
            at += 2;
        }
        take_command(twin, 0, false, words, count);
    }
}

static size_t make_resp(struct random *random, char *text, struct twin *twin)
{
    static const char *const names[] = {"GET", "SET", "DEL", "set"};
    size_t bytes = 0;

    (void)twin;
    for (int row = 0; row < ROWS; row++) {
        const char *name = names[random_below(random, 4)];
        bool sets = !strcasecmp(name, "set");
        int key = 1 + (int)random_below(random, 12), value = (int)random_below(random, 30);

        bytes += (size_t)snprintf(text + bytes, TEXT_ROOM - bytes, "*%d\r\n$3\r\n%s\r\n$%d\r\n%.*s\r\n", 2 + sets, name,
                                  key, key, "k:1$*2,3\"x'y");
        if (sets)
            bytes += (size_t)snprintf(text + bytes, TEXT_ROOM - bytes, "$%d\r\n%.*s\r\n", value, value,
                                      "v\r\n*1\r\n$4\r\nPING\r\nvvvvvvvvvvvvv");
    }
    change_some(random, text, bytes, "*$\r\n0129kGx");
    return bytes;
}

static void resp_is_read_as_by_its_twin(void **state)
{
    (void)state;
    compare_texts("resp", make_resp, read_resp);
}

/* ---- MONITOR ---- */

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* Takes `"..."`. 1; 0: an escape that is none; -1: quotes that no server writes, of which the reader takes some. */
static int take_word(const char **at, const char *end, struct taken *word)
{
    static const char letters[] = "\\\"nrtab", meant[] = "\\\"\n\r\t\a\b";

    word->bytes = 0;
    if (*at == end || *(*at)++ != '"')
        return -1;
    while (*at < end && **at != '"') {
        char c = *(*at)++;

        if (c == '\\') {
            const char *letter = *at < end && **at ? strchr(letters, **at) : NULL;

            if (letter)
                c = meant[letter - letters];
            else if (end - *at >= 3 && **at == 'x' && digit((*at)[1]) >= 0 && digit((*at)[2]) >= 0)
                c = (char)(digit((*at)[1]) * 16 + digit((*at)[2]));
            else
                return 0;
            *at += letter ? 1 : 3;
        }
        if (word->bytes + 1 == WORD_ROOM)
            return -1;
        word->text[word->bytes++] = c;
    }
    word->text[word->bytes] = '\0';
    return *at < end && *(*at)++ == '"' && (*at == end || *(*at)++ == ' ') ? 1 : -1;
}

static void read_monitor(struct twin *twin, const char *at, const char *end)
{
    while (at < end && !twin->is_bad && !twin->is_other) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        unsigned seconds, micros, db, port;
        struct taken words[4];
        size_t count = 0;
        int used = 0;

        if (stop == at || sscanf(at, "%10u.%6u [%1u 127.0.0.1:%5u] %n", &seconds, &micros, &db, &port, &used) != 4 ||
            !used || db) {
            twin->is_other = true; /* the head is not what this is about */
            return;
        }
        at += used;
        while (at < stop && count < 4 && !twin->is_bad && !twin->is_other) {
            int found = take_word(&at, stop, &words[count++]);

            twin->is_bad = !found;
            twin->is_other = found < 0;
        }
        if (!twin->is_bad && !twin->is_other)
            take_command(twin, (int64_t)seconds * 1000000 + micros, true, words, count);
        at = stop + 1;
    }
}

static size_t make_monitor(struct random *random, char *text, struct twin *twin)
{
    static const char *const keys[] = {"k", "a b", "\\x41\\x62", "q\\\"q", "back\\\\", "t\\t", "user:1", "\\\"\\\""};
    static const char *const values[] = {"",         "v",           "\\x00\\xff", "a\\nb",
                                         "\\\\\\\\", "x\\\" \\\"y", "[0 1] ",     "\\a\\b\\r"};
    int changed = (int)random_below(random, ROWS);
    size_t bytes = 0;

    (void)twin;
    for (int row = 0; row < ROWS; row++) {
        uint64_t kind = random_below(random, 3);
        int head = snprintf(text + bytes, TEXT_ROOM - bytes, "17000000%02d.%06d [0 127.0.0.1:5000] ", row, row * 7),
            begin = (int)bytes + head, length;

        length = snprintf(text + begin, TEXT_ROOM - (size_t)begin, kind ? "\"%s\" \"%s\"" : "\"%s\" \"%s\" \"%s\"",
                          kind == 0   ? "SET"
                          : kind == 1 ? "get"
                                      : "del",
                          keys[random_below(random, 8)], values[random_below(random, 8)]);
        if (row == changed)
            change_some(random, text + begin, (size_t)length,
                        "\\xn0a"); /* not quotes: the reader takes some that a server would escape */
        bytes = (size_t)(begin + length);
        text[bytes++] = '\n';
    }
    return bytes;
}

static void monitor_is_read_as_by_its_twin(void **state)
{
    (void)state;
    compare_texts("monitor", make_monitor, read_monitor);
}

/* ---- CSV ---- */

/* A field, quoted or not, to its end. 1; 2 where the row ends, too; 0: quotes that this does not know. */
static int take_field(const char **at, const char *end, struct taken *field)
{
    bool quoted = *at < end && **at == '"';

    field->bytes = 0;
    *at += quoted;
    while (*at < end) {
        char c = *(*at)++;

        if (quoted && c == '"' && *at < end && **at == '"') {
            ++*at;
        } else if (quoted && c == '"') {
            quoted = false;
            if (*at < end && **at != ',' && **at != '\n')
                return 0;
            continue;
        } else if (!quoted && c == '"') {
            return 0;
        } else if (!quoted && (c == ',' || c == '\n')) {
            field->text[field->bytes] = '\0';
            return c == ',' ? 1 : 2;
        }
        if (field->bytes + 1 == WORD_ROOM)
            return 0;
        field->text[field->bytes++] = c;
    }
    return 0;
}

static void read_csv(struct twin *twin, const char *at, const char *end)
{
    at = memchr(at, '\n', (size_t)(end - at));
    at++; /* behind the header */
    while (at < end && !twin->is_other) {
        struct taken fields[4];
        int count = 0, found = 1;

        while (count < 4 && found == 1)
            found = take_field(&at, end, &fields[count++]);
        if (found != 2 || count != 4 || !fields[1].bytes) {
            twin->is_other = true;
            return;
        }
        tell(twin, "%s000000 %s ", fields[0].text, fields[2].text);
        tell_key(twin, &fields[1]);
        tell(twin, " %s\n", fields[3].text);
    }
}

static size_t make_csv(struct random *random, char *text, struct twin *twin)
{
    static const char *const keys[] = {"k", "a,b", "\"\"", "user:1", ",", "x\"\"y,z", "'q'", "1"};
    size_t bytes = (size_t)snprintf(text, TEXT_ROOM, "time,key,op,value-size\n");

    (void)twin;
    for (int row = 0; row < ROWS; row++) {
        const char *key = keys[random_below(random, 8)];
        const char *quote = strpbrk(key, ",\"") || random_chance(random, 50) ? "\"" : "",
                   *other = random_chance(random, 50) ? "\"" : "";

        bytes += (size_t)snprintf(text + bytes, TEXT_ROOM - bytes, "%s%d%s,%s%s%s,%s%s%s,%s%d%s\n", other, 1 + row,
                                  other, quote, key, quote, other, row % 2 ? "get" : "set", other, quote,
                                  1 + (int)random_below(random, 5000), quote);
    }
    return bytes;
}

static void csv_is_read_as_by_its_twin(void **state)
{
    (void)state;
    compare_texts("csv", make_csv, read_csv);
}

/* ---- JSON lines ---- */

static size_t make_jsonl(struct random *random, char *text, struct twin *twin)
{
    static const char *const keys[] = {"k", "a,b", "\\\"", "\\u0041\\u0062", "\\/x", "user:1", "{}[]", "\\u007e"};
    static const char *const more[] = {
        "", ",\"x\":[1,{\"y\":\"]}\"}]", ",\"n\":null", ",\"t\":true", ",\"s\":\"\\\\\"", ",\"e\":-1.5e3"};
    size_t bytes = 0;

    for (int row = 0; row < ROWS; row++) {
        const char *gap = random_chance(random, 50) ? " " : "";
        char *line = text + bytes;
        json_t *json;

        bytes += (size_t)snprintf(line, TEXT_ROOM - bytes,
                                  "{\"time\":%s%d%s,\"key\":\"%s\"%s,%s\"op\":\"%s\",\"value_size\":%s%d}\n", gap,
                                  1 + row, gap, keys[random_below(random, 8)], more[random_below(random, 6)], gap,
                                  row % 2 ? "get" : "SET", gap, 1 + (int)random_below(random, 5000));
        json = json_loads(line, 0, NULL);
        assert_non_null(json);
        tell(twin, "%" JSON_INTEGER_FORMAT "000000 %s %s %" JSON_INTEGER_FORMAT "\n",
             json_integer_value(json_object_get(json, "time")), row % 2 ? "get" : "set",
             json_string_value(json_object_get(json, "key")), json_integer_value(json_object_get(json, "value_size")));
        json_decref(json);
    }
    return bytes;
}

static void jsonl_is_read_as_by_jansson(void **state)
{
    (void)state;
    compare_texts("jsonl", make_jsonl, NULL);
}

/* ---- oracleGeneral ---- */

static size_t make_records(struct random *random, char *text, struct twin *twin)
{
    uint64_t seconds = random_below(random, 1000);
    size_t bytes = 0;

    for (int row = 0; row < ROWS; row++) {
        uint64_t object = random_next(random) >> random_below(random, 60),
                 size = 1 + random_below(random, UINT32_MAX - 1);
        char name[32];

        seconds += random_below(random, 3);
        bytes += pack(text + bytes, "IQIQ", seconds, object, size, random_next(random));
        snprintf(name, sizeof name, "%" PRIu64, object);
        tell(twin, "%" PRIu64 " get #%s/%zu %" PRIu64 "\n", seconds * 1000000, name, strlen(name), size);
    }
    return bytes;
}

static void records_are_told_as_they_were_packed(void **state)
{
    (void)state;
    compare_texts("oracleGeneral", make_records, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resp_is_read_as_by_its_twin),          cmocka_unit_test(monitor_is_read_as_by_its_twin),
        cmocka_unit_test(csv_is_read_as_by_its_twin),           cmocka_unit_test(jsonl_is_read_as_by_jansson),
        cmocka_unit_test(records_are_told_as_they_were_packed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
