/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script_arguments: the arguments of the commands that scripts call, which the server keeps for the next call.
 *
 *     redis.call('HSET', key, field, value)
 *                  |      |     |      |
 *     place        0      1     2      3         each of the first 32 places keeps a string
 *
 * A string of at most 64 bytes is kept when the command is done with it, in place of the one that was kept there. The next call
 * uses it if its own argument fits, and makes another if not. What the command has stored, or has replaced by what replicas are
 * sent, is gone. The vector is as long as the longest call, until a command makes another vector of its own. Of a call that is
 * refused, or whose command the server does not know, all is kept. Valkey 9.1 keeps nothing (measured on 9.1.2).
 *
 * Source: luaArgsToRedisArgv, freeLuaRedisArgv (script_lua.c, since Redis 7.0.6). */
#ifndef SIM_SERVER_SCRIPT_ARGUMENTS_H
#define SIM_SERVER_SCRIPT_ARGUMENTS_H

#include <stdint.h>

struct call;
struct redis;

/* The call of a script has been executed: it had so many arguments, the first 32 of these lengths. Changes used_memory. */
void script_arguments_keep(struct redis *redis, const struct call *call, const uint32_t *lengths, uint64_t count);

#endif
