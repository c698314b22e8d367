/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/trace_writer.h"

#include <string.h>

void omissions_add(struct omissions *omissions, const char *what, uint64_t count)
{
    int slot = 0;

    while (slot < omissions->count && strcmp(omissions->list[slot].what, what) != 0)
        slot++;
    if (slot == omissions->count && slot < OMISSIONS)
        omissions->count++;
    if (slot >= OMISSIONS - 1) {
        slot = OMISSIONS - 1;
        what = "others";
    }
    snprintf(omissions->list[slot].what, OMISSION_TEXT, "%s", what);
    omissions->list[slot].count += count;
}
