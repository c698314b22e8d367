/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_stream_rows.h"

#include "sim/alloc.h"
#include "tests/fidelity/support_twin.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- the commands ---- */

/* Of a type, by its letter; '*': of any. */
struct row {
    char type;
    int weight;
    const char *words;
};

/* clang-format off */
static const struct row rows[] = {
    /* strings */
    {'s', 30, "set K V"},
    {'s', 12, "set K V (nx|xx|keepttl|get|nx get|ex S|px T|exat X|pxat U|xx px T|keepttl xx)"},
    {'s', 4, "setex K S V"},        {'s', 3, "psetex K T V"},     {'s', 4, "setnx K V"},
    {'s', 5, "getset K V"},         {'s', 6, "get K"},            {'s', 4, "mget {K}"},
    {'s', 5, "getex K (|persist|ex 0|ex 1|ex 100|px 150|px 3000|exat X|pxat U)"},       {'s', 3, "getdel K"},
    {'s', 5, "mset {K V}"},         {'s', 3, "msetnx {K V}"},     {'s', 14, "append K W"},
    {'s', 2, "strlen K"},           {'s', 14, "setrange K O W"},  {'s', 5, "incr K"},
    {'s', 3, "decr K"},             {'s', 6, "incrby K I"},       {'s', 4, "decrby K I"},
    {'s', 6, "incrbyfloat K E"},    {'s', 3, "getrange K J J"},   {'s', 1, "substr K J J"},
    {'s', 6, "setbit K B 1"},   {'s', 2, "getbit K B"},       {'s', 2, "lcs K K (|len|idx|idx minmatchlen N|idx withmatchlen|len idx|withmatchlen|minmatchlen)"},
    {'s', 1, "incrbyfloat K (nan|inf|text|1e5000)"},              {'s', 1, "set K V (nx xx|ex 0|px -1|ex text|ex|nx ex)"},
    {'s', 5, "set K V (|get|keepttl|get keepttl|ex S|px T|exat X|pxat U|get ex S) ifeq (V|1|2|abc|abd|1.5)"}, {'s', 4, "delifeq K (V|1|2|abc|abd|1.5)"}, {'s', 5, "delex K (|ifeq V|ifeq 1|ifeq abc|ifeq abd|ifeq 1.5|ifeq|ifxx 1|ifeq 1 2)"}, {'s', 8, "set K (1|2|abc|abd|1.5)"},
    {'s', 1, "set K V (ifeq|ifne) V (nx|xx|ifeq V|ifne V|ex 0|ifeq)"}, {'s', 1, "set K V nx ifne V"}, {'s', 2, "msetex 1 K V (|nx|xx|keepttl|ex S|px T|exat X|pxat U|xx px T|keepttl xx)"},
    {'s', 4, "msetex 2 K V K V (|nx|xx|keepttl|ex S|px T|exat X|pxat U|xx px T|keepttl xx|nx xx|ex 0|get)"}, {'s', 1, "msetex (0|3|text) K V K V"},
    {'s', 1, "setrange K -1 W"},    {'s', 1, "setbit K B 2"},     {'s', 1, "getrange K J text"},

    /* strings whose texts the model knows, and so their digests: nothing changes them in place. (A digest of another length behind GET is
     * answered twice by 8.6.3.) IFNE is here alone: what SETBIT makes is as long as some text, and the model leaves it. */
    {'c', 25, "set K (W|1|2|abc|abd|1.5|3.0|3e0|0x10)"}, {'c', 9, "set K (1|abc|-17|0.25|0.1) (ex S|px T|keepttl|get)"}, {'c', 6, "getset K W"},
    {'c', 15, "set K (W|1|abc|1.5) (|get|keepttl|ex S) ifne (W|1|2|abc|abd|1.5|3.0|3e0|0x10)"},
    {'c', 18, "set K (W|1|abc|1.5) (|get|ex S|keepttl) (ifdeq|ifdne) (65cd25028f98f158|78af5f94892f3950|3d006affbf7f50ee|eb8d57845b315300|131d51d34726a966|78AF5F94892F3950|0123456789abcdez)"},
    {'c', 3, "set K W (ifdeq|ifdne) (12|)"}, {'c', 3, "set K W ifdeq 78af5f94892f3950 (ifdne 78af5f94892f3950|ifdeq 65cd25028f98f158|xx|nx)"},
    {'c', 9, "delex K (ifdeq|ifdne) (65cd25028f98f158|78af5f94892f3950|3d006affbf7f50ee|eb8d57845b315300|131d51d34726a966|0123456789abcdez|12)"}, {'c', 6, "delex K (ifne W|ifne abc|ifeq abc|ifeq 3.0|ifeq 3e0|ifne 0x10|)"},
    {'c', 9, "digest K"}, {'c', 6, "incr K"}, {'c', 3, "incrbyfloat K 0.5"}, {'c', 3, "del K"}, {'c', 3, "mset {K W}"}, {'c', 3, "rename K K"}, {'c', 3, "copy K K replace"},

    /* bitmaps: nobody takes them for numbers, for the model does not keep what they hold */
    {'b', 30, "setbit K B (0|1)"},  {'b', 5, "getbit K B"},       {'b', 5, "set K V"},
    {'b', 4, "append K V"},         {'b', 4, "setrange K O V"},   {'b', 3, "bitcount K (|J|J J|J J byte|J J bit|J J bits)"},
    {'b', 3, "bitpos K (0|1|2) (|J|J J|J J bit|J J byte)"}, {'b', 8, "bitop (and|or|xor) K {K}"}, {'b', 4, "bitop not K K"},
    {'b', 8, "bitfield K (set u8 B N|incrby i5 B I|get u4 B|set i64 B I|overflow sat incrby u2 B I)"},
    {'b', 2, "bitfield_ro K get u8 B"}, {'b', 2, "get K"},        {'b', 2, "getdel K"},

    /* HyperLogLogs */
    {'p', 40, "pfadd K {F}"},       {'p', 8, "pfcount K"},        {'p', 8, "pfmerge K {K}"},
    {'p', 4, "pfcount {K}"},        {'p', 2, "set K W"},          {'p', 2, "get K"},

    /* hashes */
    {'h', 40, "hset K {F V}"},      {'h', 4, "hmset K {F V}"},    {'h', 6, "hsetnx K F V"},
    {'h', 6, "hget K F"},           {'h', 3, "hmget K {F}"},      {'h', 2, "hgetall K"},
    {'h', 16, "hdel K {F}"},        {'h', 2, "hlen K"},           {'h', 2, "hexists K F"},
    {'h', 2, "hstrlen K F"},        {'h', 1, "hkeys K"},          {'h', 1, "hvals K"},
    {'h', 8, "hincrby K F I"},      {'h', 5, "hincrbyfloat K F E"}, {'h', 1, "hrandfield K (|2|2 withvalues)"},
    {'h', 2, "hscan K 0 (|count 3|count 0|count|match m1*|match *x count 100|match [m-n]?|novalues)"},
    {'h', 1, "hincrby K F text"},   {'h', 1, "hincrbyfloat K F text"}, {'h', 1, "hset K F"},

    /* hashes whose fields have ttls */
    {'f', 30, "hset K {F V}"},      {'f', 3, "hsetnx K F V"},     {'f', 2, "hmget K {F}"},
    {'f', 8, "hdel K {F}"},         {'f', 6, "hincrby K F I"},    {'f', 3, "hincrbyfloat K F E"},
    {'f', 6, "hget K F"},           {'f', 2, "hgetall K"},        {'f', 2, "hlen K"},
    {'f', 1, "hexists K F"},        {'f', 1, "hstrlen K F"},      {'f', 1, "hvals K"},
    {'f', 1, "hrandfield K (|2|-3)"}, {'f', 1, "hscan K 0 count 100"},
    {'f', 14, "hexpire K S (|nx|xx|gt|lt) Y"}, {'f', 14, "hpexpire K T (|nx|xx|gt|lt) Y"},
    {'f', 4, "hexpireat K X (|nx|gt) Y"}, {'f', 6, "hpexpireat K U (|nx|xx|gt|lt) Y"},
    {'f', 5, "hpersist K Y"},       {'f', 1, "httl K Y"},         {'f', 1, "hpttl K Y"},
    {'f', 1, "hexpiretime K Y"},    {'f', 1, "hpexpiretime K Y"}, {'f', 4, "hgetdel K Y"},
    {'f', 8, "hgetex K (|persist|ex S|px T|exat X|pxat U) Y"},
    {'f', 2, "hsetex K (nx|xx|nx fnx) (|ex 0|ex 100|px 150|px 3000) Z"},
    {'f', 12, "hsetex K (|fnx|fxx) (|ex S|px T|exat X|pxat U|keepttl) Z"},
    {'f', 6, "copy K K (|replace|db 1|db 1 replace)"},            {'f', 4, "rename K K"},
    {'f', 1, "move K 1"},           {'f', 1, "set K V"},

    /* libraries of functions */
    {'u', 30, "function load (|replace) L"}, {'u', 8, "function delete M"}, {'u', 1, "function flush (|sync|async)"},
    {'u', 10, "fcall H 0"},         {'u', 3, "fcall_ro H 0"},     {'u', 2, "set K V"},

    /* lists */
    {'l', 30, "rpush K {V}"},       {'l', 25, "lpush K {V}"},     {'l', 4, "rpushx K {V}"},
    {'l', 4, "lpushx K {V}"},       {'l', 8, "lpop K (|N)"},      {'l', 8, "rpop K (|N)"},
    {'l', 8, "lset K J V"},         {'l', 8, "linsert K (before|after) V V"},
    {'l', 6, "lrem K J V"},         {'l', 6, "ltrim K J J"},      {'l', 2, "lrange K J J"},
    {'l', 1, "llen K"},             {'l', 2, "lindex K J"},       {'l', 1, "lpos K V (|rank 1|count 0|rank -1 maxlen 2|rank 0|count -1)"},
    {'l', 1, "lindex K text"},      {'l', 1, "lset K text V"},    {'l', 1, "lset K J"},
    {'l', 4, "rpoplpush K K"},      {'l', 5, "lmove K K (left|right) (left|right)"},
    {'l', 3, "lmpop 1 K (left|right) (|count N)"}, {'l', 2, "lmpop 2 K K (left|right|up) (|count N)"},
    {'l', 1, "lmpop (0|2|text) K left"}, {'l', 1, "linsert K at V V"}, {'l', 1, "lpop K -1"},

    /* sets */
    {'t', 45, "sadd K {F}"},        {'t', 20, "srem K {F}"},      {'t', 5, "smove K K F"},
    {'t', 2, "sismember K F"},      {'t', 1, "smismember K {F}"}, {'t', 1, "scard K"},
    {'t', 1, "smembers K"},         {'t', 5, "sinterstore K {K}"}, {'t', 6, "sunionstore K {K}"},
    {'t', 5, "sdiffstore K {K}"},   {'t', 1, "sinter {K}"},       {'t', 1, "sunion {K}"},
    {'t', 1, "sdiff {K}"},          {'t', 1, "sintercard 2 K K (|limit N)"}, {'t', 1, "srandmember K (|2|-2)"},
    {'t', 2, "sscan K 0 (|count 3|count|none|match m1*|match *x count 100)"},
    {'t', 2, "spop K 100000"},      {'t', 1, "spop K -1"},        {'t', 1, "sintercard (0|3|text) K K"},

    /* sorted sets */
    {'z', 45, "zadd K {D F}"},      {'z', 8, "zadd K (nx|xx|gt|lt|ch|xx ch|xx gt) D F"}, {'z', 2, "zadd K incr D F"},
    {'z', 8, "zincrby K D F"},      {'z', 15, "zrem K {F}"},      {'z', 2, "zscore K F"},
    {'z', 1, "zmscore K {F}"},      {'z', 1, "zcard K"},          {'z', 1, "zcount K D D"},
    {'z', 1, "zrank K F"},          {'z', 1, "zrevrank K F"},     {'z', 2, "zrange K J J (|withscores|rev)"},
    {'z', 1, "zrangebyscore K D D"}, {'z', 1, "zrevrange K J J"}, {'z', 4, "zpopmin K (|N)"},
    {'z', 4, "zpopmax K (|N)"},     {'z', 3, "zmpop 1 K (min|max) (|count N)"},
    {'z', 3, "zremrangebyrank K J J"}, {'z', 3, "zremrangebyscore K D D"},
    {'z', 2, "zremrangebylex K - [m"}, {'z', 4, "zunionstore K 2 K K (|weights 1 2|aggregate max)"},
    {'z', 3, "zinterstore K 2 K K"}, {'z', 3, "zdiffstore K 2 K K"}, {'z', 3, "zrangestore K K J J (|rev)"},
    {'z', 3, "zrangestore K K D D byscore (|limit J N)"},
    {'z', 1, "zrangestore K K J J (limit 0 1|withscores|byscore bylex)"}, {'z', 1, "zadd K (nx gt|gt lt|nx xx|text) D F"},
    {'z', 1, "zadd K (nan|text) F"}, {'z', 1, "zincrby K (nan|text|inf|-inf) F"}, {'z', 1, "zunionstore K 2 K K (weights 1|aggregate none)"},
    {'z', 1, "zlexcount K - (m|[m|+)"}, {'z', 1, "zrangebylex K - + (|limit J N)"}, {'z', 1, "zmpop 2 K K (min|max|none)"},
    {'z', 1, "zunion 2 K K"},       {'z', 1, "zinter 2 K K"},     {'z', 1, "zintercard 2 K K"},
    {'z', 1, "zrandmember K (|2)"}, {'z', 1, "zscan K 0 (|count 3|count 0|match m1*|match *x count 100)"},

    /* places */
    {'g', 30, "geoadd K {13.361389 38.115556 F}"},
    {'g', 3, "geoadd K (|nx|xx|ch) 15.087269 37.502669 F"},
    {'g', 1, "geoadd K (200|text) 38 F"},
    {'g', 1, "geodist K F F (|km|mi|xx)"},
    {'g', 1, "geohash K {F}"},
    {'g', 1, "geopos K {F}"},
    {'g', 1, "geosearch K fromlonlat 15 37 byradius 200 km (|asc|count N|count N any|withcoord withdist)"},
    {'g', 2, "geosearchstore K K fromlonlat 15 37 (byradius 200 km|bybox 400 400 km|byradius -1 m) (|asc|storedist)"},
    {'g', 1, "geosearchstore K K frommember F byradius 100 km"},
    {'g', 2, "georadius K 15 37 200 km (|withdist|store K|storedist K|count N|withdist store K)"},
    {'g', 2, "georadiusbymember K F 200 km (|desc|store K|storedist K|count N any)"},
    {'g', 1, "georadius_ro K 15 37 200 km (|store K)"},
    {'g', 6, "zrem K {F}"},         {'g', 2, "zpopmin K (|N)"},   {'g', 1, "zcard K"},

    /* streams */
    {'x', 40, "xadd K R {F V}"},    {'x', 8, "xadd K nomkstream R F V"},
    {'x', 8, "xadd K maxlen (|~|=) N R F V"}, {'x', 3, "xadd K minid (|~|=) N R F V"},
    {'x', 4, "xadd K P-* F V"},     {'x', 6, "xdel K P-1 P-0"},       {'x', 5, "xtrim K maxlen (|~|=) N"},
    {'x', 1, "xlen K"},             {'x', 2, "xrange K - + (|count N)"}, {'x', 1, "xrevrange K + - count 2"},
    {'x', 4, "xgroup create K G (0|$) (|mkstream)"},              {'x', 1, "xgroup destroy K G"},
    {'x', 2, "xgroup createconsumer K G C"},                      {'x', 1, "xgroup delconsumer K G C"},
    {'x', 1, "xgroup setid K G (0|$)"},
    {'x', 8, "xreadgroup group G C (|count N) (|noack) streams K >"}, {'x', 1, "xread count 2 streams K 0"},
    {'x', 4, "xack K G P-0 P-1"},       {'x', 1, "xpending K G"},     {'x', 3, "xautoclaim K G C 0 0 (|count N) (|justid)"},
    {'x', 1, "xsetid K 9999999999999-0"},
    {'x', 5, "xclaim K G C (0|T) P-0 P-1 (|justid|force|force justid|idle T|time U|retrycount N|lastid P-0|retrycount N force|time 1 force)"},
    {'x', 2, "xclaim K G C 0 P-0 P P-2 (force|justid)"}, {'x', 1, "xclaim K G C 0 (text|$|P-0 text|P-0 idle|P-0 idle x|P-0 force P-1|P-0 lastid $|P-0 retrycount)"},
    {'x', 3, "xreadgroup group G C (|count N) streams K 0"}, {'x', 1, "xpending K G (idle T - + 10|- + 10|- + 10 C)"},
    {'x', 1, "xinfo stream K (|full|full count 2)"}, {'x', 1, "xinfo groups K"}, {'x', 1, "xinfo consumers K G"},
    {'x', 1, "xadd K 0-0 F V"},     {'x', 1, "xadd K text F V"},  {'x', 1, "xadd K * F"}, {'x', 1, "xack K G text"},

    /* any key */
    {'*', 8, "del {A}"},            {'*', 4, "unlink {A}"},       {'*', 2, "exists {A}"},
    {'*', 8, "expire A S (|nx|xx|gt|lt)"}, {'*', 8, "pexpire A T (|nx|xx|gt|lt)"},
    {'*', 3, "expireat A X"},       {'*', 3, "pexpireat A U (|nx|xx|gt|lt)"},
    {'*', 5, "persist A"},          {'*', 1, "ttl A"},            {'*', 1, "pttl A"},
    {'*', 1, "expiretime A"},       {'*', 1, "pexpiretime A"},    {'*', 1, "type A"},
    {'*', 1, "touch {A}"},          {'*', 6, "rename A A"},       {'*', 4, "renamenx A A"},
    {'*', 8, "copy A A (|replace|db 1|db 1 replace)"},            {'*', 3, "move A (1|0)"},
    {'*', 1, "object encoding A"},  {'*', 1, "object refcount A"}, {'*', 1, "object idletime A"},
    {'*', 1, "randomkey"},          {'*', 1, "dbsize"},           {'*', 2, "select (0|0|0|1)"},
    {'*', 1, "swapdb 0 1"},         {'*', 1, "flushdb (|sync|async)"}, {'*', 1, "flushall (|sync|async)"},
    {'*', 2, "sort A (|alpha|desc|alpha desc limit 1 2|by nosort|by nosort get # get x)"}, {'*', 1, "sort_ro A alpha"},
    {'*', 2, "sort A alpha (|desc) store A"},           {'*', 2, "sort A by nosort (|desc|limit 1 2) store A"},
    {'*', 1, "sort A get # get x store A"},
    {'*', 2, "sort A by (s*|h1*|x*->y|h1->*|z*->f) (|alpha|desc|get #|get s*|limit 0 2)"},
    {'*', 2, "sort A (by nosort|alpha) get (*|h*->m1|h1->*|l*) (|get #) (|store A)"},
    {'*', 1, "sort A by nosort get s* (|get #)"},
    {'*', 1, "dump A"},             {'*', 1, "memory usage A (|samples 0)"},
    {'*', 1, "scan 0 (|count 3|match * count 100|match s* count 100|match ?[12]*|type string|type list)"},
    {'*', 1, "keys (*|s*|?1|none|[sh]*x|s1)"},
    {'*', 1, "ping (|text)"},       {'*', 1, "echo text"},        {'*', 1, "time"},
    {'*', 1, "object help"},        {'*', 1, "command count"},    {'*', 1, "script exists 0123"},
};

