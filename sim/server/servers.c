/* SPDX-License-Identifier: GPL-3.0-or-later */
/* servers: the names that --server takes. One row per build.
 *
 * The byte counts are measured: used_memory_startup, and what INFO shows before and after the first connection, in
 * virtual time, so that no buffer becomes idle meanwhile. A build that was not run is marked so (is_read): its rules were read, and
 * its byte counts are those of the nearest that was. The rules add up from version to version: each list below has what is new in
 * one version.
 *
 * empty_active_bytes and beyond_active_bytes are those of Debian's builds; the upstream builds were not at hand, and have
 * the ones of the nearest. */
#include "sim/flat/flat.h"
#include "sim/server/profile.h"
#include "sim/server/redis.h"
#include "sim/server/registry.h"

#include <string.h>

#define SINCE_REDIS_7_2                                                                                                \
    .trims_from = 32768, .copies_name_late = true, .ttl_asserts_nothing = true, .set_keeps_ttl_entry = true,           \
    .delete_finds_key_first = true, .notes_growth = true, .pending_in_client = true, .overwrite_inherits_clock = true, \
    .renamed_is_new = true, .hash_presizes = true, .sets_have_listpacks = true, .hll_grows_to_limit = true,            \
    .sets_have_bare_members = true, .list_begins_in_listpack = true, .list_merges_exactly = true,                      \
    .zset_presizes = true, .scores_are_short = true, .stream_consumer_bytes = 32, .makes_consumers_early = true,       \
    .msetnx_adds_or_updates = true, .waiters_run_again = true, .given_up_is_measured = true,                           \
    .cron_visits_oldest_first = true, .spared_are_noted_by_cron = true, .bit_range_first = true, .has_no_touch = true, \
    .pubsub.patterns_in_table = true, .spop_sends_many = true

#define SINCE_REDIS_7_4                                                                                                \
    SINCE_REDIS_7_2,                                                                                                   \
        .reads_send_last = true, .samples_most = 64, .del_ends_with_expiry = true, .list_has_plain_nodes = true,       \
        .queues_when_full = true, .scripts_are_listed = true, .script_bytes = 24, .has_novalues = true,                \
        .limits_count_back = true,                                                                                     \
        .dict = {.steps_at_key = true, .replaces_empty = true, .shrinks_at_delete = true, .resists_less = true},       \
        .resize = RESIZE_AT_DELETE, .lists_rehashing = true, .expire_scan = EXPIRE_BY_ROUNDS,                          \
        .pubsub.shares_names = true, .pubsub.clients_bytes = 56

#define SINCE_REDIS_8_0                                                                                                \
    SINCE_REDIS_7_4, .field_ttls = FIELD_TTLS_IN_TREES, .has_hgetex = true, .has_hgetdel = true,                       \
                     .forgets_with_last_ttl = true, .smembers_counts_first = true, .flush_may_wait = true,             \
                     .sort_numbers = SORT_FAST_FLOAT, .overwrites_in_hand = true, .zset_unites_in_place = true,        \
                     .expires_on_time = true, .query_buffer = QUERY_REUSABLE, .keeps_vector = true,                    \
                     .usage_averages_elements = true, .counts_lua = true, .script_lua_bytes = 630,                     \
                     .pubsub.clients_in_slots = true, .event_table_places = 1024

#define SINCE_REDIS_8_2                                                                                                \
    SINCE_REDIS_8_0, .sums_keep_ttl = true, .layout = LAYOUT_KVOBJ, .adds_at_link = true, .streams_know_groups = true

/* What was measured with 8.6.3 is placed by the pull requests that brought it: the groups of a stream's entry with XDELEX (#14130, 8.2);
 * the bytes of quicklists, streams and tables (#14363) and commands parsed ahead, with a pool of vectors (#14440), 8.4; the rest of 8.6 by
 * #14595, #14608, #14615, #14624, #14692, #14695, #14699, #14701, or only because nothing was found that says when it came. The tree that 8.4
 * has of each group's pending entries by time (XREADGROUP CLAIM, #14402) is not modeled; 8.6 has a list in its place. */
