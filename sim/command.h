/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command: what each Redis command is. One row per command, and every part of the program asks the row.
 *
 * A new command is a row here and a function in sim/server/commands/, which the row names: without it the program does
 * not link. The reader, the formats, the flat cache, the bounds, the curves and the scenarios learn what to do with it from
 * the row's bits alone. tests/laws_command.c holds every row to what the bits promise.
 *
 * Source: the command tables of Redis (src/commands/ *.json of 7.2) and what each function there does. */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include "sim/command_plain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* How a command changes a part of the value that its key has. */
enum change {
    CHANGE_NONE,
    CHANGE_APPENDS,  /* the argument's bytes come behind it: APPEND */
    CHANGE_EXTENDS,  /* it is as long as offset + argument at least: SETRANGE */
    CHANGE_SETS_BIT, /* it is long enough for the bit at least: SETBIT */
    CHANGE_COUNTS,   /* it is a number, and stays about as long: INCR */
};

/* What a command of two keys does: the value, and the ttl, of the first becomes that of the second. */
enum transfer {
    TRANSFER_NONE,
    TRANSFER_MOVES,  /* and the first key goes: RENAME, MOVE */
    TRANSFER_COPIES, /* and the first key is looked up for reading: COPY */
};

/* What a key's value may be, for a command that wants one type: else it answers WRONGTYPE. */
enum value_type {
    TYPE_ANY,
    TYPE_STRING,
    TYPE_HASH,
    TYPE_LIST,
    TYPE_SET,
    TYPE_ZSET,
    TYPE_STREAM,
    TYPE_HLL /* a string that a HyperLogLog is in */
};
enum { VALUE_TYPES = TYPE_HLL + 1 };

/* Which servers have the command: all, or those that have what came with it. */
enum since {
    SINCE_EVER,
    SINCE_FIELD_TTLS, /* Redis 7.4, Valkey 9 */
    SINCE_HGETEX,     /* Redis 8.0, Valkey 9 */
    SINCE_HGETDEL,    /* Redis 8.0, Valkey 9.1 */
    SINCE_DELIFEQ,    /* Valkey 9 */
    SINCE_MSETEX,     /* Redis 8.4, Valkey 9.1 */
    SINCE_DELEX,      /* Redis 8.4, Valkey 9.2 */
    SINCE_DIGEST,     /* Redis 8.4 */
    SINCE_BLESS,      /* Redis 8.12 */
};

/* The options that may follow a command's other arguments. */
enum options {
    OPTIONS_NONE,
    OPTIONS_SET,    /* EX, PX, EXAT, PXAT, NX, XX, KEEPTTL, GET, IFEQ */
    OPTIONS_MSETEX, /* those but GET and IFEQ, of all its keys */
    OPTIONS_GETEX,  /* EX, PX, EXAT, PXAT, PERSIST */
    OPTIONS_EXPIRE, /* NX, XX, GT, LT */
    OPTIONS_COPY,   /* DB, REPLACE */
    OPTIONS_LCS,    /* LEN, IDX, MINMATCHLEN, WITHMATCHLEN */
    OPTIONS_LIMIT,  /* LIMIT */
    OPTIONS_COUNT,  /* COUNT */
    OPTIONS_LPOS,   /* RANK, COUNT, MAXLEN */
    OPTIONS_FLUSH,  /* SYNC, ASYNC */
};

struct command {
    const char *name;
    uint8_t name_bytes;
    uint8_t container; /* of a subcommand: bytes of its first word */
    /* The arguments behind the name, a letter each:
     *     k  a key                             o  options, any number of them, see `options`
     *     v  a value                           +  at the end: the letters before it again and again
     *     n  a number                          *  whatever follows: how many, of how many bytes in all
     *     t  a time to live, or to die          d  another database: a row of the same key there
     *     f  a decimal number, as 1.5           m  a member of the key's value: an element, whose v follows
     *     w  words, as many as there are: a       :  the letters behind it again and again
     *        parser of the command's own makes
     *        elements of them (traces/commands/words.h)    ?  the letters behind it may be missing, all of them
     *     #  how many keys follow: then k as      s  a side: LEFT or RIGHT, BEFORE or AFTER
     *        many times                           b  how long it waits at most, in seconds; 0: for ever
     * A command of several keys is several rows of a batch, a row for each k. A subcommand's name has both words. */
    const char *arguments;
    uint8_t options;      /* enum options */
    uint8_t change;       /* enum change */
    uint8_t transfer;     /* enum transfer */
    uint8_t type;         /* enum value_type */
    uint8_t since;        /* enum since */
    bool looks_up : 1;    /* its keys count as keyspace_hits and keyspace_misses */
    bool returns : 1;     /* it replies with the value */
    bool measures : 1;    /* value_len of its rows is the size of the value that is there, not of an argument */
    bool fills : 1;       /* an application that misses loads the value and SETs it */
    bool sets : 1;        /* its value argument becomes the key's value */
    bool only_new : 1;    /* ... if the key is absent; of a transfer, if the second is */
    bool all_or_none : 1; /* ... if all of its keys are absent */
    bool adds : 1;        /* it adds elements to the key's value, and makes the key if need be */
    bool removes : 1;     /* it takes elements away: the key goes with the last */
    bool moves : 1;       /* it takes an element from its first key to its second */
    bool stores : 1;  /* its first key's value is made of those of the others, which it looks up; it goes if there is
                             nothing to store */
    bool unsized : 1; /* what it does to the sizes of values does not follow from its row alone */
    bool blesses : 1; /* it says whether its key may be evicted */
    bool deletes : 1; /* its keys are absent afterwards */
    bool deletes_equal : 1;    /* ... if its value argument is the key's value */
    bool retimes : 1;          /* it gives its key the ttl that the row has, if it has one (REQUEST_TTL) */
    bool retimes_elements : 1; /* it gives elements of the key's value another ttl, or none; those that are past go */
    bool denyoom_at_first : 1; /* memory is denied to it in the first servers that have it */
    bool drops_ttl : 1;        /* it takes the key's ttl away */
    bool flushes : 1;          /* it empties its database */
    bool flushes_all : 1;      /* ... or all of them */
    bool millis : 1;           /* its t is in milliseconds, else seconds */
    bool absolute : 1;         /* its t is a Unix time, else counted from now */
    bool denyoom : 1;          /* refused when memory is over maxmemory and nothing may be evicted */
    bool runs_script : 1;      /* what the script calls are rows behind it, of CLIENT_SCRIPT */
    bool splits : 1;           /* a cluster's client sends one for each of its keys' slots */
    bool reply_array : 1;      /* an array, with an element for each of its keys */
    bool holds_payload : 1;    /* an argument holds any byte, which the words of a scenario cannot */
    bool skipped : 1;          /* evsim does not execute it: see SKIPPED_COMMAND_LIST */
    bool refused : 1;          /* nor does the server: see REFUSED_COMMAND_LIST */
    /* Of a command that changes nothing (command_plain.h): bytes of its reply, or for each argument. */
    uint16_t reply_each;
    uint32_t reply_bytes;
};

