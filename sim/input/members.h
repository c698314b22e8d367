/* SPDX-License-Identifier: GPL-3.0-or-later */
/* members: every text that names an element of a value becomes a dense id, once, as keys.h does for keys; what it looks
 * like is noted at its first appearance (member.h). */
#ifndef SIM_INPUT_MEMBERS_H
#define SIM_INPUT_MEMBERS_H

#include "sim/input/keys.h"
#include "sim/member.h"
#include "sim/request.h"

struct member_index {
    struct keys ids;
    struct members members;
    uint64_t text_bytes;       /* of host memory, of texts that are kept, */
    uint64_t texts_most;       /* and how many may be, of members that no ELEMENT_TEXT asks for; 0: none */
    struct id_range unspelled; /* members that came when no more were kept */
};

/* From now on the texts of members are kept that tell no other way (member_spell), while all take no more host memory than
 * this; UINT64_MAX: whatever they take. Not of those that are there already. */
void member_index_keep_texts(struct member_index *index, uint64_t most);

/* Zeroed to begin with: nothing is allocated before the first text. */
void member_index_release(struct member_index *index);

/* The id of a text, which need not be terminated. */
uint32_t member_index_intern(struct member_index *index, const char *text, uint32_t bytes);
/* The same of an element: of a script the SHA1 of its text; of a name that may be written in any case, in small letters. Without
 * a text the member that it has. */
uint32_t member_index_element(struct member_index *index, const struct named_element *named);

/* Keeps a member's text from here on: member_text(). */
void member_index_keep_text(struct member_index *index, uint32_t id, const char *text, uint32_t bytes);

#endif
