/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/members.h"

#include "sim/alloc.h"
#include "sim/digits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <sha1.h>

enum { TEXT_OVERHEAD = 24 }; /* of a text that is kept: its pointer, and the allocator's */

void member_index_release(struct member_index *index)
{
    if (!index->members.pages)
        return;
    members_release(&index->members);
    keys_release(&index->ids);
}

static uint64_t beginning_of(const char *text, uint32_t bytes)
{
    uint64_t begins = 0;

    for (uint32_t i = 0; i < 8; i++)
        begins = begins << 8 | (i < bytes ? (unsigned char)text[i] : 0);
    return begins;
}

/* MurmurHash64A, reading 8 bytes as little-endian, as the server does on x86 and ARM. By Appleby, public domain. */
static uint64_t murmur(const char *text, uint32_t bytes, uint64_t seed)
{
    const uint64_t multiplier = UINT64_C(0xc6a4a7935bd1e995);
    uint64_t hash = seed ^ bytes * multiplier;

    for (uint32_t at = 0; at < bytes; at += 8) {
        uint32_t left = bytes - at < 8 ? bytes - at : 8;
        uint64_t word = 0;

        for (uint32_t i = 0; i < left; i++)
            word |= (uint64_t)(unsigned char)text[at + i] << 8 * i;
        if (left == 8) {
            word *= multiplier;
            word ^= word >> 47;
            word *= multiplier;
        }
        hash = (hash ^ word) * multiplier;
    }
    hash = (hash ^ hash >> 47) * multiplier;
    return hash ^ hash >> 47;
}

/* hllPatLen: the low bits of the hash choose the register. The rank is the place of the lowest bit set in the rest. */
static void note_rank(struct member *member, const char *text, uint32_t bytes)
{
    enum { REGISTER_BITS = 14 };
    uint64_t hash = murmur(text, bytes, UINT64_C(0xadc83b19));

    member->hll_register = hash & ((1 << REGISTER_BITS) - 1);
    hash = hash >> REGISTER_BITS | UINT64_C(1) << (64 - REGISTER_BITS);
    member->hll_rank = (uint8_t)(__builtin_ctzll(hash) + 1);
}

/* Fills in the member of a new id, before any batch uses the id. */
static void note(struct member_index *index, uint32_t id, const char *text, uint32_t bytes)
{
    struct member **page = &index->members.pages[id >> MEMBER_PAGE_BITS];
    struct member member = {.length = bytes, .begins = beginning_of(text, bytes)};

    note_rank(&member, text, bytes);
    member.is_integer = digits_canonical(text, text + bytes, &member.number);
    if (!*page)
        *page = xcalloc(MEMBER_PAGE, sizeof **page);
    (*page)[id & (MEMBER_PAGE - 1)] = member;
}

uint32_t member_index_intern(struct member_index *index, const char *text, uint32_t bytes)
{
    uint32_t known, id;

    if (!index->members.pages) {
        keys_init(&index->ids);
        index->members.pages = xcalloc(MEMBER_PAGES, sizeof *index->members.pages);
        index->members.texts = xcalloc(MEMBER_PAGES, sizeof *index->members.texts);
        index->members.holders = xcalloc(1, sizeof *index->members.holders);
        *index->members.holders = 1;
    }
    known = index->ids.count;
    id = keys_intern_text(&index->ids, text, bytes);
    if (id == known)
        note(index, id, text, bytes);
    return id;
}

static uint32_t intern_script(struct member_index *index, const char *text, uint32_t bytes)
{
    char digest[SHA1_DIGEST_STRING_LENGTH];

    SHA1Data((const uint8_t *)text, bytes, digest);
    return member_index_intern(index, digest, SHA1_DIGEST_STRING_LENGTH - 1);
}

static uint32_t intern_in_small_letters(struct member_index *index, const char *text, uint32_t bytes)
{
    char *small = xmalloc(bytes + 1);
    uint32_t id;

    for (uint32_t i = 0; i < bytes; i++)
        small[i] = (char)tolower((unsigned char)text[i]);
    id = member_index_intern(index, small, bytes);
    free(small);
    return id;
}

void member_index_keep_texts(struct member_index *index, uint64_t most)
{
    if (index->texts_most == UINT64_MAX)
        return;
    if (!index->texts_most || index->unspelled.end)
        index->unspelled.end = index->ids.count;
    index->texts_most = most;
}

/* Whether the member's text is to be kept though nobody has asked for it. */
static bool keeps_text(struct member_index *index, uint32_t id)
{
    const struct member *member = member_of(&index->members, id);

    if (index->texts_most && index->text_bytes > index->texts_most && !index->unspelled.end)
        index->unspelled = (struct id_range){id, UINT32_MAX};
    return index->texts_most && index->unspelled.end != UINT32_MAX && !member->is_integer &&
           member->length > sizeof member->begins;
}

uint32_t member_index_element(struct member_index *index, const struct named_element *named)
{
    if (!named->text || named->element.flags & ELEMENT_SPELLED)
        return named->element.member;
    if (named->element.flags & ELEMENT_SCRIPT_TEXT)
        return intern_script(index, named->text, named->bytes);
    if (named->element.flags & (ELEMENT_SCRIPT_SHA1 | ELEMENT_ANY_CASE))
        return intern_in_small_letters(index, named->text, named->bytes);
    uint32_t known = index->ids.count, id = member_index_intern(index, named->text, named->bytes);

    if (named->element.flags & ELEMENT_TEXT || (id == known && keeps_text(index, id)))
        member_index_keep_text(index, id, named->text, named->bytes);
    return id;
}

void member_index_keep_text(struct member_index *index, uint32_t id, const char *text, uint32_t bytes)
{
    char ***page, **place;

    page = &index->members.texts[id >> MEMBER_PAGE_BITS];
    if (!*page)
        *page = xcalloc(MEMBER_PAGE, sizeof **page);
    place = &(*page)[id & (MEMBER_PAGE - 1)];
    if (*place)
        return;
    *place = xmalloc(bytes + 1);
    index->text_bytes += bytes + TEXT_OVERHEAD;
    memcpy(*place, text, bytes);
    (*place)[bytes] = '\0';
}
