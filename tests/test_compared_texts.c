/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_compared_texts: SET with IFEQ, IFNE, IFDEQ, IFDNE, DELEX and DELIFEQ compare texts, not numbers: every one of a list, most of which
 * are numbers, with every other. Of 36 such texts with each other a live 8.6.3 did in 5,184 of 5,184 cases what their being the same text
 * says, for each of four conditions of DELEX and of SET. */
#include "sim/alloc.h"
#include "tests/fidelity/support_twin.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include <cmocka.h>

/* How a key gets it; and the text that it then holds, as GET said. */
struct written {
    const char *how, *text;
};

static const struct written values[] = {
    {"set %s 3", "3"},
    {"set %s 3.0", "3.0"},
    {"set %s 3e0", "3e0"},
    {"set %s -1e-3", "-1e-3"},
    {"set %s -0.001", "-0.001"},
    {"set %s 0x10", "0x10"},
    {"set %s 0x1p4", "0x1p4"},
    {"set %s 16", "16"},
    {"set %s 16.0", "16.0"},
    {"set %s 0.5", "0.5"},
    {"set %s .50", ".50"},
    {"set %s +.5", "+.5"},
    {"set %s 100", "100"},
    {"set %s 1e2", "1e2"},
    {"set %s 1E2", "1E2"},
    {"set %s 007", "007"},
    {"set %s -0", "-0"},
    {"set %s 0", "0"},
    {"set %s 00", "00"},
    {"set %s inf", "inf"},
    {"set %s nan", "nan"},
    {"set %s \"\"", ""},
    {"set %s \"1e2 \"", "1e2 "},
    {"set %s 9223372036854775807", "9223372036854775807"},
    {"set %s 9223372036854775808", "9223372036854775808"},
    {"set %s 0.12345678901234567890123", "0.12345678901234567890123"},
    {"set %s 0.12345678901234567890124", "0.12345678901234567890124"},
    /* What commands have made of others. */
    {"set %s 10;incrbyfloat %s 0.5", "10.5"},
    {"set %s 10.5", "10.5"},
    {"set %s 10.5;incrbyfloat %s 0.5", "11"},
    {"set %s 11", "11"},
    {"set %s 1e2;incrbyfloat %s 0", "100"},
    {"set %s 0x10;incrbyfloat %s 1", "17"},
    {"set %s 9;incr %s", "10"},
    {"set %s 3e0;append %s \"\"", "3e0"},
    {"set %s 11;append %s \"\"", "11"},
    {"set %s x;getset %s 3e0", "3e0"},
    {"mset %s 3e0", "3e0"},
    {"set c%s 1e2;rename c%s %s", "1e2"},
    {"set c%s 1e2;copy c%s %s", "1e2"},
};

enum { VALUES = sizeof values / sizeof *values };

/* What is done to a key, and whether its value is to be that text: it is then gone, or has another value, which is raw. */
struct condition {
    const char *server, *words;
    bool is_set, by_digest, differs;
};

static const struct condition conditions[] = {
    {"redis-8.6.3-debian", "delex %s ifeq \"%s\"", false, false, false},
    {"redis-8.6.3-debian", "delex %s ifne \"%s\"", false, false, true},
    {"redis-8.6.3-debian", "delex %s ifdeq %s", false, true, false},
    {"redis-8.6.3-debian", "delex %s ifdne %s", false, true, true},
    {"redis-8.6.3-debian", "set %s v...1000 ifeq \"%s\"", true, false, false},
    {"redis-8.6.3-debian", "set %s v...1000 ifne \"%s\"", true, false, true},
    {"redis-8.6.3-debian", "set %s v...1000 ifdeq %s", true, true, false},
    {"redis-8.6.3-debian", "set %s v...1000 ifdne %s", true, true, true},
    {"valkey-9.1.2-debian", "delifeq %s \"%s\"", false, false, false},
    {"valkey-9.1.2-debian", "set %s v...1000 ifeq \"%s\"", true, false, false},
};

/* Of a key: which of both it is. */
static void print_key(char key[16], int value, int text)
{
    snprintf(key, 16, "k%d_%d", value, text);
}

static void print_writing(FILE *out, const char *how, const char *key)
{
    for (; *how; how++) {
        if (how[0] == '%' && how[1] == 's')
            how++, fputs(key, out);
        else
            fputc(*how == ';' ? '\n' : *how, out);
    }
    fputc('\n', out);
}

/* One value in as many keys as there are texts, each compared with another text. */
static struct stream stream_of(const struct condition *condition, int value)
{
    struct stream stream = {0};
    struct error error = {0};
    char *lines, key[16], digest[17];
    size_t bytes;
    FILE *out = open_memstream(&lines, &bytes), *in;

    for (int text = 0; text < VALUES; text++) {
        const char *compared = values[text].text;

        print_key(key, value, text);
        print_writing(out, values[value].how, key);
        snprintf(digest, sizeof digest, "%016" PRIx64, (uint64_t)XXH3_64bits(compared, strlen(compared)));
        fprintf(out, condition->words, key,
                condition->by_digest ? digest : compared); /* NOLINT(clang-diagnostic-format-nonliteral) */
        fputc('\n', out);
    }
    fputs("compare\n", out);
    fclose(out);
    in = fmemopen(lines, bytes, "r");
    if (stream_read(&stream, in, &error))
        fail_msg("%s", error.text);
    fclose(in);
    free(lines);
    return stream;
}

/* How many keys are not as their texts say: all of them are asked for. */
static int wrong_keys(const struct condition *condition, const struct plan *plan, const struct answer *answers)
{
    int wrong = 0, asked = 0;

    for (size_t i = 0; i < plan->count; i++) {
        int value, text;
        bool holds, happened;

        if (plan->acts[i].kind != ACT_ENCODING || sscanf(plan->acts[i].words[2].text, "k%d_%d", &value, &text) != 2)
            continue;
        asked++;
        holds = !strcmp(values[value].text, values[text].text) != condition->differs;
        happened = !*answers[i].word;
        if (condition->is_set)
            happened = answers[i + 1].bytes > 1000;
        if (holds != happened && ++wrong <= 10)
            print_error("%s: %s, a value %s (%s), compared with %s: %s\n", condition->server, condition->words,
                        values[value].text, values[value].how, values[text].text, happened ? "done" : "not done");
    }
    assert_int_equal(asked, VALUES * VALUES);
    return wrong;
}

static int wrong_under(const struct condition *condition)
{
    const struct twins twins = {.model = condition->server};
    struct stream streams[VALUES];
    struct answer *answers;
    struct error error = {0};
    struct plan plan;
    int wrong;

    for (int value = 0; value < VALUES; value++)
        streams[value] = stream_of(condition, value);
    streams_plan(&plan, streams, VALUES);
    answers = xcalloc(plan.count, sizeof *answers);
    if (twins_play_model(&twins, &plan, answers, &error))
        fail_msg("%s", error.text);
    wrong = wrong_keys(condition, &plan, answers);
    free(answers);
    streams_plan_release(&plan);
    for (int value = 0; value < VALUES; value++)
        stream_release(&streams[value]);
    return wrong;
}

static void texts_are_compared(void **state)
{
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        wrong += wrong_under(&conditions[i]);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_compared)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
