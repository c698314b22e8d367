/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/request.h"

#include <string.h>

void batch_append(struct batch *to, const struct batch *from, uint32_t first, uint32_t count)
{
#define X(type, name) memcpy(&to->name[to->count], &from->name[first], count * sizeof(type));
    REQUEST_COLUMNS(X)
#undef X
    to->count += count;
}
