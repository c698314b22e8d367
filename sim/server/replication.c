/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/replication.h"

#include "sim/alloc.h"
#include "sim/state_list.h"
#include "sim/server/client.h"
#include "sim/server/values/sds.h"
#include "sim/server/values/resp.h"

#include <stdlib.h>

enum {
    CHUNK_BYTES = 16 * 1024,       /* PROTO_REPLY_CHUNK_BYTES: the least that a block holds */
    BACKLOG_MIN_BYTES = 16 * 1024, /* CONFIG_REPL_BACKLOG_MIN_SIZE */
    BACKLOG_BYTES = 1024 * 1024,   /* unless the profile or the configuration has another size */
    BLOCK_HEADER = 40,             /* sizeof(replBufBlock) */
    LIST_NODE = 24,
    BACKLOG_OBJECT = 40, /* sizeof(replBacklog) */
    RAX_OBJECT = 24,
    TRIMMED_AT_ONCE = 64, /* REPL_BACKLOG_TRIM_BLOCKS_PER_CALL */
    INDEX_EVERY = 64,     /* REPL_BACKLOG_INDEX_PER_BLOCKS */
    PING_PERIOD_S = 10,   /* repl-ping-replica-period */
    PING_BYTES = 14,      /* *1 $4 PING */
    MULTI_BYTES = 15,
    EXEC_BYTES = 14,
    RETURNS_AFTER_US = 1000000, /* a replica tries once a second (its own replicationCron) */
};

static uint64_t class_of(const struct replication *replication, uint64_t bytes)
{
    return allocator_class(replication->allocator, bytes);
}

static uint64_t backlog_size(const struct replication *replication)
{
    uint64_t size = replication->config->repl_backlog_size;

    if (!size)
        size = replication->profile->repl_backlog_bytes ? replication->profile->repl_backlog_bytes : BACKLOG_BYTES;
    return size < BACKLOG_MIN_BYTES ? BACKLOG_MIN_BYTES : size;
}

static struct replication_block *block_at(const struct replication *replication, int64_t number)
{
    return &replication->blocks[number & (replication->capacity - 1)];
}

/* ---- the backlog's index ----
 *
 * A replica that comes back tells the last byte of the stream that it has. Walking thousands of blocks from the first
 * one to find that byte would take long. So every 64th block is kept in a tree, by its offset, and the walk begins at
 * the nearest one before it. The tree is small, but it counts in used_memory. */

static void index_key(uint64_t offset, unsigned char key[sizeof(uint64_t)])
{
    for (size_t i = 0; i < sizeof offset; i++)
        key[i] = (unsigned char)(offset >> 8 * (sizeof offset - 1 - i)); /* big-endian, to sort by offset */
}

static void index_block(struct replication *replication, struct replication_block *block)
{
    unsigned char key[sizeof(uint64_t)];

    index_key(block->offset, key);
    rax_insert(&replication->index, key, sizeof key, true, 0);
    block->indexed = true;
}

static void forget_block(struct replication *replication, const struct replication_block *block)
{
    unsigned char key[sizeof(uint64_t)];

    index_key(block->offset, key);
    rax_remove(&replication->index, key, sizeof key);
}

/* ---- blocks ---- */

static bool is_read(const struct replication *replication, int64_t number)
{
    for (int i = 0; i < replication->replica_count; i++)
        if (replication->replicas[i].block == number)
            return true;
    return false;
}

/* incrementalTrimReplicationBacklog.
 *
 * A block may be freed if the backlog is long enough without it and no replica still needs it. A slow replica may have
 * held many blocks, which can all be freed once it has caught up. Freeing them at once would keep the server from its
 * clients, so one call frees at most 64. For a while the blocks then exceed repl-backlog-size. */