/* X(name in C, name in Redis, arguments, function in sim/server/commands/, what it is) */
/* clang-format off */
#define COMMAND_LIST(X) \
    /* strings */ \
    X(GET,       "get",       "k",   get,      .type = TYPE_STRING, .looks_up = 1, .returns = 1, .measures = 1, .fills = 1) \
    X(MGET,      "mget",      "k+",  get,      .looks_up = 1, .returns = 1, .measures = 1, .fills = 1, .reply_array = 1, .splits = 1) \
    X(SET,       "set",       "kvo", set,      .sets = 1, .options = OPTIONS_SET, .denyoom = 1) \
    X(SETEX,     "setex",     "ktv", set,      .sets = 1, .denyoom = 1) \
    X(PSETEX,    "psetex",    "ktv", set,      .sets = 1, .millis = 1, .denyoom = 1) \
    X(SETNX,     "setnx",     "kv",  setnx,    .sets = 1, .only_new = 1, .denyoom = 1) \
    X(GETSET,    "getset",    "kv",  getset,   .type = TYPE_STRING, .looks_up = 1, .returns = 1, .sets = 1, .denyoom = 1) \
    X(GETEX,     "getex",     "ko",  getex,    .type = TYPE_STRING, .looks_up = 1, .returns = 1, .measures = 1, .fills = 1, .retimes = 1, \
                                               .options = OPTIONS_GETEX) \
    X(GETDEL,    "getdel",    "k",   getdel,   .type = TYPE_STRING, .looks_up = 1, .returns = 1, .measures = 1, .deletes = 1) \
    X(MSET,      "mset",      "kv+", mset,     .sets = 1, .denyoom = 1, .splits = 1) \
    X(APPEND,    "append",    "kv",  append,   .type = TYPE_STRING, .change = CHANGE_APPENDS, .denyoom = 1) \
    X(STRLEN,    "strlen",    "k",   strlen,   .type = TYPE_STRING, .looks_up = 1, .measures = 1) \
    X(SETRANGE,  "setrange",  "knv", setrange, .type = TYPE_STRING, .change = CHANGE_EXTENDS, .denyoom = 1) \
    X(INCR,      "incr",      "k",   incr,     .type = TYPE_STRING, .change = CHANGE_COUNTS, .denyoom = 1) \
    X(DECR,      "decr",      "k",   incr,     .type = TYPE_STRING, .change = CHANGE_COUNTS, .denyoom = 1) \
    X(INCRBY,    "incrby",    "kn",  incr,     .type = TYPE_STRING, .change = CHANGE_COUNTS, .denyoom = 1) \
    X(DECRBY,    "decrby",    "kn",  incr,     .type = TYPE_STRING, .change = CHANGE_COUNTS, .denyoom = 1) \
    X(GETRANGE,  "getrange",  "knn", getrange, .type = TYPE_STRING, .looks_up = 1, .measures = 1) \
    X(SUBSTR,    "substr",    "knn", getrange, .type = TYPE_STRING, .looks_up = 1, .measures = 1) \
    X(MSETNX,    "msetnx",    "kv+", msetnx,   .sets = 1, .only_new = 1, .all_or_none = 1, .denyoom = 1) \
    X(MSETEX,    "msetex",    "#kvo", msetex,  .since = SINCE_MSETEX, .sets = 1, .options = OPTIONS_MSETEX, .denyoom = 1) \
    X(DELIFEQ,   "delifeq",   "kv",  delifeq,  .type = TYPE_STRING, .since = SINCE_DELIFEQ, .deletes_equal = 1, .unsized = 1) \
    X(DELEX,     "delex",     "kw",  delex,    .since = SINCE_DELEX, .deletes_equal = 1, .unsized = 1) \
    X(DIGEST,    "digest",    "k",   digest,   .type = TYPE_STRING, .since = SINCE_DIGEST, .looks_up = 1) \
    X(INCRBYFLOAT, "incrbyfloat", "kf", incrbyfloat, .type = TYPE_STRING, .change = CHANGE_COUNTS, .denyoom = 1) \
    X(SETBIT,    "setbit",    "knn", setbit,   .type = TYPE_STRING, .change = CHANGE_SETS_BIT, .denyoom = 1) \
    X(GETBIT,    "getbit",    "kn",  getbit,   .type = TYPE_STRING, .looks_up = 1, .measures = 1) \
    X(LCS,       "lcs",       "kko", lcs,      .type = TYPE_STRING, .looks_up = 1, .measures = 1, .options = OPTIONS_LCS) \
    X(BITCOUNT,  "bitcount",  "kw",  bitcount, .type = TYPE_STRING, .looks_up = 1, .measures = 1) \
    X(BITPOS,    "bitpos",    "kw",  bitcount, .type = TYPE_STRING, .looks_up = 1, .measures = 1) \
    X(BITFIELD_RO, "bitfield_ro", "kw", bitfield, .type = TYPE_STRING, .looks_up = 1, .measures = 1) \
    X(BITFIELD,  "bitfield",  "kw",  bitfield, .type = TYPE_STRING, .change = CHANGE_SETS_BIT, .unsized = 1, .denyoom = 1) \
    X(BITOP,     "bitop",     "wk",  bitop,    .type = TYPE_STRING, .stores = 1, .unsized = 1, .denyoom = 1) \
    /* HyperLogLogs */ \
    X(PFADD,     "pfadd",     "k?:m", pfadd,   .type = TYPE_HLL, .adds = 1, .denyoom = 1) \
    X(PFCOUNT,   "pfcount",   "k+",   pfcount, .type = TYPE_HLL, .looks_up = 1) \
    X(PFMERGE,   "pfmerge",   "k+",   pfmerge, .type = TYPE_HLL, .looks_up = 1, .adds = 1, .denyoom = 1) \
    /* any type */ \
    X(DEL,       "del",       "k+",  del,      .deletes = 1, .splits = 1) \
    X(UNLINK,    "unlink",    "k+",  del,      .deletes = 1, .splits = 1) \
    X(EXISTS,    "exists",    "k+",  exists,   .looks_up = 1, .splits = 1) \
    X(EXPIRE,    "expire",    "kto", expire,   .retimes = 1, .options = OPTIONS_EXPIRE) \
    X(PEXPIRE,   "pexpire",   "kto", expire,   .retimes = 1, .options = OPTIONS_EXPIRE, .millis = 1) \
    X(EXPIREAT,  "expireat",  "kto", expire,   .retimes = 1, .options = OPTIONS_EXPIRE, .absolute = 1) \
    X(PEXPIREAT, "pexpireat", "kto", expire,   .retimes = 1, .options = OPTIONS_EXPIRE, .absolute = 1, .millis = 1) \
    X(PERSIST,   "persist",   "k",   persist,  .drops_ttl = 1) \
    X(TTL,       "ttl",       "k",   ttl,      .looks_up = 1) \
    X(PTTL,      "pttl",      "k",   ttl,      .looks_up = 1, .millis = 1) \
    X(TYPE,      "type",      "k",   type,     .looks_up = 1) \
    X(TOUCH,     "touch",     "k+",  exists,   .looks_up = 1, .splits = 1) \
    X(EXPIRETIME,  "expiretime",  "k", ttl,    .looks_up = 1, .absolute = 1) \
    X(PEXPIRETIME, "pexpiretime", "k", ttl,    .looks_up = 1, .absolute = 1, .millis = 1) \
    X(RENAME,    "rename",    "kk",  rename,   .transfer = TRANSFER_MOVES) \
    X(RENAMENX,  "renamenx",  "kk",  rename,   .transfer = TRANSFER_MOVES, .only_new = 1) \
    X(MOVE,      "move",      "kd",  move,     .transfer = TRANSFER_MOVES, .only_new = 1) \
    X(COPY,      "copy",      "kko", copy,     .transfer = TRANSFER_COPIES, .only_new = 1, .options = OPTIONS_COPY, \
                                               .denyoom = 1) \
    X(OBJECT_ENCODING, "object|encoding", "k", object_encoding, .looks_up = 1, .container = 6) \
    X(OBJECT_FREQ,     "object|freq",     "k", object_number,   .looks_up = 1, .container = 6) \
    X(OBJECT_IDLETIME, "object|idletime", "k", object_number,   .looks_up = 1, .container = 6) \
    X(OBJECT_REFCOUNT, "object|refcount", "k", object_number,   .looks_up = 1, .container = 6) \
    /* or a set, or a sorted set */ \
    X(SORT,      "sort",      "kw",  sort,     .type = TYPE_LIST, .looks_up = 1, .denyoom = 1) \
    X(SORT_RO,   "sort_ro",   "kw",  sort,     .type = TYPE_LIST, .looks_up = 1) \
    X(DUMP,      "dump",      "k",   dump,     .looks_up = 1) \
    X(RESTORE,   "restore",   "kw",  restore,  .denyoom = 1, .unsized = 1, .holds_payload = 1) \
    X(RESTORE_ASKING, "restore-asking", "kw", restore, .denyoom = 1, .unsized = 1, .holds_payload = 1) \
    X(BLESS_SET,   "bless|set",   "kw", bless,   .since = SINCE_BLESS, .blesses = 1, .unsized = 1, .denyoom = 1, .container = 5) \
    X(BLESS_CLEAR, "bless|clear", "kw", bless,   .since = SINCE_BLESS, .blesses = 1, .container = 5) \
    X(BLESS_GET,   "bless|get",   "k",  bless_get, .since = SINCE_BLESS, .looks_up = 1, .container = 5) \
    X(BLESS_SCAN,  "bless|scan",  "w",  bless_scan, .since = SINCE_BLESS, .container = 5) \
    X(SCAN,      "scan",      "w",   scan,     .denyoom = 0) \
    X(KEYS,      "keys",      "w",   keys,     .denyoom = 0) \
    X(RANDOMKEY, "randomkey", "",    randomkey, .denyoom = 0) \
    X(DBSIZE,    "dbsize",    "",    dbsize,   .denyoom = 0) \
    X(SWAPDB,    "swapdb",    "nn",  swapdb,   .denyoom = 0) \
    X(FLUSHALL,  "flushall",  "o",   flush,    .options = OPTIONS_FLUSH, .flushes = 1, .flushes_all = 1) \
    X(FLUSHDB,   "flushdb",   "o",   flush,    .options = OPTIONS_FLUSH, .flushes = 1) \
    /* transactions */ \
    X(MULTI,     "multi",     "",    multi,    .denyoom = 0) \
    X(EXEC,      "exec",      "",    exec,     .denyoom = 0) \
    X(DISCARD,   "discard",   "",    discard,  .denyoom = 0) \
    X(WATCH,     "watch",     "k+",  watch,    .splits = 1) \
    X(UNWATCH,   "unwatch",   "",    unwatch,  .denyoom = 0) \
    /* scripts */ \
    X(EVAL,      "eval",      "w",   eval,     .runs_script = 1) \
    X(EVAL_RO,   "eval_ro",   "w",   eval,     .runs_script = 1) \
    X(EVALSHA,   "evalsha",   "w",   eval,     .runs_script = 1) \
    X(EVALSHA_RO, "evalsha_ro", "w", eval,     .runs_script = 1) \
    X(FCALL,     "fcall",     "w",   eval,     .runs_script = 1) \
    X(FCALL_RO,  "fcall_ro",  "w",   eval,     .runs_script = 1) \
    X(SCRIPT_LOAD,  "script|load",  "w", script_load,  .container = 6) \
    X(SCRIPT_EXISTS, "script|exists", "*", script_exists, .container = 6) \
    X(SCRIPT_FLUSH, "script|flush", "*", script_flush, .container = 6) \
    X(FUNCTION_LOAD,  "function|load",  "w", function_load,  .container = 8, .denyoom = 1) \
    X(FUNCTION_DELETE, "function|delete", "w", function_delete, .container = 8) \
    X(FUNCTION_FLUSH, "function|flush", "w", function_flush, .container = 8) \
    X(FUNCTION_RESTORE, "function|restore", "w", function_restore, .container = 8, .denyoom = 1, .holds_payload = 1) \
    /* hashes */ \
    X(HSET,      "hset",      "k:mv", hset,    .type = TYPE_HASH, .adds = 1, .denyoom = 1) \
    X(HMSET,     "hmset",     "k:mv", hset,    .type = TYPE_HASH, .adds = 1, .denyoom = 1) \
    X(HSETNX,    "hsetnx",    "kmv",  hsetnx,  .type = TYPE_HASH, .adds = 1, .denyoom = 1) \
    X(HINCRBY,   "hincrby",   "kmn",  hincrby, .type = TYPE_HASH, .adds = 1, .denyoom = 1) \
    X(HINCRBYFLOAT, "hincrbyfloat", "kmf", hincrbyfloat, .type = TYPE_HASH, .adds = 1, .denyoom = 1) \
    X(HDEL,      "hdel",      "k:m",  hdel,    .type = TYPE_HASH, .removes = 1) \
    X(HGET,      "hget",      "km",   hget,    .type = TYPE_HASH, .looks_up = 1) \
    X(HMGET,     "hmget",     "k:m",  hmget,   .type = TYPE_HASH, .looks_up = 1) \
    X(HGETALL,   "hgetall",   "k",    hgetall, .type = TYPE_HASH, .looks_up = 1) \
    X(HKEYS,     "hkeys",     "k",    hgetall, .type = TYPE_HASH, .looks_up = 1) \
    X(HVALS,     "hvals",     "k",    hgetall, .type = TYPE_HASH, .looks_up = 1) \
    X(HLEN,      "hlen",      "k",    hlen,    .type = TYPE_HASH, .looks_up = 1) \
    X(HEXISTS,   "hexists",   "km",   hexists, .type = TYPE_HASH, .looks_up = 1) \
    X(HSTRLEN,   "hstrlen",   "km",   hstrlen, .type = TYPE_HASH, .looks_up = 1) \
    X(HRANDFIELD, "hrandfield", "kw", hrandfield, .type = TYPE_HASH, .looks_up = 1) \
    X(HSCAN,     "hscan",     "kw",   hscan,   .type = TYPE_HASH, .looks_up = 1) \
    X(HEXPIRE,   "hexpire",   "ktw",  hexpire, .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .retimes_elements = 1, \
                                               .denyoom_at_first = 1) \
    X(HPEXPIRE,  "hpexpire",  "ktw",  hexpire, .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .retimes_elements = 1, \
                                               .denyoom_at_first = 1, .millis = 1) \
    X(HEXPIREAT, "hexpireat", "ktw",  hexpire, .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .retimes_elements = 1, \
                                               .denyoom_at_first = 1, .absolute = 1) \
    X(HPEXPIREAT, "hpexpireat", "ktw", hexpire, .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .retimes_elements = 1, \
                                               .denyoom_at_first = 1, .absolute = 1, .millis = 1) \
    X(HPERSIST,  "hpersist",  "kw",   hpersist, .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .retimes_elements = 1) \
    X(HTTL,      "httl",      "kw",   httl,    .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .looks_up = 1) \
    X(HPTTL,     "hpttl",     "kw",   httl,    .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .looks_up = 1, .millis = 1) \
    X(HEXPIRETIME, "hexpiretime", "kw", httl,  .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .looks_up = 1, .absolute = 1) \
    X(HPEXPIRETIME, "hpexpiretime", "kw", httl, .type = TYPE_HASH, .since = SINCE_FIELD_TTLS, .looks_up = 1, .absolute = 1, \
                                               .millis = 1) \
    X(HGETEX,    "hgetex",    "kw",   hgetex,  .type = TYPE_HASH, .since = SINCE_HGETEX, .retimes_elements = 1) \
    X(HSETEX,    "hsetex",    "kw",   hsetex,  .type = TYPE_HASH, .since = SINCE_HGETEX, .retimes_elements = 1, .adds = 1, \
                                               .denyoom = 1) \
    X(HGETDEL,   "hgetdel",   "kw",   hgetdel, .type = TYPE_HASH, .since = SINCE_HGETDEL, .removes = 1) \
    /* sets */ \
    X(SADD,      "sadd",      "k:m",  sadd,      .type = TYPE_SET, .adds = 1, .denyoom = 1) \
    X(SREM,      "srem",      "k:m",  srem,      .type = TYPE_SET, .removes = 1) \
    X(SCARD,     "scard",     "k",    scard,     .type = TYPE_SET, .looks_up = 1) \
    X(SISMEMBER, "sismember", "km",   sismember, .type = TYPE_SET, .looks_up = 1) \
    X(SMISMEMBER, "smismember", "k:m", smismember, .type = TYPE_SET, .looks_up = 1) \
    X(SMEMBERS,  "smembers",  "k",    smembers,  .type = TYPE_SET, .looks_up = 1) \
    X(SPOP,      "spop",      "k?n",  spop,      .type = TYPE_SET, .removes = 1) \
    X(SRANDMEMBER, "srandmember", "k?n", srandmember, .type = TYPE_SET, .looks_up = 1) \
    X(SMOVE,     "smove",     "kkm",  smove,     .type = TYPE_SET, .moves = 1) \
    X(SSCAN,     "sscan",     "kw",   sscan,     .type = TYPE_SET, .looks_up = 1) \
    X(SINTER,    "sinter",    "k+",   sinter,    .type = TYPE_SET, .looks_up = 1) \
    X(SINTERCARD, "sintercard", "#ko", sinter, .type = TYPE_SET, .looks_up = 1, .options = OPTIONS_LIMIT) \
    X(SUNION,    "sunion",    "k+",   sunion,    .type = TYPE_SET, .looks_up = 1) \
    X(SDIFF,     "sdiff",     "k+",   sdiff,     .type = TYPE_SET, .looks_up = 1) \
    X(SINTERSTORE, "sinterstore", "k:k", sinterstore, .type = TYPE_SET, .stores = 1, .denyoom = 1) \
    X(SUNIONSTORE, "sunionstore", "k:k", sunionstore, .type = TYPE_SET, .stores = 1, .denyoom = 1) \
    X(SDIFFSTORE, "sdiffstore", "k:k", sdiffstore, .type = TYPE_SET, .stores = 1, .denyoom = 1) \
    /* lists */ \
    X(LPUSH,     "lpush",     "k:m",  push,    .type = TYPE_LIST, .adds = 1, .denyoom = 1) \
    X(RPUSH,     "rpush",     "k:m",  push,    .type = TYPE_LIST, .adds = 1, .denyoom = 1) \
    X(LPOP,      "lpop",      "k?n",  pop,     .type = TYPE_LIST, .removes = 1) \
    X(RPOP,      "rpop",      "k?n",  pop,     .type = TYPE_LIST, .removes = 1) \
    X(LPUSHX,    "lpushx",    "k:m",  pushx,   .type = TYPE_LIST, .denyoom = 1) \
    X(RPUSHX,    "rpushx",    "k:m",  pushx,   .type = TYPE_LIST, .denyoom = 1) \
    X(LINSERT,   "linsert",   "ksmm", linsert, .type = TYPE_LIST, .denyoom = 1) \
    X(LSET,      "lset",      "knm",  lset,    .type = TYPE_LIST, .denyoom = 1) \
    X(LREM,      "lrem",      "knm",  lrem,    .type = TYPE_LIST, .removes = 1) \
    X(LTRIM,     "ltrim",     "knn",  ltrim,   .type = TYPE_LIST, .removes = 1) \
    X(LMOVE,     "lmove",     "kkss", lmove,   .type = TYPE_LIST, .moves = 1, .denyoom = 1) \
    X(RPOPLPUSH, "rpoplpush", "kk",   lmove,   .type = TYPE_LIST, .moves = 1, .denyoom = 1) \
    X(LMPOP,     "lmpop",     "#kso", lmpop,   .type = TYPE_LIST, .removes = 1, .options = OPTIONS_COUNT) \
    X(BLPOP,     "blpop",     "k+b",  bpop,    .type = TYPE_LIST, .removes = 1) \
    X(BRPOP,     "brpop",     "k+b",  bpop,    .type = TYPE_LIST, .removes = 1) \
    X(BLMPOP,    "blmpop",    "b#kso", bpop,   .type = TYPE_LIST, .removes = 1, .options = OPTIONS_COUNT) \
    X(BLMOVE,    "blmove",    "kkssb", blmove, .type = TYPE_LIST, .moves = 1, .denyoom = 1) \
    X(BRPOPLPUSH, "brpoplpush", "kkb", blmove, .type = TYPE_LIST, .moves = 1, .denyoom = 1) \
    X(LINDEX,    "lindex",    "kw",   lindex,  .type = TYPE_LIST, .looks_up = 1) \
    X(LPOS,      "lpos",      "kmo",  lpos,    .type = TYPE_LIST, .looks_up = 1, .options = OPTIONS_LPOS) \
    X(LLEN,      "llen",      "k",    llen,    .type = TYPE_LIST, .looks_up = 1) \
    X(LRANGE,    "lrange",    "knn",  lrange,  .type = TYPE_LIST, .looks_up = 1) \
    /* sorted sets */ \
    X(ZADD,      "zadd",      "kw",   zadd,    .type = TYPE_ZSET, .adds = 1, .denyoom = 1) \
    X(ZINCRBY,   "zincrby",   "kw",   zadd,    .type = TYPE_ZSET, .adds = 1, .denyoom = 1) \
    X(ZREM,      "zrem",      "k:m",  zrem,    .type = TYPE_ZSET, .removes = 1) \
    X(ZCARD,     "zcard",     "k",    zcard,   .type = TYPE_ZSET, .looks_up = 1) \
    X(ZSCORE,    "zscore",    "km",   zscore,  .type = TYPE_ZSET, .looks_up = 1) \
    X(ZMSCORE,   "zmscore",   "k:m",  zmscore, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZRANK,     "zrank",     "kw",   zrank,   .type = TYPE_ZSET, .looks_up = 1) \
    X(ZREVRANK,  "zrevrank",  "kw",   zrank,   .type = TYPE_ZSET, .looks_up = 1) \
    X(ZRANGE,    "zrange",    "kw",   zrange,  .type = TYPE_ZSET, .looks_up = 1) \
    X(ZREVRANGE, "zrevrange", "kw",   zrange,  .type = TYPE_ZSET, .looks_up = 1) \
    X(ZRANGEBYSCORE,    "zrangebyscore",    "kw", zrange, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZREVRANGEBYSCORE, "zrevrangebyscore", "kw", zrange, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZRANGEBYLEX,      "zrangebylex",      "kw", zrange, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZREVRANGEBYLEX,   "zrevrangebylex",   "kw", zrange, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZCOUNT,    "zcount",    "kw",   zcount,  .type = TYPE_ZSET, .looks_up = 1) \
    X(ZLEXCOUNT, "zlexcount", "kw",   zcount,  .type = TYPE_ZSET, .looks_up = 1) \
    X(ZREMRANGEBYRANK,  "zremrangebyrank",  "kw", zremrange, .type = TYPE_ZSET, .removes = 1) \
    X(ZREMRANGEBYSCORE, "zremrangebyscore", "kw", zremrange, .type = TYPE_ZSET, .removes = 1) \
    X(ZREMRANGEBYLEX,   "zremrangebylex",   "kw", zremrange, .type = TYPE_ZSET, .removes = 1) \
    X(ZPOPMIN,   "zpopmin",   "kw",   zpop,    .type = TYPE_ZSET, .removes = 1) \
    X(ZPOPMAX,   "zpopmax",   "kw",   zpop,    .type = TYPE_ZSET, .removes = 1) \
    X(ZRANDMEMBER, "zrandmember", "kw", zrandmember, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZSCAN,     "zscan",     "kw",   zscan,   .type = TYPE_ZSET, .looks_up = 1) \
    X(ZMPOP,     "zmpop",     "#kw",  zmpop,   .type = TYPE_ZSET, .removes = 1) \
    X(BZMPOP,    "bzmpop",    "b#kw", zmpop,   .type = TYPE_ZSET, .removes = 1) \
    X(BZPOPMIN,  "bzpopmin",  "kw",   bzpop,   .type = TYPE_ZSET, .removes = 1) \
    X(BZPOPMAX,  "bzpopmax",  "kw",   bzpop,   .type = TYPE_ZSET, .removes = 1) \
    X(ZUNION,    "zunion",    "#kw",  zcombine, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZINTER,    "zinter",    "#kw",  zcombine, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZDIFF,     "zdiff",     "#kw",  zcombine, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZINTERCARD, "zintercard", "#kw", zintercard, .type = TYPE_ZSET, .looks_up = 1) \
    X(ZRANGESTORE, "zrangestore", "kkw",  zrangestore, .type = TYPE_ZSET, .stores = 1, .denyoom = 1) \
    X(ZUNIONSTORE, "zunionstore", "k#kw", zcombinestore, .type = TYPE_ZSET, .stores = 1, .denyoom = 1) \
    X(ZINTERSTORE, "zinterstore", "k#kw", zcombinestore, .type = TYPE_ZSET, .stores = 1, .denyoom = 1) \
    X(ZDIFFSTORE,  "zdiffstore",  "k#kw", zcombinestore, .type = TYPE_ZSET, .stores = 1, .denyoom = 1) \
    /* streams */ \
    X(XADD,      "xadd",      "kw",   xadd,    .type = TYPE_STREAM, .adds = 1, .denyoom = 1) \
    X(XLEN,      "xlen",      "k",    xlen,    .type = TYPE_STREAM, .looks_up = 1) \
    X(XRANGE,    "xrange",    "kw",   xrange,  .type = TYPE_STREAM, .looks_up = 1) \
    X(XREVRANGE, "xrevrange", "kw",   xrange,  .type = TYPE_STREAM, .looks_up = 1) \
    X(XREAD,     "xread",     "wk",  xread,   .type = TYPE_STREAM, .looks_up = 1) \
    X(XTRIM,     "xtrim",     "kw",   xtrim,   .type = TYPE_STREAM) \
    X(XDEL,      "xdel",      "kw",   xdel,    .type = TYPE_STREAM) \
    X(XSETID,    "xsetid",    "kw",   xsetid,  .type = TYPE_STREAM, .denyoom = 1) \
    X(XACK,      "xack",      "kw",   xack,    .type = TYPE_STREAM, .looks_up = 1) \
    X(XPENDING,  "xpending",  "kw",   xpending, .type = TYPE_STREAM, .looks_up = 1) \
    X(XCLAIM,    "xclaim",    "kw",   xclaim,  .type = TYPE_STREAM, .looks_up = 1) \
    X(XAUTOCLAIM, "xautoclaim", "kw", xautoclaim, .type = TYPE_STREAM, .looks_up = 1) \
    X(XREADGROUP, "xreadgroup", "wk", xreadgroup, .type = TYPE_STREAM, .looks_up = 1) \
    X(XGROUP_CREATE, "xgroup|create", "kw", xgroup_create, .type = TYPE_STREAM, \
                                               .container = 6, .denyoom = 1) \
    X(XGROUP_SETID,   "xgroup|setid",   "kw", xgroup, .type = TYPE_STREAM, .container = 6) \
    X(XGROUP_DESTROY, "xgroup|destroy", "kw", xgroup, .type = TYPE_STREAM, .container = 6) \
    X(XGROUP_CREATECONSUMER, "xgroup|createconsumer", "kw", xgroup, .type = TYPE_STREAM, \
                                               .container = 6, .denyoom = 1) \
    X(XGROUP_DELCONSUMER, "xgroup|delconsumer", "kw", xgroup, .type = TYPE_STREAM, \
                                               .container = 6) \
    X(XINFO_STREAM,    "xinfo|stream",    "kw", xinfo, .type = TYPE_STREAM, .looks_up = 1, \
                                               .container = 5) \
    X(XINFO_GROUPS,    "xinfo|groups",    "kw", xinfo, .type = TYPE_STREAM, .looks_up = 1, \
                                               .container = 5) \
    X(XINFO_CONSUMERS, "xinfo|consumers", "kw", xinfo, .type = TYPE_STREAM, .looks_up = 1, \
                                               .container = 5) \
    /* places */ \
    X(GEOADD,    "geoadd",    "kw",   zadd,    .type = TYPE_ZSET, .adds = 1, .denyoom = 1) \
    X(GEODIST,   "geodist",   "kw",   geodist, .type = TYPE_ZSET, .looks_up = 1) \
    X(GEOHASH,   "geohash",   "k:m",  geopos,  .type = TYPE_ZSET, .looks_up = 1) \
    X(GEOPOS,    "geopos",    "k:m",  geopos,  .type = TYPE_ZSET, .looks_up = 1) \
    X(GEOSEARCH, "geosearch", "kw",   geosearch, .type = TYPE_ZSET, .looks_up = 1) \
    X(GEOSEARCHSTORE, "geosearchstore", "kkw", geosearch, .type = TYPE_ZSET, .stores = 1, .denyoom = 1) \
    X(GEORADIUS,      "georadius",      "kw",  georadius, .type = TYPE_ZSET, .looks_up = 1, .denyoom = 1) \
    X(GEORADIUSBYMEMBER, "georadiusbymember", "kw", georadius, .type = TYPE_ZSET, .looks_up = 1, .denyoom = 1) \
    X(GEORADIUS_RO,   "georadius_ro",   "kw",  georadius, .type = TYPE_ZSET, .looks_up = 1) \
    X(GEORADIUSBYMEMBER_RO, "georadiusbymember_ro", "kw", georadius, .type = TYPE_ZSET, .looks_up = 1) \
    /* messages */ \
    X(SUBSCRIBE,    "subscribe",    "w", subscribe,    .denyoom = 0) \
    X(PSUBSCRIBE,   "psubscribe",   "w", psubscribe,   .denyoom = 0) \
    X(SSUBSCRIBE,   "ssubscribe",   "w", ssubscribe,   .denyoom = 0) \
    X(UNSUBSCRIBE,  "unsubscribe",  "w", unsubscribe,  .denyoom = 0) \
    X(PUNSUBSCRIBE, "punsubscribe", "w", punsubscribe, .denyoom = 0) \
    X(SUNSUBSCRIBE, "sunsubscribe", "w", sunsubscribe, .denyoom = 0) \
    X(PUBLISH,      "publish",      "w", publish,      .denyoom = 0) \
    X(SPUBLISH,     "spublish",     "w", spublish,     .denyoom = 0) \
    /* connection, server */ \
    X(HELLO,     "hello",     "w",   hello,  .denyoom = 0) \
    X(CLIENT_TRACKING, "client|tracking", "w", client_tracking, .container = 6) \
    X(CLIENT_REPLY,    "client|reply",    "w", client_reply,    .container = 6) \
    X(CLIENT_KILL,     "client|kill",     "w", client_kill,     .container = 6) \
    X(CLIENT_CACHING,  "client|caching",  "w", client_caching,  .container = 6) \
    X(SLOWLOG_LEN,   "slowlog|len",   "*", slowlog_len,   .container = 7) \
    X(SLOWLOG_RESET, "slowlog|reset", "*", slowlog_reset, .container = 7) \
    X(COMMANDLOG_LEN,   "commandlog|len",   "w", commandlog_len,   .container = 10) \
    X(COMMANDLOG_RESET, "commandlog|reset", "w", commandlog_reset, .container = 10) \
    X(RESET,     "reset",     "*",   reset,  .denyoom = 0) \
    X(MEMORY_USAGE, "memory|usage", "kw", memory_usage, .container = 6) \
    X(CONFIG_RESETSTAT, "config|resetstat", "", resetstat, .container = 6) \
    X(ECHO,      "echo",      "*",   echo,   .denyoom = 0) \
    X(QUIT,      "quit",      "*",   quit,   .denyoom = 0) \
    X(CLIENT_SETNAME, "client|setname", "*", client_setname, .container = 6) \
    X(CLIENT_SETINFO, "client|setinfo", "*", client_setinfo, .container = 6) \
    X(CLIENT_NO_EVICT, "client|no-evict", "*", client_no_evict, .container = 6) \
    X(CLIENT_NO_TOUCH, "client|no-touch", "*", client_no_touch, .container = 6) \
    X(SELECT,    "select",    "n",   select,   .denyoom = 0) \
    X(PING,      "ping",      "*",   ping,   .denyoom = 0) \
    X(INFO,      "info",      "*",   info,   .denyoom = 0)

