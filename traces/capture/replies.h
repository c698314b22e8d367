/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replies: the server's replies, piece by piece, as far as they say what was there: types and lengths, not the bytes.
 *
 *     +OK  -ERR ...  :5  $5\r\nhello\r\n  $-1  *2 ...                       RESP2
 *     _  #t  ,1.5  (123  !..  =..  %2 (pairs)  ~3  |1 (about what follows)  >3 (a message, no reply)       RESP3
 *
 * A reply is a list of items: the first is the reply itself, behind an array are its elements, and behind those that are
 * arrays theirs. What is deeper is passed over.
 *
 * Source: redis-doc's protocol-spec; addReply* (networking.c) of Redis 7.0. */
#ifndef TRACES_CAPTURE_REPLIES_H
#define TRACES_CAPTURE_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPLY_DEPTH = 64, REPLY_WORD = 16 };

struct reply_item {
    char type;     /* as on the wire */
    uint8_t depth; /* 0: the reply */
    bool is_nil;
    int64_t number; /* bytes of a string, elements of an array, an integer's value */
};

struct reply_reader {
    bool is_lost;
    char word[32]; /* the line's beginning */
    size_t word_bytes;
    bool in_line;
    uint64_t skip; /* bytes of a string, with its line end, that are still to come */
    unsigned depth;
    uint64_t left[REPLY_DEPTH]; /* elements of each array that are still to come */
    bool is_reply;              /* what is begun is no message, and nothing about what follows */
    struct reply_item *items;   /* of the reply */
    size_t count, capacity;
    char first_word[REPLY_WORD]; /* of an error or a status: OOM, QUEUED */
};

/* A reply is whole: reader->items. */
typedef void replies_reply_fn(void *owner, struct reply_reader *reader);

void replies_begin(struct reply_reader *reader, bool lost);
void replies_release(struct reply_reader *reader);

/* Takes bytes, NULL: missing ones, which within a string do no harm. Bytes are passed over while it is lost. Returns false when it got lost. */
bool replies_take(struct reply_reader *reader, const char *data, uint64_t bytes, replies_reply_fn *reply, void *owner);

/* Whether no reply is begun. */
bool replies_at_rest(const struct reply_reader *reader);

#endif