static void trim(struct replication *replication, int at_most)
{
    uint64_t size = backlog_size(replication);

    for (; at_most && replication->history > size && replication->end - replication->first > 1; at_most--) {
        struct replication_block *block = block_at(replication, replication->first);

        if (is_read(replication, replication->first) || replication->history - block->size <= size)
            break;
        replication->history -= block->size;
        replication->memory -= block->bytes + LIST_NODE;
        *replication->used_memory -= block->bytes + class_of(replication, LIST_NODE);
        if (block->indexed)
            forget_block(replication, block);
        replication->first++;
    }
}

static void make_room_for_block(struct replication *replication)
{
    struct replication_block *blocks;
    int64_t capacity = replication->capacity ? 2 * replication->capacity : 64;

    if (replication->end - replication->first < replication->capacity)
        return;
    blocks = xcalloc((size_t)capacity, sizeof *blocks);
    for (int64_t number = replication->first; number < replication->end; number++)
        blocks[number & (capacity - 1)] = *block_at(replication, number);
    free(replication->blocks);
    replication->blocks = blocks;
    replication->capacity = capacity;
}

/* A block has 16 KB, or the length of the piece, but at most a sixteenth of the backlog. The backlog is cut by whole
 * blocks. A block as large as the backlog could only be freed when all of it is old, and memory would swing between one
 * backlog and two. */
static struct replication_block *add_block(struct replication *replication, uint64_t bytes)
{
    uint64_t limit = backlog_size(replication) / 16, wanted = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    struct replication_block *block;

    if (limit < CHUNK_BYTES)
        limit = CHUNK_BYTES;
    if (wanted > limit)
        wanted = limit;
    make_room_for_block(replication);
    block = block_at(replication, replication->end++);
    *block = (struct replication_block){
        .offset = replication->offset + 1,
        .bytes = class_of(replication, BLOCK_HEADER + wanted),
    };
    block->size = block->bytes - BLOCK_HEADER;
    replication->memory += block->bytes + LIST_NODE;
    *replication->used_memory += block->bytes + class_of(replication, LIST_NODE);
    return block;
}

static void append(struct replication *replication, struct replication_block *block, uint64_t *bytes)
{
    uint64_t room = block->size - block->used, copied = *bytes < room ? *bytes : room;

    block->used += copied;
    replication->offset += copied;
    replication->history += copied;
    *bytes -= copied;
}

/* Gives the block to the replicas that need it as their first one. */
static void hand_to_new_readers(struct replication *replication, int64_t number)
{
    for (int i = 0; i < replication->replica_count; i++)
        if (replication->replicas[i].block == NO_BLOCK && replication->replicas[i].state != REPLICA_WAITS &&
            replication->replicas[i].state != REPLICA_AWAY)
            replication->replicas[i].block = number;
}

/* Keeps a piece until the end of its unit. A value of SELECT_DB or more stands for a SELECT. */
static void collect(struct replication *replication, uint64_t piece)
{
    if (replication->piece_count == replication->piece_capacity)
        replication->pieces = xgrow(replication->pieces, &replication->piece_capacity, replication->piece_count + 1,
                                    sizeof *replication->pieces);
    replication->pieces[replication->piece_count++] = piece;
}

/* ---- client-output-buffer-limit ----
 *
 * A replica that does not read as fast as the server writes would make it hold the stream without end. So its connection
 * is closed beyond a limit. It comes back and asks for what it lacks, which the backlog may no longer have. Then it gets
 * another snapshot, during which the stream grows again: with a limit below what is written in that time, a replica never
 * gets there. */

/* getClientOutputBufferMemoryUsage: the blocks from its place on, each with its header and its node. */
static uint64_t output_bytes(const struct replication *replication, const struct replica *replica)
{
    const struct replication_block *first, *last;

    if (replica->block == NO_BLOCK)
        return 0;
    first = block_at(replication, replica->block);
    last = block_at(replication, replication->end - 1);
    return last->offset + last->size - first->offset +
           (uint64_t)(replication->end - replica->block) * (BLOCK_HEADER + LIST_NODE);
}

