/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/ttl_setting.h"

#include "sim/alloc.h"
#include "sim/server/values/hash_expires.h"
#include "sim/server/tracking_changes.h"
#include "sim/server/watch.h"

#include <stdlib.h>
#include <string.h>

#define MOST_MS         (INT64_C(0x0000ffffffffffff) >> 2) /* HFE_MAX_ABS_TIME_MSEC */
#define SOME_SECONDS_MS 4000                               /* HASH_NEW_EXPIRE_DIFF_THRESHOLD */

const struct element *ttl_call_fields(const struct call *call)
{
    const struct element *element = call_elements(call), *end = element + call->elements;

    while (element < end && element->member == NO_MEMBER) /* options, FIELDS, how many */
        element++;
    return element;
}

uint32_t ttl_call_count(const struct call *call)
{
    return (uint32_t)(call_elements(call) + call->elements - ttl_call_fields(call));
}

struct ttl_setting ttl_setting_begin(struct call *call, struct entry *entry, int64_t when)
{
    struct ttl_setting setting = {.call = call, .entry = entry, .when = when, .least = EB_NEVER};

    if (!has_spans(call->redis)) /* there only a field that gets one makes the hash another */
        hash_keep_ttls(call->redis, entry);
    setting.due_before = hash_expires_ms(entry);
    if (call->op != OP_HSETEX) {
        setting.nx = call_option(call, WORD_NX);
        setting.xx = call_option(call, WORD_XX);
        setting.gt = call_option(call, WORD_GT);
        setting.lt = call_option(call, WORD_LT);
    }
    return setting;
}

static bool is_met(const struct ttl_setting *setting, int64_t ms)
{
    if (ms == EB_NEVER)
        return !setting->xx && !setting->gt;
    return !setting->nx && !(setting->gt && ms >= setting->when) && !(setting->lt && ms <= setting->when);
}

static void note_least(struct ttl_setting *setting, int64_t ms)
{
    if (ms < setting->least)
        setting->least = ms;
}

static void delete_field(struct ttl_setting *setting, const struct element *field, uint32_t slot)
{
    struct redis *redis = setting->call->redis;
    uint32_t length = collection_text(redis, hash_of(setting->entry), slot).length;

    if (replication_is_on(&redis->replication) && redis->profile->hexpire_sends_one_hdel)
        replication_note_field(&redis->replication, length);
    else if (replication_is_on(&redis->replication))
        replication_delete_field_later(&redis->replication, setting->call->key_len, length);
    hash_delete(redis, setting->entry, field->member);
    redis->counters.expired_subkeys++;
    setting->deleted++;
}

enum ttl_result ttl_setting_apply(struct ttl_setting *setting, const struct element *field)
{
    struct redis *redis = setting->call->redis;
    uint32_t slot = hash_find(redis, setting->entry, field->member);
    int64_t ms;

    if (slot == NO_SLOT || (has_spans(setting->call->redis) && hash_is_past(redis, setting->entry, slot)))
        return TTL_NO_FIELD;
    ms = hash_ttl_ms(setting->entry, slot);
    if (!is_met(setting, ms))
        return TTL_NOT_MET;
    note_least(setting, ms);
    if (setting->when <= redis->unix_ms) {
        delete_field(setting, field, slot);
        return TTL_DELETED;
    }
    note_least(setting, setting->when);
    if (has_spans(setting->call->redis))
        hash_keep_ttls(redis, setting->entry);
    hash_set_ttl(redis, setting->entry, slot, setting->when);
    setting->set++;
    return TTL_SET;
}

void ttl_setting_end(struct ttl_setting *setting)
{
    struct redis *redis = setting->call->redis;
    int64_t before = setting->due_before, first;

    if (!setting->set && !setting->deleted)
        return;
    call_written(setting->call);
    watch_touch(redis, setting->call->id);
    tracking_touch(redis, setting->call->id);
    if (setting->deleted && replication_is_on(&redis->replication) && redis->profile->hexpire_sends_one_hdel)
        replication_delete_fields_later(&redis->replication, setting->call->key_len);
    if (has_spans(setting->call->redis)) /* hash_set_ttl has noted it */
        return;
    if (!hash_of(setting->entry)->count || before < setting->least)
        return;
    first = hash_first_ms(setting->entry);
    if (before == first || (before != EB_NEVER && first != EB_NEVER && llabs(before - first) < SOME_SECONDS_MS))
        return;
    hash_expires_forget(redis, setting->entry);
    hash_expires_note(redis, setting->entry, first);
}

bool ttl_call_time(struct call *call, int64_t *when)
{
    int64_t since = call->flags & REQUEST_ABSOLUTE ? 0 : call->redis->unix_ms;
    int64_t most = call->redis->profile->hexpire_may_be_late ? INT64_MAX - 1 : MOST_MS;

    if (call->ttl_ms > most - since) {
        call_reply_error(call);
        return false;
    }
    *when = call->ttl_ms + since;
    return true;
}

static bool is_ttl(const struct element *element)
{
    return element->flags & ELEMENT_WORD && (element->number == WORD_EX || element->number == WORD_PX ||
                                             element->number == WORD_EXAT || element->number == WORD_PXAT);
}

void ttl_call_propagate(struct call *call, enum op op, const struct element *elements, uint32_t count, int64_t when)
{
    struct element *copy;

    call->propagates = true;
    if (!replication_is_on(&call->redis->replication))
        return;
    copy = xcalloc(count + 1, sizeof *copy);
    memcpy(copy, elements, count * sizeof *copy);
    for (uint32_t i = 0; i + 1 < count; i++)
        if (is_ttl(&copy[i])) {
            copy[i].value_len = 4; /* PXAT */
            copy[i + 1].value_len = decimal_length(when);
        }
    call_propagate_elements(call, op, copy, count);
    call->sent_flags = REQUEST_TTL | REQUEST_ABSOLUTE | REQUEST_MILLIS;
    call->sent_ttl_ms = when;
}

enum ttl_result ttl_call_persist(struct call *call, struct entry *entry, uint32_t field)
{
    uint32_t slot = hash_find(call->redis, entry, field);

    if (slot == NO_SLOT || hash_is_past(call->redis, entry, slot))
        return TTL_NO_FIELD;
    if (hash_ttl_ms(entry, slot) == EB_NEVER)
        return TTL_NONE;
    hash_set_ttl(call->redis, entry, slot, EB_NEVER);
    return TTL_SET;
}
