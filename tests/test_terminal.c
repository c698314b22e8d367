/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_terminal: what is printed on a terminal is no wider than it; through a pipe it is complete. */
#include "reports/fit.h"
#include "reports/text.h"
#include "sim/cli/registry.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the words ---- */

static void assert_fitted(const char *text, int columns, const char *expected)
{
    char *fitted = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&fitted, &bytes);

    fit_put(text, columns, out);
    fclose(out);
    assert_string_equal(fitted, expected);
    free(fitted);
}

static void test_lines(void **state)
{
    (void)state;
    assert_fitted("", 40, "");
    assert_fitted("short\n\n  as it was  \n", 40, "short\n\n  as it was  \n");
    assert_fitted("trace    one two three four five six\n", 20,
                  "trace    one two\n         three four\n         five six\n");
    assert_fitted("no label at all, but long\n", 14, "no label at\nall, but long\n");
    /* What was broken for wider lines is joined; what stands below it is another line. */
    assert_fitted("WARNING  one two three four\n         five\nserver   x\n", 20,
                  "WARNING  one two\n         three four\n         five\nserver   x\n");
    assert_fitted("WARNING  one two\n         three\n", 20, "WARNING  one two\n         three\n");
    assert_fitted("x  unbreakable-word\n", 10, "x  unbreakable-word\n");
    assert_fitted("a        ≥ 12 of ± 3 and\n", 19, "a        ≥ 12 of ±\n         3 and\n");
    assert_fitted("one a=1,b=2,c=3 two\n", 10, "one\na=1,b=2,\nc=3 two\n"); /* nowhere else to break */
}

/* ---- the program ---- */

/* What a command line prints on a terminal of so many columns, to be freed. */
static char *shown(const char *command, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    char *text = calloc(1, 1 << 20);
    size_t used = 0;
    ssize_t bytes;
    int terminal, status;
    pid_t child = forkpty(&terminal, NULL, NULL, &size);

    assert_true(child >= 0);
    if (!child) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    while ((bytes = read(terminal, text + used, (1 << 20) - 1 - used)) > 0)
        used += (size_t)bytes;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        fail_msg("%s\n%s", command, text);
    for (char *from = text, *to = text;; from++) /* the terminal's line ends */
        if (*from != '\r' && !(*to++ = *from))
            break;
    return text;
}

static void assert_no_wider(const char *command, const char *text, int columns)
{
    char *copy = strdup(text), *rest = copy, *line;

    while ((line = strsep(&rest, "\n"))) {
        for (char *wiped; (wiped = strstr(line, "\033[K"));) { /* progress, which is written over */
            *wiped = '\0';
            if (display_width(line) > columns)
                fail_msg("%s\n%d columns: %s", command, display_width(line), line);
            line = wiped + 3;
        }
        if (display_width(line) > columns)
            fail_msg("%s\n%d columns: %s", command, display_width(line), line);
    }
    free(copy);
}

static int lines_of(const char *text)
{
    int lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static char *piped(const char *command)
{
    char *text = calloc(1, 1 << 20);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    assert_true(fread(text, 1, (1 << 20) - 1, pipe) > 0);
    assert_int_equal(pclose(pipe), 0);
    return text;
}

/* What is best is bold on a terminal that can, unless somebody objects; never through a pipe. */
static void test_bold(void **state)
{
    static const struct {
        const char *before, *option;
        bool bold;
    } cases[] = {{"TERM=xterm", "", true},
                 {"TERM=xterm NO_COLOR=1", "", false},
                 {"TERM=xterm NO_COLOR=", "", true},
                 {"TERM=dumb", "", false},
                 {"TERM=", "", false},
                 {"TERM=xterm", "--color never", false},
                 {"TERM=dumb NO_COLOR=1", "--color always", true}};
    char command[512], *text;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(command, sizeof command,
                 "%s \"$EVSIM\" run tests/data/sample.csv.zst -m 2mb -p allkeys-lru,noeviction %s 2>/dev/null",
                 cases[i].before, cases[i].option);
        text = shown(command, 80);
        if ((strstr(text, "\033[1m") != NULL) != cases[i].bold)
            fail_msg("%s\n%s", command, text);
        free(text);
    }
    text = piped("TERM=xterm \"$EVSIM\" run tests/data/sample.csv.zst -m 2mb -p allkeys-lru,noeviction 2>/dev/null");
    assert_null(strchr(text, '\033'));
    free(text);
}