/* The commands that evsim knows by name only: S(name in C, name in Redis, denyoom). It does not execute them, and a report
 * names and counts them. They cost the server what every command costs, whatever it does: room for its arguments, a look at
 * the gate, and at the first call of its kind a latency histogram. A subcommand is a command. Names and flags are those of
 * Redis 7.0.15's COMMAND, and of 7.2 to 8.0 where they came later. */
#define SKIPPED_COMMAND_LIST(S) \
    /* string, hyperloglog */ \
    S(PFDEBUG, "pfdebug", 1) \
    /* arrays, of Redis 8.8 */ \
    S(ARCOUNT, "arcount", 0) S(ARDEL, "ardel", 0) S(ARDELRANGE, "ardelrange", 0) S(ARGET, "arget", 0) \
    S(ARGETRANGE, "argetrange", 0) S(ARGREP, "argrep", 0) S(ARINFO, "arinfo", 0) S(ARINSERT, "arinsert", 1) \
    S(ARLASTITEMS, "arlastitems", 0) S(ARLEN, "arlen", 0) S(ARMGET, "armget", 0) S(ARMSET, "armset", 1) \
    S(ARNEXT, "arnext", 0) S(AROP, "arop", 0) S(ARRING, "arring", 1) S(ARSCAN, "arscan", 0) S(ARSEEK, "arseek", 0) \
    S(ARSET, "arset", 1) \
    /* vector sets */ \
    S(VADD, "vadd", 1) S(VCARD, "vcard", 0) S(VDIM, "vdim", 0) S(VEMB, "vemb", 0) S(VGETATTR, "vgetattr", 0) \
    S(VINFO, "vinfo", 0) S(VISMEMBER, "vismember", 0) S(VLINKS, "vlinks", 0) S(VRANDMEMBER, "vrandmember", 0) \
    S(VREM, "vrem", 0) S(VSETATTR, "vsetattr", 1) S(VSIM, "vsim", 0) \
    /* keyspace */ \
    S(MIGRATE, "migrate", 0) \
    /* server */ \
    S(ACL_DELUSER, "acl|deluser", 0) S(ACL_LOAD, "acl|load", 0) S(ACL_SETUSER, "acl|setuser", 0) \
    S(CLUSTER_SYNCSLOTS, "cluster|syncslots", 0) S(BGREWRITEAOF, "bgrewriteaof", 0) S(BGSAVE, "bgsave", 0) \
    S(CLUSTER_ADDSLOTS, "cluster|addslots", 0) S(CLUSTER_ADDSLOTSRANGE, "cluster|addslotsrange", 0) \
    S(CLUSTER_BUMPEPOCH, "cluster|bumpepoch", 0) S(CLUSTER_DELSLOTS, "cluster|delslots", 0) \
    S(CLUSTER_DELSLOTSRANGE, "cluster|delslotsrange", 0) S(CLUSTER_FAILOVER, "cluster|failover", 0) \
    S(CLUSTER_FLUSHSLOTS, "cluster|flushslots", 0) S(CLUSTER_FORGET, "cluster|forget", 0) \
    S(CLUSTER_MEET, "cluster|meet", 0) S(CLUSTER_REPLICATE, "cluster|replicate", 0) \
    S(CLUSTER_RESET, "cluster|reset", 0) S(CLUSTER_SET_CONFIG_EPOCH, "cluster|set-config-epoch", 0) \
    S(CLUSTER_SETSLOT, "cluster|setslot", 0) S(CONFIG_SET, "config|set", 0) S(DEBUG, "debug", 0) \
    S(FAILOVER, "failover", 0) S(MODULE_LOAD, "module|load", 0) S(MODULE_LOADEX, "module|loadex", 0) \
    S(MODULE_UNLOAD, "module|unload", 0) S(MONITOR, "monitor", 0) S(PSYNC, "psync", 0) S(REPLCONF, "replconf", 0) \
    S(REPLICAOF, "replicaof", 0) S(SHUTDOWN, "shutdown", 0) S(SLAVEOF, "slaveof", 0) S(SYNC, "sync", 0)