#define SINCE_REDIS_8_4                                                                                                \
    SINCE_REDIS_8_2, .set_compares = true, .compares_digests = true, .last_comparison_counts = true,                   \
                     .compares_by_reading = true, .has_msetex = true, .has_delex = true, .dicts_know_size = true,      \
                     .lists_know_size = true, .vectors_are_pooled = true, .queued_place_bytes = 8, .replica_bytes = 54

#define SINCE_REDIS_8_6                                                                                                \
    SINCE_REDIS_8_4,                                                                                                   \
        .header_follows_room = true, .copy_avoided_from = 16384, .reference_bytes = 47, .refers_at_start = true,       \
        .hgetex_has_vector = true, .pxat_rewrite = REWRITE_TIME, .limits_count_forward = true, .has_lrm = true,        \
        .usage_is_asked_for = true, .members_in_nodes = true, .nodes_are_bare = true, .fields_have_entries = true,     \
        .pending_is_ordered = true, .peak_by_allocator = true, .peak_mark_bytes = 35928, .info_text_bytes = 12288

#define SINCE_REDIS_8_10 SINCE_REDIS_8_6, .fast_when_stale = true, .has_hash_templates = true

#define SINCE_REDIS_8_12 SINCE_REDIS_8_10, .has_bless = true

/* What no rule says, of a server that is newer than 8.0.2 and was not run: as measured with Debian's 8.6.3, whose allocator has other
 * small classes than the bundled one. */
#define AS_REDIS_8_6_3                                                                                                 \
    .startup_bytes = 716384, .cluster_bytes = 1375968, .first_info_bytes = 41768, .client_bytes = 38896,               \
    .info_bytes = 1824, .info_once_bytes = 688, .info_reply_bytes = 6170, .empty_active_bytes = 1867384,               \
    .beyond_active_bytes = 12670000, .keys_table_bytes = 56 + 8 + 5 * 60 * 8, .expires_table_bytes = 64,               \
    .scan_calls_per_key = 20, .idle_client_bytes = 2794, .client_struct_bytes = 1280

/* Valkey 8.0 has the rules of Redis 7.4 and these. */
#define SINCE_VALKEY_8_0                                                                                               \
    SINCE_REDIS_7_4, .hash_adds_or_finds = true, .script_node_has_name = true, .zset_weighs_all = true,                \
                     .header_follows_room = true, .frees_lazily = true, .query_buffer = QUERY_SHARED,                  \
                     .bitcount_end_may_miss = true, .repl_backlog_bytes = 10 << 20

#define SINCE_VALKEY_8_1                                                                                               \
    SINCE_VALKEY_8_0, .reserves_ttl = true, .ttl_takes_room = true, .set_compares = true, .usage_weighs_trees = true,  \
                      .tables = TABLE_BUCKETS, .past_ttl = PAST_TTL_EXPIRES, .scan_calls_per_key = 10,                 \
                      .no_multi_within = true, .compression_bytes = 8192, .frees_refused_queue = true,                 \
                      .pubsub.channels_in_buckets = true, .has_command_log = true

#define SINCE_VALKEY_9_0                                                                                               \
    SINCE_VALKEY_8_1, .has_delifeq = true, .field_ttls = FIELD_TTLS_IN_SPANS, .has_hgetex = true,                      \
                      .hexpire_times_first = true, .hexpire_may_be_late = true, .hexpire_sends_all = true,             \
                      .hexpire_sends_one_hdel = true, .httl_rounds = true, .hgetex_reads = true,                       \
                      .hsetex_has_nx = true, .hsetex_one_by_one = true, .hash_counts_last = true,                      \
                      .flush_skips_empty = true, .clock_per_command = true, .pxat_rewrite = REWRITE_IN_PLACE,          \
                      .entries_shorten_header = true,                                                                  \
                      .hashtable = {                                                                                   \
                          .guards_growth_only = true,                                                                  \
                          .rehashes_undisturbed = true,                                                                \
                          .ends_when_empty = true,                                                                     \
                          .skips_empty = true,                                                                         \
                          .scans_then_shrinks = true,                                                                  \
                          .compacts_after_scan = true,                                                                 \
                          .jumps = true,                                                                               \
    }