/* Each command that prints a table, and some that print lists, at three widths. */
static void test_commands(void **state)
{
    static const char *const arguments[] = {
        "run %s -p all -m 2mb -m 4mb 2>/dev/null",
        "run %s -s redis-7.0.15 -s valkey-8.1.1 -p allkeys-lru -p noeviction -m 1mb,2mb --seeds 2 2>/dev/null",
        "run %s -s flat -p allkeys-lru -m 1mb --by prefix --bounds 2>/dev/null",
        "run --help",
        "size --help",
        "gen --help",
        "servers",
        "policies",
        "mrc %s 2>/dev/null",
        "size %s --goal 'hit_ratio>=0.5' -p allkeys-lru 2>/dev/null",
        "doctor %s -m 2mb -p noeviction 2>/dev/null",
        "inspect %s 2>/dev/null",
    };

    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        for (unsigned short columns = 80; columns <= 160; columns += 40) {
            char line[400], command[500], *text;

            snprintf(line, sizeof line, strstr(arguments[i], "%s") ? arguments[i] : "%.0s", (const char *)*state);
            if (!strstr(arguments[i], "%s"))
                snprintf(line, sizeof line, "%s", arguments[i]);
            snprintf(command, sizeof command, "%s %s", getenv("EVSIM"), line);
            text = shown(command, columns);
            assert_true(strlen(text) > 100);
            assert_no_wider(command, text, columns);
            free(text);
        }
}

/* Every subcommand, on 80 columns, with all that it says: its screen, its help, and what it does for a new user. (But new-policy, whose
 * commands to be copied have the paths of what is installed.) */
static void test_every_subcommand(void **state)
{
    static const char *const lines[] = {
        "\"$EVSIM\" run $T -m 2mb",
        "\"$EVSIM\" run $T -m 1mb,2mb -p 'allkeys-*' -o run",
        "\"$EVSIM\" run $T -m 2mb -p allkeys-lru,noeviction --seeds 2 --what-if 'maxmemory 3mb' -o what-if",
        "\"$EVSIM\" run $T -m 2mb -p allkeys-lru --by prefix --shards 2",
        "\"$EVSIM\" run $T -m 1mb,2mb -p lru,s3fifo:small=0.25,ghost=1.5,threshold=2,main-uses=2",
        "\"$EVSIM\" report run",
        "\"$EVSIM\" diff what-if/now what-if/what-if-1",
        "\"$EVSIM\" export run --sqlite run.sqlite --openmetrics run.om",
        "\"$EVSIM\" inspect $T",
        "\"$EVSIM\" doctor $T -m 2mb -p noeviction",
        "\"$EVSIM\" size $T -g 'hit_ratio>=0.6' -p allkeys-lru,noeviction --seeds 2",
        "\"$EVSIM\" mrc $T -p lru,sieve,s3fifo,lfu",
        "\"$EVSIM\" mrc $T -s redis -p allkeys-lru,noeviction -m 1mb,2mb",
        "\"$EVSIM\" plan $T -m 1mb,2mb -p allkeys-lru > grid.plan",
        "\"$EVSIM\" unit grid.plan -i 0 -o units",
        "\"$EVSIM\" merge grid.plan units",
        "\"$EVSIM\" convert $T short.evt",
        "\"$EVSIM\" convert $T short.csv --to csv",
        "\"$EVSIM\" gen -n 1000 -k 100 --ttl-share 0.5 -o short.csv",
        "\"$EVSIM\" gen --preset list",
        "\"$EVSIM\" policies",
        "\"$EVSIM\" policies s3fifo allkeys-lru",
        "\"$EVSIM\" servers",
        "\"$EVSIM\" servers --diff redis-8.0 redis-8.6",
        "\"$EVSIM\" check-policy lru",
        "\"$EVSIM\" run",
        "\"$EVSIM\" run nowhere.csv -m 1mb",
        "\"$EVSIM\" run $T",
        "\"$EVSIM\" run $T -m 1mb -p lur",
        "\"$EVSIM\"",
        "\"$EVSIM\" --help",
        "\"$EVSIM\" --version",
    };
    char *directory = strdup(*state), command[600], *text;

    *strrchr(directory, '/') = '\0';
    for (size_t s = 0; s < subcommand_count; s++)
        for (int whole = 0; whole < 2; whole++) {
            snprintf(command, sizeof command, "\"$EVSIM\" %s %s", subcommands[s]->name, whole ? "--help" : "-h");
            text = shown(command, 80);
            assert_no_wider(command, text, 80);
            if (!whole && lines_of(text) > 24)
                fail_msg("%s has %d lines", command, lines_of(text));
            free(text);
        }
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        snprintf(command, sizeof command, "cd %s && T=%s && { %s; } || true", directory, strrchr(*state, '/') + 1,
                 lines[i]);
        text = shown(command, 80);
        assert_no_wider(command, text, 80);
        free(text);
    }
    free(directory);
}