/* checkClientOutputBufferLimits. A hard limit below the backlog's size counts as that size. */
static bool is_over_limit(struct replication *replication, struct replica *replica)
{
    const struct output_limit *limit = &replication->config->client_output_buffer_limit.of[CLASS_REPLICA];
    uint64_t bytes = output_bytes(replication, replica), size = backlog_size(replication);
    uint64_t hard = limit->hard && limit->hard < size ? size : limit->hard;
    bool was_over = replica->soft_since_s != 0;

    if (!limit->soft || bytes < limit->soft)
        replica->soft_since_s = 0;
    else if (!was_over)
        replica->soft_since_s = *replication->unix_s;
    return (hard && bytes >= hard) || (was_over && replica->soft_since_s &&
                                       *replication->unix_s - replica->soft_since_s > (int64_t)limit->seconds);
}

static void check_limits(struct replication *replication)
{
    for (int i = 0; i < replication->replica_count; i++) {
        struct replica *replica = &replication->replicas[i];

        if (replica->state != REPLICA_AWAY)
            replica->closes |= is_over_limit(replication, replica);
    }
}

/* feedReplicationBuffer.
 *
 * All replicas get the same bytes. The server keeps those bytes once, and each replica has only a place in them. The
 * backlog is one more reader. So a second replica costs only its connection, but a replica that does not read keeps
 * every block from its place on. */
void replication_feed(struct replication *replication, uint64_t bytes)
{
    if (replication->collects) {
        collect(replication, bytes);
        return;
    }
    while (bytes) {
        bool has_tail = replication->end > replication->first;
        struct replication_block *block = has_tail ? block_at(replication, replication->end - 1) : NULL;
        bool appends = block && block->used < block->size;
        int64_t start = appends ? replication->end - 1 : replication->end;

        if (appends)
            append(replication, block, &bytes);
        if (!bytes) {
            hand_to_new_readers(replication, start);
            check_limits(replication);
            return;
        }
        block = add_block(replication, bytes);
        append(replication, block, &bytes);
        hand_to_new_readers(replication, start);
        if (++replication->unindexed >= INDEX_EVERY) {
            replication->unindexed = 0;
            index_block(replication, block);
        }
        trim(replication, TRIMMED_AT_ONCE);
    }
    check_limits(replication);
}

/* ---- commands ----
 *
 * A replica makes no decisions of its own. It does not evict and does not delete expired keys, because its clock and
 * its random numbers would differ. The master sends it a DEL or UNLINK for each key that it has evicted or expired. So
 * a server that evicts much sends much, and one that expires keys also sends because of reads. */

void replication_feed_argument(struct replication *replication, uint64_t length)
{
    replication_feed(replication, resp_header_bytes(length));
    replication_feed(replication, length);
    replication_feed(replication, 2);
}

void replication_select(struct replication *replication, int db)
{
    if (replication->collects) {
        collect(replication, SELECT_DB + (uint64_t)db);
        return;
    }
    if (replication->selected_db == db)
        return;
    replication->selected_db = db;
    replication_feed(replication, resp_header_bytes(2));
    replication_feed_argument(replication, 6);
    replication_feed_argument(replication, decimal_length(db));
}

static uint64_t deletion_bytes(const struct replication *replication, uint64_t key)
{
    uint64_t name = replication->profile->frees_lazily ? 6 : 3; /* UNLINK, DEL */

    return resp_header_bytes(2) + resp_bulk_bytes(name) + resp_bulk_bytes(key);
}

void replication_delete(struct replication *replication, int db, uint64_t key_length)
{
    replication_select(replication, db);
    replication_feed(replication, deletion_bytes(replication, key_length));
}

void replication_delete_later(struct replication *replication, uint64_t key_length)
{
    replication->pending++;
    replication->pending_bytes += deletion_bytes(replication, key_length);
}

static uint64_t field_deletion_bytes(uint64_t key, uint64_t field)
{
    const uint64_t name = 4; /* HDEL */

    return resp_header_bytes(3) + resp_bulk_bytes(name) + resp_bulk_bytes(key) + resp_bulk_bytes(field);
}

