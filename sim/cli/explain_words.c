/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/explain_words.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

char *explain_shown_name(const struct explain *explain, uint32_t id)
{
    size_t length;
    uint32_t db;
    const unsigned char *name = (const unsigned char *)explain_name(explain, id, &length, &db);
    char *text = xmalloc(4 * length + 3 + 16), *end = text;
    bool plain = length > 0;

    for (size_t i = 0; i < length; i++)
        plain &= name[i] > ' ' && name[i] != '"' && name[i] != '\\' && name[i] < 0x7f;
    if (!plain)
        *end++ = '"';
    for (size_t i = 0; i < length; i++)
        if (name[i] == '"' || name[i] == '\\')
            end += sprintf(end, "\\%c", name[i]);
        else if (name[i] < ' ' || name[i] >= 0x7f)
            end += sprintf(end, "\\x%02x", name[i]);
        else
            *end++ = (char)name[i];
    if (!plain)
        *end++ = '"';
    *end = '\0';
    if (db)
        sprintf(end, " (database %" PRIu32 ")", db);
    return text;
}

uint64_t explain_to_free(const struct gate *gate)
{
    uint64_t needed = gate->used + gate->wanted;

    return needed > gate->maxmemory ? needed - gate->maxmemory : 0;
}

const char *explain_on_miss(const struct cell_config *cell)
{
    return cell->options->fill ? "fill" : "none";
}

const char *explain_label(const struct cell_config *cell)
{
    return cell->policy_label ? cell->policy_label : cell->policy->name;
}
