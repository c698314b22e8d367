/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/client.h"

#include "sim/state_list.h"
#include "sim/server/values/sds.h"

enum {
    IOBUF_BYTES = CLIENT_READ_BYTES, /* PROTO_IOBUF_LEN */
    RESIZE_THRESHOLD = 32 * 1024,    /* PROTO_RESIZE_THRESHOLD */
    LIST_NODE = 24,
    IDLE_S = 2,
    VECTOR_MAX_IDLE = 128, /* in arguments; cron frees a longer vector at once */
};

/* The block of an sds, and the header that it gets. */
static void set_query(struct client *client, uint32_t header, uint64_t bytes)
{
    client->query_bytes = bytes;
    client->query_header = client->profile->header_follows_room ? sds_header_following(bytes, header) : header;
    client->query_capacity = sds_capacity(bytes, client->query_header);
}

/* A buffer with another header cannot be reallocated: for a moment there are both. */
static void query_replace(struct client *client, uint32_t header, uint64_t request)
{
    uint64_t bytes = allocator_class(client->allocator, header + request + 1);

    if (client->query_bytes && client->query_header != header)
        memory_peak_allocated(client->peak, *client->memory + bytes);
    *client->memory += bytes - client->query_bytes;
    memory_peak_allocated(client->peak, *client->memory);
    set_query(client, header, bytes);
}

void client_init(struct client *client, const struct server_profile *profile, const struct allocator *allocator,
                 uint64_t *memory, struct memory_peak *peak, const int64_t *unix_s, const struct output_limit *limit)
{
    uint32_t header = sds_growing_header(IOBUF_BYTES);

    *client = (struct client){
        .profile = profile,
        .allocator = allocator,
        .memory = memory,
        .peak = peak,
        .reply_capacity = CLIENT_REPLY_MOST,
        .reply_peak = CLIENT_REPLY_MOST,
        .reply_reset_ms = *unix_s, /* the server sets this field in seconds, so the first cron always resets the peak */
        .last_interaction_s = *unix_s,
        .unix_s = unix_s,
        .limit = limit,
        .pending_node = profile->pending_in_client ? 0 : allocator_class(allocator, LIST_NODE),
        .query_is_shared = profile->query_buffer != QUERY_PRIVATE,
        .uncounted_most = CLIENT_UNCOUNTED_MOST,
        .vector_count = profile->keeps_vector, /* the vector of the INFO that gave the baseline */
    };
    set_query(client, header, allocator_class(allocator, header + IOBUF_BYTES + 1));
}

/* ---- the argument vector ----
 *
 * The gate looks at memory after the request has been parsed, so a request is charged for itself: for each of its
 * arguments, and for 8 bytes per argument in a vector. Older servers free the vector after every command. Redis 8.0
 * keeps it for the next command, which saves an allocation, and frees it when the client has been idle or the vector is
 * long. Redis 8.6 keeps it with the command's own state, in a pool that all clients share, where it stays. A vector that is kept
 * takes memory like anything else. At the limit it may decide whether a write is refused. */

void client_replace_vector(struct client *client, uint64_t count)
{
    if (client->vector_count)
        *client->memory -= allocator_class(client->allocator, 8 * client->vector_count);
    if (count)
        *client->memory += allocator_class(client->allocator, 8 * count);
    client->vector_count = count;
}

static void vector_cron(struct client *client, int64_t unix_s)
{
    if (client->profile->keeps_vector && !client->profile->vectors_are_pooled &&
        (unix_s - client->last_interaction_s > IDLE_S || client->vector_count > VECTOR_MAX_IDLE))
        client_replace_vector(client, 0);
}

/* ---- the query buffer ----
 *
 * The server reads from a socket before it knows the length of the request, at least 16 KB at a time. The buffer begins
 * with room for 20,474 bytes, and a request of up to that length needs no other. During a longer one the server finds
 * the buffer full. It drops the part that it has parsed and asks for room for 16 KB more. It gets twice the room that
 * it needs, so that a long request is not copied again for every read. For a SET of 21 KB the buffer grows from 20,480
 * to 81,920 bytes. This happens before the gate of that command, so a server at its limit evicts 60 KB of keys for it,
 * or refuses it.
 *
 * A private buffer for each connection takes much memory if thousands of connections are idle. So since Valkey 8.0 and
 * Redis 8.0 a client reads into a buffer of its thread, and gets its own only for a request that does not fit. */

/* As sdsMakeRoomFor, greedy or not, on a buffer that holds `length` bytes. */
static void make_room(struct client *client, uint64_t length, uint64_t more, int greedy)
{
    uint64_t wanted = length + more;

    if (client->query_capacity - length >= more)
        return;
    if (greedy)
        wanted += wanted < SDS_MAX_PREALLOC ? wanted : SDS_MAX_PREALLOC;
    query_replace(client, sds_growing_header(wanted), wanted);
}