#define SINCE_VALKEY_9_1                                                                                               \
    SINCE_VALKEY_9_0, .has_msetex = true, .has_hgetdel = true, .layout = LAYOUT_OBJECT_128,                            \
                      .sort_numbers = SORT_FAST_FLOAT_NONEMPTY, .members_in_nodes = true, .watches_have_tables = true, \
                      .queued_place_bytes = 32, .names_what_is_refused = true, .script_errors_lack_sha1 = true,        \
                      .frees_script_arguments = true, .copy_avoided_from = 16384, .reference_bytes = 36,               \
                      .getex_times_first = true, .pubsub.all_in_buckets = true, .spares_lent_buffer = true

/* Likewise, with 9.1.2. */
#define AS_VALKEY_9_1_2                                                                                                \
    .startup_bytes = 921976, .cluster_bytes = 1334352, .first_info_bytes = 20384, .client_bytes = 17216,               \
    .info_bytes = 2072, .info_once_bytes = 688, .info_reply_bytes = 6405, .empty_active_bytes = 1725184,               \
    .beyond_active_bytes = 12900000, .hashtable_bytes = 80, .hash_metadata_bytes = 8, .keys_table_bytes = 96,          \
    .expires_table_bytes = 96, .database_bytes = 1096, .transaction_state_bytes = 104, .wait_state_bytes = 144,        \
    .pubsub.client_state_bytes = 288, .function_bytes = 80, .first_library_bytes = 88, .idle_client_bytes = 1834,      \
    .client_struct_bytes = 640, .replica_bytes = 278

static const struct server_profile redis_7_0_15 = {
    .scan_looks_up_types = true,
    .wait_has_key_objects = true,
    .sorted_lists_have_own_nodes = true,
    .allocator = "jemalloc",
    .startup_bytes = 858768,
    .cluster_bytes = 723976,
    .first_info_bytes = 40624,
    .client_bytes = 38058,
    .info_bytes = 1824,
    .info_once_bytes = 592,
    .info_reply_bytes = 5000,
    .empty_active_bytes = 1580728,
    .beyond_active_bytes = 10620000,
    .scan_calls_per_key = 20,
    .idle_client_bytes = 2226,
    .client_struct_bytes = 768,
    .replica_bytes = 38,
};

static const struct server_profile redis_7_0_15_debian = {
    .scan_looks_up_types = true,
    .wait_has_key_objects = true,
    .sorted_lists_have_own_nodes = true,
    .allocator = "jemalloc-q16",
    .startup_bytes = 876144,
    .cluster_bytes = 723976,
    .first_info_bytes = 40768,
    .client_bytes = 38090,
    .info_bytes = 1832,
    .info_once_bytes = 688,
    .info_reply_bytes = 5000,
    .empty_active_bytes = 1580728,
    .beyond_active_bytes = 10620000,
    .scan_calls_per_key = 20,
    .idle_client_bytes = 2258,
    .client_struct_bytes = 768,
    .replica_bytes = 54,
};

static const struct server_profile redis_7_2_6 = {
    .rdb_version = 11,
    .scan_looks_up_types = true,
    .sorted_lists_have_own_nodes = true,
    SINCE_REDIS_7_2,
    .hash_adds_or_finds = true,
    .allocator = "jemalloc",
    .startup_bytes = 865912,
    .cluster_bytes = 723976,
    .first_info_bytes = 40760,
    .client_bytes = 38344,
    .info_bytes = 1824,
    .info_once_bytes = 592,
    .info_reply_bytes = 5255,
    .empty_active_bytes = 1580728,
    .beyond_active_bytes = 10620000,
    .expire_scan = EXPIRE_BY_SCAN,
    .scan_calls_per_key = 20,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    .idle_client_bytes = 2362,
    .client_struct_bytes = 896,
    .replica_bytes = 38,
};

