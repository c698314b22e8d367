/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command_log: COMMANDLOG LEN and RESET of one of Valkey 9's logs, whose number the element has. */
#include "traces/commands/words.h"

enum outcome words_command_log(struct words *words)
{
    static const char *const logs[] = {"slow", "large-request", "large-reply"};

    if (words_left(words) != 1)
        return ARITY;
    for (int64_t i = 0; i < (int64_t)(sizeof logs / sizeof *logs); i++)
        if (argument_is(&words->list[words->next], logs[i])) {
            words_take(words)->number = i;
            return DONE;
        }
    return SYNTAX;
}
