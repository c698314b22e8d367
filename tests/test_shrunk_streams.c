/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_shrunk_streams: what random streams (fidelity/README.md) were shrunk to, with what the servers answered: a line of
 * the script for each command, and behind each `compare` what was asked. It was recorded with
 *
 *     build/release/tests/fidelity/random_streams --server-binary SERVER --script FILE
 *
 * and needs no server any more. */
#include "sim/alloc.h"
#include "tests/fidelity/support_twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A row: which servers, separated by blanks; the script, its lines separated by semicolons; the answers. */
struct shrunk {
    const char *servers, *script, *answers;
};

static const char flushes[] =
    "set k v; flushall sync; compare; wait 200; compare; set k v ex 100; wait 200; flushdb sync; "
    "compare; set k v ex 100; flushall async; compare; set k v ex 100; flushall; compare; "
    "set k v ex 100; multi; flushall sync; exec; compare";
static const char emptied[] = "set k 1 px 50; wait 300; compare; flushall; compare; flushdb async; compare";
static const char databases[] = "select 1; select 0; compare; select 5; select 0; compare; move k 7; compare; "
                                "copy k k db 9; compare; swapdb 3 4; compare; swapdb 1 5; compare";
static const char watches[] = "multi; discard; compare; watch k; compare; unwatch; compare";

static const char short_strings[] =
    "setrange k 4 v; compare; append k w; compare; getset k \"\"; setrange k 2 v7; compare; setrange k 1 v9xx; compare";
static const char pooled_vectors[] = "del a b c d e f g h i j; wait 6000; compare; sadd t a b c d e f g h i j k l m n "
                                     "o p q r s t u v w x y z aa ab ac ad ae af ag ah ai aj ak al am an ao ap aq ar as "
                                     "at au av aw ax ay az ba bb bc bd be bf bg bh bi bj bk bl bm bn; del t; compare";
static const char nodes_of_lists[] = "config list-max-listpack-size 4; rpush l v46...511 1000000000000 v3x 12 65536; "
                                     "compare; lpush l v9...3000; compare; ltrim l 1 -2; compare";
static const char holders[] =
    "xgroup create x g 0 mkstream; xadd x 1-1 m1 v5...40; xadd x 2-1 m1 v5; compare; xreadgroup group g c2 streams x "
    ">; compare; xgroup create x gg 0; xreadgroup group gg c3...40 streams x >; compare; xack x g 1-1; compare; xgroup "
    "destroy x gg; compare; xgroup delconsumer x g c2; compare";
static const char summed[] = "hset h a 1 b 2 c 3 d 4 e 5; hincrbyfloat h a 1.5; compare";
static const char retimed[] =
    "del a b c d e f g; set k v ex 100; compare; del a b c d e f g; set k v px 100000 get; compare";
static const char copied[] = "set k v77...44 exat 1700000100; set k 100; compare; set k v77...44 exat 1700000100; set "
                             "k 10000; compare; incr k; compare";
static const char untimed[] =
    "hset h f v...200 g w; hpexpire h 100000 fields 1 g; compare; hset h g x; compare; hpexpire h 100000 fields 1 g; "
    "hincrby h g2 4; compare; hpersist h fields 1 g; compare; hset h g v...20; compare";
static const char getex_fields[] = "hset h f v...200 g w; del a b c d e f g i j; hgetex h px 100000 fields 1 g; "
                                   "compare; del a b c d e f g i j; hgetex h persist fields 2 g f; compare";
static const char compared_twice[] =
    "set k 1; set k 2 ifeq 3 ifeq 1; compare; set k 3 ifeq 2 xx; compare; set k 4 ifeq 3 nx; compare";

static const char digests[] =
    "set k abc; set k 12 ifne abc; compare; set k 12 ifdne 78af5f94892f3950; compare; set k 12 ifdeq 78AF5F94892F3950; "
    "compare; set k v20xx ifdeq 12; digest k; compare; set k 1.5; delex k ifdeq 65cd25028f98f158; compare; delex k "
    "ifdeq 3d006affbf7f50ee; compare; set k 1 ifdne 12; compare";
static const char deletes_equal[] =
    "set k 12; delex k ifeq 13; compare; delex k ifeq 12; compare; set k v20xx; delex k ifne v20xx; compare; "
    "delex k ifeq v20xx; compare; set k 1; delex k; compare; delex k; compare";

