/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request: one command of the trace, in columns.
 *
 *     file -> source (bytes) -> format (struct record) -> keys (dense ids) -> struct batch -> every cell
 *
 * A format fills struct record, which still has the key's bytes. The engine interns the key and
 * moves the rest into the columns of a struct batch, which all cells of a run then read: a cell sees
 * dense uint32_t ids, never a key's bytes.
 *
 * A command with several keys (MGET, MSET, DEL a b c) is several rows: each but the last carries
 * REQUEST_MORE, and all carry the same op and time.
 *
 * Times are int64_t microseconds. In a record they are as the trace has them (see record.time_us),
 * in a batch they count from the trace's first request, and never decrease. */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include "sim/command.h"
#include "sim/member.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum request_flag {
    REQUEST_MORE = 1 << 0, /* the next row is another key of the same command */
    REQUEST_NX = 1 << 1,   /* SET and EXPIRE options */
    REQUEST_XX = 1 << 2,
    REQUEST_GT = 1 << 3,
    REQUEST_LT = 1 << 4,
    REQUEST_KEEPTTL = 1 << 5,  /* SET */
    REQUEST_GET = 1 << 6,      /* SET ... GET */
    REQUEST_PERSIST = 1 << 7,  /* GETEX ... PERSIST */
    REQUEST_TTL = 1 << 8,      /* ttl_ms is present; on a read: the ttl of the fill after a miss */
    REQUEST_ABSOLUTE = 1 << 9, /* ttl_ms is a Unix time (EXAT, PXAT, EXPIREAT, PEXPIREAT) */
    REQUEST_MILLIS = 1 << 10,  /* the command said it in milliseconds (PX, PXAT, PEXPIRE, PSETEX) */
    REQUEST_INTEGER = 1 << 11, /* the value's text is the canonical decimal of number */
    REQUEST_UNTIMED = 1 << 12, /* the format has no time for this row: the engine spaces it */
    REQUEST_DECIMAL = 1 << 13, /* the value's text is a number, see decimal.h, but no canonical integer */
    REQUEST_REPLACE = 1 << 14, /* COPY */
    REQUEST_LEN = 1 << 15,     /* LCS: the reply is a length */
    /* Of commands that have none of those: */
    REQUEST_RIGHT = REQUEST_GT,    /* the first side is RIGHT, or AFTER (s of struct command) */
    REQUEST_TO_RIGHT = REQUEST_LT, /* the second is */
    REQUEST_RANK = REQUEST_NX,     /* LPOS: it was said; its number */
    REQUEST_COUNT = REQUEST_XX,    /* likewise; its second number */
    REQUEST_MAXLEN = REQUEST_GT,   /* likewise; the number of its element */
    REQUEST_LOADED = REQUEST_LEN,  /* RESTORE: no client sent it, the server finds it in its RDB file as it starts */
    REQUEST_SYNC = REQUEST_NX,     /* FLUSHALL and FLUSHDB */
    REQUEST_ASYNC = REQUEST_XX,
};

enum { DB_COUNT = 16, DB_MAX = 256 }; /* Redis's default "databases 16"; how many evsim can tell apart */
/* Of a trace, either way: sums of times, intervals and ttls cannot overflow. */
static const int64_t TIME_MOST_US = INT64_MAX / 4;
static const uint32_t VALUE_UNKNOWN = UINT32_MAX; /* a read whose value size the trace does not have */
static const uint32_t LISTED_FROM = 16384; /* arguments that nobody looks at, if they may come in several reads */
static const uint32_t CLIENT_SCRIPT = UINT32_MAX; /* a row's client, of a command that a script calls */

