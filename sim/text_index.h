/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text_index: texts by number, each once, in the order in which they came: names that a file lists, where one more has to be
 * looked for among all before it. Finding one takes the same time however many there are. */
#ifndef SIM_TEXT_INDEX_H
#define SIM_TEXT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_index {
    char **texts; /* by number; owned */
    size_t count;
    size_t *slots; /* owned: 1 + number at the text's hash or behind it; 0: free */
    size_t capacity;
};

/* The text's number: a new one, `count` before, if it was not there. Zeroed to begin with; to be released. */
size_t text_index_add(struct text_index *index, const char *text);
/* Whether it is there, and its number. */
bool text_index_find(const struct text_index *index, const char *text, size_t *number);
void text_index_release(struct text_index *index);

#endif
