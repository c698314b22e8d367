/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/capture/connection.h"

#include "sim/alloc.h"
#include "traces/capture/flow.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    REDIS_PORT = 6379,
    PROOFS = 4,
    CALM_US = 200000,
    DEFER_MOST = 16,        /* segments that wait for what they acknowledge, */
    DEFER_MOST_US = 5000,   /* and for how long */
    UNDECIDED_MOST = 1024,  /* segments without a command: it is none of Redis */
    HOLD_MOST_US = 5000000, /* a command waits for its reply, */
    HOLD_MOST = 64 << 20,   /* and bytes of commands that do */
    FAR = 1 << 28,          /* no two bytes on their way are so far apart */
};

enum side { CLIENT, SERVER, UNDECIDED };
enum kind { KIND_REDIS, KIND_UNKNOWN, KIND_OTHER };
/* What replies are good for. */
enum trust { TRUSTED, PROVING, LOST_REPLIES };

struct deferred {
    struct deferred *later;
    enum side from;
    struct segment segment; /* its data is behind it */
    char data[];
};

struct connection {
    struct capture *capture;
    struct endpoint client;
    char name[ENDPOINT_TEXT];
    uint32_t name_bytes;
    uint32_t holders; /* the table, and exchanges */
    enum kind kind;
    bool is_checked;      /* what the client sends has been seen to be a command */
    unsigned undecided;   /* segments so far */
    struct flow sides[2]; /* what the client, and the server, have sent */
    struct request_reader requests;
    struct reply_reader replies;
    enum trust trust;
    unsigned proofs;
    enum side last_from; /* of a segment with data */
    int64_t last_us;
    struct exchange *unanswered, *last_unanswered;
    struct exchange *behind_multi, *last_behind_multi;
    bool in_multi, has_begun; /* MULTI was sent, not yet EXEC; its first byte has been seen */
    bool ended[2];
    bool is_closed;   /* that it was closed is in the queue */
    int64_t ended_us; /* when the first side said that it sends no more */
    uint32_t number;  /* the caller's, of the client; UINT32_MAX: none yet */
    uint8_t db;
    bool may_lack_select,
        db_is_assumed;             /* of the bytes before the next command; of the commands that leave the queue */
    const struct segment *current; /* that is being taken */
    struct deferred *deferred, *last_deferred;
    unsigned deferred_count;
    uint64_t deferred_bytes;
    uint64_t memory; /* as counted in the capture's; commands are counted by themselves */
};

static uint64_t exchange_memory(const struct exchange *exchange)
{
    return exchange->bytes + exchange->item_count * sizeof *exchange->items;
}

/* Brings the capture's sum up to date. */
static void count_memory(struct connection *connection)
{
    const struct request_reader *requests = &connection->requests;
    uint64_t memory = sizeof *connection + connection->deferred_bytes + requests->capacity + requests->line_capacity +
                      requests->ends_capacity * sizeof *requests->ends +
                      connection->replies.capacity * sizeof *connection->replies.items;

    for (int side = 0; side < 2; side++)
        memory += connection->sides[side].memory;
    connection->capture->memory += memory - connection->memory;
    connection->memory = memory;
}

/* ---- exchanges ---- */

static void connection_drop(struct connection *connection)
{
    if (--connection->holders)
        return;
    connection->capture->memory -= connection->memory;
    flow_release(&connection->sides[CLIENT]);
    flow_release(&connection->sides[SERVER]);
    requests_release(&connection->requests);
    replies_release(&connection->replies);
    free(connection);
}

/* Frees the exchange when nobody needs it. */
static void release_if_done(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;

    if (exchange->is_queued || exchange->is_unanswered)
        return;
    connection->capture->memory -= exchange_memory(exchange);
    exchange_free(exchange);
    connection_drop(connection);
}

void exchange_done(struct exchange *exchange)
{
    /* What was behind MULTI may still wait for replies: it is let go by itself. */
    while (exchange->transaction) {
        struct exchange *first = exchange->transaction;

        exchange->transaction = first->later;
        exchange_done(first);
    }
    exchange->is_queued = false;
    release_if_done(exchange);
}

