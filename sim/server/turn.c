/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn: a command's turn.
 *
 *     arrive     the request passes through the query buffer; its arguments are allocated
 *     gate       evict_to_limit; if it fails, a command that may need memory is refused
 *     execute    what the command does: commands/
 *     reply      through the reply buffer
 *
 * Source: processCommand, call (server.c), processMultibulkBuffer (networking.c). */
#include "sim/server/turn.h"

#include "sim/alloc.h"
#include "sim/hooks.h"
#include "sim/server/evict.h"
#include "sim/server/keyspace.h"
#include "sim/server/commands/functions.h"
#include "sim/server/values/object.h"
#include "sim/server/values/sds.h"
#include "sim/server/watch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    HISTOGRAM_BYTES = 24688, /* latency histogram of a command, allocated at its first call */
    QUEUED_PLACE_BYTES = 24, /* struct multiCmd */
};

static const char oom_reply[] = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
static const char exec_oom_reply[] = "-EXECABORT Transaction discarded because of: "
                                     "OOM command not allowed when used memory > 'maxmemory'.\r\n";
static const char queued_reply[] = "+QUEUED\r\n";
static const char script_oom_reply[] = "-OOM command not allowed when used memory > 'maxmemory'. "
                                       "script: 0123456789012345678901234567890123456789, on @user_script:1.\r\n";
static const char noscript_reply[] = "-NOSCRIPT No matching script. Please use EVAL.\r\n";

static void read_row(struct call *call, const struct batch *batch, uint32_t row)
{
#define X(type, name) call->name = batch->name[row];
    DENSE_COLUMNS(X)
#undef X
    if (!batch->has_sparse) {
#define X(type, name) call->name = 0;
        SPARSE_COLUMNS(X)
    } else {
#undef X
#define X(type, name) call->name = batch->has_##name ? batch->name[row] : (type)0;
        SPARSE_COLUMNS(X)
#undef X
    }
    call->batch = batch;
    call->redis->members = batch->members;
    call->row = row;
    if (call->redis->policy->offline)
        call->redis->eviction.next_access = batch->next_access[row];
}

static void note_missed(struct redis *redis, const struct batch *batch, uint32_t row)
{
    if (redis->missed_count == redis->missed_capacity)
        redis->missed = xgrow(redis->missed, &redis->missed_capacity, redis->missed_count + 1, sizeof *redis->missed);
    redis->missed[redis->missed_count++] = (struct missed_row){batch, row};
}

/* A call whose row is about to be read: what has columns is not cleared. */
static inline void begin_call(struct call *call, struct redis *redis)
{
    call->redis = redis;
    memset(&call->adopted, 0, sizeof *call - offsetof(struct call, adopted));
}

/* ---- arrival ---- */

/* Sums the arguments of a command, as they come over the wire and as they lie in memory. */
struct argument_list {
    const struct redis *redis;
    struct replication *feeds; /* when not NULL: the arguments go to replicas, too */
    uint64_t count, memory;
    struct wire_request wire;
};

static void add_argument(struct argument_list *list, uint64_t length)
{
    uint64_t prefix = 1 + decimal_length((int64_t)length) + 2; /* $n\r\n */

    list->count++;
    list->wire.bytes += prefix + length + 2;
    if (list->feeds)
        replication_feed_argument(list->feeds, length);
    if (length > list->wire.long_argument) {
        list->wire.long_argument = length;
        list->wire.before_long = list->wire.bytes - length - 2;
        list->wire.parsed = list->memory;
    }
    list->memory += argument_bytes(list->redis, length);
}

static uint64_t ttl_length(const struct call *call)
{
    return decimal_length(call->flags & REQUEST_MILLIS ? call->ttl_ms : call->ttl_ms / 1000);
}

/* Of commands on elements. */
static void add_element_options(struct argument_list *list, const struct call *call)
{
    if (command_table[call->op].options == OPTIONS_SCAN && call->value_len && call->value_len != VALUE_UNKNOWN) {
        add_argument(list, 5); /* MATCH */
        add_argument(list, call->value_len);
    }
    if (call->second) {
        add_argument(list, 5); /* COUNT, LIMIT */
        add_argument(list, decimal_length(call->second));
    }
}

/* COPY's and LCS's; MINMATCHLEN and its kin are not told apart. */
static void add_other_options(struct argument_list *list, const struct call *call)
{
    if (command_table[call->op].options == OPTIONS_COPY && call->row && call->batch->db[call->row - 1] != call->db) {
        add_argument(list, 2); /* DB */
        add_argument(list, decimal_length(call->db));
    }
    if (call->flags & REQUEST_REPLACE)
        add_argument(list, 7);
    if (call->flags & REQUEST_LEN)
        add_argument(list, 3);
}

static void add_lpos_options(struct argument_list *list, const struct call *call)
{
    static const uint16_t words[] = {REQUEST_RANK, REQUEST_COUNT, REQUEST_MAXLEN};
    const int64_t numbers[] = {call->number, call->second, call->batch->list[call->first_element].number};
    static const uint8_t lengths[] = {4, 5, 6};

    for (size_t i = 0; i < 3; i++)
        if (call->flags & words[i]) {
            add_argument(list, lengths[i]);
            add_argument(list, decimal_length(numbers[i]));
        }
}

