/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile: how one build of a server differs from the others. Adding a build is adding a row (servers.c).
 *
 * The model is Redis 7.0.15. Every rule is written so that zero is what that server does; a row says only
 * where its server does otherwise. */
#ifndef SIM_SERVER_PROFILE_H
#define SIM_SERVER_PROFILE_H

#include "sim/server/pubsub_rules.h"
#include "sim/server/values/allocator.h"
#include "sim/server/tables/table.h"

#include <stdbool.h>
#include <stdint.h>

/* Which blocks hold a key, its value and its ttl: see object.h. */
enum key_layout {
    LAYOUT_APART,         /* dictEntry, name, value; another dictEntry for the ttl */
    LAYOUT_NAME_IN_ENTRY, /* the name lies in the dictEntry (Valkey 8.0: createEmbeddedEntry) */
    LAYOUT_OBJECT_64,     /* one object for name, ttl and a value, if they fit into 64 bytes (8.1) */
    LAYOUT_OBJECT_128,    /* likewise, 128 bytes (9.0) */
    LAYOUT_KVOBJ,         /* one object for name, ttl and a short value, which tables point to without an entry unless
                             several share a bucket (Redis 8.2) */
};

/* When tables are resized, and how far cron rehashes. */
enum resize_rule {
    RESIZE_BY_CRON,   /* shrinks by cron, below 10 %; cron rehashes one table per run */
    RESIZE_AT_DELETE, /* shrinks at every deletion, at 1/8 (a hashtable: 13 %); cron tries both
                              directions on every table, then rehashes them all (kvstoreTryResizeDicts) */
};

/* How the active expiry cycle walks over the keys with a ttl. */
enum expire_scan {
    EXPIRE_BY_COUNTING, /* bucket after bucket, both tables at the same index */
    EXPIRE_BY_SCAN,     /* dictScan: reversed bits (7.2) */
    EXPIRE_BY_ROUNDS,   /* kvstoreScan: likewise, and the end of a round ends the cycle (7.4) */
};

/* The buffer that requests are read into. */
enum query_buffer {
    QUERY_PRIVATE,  /* the client's own; an idle one is trimmed */
    QUERY_REUSABLE, /* the thread's, handed to a client that needs it longer and made anew when
                              that client's has been freed (Redis 8.0) */
    QUERY_SHARED,   /* likewise, but another one is made at once (Valkey 8.0) */
};

/* For its replicas a server rewrites SET ... EX as SET key value PXAT time. */
enum pxat_rewrite {
    REWRITE_ALWAYS,      /* as a new argument vector */
    REWRITE_UNLESS_PXAT, /* not what says so already (7.2) */
    REWRITE_IN_PLACE,    /* in the old vector, the name stays (Valkey 9) */
};

/* SET, GETEX or EXPIRE with a time that has passed. */
enum past_ttl {
    PAST_TTL_STORED,  /* SET stores the key, which is found expired later; the others delete */
    PAST_TTL_DELETES, /* SET deletes it too (Valkey 8.0) */
    PAST_TTL_EXPIRES, /* and all of them count the key as expired (8.1) */
};

/* Whether fields of hashes may have a ttl. */
enum field_ttl_rule {
    FIELD_TTLS_NONE,
    FIELD_TTLS_7_4, /* HEXPIRE and its kin; a table's fields are mstrs */
    FIELD_TTLS_8_0, /* HGETEX, HSETEX, HGETDEL, too; HDEL of the last field with a ttl tells the database; HSET leaves
                          a field its block; HEXPIRE and its kin need no memory */
    FIELD_TTLS_VALKEY, /* likewise, by other means: what has expired is not seen, and only the cycle deletes it (Valkey
                          9.0) */
};

/* What SORT takes for a number. */
enum sort_numbers {
    SORT_STRTOD,     /* also an empty text, leading blanks, hexadecimal digits; nothing out of range */
    SORT_FAST_FLOAT, /* neither blanks nor hexadecimal digits; what is out of range is 0 or infinite (Redis 8.0) */
    SORT_FAST_FLOAT_NONEMPTY, /* nor an empty text, nor what is out of range (Valkey 9.1) */
};