void replication_delete_field(struct replication *replication, int db, uint64_t key_length, uint64_t field_length)
{
    replication_select(replication, db);
    replication_feed(replication, field_deletion_bytes(key_length, field_length));
}

void replication_delete_field_later(struct replication *replication, uint64_t key_length, uint64_t field_length)
{
    replication->pending++;
    replication->pending_bytes += field_deletion_bytes(key_length, field_length);
}

void replication_command_later(struct replication *replication, uint64_t bytes)
{
    replication->pending++;
    replication->pending_bytes += bytes;
}

void replication_note_field(struct replication *replication, uint64_t field_length)
{
    replication->noted_fields++;
    replication->noted_bytes += resp_bulk_bytes(field_length);
}

void replication_delete_fields_later(struct replication *replication, uint64_t key_length)
{
    replication->pending++;
    replication->pending_bytes += resp_header_bytes(2 + replication->noted_fields) + resp_bulk_bytes(4) +
                                  resp_bulk_bytes(key_length) + replication->noted_bytes;
    replication->noted_fields = 0;
    replication->noted_bytes = 0;
}

void replication_begin_unit(struct replication *replication, int db, bool command_follows)
{
    if (!replication->pending && !command_follows)
        return;
    if (replication->collects)
        replication->collected_commands += replication->pending + command_follows;
    else if (replication->pending + command_follows > 1)
        replication_feed(replication, MULTI_BYTES);
    replication_select(replication, db);
    replication_feed(replication, replication->pending_bytes);
}

void replication_end_unit(struct replication *replication, bool command_followed)
{
    if (!replication->collects && replication->pending + command_followed > 1)
        replication_feed(replication, EXEC_BYTES);
    replication->pending = 0;
    replication->pending_bytes = 0;
}

void replication_begin_several(struct replication *replication)
{
    replication->collects = true;
    replication->collected_commands = replication->piece_count = 0;
}

void replication_end_several(struct replication *replication)
{
    bool is_wrapped = replication->collected_commands > 1;

    replication->collects = false;
    if (is_wrapped)
        replication_feed(replication, MULTI_BYTES);
    for (uint32_t i = 0; i < replication->piece_count; i++)
        if (replication->pieces[i] >= SELECT_DB)
            replication_select(replication, (int)(replication->pieces[i] - SELECT_DB));
        else
            replication_feed(replication, replication->pieces[i]);
    if (is_wrapped)
        replication_feed(replication, EXEC_BYTES);
    replication->piece_count = 0;
}

/* ---- replicas ---- */

/* The memory of a replica's connection. A replica reports once a second, so its query buffer never becomes idle. */
static uint64_t replica_bytes(const struct replication *replication)
{
    const struct server_profile *profile = replication->profile;
    bool has_buffer = profile->query_buffer == QUERY_PRIVATE;

    return profile->idle_client_bytes + profile->replica_bytes +
           (has_buffer ? client_query_shrinks(profile, replication->allocator) : 0);
}

static void create_backlog(struct replication *replication)
{
    if (replication->has_backlog)
        return;
    replication->has_backlog = true;
    *replication->used_memory += class_of(replication, BACKLOG_OBJECT);
    rax_init(&replication->index, replication->allocator, replication->used_memory);
}

static void free_backlog(struct replication *replication)
{
    for (int64_t number = replication->first; number < replication->end; number++)
        *replication->used_memory -= block_at(replication, number)->bytes + class_of(replication, LIST_NODE);
    *replication->used_memory -= class_of(replication, BACKLOG_OBJECT);
    rax_clear(&replication->index);
    replication->first = replication->end;
    replication->memory = replication->history = 0;
    replication->unindexed = 0;
    replication->has_backlog = replication->has_left = false;
}

/* As masterTryPartialResynchronization: the backlog must still have all bytes after that one. */
static bool may_continue(const struct replication *replication, uint64_t offset)
{
    return replication->has_backlog && offset + replication->history >= replication->offset;
}