static void add_options(struct argument_list *list, const struct call *call)
{
    uint16_t flags = call->flags;

    if (command_table[call->op].options == OPTIONS_LPOS) {
        add_lpos_options(list, call);
        return;
    }
    if (flags & REQUEST_TTL && command_table[call->op].options != OPTIONS_EXPIRE) {
        add_argument(list, flags & REQUEST_ABSOLUTE ? 4 : 2); /* EXAT, EX */
        add_argument(list, ttl_length(call));
    }
    for (unsigned bit = REQUEST_NX; bit <= REQUEST_LT; bit <<= 1)
        if (flags & bit)
            add_argument(list, 2);
    if (flags & (REQUEST_KEEPTTL | REQUEST_PERSIST))
        add_argument(list, 7);
    if (flags & REQUEST_GET)
        add_argument(list, 3);
    if (command_table[call->op].type > TYPE_STRING)
        add_element_options(list, call);
    if (flags & (REQUEST_REPLACE | REQUEST_LEN) || command_table[call->op].options == OPTIONS_COPY)
        add_other_options(list, call);
}

/* Of a command that is not executed only the sum is known: its arguments are taken to be alike. */
static void add_skipped(struct argument_list *list, const struct call *call)
{
    uint64_t bytes = call->value_len;

    for (int64_t left = command_table[call->op].skipped ? call->number : 0; left; left--) {
        uint64_t share = bytes / (uint64_t)left;

        add_argument(list, share);
        bytes -= share;
    }
}

static uint64_t id_length(const struct element *id)
{
    uint64_t ms = decimal_length(id->number), bracket = !!(id->flags & ELEMENT_EXCLUDES);

    if (id->flags & ELEMENT_INVALID)
        return id->value_len;
    switch ((int)element_id_form(id)) {
    case ID_WHOLE:
        return bracket + ms + 1 + decimal_length((int64_t)element_seq(id));
    case ID_MS:
        return bracket + ms;
    case ID_AUTO_SEQ:
        return ms + 2;
    default:
        return 1;
    }
}

/* An element of a command with words. */
static void add_word(struct argument_list *list, const struct call *call, const struct element *element)
{
    bool is_member = element->member != NO_MEMBER && !(element->flags & (ELEMENT_BOUND | ELEMENT_SCRIPT));

    if (element->flags & ELEMENT_ID) {
        add_argument(list, id_length(element));
        return;
    }
    if (!is_member || element->flags & ELEMENT_SCORED)
        add_argument(list, element->value_len);
    if (is_member)
        add_argument(list, member_of(call->batch->members, element->member)->length);
}

/* An argument that letters of elements say, of one of them. */
static void add_of_element(struct argument_list *list, const struct call *call, const struct element *element,
                           char letter)
{
    switch (letter) {
    case 'w':
        add_word(list, call, element);
        break;
    case 'm':
        add_argument(list, member_of(call->batch->members, element->member)->length);
        break;
    case 'v':
        add_argument(list, element->value_len);
        break;
    case 'n':
        add_argument(list, decimal_length(call->number));
        break;
    default:
        add_argument(list, call->value_len);
        break;
    }
}

/* From behind the : to the end: what belongs to each element. */
static void add_elements(struct argument_list *list, const struct call *call, const char *letters)
{
    const struct element *elements =
        call->sent_elements ? call->sent_elements : &call->batch->list[call->first_element];

    for (uint32_t i = 0; i < call->elements; i++)
        for (const char *letter = letters; *letter; letter++)
            add_of_element(list, call, &elements[i], *letter);
}

/* The letters that belong to the row: of a command of several keys, those from the row's own key on. */
static const char *letters_of(const struct call *call, uint32_t key)
{
    const char *letters = command_table[call->op].arguments;

    if (key && (strchr(letters, '+') || *letters == 'w'))
        return letters;
    if (key && strchr(letters, '#'))
        return strchr(letters, '#') + 1;
    if (key && strstr(letters, ":k"))
        return strchr(letters, ':') + 1;
    for (; key; key--)
        letters += 1 + strcspn(letters + 1, "kd");
    return letters;
}

/* LEFT and RIGHT, BEFORE and AFTER. */
static uint64_t side_length(const struct call *call, bool is_second)
{
    bool is_right = call->flags & (is_second ? REQUEST_TO_RIGHT : REQUEST_RIGHT);

    return call->op == OP_LINSERT ? (is_right ? 5 : 6) : (is_right ? 5 : 4);
}

