/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream: the commands on streams, each in the server's order. Their elements are their arguments, in order. A blocking
 * read is assumed to end at once, with the entries that there are.
 *
 * Source: t_stream.c of Redis 7.0.15. */
#include "sim/server/commands/commands.h"
#include "sim/server/commands/stream_replicas.h"
#include "sim/server/commands/waiting.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/stream.h"
#include "sim/stream_words.h"

static const struct stream_id ID_LOWEST = {0, 0}, ID_HIGHEST = {UINT64_MAX, UINT64_MAX};

/* ---- arguments ---- */

/* The arguments that have not been taken yet. */
struct words {
    const struct element *next, *end;
};

static struct words words_of(const struct call *call)
{
    const struct element *first = call_elements(call);

    return (struct words){first, first + call->elements};
}

static bool take_word(struct words *words, enum stream_word word)
{
    if (words->next == words->end || !(words->next->flags & ELEMENT_WORD) || words->next->number != (int64_t)word)
        return false;
    words->next++;
    return true;
}

static int64_t take_number(struct words *words)
{
    return words->next++->number;
}

static uint32_t take_member(struct words *words)
{
    return words->next++->member;
}

/* The group of the entry's stream. NULL if the key is absent, or has no such group. */
static struct stream_group *find_group(const struct entry *entry, uint32_t name)
{
    return entry ? stream_group_find(stream_of(entry), name) : NULL;
}

static struct stream_id whole_id(const struct element *id)
{
    return (struct stream_id){(uint64_t)id->number, element_seq(id)};
}

/* An end of a range. An id without a sequence includes the whole millisecond. */
static struct stream_id range_end(const struct element *id, bool is_upper)
{
    struct stream_id end = whole_id(id);

    switch ((int)element_id_form(id)) {
    case ID_LEAST:
        return ID_LOWEST;
    case ID_MOST:
        return ID_HIGHEST;
    case ID_MS:
        end.seq = is_upper ? UINT64_MAX : 0;
        break;
    default:
        break;
    }
    if (id->flags & ELEMENT_EXCLUDES && is_upper)
        end = end.seq ? (struct stream_id){end.ms, end.seq - 1} : (struct stream_id){end.ms - 1, UINT64_MAX};
    else if (id->flags & ELEMENT_EXCLUDES)
        end = end.seq < UINT64_MAX ? (struct stream_id){end.ms, end.seq + 1} : (struct stream_id){end.ms + 1, 0};
    return end;
}

static bool next_id(struct stream_id *id)
{
    if (id->seq == UINT64_MAX && id->ms == UINT64_MAX)
        return false;
    id->ms += id->seq == UINT64_MAX;
    id->seq++;
    return true;
}

/* Takes MAXLEN or MINID if one comes next. */
static void take_trimming(struct words *words, struct stream_trim *trim, uint64_t entries_per_node)
{
    if (take_word(words, STREAM_MAXLEN))
        trim->by = TRIM_MAXLEN;
    else if (take_word(words, STREAM_MINID))
        trim->by = TRIM_MINID;
    else
        return;
    trim->approximately = take_word(words, STREAM_APPROXIMATELY);
    take_word(words, STREAM_EXACTLY);
    if (trim->by == TRIM_MAXLEN)
        trim->maxlen = (uint64_t)take_number(words);
    else
        trim->minid = whole_id(words->next++);
    if (take_word(words, STREAM_LIMIT))
        trim->limit = (uint64_t)take_number(words);
    else if (trim->approximately) /* the server's default, so that others need not wait for long */
        trim->limit = entries_per_node ? 100 * entries_per_node : 10000;
}

/* The server parses all ids before it looks for any. Returns false if one is invalid; the command has then failed. */
static bool are_ids(struct call *call, struct words words)
{
    for (; words.next < words.end; words.next++)
        if (words.next->flags & ELEMENT_INVALID) {
            call_reply_error(call);
            return false;
        }
    return true;
}

/* ---- replies ---- */

static uint32_t id_length(struct stream_id id)
{
    return decimal_length((int64_t)id.ms) + 1 + decimal_length((int64_t)id.seq);
}