static void drop_behind_multi(struct connection *connection)
{
    while (connection->behind_multi) {
        struct exchange *first = connection->behind_multi;

        connection->behind_multi = first->later;
        exchange_done(first);
    }
    connection->last_behind_multi = NULL;
    connection->in_multi = false;
}

static struct exchange *take_unanswered(struct connection *connection)
{
    struct exchange *exchange = connection->unanswered;

    connection->unanswered = exchange->later_unanswered;
    if (!connection->unanswered)
        connection->last_unanswered = NULL;
    exchange->is_unanswered = false;
    exchange->is_ready = true;
    return exchange;
}

/* Nobody knows any more which reply is whose. */
static void lose_replies(struct connection *connection)
{
    while (connection->unanswered) {
        struct exchange *exchange = take_unanswered(connection);

        release_if_done(exchange);
    }
    connection->trust = LOST_REPLIES;
    connection->proofs = 0;
    replies_begin(&connection->replies, true);
}

/* ---- replies ---- */

static bool fits(const struct exchange *exchange, const struct reply_reader *reader)
{
    uint32_t size;
    bool is_nil;

    if (*reader->first_word || !reader->count)
        return true;
    if (exchange->op == OP_GET || exchange->op == OP_GETEX || exchange->op == OP_GETDEL)
        return exchange_size(exchange->op, reader->items, reader->count, 0, &size, &is_nil);
    if (exchange->op == OP_MGET)
        return reader->items->type == '*' && reader->items->number == (int64_t)exchange->count - 1;
    return true;
}

static void take_reply(void *owner, struct reply_reader *reader)
{
    struct connection *connection = owner;
    struct exchange *exchange;

    if (!connection->unanswered || !fits(connection->unanswered, reader)) {
        lose_replies(connection);
        return;
    }
    exchange = take_unanswered(connection);
    if (connection->trust == TRUSTED) {
        exchange_answer(exchange, reader);
        connection->capture->memory += exchange_memory(exchange) - exchange->bytes;
    }
    release_if_done(exchange);
}

/* ---- commands ---- */

/* It may be answered when another client does something: nobody waits for it. */
static bool may_wait(enum op op)
{
    return op == OP_COUNT || command_takes(op, 'b') || op == OP_BZPOPMIN || op == OP_BZPOPMAX || op == OP_XREAD ||
           op == OP_XREADGROUP || op == OP_WAIT || op == OP_WAITAOF;
}

/* What follows is no longer a reply for each command. */
static bool ends_order(enum op op)
{
    return op == OP_SUBSCRIBE || op == OP_PSUBSCRIBE || op == OP_SSUBSCRIBE || op == OP_UNSUBSCRIBE ||
           op == OP_PUNSUBSCRIBE || op == OP_SUNSUBSCRIBE || op == OP_MONITOR;
}

static bool is_client_reply(const struct exchange *exchange)
{
    return exchange->count > 1 && exchange->arguments[0].bytes == 6 && exchange->arguments[1].bytes == 5 &&
           !strncasecmp(exchange->arguments[0].text, "client", 6) &&
           !strncasecmp(exchange->arguments[1].text, "reply", 5);
}

static void append(struct exchange **first, struct exchange **last, struct exchange *exchange)
{
    if (*first)
        (*last)->later = exchange;
    else
        *first = exchange;
    *last = exchange;
    exchange->is_queued = true;
}

/* Puts it into the queue, or behind MULTI. */
static void queue(struct connection *connection, struct exchange *exchange)
{
    struct capture *capture = connection->capture;
    enum op op = exchange->op;
    bool is_behind = connection->in_multi && op != OP_EXEC && op != OP_DISCARD && op != OP_RESET && op != OP_QUIT &&
                     op != OP_MULTI && op != OP_WATCH;

    if (is_behind) {
        append(&connection->behind_multi, &connection->last_behind_multi, exchange);
        return;
    }
    if (op == OP_EXEC) {
        exchange->transaction = connection->behind_multi;
        connection->behind_multi = connection->last_behind_multi = NULL;
        connection->in_multi = false;
    } else if (op == OP_DISCARD || op == OP_RESET) {
        drop_behind_multi(connection);
    }
    connection->in_multi |= op == OP_MULTI;
    append(&capture->first, &capture->last, exchange);
    capture->bytes += exchange->bytes;
}

