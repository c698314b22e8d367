/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/member.h"

#include <inttypes.h>
#include <stdio.h>

const char *member_spell(const struct members *members, uint32_t id, char room[MEMBER_SPELLED])
{
    const struct member *member = member_of(members, id);

    if (member->is_integer)
        snprintf(room, MEMBER_SPELLED, "%" PRId64, member->number);
    else if (member->length > sizeof member->begins)
        return member_text(members, id);
    else
        for (size_t i = 0; i < sizeof member->begins; i++)
            room[i] = (char)(member->begins >> (56 - 8 * i));
    return room;
}