static void reply_entry(struct call *call, const struct stream_entry *entry)
{
    call_reply_array(call, 2);
    call_reply_bulk(call, id_length(entry->id));
    call->reply += entry->reply_bytes;
}

/* ---- lookups ---- */

static struct entry *lookup_write(struct call *call)
{
    struct entry *entry = call_lookup_write(call);

    if (!call_is_wrong_type(call, entry))
        return entry;
    call_touched(call);
    return NULL;
}

static struct entry *create(struct call *call)
{
    struct value value =
        call_allocated(call, value_of_structure(call->redis, ENCODING_STREAM, stream_new(call->redis)));

    return call_create(call, &value);
}

/* ---- entries ---- */

/* Chooses the id as streamAppendItem does. Returns false if it is not above the last id. */
static bool settle_id(const struct call *call, const struct stream *stream, const struct element *wanted,
                      struct stream_id *id)
{
    *id = whole_id(wanted);
    switch ((int)element_id_form(wanted)) {
    case ID_AUTO:
        *id = (struct stream_id){(uint64_t)call->redis->unix_ms, 0};
        if (id->ms > stream->last.ms)
            return true;
        *id = stream->last;
        return next_id(id);
    case ID_AUTO_SEQ:
        if (id->ms == stream->last.ms) {
            id->seq = stream->last.seq + 1;
            return stream->last.seq != UINT64_MAX;
        }
        break;
    default:
        break;
    }
    return stream_id_compare(*id, stream->last) > 0;
}

void run_xadd(struct call *call)
{
    struct words words = words_of(call);
    struct stream_trim trim = {.by = TRIM_NONE};
    struct entry *entry;
    const struct element *wanted;
    struct stream_id id;
    bool makes_none = false;

    while (words.next->flags & ELEMENT_WORD) {
        makes_none |= take_word(&words, STREAM_NOMKSTREAM);
        take_trimming(&words, &trim, call->redis->config.stream_node_max_entries);
    }
    wanted = words.next++;
    if (element_id_form(wanted) == ID_WHOLE && !wanted->number && !element_seq(wanted)) {
        call_reply_error(call); /* no entry may have the id 0-0 */
        return;
    }
    entry = lookup_write(call);
    if (call->failed)
        return;
    if (!entry && makes_none) {
        call_reply_nil(call);
        return;
    }
    if (!entry)
        entry = create(call);
    if (!settle_id(call, stream_of(entry), wanted, &id)) {
        call_touched(call);
        call_reply_error(call);
        return;
    }
    stream_append_item(call->redis, stream_of(entry), id, words.next, (uint32_t)(words.end - words.next));
    call_written(call);
    stream_trim(stream_of(entry), &trim);
    call_propagate(call);
    call_reply_bulk(call, id_length(id));
    if (call->redis->blocked.count)
        blocked_note_ready(&call->redis->blocked, call->id);
}

void run_xlen(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, entry ? (int64_t)stream_of(entry)->length : 0);
}

void run_xtrim(struct call *call)
{
    struct words words = words_of(call);
    struct stream_trim trim = {.by = TRIM_NONE};
    struct entry *entry = lookup_write(call);
    uint64_t went = 0;

    if (call->failed)
        return;
    take_trimming(&words, &trim, call->redis->config.stream_node_max_entries);
    if (entry)
        went = stream_trim(stream_of(entry), &trim);
    if (went) {
        call_written(call);
        call_propagate(call);
    } else if (entry) {
        call_touched(call);
    }
    call_reply_integer(call, (int64_t)went);
}

void run_xdel(struct call *call)
{
    struct words words = words_of(call);
    struct entry *entry = lookup_write(call);
    int64_t deleted = 0;

    if (call->failed)
        return;
    if (entry && !are_ids(call, words)) {
        call_touched(call);
        return;
    }
    for (; entry && words.next < words.end; words.next++)
        deleted += stream_delete(stream_of(entry), whole_id(words.next));
    if (deleted) {
        call_written(call);
        call_propagate(call);
    } else if (entry) {
        call_touched(call);
    }
    call_reply_integer(call, deleted);
}

