/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_recorded: evsim against what real servers did.
 *
 * golden/servers.jsonl of EVSIM_SHARED holds runs of real servers on recorded traces, several per cell
 * because a server's hash seed and sampling differ from run to run. Each cell is replayed with several
 * seeds, with the used_memory that each recorded run began with, and compared as a distribution. */
#ifndef TESTS_SUPPORT_RECORDED_H
#define TESTS_SUPPORT_RECORDED_H

#include "sim/error.h"
#include "sim/model.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>

enum recorded_counter {
    RECORDED_HITS,
    RECORDED_EVICTED,
    RECORDED_EXPIRED,
    RECORDED_OOM,
    RECORDED_KEYS,
    RECORDED_EXPIRES,
    RECORDED_USED_MEMORY,
    RECORDED_USED_MEMORY_PEAK,
    RECORDED_COUNTERS
};
extern const char *const recorded_names[RECORDED_COUNTERS];

struct recorded_moments {
    double mean, sd; /* sd is 0 when every run says the same */
};

/* One server, trace and policy: the server's runs beside the simulated ones. */
struct recorded_cell {
    char server[32], trace[16], policy[32];
    double maxmemory;
    size_t runs, seeds;
    struct recorded_moments real[RECORDED_COUNTERS], simulated[RECORDED_COUNTERS];
    struct recorded_moments real_hit_ratio, simulated_hit_ratio; /* per cent */
    bool peak_is_chance; /* the server sees only some of its highest moments (peak_by_allocator of its profile) */
    double curve_error;  /* mean absolute difference of the used_memory curves, of maxmemory; per cent */
};

/* What a recorded server is taken for that evsim does not have by its name; NULL: it is left out. */
void recorded_take_for(const char *model);

/* `shared`: the folder of the recordings, or one above it, where it is called golden. Replays every cell of every modeled server with at least `seeds` seeds each. The cells are the caller's
 * to free. 0; 1 when the recordings are not there; -1 on error. */
int recorded_compare(const char *shared, size_t seeds, struct recorded_cell **cells, size_t *count,
                     struct error *error);

/* What a recording was made under: Redis's defaults, used_memory in INFO before the first request, INFO at
 * the start and then this often. */
void recorded_options(struct simulation_options *options, double baseline, int64_t info_every_us);

/* Replays a Twitter trace in `count` cells, options[i] being those of configs[i], and tells them when it
 * starts. The results' curves are the caller's to free. 0, or -1 on error. */
int recorded_replay(const char *path, const struct cell_config *configs, struct simulation_options *options,
                    size_t count, struct result *results, struct error *error);

#endif