/* The arguments of a row, the command's key number `key`. */
static void add_row(struct argument_list *list, const struct call *call, uint32_t key)
{
    const char *letter = key ? letters_of(call, key) : command_table[call->op].arguments;
    bool has_key = false;
    const struct element *element = &call->batch->list[call->first_element];
    bool has_element = false;

    if (letter[0] == 'k' && !letter[1]) { /* as most have it: the key and no more */
        add_argument(list, call->key_len);
        return;
    }
    for (const char *first = letter; *letter; letter++) {
        switch (*letter) {
        case 'k':
        case 'd':
            if (has_key)
                return;
            has_key = true;
            add_argument(list, *letter == 'k' ? call->key_len : decimal_length(call->db));
            break;
        case '#':
            add_argument(list, decimal_length(call->number));
            break;
        case 'w':
            if (letter[1] == 'k') { /* each key has its own */
                add_argument(list, call->key_len);
                add_elements(list, call, "w");
                return;
            }
            add_elements(list, call, letter);
            return;
        case ':':
            if (letter[1] == 'k')
                return;
            add_elements(list, call, letter + 1);
            return;
        case 'm':
            element += has_element;
            has_element = true;
            add_of_element(list, call, element, 'm');
            break;
        case '+':
            if (call->flags & REQUEST_MORE)
                return;
            break;
        case 's':
            if (call->flags & REQUEST_MORE) /* behind all keys */
                return;
            add_argument(list, side_length(call, letter > first && letter[-1] == 's'));
            break;
        case 'v':
            add_argument(list, has_element ? element->value_len : call->value_len);
            break;
        case 'f':
        case 'b':
            add_argument(list, call->value_len);
            break;
        case 'n':
            add_argument(list, decimal_length(letter > first && letter[-1] == 'n' ? call->second : call->number));
            break;
        case 't':
            add_argument(list, ttl_length(call));
            break;
        case 'o':
            add_options(list, call);
            break;
        case '?':
            if (!call->second)
                return;
            break;
        case '*':
            add_skipped(list, call);
            break;
        default:
            break;
        }
    }
}

/* With the words of the command's name. Of a subcommand that is skipped the second is among the arguments. */
static inline struct argument_list begin_arguments(const struct redis *redis, enum op op)
{
    const struct command *command = &command_table[op];
    struct argument_list list = {.redis = redis};

    if (command->skipped) {
        add_argument(&list, strcspn(command->name, "|"));
    } else if (command->container) {
        add_argument(&list, command->container);
        add_argument(&list, command->name_bytes - command->container - 1u);
    } else {
        add_argument(&list, command->name_bytes);
    }
    return list;
}

/* The request has been read and parsed. A long value takes the query buffer over: returns its capacity. */
static uint64_t receive(struct redis *redis, struct argument_list *list)
{
    uint64_t vector = client_argument_vector(&redis->client, list->count), adopted;

    list->wire.parsed += vector;
    list->wire.bytes += 1 + decimal_length((int64_t)list->count) + 2; /* *n\r\n */
    list->wire.before_long += 1 + decimal_length((int64_t)list->count) + 2;
    adopted = client_receive(&redis->client, &list->wire);
    if (adopted)
        list->memory += adopted - sds_bytes(redis->allocator, list->wire.long_argument);
    redis->arguments = list->memory + vector;
    return adopted ? redis->client.adopted_capacity : 0;
}

/* ---- the turn ---- */

void turn_called(struct redis *redis, enum op op)
{
    if (!redis->was_called[op])
        redis->used += HISTOGRAM_BYTES;
    redis->was_called[op] = true;
}

unsigned turn_kinds_called(const struct redis *redis)
{
    unsigned kinds = 0;

    for (int op = 0; op < OP_COUNT; op++)
        kinds += redis->was_called[op];
    return kinds;
}

uint64_t turn_histogram_bytes(const struct redis *redis)
{
    return (uint64_t)HISTOGRAM_BYTES * turn_kinds_called(redis);
}

/* The reply is queued, the arguments are freed. The peak is noted before that (by call) unless the command
 * was refused, and again before the reply's blocks go (by beforeSleep). */
static void end_of_command(struct redis *redis, uint64_t reply, bool refers, bool was_called)
{
    uint64_t blocks = client_reply(&redis->client, reply, refers);
    uint64_t used = redis->used + blocks + (was_called ? redis->arguments : 0);

    redis->arguments = 0;
    redis->client.last_interaction_s = redis->cached_unix_s;
    if (redis->counters.used_memory_peak < used)
        redis->counters.used_memory_peak = used;
}

/* Refuses the command. */
static void refuse(struct redis *redis)
{
    redis->counters.oom_rejections++;
    error_statistics_count(&redis->errors, ERROR_OF_OOM);
    end_of_command(redis, sizeof oom_reply - 1, false, false);
}

/* Refuses EXEC, some command of which memory is denied to: none of them is executed (execCommandAbort). */
static void refuse_exec(struct call *call)
{
    struct redis *redis = call->redis;

    call_discard(call);
    redis->counters.command_errors++;
    error_statistics_count(&redis->errors, ERROR_OF_EXECABORT);
    end_of_command(redis, sizeof exec_oom_reply - 1, false, false);
}

/* The server will not take the request, and closes the connection: an argument is longer than any may be, which it says
 * as soon as it has read the length; or the query buffer would hold more than it may, of which it says nothing. The
 * application connects again. Nothing was executed, and nothing evicted. */
static bool is_refused_by_protocol(struct redis *redis, const struct argument_list *list)
{
    uint64_t longest = list->wire.long_argument;

    if (longest <= redis->config.proto_max_bulk_len && longest + 2 <= redis->config.client_query_buffer_limit)
        return false;
    if (longest > redis->config.proto_max_bulk_len) {
        redis->counters.command_errors++;
        error_statistics_count(&redis->errors, ERROR_OF_ERR);
    } else {
        client_overfill(&redis->client, longest);
    }
    redis->counters.closed_connections++;
    redis->arguments = 0;
    client_reconnect(&redis->client, redis->cached_unix_s);
    if (redis->counters.used_memory_peak < redis->used)
        redis->counters.used_memory_peak = redis->used;
    return true;
}