static const char bit[] = "set k v16xxxxxxxxxxxxxxxxxxxxxxxxxxxx; setbit k 272 1; compare";
static const char appended[] = "setrange k 11 v51xxxxxxxxxxxxxxxxx; append k v20xxxxxxxxxx; compare";
static const char twice[] = "set s2xxxx v64xxxxxxxxxxxxxxxxxxx ex 5; mset s2xxxx v22...600 s2xxxx v6...127; compare";
static const char untrimmed[] = "config list-max-listpack-size 128; rpush l v18...8191; compare; ltrim l -3 2; compare";
static const char refused[] =
    "setex s1xxxxxxxxxxxxxxxxxxxxxxxxxxxx 0 v1...32767; compare; setex k 1x v...40000; compare";
static const char onto_itself[] =
    "zadd z1xxxxx 1 -996; pexpire z1xxxxx 150; sort z1xxxxx get # store z1xxxxx; compare; "
    "sort z1xxxxx alpha store z1xxxxx; compare";
static const char deleted[] =
    "xgroup create x g 0 mkstream; xadd x 1-1 m37 v29xxxxxxxxxx; xadd x 2-1 m18 0; xadd x 3-1 m18 0; "
    "xreadgroup group g c2 streams x >; xdel x 1-1; xclaim x g c1 100000 1-1; compare; "
    "xdel x 2-1; xautoclaim x g c1 0 0 count 1; compare";
static const char claimed[] =
    "xgroup create x g 0 mkstream; xadd x 1-1 m1 v5; xadd x 2-1 m1 v5; xadd x 3-1 m1 v5; xclaim x g c1 0 1-1 4-1 "
    "force; compare; xclaim x g c2 0 2-1 1-1 force justid; compare; xdel x 3-1; xclaim x g c1 0 3-1 force justid; "
    "compare; xclaim x g c3 0 2-1 idle 200000; xclaim x g c4 100000 2-1 1-1; compare; xclaim x g c5 0 1-1 text; xclaim "
    "x g c5 0 1-1 lastid 9-0; xadd x 8-1 m1 v5; xreadgroup group g c5 streams x >; compare";
static const char fields_expire[] =
    "hset h f v g v2 k v...60; compare; hpexpire h 100000 fields 1 f; compare; hpexpire h 200000 fields 2 g k; "
    "compare; hsetex h px 5000 fields 1 n v...100; compare; hset h f w; compare; hpersist h fields 1 g; compare; copy "
    "h c; compare; rename h h2; wait 5200; compare; hdel c k; compare; hgetdel h2 fields 2 k n; compare";
static const char many_fields_expire[] =
    "hsetex a px 1000 fields 1 f v; hsetex b px 90000 fields 3 f v g v h v; compare; hsetex b ex 90 fields 3 a v b v c "
    "v; compare; wait 1200; compare; hexpire b 0 fields 3 f g h; compare; hset b a v b v; compare; flushall; compare";
static const char in_order[] = "xadd x 1-1 a v...16000 b v...4000 c v...7000 d v...9000 e v...8191; compare; del x; "
                               "hset h a v...16000 b v...4000 c v...7000 d v...9000 e v...8191; compare";
static const char several[] = "set s1 1; vadd v30 ex 1 m1 v...9000 m2 v...500 m3 v...12000 v...5; compare; "
                              "bitcount s1 0 1 v...15000 v...900 v...900 v...900; compare; "
                              "set s1 v7 ex nx v...40000 v...900 v..8 v...40000; compare; wait 200; compare";
static const char roomy[] = "set s1 v...70000; set s2 v...65530; append s2 xx; compare; append s2 v...300; compare; "
                            "append s2 v...13000; set s3 v...90000; set s4 v...33000; append s4 v...7000; compare";
static const char unwatched[] = "watch a b c d e f g; unwatch; compare; watch a; unwatch; compare; "
                                "watch a b c d e f g h i j k l m n o p q; compare; unwatch; compare";
static const char dumped[] =
    "set a v1...20; dump a; compare; set a v...8196; dump a; compare; hset h f v9xxxxxxxxxx; dump h; "
    "compare; set a v...8195; dump a; compare";