/* The columns of a request, from a format's record to a command's turn: X(type, name). Whoever copies a request copies
 * all of them.
 *
 *     time_us    in a record as the trace has it: relative, or Unix time (then >= 10^15)
 *     ttl_ms     with REQUEST_TTL; EXPIRE's argument may be zero or negative
 *     number     the command's n (INCRBY: by how much, SETRANGE: offset); REQUEST_INTEGER: the value; of another value that
 *                may be compared, what tells it apart (argument_digest, traces/commands/options.h). Of arguments that
 *                nobody looks at (*): how many they are, which have value_len bytes in all; from LISTED_FROM on each is
 *                an element
 *     second     the command's second n (GETRANGE: the end), COUNT and LIMIT; 1 if what may be missing is there (SPOP); with REQUEST_DECIMAL, and of f: see decimal.h
 *     id         of the key; in a record not yet known
 *     key_len    bytes of the key's name in the server
 *     value_len  of the value written, or read (struct command: measures); VALUE_UNKNOWN. SETRANGE: of the piece. In a
 *                batch, for a read: the size of the fill, the row's own or the last known
 *     flags      enum request_flag
 *     op         enum op
 *     db         below DB_MAX
 *     behind     1: it arrived together with the command before, of the same client: a pipeline
 *     client     the connection that sent it: they are numbered as they first speak; CLIENT_SCRIPT: a script sent it
 *     elements   how many elements of the key's value the command names; the first is number first_element of the batch's
 *                list, or in a record of the record's own */
#define REQUEST_COLUMNS(X) DENSE_COLUMNS(X) SPARSE_COLUMNS(X)

#define DENSE_COLUMNS(X)                                                                                               \
    X(int64_t, time_us)                                                                                                \
    X(int64_t, ttl_ms)                                                                                                 \
    X(uint32_t, id)                                                                                                    \
    X(uint32_t, key_len)                                                                                               \
    X(uint32_t, value_len)                                                                                             \
    X(uint16_t, flags)                                                                                                 \
    X(uint16_t, op)

/* Zero in most traces: then a batch neither writes nor reads them. */
#define SPARSE_COLUMNS(X)                                                                                              \
    X(int64_t, number)                                                                                                 \
    X(int64_t, second)                                                                                                 \
    X(uint32_t, first_element)                                                                                         \
    X(uint32_t, elements)                                                                                              \
    X(uint32_t, client)                                                                                                \
    X(uint8_t, behind)                                                                                                 \
    X(uint8_t, db)

/* The same as fields of a struct. */
#define REQUEST_FIELD(type, name) type name;

/* What a command says of one element of a value: of a hash's field (the member) and what it is set to, a set's member, a
 * sorted set's member and its score. */
struct element {
    int64_t number;     /* ELEMENT_INTEGER: the value; ELEMENT_DECIMAL: the bits of a double; of IFEQ: a digest */
    uint32_t member;    /* id, of which struct members knows more; in a record not yet known */
    uint32_t value_len; /* bytes of the value */
    uint32_t flags;     /* enum element_flag */
};

