/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/script_arguments.h"

#include "sim/server/commands/call.h"
#include "sim/server/values/sds.h"
#include "sim/stream_words.h"

#include <stdbool.h>
#include <string.h>

enum {
    KEPT_LENGTH = 64, /* LUA_CMD_OBJCACHE_MAX_LEN */
    ID_ROOM = 44,     /* STREAM_ID_STR_LEN */
};

/* What becomes of an argument. */
enum fate {
    FATE_KEPT,
    FATE_GONE,
    FATE_IS_ID, /* of an XADD that makes one: the id replaces it */
};

/* A string command's value is the key's from then on, if it was set; as a number it is another object. */
static bool is_stored(const struct call *call, uint64_t place)
{
    const char *letters = command_table[call->op].arguments, *value = strchr(letters, 'v');
    uint64_t first = value ? (uint64_t)(value - letters) + 1 : 0;

    if (!command_table[call->op].sets || !first)
        return false;
    if (strchr(letters, '+')) /* MSET: every other one */
        return place >= first && (place - first) % 2 == 0;
    return place == first;
}

/* Whether the command was propagated as a vector of its own: SET k v EX 5 as SET k v PXAT 1700000005000. */
static bool has_other_vector(const struct call *call)
{
    const struct command *command = &command_table[call->op];

    if (!call->propagates || command->options == OPTIONS_EXPIRE)
        return false;
    return (command->sets && call->flags & REQUEST_TTL) || call->op == OP_GETEX || call->op == OP_GETDEL ||
           call->op == OP_SPOP;
}

static bool is_stream_word(const struct element *element, enum stream_word word)
{
    return element->flags & ELEMENT_WORD && element->number == word;
}

/* XADD key MAXLEN ~ 1000 * ...: replicas are sent what came of it, XADD key MAXLEN = 1003 1700000000000-0 ... */
static enum fate fate_in_xadd(const struct call *call, uint64_t place)
{
    const struct element *elements = call_elements(call);
    uint64_t at = place - 2, approximately = UINT64_MAX, id = 0;

    id += is_stream_word(&elements[id], STREAM_NOMKSTREAM);
    if (is_stream_word(&elements[id], STREAM_MAXLEN) || is_stream_word(&elements[id], STREAM_MINID)) {
        id++;
        if (is_stream_word(&elements[id], STREAM_APPROXIMATELY))
            approximately = id;
        id += approximately == id || is_stream_word(&elements[id], STREAM_EXACTLY);
        id++;
        id += is_stream_word(&elements[id], STREAM_LIMIT) ? 2 : 0;
    }
    if (at == id && element_id_form(&elements[id]) >= ID_AUTO_SEQ)
        return FATE_IS_ID;
    return at == approximately || at == approximately + 1 ? FATE_GONE : FATE_KEPT;
}

static enum fate fate_of(const struct call *call, uint64_t place, bool is_vector_new)
{
    if (call->propagates && is_stored(call, place))
        return FATE_GONE;
    if (is_vector_new) /* only the key is in both */
        return place == 1 ? FATE_KEPT : FATE_GONE;
    if (call->propagates && command_table[call->op].options == OPTIONS_EXPIRE) /* PEXPIREAT key ms */
        return call->op == OP_PEXPIREAT || place == 1 || place > 2 ? FATE_KEPT : FATE_GONE;
    if (call->op == OP_XADD && call->propagates && place > 1)
        return fate_in_xadd(call, place);
    return FATE_KEPT;
}

static struct kept_argument new_argument(const struct redis *redis, uint32_t length)
{
    uint64_t bytes = argument_bytes(redis, length), capacity = length;

    if (length > redis->embstr_limit)
        capacity = sds_capacity(sds_bytes(redis->allocator, length), sds_header(length));
    return (struct kept_argument){.bytes = (uint32_t)bytes, .capacity = (uint32_t)capacity};
}

/* createStreamIDString makes room for 44 bytes. */
static struct kept_argument new_id(const struct redis *redis)
{
    uint64_t bytes = sds_bytes(redis->allocator, ID_ROOM);

    return (struct kept_argument){
        .bytes = (uint32_t)(allocator_class(redis->allocator, ROBJ_BYTES) + bytes),
        .capacity = (uint32_t)sds_capacity(bytes, sds_header(ID_ROOM)),
    };
}

static void replace(struct script_arguments *arguments, struct kept_argument *kept, struct kept_argument by)
{
    arguments->bytes += by.bytes;
    arguments->bytes -= kept->bytes;
    *kept = by;
}

static void keep(struct redis *redis, struct kept_argument *kept, uint32_t length, enum fate fate)
{
    struct script_arguments *arguments = &redis->script_arguments;
    bool is_used = kept->bytes && kept->capacity >= length, is_kept = fate == FATE_KEPT && length <= KEPT_LENGTH;

    if (fate == FATE_IS_ID)
        replace(arguments, kept, new_id(redis));
    else if (is_kept && !is_used)
        replace(arguments, kept, new_argument(redis, length));
    else if (is_used && !is_kept)
        replace(arguments, kept, (struct kept_argument){0});
}

static uint64_t vector_bytes(const struct redis *redis)
{
    uint64_t count = redis->script_arguments.vector_count;

    return count ? allocator_class(redis->allocator, 8 * count) : 0;
}

void script_arguments_keep(struct redis *redis, const struct call *call, const uint32_t *lengths, uint64_t count)
{
    struct script_arguments *arguments = &redis->script_arguments;
    bool is_vector_new = has_other_vector(call);

    if (redis->profile->frees_script_arguments)
        return;
    redis->used -= arguments->bytes;
    arguments->bytes -= vector_bytes(redis);
    for (uint64_t place = 0; place < count && place < SCRIPT_ARGUMENTS; place++)
        keep(redis, &arguments->kept[place], lengths[place], fate_of(call, place, is_vector_new));
    if (is_vector_new)
        arguments->vector_count = 0;
    else if (count > arguments->vector_count)
        arguments->vector_count = count;
    arguments->bytes += vector_bytes(redis);
    redis->used += arguments->bytes;
}