/* updateCachedTime, as call() does. */
static void update_cached_time(struct redis *redis)
{
    redis->cached_unix_s = redis->unix_ms / 1000;
    if (redis->profile->clock_per_command)
        redis->eviction.clock.lru_clock = lru_clock_of(redis->cached_unix_s);
}

/* ---- replicas ---- */

/* The command as it is propagated: its arguments, of which there are list->count afterwards. */
static void add_propagated(struct argument_list *list, const struct call *call, const struct batch *batch,
                           uint32_t first, uint32_t rows)
{
    struct call row = *call;

    add_argument(list, command_table[call->sent_op].name_bytes);
    for (uint32_t i = first; i < first + rows; i++) {
        read_row(&row, batch, i);
        row.op = (uint16_t)call->sent_op;
        row.flags = call->sent_flags;
        row.ttl_ms = call->sent_ttl_ms;
        if (call->sent_value_len)
            row.value_len = call->sent_value_len;
        if (call->sent_elements)
            row.elements = call->sent_element_count;
        if (call->sent_row) {
            row.number = (int64_t)call->sent_count;
            row.second = call->sent_count != 0;
        }
        add_row(list, &row, i - first);
    }
}

/* propagatePendingCommands. */
static void propagate(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct redis *redis = call->redis;
    struct argument_list counts = {.redis = redis}, feeds = {.redis = redis, .feeds = &redis->replication};

    replication_begin_unit(&redis->replication, call->db, call->propagates);
    if (call->sent_row) {
        first = call->sent_row - 1;
        rows = 1;
    }
    if (call->propagates) {
        add_propagated(&counts, call, batch, first, rows);
        replication_feed(&redis->replication, 1 + decimal_length((int64_t)counts.count) + 2);
        add_propagated(&feeds, call, batch, first, rows);
    }
    replication_end_unit(&redis->replication, call->propagates);
}

/* A bit for each row of a batch. */
struct rows_told {
    uint64_t words[BATCH_CAPACITY / 64];
};

/* Tells the policy, once for each row, of the keys that the command is about to make. */
static void announce(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows,
                     struct rows_told *told)
{
    for (uint32_t row = first; row < first + rows; row++) {
        uint64_t *word = &told->words[row / 64], bit = UINT64_C(1) << row % 64;
        uint32_t id = batch->id[row];

        if (*word & bit || entry_of(redis, id)->encoding != ENCODING_ABSENT)
            continue;
        *word |= bit;
        redis->eviction.arriving_bytes = redis->entry_bytes + sds_bytes(redis->allocator, batch->key_len[row]) +
                                         argument_bytes(redis, batch->value_len[row]);
        redis->eviction.next_access = batch->next_access[row];
        policy_arriving(&redis->eviction, id);
    }
}

/* For keys that are absent before room is made, and for those that are evicted to make it, though the command was
 * about to write to them. */
static bool tell_and_evict(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct rows_told told = {{0}};
    bool has_room;

    announce(redis, batch, first, rows, &told);
    has_room = evict_to_limit(redis) != EVICT_FAIL;
    if (has_room && redis->eviction.policy->surplus)
        evict_surplus(redis);
    announce(redis, batch, first, rows, &told);
    redis->found_full = !has_room;
    return has_room;
}

/* False: there is no room, and the command is refused if memory is denied to it. */
static bool passes_gate(struct redis *redis, bool is_denied, const struct batch *batch, uint32_t first, uint32_t rows)
{
    if (redis->eviction.policy->arriving && is_denied && batch->id[first] != NO_KEY)
        return tell_and_evict(redis, batch, first, rows);
    redis->found_full = evict_to_limit(redis) == EVICT_FAIL;
    if (redis->found_full && is_denied)
        return false;
    if (redis->eviction.policy->surplus && is_denied)
        evict_surplus(redis);
    return true;
}

static void note_error(struct call *call)
{
    struct redis *redis = call->redis;

    if (!call->failed)
        return;
    redis->counters.command_errors++;
    error_statistics_count(&redis->errors, call->aborts ? ERROR_OF_EXECABORT : call->error);
}

/* ---- blocked clients ---- */

/* The key in the waiter's place is served, and the next; a waiter may make another key, for which others wait. */
static void serve_blocked(struct redis *redis)
{
    struct blocked *blocked = &redis->blocked;
    uint32_t id;

    while (blocked_take_ready(blocked, &id)) {
        uint32_t place = blocked_find(blocked, id, 0);

        while (place < blocked->count) {
            if (blocked->list[place].serve(redis, &blocked->list[place], id)) {
                turn_called(redis, blocked->list[place].op);
                blocked_remove(blocked, place);
            } else {
                place++;
            }
            place = blocked_find(blocked, id, place);
        }
    }
}

/* Whose time is over, and the client itself: it sends another command. */
static void end_waits(struct redis *redis, uint32_t client)
{
    uint32_t place;

    while ((place = blocked_find_ended(&redis->blocked, client, redis->now_us)) < redis->blocked.count) {
        turn_called(redis, redis->blocked.list[place].op);
        blocked_remove(&redis->blocked, place);
    }
}

