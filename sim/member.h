/* SPDX-License-Identifier: GPL-3.0-or-later */
/* member: what is known of the texts that name elements of values: a hash's fields, the members of a set.
 *
 * Each text has a dense id, in order of first appearance, as keys have. What it looks like is said once, for all cells of a
 * run: the pages never move, and who has a batch may read of all members that the batch names. */
#ifndef SIM_MEMBER_H
#define SIM_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct member {
    int64_t number;  /* with is_integer: the text is its canonical decimal */
    uint64_t begins; /* the first eight bytes, most significant first: texts are in order as these are, nearly */
    uint32_t length; /* bytes */
    bool is_integer;
    uint8_t hll_rank;      /* of its text in a HyperLogLog, */
    uint16_t hll_register; /* and where */
};

enum { MEMBER_PAGE_BITS = 12, MEMBER_PAGE = 1 << MEMBER_PAGE_BITS, MEMBER_PAGES = 1 << (32 - MEMBER_PAGE_BITS) };
#define NO_MEMBER UINT32_MAX

/* Ids of keys or members from the first on, and before the end. */
struct id_range {
    uint32_t first, end;
};

static inline bool id_range_has(struct id_range range, uint32_t id)
{
    return id >= range.first && id < range.end;
}

struct members {
    struct member **pages; /* MEMBER_PAGES of them, made as ids are given out; NULL: there is no member yet */
    char ***texts;         /* likewise, of those whose text is kept (ELEMENT_TEXT) */
    uint32_t *holders;     /* how many structs are these members: the last to be released frees them */
};

/* Makes an empty struct the same members, which outlive then whoever has them now; later ones are its own, too. Nothing happens
 * if there are none yet, or if it is no longer empty. Not from two threads at a time. */
void members_hold(struct members *held, const struct members *members);
/* Lets go of them: the struct is empty again. */
void members_release(struct members *members);

static inline const struct member *member_of(const struct members *members, uint32_t id)
{
    return &members->pages[id >> MEMBER_PAGE_BITS][id & (MEMBER_PAGE - 1)];
}

/* The text of a member, if it is kept (ELEMENT_TEXT): as many bytes as its length says. NULL: it is not. */
static inline const char *member_text(const struct members *members, uint32_t id)
{
    return members->texts[id >> MEMBER_PAGE_BITS] ? members->texts[id >> MEMBER_PAGE_BITS][id & (MEMBER_PAGE - 1)]
                                                  : NULL;
}

enum { MEMBER_SPELLED = 24 };

/* Likewise, also of a member that is a number or has no more than eight bytes: then the text is in `room`. It need not be
 * terminated. */
const char *member_spell(const struct members *members, uint32_t id, char room[MEMBER_SPELLED]);

#endif
