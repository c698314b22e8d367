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

/* A key and its value's object are one. */
static inline bool layout_has_objects(enum key_layout layout)
{
    return layout == LAYOUT_OBJECT_64 || layout == LAYOUT_OBJECT_128 || layout == LAYOUT_KVOBJ;
}

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
    REWRITE_TIME,        /* likewise, if there are no other options (Redis 8.6) */
};

/* SET, GETEX or EXPIRE with a time that has passed. */
enum past_ttl {
    PAST_TTL_STORED,  /* SET stores the key, which is found expired later; the others delete */
    PAST_TTL_DELETES, /* SET deletes it too (Valkey 8.0) */
    PAST_TTL_EXPIRES, /* and all of them count the key as expired (8.1) */
};

/* Whether fields of hashes may have a ttl, and where that is noted. */
enum field_ttl_rule {
    FIELD_TTLS_NONE,
    FIELD_TTLS_IN_TREES, /* ebuckets; whoever finds a field that has expired deletes it (Redis 7.4) */
    FIELD_TTLS_IN_SPANS, /* vsets, of tables alone; what has expired is not seen, and only the cycle deletes it (Valkey 9.0) */
};

/* What SORT takes for a number. */
enum sort_numbers {
    SORT_STRTOD,     /* also an empty text, leading blanks, hexadecimal digits; nothing out of range */
    SORT_FAST_FLOAT, /* neither blanks nor hexadecimal digits; what is out of range is 0 or infinite (Redis 8.0) */
    SORT_FAST_FLOAT_NONEMPTY, /* nor an empty text, nor what is out of range (Valkey 9.1) */
};

/* The fields of a profile: X(kind, type, name, group, words). The words say what is so where a rule holds, or what a number is of; they
 * are what evsim servers --diff prints. Fields that are rules of their own (dict, hashtable, pubsub) are said in profile_words.c. */