static void note_length(struct client *client, uint64_t length)
{
    if (client->query_peak < length)
        client->query_peak = length;
}

/* A read that leaves the request incomplete ends its turn. `more` is the memory that its parsed part takes. */
static void end_of_read(struct client *client, uint64_t more)
{
    memory_peak_note(client->peak, *client->memory + more);
}

/* A client without its own buffer reads into the thread's, which is created if needed. */
static void lend_buffer(struct client *client)
{
    query_replace(client, sds_growing_header(IOBUF_BYTES), IOBUF_BYTES);
    client->query_is_shared = true;
}

/* The request did not fit into the thread's buffer in one read, so the buffer becomes the client's own. */
static void keep_buffer(struct client *client)
{
    if (client->query_is_shared && client->profile->query_buffer == QUERY_SHARED)
        *client->memory += client->query_bytes; /* the thread gets a new one */
    client->query_is_shared = false;
}

/* The next read takes `wanted` bytes of a long argument, 0: as much as there is room for. What has been parsed by then is
 * dropped first. */
static void read_more(struct reception *reception, uint64_t wanted)
{
    struct client *client = reception->client;
    uint64_t room = wanted ? wanted : IOBUF_BYTES, readable;

    if (reception->has_read) {
        reception->length -= reception->done;
        reception->done = 0;
        if (reception->length || wanted)
            keep_buffer(client);
        end_of_read(client, reception->memory);
    }
    reception->has_read = true;
    if (!client->query_bytes)
        lend_buffer(client);
    /* A buffer below 16 KB grows to just that, and then no more than that is read at once. */
    if (wanted || client->query_capacity < IOBUF_BYTES) {
        if (client->profile->notes_growth)
            note_length(client, reception->length + room);
        make_room(client, reception->length, room, 0);
    } else {
        make_room(client, reception->length, IOBUF_BYTES, 1);
        room = client->query_capacity - reception->length;
    }
    readable = room < reception->left ? room : reception->left;
    reception->length += readable;
    reception->left -= readable;
    note_length(client, reception->length);
    client->read_length = reception->length;
    client->read_left = room - readable;
}

/* How much of a request that came behind another was in the same read. What is not ends that read: the replies are
 * written. */
static uint64_t find_in_read(struct client *client, uint64_t bytes)
{
    uint64_t found = bytes < client->read_left ? bytes : client->read_left;

    client->read_left -= found;
    client->read_length += found;
    note_length(client, client->read_length);
    if (found < bytes)
        client_write(client);
    return found;
}

static uint64_t unparsed(const struct reception *reception)
{
    return reception->length - reception->done;
}

/* Something short that is parsed when all of it is there. */
static void parse(struct reception *reception, uint64_t bytes)
{
    while (unparsed(reception) < bytes)
        read_more(reception, 0);
    reception->done += bytes;
}

void client_receive(struct client *client, uint64_t bytes)
{
    struct reception reception = {.client = client, .left = bytes};

    if (!client->is_behind || find_in_read(client, bytes) < bytes)
        read_more(&reception, 0);
}

static uint64_t digits(uint64_t number)
{
    return decimal_length((int64_t)number);
}

void client_begin_reception(struct client *client, struct reception *reception, uint64_t bytes, uint64_t count,
                            uint64_t vector_bytes)
{
    *reception = (struct reception){.client = client, .left = bytes, .memory = vector_bytes, .vector = vector_bytes};
    if (client->is_behind) {
        reception->length = find_in_read(client, bytes);
        reception->left -= reception->length;
        reception->has_read = reception->length != 0;
        reception->is_followed = !reception->left && client->read_left;
    }
    parse(reception, 1 + digits(count) + 2); /* *n\r\n */
}

/* The query buffer has nothing but the argument: it is the argument from now on. The server expects more of the kind, and
 * allocates another buffer of that size at once. So the gate sees such a value twice, and the second one stays until cron
 * finds it too large. */
static struct adopted adopt(struct reception *reception, uint64_t length)
{
    struct client *client = reception->client;
    struct adopted adopted = {client->query_bytes, client->query_capacity, client->query_header};

    *client->memory -= adopted.bytes; /* now part of the command's arguments */
    client->query_bytes = 0;
    query_replace(client, sds_header(length + 2), length + 2);
    reception->length = 0;
    reception->memory += adopted.bytes + allocator_class(client->allocator, ROBJ_BYTES);
    return adopted;
}

/* A value of 32 KB or more is not copied into the keyspace if that can be helped: what is before it in the buffer is dropped,
 * and the buffer is made to fit it exactly. Not if more than it has been read already. */
