/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/member.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void members_hold(struct members *held, const struct members *members)
{
    if (held->pages || !members->pages)
        return;
    *held = *members;
    ++*held->holders;
}

static void free_texts(char **page)
{
    for (uint32_t i = 0; page && i < MEMBER_PAGE; i++)
        free(page[i]);
    free(page);
}

void members_release(struct members *members)
{
    if (members->pages && !--*members->holders) {
        for (uint32_t page = 0; page < MEMBER_PAGES && members->pages[page]; page++) {
            free_texts(members->texts[page]);
            free(members->pages[page]);
        }
        free(members->pages);
        free(members->texts);
        free(members->holders);
    }
    *members = (struct members){0};
}

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