static void finish_call(struct call *call)
{
    note_error(call);
    if (!call->waits)
        turn_called(call->redis, (enum op)call->op);
    end_of_command(call->redis, call->reply, call->reply_refers, true);
    if (call->redis->blocked.ready_count)
        serve_blocked(call->redis);
}

/* At most so many arguments, the command's name included. */
static uint64_t most_arguments(const struct call *call)
{
    enum { NAME_KEY_AND_TWO = 4, OPTIONS_AT_MOST = 5 }; /* EX seconds, NX, KEEPTTL, GET */

    return NAME_KEY_AND_TWO + (command_table[call->op].options && call->flags ? OPTIONS_AT_MOST : 0);
}

/* True when the arguments can be left uncounted: they change neither the gate nor the buffers, and no
 * table is about to ask whether it may be resized. Counting them is a tenth of a request's time. */
static bool arguments_do_not_matter(const struct redis *redis, const struct call *call)
{
    const struct database *database = &redis->databases[call->db];
    uint64_t most = (call->value_len == VALUE_UNKNOWN ? 0 : (uint64_t)call->value_len) * 5 / 4 +
                    (uint64_t)call->key_len * 5 / 4 + 1024;

    if (call->elements || command_table[call->op].skipped ||
        (redis->maxmemory && redis->used + most > redis->maxmemory))
        return false;
    return client_request_is_small(&redis->client, most) &&
           (!redis->profile->keeps_vector || client_vector_stays(&redis->client, most_arguments(call))) &&
           (!redis->maxmemory || (!table_resize_is_near(&database->keys) && !table_resize_is_near(&database->expires)));
}

/* Of a command of several keys; a function of its own, so that most commands need not prepare its loop. */
__attribute__((noinline)) static void add_other_rows(struct argument_list *list, struct call *call,
                                                     const struct batch *batch, uint32_t first, uint32_t rows)
{
    for (uint32_t row = first + 1; row < first + rows; row++) {
        read_row(call, batch, row);
        add_row(list, call, row - first);
    }
}

/* Sums the arguments, and receives them. False when the server does not take them. *adopted as receive() returns it. */
static inline bool arrive_counted(struct redis *redis, struct call *call, const struct batch *batch, uint32_t first,
                                  uint32_t rows, uint64_t *adopted)
{
    struct argument_list list = begin_arguments(redis, (enum op)call->op);

    *adopted = 0;
    add_row(&list, call, 0);
    if (rows > 1)
        add_other_rows(&list, call, batch, first, rows);
    if (is_refused_by_protocol(redis, &list))
        return false;
    *adopted = receive(redis, &list);
    return true;
}

static bool arrive(struct redis *redis, struct call *call, const struct batch *batch, uint32_t first, uint32_t rows,
                   uint64_t *adopted)
{
    redis->arguments = 0;
    *adopted = 0;
    if (rows == 1 && arguments_do_not_matter(redis, call))
        return true;
    return arrive_counted(redis, call, batch, first, rows, adopted);
}

/* A key's database is fixed with its id; what the entry says matters once the key exists. */
static void enter_database(struct redis *redis, const struct call *call)
{
    if (call->db >= redis->database_count)
        keyspace_use_database(redis, call->db);
    if (command_has_key((enum op)call->op))
        entry_of(redis, call->id)->db = call->db;
}

/* A row, while somebody watches keys: which one it changes. Keys that go are noticed where they do. */
static void run_watched(struct call *call, const struct batch *batch, uint32_t first, uint32_t row)
{
    const struct command *command = &command_table[call->op];
    bool had_changed = call->propagates;

    call->propagates = false;
    command_functions[call->op](call);
    if (call->propagates && !command->deletes && batch->id[row] != NO_KEY) {
        watch_touch(call->redis, batch->id[command->stores ? first : row]);
        if (command->moves)
            watch_touch(call->redis, batch->id[first]);
    }
    call->propagates |= had_changed;
}

static inline void run_row(struct call *call, const struct batch *batch, uint32_t first, uint32_t row, uint64_t adopted)
{
    enter_database(call->redis, call);
    call->adopted = call->value_len >= 32768 ? adopted : 0;
    call->missed = false;
    if (__builtin_expect(call->redis->watches.count != 0, 0))
        run_watched(call, batch, first, row);
    else
        command_functions[call->op](call);
    if (call->missed)
        note_missed(call->redis, batch, row);
}

__attribute__((noinline)) static void run_several_rows(struct call *call, const struct batch *batch, uint32_t first,
                                                       uint32_t rows, uint64_t adopted)
{
    for (uint32_t row = first; row < first + rows; row++) {
        read_row(call, batch, row);
        run_row(call, batch, first, row, adopted);
    }
}

/* Executes the command, of which the first row has been read. */
static inline void run_rows(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows,
                            uint64_t adopted)
{
    struct redis *redis = call->redis;

    if (command_table[call->op].reply_array)
        call->reply += 1 + decimal_length(rows) + 2;
    if (rows > 1)
        run_several_rows(call, batch, first, rows, adopted);
    else
        run_row(call, batch, first, first, adopted);
    if (replication_is_on(&redis->replication))
        propagate(call, batch, first, rows);
    if (call->sent_elements)
        free(call->sent_elements);
    call->sent_elements = NULL;
}

