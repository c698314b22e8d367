/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clients: CLIENT REPLY and CLIENT KILL.
 *
 *     CLIENT KILL address
 *     CLIENT KILL [ADDR address] [TYPE normal|pubsub] [SKIPME yes|no] ...
 *
 * A client is known by the address that it sends from, as the trace has it. Its id, its user and its age are not: with such a
 * filter nobody is closed, and the command counts as executed in part.
 *
 * Source: clientCommand, clientKillCommand (networking.c). */
#include "traces/commands/words.h"

static void add_filter(struct words *words, enum kill_filter filter, int64_t number)
{
    struct element *element = &queue_element(words->queue, &words->queue->records[words->record])->element;

    element->flags = ELEMENT_CONTENT;
    element->value_len = filter;
    element->number = number;
}

/* An address that the trace does not have is nobody's. */
static void add_address(struct words *words, const struct argument *address)
{
    uint32_t client = UINT32_MAX;

    if (words->queue->clients)
        client = member_index_intern(words->queue->clients, address->text, address->bytes);
    add_filter(words, KILL_ADDRESS, client);
}

enum outcome words_client_reply(struct words *words)
{
    static const struct {
        const char *name;
        int64_t mode; /* enum reply_mode of the server */
    } modes[] = {{"on", 0}, {"off", 1}, {"skip", 2}};

    if (words_left(words) != 1)
        return ARITY;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (argument_is(&words->list[words->next], modes[i].name)) {
            words_take(words)->number = modes[i].mode;
            return DONE;
        }
    return SYNTAX;
}

/* One filter and its value. */
static enum outcome take_filter(struct words *words)
{
    const struct argument *name = &words->list[words->next], *value = name + 1;
    bool is_pubsub = argument_is(value, "pubsub");

    words_take(words);
    words_take(words);
    if (argument_is(name, "addr"))
        add_address(words, value);
    else if (argument_is(name, "type") && (is_pubsub || argument_is(value, "normal")))
        add_filter(words, KILL_SUBSCRIBED, is_pubsub);
    else if (!argument_is(name, "skipme"))
        return PARTLY;
    return DONE;
}

enum outcome words_client_kill(struct words *words)
{
    enum outcome outcome = DONE;

    if (!words_left(words))
        return ARITY;
    if (words_left(words) == 1) {
        add_address(words, &words->list[words->next]);
        words_take(words);
        return DONE;
    }
    if (words_left(words) % 2)
        return SYNTAX;
    while (words_left(words))
        if (take_filter(words) == PARTLY)
            outcome = PARTLY;
    if (outcome == PARTLY)
        add_filter(words, KILL_ADDRESS, UINT32_MAX); /* nobody */
    return outcome;
}