static const char timed[] = "getex a ex 0; set a 1; compare; getex a pxat 0; compare";
static const char by_pattern[] =
    "set w_1 30; set w_2 10; set w_3 20.5; hset u_1 n v...70; hset u_2 n 7; rpush l 1 2 3; sort l by w_* "
    "get # get u_*->n get u_*->none store d; sort l by w_* get w_* store e; sort l by none_* get none* "
    "store f; compare";
static const char by_text[] =
    "set w_1 30; set w_2 text; hset u_1 n v...70; hset u_2 n 7; rpush l 1 2 3; sort l by w_* store d; "
    "sort l by w_* alpha limit 0 2 get *->n get u_* get k* store e; sort l by u_*->n alpha get # store l;"
    " compare";
static const char sent[] =
    "setbit s1xxxxx 136 1; setrange s1xxxxx 9 v10...32768; compare; getex s1xxxxx px 3000; compare";

static const struct shrunk rows[] = {
    /* SYNC empties the tables and keeps their objects; cron makes a first bucket where there is none. Where it is a thread
     * that flushes, the database has new tables. */
    {"redis-7.0.15-debian", flushes, "0; 0; 0; 0; 0; 0"},
    {"redis-8.0.2-debian", flushes, "0; 0; -16; -16; -16; 2608"},
    {"valkey-8.1.1-debian", flushes, "160; 160; 320; 0; 0; 416"},
    {"valkey-9.1.2-debian", flushes, "160; 160; 320; 0; 0; 432"},
    /* Valkey 9 leaves a database alone that has no keys. */
    {"valkey-8.1.1-debian", emptied, "320; 0; 0"},
    {"valkey-9.1.2-debian", emptied, "320; 320; 320"},
    /* ... and makes databases when they are first used. */
    {"redis-7.0.15-debian valkey-8.1.1-debian", databases, "0; 0; 0; 0; 0; 0"},
    {"valkey-9.1.2-debian", databases, "1096; 2192; 3288; 4384; 6576; 6576"},
    /* Valkey 8.1 makes what a client needs for transactions with its first, Valkey 9.1 a table of what it watches. */
    {"redis-7.0.15-debian", watches, "0; 240; 32"},
    {"valkey-8.1.1-debian", watches, "96; 336; 128"},
    {"valkey-9.1.2-debian", watches, "112; 608; 352"},
    /* A header of one byte stays: there is no room behind a string of 31 bytes, or 17. */
    /* What an sds of few bytes says that it takes, vectors that all clients share, sizes that values know. */
    {"redis-8.6.3-debian", short_strings, "k raw 39, 2632; k raw 48, 2640; k raw 40, 2632; k raw 48, 2640"},
    {"redis-8.6.3-debian", pooled_vectors, "32; 2576"},
    {"redis-8.6.3-debian", nodes_of_lists, "l quicklist 727, 3424; l quicklist 3786, 6544; l quicklist 667, 3360"},
    {"redis-8.6.3-debian", holders,
     "x stream 561, 7168; x stream 1285, 8056; x stream 2085, 8920; x stream 1797, 8600; x stream 885, 7576; x stream "
     "657, 7264"},
    {"redis-8.6.3-debian", summed, "h listpack 67, 2672"},
    {"redis-8.0.6-debian", summed, "h listpack 96, 2696"},
    {"redis-8.6.3-debian", retimed, "k embstr 48, 2736; k embstr 48, 2720"},
    {"redis-8.6.3-debian", copied, "k int 32, 2720; k int 32, 2720; k int 32, 2720"},
    {"redis-8.6.3-debian", untimed,
     "h hashtable 431, 3024; h hashtable 413, 3000; h hashtable 464, 3040; h hashtable 464, 3040; h hashtable 465, "
     "3040"},
    {"redis-8.6.3-debian", getex_fields, "h hashtable 431, 3008; h hashtable 431, 3008"},
    {"redis-8.6.3-debian", compared_twice, "k int 32, 2624; k int 32, 2624; k int 32, 2624"},
    {"redis-8.6.3-debian", digests,
     "k embstr 32, 2624; k embstr 32, 2624; k int 32, 2624; k int 32, 2624; k embstr 32, 2624; 2576; k int 32, 2608"},
    {"redis-8.6.3-debian", deletes_equal, "k int 32, 2624; 2576; k embstr 32, 2608; 2576; 2576; 2576"},
    {"valkey-8.1.1-debian", bit, "k raw 96, 272"},
    {"valkey-9.1.2-debian", bit, "k raw 112, 272"},
    {"valkey-8.1.1-debian", appended, "k raw 112, 288"},
    {"valkey-9.1.2-debian", appended, "k raw 128, 288"},
    /* The object of the first value is an argument still when the second is stored, which gets one without room for a ttl. */
    {"redis-7.0.15-debian", twice, "s2xxxx raw 208, 280"},
    {"valkey-8.1.1-debian", twice, "s2xxxx raw 176, 512"},
    {"valkey-9.1.2-debian", twice, "s2xxxx raw 192, 512"},
    /* A list becomes a listpack again when nothing was trimmed, too: where no size but a count is the limit. */
    {"redis-7.0.15-debian", untrimmed, "l quicklist 10368, 10424; l quicklist 10368, 10424"},
    {"valkey-8.1.1-debian", untrimmed, "l quicklist 10336, 10528; l listpack 10256, 10432"},
    {"valkey-9.1.2-debian", untrimmed, "l quicklist 10352, 10528; l listpack 10272, 10432"},
    /* What is refused has passed through the query buffer, its longest argument as it was. */
    {"redis-7.0.15-debian", refused, "0; 0"},
    {"valkey-8.1.1-debian valkey-9.1.2-debian", refused, "20480; 20480"},
    /* A field arrives before its value: what is left of a read decides how far the query buffer grows. */
    {"redis-7.0.15-debian", in_order, "x stream 49784, 49400; h hashtable 48488, 48576"},
    {"valkey-9.1.2-debian", in_order, "x stream 45248, 65888; h hashtable 48392, 69040"},
    /* A ttl on a value that a reply refers to: the value is copied. */
    {"valkey-8.1.1-debian", sent, "s1xxxxx raw 81936, 102592; s1xxxxx raw 81936, 102768"},
    {"valkey-9.1.2-debian", sent, "s1xxxxx raw 69664, 90304; s1xxxxx raw 36912, 57712"},
    /* SORT holds on to the key that it sorts: what is stored under the same has another object. */
    {"redis-7.0.15-debian", onto_itself, "z1xxxxx quicklist 152, 240; z1xxxxx quicklist 152, 240"},
    {"valkey-8.1.1-debian", onto_itself, "z1xxxxx listpack 32, 384; z1xxxxx listpack 32, 368"},
    {"valkey-9.1.2-debian", onto_itself, "z1xxxxx listpack 64, 384; z1xxxxx listpack 48, 368"},
    /* A pending entry that has been deleted is forgotten however long it was idle, and counts. */
    {"redis-7.0.15-debian", deleted, "x stream 7834, 5008; x stream 5826, 4752"},
    {"redis-8.0.2-debian", deleted, "x stream 8120, 7696; x stream 6112, 7440"},
    {"valkey-8.1.1-debian", deleted, "x stream 4852, 5240; x stream 4604, 4984"},
    {"valkey-9.1.2-debian", deleted, "x stream 4868, 5240; x stream 4620, 4984"},
    /* XCLAIM FORCE makes an entry pending that is in the stream, and no other; JUSTID replies the id. */
    {"redis-7.0.15-debian", claimed,
     "x stream 5826, 4752; x stream 8104, 5160; x stream 8104, 5160; x stream 7912, 5320; x stream 8182, 5456"},
    {"redis-8.0.2-debian", claimed,
     "x stream 5834, 7312; x stream 8120, 7736; x stream 8120, 7736; x stream 7944, 7896; x stream 8222, 8032"},
    {"valkey-8.1.1-debian", claimed,
     "x stream 4530, 4856; x stream 4876, 5264; x stream 4876, 5264; x stream 4976, 5424; x stream 5074, 5560"},
    {"valkey-9.1.2-debian", claimed,
     "x stream 4546, 4856; x stream 4892, 5264; x stream 4892, 5264; x stream 4992, 5424; x stream 5090, 5560"},
    /* Valkey makes a table of a hash whose field gets a ttl, which stays one; a ttl is 8 bytes of the field, and a vector. */
    {"valkey-9.1.2-debian", fields_expire,
     "h listpack 128, 288; h hashtable 312, 640; h hashtable 360, 688; h hashtable 504, 832; h hashtable 464, 792; h "
     "hashtable 448, 776; h hashtable 448, c hashtable 440, 1232; c hashtable 304, h2 hashtable 304, 944; c hashtable "
     "208, h2 hashtable 304, 848; c hashtable 208, h2 hashtable 208, 752"},
    /* HSETEX; fields that nobody looks at go with the cycle, and the key with the last; the vector shrinks as they go. */
    {"valkey-9.1.2-debian", many_fields_expire,
     "a hashtable 216, b hashtable 312, 864; a hashtable 216, b hashtable 440, 992; b hashtable 440, 768; b hashtable "
     "312, 640; b hashtable 232, 560; 0"},
    /* Several arguments of a command that is not executed, or refused, in more than one read. */
    {"redis-7.0.15-debian", several, "s1 int 48, 72; s1 int 48, 72; s1 int 48, 72; s1 int 48, 72"},
    {"redis-8.0.2-debian", several, "s1 int 48, 2664; s1 int 48, 2664; s1 int 48, 2664; s1 int 48, 2664"},
    {"valkey-8.1.1-debian", several, "s1 int 16, 20672; s1 int 16, 20672; s1 int 16, 20672; s1 int 16, 20672"},
    {"valkey-9.1.2-debian", several, "s1 int 32, 20672; s1 int 32, 20672; s1 int 32, 20672; s1 int 32, 20672"},
    /* A value that has taken over a buffer with more room than it needs. */
    {"redis-7.0.15-debian", roomy,
     "s1 raw 81968, s2 raw 163888, 245904; s1 raw 81968, s2 raw 163888, 245904; "
     "s1 raw 81968, s2 raw 163888, s3 raw 98352, s4 raw 81968, 426240"},
    {"valkey-8.1.1-debian", roomy,
     "s1 raw 81936, s2 raw 81936, 184544; s1 raw 81936, s2 raw 81936, 184544; "
     "s1 raw 81936, s2 raw 81936, s3 raw 98320, s4 raw 40976, 323872"},
    {"valkey-9.1.2-debian", roomy,
     "s1 raw 73760, s2 raw 69664, 164064; s1 raw 73760, s2 raw 69664, 164064; "
     "s1 raw 73760, s2 raw 159776, s3 raw 90144, s4 raw 81952, 426272"},
    /* The dict of watched keys shrinks, in servers whose dicts do. */
    {"redis-7.0.15-debian", unwatched, "64; 64; 3920; 256"},
    {"redis-8.0.2-debian", unwatched, "32; 32; 4016; 128"},
    {"valkey-8.1.1-debian", unwatched, "128; 128; 4016; 128"},
    /* Valkey 9.1 refuses a time before it looks for the key. */
    {"valkey-8.1.1-debian", timed, "a int 16, 192; a int 16, 192"},
    /* DUMP: a buffer for what is compressed, from the first text of 21 to 8,195 bytes on. */
    {"redis-7.0.15-debian", dumped,
     "a embstr 80, 120; a raw 10288, 10328; a raw 10288, h listpack 80, 10416; a raw 10288, h listpack 80, 10416"},
    {"valkey-8.1.1-debian", dumped,
     "a embstr 48, 208; a raw 10256, 10432; a raw 10256, h listpack 48, 18688; a raw 10256, h listpack 48, 18688"},
    {"valkey-9.1.2-debian", dumped,
     "a embstr 48, 208; a raw 10272, 10432; a raw 10272, h listpack 64, 18688; a raw 10272, h listpack 64, 18688"},
    {"redis-7.0.15-debian", by_pattern,
     "w_1 int 48, w_2 int 48, w_3 embstr 64, u_1 hashtable 248, u_2 listpack 64, "
     "l quicklist 144, d quicklist 224, e quicklist 160, f quicklist 144, 1392"},
    {"redis-8.0.2-debian", by_pattern,
     "w_1 int 48, w_2 int 48, w_3 embstr 64, u_1 hashtable 248, u_2 listpack 64, "
     "l listpack 64, d listpack 144, e listpack 80, f listpack 64, 3600"},
    {"valkey-8.1.1-debian", by_pattern,
     "w_1 int 16, w_2 int 16, w_3 embstr 32, u_1 hashtable 232, u_2 listpack 32, "
     "l listpack 32, d listpack 112, e listpack 48, f listpack 32, 912"},
    {"valkey-9.1.2-debian", by_pattern,
     "w_1 int 32, w_2 int 32, w_3 embstr 32, u_1 hashtable 264, u_2 listpack 48, "
     "l listpack 48, d listpack 128, e listpack 64, f listpack 48, 928"},
    {"redis-7.0.15-debian", by_text,
     "w_1 int 48, w_2 embstr 64, u_1 hashtable 248, u_2 listpack 64, "
     "l quicklist 144, e quicklist 160, 872"},
    {"redis-8.0.2-debian", by_text,
     "w_1 int 48, w_2 embstr 64, u_1 hashtable 248, u_2 listpack 64, "
     "l listpack 64, e listpack 80, 3304"},
    {"valkey-8.1.1-debian", by_text,
     "w_1 int 16, w_2 embstr 32, u_1 hashtable 232, u_2 listpack 32, "
     "l listpack 32, e listpack 48, 640"},
    {"valkey-9.1.2-debian", by_text,
     "w_1 int 32, w_2 embstr 32, u_1 hashtable 264, u_2 listpack 48, "
     "l listpack 48, e listpack 64, 656"},
    {"valkey-9.1.2-debian", timed, "a int 32, 192; a int 32, 192"},
};