enum element_flag {
    ELEMENT_INTEGER = 1 << 0, /* the value's text is the canonical decimal of number */
    ELEMENT_DECIMAL = 1 << 1, /* it is another number */
    /* Of commands with words (w, see struct command), whose every argument is an element, in the order that suits them: */
    ELEMENT_SCORED = 1 << 2,   /* two arguments: the member, and its score or its value, of value_len bytes */
    ELEMENT_WORD = 1 << 3,     /* a name of an option, of value_len bytes: number is an enum word */
    ELEMENT_BOUND = 1 << 4,    /* an end of a range, of value_len bytes: a score, or with a member its text, else: */
    ELEMENT_EXCLUDES = 1 << 5, /* of a bound: what equals it is not in the range */
    ELEMENT_MOST = 1 << 6,     /* of a bound: above all texts; without, below them */
    /* A script, an argument of value_len bytes: the member is its name, */
    ELEMENT_SCRIPT = 1 << 7,
    ELEMENT_SCRIPT_TEXT = 1 << 8, /* which is the SHA1 of this text; number is of enum script_flag */
    ELEMENT_SCRIPT_SHA1 = 1 << 9, /* which is given as such */
    ELEMENT_ID = 1 << 10, /* a stream's id: number is its milliseconds, member and value_len its sequence's halves; */
    ELEMENT_INVALID = 1 << 11, /* or a text that is none, which the command finds out if it comes to look at it; */
    ELEMENT_ID_FORM = 7 << 12, /* how it is written: enum id_form */
    /* Of what a payload holds (RESTORE), or the text of a library of functions, which is no argument; */
    ELEMENT_CONTENT = 1 << 15,
    ELEMENT_NODE = 1 << 16,     /* an element of a list that begins a node, */
    ELEMENT_PLAIN = 1 << 17,    /* which has no listpack. */
    ELEMENT_TEXT = 1 << 18,     /* A member whose text matters: the name of a channel, a pattern; */
    ELEMENT_ANY_CASE = 1 << 19, /* one that may be written in any case: a function's name. */
    ELEMENT_SPELLED =
        1 << 20, /* No member: an argument that nobody looks at, whose text is kept for who writes traces. */
    /* Of SET, what its value is compared with: that it must differ (IFNE, IFDNE); that number is a digest as the server has them, or
     * ELEMENT_INVALID (IFDEQ, IFDNE). */
    ELEMENT_DIFFERS = 1 << 21,
    ELEMENT_DIGEST = 1 << 22,
};

/* What a script says that it needs, in its first line. */
enum script_flag {
    SCRIPT_DECLARES = 1 << 0,       /* it has such a line: without the other two it is refused when memory is full */
    SCRIPT_WRITES_NOTHING = 1 << 1, /* no-writes */
    SCRIPT_ALLOWS_OOM = 1 << 2,     /* allow-oom */
    SCRIPT_BYTES = 1 << 8,          /* times the bytes that Lua keeps of the text, compiled; 0: not known */
};

/* What CLIENT TRACKING is called with: the number of its first element. */
enum tracking_flag {
    TRACKING_ON = 1 << 0,
    TRACKING_BCAST = 1 << 1,
    TRACKING_OPTIN = 1 << 2,
    TRACKING_OPTOUT = 1 << 3,
    TRACKING_NOLOOP = 1 << 4,
    TRACKING_REDIRECT = 1 << 5,
};

/* Which clients CLIENT KILL means: the value_len of an element that is no argument, whose number is the client's, or 1 for
 * those that are subscribed, 0 for the others. */
enum kill_filter { KILL_ADDRESS, KILL_SUBSCRIBED };

/* Options by the names that commands have for them. */
enum word {
    WORD_NX,
    WORD_XX,
    WORD_GT,
    WORD_LT,
    WORD_CH,
    WORD_INCR,
    WORD_WITHSCORES,
    WORD_WITHVALUES,
    WORD_NOVALUES,
    WORD_REV,
    WORD_BYSCORE,
    WORD_BYLEX,
    WORD_LIMIT,
    WORD_COUNT,
    WORD_MATCH,
    WORD_MIN,
    WORD_MAX,
    WORD_SUM,
    WORD_WEIGHTS,
    WORD_AGGREGATE,
    WORD_M,
    WORD_KM,
    WORD_FT,
    WORD_MI,
    WORD_FROMMEMBER,
    WORD_FROMLONLAT,
    WORD_BYRADIUS,
    WORD_BYBOX,
    WORD_ASC,
    WORD_DESC,
    WORD_ANY,
    WORD_WITHDIST,
    WORD_WITHHASH,
    WORD_WITHCOORD,
    WORD_STORE,
    WORD_STOREDIST,
    WORD_TYPE,
    WORD_ALPHA,
    WORD_BY,
    WORD_GET,
    WORD_SAMPLES,
    WORD_FIELDS,
    WORD_EX,
    WORD_PX,
    WORD_EXAT,
    WORD_PXAT,
    WORD_PERSIST,
    WORD_KEEPTTL,
    WORD_FNX,
    WORD_FXX,
    WORD_IFEQ,
    WORD_IFNE,
    WORD_IFDEQ,
    WORD_IFDNE,
    WORD_REPLACE,
    WORD_ABSTTL,
    WORD_IDLETIME,
    WORD_FREQ,
    WORD_ASYNC,
    WORD_SYNC,
    WORD_FLUSH,
    WORD_APPEND,
    WORD_PAYLOAD, /* no option */
};