/* The block that has the byte behind the offset; NO_BLOCK: it has not been written yet. */
static int64_t block_behind(const struct replication *replication, uint64_t offset)
{
    for (int64_t number = replication->first; number < replication->end; number++) {
        const struct replication_block *block = block_at(replication, number);

        if (block->offset + block->used > offset + 1)
            return number;
    }
    return NO_BLOCK;
}

/* The replica connects, new or again. It goes on behind the offset if it continues. */
static void join(struct replication *replication, struct replica *replica, bool continues, uint64_t offset)
{
    create_backlog(replication);
    *replication->used_memory += replica_bytes(replication);
    replica->state = continues || !replica->sync_us ? REPLICA_ONLINE : REPLICA_WAITS;
    replica->read_offset = continues ? offset : replication->offset;
    replica->read_us = *replication->now_us;
    replica->read_rest = 0;
    replica->block = continues && replica->rate != REPLICA_READS_ALL ? block_behind(replication, offset) : NO_BLOCK;
    if (!continues)
        replication->selected_db = -1;
}

bool replication_attach(struct replication *replication, int64_t sync_us, uint64_t rate)
{
    struct replica *replica = &replication->replicas[replication->replica_count];

    if (replication->replica_count == REPLICAS_AT_MOST)
        return false;
    *replica = (struct replica){.sync_us = sync_us, .rate = rate};
    join(replication, replica, replication->has_left && may_continue(replication, replication->left_offset),
         replication->left_offset);
    replication->replica_count++;
    replication->has_left = false;
    return true;
}

bool replication_detach(struct replication *replication, int64_t unix_s)
{
    const struct replica *replica;

    if (!replication->replica_count)
        return false;
    replica = &replication->replicas[--replication->replica_count];
    replication->has_left = replica->state == REPLICA_ONLINE;
    replication->left_offset = replica->rate == REPLICA_READS_ALL ? replication->offset : replica->read_offset;
    if (replica->state != REPLICA_AWAY)
        *replication->used_memory -= replica_bytes(replication);
    if (!replication->replica_count)
        replication->none_since_s = unix_s;
    trim(replication, TRIMMED_AT_ONCE);
    return true;
}

bool replication_set_rate(struct replication *replication, uint64_t rate)
{
    struct replica *replica;

    if (!replication->replica_count)
        return false;
    replica = &replication->replicas[replication->replica_count - 1];
    if (replica->rate == REPLICA_READS_ALL)
        replica->read_offset = replication->offset; /* unless it loads: then it begins to read when it has loaded */
    replica->rate = rate;
    replica->read_us = *replication->now_us;
    replica->read_rest = 0;
    return true;
}

int64_t replication_child_wanted(struct replication *replication)
{
    int64_t longest_us = 0;

    for (int i = 0; i < replication->replica_count; i++) {
        struct replica *replica = &replication->replicas[i];

        if (replica->state != REPLICA_WAITS)
            continue;
        replica->state = REPLICA_LOADS;
        replica->read_offset = replication->offset;
        replication->selected_db = -1;
        if (longest_us < replica->sync_us)
            longest_us = replica->sync_us;
    }
    return longest_us;
}

int64_t replication_child_ended(struct replication *replication)
{
    for (int i = 0; i < replication->replica_count; i++)
        if (replication->replicas[i].state == REPLICA_LOADS) {
            replication->replicas[i].state = REPLICA_ONLINE;
            replication->replicas[i].read_us = *replication->now_us;
        }
    return replication_child_wanted(replication);
}

void replication_init(struct replication *replication, const struct server_profile *profile,
                      const struct allocator *allocator, const struct redis_config *config, uint64_t *used_memory,
                      const int64_t *now_us, const int64_t *unix_s)
{
    *replication = (struct replication){
        .profile = profile,
        .allocator = allocator,
        .config = config,
        .used_memory = used_memory,
        .now_us = now_us,
        .unix_s = unix_s,
    };
}

void replication_release(struct replication *replication)
{
    rax_release(&replication->index);
    free(replication->blocks);
    free(replication->pieces);
}