struct server_profile {
    const char *allocator;     /* name of the allocator it is built with */
    uint32_t startup_bytes;    /* used_memory of the empty server, no client */
    uint32_t cluster_bytes;    /* what cluster mode adds to it */
    uint32_t first_info_bytes; /* what the first INFO of the first connection prints above that */
    uint32_t client_bytes;     /* one active connection, its buffers included */
    uint32_t info_bytes;       /* what INFO holds while it prints used_memory */
    uint32_t info_once_bytes;  /* what the first INFO keeps for ever (its section dict) */
    uint32_t info_reply_bytes; /* length of INFO's reply */

    /* What is in memory, page by page: see resident.h. Measured. */
    uint32_t empty_active_bytes;  /* allocator_active of the empty server, less what its thread's cache holds */
    uint32_t beyond_active_bytes; /* used_memory_rss less allocator_active, after 250,000 SETs, less slabs_metadata: the
                                     program, its libraries, its stack, and what jemalloc has from the start */

    /* Keys and values. */
    enum key_layout layout;
    uint32_t key_metadata_bytes; /* of every key, in its object (Valkey 9.2 with forkless-infrastructure-enabled) */
    bool reserves_ttl;           /* an object has a field for a ttl from the start where its block has room (Valkey 8.1,
                                   Redis 8.2; not since 8.4) */
    bool ttl_takes_room;         /* and a ttl counts when a value is tried for whether it fits in (likewise) */
    uint32_t trims_from;         /* values this long lose their free tenth (trimStringObjectIfNeeded) */
    bool header_follows_room;    /* sds: a block with more room than its header counts gets the next
                                     header (adjustTypeIfNeeded), and cutting one leaves what fits */
    uint32_t copy_avoided_from;  /* values this long are sent from where they lie; 0: never
                                     (isCopyAvoidPreferred) */

    /* The order of things, and who looks what up. */
    bool copies_name_late;    /* after the table grew, so the guard does not count the name (7.2) */
    bool ttl_asserts_nothing; /* getExpire, removeExpire: no lookup in the keys (7.2) */
    bool adds_at_link;        /* a new key goes where the lookup for it has ended: see dict.h (Redis 8.2) */
    bool overwrites_in_hand;  /* an overwrite does not look the key up again (8.0) */
    bool
        msetnx_adds_or_updates; /* MSETNX does not look its keys up again: the table may grow for one that it has set (7.2) */
    bool set_keeps_ttl_entry;    /* SET ... EX updates a ttl in place, without remove and add (7.2) */
    bool delete_finds_key_first; /* dictTwoPhaseUnlinkFind; else the ttl goes first (7.2) */
    bool del_ends_with_expiry;   /* DEL of an expired key does not look for it again (7.4) */
    bool scan_looks_up_types;    /* SCAN ... TYPE looks every key up, and counts that, else only at its type (not since
                                 7.4) */
    bool limits_count_back;      /* ZRANGE ... LIMIT -2 5 begins at the last but one of a skip list (7.4) */
    bool has_novalues;           /* HSCAN ... NOVALUES (7.4) */
    bool has_no_touch;           /* CLIENT NO-TOUCH (7.2) */
    bool bit_range_first;        /* BITCOUNT and BITPOS look at their range before they look for the key (7.2) */
    bool bitcount_end_may_miss;  /* BITCOUNT key start (Valkey 8.0) */
    uint32_t rdb_version;        /* of the format that DUMP writes, and RESTORE reads up to; 0: 10 */
    uint32_t compression_bytes;  /* of the buffer that DUMP keeps from the first text that it compresses (Valkey 8.1) */
    bool frees_lazily;           /* lazyfree-lazy-*: the value goes before the ttl, and FLUSHALL by itself is ASYNC
                                    (Valkey 8.0) */
    bool flush_may_wait;         /* FLUSHALL SYNC waits for the thread that does what ASYNC asks for, unless it is in a
                                    transaction or a script (Redis 7.4) */
    bool flush_skips_empty;      /* it leaves a database alone that has no keys (Valkey 9) */
    bool set_compares;           /* SET ... IFEQ (Valkey 8.1) */
    bool getex_times_first;      /* GETEX looks at its time before it looks for the key (Valkey 9.1) */
    enum pxat_rewrite pxat_rewrite;
    enum past_ttl past_ttl;