#define PROFILE_FIELDS(X)                                                                                              \
    X(TEXT, const char *, allocator, ALLOCATOR, "built with the allocator")                                            \
    X(NUMBER, uint32_t, startup_bytes, SERVER, "used_memory of the empty server")                                      \
    X(NUMBER, uint32_t, cluster_bytes, SERVER, "what cluster mode adds to that")                                       \
    X(NUMBER, uint32_t, first_info_bytes, SERVER, "what the first INFO of the first connection prints above that")     \
    X(NUMBER, uint32_t, client_bytes, SERVER, "one active connection, its buffers included")                           \
    X(NUMBER, uint32_t, info_bytes, SERVER, "what INFO holds while it prints used_memory")                             \
    X(NUMBER, uint32_t, info_once_bytes, SERVER, "what the first INFO keeps for ever")                                 \
    X(NUMBER, uint32_t, info_reply_bytes, SERVER, "length of INFO's reply")                                            \
    /* What is in memory, page by page: see resident.h. Measured. */                                                   \
    X(NUMBER, uint32_t, empty_active_bytes, SERVER, "allocator_active of the empty server")                            \
    X(NUMBER, uint32_t, beyond_active_bytes, SERVER, "used_memory_rss beyond allocator_active")                        \
    /* Keys and values. */                                                                                             \
    X(ENUM, enum key_layout, layout, LAYOUT, "where a key, its value and its ttl lie")                                 \
    X(NUMBER, uint32_t, key_metadata_bytes, LAYOUT,                                                                    \
      "what every key has besides in its object (forkless-infrastructure-enabled)")                                    \
    X(BOOL, bool, reserves_ttl, LAYOUT,                                                                                \
      "a key's object has a field for a ttl from the start where its block has room")                                  \
    X(BOOL, bool, ttl_takes_room, LAYOUT,                                                                              \
      "a ttl counts when a value is tried for whether it fits into its key's object")                                  \
    X(NUMBER, uint32_t, trims_from, VALUES, "values this long lose their free tenth")                                  \
    X(BOOL, bool, header_follows_room, VALUES,                                                                         \
      "a string with more room than its sds header counts gets the next header")                                       \
    X(NUMBER, uint32_t, copy_avoided_from, SERVER, "values this long are sent from where they lie (0: never)")         \
    X(NUMBER, uint32_t, reference_bytes, SERVER, "such a reference in the reply buffer")                               \
    X(BOOL, bool, refers_at_start, SERVER,                                                                             \
      "only a reply that begins with a reference has it in the reply buffer, others in a block")                       \
    /* The order of things, and who looks what up. */                                                                  \
    X(BOOL, bool, copies_name_late, TABLES,                                                                            \
      "a key's name is copied after the table has grown, so the guard of growth does not count it")                    \
    X(BOOL, bool, ttl_asserts_nothing, TABLES, "setting and removing a ttl does not look the key up once more")        \
    X(BOOL, bool, adds_at_link, TABLES,                                                                                \
      "a new key goes where the lookup for it has ended, without a second step of rehashing")                          \
    X(BOOL, bool, overwrites_in_hand, TABLES, "an overwrite does not look the key up again")                           \
    X(BOOL, bool, msetnx_adds_or_updates, TABLES,                                                                      \
      "MSETNX does not look its keys up again: the table may grow for one that it has set")                            \
    X(BOOL, bool, set_keeps_ttl_entry, TABLES, "SET ... EX updates a ttl in place, without removing and adding it")    \
    X(BOOL, bool, delete_finds_key_first, TABLES, "a deletion finds the key before the ttl goes")                      \
    X(BOOL, bool, del_ends_with_expiry, TABLES, "DEL of an expired key does not look for it again")                    \
    X(BOOL, bool, scan_looks_up_types, COMMANDS, "SCAN ... TYPE looks every key up and counts that")                   \
    X(BOOL, bool, limits_count_back, COMMANDS, "ZRANGE ... LIMIT -2 5 begins at the last but one of a skip list")      \
    X(BOOL, bool, has_novalues, COMMANDS, "knows HSCAN ... NOVALUES")                                                  \
    X(BOOL, bool, has_no_touch, COMMANDS, "knows CLIENT NO-TOUCH")                                                     \
    X(BOOL, bool, bit_range_first, COMMANDS, "BITCOUNT and BITPOS look at their range before they look for the key")   \
    X(BOOL, bool, bitcount_end_may_miss, COMMANDS, "BITCOUNT key start needs no end")                                  \
    X(NUMBER, uint32_t, rdb_version, COMMANDS, "version of what DUMP writes, and RESTORE reads (0: 10)")               \
    X(NUMBER, uint32_t, compression_bytes, COMMANDS, "what DUMP keeps from the first text that it compresses")         \
    X(BOOL, bool, frees_lazily, POLICY,                                                                                \
      "lazyfree is on: the value goes before the ttl, and FLUSHALL by itself is ASYNC")                                \
    X(BOOL, bool, flush_may_wait, COMMANDS, "FLUSHALL SYNC waits for a thread, but in a transaction or a script")      \
    X(BOOL, bool, flush_skips_empty, COMMANDS, "FLUSHALL leaves a database alone that has no keys")                    \
    X(BOOL, bool, has_msetex, COMMANDS, "knows MSETEX")                                                                \
    X(BOOL, bool, has_delex, COMMANDS, "knows DELEX")                                                                  \
    X(BOOL, bool, has_delifeq, COMMANDS, "knows DELIFEQ")                                                              \
    X(BOOL, bool, set_compares, COMMANDS, "knows SET ... IFEQ")                                                        \
    X(BOOL, bool, limits_count_forward, COMMANDS,                                                                      \
      "ZRANGE ... LIMIT -2 5 leaves nothing, of a skip list either, again")                                            \
    X(BOOL, bool, compares_digests, COMMANDS, "knows SET ... IFNE, IFDEQ and IFDNE, and DIGEST")                       \
    X(BOOL, bool, compares_by_reading, COMMANDS,                                                                       \
      "SET ... IFEQ (IFNE ...) of a key that is there counts as a read of it")                                         \
    X(BOOL, bool, last_comparison_counts, COMMANDS, "of several IFEQ the last one counts; NX and XX may follow it")    \
    X(BOOL, bool, getex_times_first, COMMANDS, "GETEX looks at its time before it looks for the key")                  \
    X(ENUM, enum pxat_rewrite, pxat_rewrite, COMMANDS, "SET ... EX goes to replicas")                                  \
    X(ENUM, enum past_ttl, past_ttl, POLICY, "SET, GETEX, EXPIRE with a time that has passed")                         \
    /* Values with elements. */                                                                                        \
    X(BOOL, bool, smembers_counts_first, COMMANDS, "SMEMBERS begins with the set's size, not as SINTER does")          \
    X(BOOL, bool, hash_counts_last, VALUES, "HGETALL counts its fields last, since some may have expired")             \
    X(BOOL, bool, hgetex_has_vector, COMMANDS, "what HGETEX sends to replicas is a new argument vector")               \
    X(BOOL, bool, sums_keep_ttl, COMMANDS, "HINCRBYFLOAT goes to replicas as HSETEX ... KEEPTTL")                      \
    X(BOOL, bool, hash_presizes, VALUES,                                                                               \
      "a command of more fields than a listpack may have makes a table for all of them")                               \
    X(BOOL, bool, hash_adds_or_finds, VALUES,                                                                          \
      "a field is looked for and added at once: the table may grow even if it is there")                               \
    X(BOOL, bool, entries_shorten_header, VALUES,                                                                      \
      "a field whose value becomes short is made anew with a short header at once")                                    \
    X(BOOL, bool, sets_have_listpacks, VALUES,                                                                         \
      "a small set of any texts is a listpack, and a command of many members makes room for all of them at once")      \
    X(BOOL, bool, hll_grows_to_limit, VALUES,                                                                          \
      "a sparse HyperLogLog makes room for 300 bytes, not for twice its length")                                       \
    X(BOOL, bool, sets_have_bare_members, VALUES, "a set's table has no entries: a member lies in its bucket")         \
    X(BOOL, bool, zset_presizes, VALUES, "a sorted set's table is made for what is known to come")                     \
    X(BOOL, bool, zset_unites_in_place, VALUES, "ZUNION gathers the scores in the result's own table")                 \
    X(BOOL, bool, zset_weighs_all, VALUES, "the longest of a ZADD's members decides on the encoding beforehand")       \
    X(BOOL, bool, has_hash_templates, VALUES,                                                                          \
      "hashes share templates of their fields (not modeled: they weigh as before)")                                    \
    X(BOOL, bool, has_zset_trees, VALUES, "sorted sets are B+ trees (not modeled: they weigh as skip lists)")          \
    X(BOOL, bool, members_in_nodes, VALUES, "a skip list's node holds its member")                                     \
    X(BOOL, bool, nodes_are_bare, VALUES,                                                                              \
      "such a node has no byte for its header's length, and the list stays apart from its first node")                 \
    X(BOOL, bool, fields_have_entries, VALUES, "a field and its value are one block, in a table without entries")      \
    X(BOOL, bool, dicts_know_size, VALUES, "the table of a hash or a set counts its bytes, in 8 more")                 \
    X(BOOL, bool, lists_know_size, VALUES, "quicklists and streams count their bytes, in 8 more")                      \
    X(BOOL, bool, streams_know_groups, VALUES,                                                                         \
      "streams know which groups hold an entry: 32 bytes more in struct stream, 8 in streamNACK")                      \
    X(BOOL, bool, pending_is_ordered, VALUES,                                                                          \
      "a group's pending entries are a list by time: 16 bytes more in streamCG, 32 in streamNACK; struct stream has "  \
      "40 more, for producers' ids")                                                                                   \
    X(BOOL, bool, scores_are_short, VALUES, "scores are written with as few digits as tell them apart")                \
    X(BOOL, bool, list_begins_in_listpack, VALUES,                                                                     \
      "a list is one listpack as long as a node may be, and again when it is half that")                               \
    X(BOOL, bool, list_merges_exactly, VALUES,                                                                         \
      "nodes of a list that are merged: their size is reckoned without the second frame")                              \
    X(BOOL, bool, list_has_plain_nodes, VALUES, "an element longer than a node may be has a node without a listpack")  \
    X(BOOL, bool, usage_averages_elements, COMMANDS,                                                                   \
      "MEMORY USAGE of a quicklist divides by its elements, not by its nodes")                                         \
    X(BOOL, bool, usage_is_asked_for, COMMANDS, "MEMORY USAGE says what a value asked for, not what its blocks take")  \
    X(BOOL, bool, usage_weighs_trees, COMMANDS, "MEMORY USAGE knows what a stream's trees weigh")                      \
    X(ENUM, enum sort_numbers, sort_numbers, COMMANDS, "what SORT takes for a number")                                 \
    X(BOOL, bool, sorted_lists_have_own_nodes, VALUES,                                                                 \
      "what SORT stores has nodes of 8 KB whatever list-max-listpack-size says")                                       \
    X(NUMBER, uint32_t, stream_consumer_bytes, VALUES, "a consumer of a stream (0: 24)")                               \
    X(BOOL, bool, spop_sends_many, COMMANDS,                                                                           \
      "SPOP with a count goes to replicas as SREM of 1,024 members, not of one")                                       \
    X(BOOL, bool, reads_send_last, COMMANDS, "XREADGROUP tells replicas each time how far its group has read")         \
    X(BOOL, bool, waiters_run_again, COMMANDS, "who waits for a key runs its command again whenever the key is ready") \
    X(BOOL, bool, given_up_is_measured, COMMANDS,                                                                      \
      "a wait that ends because its time is over counts in latency statistics")                                        \
    X(BOOL, bool, makes_consumers_early, VALUES,                                                                       \
      "XREADGROUP and XCLAIM make the consumer whether there is something for it or not")                              \
    /* Tables. */                                                                                                      \
    X(ENUM, enum table_kind, tables, TABLES, "hash tables")                                                            \
    X(STRUCT, struct dict_rules, dict, TABLES, "")                                                                     \
    X(STRUCT, struct hashtable_rules, hashtable, TABLES, "")                                                           \
    X(ENUM, enum resize_rule, resize, TABLES, "when tables are resized")                                               \
    X(NUMBER, uint32_t, hashtable_bytes, TABLES, "a table's object")                                                   \
    X(NUMBER, uint32_t, hash_metadata_bytes, VALUES, "what that of a hash has besides, for fields with a ttl")         \
    X(NUMBER, uint32_t, keys_table_bytes, TABLES, "a database's table of keys, made with the first (0: at the start)") \
    X(NUMBER, uint32_t, expires_table_bytes, TABLES, "its table of ttls, made with the first")                         \
    X(NUMBER, uint32_t, database_bytes, TABLES, "a database, made when it is first used (0: at the start)")            \
    X(BOOL, bool, lists_rehashing, TABLES, "a list node for each table while it rehashes")                             \
    /* Expiry. */                                                                                                      \
    X(ENUM, enum expire_scan, expire_scan, POLICY, "how the expiry cycle walks")                                       \
    X(NUMBER, uint32_t, scan_calls_per_key, POLICY,                                                                    \
      "empty buckets that the expiry cycle looks at for each key it wants")                                            \
    X(BOOL, bool, wait_has_key_objects, COMMANDS, "a client that waits has an object for each of its keys")            \
    X(BOOL, bool, fast_when_stale, POLICY,                                                                             \
      "fast expiry cycles run, too, when more keys are thought to have expired than is acceptable")                    \
    X(BOOL, bool, expires_on_time, POLICY, "the expiry cycle takes a key at its very millisecond")                     \
    X(BOOL, bool, peak_by_allocator, SERVER,                                                                           \
      "used_memory_peak is found at each 100 KB more and when a turn ends, without its arguments")                     \
    X(NUMBER, uint32_t, peak_mark_bytes, SERVER,                                                                       \
      "so far below the empty server it was looked at last (0: not by the allocator)")                                 \
    X(NUMBER, uint32_t, info_text_bytes, SERVER,                                                                       \
      "the text of INFO, which the allocator sees beside the reply (0: it does not)")                                  \
    /* The client. */                                                                                                  \
    X(ENUM, enum query_buffer, query_buffer, SERVER, "the query buffer")                                               \
    X(BOOL, bool, notes_growth, SERVER, "a small query buffer's growth counts as its peak")                            \
    X(BOOL, bool, pending_in_client, SERVER, "the list of pending writes needs no node")                               \
    X(BOOL, bool, keeps_vector, SERVER, "a client's argument vector stays between commands")                           \
    X(BOOL, bool, vectors_are_pooled, SERVER,                                                                          \
      "argument vectors of fewer than 64 places are kept for whoever comes next, the others for no one")               \
    X(BOOL, bool, clock_per_command, POLICY, "every command moves the LRU clock, not just cron")                       \
    X(BOOL, bool, renamed_is_new, POLICY, "RENAME and MOVE start the clock or the counter of a key anew")              \
    X(NUMBER, uint32_t, wait_state_bytes, SERVER, "what a client has from when it first waits (0: nothing besides)")   \
    X(BOOL, bool, has_command_log, COMMANDS, "large requests and replies have logs of their own")                      \
    /* Transactions. */                                                                                                \
    X(NUMBER, uint32_t, transaction_state_bytes, COMMANDS,                                                             \
      "what a client has from its first MULTI or WATCH (0: nothing besides)")                                          \
    X(NUMBER, uint32_t, queued_place_bytes, COMMANDS, "the place of a queued command (0: 24)")                         \
    X(BOOL, bool, watches_have_tables, COMMANDS,                                                                       \
      "a client has a table of the keys that it watches, for each database")                                           \
    X(BOOL, bool, queues_when_full, COMMANDS, "behind MULTI only what needs memory is refused when it is full")        \
    X(BOOL, bool, no_multi_within, COMMANDS, "MULTI and WATCH behind MULTI make EXEC abort")                           \
    X(BOOL, bool, frees_refused_queue, COMMANDS, "what EXEC will not execute is not kept until then")                  \
    X(BOOL, bool, names_what_is_refused, COMMANDS, "an error behind MULTI names the command that is refused")          \
    /* Scripts. */                                                                                                     \
    X(NUMBER, uint32_t, script_entry_bytes, COMMANDS, "an entry of the table of scripts (0: 24)")                      \
    X(NUMBER, uint32_t, script_bytes, COMMANDS, "a cached script (0: 16)")                                             \
    X(NUMBER, uint32_t, script_lua_bytes, COMMANDS,                                                                    \
      "what Lua keeps of a library, and of a script whose text is not known, an estimate")                             \
    X(NUMBER, uint32_t, function_bytes, COMMANDS,                                                                      \
      "a function of a library, beyond its names (0: functionInfo and a name)")                                        \
    X(NUMBER, uint32_t, first_library_bytes, COMMANDS, "what stays when the first library has been compiled")          \
    X(BOOL, bool, scripts_are_listed, COMMANDS, "only the 500 scripts that EVAL used last are kept")                   \
    X(BOOL, bool, script_errors_lack_sha1, COMMANDS, "an error within a script does not say which")                    \
    X(BOOL, bool, frees_script_arguments, COMMANDS, "of a script's call nothing is kept for the next one")             \
    X(BOOL, bool, script_node_has_name, COMMANDS, "the list of scripts has the SHA1 once more")                        \
    /* Scenarios and configuration. */                                                                                 \
    X(BOOL, bool, has_bless, POLICY,                                                                                   \
      "knows BLESS: keys that are never evicted; where nothing else is met, writes pass up to 1.25 times maxmemory")   \
    X(BOOL, bool, has_lrm, POLICY, "has the policies allkeys-lrm and volatile-lrm")                                    \
    X(NUMBER, uint32_t, samples_most, POLICY, "the most that maxmemory-samples may be (0: any)")                       \
    X(BOOL, bool, overwrite_inherits_clock, POLICY, "an overwrite keeps the clock while a child saves")                \
    X(BOOL, bool, cron_visits_oldest_first, COMMANDS, "cron visits the clients longest idle first")                    \
    X(BOOL, bool, spared_are_noted_by_cron, COMMANDS, "maxmemory-clients notes clients by cron alone")                 \
    X(BOOL, bool, spares_lent_buffer, SERVER, "a query buffer lent by the thread is no part of the client")            \
    X(NUMBER, uint32_t, idle_client_bytes, SERVER, "a connection idle for seconds")                                    \
    X(NUMBER, uint32_t, client_struct_bytes, SERVER, "of that, struct client")                                         \
    X(NUMBER, uint32_t, event_table_places, SERVER,                                                                    \
      "the event loop's tables begin with so many descriptors and double (0: all that maxclients needs)")              \
    X(BOOL, bool, counts_lua, COMMANDS, "the heap of Lua is part of used_memory")                                      \
    X(NUMBER, uint32_t, replica_bytes, COMMANDS, "a replica's connection, beyond an idle one's")                       \
    X(NUMBER, uint32_t, repl_backlog_bytes, COMMANDS, "repl-backlog-size by default (0: 1 MB)")                        \
    /* Ttls of the fields of hashes. */                                                                                \
    X(ENUM, enum field_ttl_rule, field_ttls, VALUES, "ttls of the fields of hashes")                                   \
    X(BOOL, bool, has_hgetex, COMMANDS, "knows HGETEX and HSETEX")                                                     \
    X(BOOL, bool, has_hgetdel, COMMANDS, "knows HGETDEL")                                                              \
    X(BOOL, bool, fields_are_mstrs, VALUES, "a field in a hash's table has no room that is free (mstr)")               \
    X(BOOL, bool, hset_renews_fields, VALUES, "HSET makes a field anew, in a table that keeps ttls")                   \
    X(BOOL, bool, hexpire_needs_memory, COMMANDS, "HEXPIRE and its kin are refused when memory is full")               \
    X(BOOL, bool, forgets_with_last_ttl, VALUES,                                                                       \
      "HDEL of the last field with a ttl strikes the hash from those that expire; the next ttl looks it up again")     \
    X(BOOL, bool, hexpire_times_first, COMMANDS, "HEXPIRE looks at its time before it looks for the key")              \
    X(BOOL, bool, hexpire_may_be_late, COMMANDS, "HEXPIRE takes any time, not 2^46 ms at most")                        \
    X(BOOL, bool, hexpire_sends_all, COMMANDS, "HEXPIRE goes to replicas with all of its fields as they came")         \
    X(BOOL, bool, hexpire_sends_one_hdel, COMMANDS,                                                                    \
      "fields that HEXPIRE deletes go to replicas as one HDEL, not as one each")                                       \
    X(BOOL, bool, httl_rounds, COMMANDS, "HTTL and HEXPIRETIME round to the nearest second, not up")                   \
    X(BOOL, bool, hgetex_reads, COMMANDS, "HGETEX is a read")                                                          \
    X(BOOL, bool, hsetex_has_nx, COMMANDS, "HSETEX has NX and XX")                                                     \
    X(BOOL, bool, hsetex_one_by_one, VALUES,                                                                           \
      "HSETEX sets its fields one after the other, and deletes them if its time has passed")                           \
    X(STRUCT, struct pubsub_rules, pubsub, COMMANDS, "")

#define PROFILE_FIELD(kind, type, name, group, words) type name;

struct server_profile {
    PROFILE_FIELDS(PROFILE_FIELD)
};

#endif