/* ---- writing and cron ---- */

enum { US_PER_S = 1000000 };

/* How far the replica can have read by now. What it could have read while there was nothing is not made up for. */
static void read_on(const struct replication *replication, struct replica *replica)
{
    uint64_t elapsed_us = (uint64_t)(*replication->now_us - replica->read_us), bytes;
    uint64_t left = replication->offset - replica->read_offset;

    replica->read_us = *replication->now_us;
    if (replica->rate == REPLICA_READS_ALL || elapsed_us / US_PER_S >= left) {
        bytes = replica->rate ? left : 0; /* a byte a second would do */
    } else {
        uint64_t millionths = elapsed_us % US_PER_S * replica->rate + replica->read_rest;

        bytes = elapsed_us / US_PER_S * replica->rate + millionths / US_PER_S;
        replica->read_rest = millionths % US_PER_S;
    }
    if (bytes >= left) {
        bytes = left;
        replica->read_rest = 0;
    }
    replica->read_offset += bytes;
}

static bool has_read(const struct replica *replica, const struct replication_block *block)
{
    return replica->rate == REPLICA_READS_ALL || block->offset + block->used <= replica->read_offset + 1;
}

/* As writeToClient: after each block it trims the backlog. */
static void send_to(struct replication *replication, struct replica *replica)
{
    if (replica->rate != REPLICA_READS_ALL)
        read_on(replication, replica);
    while (replica->block != NO_BLOCK && replica->block < replication->end - 1 &&
           has_read(replica, block_at(replication, replica->block))) {
        replica->block++;
        trim(replication, TRIMMED_AT_ONCE);
    }
}

void replication_write(struct replication *replication)
{
    if (!replication_is_on(replication))
        return;
    for (int i = 0; i < replication->replica_count; i++)
        if (replication->replicas[i].state == REPLICA_ONLINE)
            send_to(replication, &replication->replicas[i]);
    trim(replication, 10 * TRIMMED_AT_ONCE);
}

/* The server closes the connection. The replica will be back, and has what it has read unless it was loading. */
static void drop(struct replication *replication, struct replica *replica)
{
    if (replica->state != REPLICA_ONLINE)
        replica->read_offset = 0;
    else if (replica->rate == REPLICA_READS_ALL)
        replica->read_offset = block_at(replication, replica->block)->offset - 1;
    replica->state = REPLICA_AWAY;
    replica->block = NO_BLOCK;
    replica->closes = false;
    replica->soft_since_s = 0;
    replica->returns_us = *replication->now_us + RETURNS_AFTER_US;
    *replication->used_memory -= replica_bytes(replication);
    replication->disconnections++;
    trim(replication, TRIMMED_AT_ONCE);
}

void replication_close(struct replication *replication)
{
    for (int i = 0; i < replication->replica_count; i++) {
        struct replica *replica = &replication->replicas[i];

        if (replica->closes)
            drop(replication, replica);
        else if (replica->state == REPLICA_AWAY && *replication->now_us >= replica->returns_us)
            join(replication, replica, replica->read_offset && may_continue(replication, replica->read_offset),
                 replica->read_offset);
    }
}

bool replication_is_slow(const struct replication *replication)
{
    for (int i = 0; i < replication->replica_count; i++) {
        const struct replica *replica = &replication->replicas[i];

        if (replica->state == REPLICA_AWAY || replica->closes || replica->soft_since_s ||
            (replica->state == REPLICA_ONLINE && replica->rate && replica->rate != REPLICA_READS_ALL &&
             replica->read_offset < replication->offset))
            return true;
    }
    return false;
}

static void replication_cron_second(struct replication *replication, int64_t unix_s)
{
    uint64_t keeps_s = replication->config->repl_backlog_ttl;

    if (replication->seconds++ % PING_PERIOD_S == 0 && replication->replica_count)
        replication_feed(replication, PING_BYTES);
    if (replication_is_on(replication) && !replication->replica_count && keeps_s &&
        (uint64_t)(unix_s - replication->none_since_s) > keeps_s)
        free_backlog(replication);
}