static const struct {
    const char *name, *values; /* a few of them, separated by blanks; the model need not have the option */
    const char *unknown_to;    /* servers whose name begins so; "": all know it */
} thresholds[] = {
    {"hash-max-listpack-entries", "0 1 4 8 16 128 512", ""},
    {"hash-max-listpack-value", "0 4 20 64 200", ""},
    {"set-max-intset-entries", "0 2 8 64 512", ""},
    {"set-max-listpack-entries", "0 2 8 32 128", "redis-7.0."},
    {"set-max-listpack-value", "4 20 64 200", "redis-7.0."},
    {"zset-max-listpack-entries", "0 2 8 32 128", ""},
    {"zset-max-listpack-value", "0 4 20 64 200", ""},
    {"list-max-listpack-size", "-1 -2 -3 1 2 4 16 128", ""},
    {"stream-node-max-entries", "0 1 3 10 100", ""},
    {"stream-node-max-bytes", "0 64 300 4096", ""},
    {"hll-sparse-max-bytes", "0 100 3000", ""},
};
/* clang-format on */

/* ---- one stream ---- */

enum { TYPES = 12, KEYS_OF_TYPE = 4, LENGTH_LIMITS = 40, WORDS_MOST = 600, WORD_BYTES = 80 };

static const char type_letters[] = "shltzxbpfugc";