static void note_peak(struct redis *redis)
{
    if (redis->counters.used_memory_peak < redis->used + redis->arguments)
        redis->counters.used_memory_peak = redis->used + redis->arguments;
}

/* Before room is not asked for. */
static void announce_unasked(struct redis *redis, const struct call *call, const struct batch *batch, uint32_t first,
                             uint32_t rows)
{
    struct rows_told told = {{0}};

    if (redis->eviction.policy->arriving && command_table[call->op].denyoom && call->id != NO_KEY)
        announce(redis, batch, first, rows, &told);
}

/* ---- scripts ---- */

/* scriptVerifyOOM: a call may be refused if the script has not written yet. */
static bool is_call_refused(const struct redis *redis, enum op op)
{
    const struct running_script *script = &redis->script;

    return script->found_full && !script->may_exceed && !script->has_written && command_table[op].denyoom;
}

/* A call of the script that runs. Its arguments are made by Lua: no buffer sees them. Of a script that was stopped by an
 * error nothing more is carried out: what else the trace has of it, it did where there was room. */
static void run_call(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct call call = {.redis = redis};
    struct argument_list list;

    if (redis->script.is_stopped)
        return;
    read_row(&call, batch, first);
    redis->counters.writes += command_table[call.op].denyoom;
    redis->script.calls++;
    if (is_call_refused(redis, (enum op)call.op)) {
        redis->counters.oom_rejections++;
        error_statistics_count(&redis->errors, ERROR_OF_OOM);
        redis->script.is_stopped = true;
        return;
    }
    redis->script.has_written |= command_writes((enum op)call.op);
    list = begin_arguments(redis, (enum op)call.op);
    for (uint32_t row = first; row < first + rows; row++) {
        if (row > first)
            read_row(&call, batch, row);
        add_row(&list, &call, row - first);
    }
    redis->arguments = list.memory;
    read_row(&call, batch, first);
    announce_unasked(redis, &call, batch, first, rows);
    run_rows(&call, batch, first, rows, 0);
    redis->missed_count = 0; /* what to do about it is the script's business */
    note_error(&call);
    turn_called(redis, (enum op)call.op);
    note_peak(redis);
    redis->arguments = 0;
}

/* EVAL's row has been executed: its calls may follow. */
static void begin_script(struct call *call)
{
    struct redis *redis = call->redis;

    turn_called(redis, (enum op)call->op);
    redis->script.arguments = redis->arguments;
    redis->script.reply = call->reply;
    redis->used += redis->arguments;
    redis->arguments = 0;
}

/* How long the script's reply is, and whether it failed. */
static uint64_t reply_of_script(struct redis *redis)
{
    const struct running_script *script = &redis->script;

    if (script->is_stopped)
        return sizeof script_oom_reply - 1 - (redis->profile->script_errors_lack_sha1 ? strlen(", ") + 40 : 0);
    if (!script->is_unknown || script->calls)
        return script->reply;
    redis->counters.command_errors++; /* it is not there */
    error_statistics_count(&redis->errors, ERROR_OF_NOSCRIPT);
    return sizeof noscript_reply - 1;
}

void turn_end_script(struct redis *redis)
{
    uint64_t reply = reply_of_script(redis);

    redis->script.is_open = false;
    if (replication_is_on(&redis->replication))
        replication_end_several(&redis->replication);
    redis->used -= redis->script.arguments;
    redis->arguments = redis->script.arguments;
    redis->script.arguments = 0;
    end_of_command(redis, reply, false, true);
    if (redis->blocked.ready_count)
        serve_blocked(redis);
}

void turn_call(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    redis->missed_count = 0;
    run_call(redis, batch, first, rows);
}

/* ---- transactions ---- */

/* The client's, if its commands are queued; NULL. */
static struct transaction *open_transaction(struct redis *redis, const struct call *call)
{
    struct transaction *transaction;

    if (!redis->transactions.open)
        return NULL;
    transaction = transaction_of(&redis->transactions, call->client);
    return transaction->is_open ? transaction : NULL;
}

/* What is executed at once behind MULTI, too. */
static bool ends_transaction(enum op op)
{
    return op == OP_EXEC || op == OP_DISCARD || op == OP_QUIT || op == OP_RESET;
}

static bool is_never_queued(enum op op)
{
    return ends_transaction(op) || op == OP_MULTI || op == OP_WATCH;
}

static bool runs_script(enum op op)
{
    return op == OP_EVAL || op == OP_EVAL_RO || op == OP_EVALSHA || op == OP_EVALSHA_RO || op == OP_FCALL ||
           op == OP_FCALL_RO;
}

/* It may need memory: by its kind, or because its script says so (scriptFlagsToCmdFlags). */
static bool is_denied_when_full(const struct call *call)
{
    if (command_table[call->op].denyoom)
        return true;
    return runs_script((enum op)call->op) && call->op != OP_FCALL_RO && call->op != OP_EVAL_RO &&
           (call_script_flags(call) & (SCRIPT_DECLARES | SCRIPT_WRITES_NOTHING | SCRIPT_ALLOWS_OOM)) == SCRIPT_DECLARES;
}

