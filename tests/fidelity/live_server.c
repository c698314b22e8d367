/* SPDX-License-Identifier: GPL-3.0-or-later */
/* live_server: compares the model with a real server on fresh traces, prints the table, and exits with 1 if a
 * difference is significant. The seed that it prints repeats the traces. The server's own randomness (its hash seed,
 * its samples) differs in every run. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/option_groups.h"
#include "sim/server/registry.h"
#include "sim/units.h"
#include "tests/fidelity/support_live.h"

#include <gsl/gsl_errno.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct user {
    struct live_options live;
    const char *binary;
    uint32_t seed; /* 0: from the clock */
    char *policy_names;
    const char *policies[32];
    const char **captures; /* owned: the operands, NULL-terminated; NULL: none */
};

/* ---- options ---- */

static int check_model(const char *name, struct error *error)
{
    return server_find(name) ? 0 : error_set(error, ERROR_USAGE, "no such server: '%s'", name);
}

static int set_policies(void *group, const struct option *option, const char *value, struct error *error)
{
    struct user *user = group;
    size_t count = 0;
    char *save;

    (void)option;
    if (!strcmp(value, "all"))
        return 0;
    free(user->policy_names);
    user->policy_names = xstrdup(value);
    for (char *name = strtok_r(user->policy_names, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
        const struct policy *policy = policy_find(name);

        if (!policy || !policy->redis || count == policy_count)
            return error_set(error, ERROR_USAGE, "no such maxmemory-policy: '%s'", name);
        user->policies[count++] = policy->name;
    }
    user->policies[count] = NULL;
    user->live.policies = count ? user->policies : NULL;
    return 0;
}

#define AT(member) OPTION_IN(struct user, member)

static const struct option live_server_options[] = {
    {.name = "server-binary",
     .kind = OPTION_TEXT,
     .argument = "PROGRAM",
     .initial = "",
     .help = "redis-server or valkey-server; default: redis-server on PATH",
     AT(binary)},
    {.name = "model",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .check = check_model,
     .help = "evsim's server; default: from the program's --version",
     AT(live.model)},
    {.name = "policies",
     .letter = 'p',
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "NAME[,NAME...]",
     .initial = "all",
     .set = set_policies,
     .help = "maxmemory-policy"},
    {.name = "runs",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "8",
     .least = 2,
     .most = 1000,
     .help = "of the server, per policy and trace",
     AT(live.runs)},
    {.name = "seeds",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "24",
     .least = 2,
     .most = 10000,
     .help = "of the simulation, per policy and trace",
     AT(live.seeds)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "clock",
     .zero = "clock",
     .least = 1,
     .most = UINT32_MAX,
     .help = "of the traces",
     AT(seed)},
    {.name = "level",
     .kind = OPTION_REAL,
     .argument = "P",
     .initial = "0.01",
     .above_lowest = true,
     .highest = 0.5,
     .help = "chance of a false alarm, over all tests together",
     AT(live.level)},
    {.name = "events",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .help = "lines \"at 2700s CONFIG SET maxmemory 16mb\"",
     AT(live.events)},
    {.name = "changes",
     .kind = OPTION_SWITCH,
     .help = "instead: maxmemory changes twice, the policy once, as the seed says",
     AT(live.changes)},
    {.name = "share",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .initial = "0",
     .highest = 10,
     .help = "maxmemory, of what the keys need; default: as the seed says",
     AT(live.share)},
    {.name = "stretch",
     .kind = OPTION_REAL,
     .argument = "N",
     .initial = "1",
     .above_lowest = true,
     .highest = 1e6,
     .help = "captures last N times as long as they did",
     AT(live.stretch)},
    {.name = "quick", .kind = OPTION_SWITCH, .help = "traces of a quarter of the length", AT(live.quick)},
};

static const struct option_group live_server_groups[] = {{OPTIONS_OF(live_server_options)}};

/* ---- the table ---- */

/* "12345.6 +- 7.8", to the precision that its spread leaves meaning to. */
static char *print_moments(char *text, size_t room, const struct sample_moments *moments)
{
    int digits = moments->sd > 0 && moments->sd < 10 ? 1 : 0;

    if (moments->sd > 0)
        snprintf(text, room, "%.*f +- %.*f", digits, moments->mean, digits, moments->sd);
    else
        snprintf(text, room, "%.0f", moments->mean);
    return text;
}

static const char *verdict_of(const struct live_cell *cell, int which)
{
    if (cell->significant[which])
        return "DIFFERENT";
    return cell->tests[which].standard_error > 0 ? "" : "equal";
}

static void print_count_line(const struct live_cell *cell, int which)
{
    char server[64], evsim[64];
    const struct welch *test = &cell->tests[which];

    printf("  %-12s %24s", live_count_names[which], print_moments(server, sizeof server, &cell->server[which]));
    printf(" %24s", print_moments(evsim, sizeof evsim, &cell->evsim[which]));
    if (test->standard_error > 0)
        printf("  %8.2g  %s\n", test->p, verdict_of(cell, which));
    else
        printf("  %8s  %s\n", "", verdict_of(cell, which));
}

static void print_cell(const struct live_workload *workload, const struct live_cell *cell)
{
    const struct welch *hits = &cell->tests[LIVE_HITS];

    printf("%s, %s: hit ratio %.3f %%, evsim %.3f %%: %+.3f +- %.3f points (95 %% confidence)\n", workload->name,
           cell->policy, 100 * cell->server[LIVE_HITS].mean / cell->reads,
           100 * cell->evsim[LIVE_HITS].mean / cell->reads, 100 * hits->difference / cell->reads,
           100 * welch_half_width(hits, 0.95) / cell->reads);
    for (int which = 0; which < LIVE_COUNTS; which++)
        print_count_line(cell, which);
    printf("  curve, apart %.3f %% of maxmemory, by chance %.3f %%, p %.2g, largest t %.1f at %.1f s%s\n",
           100 * cell->curves.distance / (double)workload->maxmemory,
           100 * cell->curves.chance / (double)workload->maxmemory, cell->curves.p, cell->curves.largest_t,
           (double)cell->curves.largest_t_us / 1e6, cell->curves_differ ? "  DIFFERENT" : "");
}

static void print_workload(const struct live_workload *workload)
{
    const struct generate_params *params = &workload->params;
    const struct capture_summary *summary = &workload->summary;
    char maxmemory[UNITS_TEXT], mean[UNITS_TEXT], largest[UNITS_TEXT];

    if (workload->capture) {
        printf("%s: %" PRIu64 " calls of %" PRIu64 " clients in %.0f s, %" PRIu64 " more in scripts, %" PRIu64
               " left out; maxmemory %s, where the keys need %s\n",
               workload->name, summary->calls, summary->clients, (double)summary->duration_us / 1e6, summary->scripted,
               summary->left_out, print_maxmemory(maxmemory, workload->maxmemory),
               print_bytes(mean, workload->empty_bytes + workload->need_bytes));
        if (workload->waiting)
            printf("%s: %" PRIu64 " waits were ended by the client's next request, in all runs of the server\n",
                   workload->name, workload->waiting);
        return;
    }

    printf("%s: %" PRIu64 " requests to %u keys in %.0f s, Zipf %.2f, %.0f %% reads, values of %s "
           "(sigma %.1f, up to %s), %.0f %% of the keys with a ttl of %u to %u s, maxmemory %s%s\n",
           workload->name, params->requests, params->keys, (double)params->requests / params->arrivals.rate_per_s,
           params->popularity.exponent,
           100 * params->read_share / (params->read_share + params->write_share + params->delete_share),
           print_bytes(mean, (uint64_t)params->population.value_mean_bytes), params->population.value_sigma,
           print_bytes(largest, params->population.value_max_bytes), 100 * params->population.ttl_share,
           params->population.ttl_min_s, params->population.ttl_max_s, print_maxmemory(maxmemory, workload->maxmemory),
           workload->fill ? ", misses filled" : "");
    fputs(workload->changes, stdout);
}

/* Where the two are furthest apart. */
static void print_summary(const struct live_report *report)
{
    const struct live_cell *worst = NULL;
    const char *worst_workload = "";
    size_t varying = 0, equal = 0;
    int worst_count = 0;
    double z_sum = 0, z_most = 0, curve_most = 0;

    for (size_t i = 0; i < report->workload_count; i++) {
        for (size_t j = 0; j < report->cell_count; j++) {
            const struct live_cell *cell = &report->workloads[i].cells[j];

            curve_most = fmax(curve_most, 100 * cell->curves.distance / (double)report->workloads[i].maxmemory);
            for (int which = 0; which < LIVE_COUNTS; which++) {
                if (cell->tests[which].standard_error > 0) {
                    double z = live_z(cell, (enum live_count)which);

                    z_sum += z;
                    z_most = fmax(z_most, z);
                }
                varying += cell->tests[which].standard_error > 0;
                equal += cell->tests[which].standard_error == 0 && cell->tests[which].p == 1;
                if (!worst || cell->tests[which].p < worst->tests[worst_count].p) {
                    worst = cell;
                    worst_workload = report->workloads[i].name;
                    worst_count = which;
                }
            }
        }
    }
    printf("\n%zu counts vary, %zu are constant and equal; smallest p %.2g (%s of %s, %s); "
           "%zu differ\n",
           varying, equal, worst->tests[worst_count].p, live_count_names[worst_count], worst_workload, worst->policy,
           report->significant);
    printf("mean |z| %.2f, largest %.2f; the mean curves of used_memory are at most %.3f %% of maxmemory apart\n",
           z_sum / (double)(varying ? varying : 1), z_most, curve_most);
}

static void print_report(const struct live_report *report)
{
    for (size_t i = 0; i < report->workload_count; i++)
        print_workload(&report->workloads[i]);
    printf("\n  %-12s %24s %24s  %8s\n", "", "server", "evsim", "p");
    for (size_t i = 0; i < report->workload_count; i++)
        for (size_t j = 0; j < report->cell_count; j++)
            print_cell(&report->workloads[i], &report->workloads[i].cells[j]);
    print_summary(report);
}

/* ---- main ---- */

/* 0; 1 when there is nothing to compare with; -1 on error. */
static int prepare(struct user *user, struct error *error)
{
    struct live_options *live = &user->live;
    int status = program_find(&live->program, user->binary, error);

    if (status)
        return status;
    if (!live->model && !server_find(live->program.server))
        return error_set(error, ERROR_USAGE, "evsim does not model %s (%s): --model names another",
                         live->program.server, live->program.path);
    if (!live->model)
        live->model = live->program.server;
    live->seed = user->seed ? user->seed : (uint32_t)time(NULL);
    return 0;
}

static int compare(struct user *user, struct error *error)
{
    const struct live_options *live = &user->live;
    struct live_report report;
    int status;

    printf("%s as %s, %zu runs against %zu seeds; --seed %" PRIu32 "\n", live->program.path, live->model, live->runs,
           live->seeds, live->seed);
    fflush(stdout);
    status = live_run(live, &report, error);
    if (!status)
        print_report(&report);
    if (!status)
        status = report.significant > 0;
    live_report_release(&report);
    return status;
}

int main(int argc, char **argv)
{
    struct user user = {0};
    struct option_set set = {.groups = live_server_groups, .group_count = 1, .target = &user};
    struct error error = {0};
    int status;

    gsl_set_error_handler_off();
    status = options_parse(&set, "live_server", argc - 1, argv + 1, &error);
    options_release(&set);
    if (!status && set.help) {
        printf("usage: live_server [options] [CAPTURE...]\n\nCompares evsim with a real server on fresh "
               "traces, or on captures of applications (MONITOR).\n\n");
        help_options(&set, stdout);
        return 0;
    }
    if (!status && set.operands) {
        user.captures = xcalloc((size_t)set.operands + 1, sizeof *user.captures);
        for (int i = 0; i < set.operands; i++)
            user.captures[i] = argv[i + 1];
        user.live.captures = user.captures;
    }
    if (!status) {
        status = prepare(&user, &error);
        if (status > 0) {
            printf("skipped: no redis-server on PATH\n");
            status = 0;
        } else if (!status) {
            status = compare(&user, &error);
        }
    }
    free(user.policy_names);
    free(user.captures);
    if (status < 0) {
        fprintf(stderr, "live_server: %s\n", error.text);
        return (int)error.code;
    }
    return status;
}
