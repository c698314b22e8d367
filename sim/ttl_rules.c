/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/ttl_rules.h"

#include "sim/input/patterns.h"

const struct ttl_rule *ttl_rules_find(const struct ttl_rules *rules, enum op op, bool is_fill, uint32_t id)
{
    bool writes = is_fill || command_table[op].denyoom;

    for (size_t i = 0; i < rules->count; i++) {
        const struct ttl_rule *rule = &rules->list[i];

        if (key_patterns_match(rules->keys, id, rule->pattern))
            return writes || !rule->ttl_ms || rule->on_use ? rule : NULL;
    }
    return NULL;
}