/* ---- playing ---- */

static struct stream stream_of(const char *script)
{
    char *lines = xstrdup(script);
    struct stream stream = {0};
    struct error error = {0};
    FILE *in;

    for (char *at = lines; (at = strchr(at, ';')); at++)
        *at = '\n';
    in = fmemopen(lines, strlen(lines), "r");
    if (stream_read(&stream, in, &error))
        fail_msg("%s: %s", script, error.text);
    fclose(in);
    free(lines);
    return stream;
}

/* What was asked of a key: its encoding and MEMORY USAGE, and in the end used_memory, as random_streams counts it. */
static char *text_of(const struct plan *plan, const struct answer *answers)
{
    size_t bytes, begin = 0;
    char *text;
    FILE *out = open_memstream(&text, &bytes);
    int64_t used, zero = 0;
    bool has_zero = false;

    while (begin < plan->count && plan->acts[begin].kind != ACT_INFO)
        begin++;
    for (size_t i = begin + 1; i < plan->count; i++) {
        const struct answer *answer = &answers[i];

        if (plan->acts[i].kind == ACT_ENCODING && *answer->word)
            fprintf(out, "%s %s ", plan->acts[i].words[2].text, answer->word);
        if (plan->acts[i].kind == ACT_MEMORY && answer->bytes)
            fprintf(out, "%lld, ", (long long)answer->bytes);
        if (plan->acts[i].kind != ACT_INFO)
            continue;
        used = answer->bytes - answers[i + 1].bytes;
        if (has_zero)
            fprintf(out, "%lld; ", (long long)(used - zero));
        else
            zero = used;
        has_zero = true;
    }
    fclose(out);
    assert_true(bytes > 2);
    text[bytes - 2] = '\0';
    return text;
}

static bool answers_agree(const struct shrunk *row, const char *server)
{
    const struct twins twins = {.model = server};
    struct stream stream = stream_of(row->script);
    struct answer *answers;
    struct error error = {0};
    struct plan plan;
    char *text;
    bool agree;

    streams_plan(&plan, &stream, 1);
    answers = xcalloc(plan.count, sizeof *answers);
    if (twins_play_model(&twins, &plan, answers, &error))
        fail_msg("%s", error.text);
    text = text_of(&plan, answers);
    agree = !strcmp(text, row->answers);
    if (!agree)
        print_error("%s: %s\nserver: %s\nevsim:  %s\n", server, row->script, row->answers, text);
    free(text);
    free(answers);
    streams_plan_release(&plan);
    stream_release(&stream);
    return agree;
}

static void answers_are_the_servers(void **state)
{
    size_t different = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *names = xstrdup(rows[i].servers), *rest = names, *server;

        while ((server = strsep(&rest, " ")))
            different += !answers_agree(&rows[i], server);
        free(names);
    }
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_the_servers)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