    /* Values with elements. */
    bool
        smembers_counts_first; /* SMEMBERS begins with the set's size, not as SINTER does (Redis 8.0): see client_reply.h */
    bool hash_counts_last;     /* HGETALL and its kin: fields may have expired (Valkey 9) */
    bool hash_presizes;      /* a command of more fields than a listpack may have makes a table for all of them (7.2) */
    bool hash_adds_or_finds; /* a field is looked for and added at once (dictAddRaw): the table may grow even if the
                                field is there (7.2; not in Redis 8.0) */
    bool entries_shorten_header; /* a hash_entry whose value was apart, and becomes short, has a new header at once
                                    (Valkey 9) */
    bool sets_have_listpacks;    /* a small set of any texts is a listpack, and a command of many members makes room for
                                    all of them at once (7.2) */
    bool hll_grows_to_limit;     /* a sparse HyperLogLog makes room for 300 bytes, not for twice its length (7.2) */
    bool sets_have_bare_members; /* a set's dict has no values: see dict.h, has_node (7.2) */
    bool zset_presizes;          /* a sorted set's table is made for what is known to come (7.2) */
    bool zset_unites_in_place;   /* ZUNION gathers the scores in the result's own table (8.0) */
    bool zset_weighs_all;        /* the longest of a ZADD's members decides on the encoding beforehand (Valkey 8.0) */
    bool members_in_nodes; /* a skip list's node holds its member, and the header is part of the list (Valkey 9) */
    bool
        nodes_are_bare; /* such a node has no byte for the length of its member's header, and the list stays apart from its
                              first node (Redis 8.6) */
    bool
        fields_have_entries; /* a field and its value are one block, in a dict without values: hash_entry.h (Redis 8.6) */
    bool dicts_know_size; /* the dict of a hash or a set has 8 bytes more, in which it counts its bytes (Redis 8.6) */
    bool
        streams_know_groups; /* which groups hold an entry (Redis 8.6: 160 bytes of struct stream, 56 of streamCG, 64 of
                                      streamNACK; the index of those groups is not modeled) */
    bool scores_are_short;   /* as few digits as tell them apart, else 17 (7.2: fpconv_dtoa) */

    bool
        list_begins_in_listpack; /* a list is one listpack as long as a node may be, and again when it is half that (7.2) */
    bool list_merges_exactly;     /* nodes that are merged: what they are to have is reckoned without the second frame,
                                     of which 7.0 takes four bytes too much off (7.2) */
    bool list_has_plain_nodes;    /* an element longer than a node may be has a node without a listpack (7.4) */
    bool usage_averages_elements; /* MEMORY USAGE of a quicklist divides by its elements, not by its nodes (8.0) */
    bool usage_weighs_trees;      /* MEMORY USAGE knows what a stream's trees weigh (raxAllocSize, Valkey 8.1) */
    enum sort_numbers sort_numbers;
    bool sorted_lists_have_own_nodes; /* what SORT stores has nodes of 8 KB whatever list-max-listpack-size says (not
                                         since 7.4) */
    uint32_t stream_consumer_bytes;   /* struct streamConsumer; 0: 24 (32 since 7.2) */
    bool spop_sends_many;       /* SPOP with a count goes to replicas as SREM of 1,024 members, not of one (7.2) */
    bool reads_send_last;       /* XREADGROUP tells replicas each time how far its group has read (7.4) */
    bool waiters_run_again;     /* who waits for a key runs its command again whenever the key is ready (7.2) */
    bool makes_consumers_early; /* XREADGROUP and XCLAIM make the consumer whether there is something for it or not
                                       (7.2) */

    /* Tables. */
    enum table_kind tables;
    struct dict_rules dict;
    struct hashtable_rules hashtable;
    enum resize_rule resize;
    uint32_t hashtable_bytes;     /* sizeof of a hashtable, */
    uint32_t hash_metadata_bytes; /* and what a hash's has besides, for fields with a ttl */
    uint32_t keys_table_bytes;    /* a database's table object, made with the first key; 0: at the start */
    uint32_t expires_table_bytes; /* likewise, with the first ttl */
    uint32_t database_bytes;      /* a database, which is made when it is first used; 0: all are there from the start */
    bool lists_rehashing;         /* a list node per table while it rehashes (kvstore) */