static uint64_t place_bytes(const struct server_profile *profile)
{
    return profile->queued_place_bytes ? profile->queued_place_bytes : QUEUED_PLACE_BYTES;
}

/* The command's arguments stay with the transaction. */
static void keep_arguments(struct redis *redis, struct transaction *transaction, const struct batch *batch,
                           uint32_t first, struct queued_command queued)
{
    const struct server_profile *profile = redis->profile;

    queued.bytes = redis->arguments;
    queued.adopted_header = redis->client.adopted_header;
    redis->used += redis->arguments;
    if (profile->keeps_vector) {
        queued.vector = redis->client.vector_count;
        queued.bytes += allocator_class(redis->allocator, 8 * queued.vector);
        redis->client.vector_count = 0; /* the next command's is another */
    }
    redis->arguments = 0;
    redis->used += transaction_queue(transaction, redis->allocator, place_bytes(profile), batch, first, &queued);
}

/* flagTransaction: a command was not taken. */
static void refuse_transaction(struct redis *redis, struct transaction *transaction)
{
    transaction->is_refused = true;
    if (redis->profile->frees_refused_queue)
        redis->used -= transaction_forget(transaction);
}

/* queueMultiCommand. A transaction that EXEC will abort keeps no more. */
static void queue_command(struct call *call, struct transaction *transaction, const struct batch *batch, uint32_t first,
                          uint32_t rows)
{
    struct redis *redis = call->redis;
    bool is_denied = is_denied_when_full(call);
    struct queued_command queued = {.rows = rows};

    redis->transactions.calls_of = runs_script((enum op)call->op) ? (uint64_t)call->client + 1 : 0;

    if (!arrive_counted(redis, call, batch, first, rows, &queued.adopted)) {
        call_discard(call); /* the connection is another */
        return;
    }
    redis->found_full = evict_to_limit(redis) == EVICT_FAIL;
    if (redis->found_full && (is_denied || !redis->profile->queues_when_full)) {
        refuse_transaction(redis, transaction);
        refuse(redis);
        return;
    }
    if (!transaction->is_refused && !transaction->is_touched) {
        transaction->is_denied |= is_denied;
        keep_arguments(redis, transaction, batch, first, queued);
    }
    end_of_command(redis, sizeof queued_reply - 1, false, false);
}

/* What a queued script will call. */
static void queue_call(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    const struct server_profile *profile = redis->profile;
    struct transaction *transaction =
        transaction_of(&redis->transactions, (uint32_t)(redis->transactions.calls_of - 1));
    struct queued_command called = {.rows = rows, .is_called = true};

    if (transaction->is_open && !transaction->is_refused && !transaction->is_touched)
        transaction_queue(transaction, redis->allocator, place_bytes(profile), batch, first, &called);
}

/* MULTI and WATCH, where they may not be. True: it was refused. */
static bool is_refused_within(struct call *call, struct transaction *transaction)
{
    static const char reply[] = "-ERR Command not allowed inside a transaction\r\n";
    uint64_t name =
        call->redis->profile->names_what_is_refused ? strlen("'' ") + command_table[call->op].name_bytes : 0;

    if (!call->redis->profile->no_multi_within || ends_transaction((enum op)call->op))
        return false;
    refuse_transaction(call->redis, transaction);
    call->failed = true;
    note_error(call);
    end_of_command(call->redis, sizeof reply - 1 + name, false, false);
    return true;
}

/* One command of those that were queued. Its arguments, which were the transaction's, are its own while it runs: a SET
 * hands its value over to the keyspace. What is left of them goes at the end of EXEC. */
static void run_queued(struct call *exec, const struct batch *batch, struct queued_command *queued)
{
    struct redis *redis = exec->redis;
    struct call call = {.redis = redis, .reply = exec->reply};
    uint64_t vector_count = redis->client.vector_count;
    uint64_t vector = redis->profile->keeps_vector ? allocator_class(redis->allocator, 8 * queued->vector) : 0;

    redis->client.vector_count = redis->profile->keeps_vector ? queued->vector : vector_count;
    redis->client.adopted_header = queued->adopted_header;
    redis->arguments = queued->bytes - vector;
    redis->used -= redis->arguments;
    read_row(&call, batch, queued->first);
    announce_unasked(redis, &call, batch, queued->first, queued->rows);
    run_rows(&call, batch, queued->first, queued->rows, queued->adopted);
    note_error(&call);
    turn_called(redis, (enum op)call.op);
    note_peak(redis);
    redis->used += redis->arguments;
    queued->bytes = redis->arguments;
    if (redis->profile->keeps_vector) {
        queued->bytes += allocator_class(redis->allocator, 8 * redis->client.vector_count);
        redis->client.vector_count = vector_count;
    }
    exec->reply = call.reply;
    exec->reply_refers |= call.reply_refers;
    redis->arguments = 0;
    if (!redis->script.is_open)
        return;
    exec->reply -= strlen(":1\r\n"); /* until it has ended */
    redis->script.reply = strlen(":1\r\n");
}

static void end_queued_script(struct call *exec)
{
    if (exec->redis->script.is_open)
        exec->reply += reply_of_script(exec->redis);
    exec->redis->script.is_open = false;
}