void run_xsetid(struct call *call)
{
    struct words words = words_of(call);
    struct entry *entry = lookup_write(call);

    if (call->failed)
        return;
    if (!entry || stream_id_compare(whole_id(words.next), stream_of(entry)->deleted_most) < 0 ||
        (stream_of(entry)->length && stream_id_compare(whole_id(words.next), stream_of(entry)->last) < 0)) {
        if (entry)
            call_touched(call);
        call_reply_error(call);
        return;
    }
    stream_of(entry)->last = whole_id(words.next);
    call_written(call);
    call_propagate(call);
    call_reply_ok(call);
}

/* Finds the consumer, or creates it. */
static uint32_t consumer_of(struct call *call, struct stream *stream, struct stream_group *group, uint32_t name)
{
    uint32_t consumer = stream_consumer_find(group, name);

    return consumer == NO_CONSUMER ? stream_consumer_create(call->redis, stream, group, name) : consumer;
}

/* The consumer, before it is known whether it gets an entry. Newer servers create it here. Others return NO_CONSUMER,
 * and create it with its first entry. */
static uint32_t early_consumer(struct call *call, struct stream *stream, struct stream_group *group, uint32_t name)
{
    return call->redis->profile->makes_consumers_early ? consumer_of(call, stream, group, name)
                                                       : stream_consumer_find(group, name);
}

/* ---- reading ---- */

/* A read of at most `most` entries. */
struct reading {
    struct call *call;
    int64_t most, count;
    uint64_t bytes; /* of the reply, without the head of the array */
    /* These are set when the entries are delivered to a group. */
    struct stream *stream;
    struct stream_group *group;
    uint32_t consumer, consumer_name; /* NO_CONSUMER: it is created with the first entry */
    bool pending;
    bool moved; /* the group's last entry is another */
};

static bool read_entry(void *owner, const struct stream_entry *entry)
{
    struct reading *reading = owner;
    uint64_t before = reading->call->reply;

    if (reading->count == reading->most)
        return false;
    reading->count++;
    reply_entry(reading->call, entry);
    reading->bytes += reading->call->reply - before;
    if (!reading->group)
        return true;
    if (reading->consumer == NO_CONSUMER)
        reading->consumer = consumer_of(reading->call, reading->stream, reading->group, reading->consumer_name);
    if (stream_id_compare(entry->id, reading->group->last) > 0) {
        stream_group_pass(reading->stream, reading->group, entry->id);
        reading->moved = true;
    }
    if (reading->pending) {
        stream_deliver(reading->call->redis, reading->stream, reading->group, reading->consumer, entry->id);
        stream_send_claim(reading->call, reading->group, entry->id);
    }
    return true;
}

/* What replicas are sent besides of what a group was given: a consumer that is new, where no entry of its own says so, and how
 * far the group has read. */
static void send_rest(const struct reading *reading, bool is_new)
{
    if (is_new && !reading->pending && reading->consumer != NO_CONSUMER)
        stream_send_consumer(reading->call, reading->group, reading->consumer);
    if (reading->moved && (!reading->pending || reading->call->redis->profile->reads_send_last))
        stream_send_last(reading->call, reading->group);
}

/* XRANGE, XREVRANGE */
void run_xrange(struct call *call)
{
    bool reversed = call->op == OP_XREVRANGE;
    struct words words = words_of(call);
    const struct element *one = words.next++, *other = words.next++;
    struct reading reading = {.call = call, .most = INT64_MAX};
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    if (take_word(&words, STREAM_COUNT))
        reading.most = take_number(&words);
    if (reading.most < 0)
        reading.most = 0;
    if (entry)
        stream_range(stream_of(entry), range_end(reversed ? other : one, false),
                     range_end(reversed ? one : other, true), reversed, read_entry, &reading);
    if (entry)
        call->reply_way = REPLY_IN_BLOCKS;
    call_reply_array(call, (uint64_t)reading.count);
}

/* The options before STREAMS, which are elements of the first row. The id is the row's last element. */
struct read_options {
    uint32_t group, consumer;
    int64_t count;
    bool for_group, no_ack;
    int64_t block_ms; /* how long it waits; 0: for ever, below: not at all */
    struct element id;
};

