/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hook_trace: wraps a policy, and notes which of its hooks is running. So check-policy can say in which one a
 * policy crashed, ended the program or did not return. The note lies in memory that outlives the process
 * (confine.h). */
#ifndef SIM_HOOK_TRACE_H
#define SIM_HOOK_TRACE_H

#include "sim/policy.h"

#include <stdbool.h>
#include <stdint.h>

/* Zeroed before the first. */
struct hook_note {
    const char *hook; /* "victim": the one that was called last; NULL: none was yet */
    bool runs;        /* it has not returned */
    uint64_t calls;   /* of all hooks, this one included */
};

struct hook_trace {
    struct policy policy; /* use this instead of the policy */
    const struct policy *traced;
    struct hook_note *note;
};

/* Makes trace->policy, which does what the policy does and keeps the note. Policy and note must outlive the trace. */
void hook_trace(struct hook_trace *trace, const struct policy *policy, struct hook_note *note);

#endif