void replication_cron(struct replication *replication, int64_t unix_s)
{
    if (replication->cron_calls++ % replication->config->hz == 0)
        replication_cron_second(replication, unix_s);
    check_limits(replication);
}

/* ---- skipping empty time ---- */

void replication_describe(const struct replication *replication, struct state_list *list)
{
    state_list_add(list, replication->cron_calls % replication->config->hz);
    state_list_add(list, replication->replica_count ? replication->seconds % PING_PERIOD_S : 0);
    state_list_add(list, replication->has_backlog);
    state_list_add(list, (uint64_t)replication->replica_count);
    for (int i = 0; i < replication->replica_count; i++)
        state_list_add(list, replication->replicas[i].state);
}

/* The bytes of the nodes of the backlog's index. */
static uint64_t index_bytes(const struct replication *replication)
{
    return replication->has_backlog ? replication->index.bytes - class_of(replication, RAX_OBJECT) : 0;
}

uint64_t replication_stream_bytes(const struct replication *replication)
{
    uint64_t blocks = (uint64_t)(replication->end - replication->first);

    if (!replication_is_on(replication))
        return 0;
    return replication->memory + blocks * (class_of(replication, LIST_NODE) - LIST_NODE) + index_bytes(replication);
}

int64_t replication_backlog_ends_s(const struct replication *replication)
{
    uint64_t keeps_s = replication->config->repl_backlog_ttl;

    if (!replication_is_on(replication) || replication->replica_count || !keeps_s || keeps_s > INT64_MAX / 2)
        return INT64_MAX;
    return replication->none_since_s + (int64_t)keeps_s + 1;
}

/* Adds as many PINGs at once as the last block has room for. A block that could be trimmed in between can also be
 * trimmed afterwards. */
static void feed_pings(struct replication *replication, uint64_t pings)
{
    while (pings) {
        uint64_t room = 0, at_once;

        if (replication->end > replication->first) {
            const struct replication_block *tail = block_at(replication, replication->end - 1);

            room = tail->size - tail->used;
        }
        at_once = room / PING_BYTES < pings ? room / PING_BYTES : pings;
        at_once = at_once ? at_once : 1;
        replication_feed(replication, at_once * PING_BYTES);
        replication_write(replication);
        pings -= at_once;
    }
}

/* The number of PINGs: one in every tenth second, from the first second on. */
static uint64_t pings_until(uint64_t seconds)
{
    return (seconds + PING_PERIOD_S - 1) / PING_PERIOD_S;
}

void replication_move_on(struct replication *replication, uint64_t cron_calls, uint64_t seconds)
{
    uint64_t before = replication->seconds;

    replication->cron_calls += cron_calls;
    replication->seconds += seconds;
    if (replication->replica_count)
        feed_pings(replication, pings_until(replication->seconds) - pings_until(before));
}

/* ---- what counts against maxmemory ----
 *
 * Bytes that wait for a slow replica do not count against maxmemory. If they did, they would make the server evict
 * keys. Each eviction sends a DEL, which waits as well and leads to more evictions, until no key is left. The backlog
 * counts up to its configured size, because the user has asked for that much. */

uint64_t replication_not_counted(const struct replication *replication)
{
    uint64_t size = backlog_size(replication);
    uint64_t counted = size + (size / CHUNK_BYTES + 1) * (BLOCK_HEADER + LIST_NODE);

    return replication->memory > counted ? replication->memory - counted : 0;
}

void replication_look(const struct replication *replication, uint64_t *backlog, uint64_t *replicas)
{
    uint64_t waits;

    *backlog = *replicas = 0;
    if (!replication_is_on(replication))
        return;
    waits = replication_not_counted(replication);
    *backlog = replication_stream_bytes(replication) - waits + class_of(replication, BACKLOG_OBJECT) +
               class_of(replication, RAX_OBJECT);
    *replicas = waits + (uint64_t)replication->replica_count * replica_bytes(replication);
}
