/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tracking: CLIENT TRACKING and CLIENT CACHING, and HELLO, which says what a client can be told.
 *
 *     CLIENT TRACKING on [REDIRECT id] [PREFIX p] ... [BCAST] [OPTIN] [OPTOUT] [NOLOOP]
 *
 * The number of the first element has all flags (enum tracking_flag); prefixes are members. With REDIRECT the last element,
 * which is no argument, is the channel that is told.
 *
 * Source: clientCommand, helloCommand (networking.c). */
#include "traces/commands/words.h"

#include <string.h>

static bool take_text(struct words *words, const char *text)
{
    if (!words_left(words) || !argument_is(&words->list[words->next], text))
        return false;
    words_take(words);
    return true;
}

/* One option. 0: there is none; TRACKING_ON for PREFIX, which is no flag. */
static unsigned take_option(struct words *words, enum outcome *outcome)
{
    static const struct {
        const char *name;
        unsigned flag;
    } options[] = {
        {"bcast", TRACKING_BCAST}, {"optin", TRACKING_OPTIN}, {"optout", TRACKING_OPTOUT}, {"noloop", TRACKING_NOLOOP}};
    int64_t id;

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (take_text(words, options[i].name))
            return options[i].flag;
    if (words_left(words) > 1 && take_text(words, "prefix")) {
        words_take_member(words)->flags = ELEMENT_TEXT;
        return TRACKING_ON;
    }
    if (words_left(words) > 1 && take_text(words, "redirect")) {
        *outcome = words_take_integer(words, &id) ? DONE : NUMBER;
        return TRACKING_REDIRECT;
    }
    return 0;
}

/* The element, which is no argument, of the channel that clients subscribe to in order to be told for others. */
static void add_channel(struct words *words)
{
    static const char channel[] = "__redis__:invalidate";
    struct named_element *named = queue_element(words->queue, &words->queue->records[words->record]);

    named->text = channel;
    named->bytes = sizeof channel - 1;
    named->element.flags = ELEMENT_CONTENT | ELEMENT_TEXT;
}

/* Whether the server takes options that it was given without prefixes, or with them. */
static bool go_together(unsigned flags, bool has_prefix)
{
    bool opts = flags & TRACKING_OPTIN || flags & TRACKING_OPTOUT;

    return !(has_prefix && !(flags & TRACKING_BCAST)) && !(flags & TRACKING_BCAST && opts) &&
           !(flags & TRACKING_OPTIN && flags & TRACKING_OPTOUT);
}

enum outcome words_client_tracking(struct words *words)
{
    uint32_t first = words->queue->named_count;
    bool is_on, has_prefix = false;
    unsigned flags = 0, option;
    enum outcome outcome = DONE;

    if (!words_left(words))
        return ARITY;
    is_on = take_text(words, "on");
    if (!is_on && !take_text(words, "off"))
        return SYNTAX;
    while (words_left(words) && outcome == DONE) {
        option = take_option(words, &outcome);
        if (!option)
            return SYNTAX;
        has_prefix |= option == TRACKING_ON;
        flags |= option & ~(unsigned)TRACKING_ON;
    }
    if (outcome != DONE || (is_on && !go_together(flags, has_prefix)))
        return outcome == DONE ? SYNTAX : outcome;
    if (flags & TRACKING_REDIRECT)
        add_channel(words);
    words->queue->named[first].element.number = is_on ? (int64_t)(flags | TRACKING_ON) : 0;
    return DONE;
}

enum outcome words_client_caching(struct words *words)
{
    bool is_yes;

    if (words_left(words) != 1)
        return ARITY;
    is_yes = argument_is(&words->list[words->next], "yes");
    if (!is_yes && !argument_is(&words->list[words->next], "no"))
        return SYNTAX;
    words_take(words)->number = is_yes;
    return DONE;
}

/* HELLO [version [AUTH name password] [SETNAME name]]: the number of the first element is the version. */
enum outcome words_hello(struct words *words)
{
    int64_t version;

    if (words_left(words) && (!words_take_integer(words, &version) || version < 2 || version > 3))
        return NUMBER;
    while (words_left(words))
        words_take(words);
    return DONE;
}