static struct adopted receive_long_argument(struct reception *reception, uint64_t length, uint64_t memory)
{
    struct client *client = reception->client;

    if (unparsed(reception) <= length + 2 && !reception->is_followed) {
        reception->length -= reception->done;
        reception->done = 0;
        keep_buffer(client);
        make_room(client, reception->length, length + 2 - reception->length, 0);
        note_length(client, length + 2);
    }
    while (unparsed(reception) < length + 2)
        read_more(reception, length + 2 - unparsed(reception));
    if (!reception->done && reception->length == length + 2 && !reception->is_followed)
        return adopt(reception, length);
    reception->done += length + 2;
    reception->memory += memory;
    return (struct adopted){0};
}

struct adopted client_receive_argument(struct reception *reception, uint64_t length, uint64_t memory)
{
    parse(reception, 1 + digits(length) + 2); /* $n\r\n */
    if (length >= LONG_ARGUMENT)
        return receive_long_argument(reception, length, memory);
    parse(reception, length + 2);
    reception->memory += memory;
    return (struct adopted){0};
}

/* An idle client's buffer is freed where the client can use the thread's again; elsewhere it is trimmed. */
static void release_query(struct client *client)
{
    switch (client->profile->query_buffer) {
    case QUERY_PRIVATE:
        query_replace(client, sds_growing_header(0), 0);
        client->query_capacity = 0;
        break;
    case QUERY_REUSABLE:
        *client->memory -= client->query_bytes;
        client->query_bytes = client->query_capacity = 0;
        break;
    case QUERY_SHARED:
        lend_buffer(client);
        *client->memory -= client->query_bytes; /* the thread's buffer has been counted all the time */
        break;
    }
}

/* ---- several connections ---- */

uint64_t client_connect(struct client *client, const struct client *like)
{
    bool is_private = like->profile->query_buffer == QUERY_PRIVATE;

    client_init(client, like->profile, like->allocator, like->memory, like->peak, like->unix_s, like->limit);
    client->vector_count = 0;
    if (!is_private) {
        client->query_bytes = client->query_capacity = 0;
        client->query_is_shared = false;
    }
    return client_reply_shrinks() + (is_private ? client_query_shrinks(client->profile, client->allocator) : 0);
}

void client_leave_buffer(struct client *client, struct thread_buffer *buffer)
{
    if (!client->query_is_shared)
        return;
    *buffer = (struct thread_buffer){client->query_capacity, client->query_bytes, client->query_header};
    client->query_capacity = client->query_bytes = 0;
    client->query_is_shared = false;
}

void client_take_buffer(struct client *client, struct thread_buffer *buffer)
{
    enum query_buffer kind = client->profile->query_buffer;

    if (client->query_bytes || kind == QUERY_PRIVATE)
        return;
    client->query_capacity = buffer->capacity;
    client->query_bytes = buffer->bytes;
    client->query_header = buffer->header;
    client->query_is_shared = buffer->bytes != 0;
    *buffer = (struct thread_buffer){0};
    if (!client->query_bytes && kind == QUERY_SHARED) { /* a client kept it; the thread has a new one */
        lend_buffer(client);
        *client->memory -= client->query_bytes;
    }
}

void client_set_name(struct client *client, uint64_t bytes)
{
    *client->memory += bytes - client->name_bytes;
    client->name_bytes = bytes;
}

void client_set_info(struct client *client, uint64_t bytes)
{
    uint64_t *info = &client->info_bytes[client->next_info];

    *client->memory += bytes - *info;
    *info = bytes;
    client->next_info ^= 1;
}

uint64_t client_note_address(struct client *client, const struct allocator *allocator, bool both_ends)
{
    enum {
        PEER_LENGTH = 17, /* 127.0.0.1:50000, and its like: the same class from 15 to 22 */
        OWN_LENGTH = 14,  /* 127.0.0.1:6379, and shorter ones */
    };
    uint64_t peer = sds_bytes(allocator, PEER_LENGTH), own = both_ends ? sds_bytes(allocator, OWN_LENGTH) : 0;

    *client->memory += peer - client->address_bytes;
    client->address_bytes = peer;
    if (own > client->own_address_bytes) {
        *client->memory += own;
        client->own_address_bytes = own;
    }
    return peer;
}

void client_note_wait(struct client *client)
{
    *client->memory += client->profile->wait_state_bytes - client->wait_bytes;
    client->wait_bytes = client->profile->wait_state_bytes;
}

/* All that it has said of itself, and that it has waited. */
static void forget_names(struct client *client)
{
    *client->memory -= client->wait_bytes;
    client->wait_bytes = 0;
    *client->memory -= client->address_bytes + client->own_address_bytes;
    client->address_bytes = client->own_address_bytes = 0;
    client->name_length = 0;
    client_set_name(client, 0);
    client_set_info(client, 0);
    client_set_info(client, 0);
}

