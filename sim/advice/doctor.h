/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor: why a server refuses writes or evicts, and what would end it.
 *
 *     first reading   the configuration as it is, and the same without a limit: when and why it began (census.h), how fast
 *                     memory grows, how large it becomes
 *     second          the configuration and each remedy (trials.h), with several seeds
 *     further         the smallest maxmemory that refuses nothing (enough.h)
 *
 *
 * Of a long trace the first reading also keeps a sample of the keys, from which a first answer is told (first_answer.h).
 *
 * Causes (causes.h) are then weighed by what the readings showed. A healthy server needs the first reading only. */
#ifndef SIM_ADVICE_DOCTOR_H
#define SIM_ADVICE_DOCTOR_H

#include "sim/advice/diagnosis.h"
#include "sim/advice/doctor_request.h"
#include "sim/error.h"

/* Fills all of it but the version, the command and the settings, which are the caller's. 0; or -1 as replay_run does, or
 * where the trace cannot be read more than once. To be released either way. */
int doctor_make(const struct doctor_request *request, struct diagnosis *diagnosis, struct error *error);

#endif