/* What a payload is, the number of its element, with its version above the lowest eight bits. */
enum payload_kind {
    PAYLOAD_WRONG, /* its checksum is wrong, or what it holds cannot be */
    PAYLOAD_UNKNOWN,
    PAYLOAD_STRING,
    PAYLOAD_LIST,
    PAYLOAD_LIST_NODES,
    PAYLOAD_SET,
    PAYLOAD_SET_INTSET,
    PAYLOAD_SET_LISTPACK,
    PAYLOAD_HASH,
    PAYLOAD_HASH_LISTPACK,
    PAYLOAD_ZSET,
    PAYLOAD_ZSET_LISTPACK,
    PAYLOAD_HLL,
    PAYLOAD_STREAM,
};

/* What BY or GET of SORT is followed by: the number of the element. */
enum sort_pattern {
    PATTERN_CONSTANT, /* no key is looked up: the member, an empty text, is what is found */
    PATTERN_KEYS,     /* a key for each element, whose name the member, the pattern, makes; the next
                         element, an ELEMENT_CONTENT, is the field of a hash or empty, and one more is always empty */
    PATTERN_ELEMENT,  /* #: the element itself */
};

/* ID_WHOLE 5-1, ID_MS 5, ID_AUTO_SEQ 5-*; a word of one byte: ID_AUTO *, ID_LAST $, ID_NEW >, ID_LEAST -, ID_MOST +. */
enum id_form { ID_WHOLE, ID_MS, ID_AUTO_SEQ, ID_AUTO, ID_LAST, ID_NEW, ID_LEAST, ID_MOST };
enum { ID_FORM_SHIFT = 12 };

static inline enum id_form element_id_form(const struct element *element)
{
    return (enum id_form)((element->flags & ELEMENT_ID_FORM) >> ID_FORM_SHIFT);
}

/* The sequence of an ELEMENT_ID. */
static inline uint64_t element_seq(const struct element *element)
{
    return (uint64_t)element->member << 32 | element->value_len;
}

/* The same in a record: with the member's text, not terminated. */
struct named_element {
    struct element element;
    const char *text;
    uint32_t bytes;
};

/* What a row says besides, and how: for who writes traces (sim/trace_writer.h). Texts are not terminated. */
struct record_origin {
    const char *caller; /* who sent it, as the trace has it; NULL: it does not say */
    const char *verb;   /* what it calls the command, if that is not the only name that it has for it; or NULL */
    const char
        *text; /* the bytes of the source behind those of the row before, to the end of this row; NULL: not kept */
    uint32_t caller_bytes, verb_bytes, text_bytes;
    uint8_t decimals; /* digits behind the point of its time */
    bool has_next;
    int64_t next; /* index of the object's next request, as the trace has it */
};

/* What a format produces. key and the elements stay valid until the next call of the format; neither key nor text is
 * terminated. */
struct record {
    REQUEST_COLUMNS(REQUEST_FIELD)
    uint32_t key_bytes;  /* bytes at key; key_len is usually the same */
    uint32_t mark_bytes; /* the last of them, which tell a sibling from its original (input/growth.h) */
    const char *key;     /* NULL: the key is key_number, and its name is those decimal digits */
    uint64_t key_number;
    const char *tenant; /* whose request it is, a text that ends with a 0; NULL: the trace does not say */
    uint64_t line;      /* 1-based line, or record of a binary trace: for messages */
    const struct named_element *named;  /* the list that first_element counts in */
    const struct record_origin *origin; /* NULL, unless the user keeps it (struct format_options) */
};

