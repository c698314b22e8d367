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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Redis commands that the server model executes. X(name in C, name in Redis) */
#define COMMAND_LIST(X)                                                                                                \
    X(GET, "get")                                                                                                      \
    X(MGET, "mget")                                                                                                    \
    X(SET, "set")                                                                                                      \
    X(SETEX, "setex")                                                                                                  \
    X(PSETEX, "psetex")                                                                                                \
    X(SETNX, "setnx")                                                                                                  \
    X(GETSET, "getset") X(GETEX, "getex") X(GETDEL, "getdel") X(MSET, "mset") X(APPEND, "append") X(STRLEN, "strlen")  \
        X(SETRANGE, "setrange") X(INCR, "incr") X(DECR, "decr") X(INCRBY, "incrby") X(DECRBY, "decrby") X(DEL, "del")  \
            X(UNLINK, "unlink") X(EXISTS, "exists") X(EXPIRE, "expire") X(PEXPIRE, "pexpire") X(EXPIREAT, "expireat")  \
                X(PEXPIREAT, "pexpireat") X(PERSIST, "persist") X(TTL, "ttl") X(PTTL, "pttl") X(TYPE, "type")          \
                    X(TOUCH, "touch") X(FLUSHALL, "flushall") X(FLUSHDB, "flushdb") X(SELECT, "select")                \
                        X(PING, "ping") X(INFO, "info")

enum op {
#define X(symbol, name) OP_##symbol,
    COMMAND_LIST(X)
#undef X
        OP_COUNT
};

/* "get" for OP_GET. */
const char *op_name(enum op op);
/* OP_COUNT when the name (of length bytes, any case) is not a command of the list above. */
enum op op_find(const char *name, size_t length);

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
};

enum { DB_COUNT = 16 };                           /* Redis's default "databases 16" */
static const uint32_t VALUE_UNKNOWN = UINT32_MAX; /* a read whose value size the trace does not have */

/* What a format produces. key is not terminated and stays valid until the next call of the format. */
struct record {
    int64_t time_us; /* as the trace has it: relative, or Unix time (then >= 10^15) */
    const char *key; /* NULL: the key is key_number, and its name is those decimal digits */
    uint64_t key_number;
    uint32_t key_bytes; /* bytes at key */
    uint32_t key_len;   /* length of the key's name in the server, usually = key_bytes */
    uint32_t value_len; /* of the value written, or read; VALUE_UNKNOWN. SETRANGE: of the piece */
    uint16_t flags;     /* enum request_flag */
    uint8_t op;         /* enum op */
    uint8_t db;         /* below DB_COUNT */
    int64_t ttl_ms;     /* with REQUEST_TTL; EXPIRE's argument may be zero or negative */
    int64_t number;     /* INCRBY/DECRBY: by how much; SETRANGE: offset; REQUEST_INTEGER: the value */
    uint64_t line;      /* 1-based line, or record of a binary trace: for messages */
};

enum { BATCH_CAPACITY = 4096 };

/* Requests ready to be replayed. Rows of one command never straddle two batches. */
struct batch {
    uint32_t count;
    uint32_t key_count; /* every id in this and earlier batches is below this */
    int64_t time_us[BATCH_CAPACITY];
    int64_t ttl_ms[BATCH_CAPACITY];
    int64_t number[BATCH_CAPACITY];
    uint32_t id[BATCH_CAPACITY];
    uint32_t key_len[BATCH_CAPACITY];
    uint32_t value_len[BATCH_CAPACITY]; /* reads: size of the fill: the row's, or the last known */
    uint16_t flags[BATCH_CAPACITY];
    uint8_t op[BATCH_CAPACITY];
    uint8_t db[BATCH_CAPACITY];
    /* Filled when the reader foresees (reader.h), else zero: NEXT_UNKNOWN. */
    int64_t first_row;                   /* of the trace, counted from 0 */
    int64_t next_access[BATCH_CAPACITY]; /* row of the next request of the row's key, or NEXT_NEVER */
};

/* Whether a row is a request as cache simulators have it, libCacheSim for one: there is but one kind, which asks for an
 * object of a size and puts it into the cache if it is absent. So is every command that reads or writes a value
 * whose size is not zero, and known (with unit sizes it need not be). All others are nothing. */
static inline bool request_asks(const struct batch *batch, uint32_t row, bool unit_sizes)
{
#define BIT(name) UINT64_C(1) << OP_##name
    const uint64_t values = BIT(GET) | BIT(MGET) | BIT(GETEX) | BIT(GETSET) | BIT(GETDEL) | BIT(SET) | BIT(SETEX) |
                            BIT(PSETEX) | BIT(SETNX) | BIT(MSET) | BIT(APPEND) | BIT(SETRANGE);
#undef BIT

    return values >> batch->op[row] & 1 && batch->value_len[row] &&
           (unit_sizes || batch->value_len[row] != VALUE_UNKNOWN);
}

#endif
