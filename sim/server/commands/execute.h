/* SPDX-License-Identifier: GPL-3.0-or-later */
/* execute: what each command does to the keyspace. */
#ifndef SIM_SERVER_COMMANDS_EXECUTE_H
#define SIM_SERVER_COMMANDS_EXECUTE_H

#include "sim/server/state.h"

/* A command's row, with what executing it says about the reply. */
struct call {
    struct redis *redis;
    enum op op;
    uint32_t id, key_len, value_len;
    uint16_t flags;
    uint8_t db;
    int64_t ttl_ms, number;
    uint64_t adopted;  /* capacity of a long value, once the query buffer's */
    uint64_t reply;    /* bytes */
    bool reply_refers; /* to a value that is sent from where it lies */
    int64_t count;     /* of keys, for replies that count */
    bool failed;       /* an error reply */
    bool missed;       /* a read that the application would fill */
    bool propagates;   /* it changed something, and replicas are sent this: */
    enum op sent_op;
    uint16_t sent_flags;
    int64_t sent_ttl_ms;
};

/* What a command takes, beside its name, and how it is treated. */
enum arguments {
    KEY = 1 << 0, /* of every row */
    VALUE = 1 << 1,
    NUMBER = 1 << 2,      /* one more argument: increment, offset */
    TIME = 1 << 3,        /* one more argument: seconds or milliseconds, always there */
    OPTIONS = 1 << 4,     /* EX, PX, NX and so on, when there */
    DENYOOM = 1 << 5,     /* refused when the gate fails */
    REPLY_ARRAY = 1 << 6, /* the reply is an array, one element per key */
};

struct command {
    void (*run)(struct call *call); /* one row; the call carries counts from row to row */
    unsigned takes;                 /* enum arguments */
};

extern const struct command commands[OP_COUNT];

#endif
