/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/error_statistics.h"

#include <string.h>

enum { COUNTER_BYTES = 8 }; /* struct redisError */

static const char *const names[ERROR_KIND_COUNT] = {
#define X(name) [ERROR_OF_##name] = #name,
    ERROR_KINDS(X)
#undef X
};

void error_statistics_init(struct error_statistics *errors, const struct allocator *allocator, uint64_t *memory)
{
    memset(errors->seen, 0, sizeof errors->seen);
    rax_init(&errors->tree, allocator, memory);
    errors->empty_bytes = errors->tree.bytes;
    *memory -= errors->empty_bytes;
}

void error_statistics_release(struct error_statistics *errors)
{
    rax_release(&errors->tree);
}

void error_statistics_count(struct error_statistics *errors, enum error_kind kind)
{
    if (errors->seen[kind])
        return;
    errors->seen[kind] = true;
    *errors->tree.memory += allocator_class(errors->tree.allocator, COUNTER_BYTES);
    rax_insert(&errors->tree, (const unsigned char *)names[kind], strlen(names[kind]), true, 0);
}

void error_statistics_reset(struct error_statistics *errors)
{
    const struct allocator *allocator = errors->tree.allocator;
    uint64_t *memory = errors->tree.memory;

    *memory -= error_statistics_bytes(errors);
    error_statistics_release(errors);
    error_statistics_init(errors, allocator, memory);
}

uint64_t error_statistics_bytes(const struct error_statistics *errors)
{
    return errors->tree.bytes - errors->empty_bytes +
           errors->tree.count * allocator_class(errors->tree.allocator, COUNTER_BYTES);
}
