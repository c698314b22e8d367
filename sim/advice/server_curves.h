/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server_curves: the share of reads that miss over the maxmemory of modeled servers, each point a simulation of the whole
 * trace: no sample, no model of a cache, but the server itself.
 *
 *     first reading     each server without a limit: its used_memory says which sizes there are between the empty server
 *                       and all of the data; left out where sizes are given
 *     second reading    servers x sizes x policies x seeds
 *     further readings  with a budget: sizes halfway between two where some curve falls by more than a hundredth, the steepest
 *                       first; each costs servers x policies x seeds simulations. A reading spends half of what is left, so that the
 *                       next one knows more; they end where no gap is steep, or nothing that can be typed is between */
#ifndef SIM_ADVICE_SERVER_CURVES_H
#define SIM_ADVICE_SERVER_CURVES_H

#include "sim/engine/grid.h"
#include "sim/engine/replay.h"
#include "sim/mrc/mrc.h"

#include <stdint.h>

struct server_curves_request {
    struct replay_plan plan; /* without cells */
    struct grid grid;        /* no sizes: they are chosen */
    uint32_t points;         /* how many, then; fewer where they would be equal */
    uint64_t budget;         /* simulations that may be added where a curve is steep; 0: none */
};

/* Fills all of `mrc` but version, command and settings; its warnings, too. 0; or -1 as replay_run does, on a trace that
 * would have to be read twice and cannot be, on one without reads. */
int server_curves_make(const struct server_curves_request *request, struct mrc *mrc, struct error *error);

#endif