static struct read_options read_options_of(const struct call *call)
{
    struct read_options options = {.count = INT64_MAX, .block_ms = -1};
    uint32_t row = call->row;
    struct words words;

    while (row && call->batch->flags[row - 1] & REQUEST_MORE)
        row--;
    words.next = &call->batch->list[call->batch->first_element[row]];
    words.end = words.next + call->batch->elements[row];
    if (take_word(&words, STREAM_GROUP)) {
        options.for_group = true;
        options.group = take_member(&words);
        options.consumer = take_member(&words);
    }
    while (words.next->flags & ELEMENT_WORD) {
        if (take_word(&words, STREAM_COUNT))
            options.count = take_number(&words);
        else if (take_word(&words, STREAM_BLOCK))
            options.block_ms = take_number(&words);
        else if (take_word(&words, STREAM_NOACK))
            options.no_ack = true;
        else
            words.next++; /* the word STREAMS */
    }
    if (options.count <= 0)
        options.count = INT64_MAX;
    options.id = call_elements(call)[call->elements - 1];
    return options;
}

/* What XREAD and XREADGROUP wait for: an entry above an id, of each key, or above the last that the group was given. */
struct awaited {
    int64_t count;
    uint32_t group, consumer; /* NO_MEMBER: for no group */
    bool no_ack;
    struct stream_id after[]; /* by key */
};

static uint64_t place_of(const struct waiter *waiter, uint32_t id)
{
    uint64_t place = 0;

    while (place + 1 < waiter->key_count && waiter->keys[place] != id)
        place++;
    return place;
}

/* The key of a row that has entries, before them; call->count is the number of such rows. */
static void reply_key(struct call *call, const struct reading *reading)
{
    call->count++;
    call_reply_array(call, 2);
    call_reply_bulk(call, call->key_len);
    call_reply_array(call, (uint64_t)reading->count);
}

/* serveClientsBlockedOnStreamKey */
static bool serve_read(struct call *call, const struct waiter *waiter, uint32_t id)
{
    struct redis *redis = call->redis;
    const struct awaited *awaited = waiter->wanted;
    struct entry *entry = waiting_lookup(call, waiter, id);
    struct reading reading = {.call = call, .most = awaited->count, .pending = !awaited->no_ack};
    struct stream_id from;
    bool is_new = false;

    if (redis->profile->waiters_run_again) { /* as run_xread looks it up */
        key_lookup(redis, id, LOOKUP_READ);
        key_lookup(redis, id, LOOKUP_READ);
    }
    if (!entry)
        return false;
    from = awaited->after[place_of(waiter, id)];
    if (awaited->group != NO_MEMBER) {
        reading.stream = stream_of(entry);
        reading.group = stream_group_find(reading.stream, awaited->group);
        if (!reading.group) {
            call_reply_error(call);
            error_statistics_count(&redis->errors, ERROR_OF_NOGROUP);
            redis->counters.command_errors++;
            return true;
        }
        from = reading.group->last;
    }
    if (stream_id_compare(stream_of(entry)->last, from) <= 0 || !next_id(&from))
        return false;
    if (reading.group) {
        is_new = stream_consumer_find(reading.group, awaited->consumer) == NO_CONSUMER;
        reading.consumer = consumer_of(call, reading.stream, reading.group, awaited->consumer);
    }
    stream_range(stream_of(entry), from, ID_HIGHEST, false, read_entry, &reading);
    if (reading.group) {
        send_rest(&reading, is_new);
        waiting_propagate_noted(redis, waiter);
    }
    reply_key(call, &reading);
    call_reply_array_deferred(call, 1);
    return true;
}

static struct stream_id awaited_after(const struct call *call, uint32_t row)
{
    const struct batch *batch = call->batch;
    const struct element *id = &batch->list[batch->first_element[row] + batch->elements[row] - 1];
    const struct entry *entry = entry_of(call->redis, batch->id[row]);

    if (element_id_form(id) != ID_LAST)
        return whole_id(id);
    return entry->encoding == ENCODING_STREAM ? stream_of(entry)->last : (struct stream_id){0, 0};
}

