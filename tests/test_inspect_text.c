/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_inspect_text: every number that evsim inspect prints as text is one of its JSON, printed as numbers of its kind are;
 * what it says of dumps is what servers said of the same files, and of generated traces the slope that was asked for. */
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/units.h"
#include "tests/support_command.h"
#include "tests/support_numbers.h"

#include <jansson.h>

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* ---- what may be printed ---- */

struct words {
    char **list; /* owned; sorted once it is complete */
    size_t count, room;
};

static void add_word(struct words *words, const char *text)
{
    if (words->count == words->room) {
        words->room = words->room ? 2 * words->room : 1024;
        words->list = xrealloc(words->list, words->room * sizeof *words->list);
    }
    words->list[words->count++] = xstrdup(text);
}

__attribute__((format(printf, 2, 3))) static void add_as(struct words *words, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add_word(words, text);
}

/* The words of a text, whole and without what stands around them. */
static void add_text(struct words *words, const char *text)
{
    char *copy = xstrdup(text), *rest = copy, *word;

    printable(copy);
    while ((word = strsep(&rest, " ")))
        if (strpbrk(word, "0123456789")) {
            size_t length = strlen(word);

            add_word(words, word);
            for (; length && strchr(".,:;)", word[length - 1]); add_word(words, word))
                word[--length] = '\0';
        }
    free(copy);
}

static void add_whole(struct words *words, uint64_t number)
{
    char text[UNITS_TEXT];

    add_word(words, print_count(text, number));
    add_word(words, print_bytes(text, number));
    if (number <= INT64_MAX)
        add_word(words, print_duration(text, (int64_t)number));
}

static void add_real(struct words *words, double number)
{
    if (number >= 0 && number < 0x1p62) {
        add_whole(words, (uint64_t)llround(number));
        add_whole(words, (uint64_t)number);
    }
    add_as(words, "%.1f", 100 * number);
    for (int digits = 0; digits <= 4; digits++)
        add_as(words, "%.*f", digits, number);
    add_as(words, "%.2g", number);
}

static void add_json(struct words *words, json_t *json)
{
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach(json, key, value) add_json(words, value);
    json_array_foreach(json, i, value) add_json(words, value);
    if (json_is_integer(json) && json_integer_value(json) >= 0)
        add_whole(words, (uint64_t)json_integer_value(json));
    else if (json_is_real(json))
        add_real(words, json_real_value(json));
    else if (json_is_string(json))
        add_text(words, json_string_value(json));
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_word(const struct words *words, const char *word)
{
    return bsearch(&word, words->list, words->count, sizeof *words->list, compare) != NULL;
}

static void free_words(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i]);
    free(words->list);
}

/* Shares are of two numbers of the JSON. */
static void add_share(struct words *words, json_t *object, const char *part, const char *whole)
{
    double share = (double)json_integer_value(json_object_get(object, part)) /
                   (double)json_integer_value(json_object_get(object, whole));

    add_as(words, "%.1f", 100 * share);
}

static void add_shares(struct words *words, json_t *portrait)
{
    json_t *server, *element;
    size_t i, k;

    json_array_foreach(json_object_get(portrait, "servers"), i, server)
    {
        add_share(words, server, "bytes_without_ttl", "bytes");
        json_array_foreach(json_object_get(server, "types"), k, element)
        {
            double share = (double)json_integer_value(json_object_get(element, "bytes")) /
                           (double)json_integer_value(json_object_get(server, "bytes"));

            add_as(words, "%.1f", 100 * share);
        }
    }
}

/* When the trace is taken to begin. */
static void add_start(struct words *words, json_t *portrait)
{
    time_t start =
        (time_t)(json_integer_value(json_object_get(json_object_get(portrait, "trace"), "start_unix_us")) / 1000000);
    char date[32];
    struct tm tm;

    strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", gmtime_r(&start, &tm));
    add_text(words, date);
}

/* What the text says of itself. */
static void add_own(struct words *words)
{
    static const char *const own[] = {"1", "10", "10 s", "95", "p90", "p99", "0"};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        add_word(words, own[i]);
}

/* ---- what is printed ---- */