#define SKIPPED_COMMAND(symbol, name, is_denyoom) \
    X(symbol, name, "*", skip, .skipped = 1, .denyoom = is_denyoom)

/* What the server answers with an error is a client's activity all the same: its arguments were read and are memory until
 * they are freed, the client is not idle, the error is counted. R(name in C, what no client can call it by, function, denyoom).
 * REFUSED: the number of arguments is wrong, and the server saw that before it made room or looked at the transaction.
 * FAILED: the command was called, and found its arguments wrong; row.second says which command it is. */
#define REFUSED_COMMAND_LIST(R) \
    R(REFUSED, "(refused)", skip, 0) \
    R(FAILED, "(failed)", failed, 0) \
    R(FAILED_WRITE, "(failed write)", failed, 1)

#define REFUSED_COMMAND(symbol, name, function, is_denyoom) \
    X(symbol, name, "*", function, .skipped = 1, .refused = 1, .denyoom = is_denyoom)

/* Of all lists; X is the caller's. */
#define EVERY_COMMAND \
    COMMAND_LIST(X) PLAIN_COMMAND_LIST(PLAIN_COMMAND, PLAIN_SUBCOMMAND) SKIPPED_COMMAND_LIST(SKIPPED_COMMAND) \
    REFUSED_COMMAND_LIST(REFUSED_COMMAND)