static void wait_for_entries(struct call *call, const struct read_options *options)
{
    uint32_t first = call_first_row(call), keys = call->row - first + 1;
    struct awaited *awaited = xcalloc(1, sizeof *awaited + keys * sizeof *awaited->after);

    awaited->count = options->count;
    awaited->group = options->for_group ? options->group : NO_MEMBER;
    awaited->consumer = options->consumer;
    awaited->no_ack = options->no_ack;
    for (uint32_t key = 0; key < keys; key++)
        awaited->after[key] = awaited_after(call, first + key);
    waiting_begin(call, (struct waiter){.wanted = awaited, .serve = serve_read}, first, keys, options->block_ms);
}

/* Ends a row's part of the reply, its key and entries. call->count is the number of rows with entries. */
static void end_read(struct call *call, const struct reading *reading, const struct read_options *options)
{
    if (reading->count)
        reply_key(call, reading);
    if (call->flags & REQUEST_MORE)
        return;
    if (call->count)
        call_reply_array_deferred(call, (uint64_t)call->count);
    else if (options->block_ms >= 0 && !call->failed)
        wait_for_entries(call, options);
    else
        call_reply_nil(call);
}

void run_xread(struct call *call)
{
    struct read_options options = read_options_of(call);
    struct reading reading = {.call = call, .most = options.count};
    struct stream_id from = whole_id(&options.id);
    struct entry *entry;

    call_lookup_typed(call); /* checks the type */
    if (call->failed)
        return;
    entry = call_lookup_typed(call); /* reads */
    if (entry && element_id_form(&options.id) != ID_LAST && next_id(&from))
        stream_range(stream_of(entry), from, ID_HIGHEST, false, read_entry, &reading);
    end_read(call, &reading, &options);
}

/* ---- consumer groups ---- */

/* Replies with the pending entries of a consumer after an id. */
static void read_pending(struct call *call, struct stream *stream, struct stream_group *group, uint32_t consumer,
                         struct stream_id from, struct reading *reading)
{
    struct reading one = {.call = call, .most = 1};
    struct stream_id id = from;

    while (reading->count < reading->most && next_id(&id) &&
           stream_next_pending(&group->consumers[consumer].pending, &id)) {
        one.count = 0;
        stream_range(stream, id, id, false, read_entry, &one);
        if (one.count)
            stream_pending_redeliver(call->redis, group, id);
        if (!one.count) { /* the entry was deleted: its fields are nil */
            call_reply_array(call, 2);
            call_reply_bulk(call, id_length(id));
            call_reply_nil(call);
        }
        reading->count++;
    }
}

void run_xreadgroup(struct call *call)
{
    struct read_options options = read_options_of(call);
    struct reading reading = {.call = call, .most = options.count, .pending = !options.no_ack};
    struct entry *entry = call_lookup_typed(call); /* finds the group */
    struct stream_id from;
    bool is_new;

    if (call->failed)
        return;
    reading.group = find_group(entry, options.group);
    if (!reading.group) {
        call_reply_error_of(call, ERROR_OF_NOGROUP);
        return;
    }
    entry = call_lookup_typed(call); /* reads */
    reading.stream = stream_of(entry);
    reading.consumer_name = options.consumer;
    is_new = stream_consumer_find(reading.group, options.consumer) == NO_CONSUMER;
    reading.consumer = early_consumer(call, reading.stream, reading.group, options.consumer);
    if (element_id_form(&options.id) == ID_NEW) {
        from = reading.group->last;
        if (next_id(&from))
            stream_range(reading.stream, from, ID_HIGHEST, false, read_entry, &reading);
    } else {
        struct stream_group *group = reading.group;

        reading.consumer = consumer_of(call, reading.stream, group, options.consumer);
        read_pending(call, reading.stream, group, reading.consumer, whole_id(&options.id), &reading);
        reading.count += !reading.count; /* the key is replied even without entries */
    }
    keyspace_note_modified(call->redis, call->id);
    send_rest(&reading, is_new);
    end_read(call, &reading, &options);
}

