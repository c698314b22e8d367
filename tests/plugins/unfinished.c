/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unfinished: a policy without a victim(). */
#include "sim/policy_plugin.h"

static const struct policy unfinished = {.name = "unfinished", .summary = "to be written", .scope = SCOPE_ALLKEYS};

POLICY_PLUGIN(unfinished);
