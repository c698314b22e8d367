/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words: what the parsers of commands share whose arguments letters cannot say (w in sim/command.h), and the list of them.
 *
 * A group of such commands has a file of its own, with a parser for each kind of command and a line in WORD_COMMANDS. The
 * parser takes the arguments one after the other; every one of them becomes an element of the command's row (sim/request.h),
 * but for keys, each of which begins a row:
 *
 *     ZADD key NX 1 member        row: key; elements: NX, member with its score 1
 *
 * It answers as the server does before it executes anything: what that refuses is refused here. */
#ifndef TRACES_COMMANDS_WORDS_H
#define TRACES_COMMANDS_WORDS_H

#include "traces/commands/queue.h"

#include <stdbool.h>

/* What becomes of a command: its records are queued, or why the server answers with an error. */
enum outcome {
    DONE,
    PARTLY, /* they are queued, but what the command does is known in part: it counts as not executed */
    ARITY,
    SYNTAX,
    NUMBER
};

/* A command on its way into the queue. Its first key, if it begins with one, has been taken already. */
struct words {
    struct queue *queue;
    const struct record *row;    /* which the command's records are like */
    const struct argument *list; /* [0] is the name */
    size_t count, next;          /* the argument that is taken next */
    size_t record;               /* of the queue: the last row */
};

typedef enum outcome words_fn(struct words *words);

/* X(name in C, parser): whose "w" is parsed by whom. */
#define WORD_COMMANDS(X)                                                                                               \
    X(BITCOUNT, bitcount)                                                                                              \
    X(BITPOS, bitpos)                                                                                                  \
    X(LINDEX, lindex)                                                                                                  \
    X(BITFIELD, bitfield)                                                                                              \
    X(BITFIELD_RO, bitfield)                                                                                           \
    X(BITOP, bitop)                                                                                                    \
    X(HRANDFIELD, zrandmember)                                                                                         \
    X(RESTORE, restore)                                                                                                \
    X(RESTORE_ASKING, restore)                                                                                         \
    X(DELEX, delex)                                                                                                    \
    X(BLESS_SET, bless)                                                                                                \
    X(BLESS_CLEAR, bless)                                                                                              \
    X(BLESS_SCAN, bless_scan)                                                                                          \
    X(SCAN, scan)                                                                                                      \
    X(KEYS, keys)                                                                                                      \
    X(SORT, sort)                                                                                                      \
    X(SORT_RO, sort)                                                                                                   \
    X(MEMORY_USAGE, memory_usage)                                                                                      \
    X(SSCAN, zscan)                                                                                                    \
    X(HSCAN, zscan)                                                                                                    \
    X(HEXPIRE, hexpire)                                                                                                \
    X(HPEXPIRE, hexpire)                                                                                               \
    X(HEXPIREAT, hexpire)                                                                                              \
    X(HPEXPIREAT, hexpire)                                                                                             \
    X(HPERSIST, hfields)                                                                                               \
    X(HTTL, hfields)                                                                                                   \
    X(HPTTL, hfields)                                                                                                  \
    X(HEXPIRETIME, hfields)                                                                                            \
    X(HPEXPIRETIME, hfields)                                                                                           \
    X(HGETEX, hgetex)                                                                                                  \
    X(HSETEX, hsetex)                                                                                                  \
    X(HGETDEL, hfields)                                                                                                \
    X(SUBSCRIBE, some_topics)                                                                                          \
    X(PSUBSCRIBE, some_topics)                                                                                         \
    X(SSUBSCRIBE, some_topics)                                                                                         \
    X(UNSUBSCRIBE, topics)                                                                                             \
    X(PUNSUBSCRIBE, topics)                                                                                            \
    X(SUNSUBSCRIBE, topics)                                                                                            \
    X(PUBLISH, publish)                                                                                                \
    X(SPUBLISH, publish)                                                                                               \
    X(HELLO, hello)                                                                                                    \
    X(CLIENT_TRACKING, client_tracking)                                                                                \
    X(CLIENT_REPLY, client_reply)                                                                                      \
    X(CLIENT_KILL, client_kill)                                                                                        \
    X(CLIENT_CACHING, client_caching)                                                                                  \
    X(COMMANDLOG_LEN, command_log)                                                                                     \
    X(COMMANDLOG_RESET, command_log)                                                                                   \
    X(EVAL, eval)                                                                                                      \
    X(EVAL_RO, eval)                                                                                                   \
    X(EVALSHA, evalsha)                                                                                                \
    X(EVALSHA_RO, evalsha)                                                                                             \
    X(FCALL, fcall)                                                                                                    \
    X(FCALL_RO, fcall)                                                                                                 \
    X(FUNCTION_LOAD, function_load)                                                                                    \
    X(FUNCTION_DELETE, function_delete)                                                                                \
    X(FUNCTION_FLUSH, function_flush)                                                                                  \
    X(FUNCTION_RESTORE, function_restore)                                                                              \
    X(SCRIPT_LOAD, script_load)                                                                                        \
    X(ZADD, zadd)                                                                                                      \
    X(ZINCRBY, zincrby)                                                                                                \
    X(ZRANK, zrank)                                                                                                    \
    X(ZREVRANK, zrank)                                                                                                 \
    X(ZRANGE, zrange)                                                                                                  \
    X(ZREVRANGE, zrange)                                                                                               \
    X(ZRANGEBYSCORE, zrange)                                                                                           \
    X(ZREVRANGEBYSCORE, zrange)                                                                                        \
    X(ZRANGEBYLEX, zrange)                                                                                             \
    X(ZREVRANGEBYLEX, zrange)                                                                                          \
    X(ZCOUNT, zcount)                                                                                                  \
    X(ZLEXCOUNT, zcount)                                                                                               \
    X(ZREMRANGEBYRANK, zcount)                                                                                         \
    X(ZREMRANGEBYSCORE, zcount)                                                                                        \
    X(ZREMRANGEBYLEX, zcount)                                                                                          \
    X(ZPOPMIN, zpop)                                                                                                   \
    X(ZPOPMAX, zpop)                                                                                                   \
    X(ZRANDMEMBER, zrandmember)                                                                                        \
    X(ZSCAN, zscan)                                                                                                    \
    X(ZMPOP, zmpop)                                                                                                    \
    X(BZMPOP, zmpop)                                                                                                   \
    X(BZPOPMIN, bzpop)                                                                                                 \
    X(BZPOPMAX, bzpop)                                                                                                 \
    X(ZRANGESTORE, zrange)                                                                                             \
    X(ZUNION, zcombine)                                                                                                \
    X(ZINTER, zcombine)                                                                                                \
    X(ZDIFF, zcombine)                                                                                                 \
    X(ZINTERCARD, zcombine)                                                                                            \
    X(ZUNIONSTORE, zcombine)                                                                                           \
    X(ZINTERSTORE, zcombine)                                                                                           \
    X(ZDIFFSTORE, zcombine)                                                                                            \
    X(XADD, xadd)                                                                                                      \
    X(XRANGE, xrange)                                                                                                  \
    X(XREVRANGE, xrange)                                                                                               \
    X(XREAD, xread)                                                                                                    \
    X(XREADGROUP, xread)                                                                                               \
    X(XTRIM, xtrim)                                                                                                    \
    X(XDEL, xdel)                                                                                                      \
    X(XSETID, xsetid)                                                                                                  \
    X(XACK, xack)                                                                                                      \
    X(XPENDING, xpending)                                                                                              \
    X(XCLAIM, xclaim)                                                                                                  \
    X(XAUTOCLAIM, xautoclaim)                                                                                          \
    X(XGROUP_CREATE, xgroup)                                                                                           \
    X(XGROUP_SETID, xgroup)                                                                                            \
    X(XGROUP_DESTROY, xgroup)                                                                                          \
    X(XGROUP_CREATECONSUMER, xgroup)                                                                                   \
    X(XGROUP_DELCONSUMER, xgroup)                                                                                      \
    X(XINFO_STREAM, xinfo)                                                                                             \
    X(XINFO_GROUPS, xinfo)                                                                                             \
    X(XINFO_CONSUMERS, xinfo)                                                                                          \
    X(GEOADD, geoadd)                                                                                                  \
    X(GEODIST, geodist)                                                                                                \
    X(GEOSEARCH, geosearch)                                                                                            \
    X(GEOSEARCHSTORE, geosearch)                                                                                       \
    X(GEORADIUS, georadius)                                                                                            \
    X(GEORADIUSBYMEMBER, georadius)                                                                                    \
    X(GEORADIUS_RO, georadius)                                                                                         \
    X(GEORADIUSBYMEMBER_RO, georadius)