static const uint32_t lengths[] = {
    0,   1,   1,   2,    3,    3,    5,    8,    11,   12,   13,   20,   21,    22,    31,    32,    33,    43,
    44,  45,  46,  62,   63,   64,   65,   66,   90,   126,  127,  128,  129,   200,   254,   255,   256,   257,
    511, 512, 600, 1023, 1024, 2047, 4094, 4095, 4096, 4097, 8191, 8192, 16384, 32767, 32768, 65535, 65536, 70000};
static const uint32_t name_lengths[] = {2,  2,  2,  2,  3,  6,  7,  14,  15,  16,  30,
                                        31, 32, 44, 45, 63, 64, 65, 127, 128, 255, 256};
static const int64_t borders[] = {
    0,        1,         12,         99,         127,        128,           255,       256,          999,     4095,
    4096,     9999,      10000,      32767,      32768,      65535,         65536,     8388607,      8388608, 16777215,
    16777216, INT32_MAX, 2147483648, 4294967295, 4294967296, 1000000000000, INT64_MAX, INT64_MAX - 1};

/* What a stream is about. */
struct subject {
    struct random *random;
    char types[TYPES + 1];
    struct argument keys[TYPES][KEYS_OF_TYPE];
    char *key_texts[TYPES][KEYS_OF_TYPE];
    size_t key_count[TYPES];
    int wrong_type; /* per cent of the keys that are another type's */
    uint32_t longest, longest_field;
    uint32_t fields;        /* how many there are */
    int integers;           /* per cent of fields that are integers */
    int64_t widest;         /* of those */
    uint32_t repeats;       /* most of {...} */
    uint32_t request_bytes; /* about as many at most */
    uint64_t shape;         /* of its fields */
    uint32_t entries;       /* that were added to streams, by numbers */
    int64_t now_ms;
    bool repeats_kill; /* see drop_repeated_field */
    /* The command at hand. */
    char row_type;
    struct argument words[WORDS_MOST];
    char *texts[WORDS_MOST];
    size_t count, bytes;
};