/* The first of so many words, if they are one of what may be printed: how many bytes they have; else 0. */
static size_t known(const struct words *words, const char *text, int count)
{
    char word[512];
    size_t length = 0;

    for (int i = 0; i < count && text[length]; i++)
        length += (i ? 1 : 0) + strcspn(text + length + (i ? 1 : 0), " ");
    if (length >= sizeof word)
        return 0;
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    if (has_word(words, word))
        return length;
    for (size_t bytes = strlen(word); bytes && strchr(".,:;)", word[bytes - 1]); bytes--) {
        word[bytes - 1] = '\0';
        if (has_word(words, word))
            return length;
    }
    return 0;
}

/* The first number of the text that is not of the words; NULL: all are. *numbers: how many there are. */
static const char *unknown_number(const struct words *words, const char *text, size_t *numbers)
{
    static const char opening[] = "(";

    *numbers = 0;
    while (*text) {
        const char *word = text + strspn(text, opening);
        size_t length = strcspn(text, " "), taken = 0;

        if (length && strcspn(word, "0123456789") < strcspn(word, " ")) {
            for (int count = 2; count && !taken; count--)
                taken = known(words, word, count);
            if (!taken && length > 3 && !strncmp(text + length - 3, "...", 3))
                taken = length; /* a name that was cut */
            if (!taken)
                return word;
            ++*numbers;
            text = word + taken;
        } else {
            text += length;
        }
        text += strspn(text, " ");
    }
    return NULL;
}

static void expect_numbers(const char *arguments)
{
    char *text = command_output_of(".", "\"$EVSIM\" inspect %s 2>/dev/null", arguments),
         *line = support_numbers_joined(text);
    char *json_text = command_output_of(".", "\"$EVSIM\" inspect %s --json 2>/dev/null", arguments);
    json_t *json = json_loads(json_text, 0, NULL);
    struct words words = {0};
    const char *unknown;
    size_t numbers, altered = 0, found = 0;

    assert_non_null(json);
    add_json(&words, json);
    add_shares(&words, json);
    add_start(&words, json);
    add_own(&words);
    qsort(words.list, words.count, sizeof *words.list, compare);
    unknown = unknown_number(&words, line, &numbers);
    if (unknown)
        fail_msg("inspect %s: not in the JSON: %.40s", arguments, unknown);
    assert_true(numbers > 20);
    for (char *place = line; *place; place++) { /* another number would be found */
        size_t few;

        if (!isdigit((unsigned char)*place) || isdigit((unsigned char)place[1]) || place == line ||
            !strchr("0123456789,.", place[-1]))
            continue;
        *place = (char)('0' + (*place - '0' + 1) % 10);
        altered++;
        found += unknown_number(&words, line, &few) != NULL;
        *place = (char)('0' + (*place - '0' + 9) % 10);
    }
    assert_true(found * 10 >= altered * 5);
    for (const char *row = text; row && *row; row = strchr(row, '\n') ? strchr(row, '\n') + 1 : NULL) {
        size_t columns = 0;

        for (const char *c = row; *c && *c != '\n'; c++)
            columns += ((unsigned char)*c & 0xc0) != 0x80;
        if (columns > 80)
            fail_msg("inspect %s: %zu columns: %.80s", arguments, columns, row);
    }
    json_decref(json);
    free_words(&words);
    free(json_text);
    free(text);
    free(line);
}

static void every_number_of_the_text_is_in_the_json(void **state)
{
    (void)state;
    expect_numbers("tests/data/sample.csv.zst");
    expect_numbers("tests/data/sample.csv.zst -s redis-7.0.15,valkey-9.1 --separator 1");
    expect_numbers("tests/data/dumps/redis-7.0.15.rdb.zst --server all");
    expect_numbers("tests/data/twelve.csv --preload tests/data/dumps/valkey-8.1.1.rdb.zst -s valkey-8.1");
    expect_numbers("tests/data/session/monitor.txt");
}

/* ---- dumps ---- */

/* What a server had said of the keys of a type: MEMORY USAGE, all together. */
struct said {
    char file[64], server[64], type[16];
    uint64_t keys, bytes, random_bytes; /* random: which depend on the server's chance */
};

enum { SAID = 64, SMALL_KEY = 100 };