/* Makes it all zero. In two parts, each of which is a few stores: of the whole the compiler makes an instruction that
 * takes longer than all else that a short record needs. */
static inline void record_clear(struct record *record)
{
    const size_t part = offsetof(struct record, key_bytes);

    memset(record, 0, part);
    memset((char *)record + part, 0, sizeof *record - part);
}

enum { BATCH_CAPACITY = 4096 };

/* Requests ready to be replayed. Rows of one command never straddle two batches. Zeroed to begin with. */
struct batch {
    uint32_t count;
    uint32_t key_count; /* every id in this and earlier batches is below this */
#define X(type, name) type name[BATCH_CAPACITY];
    REQUEST_COLUMNS(X)
#undef X
#define X(type, name) bool has_##name; /* else the column is all zero */
    SPARSE_COLUMNS(X)
#undef X
    bool has_sparse;      /* one of them */
    struct element *list; /* the rows' elements, in their order; owned: batch_release */
    uint32_t list_count, list_capacity;
    const struct members *members;     /* what is known of the list's members; they outlive the batch */
    const struct key_names *names;     /* of keys, which outlive it, too; NULL: nobody wants them */
    struct id_range unnamed_keys;      /* whose names were not kept when they first came */
    struct id_range unspelled_members; /* likewise, of their texts */
    const struct keys *keys;           /* those that there are, to find one by its name; NULL: they have none */
    /* Filled by who knows the future (input/future.h), else zero: NEXT_UNKNOWN. */
    int64_t first_row;                   /* of the trace, counted from 0 */
    int64_t next_access[BATCH_CAPACITY]; /* row of the next request of the row's key, or NEXT_NEVER */
};

/* Empties it. */
void batch_clear(struct batch *batch);

/* Frees what it owns, not the batch itself. */
void batch_release(struct batch *batch);

/* Room for `count` more elements, which the caller fills; they are the last row's. */
struct element *batch_add_elements(struct batch *batch, uint32_t count);

/* Appends `count` rows of another batch, from `first` on; there is room. */
void batch_append(struct batch *to, const struct batch *from, uint32_t first, uint32_t count);

/* What the record has in sparse columns, some of which is not zero, goes to the row. */
void batch_add_sparse(struct batch *batch, uint32_t row, const struct record *record);

/* Appends the record as a row; there is room. Its place. */
static inline uint32_t batch_add(struct batch *batch, const struct record *record)
{
    uint32_t row = batch->count++;

#define X(type, name) batch->name[row] = record->name;
    DENSE_COLUMNS(X)
#undef X
#define X(type, name) | (uint64_t)record->name
    if (0 SPARSE_COLUMNS(X))
        batch_add_sparse(batch, row, record);
#undef X
    return row;
}

/* Whether a row is a request as cache simulators have it, libCacheSim for one: there is but one kind, which asks for an
 * object of a size and puts it into the cache if it is absent. So is every command that reads or writes a value
 * whose size is not zero, and known (with unit sizes it need not be). All others are nothing. */
static inline bool request_asks(const struct batch *batch, uint32_t row, bool unit_sizes)
{
    enum op op = (enum op)batch->op[row];

    return (command_table[op].returns || command_takes(op, 'v')) && batch->value_len[row] &&
           (unit_sizes || batch->value_len[row] != VALUE_UNKNOWN);
}

/* By whose rules a row requests its key, for who knows the future (input/future.h): bits. */
enum request_rules {
    RULES_OF_SERVERS = 1 << 0,     /* it looks its key up or writes it; deleting ends the key */
    RULES_OF_CACHES = 1 << 1,      /* request_asks(), and nothing is ever deleted: --compat libcachesim */
    RULES_OF_UNIT_CACHES = 1 << 2, /* the same with unit sizes */
    RULES_ALL = (1 << 3) - 1
};

