/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/capture/exchange.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

static enum op op_of(const struct request_reader *reader)
{
    struct argument name = requests_argument(reader, 0);

    return op_find(name.text, name.bytes);
}

struct exchange *exchange_new(const struct request_reader *reader)
{
    size_t list = reader->count * sizeof(struct argument);
    struct exchange *exchange = xmalloc(sizeof *exchange + list + reader->bytes);
    char *text = (char *)exchange + sizeof *exchange + list;

    *exchange = (struct exchange){
        .op = op_of(reader),
        .damaged = reader->damaged,
        .first_damaged = reader->first_damaged,
        .bytes = sizeof *exchange + list + reader->bytes,
        .count = reader->count,
    };
    if (reader->bytes)
        memcpy(text, reader->text, reader->bytes);
    for (size_t i = 0; i < reader->count; i++) {
        exchange->arguments[i] = requests_argument(reader, i);
        exchange->arguments[i].text = text + (i ? reader->ends[i - 1] : 0);
    }
    return exchange;
}

struct exchange *exchange_new_closing(void)
{
    struct exchange *exchange = xmalloc(sizeof *exchange);

    *exchange = (struct exchange){.op = OP_COUNT, .is_closing = true, .is_ready = true, .bytes = sizeof *exchange};
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    free(exchange->items);
    free(exchange);
}

void exchange_answer(struct exchange *exchange, const struct reply_reader *reader)
{
    bool is_used = exchange->op == OP_EXEC || (exchange->op < OP_COUNT && command_table[exchange->op].measures);

    exchange->is_known = true;
    memcpy(exchange->word, reader->first_word, sizeof exchange->word);
    if (!is_used || !reader->count)
        return;
    exchange->item_count = reader->count;
    exchange->items = xmalloc(reader->count * sizeof *reader->items);
    memcpy(exchange->items, reader->items, reader->count * sizeof *reader->items);
}

/* A string's size, or that there is none. */
static bool size_of(const struct reply_item *item, uint32_t *size, bool *is_nil)
{
    *is_nil = item->is_nil;
    *size = item->is_nil ? 0 : (uint32_t)item->number;
    return item->is_nil || item->type == '$' || item->type == '=';
}

bool exchange_size(enum op op, const struct reply_item *items, size_t count, size_t key, uint32_t *size, bool *is_nil)
{
    if (!count)
        return false;
    if (op == OP_GET || op == OP_GETEX || op == OP_GETDEL)
        return size_of(items, size, is_nil);
    if (op == OP_STRLEN) { /* of nothing it is 0, too */
        *is_nil = false;
        *size = (uint32_t)items->number;
        return items->type == ':' && items->number > 0 && items->number <= UINT32_MAX;
    }
    if (op != OP_MGET || items->is_nil || items->type != '*' || key + 1 >= count)
        return false;
    return items[key + 1].depth == items->depth + 1 && size_of(&items[key + 1], size, is_nil);
}

const struct reply_item *exchange_reply_of(const struct exchange *exec, size_t index, size_t *count)
{
    size_t at = 1, end;

    if (!exec->item_count || exec->items->type != '*')
        return NULL;
    for (; at < exec->item_count; at++)
        if (exec->items[at].depth == 1 && !index--)
            break;
    for (end = at + 1; end < exec->item_count && exec->items[end].depth > 1;)
        end++;
    *count = end - at;
    return at < exec->item_count ? &exec->items[at] : NULL;
}

bool exchange_is_refused(const struct exchange *exchange)
{
    static const char *const words[] = {"MOVED",   "ASK",        "CLUSTERDOWN", "CROSSSLOT",  "TRYAGAIN",
                                        "NOAUTH",  "NOPERM",     "LOADING",     "MASTERDOWN", "READONLY",
                                        "MISCONF", "NOREPLICAS", "BUSY"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(exchange->word, words[i]))
            return true;
    return false;
}

bool exchange_is_whole(const struct exchange *exchange)
{
    const struct command *command = exchange->op < OP_COUNT ? &command_table[exchange->op] : NULL;
    size_t first = exchange->first_damaged;

    if (!exchange->damaged)
        return true;
    return exchange->damaged == 1 && command && command->arguments && *command->arguments == 'k' && first >= 2 &&
           first <= strlen(command->arguments) && command->arguments[first - 1] == 'v' && command->type <= TYPE_STRING;
}