static uint64_t below(struct subject *subject, uint64_t bound)
{
    return random_below(subject->random, bound);
}

#define ONE_OF(subject, list) (list)[below(subject, sizeof(list) / sizeof *(list))]

static void add_word(struct subject *subject, const char *text, size_t own, size_t bytes)
{
    char *copy = xcalloc(1, bytes + 1);

    if (subject->count == WORDS_MOST) {
        free(copy);
        return;
    }
    memset(copy, 'x', bytes);
    memcpy(copy, text, own < bytes ? own : bytes);
    subject->bytes += bytes;
    subject->texts[subject->count] = copy;
    subject->words[subject->count++] = (struct argument){copy, (uint32_t)bytes};
}

static void add_number(struct subject *subject, int64_t number)
{
    char text[WORD_BYTES];
    int bytes = snprintf(text, sizeof text, "%" PRId64, number);

    add_word(subject, text, (size_t)bytes, (size_t)bytes);
}

/* A request of several long arguments fills the query buffer several times; in most streams there is none. */
static uint32_t draw_length(struct subject *subject, uint32_t longest)
{
    uint32_t length;

    if (subject->bytes > subject->request_bytes / 2)
        longest = 12;
    else if (subject->count > 3 && longest > subject->request_bytes / 4)
        longest = subject->request_bytes / 4;
    do
        length = ONE_OF(subject, lengths);
    while (length > longest);
    return length;
}

