/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/request.h"

#include <string.h>

void batch_clear(struct batch *batch)
{
#define X(type, name)                                                                                                  \
    if (batch->has_##name)                                                                                             \
        memset(batch->name, 0, sizeof batch->name);                                                                    \
    batch->has_##name = false;
    SPARSE_COLUMNS(X)
#undef X
    batch->count = 0;
}

void batch_append(struct batch *to, const struct batch *from, uint32_t first, uint32_t count)
{
#define X(type, name) memcpy(&to->name[to->count], &from->name[first], count * sizeof(type));
    DENSE_COLUMNS(X)
#undef X
#define X(type, name)                                                                                                  \
    if (from->has_##name)                                                                                              \
        memcpy(&to->name[to->count], &from->name[first], count * sizeof(type));                                        \
    to->has_##name |= from->has_##name;
    SPARSE_COLUMNS(X)
#undef X
    to->count += count;
}
