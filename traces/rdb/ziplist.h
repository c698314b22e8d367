/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ziplist: the blocks that servers before Redis 7.0 kept, and wrote, where later ones have listpacks.
 *
 *     | bytes 4 | tail 4 | entries 2 | length of the one before 1 or 5 | encoding | ... | 255 |
 *
 * Source: ziplist.c of Redis 6.2. */
#ifndef TRACES_RDB_ZIPLIST_H
#define TRACES_RDB_ZIPLIST_H

#include "traces/rdb/payload_read.h"

/* The ziplist that the text is, and its next entry: with payload_has_entries() and payload_close_listpack(). */
struct reading ziplist_open(struct reading *reading, struct text_read text);
struct text_read ziplist_take(struct reading *ziplist);

#endif