static int64_t draw_integer(struct subject *subject, int64_t widest)
{
    int64_t number;

    do
        number = ONE_OF(subject, borders);
    while (number > widest);
    return random_chance(subject->random, 30) ? -number : number;
}

static void add_decimal(struct subject *subject)
{
    static const char *const some[] = {"0",          "1.5",  "-2.25", "3.0",         "0.1",   "1e5",
                                       "12345678.9", "inf",  "-inf",  "1e300",       "-1e-7", "3.14159265358979",
                                       "100",        "4096", "-0",    "17179869184", "1e17",  "0.30000000000000004"};
    const char *text = ONE_OF(subject, some);

    if (random_chance(subject->random, 40))
        add_number(subject, draw_integer(subject, 1 << 24));
    else
        add_word(subject, text, strlen(text), strlen(text));
}

/* Not a number, whatever it is put behind. */
static void add_string(struct subject *subject)
{
    char text[WORD_BYTES];
    int bytes = snprintf(text, sizeof text, "v%d", (int)below(subject, 100));

    add_word(subject, text, (size_t)bytes, draw_length(subject, subject->longest));
}

/* What INCRBYFLOAT may add. */
static void add_increment(struct subject *subject)
{
    static const char *const some[] = {"0",      "1",   "1.5", "-2.25",       "3.0",  "0.1",
                                       "-0.001", "100", "5e3", "1234567.125", "-1e-3"};
    static const char *const large[] = {
        "1e300",   "-1e300", "12345678901234567890.5", "0.123456789012345678901234567890",
        "1e4931",  "-3e-40", "98765432109876543210",   "-0.00000000000000001",
        "0x1.8p3", "1e18"};
    const char *text =
        subject->row_type == 's' && random_chance(subject->random, 30) ? ONE_OF(subject, large) : ONE_OF(subject, some);

    add_word(subject, text, strlen(text), strlen(text));
}

/* ---- classes of words ---- */

/* The word that was drawn, and what follows it without a blank: P-1. */
static void join(struct subject *subject, const char *at, size_t bytes)
{
    struct argument *word = &subject->words[subject->count - 1];
    char *text = xcalloc(1, word->bytes + bytes + 1);

    memcpy(text, word->text, word->bytes);
    memcpy(text + word->bytes, at, bytes);
    free(subject->texts[subject->count - 1]);
    subject->texts[subject->count - 1] = text;
    *word = (struct argument){text, (uint32_t)(word->bytes + bytes)};
}

static size_t type_index(char letter)
{
    return (size_t)(strchr(type_letters, letter) - type_letters);
}

static void add_key(struct subject *subject, char type)
{
    const struct argument *key;

    if (type == '*' || random_chance(subject->random, subject->wrong_type))
        type = subject->types[below(subject, strlen(subject->types))];
    key = &subject->keys[type_index(type)][below(subject, subject->key_count[type_index(type)])];
    add_word(subject, key->text, key->bytes, key->bytes);
}

static void class_key(struct subject *subject)
{
    add_key(subject, subject->row_type);
}

static void class_any_key(struct subject *subject)
{
    add_key(subject, '*');
}

static void class_value(struct subject *subject)
{
    if (random_chance(subject->random, 35))
        add_number(subject, draw_integer(subject, INT64_MAX));
    else if (random_chance(subject->random, 10))
        add_increment(subject);
    else
        add_string(subject);
}

/* The same field is the same word throughout the stream. */
static void class_field(struct subject *subject)
{
    uint64_t which = below(subject, subject->fields);
    struct random shape = random_stream(subject->shape + which), *kept = subject->random;
    char text[WORD_BYTES];
    int bytes;

    subject->random = &shape;
    if (random_chance(&shape, subject->integers)) {
        add_number(subject, draw_integer(subject, subject->widest) + (int64_t)(which % 7) - 3 * (which % 2 == 0));
    } else {
        bytes = snprintf(text, sizeof text, "m%d", (int)which);
        add_word(subject, text, (size_t)bytes, draw_length(subject, subject->longest_field));
    }
    subject->random = kept;
}

static bool sets_ttl(const struct subject *subject)
{
    static const char *const options[] = {"ex", "px", "exat", "pxat"};

    for (size_t i = 0; i < subject->count; i++)
        for (size_t j = 0; j < sizeof options / sizeof *options; j++)
            if (!strcmp(subject->texts[i], options[j]))
                return true;
    return false;
}

/* HSETEX with a ttl that names a field twice ends Redis 8.6.3, if no field of the hash, which is a hashtable, has had a ttl before: the second
 * time hfieldPersist() finds the field's ttl in a hash that is not yet among those whose fields expire, and asserts that it is
 * (t_hash.c:3463, expireMeta.trash == 0). `config set hash-max-listpack-entries 1; hsetex h px 5000 fields 2 f v f v` is enough. */