/* execCommand: nothing is evicted, and nobody asks whether there is room, before it is over. */
static void execute_transaction(struct call *exec)
{
    struct redis *redis = exec->redis;
    struct transaction *transaction = transaction_of(&redis->transactions, exec->client);
    uint64_t arguments = redis->arguments;

    redis->used += arguments;
    redis->arguments = 0;
    if (replication_is_on(&redis->replication))
        replication_begin_several(&redis->replication);
    for (uint32_t i = 0; i < transaction->count; i++) {
        struct queued_command *queued = &transaction->commands[i];
        const struct batch *batch = transaction->rows[queued->batch];

        if (queued->is_called) {
            run_call(redis, batch, queued->first, queued->rows);
            continue;
        }
        end_queued_script(exec);
        run_queued(exec, batch, queued);
    }
    end_queued_script(exec);
    if (replication_is_on(&redis->replication))
        replication_end_several(&redis->replication);
    call_discard(exec);
    redis->used -= arguments;
    redis->arguments = arguments;
}

/* EXEC is refused if any of its commands would be. */
static bool is_denied(const struct call *call, const struct transaction *transaction)
{
    return is_denied_when_full(call) || (transaction && call->op == OP_EXEC && transaction->is_denied);
}

/* Behind MULTI a 7.0 refuses MULTI and WATCH like every command that is queued. */
static bool is_refused_when_full(struct call *call, const struct transaction *transaction)
{
    return is_denied(call, transaction) ||
           (transaction && !ends_transaction((enum op)call->op) && !call->redis->profile->queues_when_full);
}

static void refuse_in(struct call *call, struct transaction *transaction)
{
    if (transaction && call->op == OP_EXEC) {
        refuse_exec(call);
        return;
    }
    if (transaction)
        refuse_transaction(call->redis, transaction);
    refuse(call->redis);
}

void turn_execute(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct call call;
    struct transaction *transaction;
    uint64_t adopted;

    begin_call(&call, redis);
    read_row(&call, batch, first);
    redis->counters.writes += command_table[call.op].denyoom;
    redis->missed_count = 0;
    if (redis->blocked.count)
        end_waits(redis, call.client);
    if (redis->transactions.calls_of && call.client == CLIENT_SCRIPT) {
        queue_call(redis, batch, first, rows);
        return;
    }
    redis->transactions.calls_of = 0;
    transaction = open_transaction(redis, &call);
    if (transaction && !is_never_queued((enum op)call.op)) {
        queue_command(&call, transaction, batch, first, rows);
        return;
    }
    if (!arrive(redis, &call, batch, first, rows, &adopted))
        return;
    if (transaction && is_refused_within(&call, transaction))
        return;
    if (!passes_gate(redis, is_refused_when_full(&call, transaction), batch, first, rows)) {
        refuse_in(&call, transaction);
        return;
    }
    update_cached_time(redis);
    if (runs_script((enum op)call.op) && replication_is_on(&redis->replication))
        replication_begin_several(&redis->replication);
    run_rows(&call, batch, first, rows, adopted);
    if (call.executes) {
        redis->blocked.is_denied = true;
        execute_transaction(&call);
        redis->blocked.is_denied = false;
    }
    if (call.op == OP_RESET || call.op == OP_QUIT)
        call_discard(&call);
    if (redis->script.is_open) {
        begin_script(&call);
        return;
    }
    finish_call(&call);
}

void turn_fill(struct redis *redis, const struct batch *batch, uint32_t row)
{
    struct call call;
    struct argument_list list;

    begin_call(&call, redis);
    read_row(&call, batch, row);
    call.op = OP_SET;
    call.flags &= REQUEST_TTL | REQUEST_MILLIS | REQUEST_ABSOLUTE;
    list = begin_arguments(redis, OP_SET);
    add_row(&list, &call, 0);
    redis->counters.writes++;
    redis->counters.fills++;
    if (is_refused_by_protocol(redis, &list))
        return;
    call.adopted = receive(redis, &list);
    if (!passes_gate(redis, true, batch, row, 1)) {
        refuse(redis);
        return;
    }
    command_functions[OP_SET](&call);
    if (replication_is_on(&redis->replication))
        propagate(&call, batch, row, 1);
    finish_call(&call);
}

void turn_begin(struct redis *redis, const char *const *words, size_t count)
{
    struct argument_list list = {.redis = redis};

    for (size_t i = 0; i < count; i++)
        add_argument(&list, strlen(words[i]));
    receive(redis, &list);
    evict_to_limit(redis);
    update_cached_time(redis);
}

void turn_end(struct redis *redis, enum op op, uint64_t reply, bool failed)
{
    if (failed) {
        redis->counters.command_errors++;
        error_statistics_count(&redis->errors, ERROR_OF_ERR);
    }
    turn_called(redis, op);
    end_of_command(redis, reply, false, true);
}

uint64_t turn_info(struct redis *redis)
{
    struct call call = {.redis = redis, .op = OP_INFO};
    struct argument_list list = begin_arguments(redis, OP_INFO);
    uint64_t printed;

    receive(redis, &list);
    update_cached_time(redis);
    evict_to_limit(redis);
    command_functions[OP_INFO](&call);
    printed = redis->used + redis->profile->info_bytes;
    finish_call(&call);
    return printed;
}