static void take_command(void *owner, struct request_reader *reader)
{
    struct connection *connection = owner;
    struct exchange *exchange = exchange_new(reader);

    exchange->connection = connection;
    connection->capture->memory += exchange_memory(exchange);
    exchange->packet = connection->current->packet;
    exchange->may_lack_select = connection->may_lack_select;
    connection->may_lack_select = false;
    exchange->time_us = connection->current->time_us;
    connection->holders++;
    exchange->is_ready = connection->trust != TRUSTED || may_wait(exchange->op);
    if (connection->trust != LOST_REPLIES) {
        if (connection->unanswered)
            connection->last_unanswered->later_unanswered = exchange;
        else
            connection->unanswered = exchange;
        connection->last_unanswered = exchange;
        exchange->is_unanswered = true;
    }
    queue(connection, exchange);
    if (ends_order(exchange->op) || is_client_reply(exchange))
        lose_replies(connection);
    if (exchange->op == OP_PSYNC || exchange->op == OP_SYNC) { /* what follows is replication */
        lose_replies(connection);
        connection->kind = KIND_OTHER;
    }
}

/* It was closed at that time, and no more commands will come. */
static void queue_closing(struct connection *connection, int64_t time_us)
{
    struct exchange *closing;

    if (connection->is_closed || connection->kind != KIND_REDIS)
        return;
    connection->is_closed = true;
    closing = exchange_new_closing();
    closing->connection = connection;
    closing->time_us = time_us;
    connection->holders++;
    append(&connection->capture->first, &connection->capture->last, closing);
    connection->capture->bytes += closing->bytes;
    connection->capture->memory += exchange_memory(closing);
}

/* ---- bytes ---- */

static void count_gap(struct connection *connection, uint64_t bytes)
{
    connection->capture->intake->capture_gaps++;
    connection->capture->intake->capture_gap_bytes += bytes;
}

/* Whether the first bytes of a connection may be those of a client of Redis. */
static bool may_be_redis(const char *data, uint64_t bytes)
{
    return *data == '*' || *data == '\r' || *data == '\n' || requests_inline_at(data, data + bytes);
}

static void set_other(struct connection *connection, const char *data, uint64_t bytes)
{
    bool is_tls = bytes >= 2 && data[0] == 0x16 && data[1] == 3;

    lose_replies(connection);
    connection->kind = KIND_OTHER;
    connection->capture->intake->capture_others++;
    connection->capture->intake->capture_encrypted += is_tls;
}

static void take_requests(void *owner, const char *data, uint64_t bytes)
{
    struct connection *connection = owner;

    if (connection->kind == KIND_OTHER)
        return;
    if (!connection->is_checked && data && !may_be_redis(data, bytes)) {
        set_other(connection, data, bytes);
        return;
    }
    connection->is_checked = true;
    if (!data)
        count_gap(connection, bytes);
    /* What lies within an argument of known length hides no command. */
    if (!requests_take(&connection->requests, data, bytes, take_command, connection)) {
        connection->may_lack_select = true;
        lose_replies(connection);
        drop_behind_multi(connection);
    }
}

static void take_replies(void *owner, const char *data, uint64_t bytes)
{
    struct connection *connection = owner;

    if (connection->kind == KIND_OTHER)
        return;
    if (!data)
        count_gap(connection, bytes);
    if (!replies_take(&connection->replies, data, bytes, take_reply, connection))
        lose_replies(connection);
}

static flow_take_fn *const takers[] = {[CLIENT] = take_requests, [SERVER] = take_replies};

/* ---- segments ---- */

