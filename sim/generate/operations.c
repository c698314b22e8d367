/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/operations.h"

#include <string.h>

/* clang-format off */
const struct operation operations[] = {
    {"get",       "get",     "",        "GET %k",                  EFFECT_NONE,    true,  false},
    {"gets",      "gets",    "",        "GET %k",                  EFFECT_NONE,    true,  false},
    {"set",       "set",     "",        "SET %k %v",               EFFECT_STORE,   true,  true},
    {"add",       "add",     "",        "SET %k %v NX",            EFFECT_ADD,     true,  true},
    {"replace",   "replace", "",        "SET %k %v XX",            EFFECT_REPLACE, true,  true},
    {"cas",       "cas",     "",        "SET %k %v",               EFFECT_STORE,   true,  true},
    {"delete",    "delete",  "",        "DEL %k",                  EFFECT_DELETE,  false, false},
    {"incr",      "incr",    "",        "INCR %k",                 EFFECT_CHANGE,  true,  false},
    {"decr",      "decr",    "",        "DECR %k",                 EFFECT_CHANGE,  true,  false},
    {"append",    "append",  "",        "APPEND %k %v",            EFFECT_CHANGE,  true,  false},
    {"prepend",   "prepend", "",        "APPEND %k %v",            EFFECT_CHANGE,  true,  false},
    {"expire",    "expire",  "",        "EXPIRE %k %t",            EFFECT_RETIME,  true,  false},
    {"hset",      NULL,      "hash:",   "HSET %k %m %v",           EFFECT_CHANGE,  true,  false},
    {"hget",      NULL,      "hash:",   "HGET %k %m",              EFFECT_NONE,    true,  false},
    {"hgetall",   NULL,      "hash:",   "HGETALL %k",              EFFECT_NONE,    true,  false},
    {"hincrby",   NULL,      "count:",  "HINCRBY %k %m 1",         EFFECT_CHANGE,  true,  false},
    {"hdel",      NULL,      "hash:",   "HDEL %k %m",              EFFECT_NONE,    true,  false},
    {"lpush",     NULL,      "list:",   "LPUSH %k %v",             EFFECT_CHANGE,  true,  false},
    {"rpush",     NULL,      "list:",   "RPUSH %k %v",             EFFECT_CHANGE,  true,  false},
    {"lpop",      NULL,      "list:",   "LPOP %k",                 EFFECT_NONE,    true,  false},
    {"rpop",      NULL,      "list:",   "RPOP %k",                 EFFECT_NONE,    true,  false},
    {"lrange",    NULL,      "list:",   "LRANGE %k 0 9",           EFFECT_NONE,    true,  false},
    {"ltrim",     NULL,      "list:",   "LTRIM %k 0 99",           EFFECT_NONE,    true,  false},
    {"sadd",      NULL,      "set:",    "SADD %k %m",              EFFECT_CHANGE,  true,  false},
    {"sismember", NULL,      "set:",    "SISMEMBER %k %m",         EFFECT_NONE,    true,  false},
    {"smembers",  NULL,      "set:",    "SMEMBERS %k",             EFFECT_NONE,    true,  false},
    {"srem",      NULL,      "set:",    "SREM %k %m",              EFFECT_NONE,    true,  false},
    {"zadd",      NULL,      "zset:",   "ZADD %k %s %m",           EFFECT_CHANGE,  true,  false},
    {"zincrby",   NULL,      "zset:",   "ZINCRBY %k %s %m",        EFFECT_CHANGE,  true,  false},
    {"zscore",    NULL,      "zset:",   "ZSCORE %k %m",            EFFECT_NONE,    true,  false},
    {"zrank",     NULL,      "zset:",   "ZRANK %k %m",             EFFECT_NONE,    true,  false},
    {"zrevrange", NULL,      "zset:",   "ZREVRANGE %k 0 9",        EFFECT_NONE,    true,  false},
    {"zrem",      NULL,      "zset:",   "ZREM %k %m",              EFFECT_NONE,    true,  false},
    {"xadd",      NULL,      "stream:", "XADD %k MAXLEN ~ 1000 * field %v", EFFECT_CHANGE, true, false},
    {"xrange",    NULL,      "stream:", "XRANGE %k - + COUNT 10",  EFFECT_NONE,    true,  false},
    {"xlen",      NULL,      "stream:", "XLEN %k",                 EFFECT_NONE,    true,  false},
};
/* clang-format on */

const size_t operation_count = sizeof operations / sizeof *operations;

const struct operation *operation_find(const char *name, size_t length)
{
    for (size_t i = 0; i < operation_count; i++)
        if (strlen(operations[i].name) == length && !strncmp(operations[i].name, name, length))
            return &operations[i];
    return NULL;
}
