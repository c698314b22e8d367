/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_clients_live: the buffers of many connections over time, in the installed redis-server (or REDIS_SERVER) and in its
 * model. Both play the same capture in virtual time, so that it is known when each client connects and when cron comes. */
#include "tests/fidelity/support_live.h"
#include "tests/support_installed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { OBSERVER = 1, FIRST_CLIENT = 100 };

static void row(FILE *out, double s, int client, const char *words)
{
    fprintf(out, "%.6f [0 127.0.0.1:%d] %s\n", 1700000000 + s, client, words);
}

/* used_memory at the end and its mean over the curve are within 0.1 % of the server's, as is the curve of what the keys need. */
static void compare(const char *capture)
{
    const char *policies[] = {"noeviction", NULL};
    struct live_options options = {
        .policies = policies,
        .runs = 1,
        .seeds = 1,
        .seed = 1,
        .captures = (const char *[]){capture, NULL},
        .stretch = 1,
        .share = 10,
        .level = 0.001,
    };
    struct live_report report;
    struct error error = {0};
    const struct live_cell *cell;

    find_installed_server(&options.program);
    options.model = options.program.server;
    if (live_run(&options, &report, &error))
        fail_msg("%s", error.text);
    cell = &report.workloads[0].cells[0];
    for (int which = LIVE_USED_MEMORY; which <= LIVE_CURVE; which++) {
        double server = cell->server[which].mean, evsim = cell->evsim[which].mean;

        print_message("%s: %s %.0f, %+.0f\n", options.model, live_count_names[which], server, evsim - server);
        assert_true(fabs(evsim - server) <= 0.001 * server);
    }
    live_report_release(&report);
    unlink(capture);
}

static FILE *capture_in(char path[])
{
    FILE *out = fdopen(mkstemp(path), "w");

    assert_non_null(out);
    return out;
}

/* More clients than the event loop's tables have places for; their buffers shrink one by one, and then they are idle. */
static void clients_that_speak_once(void **state)
{
    char path[] = "/tmp/evsim_clients_XXXXXX";
    FILE *out = capture_in(path);

    (void)state;
    row(out, 0, OBSERVER, "\"SET\" \"a\" \"b\"");
    for (int i = 0; i < 1100; i++)
        row(out, 0.05 + i * 0.0003, FIRST_CLIENT + i, "\"SET\" \"a\" \"b\"");
    for (int look = 1; look < 30; look++)
        row(out, 0.4 + look * 0.3, OBSERVER, "\"GET\" \"a\"");
    fclose(out);
    compare(path);
}

/* Clients that never become idle: the reply buffer shrinks to what the replies need, where it is their own the query buffer
 * stays. */
static void clients_that_go_on(void **state)
{
    const int clients = 300;
    char path[] = "/tmp/evsim_clients_XXXXXX", set[600];
    FILE *out = capture_in(path);

    (void)state;
    snprintf(set, sizeof set, "\"SET\" \"a\" \"%0500d\"", 0);
    row(out, 0, OBSERVER, set);
    for (int round = 0; round < 16; round++)
        for (int i = 0; i < clients; i++)
            row(out, 0.05 + round * 0.5 + i * 0.0005, FIRST_CLIENT + i, "\"GET\" \"a\"");
    fclose(out);
    compare(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_that_speak_once),
        cmocka_unit_test(clients_that_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