#define X(symbol, parser) enum outcome words_##parser(struct words *words);
WORD_COMMANDS(X)
#undef X

/* How many arguments are left. */
static inline size_t words_left(const struct words *words)
{
    return words->count - words->next;
}

bool argument_is(const struct argument *argument, const char *word);
/* A double as the server reads one: strtod takes all of it, and it is no NaN. */
bool argument_double(const struct argument *argument, double *number);

/* Another element of the last row, for the next argument, which is taken. Each gives it more. */
struct element *words_take(struct words *words);
/* Likewise; the caller may say a member's text. */
struct named_element *words_take_named(struct words *words);
/* One of the names: then it is an element, and *word says which. False: it is none of them, and is not taken. */
struct named_word {
    const char *text;
    enum word word;
};
bool words_take_name(struct words *words, const struct named_word *names, size_t count, enum word *word);
/* A row for one more key. */
void words_take_key(struct words *words);
/* A double; false: it is none, though it is taken. */
bool words_take_double(struct words *words, double *number);
/* An integer; false: it is none, though it is taken. */
bool words_take_integer(struct words *words, int64_t *number);
/* A member of the key's value. */
struct element *words_take_member(struct words *words);

/* What a member is set to. */
void element_set_value(struct element *element, const struct argument *value);
/* Makes the element a number that is a double. */
void element_set_double(struct element *element, double number);

#endif