/* dumps.csv: file,server,policy,db,key in hex,type,encoding,memory usage,... */
static size_t read_said(struct said *said)
{
    FILE *file = fopen("tests/data/dumps/dumps.csv", "r");
    char *line = NULL;
    size_t room = 0, count = 0;

    assert_non_null(file);
    while (getline(&line, &room, file) > 0) {
        char *rest = line, *fields[8];
        size_t place = 0;

        for (int i = 0; i < 8; i++)
            fields[i] = strsep(&rest, ",");
        while (place < count && (strcmp(said[place].file, fields[0]) || strcmp(said[place].type, fields[5])))
            place++;
        assert_true(place < SAID);
        if (place == count) {
            count++;
            snprintf(said[place].file, sizeof said->file, "%s", fields[0]);
            snprintf(said[place].server, sizeof said->server, "%s", fields[1]);
            snprintf(said[place].type, sizeof said->type, "%s", fields[5]);
        }
        said[place].keys++;
        said[place].bytes += strtoull(fields[7], NULL, 10);
        if (!strcmp(fields[6], "skiplist") || (!strcmp(fields[6], "hashtable") && !strncmp(fields[1], "valkey", 6)))
            said[place].random_bytes += strtoull(fields[7], NULL, 10);
    }
    free(line);
    fclose(file);
    return count;
}

static void a_dump_weighs_what_the_server_said(void **state)
{
    static struct said said[SAID];
    size_t count = read_said(said), exact = 0;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        char *text = command_output_of(".", "\"$EVSIM\" inspect tests/data/dumps/%s.zst -s %s --json 2>/dev/null",
                                       said[i].file, said[i].server);
        json_t *json = json_loads(text, 0, NULL), *types, *type;
        uint64_t bytes = 0, keys = 0, missing;
        size_t k;

        types = json_object_get(json_array_get(json_object_get(json, "servers"), 0), "types");
        json_array_foreach(types, k, type) if (!strcmp(json_string_value(json_object_get(type, "type")), said[i].type))
        {
            bytes = (uint64_t)json_integer_value(json_object_get(type, "bytes"));
            keys = (uint64_t)json_integer_value(json_object_get(type, "keys"));
        }
        /* Some strings have a ttl of seconds: the server had loaded the file later than it was written. */
        missing = keys - said[i].keys;
        if (missing > (strcmp(said[i].type, "string") ? 0 : 2))
            fail_msg("%s %s: %ju keys, evsim %ju", said[i].file, said[i].type, (uintmax_t)said[i].keys,
                     (uintmax_t)keys);
        if (llabs((int64_t)bytes - (int64_t)said[i].bytes) > (int64_t)(said[i].random_bytes / 10 + missing * SMALL_KEY))
            fail_msg("%s %s: %ju bytes, evsim %ju", said[i].file, said[i].type, (uintmax_t)said[i].bytes,
                     (uintmax_t)bytes);
        exact += bytes == said[i].bytes;
        json_decref(json);
        free(text);
    }
    assert_true(count >= 25 && exact >= count / 2);
}

/* ---- the generator ---- */

static void the_slope_is_that_of_the_generator(void **state)
{
    static const double slopes[] = {0.6, 0.9, 1.2};

    (void)state;
    for (size_t i = 0; i < sizeof slopes / sizeof *slopes; i++) {
        char *text = command_output_of(
            ".", "\"$EVSIM\" gen -n 400000 -k 30000 --zipf %g --seed 3 | \"$EVSIM\" inspect - --json 2>/dev/null",
            slopes[i]);
        json_t *json = json_loads(text, 0, NULL), *popularity = json_object_get(json, "popularity");
        double zipf = json_real_value(json_object_get(popularity, "zipf"));
        double error = json_real_value(json_object_get(popularity, "zipf_error"));

        printf("--zipf %g: %.3f +- %.3f\n", slopes[i], zipf, error);
        assert_true(error > 0 && error < 0.03 && fabs(zipf - slopes[i]) < 2.6 * error); /* 99 % */
        json_decref(json);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_the_text_is_in_the_json),
        cmocka_unit_test(a_dump_weighs_what_the_server_said),
        cmocka_unit_test(the_slope_is_that_of_the_generator),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