uint64_t client_bytes(const struct client *client)
{
    bool is_private = client->profile->query_buffer == QUERY_PRIVATE;
    uint64_t idle_query = is_private ? allocator_class(client->allocator, sds_growing_header(0) + 1) : 0;

    return client->query_bytes - idle_query + client->reply_capacity - CLIENT_REPLY_LEAST;
}

void client_disconnect(struct client *client)
{
    *client->memory -= client_bytes(client);
    client_replace_vector(client, 0);
    forget_names(client);
}

void client_reconnect(struct client *client, int64_t unix_s)
{
    if (client->profile->query_buffer == QUERY_PRIVATE)
        query_replace(client, sds_growing_header(IOBUF_BYTES), IOBUF_BYTES);
    else if (!client->query_is_shared)
        release_query(client);
    client->query_peak = 0;
    *client->memory += CLIENT_REPLY_MOST - client->reply_capacity;
    client->reply_capacity = client->reply_peak = CLIENT_REPLY_MOST;
    client->reply_reset_ms = unix_s; /* as in client_init */
    client_written(client);
    client_replace_vector(client, 0);
    forget_names(client);
    client->soft_since_s = 0;
    client->closes = false;
    client->last_interaction_s = unix_s;
}

void client_overfill(struct client *client, uint64_t argument)
{
    uint64_t wanted = argument + 2;

    end_of_read(client, allocator_class(client->allocator, sds_header(wanted) + wanted + 1) - client->query_bytes);
}

/* Without this, a buffer that was once large would stay large as long as the connection. An idle client's buffer is
 * freed. A busy client's is cut to the longest request since the last cron, but only if it has more than 32 KB and
 * that request takes less than half of it: otherwise the server would cut it and grow it again and again. The longest
 * request is counted from cron to cron, so a client that sends one large value and then small ones keeps its large
 * buffer for one or two ticks. */
static void query_cron(struct client *client, int64_t unix_s)
{
    if (client->query_is_shared)
        return;
    if (client->query_capacity > 4096) {
        if (unix_s - client->last_interaction_s > IDLE_S) {
            release_query(client);
        } else if (client->query_capacity > RESIZE_THRESHOLD && client->query_capacity / 2 > client->query_peak) {
            /* sdsResize keeps a header that is larger than needed, unless lengths of 1 byte are enough. */
            uint32_t header = sds_growing_header(client->query_peak);

            if (header > 3)
                header = client->query_header;
            query_replace(client, header, client->query_peak);
            if (!client->profile->header_follows_room)
                client->query_capacity = client->query_peak;
        }
    }
    client->query_peak = 0;
}

uint64_t client_query_least(const struct allocator *allocator)
{
    return allocator_class(allocator, sds_growing_header(0) + 1);
}

uint64_t client_query_shrinks(const struct server_profile *profile, const struct allocator *allocator)
{
    uint32_t header = sds_growing_header(IOBUF_BYTES);

    if (profile->query_buffer == QUERY_PRIVATE)
        return allocator_class(allocator, header + IOBUF_BYTES + 1) - client_query_least(allocator);
    return profile->keeps_vector && !profile->vectors_are_pooled ? allocator_class(allocator, 8) : 0;
}

void client_cron(struct client *client, int64_t unix_ms, int64_t unix_s)
{
    query_cron(client, unix_s);
    vector_cron(client, unix_s);
    client_reply_cron(client, unix_ms);
}

/* The idle time matters only up to the first whole second beyond the limit. */
void client_describe(const struct client *client, int64_t unix_ms, int64_t unix_s, struct state_list *list)
{
    int64_t idle_s = unix_s - client->last_interaction_s;

    state_list_add(list, client->query_capacity);
    state_list_add(list, client->query_bytes);
    state_list_add(list, client->query_is_shared);
    state_list_add(list, client->query_header);
    state_list_add(list, client->adopted_header);
    state_list_add(list, client->query_peak);
    state_list_add(list, client->reply_capacity);
    state_list_add(list, client->reply_peak);
    state_list_add(list, client->reply_pending);
    state_list_add(list, client->reply_refers);
    state_list_add(list, (uint64_t)(unix_ms - client->reply_reset_ms));
    state_list_add(list, client->vector_count);
    state_list_add(list, (uint64_t)(idle_s > IDLE_S ? IDLE_S + 1 : idle_s));
}

void client_move_on(struct client *client, int64_t by_us)
{
    client->reply_reset_ms += by_us / 1000;
    client->last_interaction_s += by_us / 1000000;
}