void run_xack(struct call *call)
{
    struct words words = words_of(call);
    uint32_t name = take_member(&words);
    struct entry *entry = call_lookup_typed(call);
    struct stream_group *group;
    int64_t acknowledged = 0;

    if (call->failed)
        return;
    group = find_group(entry, name);
    if (group && !are_ids(call, words))
        return;
    for (; group && words.next < words.end; words.next++)
        acknowledged += stream_acknowledge(call->redis, stream_of(entry), group, whole_id(words.next));
    if (acknowledged) {
        keyspace_note_modified(call->redis, call->id);
        call_propagate(call);
    }
    call_reply_integer(call, acknowledged);
}

void run_xpending(struct call *call)
{
    struct words words = words_of(call);
    uint32_t name = take_member(&words);
    struct entry *entry = call_lookup_typed(call);
    struct stream_group *group;

    if (call->failed)
        return;
    group = find_group(entry, name);
    if (!group) {
        call_reply_error_of(call, ERROR_OF_NOGROUP);
        return;
    }
    call_reply_array(call, 4); /* assumed for ranges as well: the length of the summary's reply */
    call_reply_integer(call, (int64_t)group->pending.count);
    call_reply_nil(call);
    call_reply_nil(call);
}

static bool find_entry(void *owner, const struct stream_entry *entry)
{
    (void)entry;
    *(bool *)owner = true;
    return false;
}

static bool has_entry(const struct stream *stream, struct stream_id id)
{
    bool has_it = false;

    stream_range(stream, id, id, false, find_entry, &has_it);
    return has_it;
}

enum claim { CLAIM_LEFT, CLAIM_TAKEN, CLAIM_FORGOTTEN };

/* What XCLAIM and XAUTOCLAIM do with each entry. */
struct claiming {
    struct call *call;
    struct stream *stream;
    struct stream_group *group;
    uint32_t consumer, consumer_name; /* NO_CONSUMER: it is created with the first entry */
    int64_t idle_ms;                  /* a pending entry is left that was delivered later */
    int64_t delivered_ms;             /* Unix time: when it was delivered from now on */
    bool forced;                      /* an entry that is not pending becomes so */
    bool ids_only;                    /* are replied, and that is no delivery */
    int64_t deliveries;               /* how many there were from now on; below 0: one more */
    int64_t count;                    /* of entries that were claimed */
    bool sent;                        /* replicas have been told of one, and of the group's last entry with it */
};

static void reply_claimed(const struct claiming *claiming, struct stream_id id)
{
    struct reading reading = {.call = claiming->call, .most = 1};

    if (claiming->ids_only)
        call_reply_bulk(claiming->call, id_length(id));
    else
        stream_range(claiming->stream, id, id, false, read_entry, &reading);
}

/* Claims an entry for the consumer if it is pending and has been idle for long enough. An entry that is no longer in the
 * stream is forgotten, however long it has been idle, and is never made pending. */
static enum claim claim(struct claiming *claiming, struct stream_id id)
{
    const struct stream_pending *pending = stream_pending_find(claiming->group, id);
    struct stream_pending *claimed;
    struct redis *redis = claiming->call->redis;
    uint32_t deliveries;

    if (!has_entry(claiming->stream, id)) {
        if (!pending)
            return CLAIM_LEFT;
        stream_send_claim(claiming->call, claiming->group, id);
        stream_acknowledge(claiming->call->redis, claiming->stream, claiming->group, id);
        claiming->sent = true;
        return CLAIM_FORGOTTEN;
    }
    if (!pending && !claiming->forced)
        return CLAIM_LEFT;
    if (pending && claiming->idle_ms > 0 && redis->unix_ms - pending->delivered_ms < claiming->idle_ms)
        return CLAIM_LEFT;
    if (claiming->consumer == NO_CONSUMER)
        claiming->consumer = consumer_of(claiming->call, claiming->stream, claiming->group, claiming->consumer_name);
    deliveries = (pending ? pending->deliveries : UINT32_C(1)) + !claiming->ids_only;
    stream_deliver(redis, claiming->stream, claiming->group, claiming->consumer, id);
    claimed = stream_pending_find(claiming->group, id);
    claimed->delivered_ms = claiming->delivered_ms;
    claimed->deliveries = claiming->deliveries >= 0 ? (uint32_t)claiming->deliveries : deliveries;
    stream_send_claim(claiming->call, claiming->group, id);
    claiming->sent = true;
    reply_claimed(claiming, id);
    claiming->count++;
    return CLAIM_TAKEN;
}

