/* SPDX-License-Identifier: GPL-3.0-or-later */
/* availability: whether a server has a command, and may refuse it for want of memory: both came with a version. */
#ifndef SIM_SERVER_AVAILABILITY_H
#define SIM_SERVER_AVAILABILITY_H

#include "sim/command.h"
#include "sim/server/profile.h"

/* The server answers "unknown command". */
static inline bool command_is_unknown(const struct server_profile *profile, enum op op)
{
    switch ((enum since)command_table[op].since) {
    case SINCE_EVER:
        return false;
    case SINCE_FIELD_TTLS:
        return !profile->field_ttls;
    case SINCE_HGETEX:
        return !profile->has_hgetex;
    case SINCE_HGETDEL:
        return !profile->has_hgetdel;
    case SINCE_DELIFEQ:
        return !profile->has_delifeq;
    case SINCE_BLESS:
        return !profile->has_bless;
    case SINCE_MSETEX:
        return !profile->has_msetex;
    case SINCE_DELEX:
        return !profile->has_delex;
    case SINCE_DIGEST:
        return !profile->compares_digests;
    }
    return false;
}

static inline bool command_is_denyoom(const struct server_profile *profile, enum op op)
{
    return command_table[op].denyoom || (command_table[op].denyoom_at_first && profile->hexpire_needs_memory);
}

#endif
