/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exchange: a command that a client has sent, with what the server replied when that is known.
 *
 * Exchanges of all clients are in one queue, in the order in which the commands came: so the server executed them. The first
 * leaves it when its reply is known, or none is waited for; what is behind MULTI leaves it with its EXEC. */
#ifndef TRACES_CAPTURE_EXCHANGE_H
#define TRACES_CAPTURE_EXCHANGE_H

#include "traces/capture/replies.h"
#include "traces/capture/requests.h"

#include "sim/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection;

struct exchange {
    struct exchange *later;            /* in the queue, or of its transaction */
    struct exchange *later_unanswered; /* of its connection */
    struct connection *connection;
    uint64_t packet;
    int64_t time_us;
    enum op op;                    /* of the first word, or both; OP_COUNT: none that Redis has */
    bool is_queued, is_unanswered; /* it is in the queue, or in a transaction; its connection waits for its reply */
    bool may_lack_select;          /* bytes before it are missing, in which a SELECT may have been */
    bool is_closing;               /* no command: the connection is closed, behind all that were sent on it */
    bool is_ready;                 /* no reply is waited for */
    bool is_known;                 /* this is what the server replied: */
    char word[REPLY_WORD];         /* of an error or a status */
    struct reply_item *items;      /* where sizes may be in it, or a transaction's replies */
    size_t item_count;
    struct exchange *transaction;  /* of EXEC: what was behind MULTI */
    size_t damaged, first_damaged; /* arguments that lack bytes */
    size_t bytes, count;
    struct argument arguments[];
};

/* A copy of the command that the reader has. */
struct exchange *exchange_new(const struct request_reader *reader);
/* What is_closing. */
struct exchange *exchange_new_closing(void);
void exchange_free(struct exchange *exchange); /* without its transaction */

/* What the server replied. */
void exchange_answer(struct exchange *exchange, const struct reply_reader *reader);

/* Of what a reply says of a command's keys: the size of the value of key number `key`. False: it does not say. *is_nil: there is none.
 * `items` is the reply itself, of depth `depth`, and what is in it. */
bool exchange_size(enum op op, const struct reply_item *items, size_t count, size_t key, uint32_t *size, bool *is_nil);

/* The reply to command `index` of EXEC's transaction, or NULL; *count items. */
const struct reply_item *exchange_reply_of(const struct exchange *exec, size_t index, size_t *count);

/* Whether the server did not execute it, nor would another with more memory. */
bool exchange_is_refused(const struct exchange *exchange);

/* Whether arguments that lack bytes leave it what it was: it is the value that does. */
bool exchange_is_whole(const struct exchange *exchange);

#endif