static void drop_repeated_field(struct subject *subject, size_t first)
{
    const struct argument *field = &subject->words[subject->count - 2];

    for (const struct argument *before = &subject->words[first]; before < field; before += 2) {
        if (before->bytes != field->bytes || memcmp(before->text, field->text, field->bytes))
            continue;
        for (int i = 0; i < 2; i++) {
            subject->bytes -= subject->words[--subject->count].bytes;
            free(subject->texts[subject->count]);
        }
        return;
    }
}

/* "fields", how many, and they; or each with a value. */
static void add_fields(struct subject *subject, bool with_values)
{
    uint64_t count = random_chance(subject->random, 50) ? 1 : 1 + below(subject, subject->repeats);
    bool drops_repeated = subject->repeats_kill && with_values && sets_ttl(subject);
    size_t place = subject->count + 1;
    char text[WORD_BYTES];

    add_word(subject, "fields", 6, 6);
    add_number(subject, 0);
    while (count-- && subject->bytes < subject->request_bytes && subject->count < WORDS_MOST - 2) {
        class_field(subject);
        if (with_values)
            class_value(subject);
        if (drops_repeated)
            drop_repeated_field(subject, place + 1);
    }
    snprintf(text, sizeof text, "%zu", (subject->count - place - 1) >> with_values);
    free(subject->texts[place]);
    subject->texts[place] = xstrdup(text);
    subject->words[place] = (struct argument){subject->texts[place], (uint32_t)strlen(text)};
}

static void class_fields(struct subject *subject)
{
    add_fields(subject, false);
}

static void class_fields_and_values(struct subject *subject)
{
    add_fields(subject, true);
}

static void class_integer(struct subject *subject)
{
    add_number(subject, draw_integer(subject, random_chance(subject->random, 70) ? 100000 : INT64_MAX));
}

static void class_index(struct subject *subject)
{
    add_number(subject, (int64_t)below(subject, 12) - 4);
}

static void class_count(struct subject *subject)
{
    add_number(subject, (int64_t)below(subject, 12));
}

static void class_offset(struct subject *subject)
{
    add_number(subject, random_chance(subject->random, 50) ? (int64_t)below(subject, 20)
                                                           : draw_length(subject, subject->longest));
}

/* Of a byte the first, which no digit has: what was a number is none any more. */
static void class_bit(struct subject *subject)
{
    add_number(subject, 8 * (int64_t)(random_chance(subject->random, 50) ? below(subject, 40)
                                                                         : draw_length(subject, subject->longest)));
}

static int64_t draw_ttl_ms(struct subject *subject)
{
    static const int64_t some[] = {-5, 0, 1, 50, 100, 150, 500, 1000, 3000, 10000, 100000, 5000000};

    return ONE_OF(subject, some);
}

static void class_seconds(struct subject *subject)
{
    add_number(subject, draw_ttl_ms(subject) / 100);
}

static void class_milliseconds(struct subject *subject)
{
    add_number(subject, draw_ttl_ms(subject));
}

static void class_unix_seconds(struct subject *subject)
{
    add_number(subject, INT64_C(1700000000) + draw_ttl_ms(subject));
}

static void class_unix_milliseconds(struct subject *subject)
{
    add_number(subject, INT64_C(1700000000000) + 1000 * draw_ttl_ms(subject));
}

static void class_group(struct subject *subject)
{
    add_word(subject, random_chance(subject->random, 60) ? "g1" : "g2", 2, 2);
}

static void class_consumer(struct subject *subject)
{
    char text[WORD_BYTES];
    int bytes = snprintf(text, sizeof text, "c%d", (int)below(subject, 5));

    add_word(subject, text, (size_t)bytes, (size_t)bytes);
}

/* Half of the streams number their entries themselves, so that other commands find them. */
static bool has_own_ids(const struct subject *subject)
{
    return subject->shape & 1;
}

static void class_id_part(struct subject *subject)
{
    if (has_own_ids(subject))
        add_number(subject, 1 + (int64_t)below(subject, subject->entries / 3 + 2));
    else
        class_milliseconds(subject);
}

static void class_new_id(struct subject *subject)
{
    if (has_own_ids(subject)) {
        add_number(subject, 1 + subject->entries++ / 3);
        join(subject, "-*", 2);
    } else {
        add_word(subject, "*", 1, 1);
    }
}

/* "l3...", "f17...": a library's name, a function's; each is the same throughout the stream. */
static int print_own_name(struct subject *subject, char text[WORD_BYTES], char letter, uint64_t count)
{
    static const int lengths_of[] = {2, 3, 7, 15, 31, 44, 60};
    uint64_t which = below(subject, count);
    int bytes = snprintf(text, WORD_BYTES, "%c%d", letter, (int)which);
    int length = lengths_of[(subject->shape + which) % (sizeof lengths_of / sizeof *lengths_of)];

    while (bytes < length)
        text[bytes++] = 'x';
    return bytes;
}

static void class_library(struct subject *subject)
{
    char text[WORD_BYTES];
    int bytes = print_own_name(subject, text, 'l', 12);

    add_word(subject, text, (size_t)bytes, (size_t)bytes);
}

static void class_function(struct subject *subject)
{
    char text[WORD_BYTES];
    int bytes = print_own_name(subject, text, 'f', 60);

    add_word(subject, text, (size_t)bytes, (size_t)bytes);
}

/* The text of a library, of a few functions. */
static void class_library_text(struct subject *subject)
{
    char text[8192], name[WORD_BYTES];
    int bytes = print_own_name(subject, name, 'l', 12);
    int at = snprintf(text, sizeof text, "#!lua name=%.*s\n", bytes, name);
    uint64_t functions = random_chance(subject->random, 50) ? 1 : 1 + below(subject, 9);

    while (functions--) {
        bytes = print_own_name(subject, name, 'f', 60);
        if (random_chance(subject->random, 60))
            at += snprintf(text + at, sizeof text - (size_t)at,
                           "redis.register_function('%.*s', function(keys, args) return 1 end)\n", bytes, name);
        else
            at +=
                snprintf(text + at, sizeof text - (size_t)at,
                         "-- it's {read}\nredis.register_function{function_name=\"%.*s\", description=[[d%d, %.*s]],\n"
                         " callback=function(keys) local t, u = {}, {1} return 1 end, flags={'no-writes'}}\n",
                         bytes, name, (int)below(subject, 9), (int)below(subject, 60),
                         "of a length that differs from one to the other, you see");
    }
    add_word(subject, text, (size_t)at, (size_t)at);
}