/* Whether a model of sizes alone can execute the row: a command on the elements of a value says nothing of its size, and
 * what SET IFEQ (IFNE ...), DELIFEQ and DELEX do follows from what the value holds. */
static inline bool request_has_size(const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];

    return command->type <= TYPE_STRING && !command->unsized && !(batch->op[row] == OP_SET && batch->elements[row]);
}

/* Unix ms at which the row's ttl ends, for a model of sizes alone: a time beyond all times is the last one. */
static inline int64_t request_expire_ms(const struct batch *batch, uint32_t row, int64_t unix_ms)
{
    int64_t expire_ms = batch->ttl_ms[row];

    if (!(batch->flags[row] & REQUEST_ABSOLUTE) && __builtin_add_overflow(unix_ms, expire_ms, &expire_ms))
        expire_ms = INT64_MAX - 1;
    return expire_ms;
}

/* Of a command that transfers a value, the row of the key that receives it; the row before has the key that gives. */
static inline bool request_receives(const struct batch *batch, uint32_t row)
{
    return command_table[batch->op[row]].transfer && !(batch->flags[row] & REQUEST_MORE);
}

static inline bool request_gives(const struct batch *batch, uint32_t row)
{
    return command_table[batch->op[row]].transfer && batch->flags[row] & REQUEST_MORE;
}

/* Whether the row is no request, but a key that the server finds as it starts. Then so is every row of its batch. */
static inline bool request_is_loaded(const struct batch *batch, uint32_t row)
{
    return batch->op[row] == OP_RESTORE && batch->flags[row] & REQUEST_LOADED;
}

/* Whether the row's key counts as a hit or a miss. */
static inline bool request_looks_up(const struct batch *batch, uint32_t row)
{
    if (batch->op[row] == OP_DELEX) /* it reads what its condition is about, and without one it is DEL */
        return batch->elements[row] != 0;
    return command_table[batch->op[row]].looks_up ||
           (command_table[batch->op[row]].transfer == TRANSFER_COPIES && batch->flags[row] & REQUEST_MORE) ||
           (command_table[batch->op[row]].stores && row && batch->flags[row - 1] & REQUEST_MORE);
}

/* Whether the row's key is absent afterwards, if the command does what it is for. */
static inline bool request_deletes(const struct batch *batch, uint32_t row)
{
    return command_table[batch->op[row]].deletes ||
           (command_table[batch->op[row]].transfer == TRANSFER_MOVES && batch->flags[row] & REQUEST_MORE);
}

/* Whether the row's key may exist only because of it. */
static inline bool request_makes_key(const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];

    return command->sets || command->change || request_receives(batch, row);
}

/* Whether a refused write is why the row's key, if it is absent, stays so. `first` is the command's first row. The row
 * has a key. */
static inline bool request_would_make_key(const struct batch *batch, uint32_t first, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];

    if (!command->denyoom)
        return false;
    if (command->moves || command->transfer)
        return !(batch->flags[row] & REQUEST_MORE);
    if (command->stores || (command->looks_up && command->adds))
        return row == first;
    return command->sets || command->change || command->adds || command->holds_payload;
}

/* Whether the row takes its key's ttl away: PERSIST, GETEX PERSIST; a SET without a ttl of its own. */
static inline bool request_drops_ttl(const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];
    uint16_t flags = batch->flags[row];

    return command->sets ? !(flags & (REQUEST_TTL | REQUEST_KEEPTTL))
                         : command->drops_ttl || (command->retimes && flags & REQUEST_PERSIST);
}

/* Whether the row gives a key that is there another ttl, and does nothing else to it: EXPIRE, GETEX EX. */
static inline bool request_retimes(const struct batch *batch, uint32_t row)
{
    return command_table[batch->op[row]].retimes && batch->flags[row] & REQUEST_TTL &&
           (batch->op[row] != OP_GETEX || batch->ttl_ms[row] > 0); /* else it is refused */
}

#endif