/* What the client sends when it has got what it asked for shows that replies fit. */
static void note_request(struct connection *connection, const struct segment *segment)
{
    const struct flow *server = &connection->sides[SERVER];
    bool has_all = connection->last_from == SERVER && server->begun && segment->has_ack &&
                   flow_place(server, segment->acknowledged) == (int64_t)server->next;
    bool is_calm = has_all && segment->time_us - connection->last_us >= CALM_US;

    if (connection->trust == TRUSTED)
        return;
    if (connection->trust == LOST_REPLIES && has_all) {
        replies_begin(&connection->replies, false);
        connection->trust = PROVING;
        connection->proofs = 0;
    } else if (connection->trust == PROVING && has_all && !connection->unanswered &&
               replies_at_rest(&connection->replies)) {
        connection->proofs++;
    }
    if (connection->trust == PROVING && !connection->unanswered && (is_calm || connection->proofs >= PROOFS))
        connection->trust = TRUSTED;
}

/* Takes a segment whose acknowledged bytes are known. */
static void take_segment(struct connection *connection, enum side from, const struct segment *segment)
{
    struct flow *flow = &connection->sides[from];
    int64_t place;
    bool is_new;

    if (!segment->bytes)
        return;
    if (!flow->begun)
        flow_begin(flow, segment->sequence);
    place = flow_place(flow, segment->sequence);
    is_new = place + segment->bytes > (int64_t)flow->next;
    if (from == CLIENT && is_new)
        note_request(connection, segment);
    connection->current = segment;
    flow_add(flow, segment->sequence, segment->data, segment->captured, segment->bytes, segment->time_us, takers[from],
             connection);
    connection->current = NULL;
    if (is_new) {
        connection->last_from = from;
        connection->last_us = segment->time_us;
    }
}

/* The place up to which the other side has sent, as this segment says; -1: it does not. */
static int64_t acknowledged(const struct connection *connection, enum side from, const struct segment *segment)
{
    const struct flow *other = &connection->sides[!from];
    int64_t place = segment->has_ack && other->begun ? flow_place(other, segment->acknowledged) : -1;

    return place - (int64_t)other->next < FAR ? place : -1;
}

/* Whether it acknowledges what has not been seen. The place behind FIN is that of no byte. */
static bool is_early(const struct connection *connection, enum side from, const struct segment *segment)
{
    return acknowledged(connection, from, segment) > (int64_t)connection->sides[!from].next + connection->ended[!from];
}

static void defer(struct connection *connection, enum side from, const struct segment *segment)
{
    struct deferred *deferred = xmalloc(sizeof *deferred + segment->captured);

    *deferred = (struct deferred){.from = from, .segment = *segment};
    memcpy(deferred->data, segment->data, segment->captured);
    deferred->segment.data = deferred->data;
    if (connection->deferred)
        connection->last_deferred->later = deferred;
    else
        connection->deferred = deferred;
    connection->last_deferred = deferred;
    connection->deferred_count++;
    connection->deferred_bytes += sizeof *deferred + segment->captured;
}

/* The bytes before the place will not come. */
static void give_up(struct connection *connection, enum side of, uint64_t place, const struct segment *current)
{
    connection->current = current;
    flow_give_up(&connection->sides[of], place, takers[of], connection);
    connection->current = NULL;
}

/* Takes what waits, as far as what it acknowledges has come, or has been waited for long enough. */
static void take_deferred(struct connection *connection, int64_t now_us, bool all)
{
    while (connection->deferred) {
        struct deferred *first = connection->deferred;
        bool is_late =
            all || connection->deferred_count > DEFER_MOST || now_us - first->segment.time_us > DEFER_MOST_US;

        if (is_early(connection, first->from, &first->segment)) {
            if (!is_late)
                return;
            give_up(connection, !first->from,
                    (uint64_t)acknowledged(connection, first->from, &first->segment) - connection->ended[!first->from],
                    &first->segment);
        }
        connection->deferred = first->later;
        connection->deferred_count--;
        connection->deferred_bytes -= sizeof *first + first->segment.captured;
        take_segment(connection, first->from, &first->segment);
        free(first);
    }
}

/* Whether a segment of this side waits. */
static bool waits(const struct connection *connection, enum side from)
{
    const struct deferred *deferred = connection->deferred;

    while (deferred && deferred->from != from)
        deferred = deferred->later;
    return deferred;
}

/* Whether a side has said that it sends no more. */
static bool is_ending(const struct connection *connection)
{
    return connection->ended[CLIENT] || connection->ended[SERVER];
}

static void note_end(struct connection *connection, enum side of, int64_t now_us)
{
    if (!is_ending(connection))
        connection->ended_us = now_us;
    connection->ended[of] = true;
}

