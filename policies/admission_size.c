/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size: values up to a given size are admitted, larger ones are not. Many content delivery networks do this. */
#include "sim/admission.h"

enum { MOST };

static bool admits(struct admission_context *context, uint32_t id, uint32_t bytes)
{
    (void)id;
    return bytes <= context->parameters[MOST];
}

static const struct policy_parameter parameters[] = {
    [MOST] = {"most", 65536, 0, 1e18, "bytes of the largest value that may come in"},
    {0},
};

const struct admission admission_size = {
    .name = "size",
    .summary = "values up to a size",
    .parameters = parameters,
    .admits = admits,
};
