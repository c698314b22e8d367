/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pubsub: the channels and patterns of SUBSCRIBE and its kin, and the channel and message of PUBLISH. */
#include "traces/commands/words.h"

static void take_name(struct words *words)
{
    words_take_member(words)->flags = ELEMENT_TEXT;
}

enum outcome words_topics(struct words *words)
{
    while (words_left(words))
        take_name(words);
    return DONE;
}

enum outcome words_some_topics(struct words *words)
{
    return words_left(words) ? words_topics(words) : ARITY;
}

enum outcome words_publish(struct words *words)
{
    if (words_left(words) != 2)
        return ARITY;
    take_name(words);
    words_take(words);
    return DONE;
}
