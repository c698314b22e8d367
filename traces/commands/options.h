/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options: the words that may follow a command's other arguments, in tables, as the server's own parser takes them. */
#ifndef TRACES_COMMANDS_OPTIONS_H
#define TRACES_COMMANDS_OPTIONS_H

#include "traces/commands/words.h"

/* The argument is the canonical decimal of an int64. */
bool argument_integer(const struct argument *argument, int64_t *number);
/* What DIGEST says of a value (XXH3-64), which tells its text from others; 1 instead of 0. */
int64_t argument_digest(const struct argument *argument);
/* A text that values are compared with: ELEMENT_INTEGER, or its digest. */
void element_set_text(struct element *element, const struct argument *text);
/* Such a digest as IFDEQ and IFDNE have it, 16 hexadecimal digits: ELEMENT_DIGEST, ELEMENT_INVALID if it is none. */
void element_set_digest(struct element *element, const struct argument *digits);

/* A time to live or to die: seconds unless REQUEST_MILLIS is among the flags. False: it is refused. */
bool record_set_ttl(struct record *record, const struct argument *ttl, unsigned flags);
bool record_set_db(struct record *record, const struct argument *db);

/* The options from argument `first` on, in any order; the record is the queue's last. */
enum outcome options_take(struct queue *queue, const struct argument *list, size_t count, size_t first,
                          enum options options, struct record *record);

#endif