/* The options that follow the ids of XCLAIM; *moved: LASTID has moved the group. Returns false if one is invalid; the command has then failed. */
static bool take_claim_options(struct claiming *claiming, struct words words, bool *moved)
{
    int64_t now_ms = claiming->call->redis->unix_ms;
    struct stream_id last = ID_LOWEST;
    bool valid = are_ids(claiming->call, words);

    while (valid && words.next < words.end) {
        if (take_word(&words, STREAM_FORCE))
            claiming->forced = true;
        else if (take_word(&words, STREAM_JUSTID))
            claiming->ids_only = true;
        else if (take_word(&words, STREAM_IDLE))
            claiming->delivered_ms = now_ms - take_number(&words);
        else if (take_word(&words, STREAM_TIME))
            claiming->delivered_ms = take_number(&words);
        else if (take_word(&words, STREAM_RETRYCOUNT))
            claiming->deliveries = take_number(&words);
        else if (take_word(&words, STREAM_LASTID))
            last = whole_id(words.next++);
        else
            words.next++; /* an id */
    }
    if (claiming->delivered_ms < 0 || claiming->delivered_ms > now_ms)
        claiming->delivered_ms = now_ms;
    if (valid && stream_id_compare(last, claiming->group->last) > 0) {
        claiming->group->last = last;
        *moved = true;
    }
    return valid;
}

void run_xclaim(struct call *call)
{
    struct words words = words_of(call);
    uint32_t name = take_member(&words), consumer_name = take_member(&words);
    int64_t idle_ms = take_number(&words);
    struct entry *entry = call_lookup_typed(call);
    bool moved = false;
    struct claiming claiming = {.call = call,
                                .consumer_name = consumer_name,
                                .idle_ms = idle_ms,
                                .delivered_ms = call->redis->unix_ms,
                                .deliveries = -1};

    if (call->failed)
        return;
    claiming.group = find_group(entry, name);
    if (!claiming.group) {
        call_reply_error_of(call, ERROR_OF_NOGROUP);
        return;
    }
    claiming.stream = stream_of(entry);
    if (!take_claim_options(&claiming, words, &moved))
        return;
    claiming.consumer = early_consumer(call, claiming.stream, claiming.group, consumer_name);
    for (; words.next < words.end && words.next->flags & ELEMENT_ID; words.next++)
        claim(&claiming, whole_id(words.next));
    keyspace_note_modified(call->redis, call->id);
    if (moved && !claiming.sent)
        stream_send_last(call, claiming.group);
    call_reply_array_deferred(call, (uint64_t)claiming.count);
}

void run_xautoclaim(struct call *call)
{
    struct words words = words_of(call);
    uint32_t name = take_member(&words), consumer_name = take_member(&words);
    int64_t idle_ms = take_number(&words), count = 100, attempts, forgotten = 0;
    struct stream_id id = range_end(words.next++, false);
    struct entry *entry = call_lookup_typed(call);
    struct claiming claiming = {.call = call,
                                .consumer_name = consumer_name,
                                .idle_ms = idle_ms,
                                .delivered_ms = call->redis->unix_ms,
                                .deliveries = -1};

    if (call->failed)
        return;
    while (words.next < words.end) {
        if (take_word(&words, STREAM_COUNT))
            count = take_number(&words);
        else
            claiming.ids_only |= take_word(&words, STREAM_JUSTID);
    }
    claiming.group = find_group(entry, name);
    if (!claiming.group) {
        call_reply_error_of(call, ERROR_OF_NOGROUP);
        return;
    }
    claiming.stream = stream_of(entry);
    claiming.consumer = early_consumer(call, claiming.stream, claiming.group, consumer_name);
    for (attempts = 10 * count; attempts && count && stream_next_pending(&claiming.group->pending, &id); attempts--) {
        enum claim claimed = claim(&claiming, id);

        forgotten += claimed == CLAIM_FORGOTTEN;
        count -= claimed != CLAIM_LEFT; /* it limits the reply, which has those that were forgotten */
        if (!next_id(&id))
            break;
    }
    keyspace_note_modified(call->redis, call->id);
    call_reply_array_deferred(call, (uint64_t)claiming.count);
    call_reply_array(call, 3);
    call_reply_bulk(call, id_length(id));
    call_reply_array(call, (uint64_t)forgotten);
    while (forgotten--)
        call_reply_bulk(call, id_length(id));
}

