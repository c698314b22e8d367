/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/enough.h"

#include "sim/advice/phrase.h"
#include "sim/advice/search.h"
#include "sim/advice/trials.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <stdlib.h>

struct seeker {
    const struct doctor_request *request;
    struct size_search search;
    struct tried *tried; /* as many as the search has trials, by the order of trying; owned */
    size_t count;
    uint64_t readings;
    struct error *error;
};

static void add_cells(const struct seeker *seeker, const struct size_wanted *wanted, struct cell_config *cells)
{
    const struct doctor_request *request = seeker->request;

    for (uint64_t s = 0; s < wanted->seeds; s++)
        cells[s] = (struct cell_config){
            .server = request->server,
            .policy = request->policy.policy,
            .parameters = request->policy.parameters,
            .policy_label = request->policy.label,
            .policy_path = request->policy.path,
            .maxmemory = wanted->size,
            .seed = request->first_seed + s,
        };
}

static void keep(struct seeker *seeker, const struct size_wanted *wanted, const struct result *results)
{
    struct tried trial = {.maxmemory = wanted->size};

    trial_take(&trial, results, wanted->seeds);
    size_search_found(&seeker->search, &(struct size_trial){.size = wanted->size,
                                                            .seeds = wanted->seeds,
                                                            .meets = trial.ends_it,
                                                            .misses = !trial.ends_it,
                                                            .lacks = {trial.oom_rejections.most}});
    seeker->tried = xrealloc(seeker->tried, (seeker->count + 1) * sizeof *seeker->tried);
    seeker->tried[seeker->count++] = trial;
}

/* One reading of the trace, for all that the search wants now. */
static int try_all(struct seeker *seeker, const struct size_wanted *wanted, size_t count)
{
    struct replay_plan plan = seeker->request->plan;
    struct run run = {0};
    struct cell_config *cells;
    size_t cell_count = 0, place = 0;
    int status;

    for (size_t i = 0; i < count; i++)
        cell_count += wanted[i].seeds;
    cells = xcalloc(cell_count, sizeof *cells);
    for (size_t i = 0; i < count; place += wanted[i++].seeds)
        add_cells(seeker, &wanted[i], cells + place);
    plan.cells = cells;
    plan.cell_count = cell_count;
    if (seeker->request->tell)
        seeker->request->tell(seeker->request->tell_owner, seeker->readings, cell_count);
    seeker->readings++;
    status = replay_run(&plan, &run, seeker->error);
    place = 0;
    for (size_t i = 0; i < count && !status; place += wanted[i++].seeds)
        keep(seeker, &wanted[i], run.results + place);
    free(cells);
    run_release(&run);
    return status;
}

/* What came out at the answer's size with all seeds. */
static const struct tried *answer_of(const struct seeker *seeker)
{
    const struct size_trial *answer = size_search_answer(&seeker->search);

    for (size_t i = seeker->count; answer && i--;)
        if (seeker->tried[i].maxmemory == answer->size && seeker->tried[i].seeds == seeker->search.seeds)
            return &seeker->tried[i];
    return NULL;
}

static void add_remedy(struct diagnosis *diagnosis, const struct tried *answer)
{
    struct tried trial = *answer;
    char text[UNITS_TEXT];

    print_maxmemory(text, trial.maxmemory);
    trial.name = text_of("maxmemory %s", text);
    trial.command = text_of("CONFIG SET maxmemory %s", text);
    trial.config = text_of("maxmemory %s", text);
    trial.policy = xstrdup(diagnosis->policy);
    trial.adds_memory = true;
    trial.parts = 1;
    diagnosis->enough = trial.maxmemory;
    diagnosis->remedies = xrealloc(diagnosis->remedies, (diagnosis->remedy_count + 1) * sizeof *diagnosis->remedies);
    diagnosis->remedies[diagnosis->remedy_count++] = trial;
}

int enough_find(const struct doctor_request *request, uint64_t seeds, bool quickly, struct diagnosis *diagnosis,
                struct error *error)
{
    const struct ladder ladder = {.precision = 0.01};
    struct seeker seeker = {
        .request = request,
        .search = {.ladder = ladder,
                   .least = ladder_up_to(&ladder, request->maxmemory),
                   .most = ladder_up_to(&ladder, diagnosis->unlimited_peak + diagnosis->unlimited_peak / 4),
                   .hint = ladder_up_to(&ladder, diagnosis->unlimited_peak),
                   .seeds = seeds,
                   .goals = 1,
                   .is_quick = quickly},
        .readings = 3,
        .error = error,
    };
    struct size_wanted wanted[SIZES_WANTED];
    const struct tried *answer;
    int status = 0;

    if (seeker.search.most <= seeker.search.least)
        return 0;
    for (size_t count; !status && (count = size_search_next(&seeker.search, wanted));)
        status = try_all(&seeker, wanted, count);
    answer = status ? NULL : answer_of(&seeker);
    if (answer)
        add_remedy(diagnosis, answer);
    size_search_release(&seeker.search);
    free(seeker.tried);
    return status;
}