/* clang-format on */

enum op {
#define X(symbol, ...) OP_##symbol,
    EVERY_COMMAND
#undef X
        OP_COUNT
};

extern const struct command command_table[OP_COUNT];

/* "get" for OP_GET. */
const char *op_name(enum op op);
/* OP_COUNT when the name (of length bytes, any case) is not a command of the lists above. A subcommand is found by both its
 * words: "config|set". */
enum op op_find(const char *name, size_t length);

/* Whether the command has such an argument (see arguments). */
static inline bool command_takes(enum op op, char argument)
{
    return strchr(command_table[op].arguments, argument) != NULL;
}

/* Its rows have elements. */
static inline bool command_takes_elements(enum op op)
{
    return command_takes(op, 'm') || command_takes(op, 'w');
}

/* Commands with keys begin with one. */
static inline bool command_has_key(enum op op)
{
    const char *arguments = command_table[op].arguments;

    return *arguments == 'k' || *arguments == '#' || *arguments == 'b' || (*arguments == 'w' && arguments[1] == 'k');
}

/* It may change what there is (CMD_WRITE). */
static inline bool command_writes(enum op op)
{
    const struct command *command = &command_table[op];

    return command->denyoom || command->transfer || command->moves || command->stores || command->removes ||
           command->deletes || command->drops_ttl || command->retimes || command->retimes_elements ||
           command->flushes || command->deletes_equal || command->blesses;
}

/* A key may exist only because of it. */
static inline bool command_makes_key(enum op op)
{
    return command_table[op].sets || command_table[op].change || command_table[op].transfer || command_table[op].adds ||
           command_table[op].moves || command_table[op].stores ||
           (command_table[op].holds_payload && *command_table[op].arguments == 'k'); /* RESTORE */
}

/* Bytes of a value of `present` bytes (0: absent) after a command that changes a part of it, whose row has this number
 * and value_len. At most UINT32_MAX - 1. */
uint32_t command_changed_size(enum op op, uint64_t present, int64_t number, uint32_t value_len);

#endif
