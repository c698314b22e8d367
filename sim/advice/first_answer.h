/* SPDX-License-Identifier: GPL-3.0-or-later */
/* first_answer: what the doctor can say of a long trace while its simulations run: the server as it is, each policy, and twice the
 * memory, in miniature, through a sample of the keys (key_sample.h). It is told as what it is, and nothing rests on it.
 *
 * It comes twice: some seconds after the start, from as much of the trace as was read by then, and when all of it was read once. */
#ifndef SIM_ADVICE_FIRST_ANSWER_H
#define SIM_ADVICE_FIRST_ANSWER_H

#include "sim/advice/doctor_request.h"
#include "sim/advice/key_sample.h"

enum { FIRST_ANSWER_FROM = 2000000 }; /* commands of a trace that is long enough to be worth it */

/* While the trace is first read: what the sample says so far. Tells request->tell_first, if it is of use. 0 or -1. */
int first_answer_so_far(const struct doctor_request *request, const struct key_sample *sample, const struct run *run,
                        struct error *error);
/* `run` is that of the first reading, whose result 1 has no limit. Tells request->tell_first, if the sample is of use. 0 or -1. */
int first_answer_tell(const struct doctor_request *request, struct key_sample *sample, const struct run *run,
                      struct error *error);

#endif