static const struct {
    char letter;
    void (*draw)(struct subject *subject);
} classes[] = {
    {'K', class_key},               /* of the row's type, now and then of another */
    {'A', class_any_key},           /* of any type */
    {'V', class_value},             /* an integer at a limit, a decimal, or a string of a length at a limit */
    {'W', add_string},              /* a string */
    {'F', class_field},             /* a field or a member */
    {'Y', class_fields},            /* "fields", how many, and they, */
    {'Z', class_fields_and_values}, /* or each with a value */
    {'I', class_integer},           /* at a limit */
    {'E', add_increment},           /* a decimal that is not large */
    {'D', add_decimal},             /* a score */
    {'J', class_index},             /* -4 .. 7 */
    {'N', class_count},             /* 0 .. 11 */
    {'O', class_offset},            /* in a string, */
    {'B', class_bit},               /* in bits */
    {'S', class_seconds},           /* ttls */
    {'T', class_milliseconds},
    {'X', class_unix_seconds},
    {'U', class_unix_milliseconds},
    {'G', class_group},
    {'C', class_consumer},
    {'L', class_library_text}, /* and names */
    {'M', class_library},
    {'H', class_function},
    {'P', class_id_part}, /* the first part of a stream's id */
    {'R', class_new_id},  /* what XADD is told */
};

/* ---- rows ---- */

static const char *closing(const char *at, char open, char close)
{
    int depth = 0;

    do {
        depth += *at == open;
        depth -= *at == close;
        at++;
    } while (depth);
    return at - 1;
}

static void draw_words(struct subject *subject, const char *at, const char *end);

/* One of the alternatives between `at` and `end`. */
static void draw_alternative(struct subject *subject, const char *at, const char *end)
{
    uint64_t count = 1, which;
    const char *bar;

    for (const char *c = at; c < end; c++)
        count += *c == '|';
    which = below(subject, count);
    while (which--)
        at = strchr(at, '|') + 1;
    bar = strchr(at, '|');
    draw_words(subject, at, bar && bar < end ? bar : end);
}

static void draw_repeated(struct subject *subject, const char *at, const char *end)
{
    uint64_t count = random_chance(subject->random, 50) ? 1 : 1 + below(subject, subject->repeats);

    while (count-- && subject->bytes < subject->request_bytes)
        draw_words(subject, at, end);
}

static void draw_class(struct subject *subject, char letter)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (classes[i].letter == letter)
            classes[i].draw(subject);
}

static void draw_words(struct subject *subject, const char *at, const char *end)
{
    while (at < end) {
        size_t bytes = strcspn(at, " ");
        const char *close;

        if (bytes > (size_t)(end - at))
            bytes = (size_t)(end - at);
        if (*at == ' ') {
            at++;
        } else if (*at == '(') {
            close = closing(at, '(', ')');
            draw_alternative(subject, at + 1, close);
            at = close + 1;
        } else if (*at == '{') {
            close = closing(at, '{', '}');
            draw_repeated(subject, at + 1, close);
            at = close + 1;
        } else if (isupper((unsigned char)*at)) {
            draw_class(subject, *at);
            if (bytes > 1)
                join(subject, at + 1, bytes - 1);
            at += bytes;
        } else {
            add_word(subject, at, bytes, bytes);
            at += bytes;
        }
    }
}

static enum op op_of_row(const struct row *row)
{
    size_t first = strcspn(row->words, " ");
    const char *second = row->words[first] ? row->words + first + 1 : "";
    char both[64];
    enum op op = op_find(row->words, first);

    if (op != OP_COUNT)
        return op;
    snprintf(both, sizeof both, "%.*s|%.*s", (int)first, row->words, (int)strcspn(second, " "), second);
    return op_find(both, strlen(both));
}

static bool is_executed(const struct row *row)
{
    enum op op = op_of_row(row);

    return op != OP_COUNT && !command_table[op].skipped;
}

enum { ROWS = sizeof rows / sizeof *rows };

const size_t drawn_row_count = ROWS;

const char *drawn_row(size_t i)
{
    return rows[i].words;
}

enum op drawn_op(size_t i)
{
    return op_of_row(&rows[i]);
}

static int weight_of(const struct subject *subject, const struct row *row)
{
    return (row->type == '*' || strchr(subject->types, row->type)) && is_executed(row) ? row->weight : 0;
}

static void draw_command_of(struct subject *subject, const struct row *row, struct stream *stream)
{
    subject->row_type = row->type;
    subject->count = subject->bytes = 0;
    draw_words(subject, row->words, row->words + strlen(row->words));
    stream_add(stream, subject->words, subject->count);
    for (size_t i = 0; i < subject->count; i++)
        free(subject->texts[i]);
}

static void draw_command(struct subject *subject, struct stream *stream)
{
    int total = 0, at;
    size_t i = 0;

    for (size_t j = 0; j < ROWS; j++)
        total += weight_of(subject, &rows[j]);
    at = (int)below(subject, (uint64_t)total);
    for (; at >= weight_of(subject, &rows[i]); i++)
        at -= weight_of(subject, &rows[i]);
    draw_command_of(subject, &rows[i], stream);
}

/* ---- streams ---- */

void drawn_types(char types[16])
{
    size_t count = 0;

    for (size_t i = 0; i < TYPES; i++)
        for (size_t j = 0; j < ROWS; j++)
            if (rows[j].type == type_letters[i] && is_executed(&rows[j]) && rows[j].weight >= 25) {
                types[count++] = type_letters[i];
                break;
            }
    types[count] = '\0';
}