static void add_segment(struct connection *connection, enum side from, const struct segment *segment)
{
    if (waits(connection, from) || is_early(connection, from, segment))
        defer(connection, from, segment);
    else
        take_segment(connection, from, segment);
    take_deferred(connection, segment->time_us, false);
    if (segment->has_fin)
        note_end(connection, from, segment->time_us);
    if (!connection->deferred && !connection->sides[CLIENT].waiting) {
        if (is_ending(connection)) /* a server closes when it reads that its client has */
            queue_closing(connection, connection->ended_us);
        if (connection->ended[CLIENT] && connection->ended[SERVER] && !connection->sides[SERVER].waiting)
            lose_replies(connection); /* what has no reply by now gets none */
    }
    count_memory(connection);
}

/* ---- connections ---- */

static struct connection *connection_new(struct capture *capture)
{
    struct connection *connection = xcalloc(1, sizeof *connection);

    connection->capture = capture;
    connection->holders = 1;
    connection->kind = KIND_UNKNOWN;
    connection->trust = LOST_REPLIES;
    connection->last_from = UNDECIDED;
    connection->number = UINT32_MAX;
    requests_begin(&connection->requests, true);
    replies_begin(&connection->replies, true);
    capture->intake->capture_connections++;
    count_memory(connection);
    return connection;
}

static void set_client(struct connection *connection, const struct endpoint *client)
{
    connection->client = *client;
    connection->name_bytes = endpoint_print(client, connection->name);
}

/* The capture is over, or the connection is: it was closed, or another has taken its place. */
static void connection_end(struct connection *connection, int64_t now_us, bool was_closed)
{
    static const struct segment nothing = {.packet = 0};
    struct segment end = nothing;

    end.time_us = now_us;
    take_deferred(connection, now_us, true);
    connection->current = &end;
    for (int side = 0; side < 2; side++)
        if (connection->kind == KIND_REDIS)
            flow_end(&connection->sides[side], takers[side], connection);
    connection->current = NULL;
    if (was_closed)
        queue_closing(connection, is_ending(connection) ? connection->ended_us : now_us);
    lose_replies(connection);
    drop_behind_multi(connection);
    if (connection->kind == KIND_UNKNOWN)
        connection->capture->intake->capture_others++;
    connection_drop(connection);
}

static bool is_same(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && !memcmp(a->address, b->address, sizeof a->address);
}

/* Where the connection of a segment is: the same for both directions. */
static struct connection **find(struct capture *capture, const struct segment *segment)
{
    struct endpoint pair[2] = {segment->from, segment->to};
    char text[2 * (sizeof pair->address + sizeof pair->port)];
    int order = memcmp(pair[0].address, pair[1].address, sizeof pair->address);
    bool is_turned = order > 0 || (!order && pair[0].port > pair[1].port);
    uint32_t number;

    for (int i = 0; i < 2; i++) {
        const struct endpoint *end = &pair[i ^ is_turned];
        char *to = text + i * (int)(sizeof text / 2);

        memcpy(to, end->address, sizeof end->address);
        memcpy(to + sizeof end->address, &end->port, sizeof end->port);
    }
    number = member_index_intern(&capture->pairs, text, sizeof text);
    if (number >= capture->room)
        capture->connections = xgrow(capture->connections, &capture->room, number + 1, sizeof *capture->connections);
    return &capture->connections[number];
}

/* A connection is opened: by SYN, or by SYN and ACK if that was not captured. */
static void open_side(struct capture *capture, struct connection **at, const struct segment *segment)
{
    struct connection *connection = *at;
    enum side from = segment->has_ack ? SERVER : CLIENT;

    if (connection && connection->has_begun && connection->sides[from].begun &&
        connection->sides[from].first == segment->sequence + 1 && !connection->ended[CLIENT])
        return; /* it was sent again */
    if (connection && !(connection->has_begun && from == SERVER && !connection->sides[SERVER].begun)) {
        connection_end(connection, segment->time_us, true);
        connection = NULL;
    }
    if (!connection) {
        connection = *at = connection_new(capture);
        connection->has_begun = true;
        connection->kind = KIND_REDIS; /* until its first bytes say otherwise */
        connection->trust = TRUSTED;
        requests_begin(&connection->requests, false);
        replies_begin(&connection->replies, false);
        set_client(connection, from == CLIENT ? &segment->from : &segment->to);
        if (from == SERVER)
            flow_begin(&connection->sides[CLIENT], segment->acknowledged);
    }
    flow_begin(&connection->sides[from], segment->sequence + 1);
}