/* What is written through a pipe depends on no locale, and on no terminal. */
static void test_locales(void **state)
{
    static const char *const settings[] = {"LC_ALL=C.UTF-8 TERM=xterm", "LC_ALL=de_DE.UTF-8 TERM=dumb",
                                           "LANG= LC_ALL= NO_COLOR=1", "LC_ALL=C COLUMNS=40"};
    static const struct {
        const char *command, *options;
    } lines[] = {{"run", "-m 2mb -p allkeys-lru,noeviction --seeds 2"}, {"mrc", "-p lru"}};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[300], command[500], *plain, *other;

        snprintf(line, sizeof line, "%s %s %s", lines[i].command, (const char *)*state, lines[i].options);
        snprintf(command, sizeof command, "LC_ALL=C TERM=xterm \"$EVSIM\" %s 2>&1", line);
        plain = piped(command);
        for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
            snprintf(command, sizeof command, "%s \"$EVSIM\" %s 2>&1", settings[k], line);
            other = piped(command);
            if (strcmp(plain, other) != 0)
                fail_msg("%s: not what is written with LC_ALL=C", command);
            free(other);
        }
        free(plain);
    }
}

/* A pipe has every column; so has a terminal, with --wide; --width does to a pipe what a terminal does. */
static void test_complete(void **state)
{
    char command[400], wide[500], narrow[500], *in_pipe, *on_terminal, *all, *as_if;

    snprintf(command, sizeof command, "%s run %s -p all -m 2mb 2>/dev/null", getenv("EVSIM"), (const char *)*state);
    snprintf(wide, sizeof wide, "%s --wide", command);
    snprintf(narrow, sizeof narrow, "%s --width 80", command);
    in_pipe = piped(command);
    on_terminal = shown(command, 80);
    all = shown(wide, 80);
    as_if = piped(narrow);
    assert_non_null(strstr(in_pipe, "byte hits"));
    assert_non_null(strstr(in_pipe, "final mem"));
    assert_null(strstr(in_pipe, "not shown"));
    assert_string_equal(all, in_pipe);
    assert_non_null(strstr(on_terminal, "not shown: hits/reads"));
    assert_string_equal(on_terminal, as_if);
    free(in_pipe);
    free(on_terminal);
    free(all);
    free(as_if);
}

/* A trace with a long name, and more keys than there is memory for. */
static int make_trace(void **state)
{
    char directory[] = "/tmp/evsim-terminal-XXXXXX", *path, *command;

    if (!mkdtemp(directory) || asprintf(&path, "%s/a-trace-of-some-application.csv", directory) < 0 ||
        asprintf(&command, "%s gen --seed 3 --requests 20000 --keys 5000 --output %s 2>/dev/null", getenv("EVSIM"),
                 path) < 0)
        return -1;
    *state = path;
    if (system(command))
        return -1;
    free(command);
    return 0;
}

static int remove_trace(void **state)
{
    char *path = *state;

    *strrchr(path, '/') = '\0';
    support_remove(path);
    free(path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),    cmocka_unit_test(test_bold),
        cmocka_unit_test(test_commands), cmocka_unit_test(test_every_subcommand),
        cmocka_unit_test(test_locales),  cmocka_unit_test(test_complete),
    };

    command_init();
    return cmocka_run_group_tests(tests, make_trace, remove_trace);
}