static bool is_setting_of(size_t i, const char *server)
{
    const char *unknown_to = thresholds[i].unknown_to;

    return twins_have_setting(thresholds[i].name) && (!*unknown_to || strncmp(server, unknown_to, strlen(unknown_to)));
}

void draw_settings(struct random *random, const char *server, struct stream *stream)
{
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        char values[64], *save, *value = NULL;
        size_t count = 1, which;

        if (!is_setting_of(i, server) || random_chance(random, 30))
            continue;
        for (const char *c = thresholds[i].values; *c; c++)
            count += *c == ' ';
        which = random_below(random, count);
        snprintf(values, sizeof values, "%s", thresholds[i].values);
        for (value = strtok_r(values, " ", &save); which; which--)
            value = strtok_r(NULL, " ", &save);
        stream_set(stream, thresholds[i].name, value);
    }
}

/* Of the types `alike` one, in turn: a command of one would make of another's value what the model cannot know. */
static size_t keep_one_of(struct subject *subject, const char *alike, size_t count)
{
    char kinds[TYPES + 1], kept;
    size_t there = 0, left = 0;

    for (size_t i = 0; i < count; i++)
        if (strchr(alike, subject->types[i]))
            kinds[there++] = subject->types[i];
    kept = there ? kinds[below(subject, there)] : '\0';
    for (size_t i = 0; i < count; i++)
        if (subject->types[i] == kept || !strchr(alike, subject->types[i]))
            subject->types[left++] = subject->types[i];
    return left;
}

/* One to three of the types there are. */
static void choose_types(struct subject *subject, const struct drawing *drawing)
{
    bool counts_lua = !strncmp(drawing->server, "redis-8", 7) || !strncmp(drawing->server, "redis-7.4", 9);
    char there[16];
    size_t count = 0, most;

    drawn_types(there);
    for (const char *letter = there; *letter; letter++)
        if ((!drawing->types || strchr(drawing->types, *letter)) && (*letter != 'u' || !counts_lua))
            subject->types[count++] = *letter;
    count = keep_one_of(subject, "sbpc", count); /* strings, bitmaps, HyperLogLogs */
    count = keep_one_of(subject, "zg", count);   /* a score that is no place */
    most = below(subject, 2) ? 1 : 1 + below(subject, 3);
    for (; count > most; count--)
        subject->types[below(subject, count)] = subject->types[count - 1];
    subject->types[count] = '\0';
}

static void name_keys(struct subject *subject)
{
    for (const char *letter = subject->types; *letter; letter++) {
        size_t type = type_index(*letter);

        subject->key_count[type] = 1 + below(subject, KEYS_OF_TYPE);
        for (size_t i = 0; i < subject->key_count[type]; i++) {
            uint32_t bytes = ONE_OF(subject, name_lengths);
            char *text = subject->key_texts[type][i] = xcalloc(1, bytes + 1);

            memset(text, 'x', bytes);
            text[0] = *letter;
            text[1] = (char)('1' + i);
            subject->keys[type][i] = (struct argument){text, bytes};
        }
    }
}

static void begin_subject(struct subject *subject)
{
    static const uint32_t longest[] = {3, 12, 21, 45, 65, 66, 130, 260, 1024, 4097, 8192, 70000};
    static const uint32_t longest_field[] = {3, 12, 21, 45, 65, 66, 130, 600, 4097};
    static const uint32_t fields[] = {2, 5, 9, 12, 17, 40, 150, 600, 2000};
    static const uint32_t repeats[] = {1, 2, 3, 3, 8, 20, 140};
    static const int integers[] = {0, 0, 20, 90, 100};
    static const uint32_t request_bytes[] = {12000, 12000, 12000, 40000, 300000};
    static const int64_t widest[] = {100, 4096, 32768, 1 << 24, INT32_MAX, 4294967296, INT64_MAX - 10};

    name_keys(subject);
    subject->wrong_type = random_chance(subject->random, 50) ? 0 : 5;
    subject->longest = ONE_OF(subject, longest);
    subject->longest_field = ONE_OF(subject, longest_field);
    subject->fields = ONE_OF(subject, fields);
    subject->repeats = ONE_OF(subject, repeats);
    subject->integers = ONE_OF(subject, integers);
    subject->widest = ONE_OF(subject, widest);
    subject->shape = random_next(subject->random);
    subject->request_bytes = ONE_OF(subject, request_bytes);
}

/* Most commands follow at once; some wait, now and then long enough for cron, ttls, and idle buffers. */
static void draw_wait(struct subject *subject, struct stream *stream)
{
    static const int64_t waits[] = {1, 1, 7, 30, 50, 99, 100, 101, 150, 250, 500, 1000, 2500, 6000};

    if (random_chance(subject->random, 7))
        stream_wait(stream, ONE_OF(subject, waits));
}

static void end_subject(struct subject *subject)
{
    for (size_t type = 0; type < TYPES; type++)
        for (size_t i = 0; i < subject->key_count[type]; i++)
            free(subject->key_texts[type][i]);
    free(subject);
}

static struct subject *new_subject(struct random *random)
{
    struct subject *subject = xcalloc(1, sizeof *subject);

    subject->random = random;
    return subject;
}

void draw_row(struct random *random, size_t i, struct stream *stream)
{
    struct subject *subject = new_subject(random);

    subject->types[0] = rows[i].type == '*' ? 's' : rows[i].type;
    begin_subject(subject);
    draw_command_of(subject, &rows[i], stream);
    end_subject(subject);
}

void draw_stream(struct random *random, const struct drawing *drawing, struct stream *stream)
{
    struct subject *subject = new_subject(random);

    subject->repeats_kill = !strncmp(drawing->server, "redis-8.6", 9);
    choose_types(subject, drawing);
    begin_subject(subject);
    for (uint32_t i = 1; i <= drawing->commands; i++) {
        draw_wait(subject, stream);
        draw_command(subject, stream);
        if (i % drawing->compare_every == 0 || i == drawing->commands)
            stream_compare(stream);
    }
    end_subject(subject);
}