static const struct server_profile redis_7_4_1 = {
    .rdb_version = 12,
    SINCE_REDIS_7_4,
    .hash_adds_or_finds = true,
    .field_ttls = FIELD_TTLS_IN_TREES,
    .fields_are_mstrs = true,
    .hset_renews_fields = true,
    .hexpire_needs_memory = true,
    .flush_may_wait = true,
    .allocator = "jemalloc",
    .startup_bytes = 946264,
    .cluster_bytes = 1290032,
    .first_info_bytes = 40760,
    .client_bytes = 38344,
    .info_bytes = 1824,
    .info_once_bytes = 592,
    .info_reply_bytes = 5500,
    .keys_table_bytes = 64,
    .expires_table_bytes = 64,
    .scan_calls_per_key = 20,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    .idle_client_bytes = 2362,
    .client_struct_bytes = 896,
    .counts_lua = true,
    .replica_bytes = 38,
    .empty_active_bytes = 1867384,
    .beyond_active_bytes = 12670000,
    .script_lua_bytes = 630,
};

static const struct server_profile redis_8_0_2_debian = {
    .rdb_version = 12,
    SINCE_REDIS_8_0,
    .allocator = "jemalloc-q16",
    .startup_bytes = 670728,
    .cluster_bytes = 1290032,
    .first_info_bytes = 41024,
    .client_bytes = 38512, /* includes the thread's query buffer, and the vector of the INFO that was sent */
    .info_bytes = 1824,
    .info_once_bytes = 688,
    .info_reply_bytes = 5750,
    .empty_active_bytes = 1867384,
    .beyond_active_bytes = 12670000,
    .keys_table_bytes = 56 + 8 + 5 * 60 * 8, /* a dict, its size, and a histogram of the keys' sizes */
    .expires_table_bytes = 64,
    .scan_calls_per_key = 20,
    .fields_are_mstrs = true,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    .idle_client_bytes = 2410,
    .client_struct_bytes = 896,
    .replica_bytes = 118,
};

static const struct server_profile redis_8_0_6_debian = {
    .rdb_version = 12,
    SINCE_REDIS_8_0,
    .sums_keep_ttl = true,
    .allocator = "jemalloc-5.3.1",
    .startup_bytes = 662536,
    .cluster_bytes = 1142544,
    .first_info_bytes = 41176,
    .client_bytes = 38512,
    .info_bytes = 1824,
    .info_once_bytes = 688,
    .info_reply_bytes = 5750,
    .empty_active_bytes = 1867384,
    .beyond_active_bytes = 12670000,
    .keys_table_bytes = 56 + 8 + 5 * 60 * 8,
    .expires_table_bytes = 64,
    .scan_calls_per_key = 20,
    .fields_are_mstrs = true,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    .idle_client_bytes = 2410,
    .client_struct_bytes = 896,
    .replica_bytes = 118,
};

/* A fork of what was to become Redis 7.4: its rules, but for ttls of fields. */
static const struct server_profile redict_7_3_6_debian = {
    .rdb_version = 11,
    SINCE_REDIS_7_4,
    .hash_adds_or_finds = true,
    .allocator = "jemalloc-5.3.1",
    .startup_bytes = 898304,
    .cluster_bytes = 1185984,
    .first_info_bytes = 40264,
    .client_bytes = 38384,
    .info_bytes = 1064,
    .info_once_bytes = 688,
    .info_reply_bytes = 5500,
    .empty_active_bytes = 1580728,
    .beyond_active_bytes = 10620000,
    .keys_table_bytes = 64,
    .expires_table_bytes = 64,
    .scan_calls_per_key = 20,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    .idle_client_bytes = 2402,
    .client_struct_bytes = 896,
    .replica_bytes = 54,
};