void run_xgroup_create(struct call *call)
{
    struct words words = words_of(call);
    uint32_t name = take_member(&words);
    const struct element *wanted = words.next++;
    bool makes_stream = take_word(&words, STREAM_MKSTREAM);
    int64_t read = ENTRIES_READ_UNKNOWN;
    struct stream_group *group;
    struct entry *entry = lookup_write(call);
    struct stream_id last = whole_id(wanted);

    if (call->failed)
        return;
    if (take_word(&words, STREAM_ENTRIESREAD)) {
        read = take_number(&words);
        makes_stream |= take_word(&words, STREAM_MKSTREAM);
    }
    if (!entry && makes_stream)
        entry = create(call);
    if (entry && element_id_form(wanted) == ID_LAST)
        last = stream_of(entry)->last;
    if (!entry) {
        call_reply_error(call);
        return;
    }
    group = stream_group_create(call->redis, stream_of(entry), name, last);
    if (!group) {
        call_touched(call);
        call_reply_error_of(call, ERROR_OF_BUSYGROUP);
        return;
    }
    group->read = read;
    call_written(call);
    call_propagate(call);
    call_reply_ok(call);
}

/* XGROUP SETID, DESTROY, CREATECONSUMER, DELCONSUMER */
void run_xgroup(struct call *call)
{
    struct words words = words_of(call);
    uint32_t name = take_member(&words), consumer;
    struct entry *entry = lookup_write(call);
    struct stream_group *group;
    int64_t answer = 0;

    if (call->failed)
        return;
    group = find_group(entry, name);
    if (entry)
        call_touched(call);
    if (!entry || (!group && call->op != OP_XGROUP_DESTROY)) {
        call_reply_error_of(call, entry ? ERROR_OF_NOGROUP : ERROR_OF_ERR);
        return;
    }
    if (call->op == OP_XGROUP_SETID) {
        group->last = element_id_form(words.next) == ID_LAST ? stream_of(entry)->last : whole_id(words.next);
        words.next++;
        keyspace_note_modified(call->redis, call->id);
        group->read = take_word(&words, STREAM_ENTRIESREAD) ? take_number(&words) : ENTRIES_READ_UNKNOWN;
        call_propagate(call);
        call_reply_ok(call);
        return;
    }
    if (call->op == OP_XGROUP_DESTROY) {
        answer = group != NULL;
        if (group) {
            stream_group_destroy(call->redis, stream_of(entry), group);
            keyspace_note_modified(call->redis, call->id);
        }
        if (group && call->redis->blocked.count) /* who waits for the group is told that it is gone */
            blocked_note_ready(&call->redis->blocked, call->id);
    } else {
        uint32_t consumer_name = take_member(&words);

        consumer = stream_consumer_find(group, consumer_name);
        if (call->op == OP_XGROUP_CREATECONSUMER || consumer != NO_CONSUMER)
            keyspace_note_modified(call->redis, call->id);
        if (call->op == OP_XGROUP_CREATECONSUMER && consumer == NO_CONSUMER) {
            stream_consumer_create(call->redis, stream_of(entry), group, consumer_name);
            answer = 1;
        } else if (call->op == OP_XGROUP_DELCONSUMER && consumer != NO_CONSUMER) {
            answer = (int64_t)stream_consumer_delete(call->redis, stream_of(entry), group, consumer);
        }
    }
    call_propagate(call);
    call_reply_integer(call, answer);
}

/* XINFO. The reply has a typical length, which does not depend on the stream. */
void run_xinfo(struct call *call)
{
    enum { TYPICAL = 300 };
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    if (!entry)
        call_reply_error(call);
    else if (call->op == OP_XINFO_CONSUMERS && !find_group(entry, call_elements(call)->member))
        call_reply_error_of(call, ERROR_OF_NOGROUP);
    else
        call->reply += TYPICAL;
}