/* Finds out whether a connection is one of Redis, and who the client is. */
static void decide(struct connection *connection, const struct segment *segment)
{
    if (segment->from.port != REDIS_PORT && requests_begin_at(segment->data, segment->data + segment->captured)) {
        connection->kind = KIND_REDIS;
        connection->is_checked = true;
        connection->capture->intake->capture_midway++;
        connection->may_lack_select = true;
        set_client(connection, &segment->from);
    } else if (++connection->undecided > UNDECIDED_MOST) {
        set_other(connection, segment->data, segment->captured);
    }
}

/* A sequence number that is far from all of this connection: another one took its place, and its beginning was not captured. */
static bool is_stray(const struct connection *connection, enum side from, const struct segment *segment)
{
    const struct flow *flow = &connection->sides[from];
    int64_t distance = flow->begun ? flow_place(flow, segment->sequence) - (int64_t)flow->next : 0;

    return distance > FAR || distance < -FAR;
}

void capture_add(struct capture *capture, const struct segment *segment)
{
    struct connection **at = find(capture, segment), *connection;

    capture->now_us = segment->time_us;
    if (segment->has_syn) {
        open_side(capture, at, segment);
        return;
    }
    connection = *at;
    if (segment->has_rst) {
        if (connection) {
            connection_end(connection, segment->time_us, true);
            *at = NULL;
        }
        return;
    }
    if (!connection) {
        if (!segment->bytes)
            return;
        connection = *at = connection_new(capture);
    }
    if (connection->kind == KIND_UNKNOWN && segment->bytes)
        decide(connection, segment);
    if (connection->kind == KIND_REDIS) {
        enum side from = is_same(&segment->from, &connection->client) ? CLIENT : SERVER;

        if (is_stray(connection, from, segment)) {
            connection_end(connection, segment->time_us, true);
            *at = NULL;
            if (segment->bytes)
                capture_add(capture, segment);
            return;
        }
        add_segment(connection, from, segment);
    }
}

void capture_end(struct capture *capture)
{
    for (uint32_t i = 0; i < capture->room; i++)
        if (capture->connections[i]) {
            connection_end(capture->connections[i], capture->now_us, false);
            capture->connections[i] = NULL;
        }
    for (struct exchange *exchange = capture->first; exchange; exchange = exchange->later)
        exchange->is_ready = true;
}

struct exchange *capture_take(struct capture *capture)
{
    struct exchange *first = capture->first;

    if (!first || !(first->is_ready || capture->now_us - first->time_us > HOLD_MOST_US || capture->bytes > HOLD_MOST))
        return NULL;
    capture->first = first->later;
    if (!capture->first)
        capture->last = NULL;
    capture->bytes -= first->bytes;
    return first;
}

void capture_release(struct capture *capture)
{
    struct exchange *exchange;

    capture_end(capture);
    while ((exchange = capture_take(capture)))
        exchange_done(exchange);
    free(capture->connections);
    member_index_release(&capture->pairs);
}

void connection_set_number(struct connection *connection, uint32_t number)
{
    connection->number = number;
}

uint32_t connection_number(const struct connection *connection)
{
    return connection->number;
}

const char *connection_client(const struct connection *connection, uint32_t *bytes)
{
    *bytes = connection->name_bytes;
    return connection->name;
}

uint8_t connection_db(const struct connection *connection)
{
    return connection->db;
}

void connection_select(struct connection *connection, uint8_t db)
{
    connection->db = db;
    connection->db_is_assumed = false;
}

void connection_assume_db(struct connection *connection)
{
    connection->db_is_assumed = true;
}

bool connection_db_is_assumed(const struct connection *connection)
{
    return connection->db_is_assumed;
}