static const struct server_profile redis_8_2 = {
    .rdb_version = 12,
    SINCE_REDIS_8_2,
    .fields_are_mstrs = true,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    AS_REDIS_8_6_3,
    .allocator = "jemalloc",
    .reserves_ttl = true,
    .ttl_takes_room = true,
    .replica_bytes = 118,
};

static const struct server_profile redis_8_4 = {
    .rdb_version = 12,
    SINCE_REDIS_8_4,
    .fields_are_mstrs = true,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    AS_REDIS_8_6_3,
    .allocator = "jemalloc",
};

static const struct server_profile redis_8_6_3_debian = {
    .rdb_version = 13,
    SINCE_REDIS_8_6,
    AS_REDIS_8_6_3,
    .allocator = "jemalloc-5.3.1",
};

static const struct server_profile redis_8_8 = {
    .rdb_version = 13,
    SINCE_REDIS_8_6,
    AS_REDIS_8_6_3,
    .allocator = "jemalloc",
};

static const struct server_profile redis_8_10 = {
    .rdb_version = 15,
    SINCE_REDIS_8_10,
    AS_REDIS_8_6_3,
    .allocator = "jemalloc",
};

static const struct server_profile redis_8_12 = {
    .rdb_version = 15,
    SINCE_REDIS_8_12,
    AS_REDIS_8_6_3,
    .allocator = "jemalloc",
};

static const struct server_profile valkey_8_0_1 = {
    .rdb_version = 11,
    SINCE_VALKEY_8_0,
    .allocator = "jemalloc",
    .layout = LAYOUT_NAME_IN_ENTRY,
    .startup_bytes = 912272,
    .cluster_bytes = 1795824, /* includes the thread's query buffer */
    .first_info_bytes = 20536,
    .client_bytes = 17728,
    .info_bytes = 2080,
    .info_once_bytes = 592,
    .info_reply_bytes = 5755,
    .empty_active_bytes = 1643656,
    .beyond_active_bytes = 12250000,
    .keys_table_bytes = 72,
    .expires_table_bytes = 72,
    .scan_calls_per_key = 20,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    .past_ttl = PAST_TTL_DELETES,
    .idle_client_bytes = 2354,
    .client_struct_bytes = 896,
    .replica_bytes = 38,
};

static const struct server_profile valkey_8_1_1_debian = {
    .rdb_version = 11,
    SINCE_VALKEY_8_1,
    .allocator = "jemalloc-q16",
    .layout = LAYOUT_OBJECT_64,
    .startup_bytes = 892224,
    .cluster_bytes = 1795824,
    .first_info_bytes = 20128,
    .client_bytes = 17216,
    .info_bytes = 2088,
    .info_once_bytes = 688,
    .info_reply_bytes = 5900,
    .hashtable_bytes = 72,
    .transaction_state_bytes = 88,
    .wait_state_bytes = 144,
    .function_bytes = 72,
    .keys_table_bytes = 88,
    .expires_table_bytes = 88,
    .pxat_rewrite = REWRITE_UNLESS_PXAT,
    .idle_client_bytes = 1834,
    .client_struct_bytes = 640,
    .pubsub.client_state_bytes = 240,
    .replica_bytes = 278,
    .empty_active_bytes = 1643656,
    .beyond_active_bytes = 12250000,
};

static const struct server_profile valkey_9_0 = {
    .rdb_version = 80,
    SINCE_VALKEY_9_0,
    AS_VALKEY_9_1_2,
    .allocator = "jemalloc",
    .layout = LAYOUT_OBJECT_64,
};

static const struct server_profile valkey_9_1_2_debian = {
    .rdb_version = 80,
    SINCE_VALKEY_9_1,
    AS_VALKEY_9_1_2,
    .allocator = "jemalloc-5.3.1",
};

static const struct server_profile valkey_9_2 = {
    .rdb_version = 80,
    .has_zset_trees = true,
    .has_delex = true,
    SINCE_VALKEY_9_1,
    AS_VALKEY_9_1_2,
    .allocator = "jemalloc",
};

