/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call: a command at work, and what the commands share: replies, lookups for writing, what replicas are sent. */
#ifndef SIM_SERVER_COMMANDS_CALL_H
#define SIM_SERVER_COMMANDS_CALL_H

#include "sim/server/state.h"
#include "sim/server/values/object.h"

/* A command's row, with what executing it says about the reply. */
struct call {
    struct redis *redis;
    REQUEST_COLUMNS(REQUEST_FIELD)
    const struct batch *batch; /* where the row is: */
    uint32_t row;
    /* From here on empty to begin with, and the large before the small: as few stores as can be. */
    uint64_t adopted;  /* capacity of a long value, once the query buffer's */
    uint64_t reply;    /* bytes */
    uint64_t referred; /* besides: of values that the reply refers to */
    int64_t count;     /* of keys, for replies that count */
    /* What replicas are sent if it propagates: */
    int64_t sent_ttl_ms;
    struct element *sent_elements; /* NULL: the row's; else owned, so many: */
    uint64_t sent_count;           /* the number of the row that is sent; 0: it has none */
    uint32_t sent_element_count;
    uint32_t sent_value_len; /* 0: the row's */
    uint32_t sent_row;       /* of all rows only this is sent, counted from 1; 0: all */
    enum op sent_op;
    enum error_kind error; /* of which kind, if it has failed */
    uint16_t sent_flags;
    uint8_t reply_way; /* enum reply_way */
    bool propagates;   /* it changed something */
    bool sent_apart;   /* and other commands go to replicas in its place, which have been noted */
    bool failed;       /* an error reply */
    bool executes;     /* EXEC, and the client's transaction is carried out behind it */
    bool waits;        /* nothing is there to take, and the client is blocked */
    bool created;      /* its key is new, and the policy has not been told yet */
    bool missed;       /* a read that the application would fill */
};

/* The row before, of a command that takes one key's value to another. */
static inline uint32_t call_source(const struct call *call)
{
    return call->batch->id[call->row - 1];
}

/* The first row of a command of several keys, whose last row this is. */
static inline uint32_t call_first_row(const struct call *call)
{
    uint32_t row = call->row;

    while (row && call->batch->flags[row - 1] & REQUEST_MORE)
        row--;
    return row;
}

/* From here on the call's key is that of another row of the command. */
void call_turn_to(struct call *call, uint32_t row);

/* ---- replies, by their bytes ---- */

void call_reply_integer(struct call *call, int64_t number);
void call_reply_nil(struct call *call);
void call_reply_ok(struct call *call);
void call_reply_status(struct call *call, const char *word);
void call_reply_bulk(struct call *call, uint32_t length);
void call_reply_array(struct call *call, uint64_t count); /* how it begins */
/* Likewise, by a count that the server knew only at the end (addReplyDeferredLen), before anything else of the reply. */
void call_reply_array_deferred(struct call *call, uint64_t count);
/* Likewise, all of it: random elements, of which some may be equal, each drawn and replied with by draw(). A client may ask for thousands
 * of millions; of more than CALL_DRAWS the others are as long as those on average. */
typedef void call_draw_fn(struct call *call, void *owner);
enum { CALL_DRAWS = 1000000 };
void call_reply_draws(struct call *call, uint64_t count, call_draw_fn *draw, void *owner);
void call_reply_error(struct call *call); /* the command has failed: ERR */
void call_reply_error_of(struct call *call, enum error_kind kind);
void call_reply_wrong_type(struct call *call); /* WRONGTYPE */

/* ---- keys ---- */

/* Whether the server can tell when the row's ttl ends: else it answers "invalid expire time" (getExpireMillisecondsOrReply,
 * expireGenericCommand). Commands that store a value want it to be positive, besides. */
bool call_ttl_is_representable(const struct call *call);
/* Unix ms at which the row's ttl ends; it is representable. */
int64_t call_expire_at(const struct call *call);

/* A lookup for writing; NULL: absent. The hit is announced, by one of the next two, once it is known whether the value
 * changes. While a child saves nothing is announced: the server does not touch keys then. */
struct entry *call_lookup_write(struct call *call);
void call_touched(struct call *call);
void call_written(struct call *call);
/* Adds the call's key with a value that the command goes on to fill: one of the two above ends that, and tells the policy of
 * the new key. A new key has not been used yet. */
struct entry *call_create(struct call *call, const struct value *value);
void call_touched_key(struct call *call, uint32_t id); /* another than the row's */
void call_written_key(struct call *call, uint32_t id); /* likewise */
/* setKey: the call's key holds the value from now on, and has no ttl. The value's bytes are among the arguments. */
void call_set_key(struct call *call, const struct value *value);

/* The entry, if any, holds another type than the command wants: it answers WRONGTYPE. */
bool call_is_wrong_type(struct call *call, const struct entry *entry);
/* The row's key, looked up for reading or for writing, if its value is of the command's type. NULL: it is absent, or holds
 * something else, and then the command has failed; that counts as a use all the same. */
struct entry *call_lookup_typed(struct call *call);
struct entry *call_lookup_typed_write(struct call *call);
/* Turns to the first row of the command whose key exists, and looks it up for writing as above. Returns NULL if none does, and
 * then the row is the last again, or if the command has failed. */
struct entry *call_lookup_first_write(struct call *call);
/* The row's elements. */
const struct element *call_elements(const struct call *call);
/* The row's first element that is this option; NULL: it is not given. What belongs to it follows. */
const struct element *call_option(const struct call *call, enum word word);

/* An argument is wrong that the server reads once it has found the key. */
bool call_is_invalid(const struct call *call);

/* The row's decimal number, as the server reads it. */
long double call_decimal(const struct call *call);
/* How the server writes a decimal number: its length. */
uint32_t call_decimal_length(long double number);

/* A value that is not an argument but made by the command: its bytes count as arguments until it is stored. */
struct value call_allocated(struct call *call, struct value value);

/* The key goes because its new ttl has passed already. */
void call_delete_as_past(struct call *call);

/* What the script that is to run declares: enum script_flag. */
uint8_t call_script_flags(const struct call *call);

/* The client's transaction ends, and nothing of it is carried out. */
void call_discard(struct call *call);

/* ---- replicas ---- */

/* Replicas are sent the command as it came, */
void call_propagate(struct call *call);
/* or another one on the key, with a time that means the same to them whenever they read it. */
void call_propagate_as(struct call *call, enum op op, unsigned flags, int64_t unix_ms);
void call_propagate_deletion(struct call *call, bool lazily);
/* Another command on elements, which are the call's from now on, to free. */
void call_propagate_elements(struct call *call, enum op op, struct element *elements, uint32_t count);

/* One of several commands that replicas are sent in this one's place: so many arguments, of so many bytes with all that is around
 * them (resp_bulk_bytes). */
void call_propagate_apart(struct call *call, uint64_t arguments, uint64_t bytes);

/* For its replicas the server rewrites the command as one of `count` arguments, of which the vector, the key
 * and `bytes` more are not shared objects. used_memory_peak sees it; so does used_memory where the vector
 * stays for the next command. */
void call_rewrite(const struct call *call, uint64_t count, uint64_t bytes);
/* Likewise, argument by argument in the vector that there is, which grows if they are more (rewriteClientCommandArgument). */
void call_extend(const struct call *call, uint64_t count, uint64_t bytes);
void call_rewrite_as_pexpireat(const struct call *call);    /* PEXPIREAT key ms */
void call_rewrite_as_name_and_key(const struct call *call); /* DEL key, UNLINK key, PERSIST key */

#endif