    /* Expiry. */
    enum expire_scan expire_scan;
    uint32_t scan_calls_per_key; /* bound on the empty buckets that the cycle looks at */
    bool wait_has_key_objects;   /* a client that waits has an object for each of its keys (until 7.2) */
    bool
        fast_when_stale; /* the fast cycle runs, too, when the estimate of expired keys is above what is acceptable: before, it
                                    compared a share with a percentage (Redis 8.10) */
    bool expires_on_time; /* the cycle takes a key at its very millisecond (8.0) */

    bool
        peak_before_sleep; /* used_memory_peak is looked at when the turn ends, its arguments are gone; and within it only when a
                               thread has allocated 100 KB more than it had when it looked last (Redis 8.6) */

    /* The client. */
    enum query_buffer query_buffer;
    bool notes_growth;      /* a small query buffer's growth counts as its peak (7.2) */
    bool pending_in_client; /* the list of pending writes needs no node (7.2) */
    bool keeps_vector;      /* the argument vector stays between commands (8.0) */
    bool clock_per_command; /* every command moves the LRU clock, not just cron (Valkey 9) */

    bool renamed_is_new; /* RENAME and MOVE start the clock or the counter of a key anew (7.2) */

    uint32_t
        wait_state_bytes; /* what a client has from when it first waits (struct blockingState, Valkey 8.1); 0: it is
                                  part of the client */

    bool has_command_log; /* large requests and replies have logs of their own (Valkey 8.1) */

    /* Transactions. */
    uint32_t transaction_state_bytes; /* of a client, made when it first says MULTI or WATCH (struct multiState, Valkey
                                         8.1); 0: it is part of the client */
    uint32_t queued_place_bytes;      /* sizeof(struct multiCmd); 0: 24 */
    bool watches_have_tables;   /* a client has a table of the keys that it watches, for each database (Valkey 9.1) */
    bool queues_when_full;      /* behind MULTI only what memory is denied to is refused, else everything (7.4) */
    bool no_multi_within;       /* MULTI and WATCH behind MULTI make EXEC abort (Valkey 8.1) */
    bool frees_refused_queue;   /* what will not be executed is not kept until EXEC (Valkey 8.1) */
    bool names_what_is_refused; /* that error has the command's name (Valkey 9.1) */

    /* Scripts. */
    uint32_t script_entry_bytes; /* an entry of the table of scripts; 0: 24 */
    uint32_t script_bytes;       /* sizeof(luaScript); 0: 16 */
    uint32_t script_lua_bytes;   /* what Lua keeps of a script, where that counts: an estimate, of a small one */
    uint32_t function_bytes; /* what a function of a library has beyond its names; 0: functionInfo and a name. Else its
                                name and its description are objects (Valkey 8.1) */
    uint32_t first_library_bytes; /* what stays when the first has been compiled (Valkey 9.1) */
    bool scripts_are_listed;      /* only the 500 that EVAL used last are kept (7.4) */
    bool script_errors_lack_sha1; /* an error within a script does not say which (Valkey 9.1) */
    bool frees_script_arguments;  /* of a script's call nothing is kept for the next one (Valkey 9.1) */
    bool script_node_has_name;    /* their list has the SHA1 once more (Valkey) */

    /* Scenarios and configuration. */
    bool has_lrm;                  /* allkeys-lrm, volatile-lrm (8.6) */
    uint32_t samples_most;         /* bound of maxmemory-samples; 0: none (64 since 7.4) */
    bool overwrite_inherits_clock; /* even while a child saves, when nothing is touched (7.2) */
    bool cron_visits_oldest_first; /* clientsCron: see connections.h (7.2) */
    bool spared_are_noted_by_cron; /* with maxmemory-clients: not after their commands (7.2) */
    bool spares_lent_buffer;      /* the query buffer that a client has from its thread is no part of it (Valkey 9.1) */
    uint32_t idle_client_bytes;   /* of a connection that has been idle for seconds */
    uint32_t client_struct_bytes; /* of those, struct client */
    bool counts_lua;              /* the Lua heap is part of used_memory */
    uint32_t replica_bytes;       /* what a replica's connection has beyond an idle one's, buffers apart */
    uint32_t repl_backlog_bytes;  /* repl-backlog-size by default; 0: 1 MB */

    enum field_ttl_rule field_ttls; /* of hashes */
    struct pubsub_rules pubsub;     /* what subscriptions weigh */
};

#endif
