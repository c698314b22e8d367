/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wire: a request as it goes to a server (RESP), in the pieces that a script has.
 *
 *     wire_begin(&wire, "SET")       its name
 *     wire_add(&wire, &record)       the arguments of a row of the trace: its key, value, ttl, options
 *     wire_end(&wire)                the bytes are complete: head, value_bytes letters 'v', tail
 *     wire_release(&wire)
 *
 * A command of several keys is several rows, added in turn. */
#ifndef SIM_LIVE_WIRE_H
#define SIM_LIVE_WIRE_H

#include "sim/request.h"

#include <stddef.h>
#include <stdint.h>

struct wire {
    char *text; /* head and tail, one behind the other; owned */
    size_t head_bytes, value_bytes, tail_bytes;
    /* While it is made: */
    size_t bytes, capacity; /* of text */
    size_t split;           /* where in it the value's letters are, 0: nowhere yet */
    unsigned words;
};

static inline const char *wire_tail(const struct wire *wire)
{
    return wire->text + wire->head_bytes;
}

void wire_begin(struct wire *wire, const char *name);
void wire_word(struct wire *wire, const char *word);
void wire_text(struct wire *wire, const char *text, size_t bytes); /* likewise, of any bytes */
/* The row's arguments, by the letters of its command (struct command). */
void wire_add(struct wire *wire, const struct record *record);
void wire_end(struct wire *wire);
void wire_release(struct wire *wire); /* zeroed is fine */

#endif
