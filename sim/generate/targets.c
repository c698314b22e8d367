/* SPDX-License-Identifier: GPL-3.0-or-later */
/* targets: the list, a line each. */
#include "sim/generate/target.h"

#include <strings.h>

#define TARGET_LIST(X)                                                                                                 \
    X(twitter)                                                                                                         \
    X(oracle_general)                                                                                                  \
    X(monitor)

const struct generate_target *const generate_targets[] = {
#define X(name) &generate_target_##name,
    TARGET_LIST(X)
#undef X
};

const size_t generate_target_count = sizeof generate_targets / sizeof *generate_targets;

const struct generate_target *generate_target_find(const char *name)
{
    for (size_t i = 0; i < generate_target_count; i++)
        if (!strcasecmp(generate_targets[i]->name, name))
            return generate_targets[i];
    return NULL;
}