static const struct server_profile valkey_9_2_forkless = {
    .rdb_version = 80,
    .has_zset_trees = true,
    .has_delex = true,
    SINCE_VALKEY_9_1,
    AS_VALKEY_9_1_2,
    .allocator = "jemalloc",
    .key_metadata_bytes = 4,
};

#define MEASURED(profile) &redis_model, &profile, false
#define READ(profile)     &redis_model, &profile, true

const struct server servers[] = {
    {"redis-7.0.15", "redis-7.0", "Redis 7.0.15, upstream build (bundled jemalloc)", MEASURED(redis_7_0_15)},
    {"redis-7.0.15-debian", NULL, "Redis 7.0.15, Debian 12's package (system jemalloc)", MEASURED(redis_7_0_15_debian)},
    {"redis-7.2.6", "redis-7.2", "Redis 7.2.6, upstream build", MEASURED(redis_7_2_6)},
    {"redis-7.4.1", "redis-7.4", "Redis 7.4.1, upstream build", MEASURED(redis_7_4_1)},
    {"redis-8.0.2-debian", "redis-8.0", "Redis 8.0.2, Debian 13's package", MEASURED(redis_8_0_2_debian)},
    {"redis-8.0.6-debian", NULL, "Redis 8.0.6, Debian sid's package (jemalloc 5.3.1)", MEASURED(redis_8_0_6_debian)},
    {"redis-8.2", NULL, "Redis 8.2: a key, its ttl and a short value in one allocation", READ(redis_8_2)},
    {"redis-8.4", NULL, "Redis 8.4: no room for a ttl before there is one", READ(redis_8_4)},
    {"redis-8.6.3-debian", "redis-8.6", "Redis 8.6.3, Debian experimental's package (jemalloc 5.3.1)",
     MEASURED(redis_8_6_3_debian)},
    {"redis-8.8", NULL, "Redis 8.8: as 8.6, without its arrays", READ(redis_8_8)},
    {"redis-8.10", NULL, "Redis 8.10: fast expiry cycles; without its compact hashes", READ(redis_8_10)},
    {"redis-8.12", NULL, "Redis 8.12: keys that are never evicted (BLESS); likewise", READ(redis_8_12)},
    {"redict-7.3.6-debian", "redict-7.3", "Redict 7.3.6, Debian sid's package (jemalloc 5.3.1)",
     MEASURED(redict_7_3_6_debian)},
    {"valkey-8.0.1", "valkey-8.0", "Valkey 8.0.1, upstream build", MEASURED(valkey_8_0_1)},
    {"valkey-8.1.1-debian", "valkey-8.1", "Valkey 8.1.1, Debian 13's package", MEASURED(valkey_8_1_1_debian)},
    {"valkey-9.0", NULL, "Valkey 9.0: 8.1's objects, ttls of a hash's fields", READ(valkey_9_0)},
    {"valkey-9.1.2-debian", "valkey-9.1", "Valkey 9.1.2, Debian sid's package (jemalloc 5.3.1)",
     MEASURED(valkey_9_1_2_debian)},
    {"valkey-9.2", NULL, "Valkey 9.2: as 9.1, without its trees of sorted sets", READ(valkey_9_2)},
    {"valkey-9.2-forkless", NULL, "Valkey 9.2 with forkless-infrastructure-enabled: 4 bytes more a key",
     READ(valkey_9_2_forkless)},
    {"flat", NULL, "plain sizes: every object weighs its value, or 1 under --unit-sizes", &flat_model, NULL, false},
};
const size_t server_count = sizeof servers / sizeof *servers;

const struct server *server_find(const char *name)
{
    for (size_t i = 0; i < server_count; i++)
        if (!strcmp(servers[i].name, name) || (servers[i].alias && !strcmp(servers[i].alias, name)))
            return &servers[i];
    return NULL;
}
