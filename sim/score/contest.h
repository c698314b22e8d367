/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contest: the scores of many policies, each in a sealed process of its own (confine.h, seal.h), some at a time. Whatever
 * one does, it gets its answer and the others theirs, in the order in which they were named. */
#ifndef SIM_SCORE_CONTEST_H
#define SIM_SCORE_CONTEST_H

#include "sim/score/score.h"

/* What became of a policy. */
enum score_end {
    SCORE_DONE,
    SCORE_LOAD,  /* it cannot be loaded, or does not do for it */
    SCORE_LAW,   /* it named a key that may not go */
    SCORE_CRASH, /* a signal */
    SCORE_EXIT,  /* it ended the process */
    SCORE_TIME,  /* it took longer than it may */
    SCORE_MEMORY,
    SCORE_SYSTEM_CALL, /* it made one that is refused */
    SCORE_ENDS,
};

struct score_answer {
    const char *policy; /* as it was named */
    enum score_end end;
    struct score score; /* if done */
    char why[512];      /* if not */
};

struct contest {
    struct score_plan plan;
    const char *const *policies;
    size_t count;
    size_t jobs;           /* processes at a time, 1 at least */
    int64_t time_us;       /* of a processor, for each policy; and ten times as long by the clock */
    uint64_t memory_bytes; /* for each, besides the traces */
    /* Finds the policy of that name, or loads it: in its own process. 0, or -1 with an error. */
    int (*choose)(void *owner, const char *name, struct named_policy *policy, struct error *error);
    /* Told each answer. 0, or -1 with an error, which ends the contest. */
    int (*tell)(void *owner, const struct score_answer *answer, struct error *error);
    void *owner;
};

extern const char *const score_end_names[SCORE_ENDS];

/* 0; or -1 when it cannot be done here, was interrupted, or an answer could not be told. */
int contest_run(const struct contest *contest, struct error *error);

#endif
