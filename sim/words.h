/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words: a line cut into words as redis-cli and redis.conf have them.
 *
 *     SET "a key" 'it\'s' \x41        four words: SET, a key, it's, \x41
 *
 * Within double quotes a backslash escapes: \n \r \t \b \a \xHH, or itself any other character; within single quotes
 * only a single quote. Quotes end their word.
 *
 * Source: sdssplitargs, sds.c of Redis 7.0.15. */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include <stddef.h>

/* Points words[0 ...] into the line, over which they are written, and counts them; what is beyond `room` is counted
 * only. 0, or -1 when quotes do not end or are not at the end of a word. */
int words_split(char *line, char **words, size_t room, size_t *count);

#endif
