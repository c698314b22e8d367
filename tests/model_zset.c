/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_zset: random commands on sorted sets, in a client's words, against a naive twin that is a plain table of texts
 * and scores. After every command the server must have the twin's members, scores and order, and used_memory must equal
 * a recount. The limits of the listpack are low enough to be reached. */
#include "sim/server/registry.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/zset.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 4, SETS = 2, MEMBERS = 60, LONG = 70, TEXT = 4096, COMMANDS = 4000 };

struct twin_key {
    uint32_t count;
    bool has[MEMBERS];
    double score[MEMBERS];
};

struct world {
    struct cell *cell;
    struct random random;
    struct twin_key keys[KEYS + SETS]; /* sorted sets, then sets */
    char names[MEMBERS][LONG + 1];
    char text[TEXT]; /* of the command at hand */
    bool reads;
    uint64_t expected; /* then: bytes that are read */
};

/* Numbers, short texts, and some too long for a listpack; the first eight bytes tell them apart. */
static void name_members(struct world *world)
{
    for (int i = 0; i < MEMBERS; i++)
        if (i % 3 == 0)
            sprintf(world->names[i], "%d", i * i * i * 1000 - 40000);
        else
            sprintf(world->names[i], "%c%d%0*d", 'a' + i % 7, i, i % 20 == 1 ? LONG - 5 : 1 + i % 12, i);
}

static uint32_t below(struct world *world, uint32_t most)
{
    return (uint32_t)random_below(&world->random, most);
}

__attribute__((format(printf, 2, 3))) static void say(struct world *world, const char *format, ...)
{
    size_t length = strlen(world->text);
    va_list list;

    va_start(list, format);
    vsnprintf(world->text + length, sizeof world->text - length, format, list);
    va_end(list);
}

/* An integer or a decimal, of which many are the same; as the command says it. */
static double random_score(struct world *world)
{
    double score = (double)below(world, 40) - 20;

    if (random_chance(&world->random, 3))
        score = score * 1000 + below(world, 1000);
    if (random_chance(&world->random, 3))
        score += 0.1 * (1 + below(world, 9));
    return score;
}

static void twin_set(struct twin_key *key, uint32_t member, double score)
{
    key->count += !key->has[member];
    key->has[member] = true;
    key->score[member] = score;
}

static void twin_remove(struct twin_key *key, uint32_t member)
{
    key->count -= key->has[member];
    key->has[member] = false;
}

/* ---- order ---- */

/* The twin's members of a key, in order; returns how many. */
static uint32_t twin_order(const struct world *world, const struct twin_key *key, uint32_t order[MEMBERS])
{
    uint32_t count = 0;

    for (uint32_t member = 0; member < MEMBERS; member++) {
        uint32_t i;

        if (!key->has[member])
            continue;
        for (i = count++; i; i--) {
            uint32_t before = order[i - 1];

            if (key->score[before] < key->score[member] ||
                (key->score[before] == key->score[member] && strcmp(world->names[before], world->names[member]) < 0))
                break;
            order[i] = before;
        }
        order[i] = member;
    }
    return count;
}

/* ---- commands: each says itself, and does to the twin what it should ---- */

static void do_zadd(struct world *world, uint32_t id)
{
    static const char *const options[] = {"", " nx", " xx", " gt", " lt", " xx gt ch", " ch", " xx lt"};
    uint32_t option = random_chance(&world->random, 2) ? 0 : below(world, 8);
    struct twin_key *key = &world->keys[id];

    say(world, "zadd k%u%s", id, options[option]);
    for (uint32_t left = 1 + below(world, 6); left; left--) {
        uint32_t member = below(world, MEMBERS);
        double score = random_score(world);
        bool has = key->has[member];

        say(world, " %.17g %s", score, world->names[member]);
        if ((option == 1 && has) || (strstr(options[option], "xx") && !has) ||
            (strstr(options[option], "gt") && has && score <= key->score[member]) ||
            (strstr(options[option], "lt") && has && score >= key->score[member]))
            continue;
        twin_set(key, member, score);
    }
}

static void do_zincrby(struct world *world, uint32_t id)
{
    struct twin_key *key = &world->keys[id];
    uint32_t member = below(world, MEMBERS);
    double by = (double)below(world, 64) / 8 - 4;

    say(world, random_chance(&world->random, 2) ? "zincrby k%u %g %s" : "zadd k%u incr %g %s", id, by,
        world->names[member]);
    twin_set(key, member, (key->has[member] ? key->score[member] : 0) + by);
}

static void do_zrem(struct world *world, uint32_t id)
{
    say(world, "zrem k%u", id);
    for (uint32_t left = 1 + below(world, 6); left; left--) {
        uint32_t member = below(world, MEMBERS);

        say(world, " %s", world->names[member]);
        twin_remove(&world->keys[id], member);
    }
}

/* A text at or beside a member's. */
static void say_lex_end(struct world *world, char text[LONG + 3], bool *excludes)
{
    *excludes = random_chance(&world->random, 2);
    sprintf(text, "%c%s", *excludes ? '(' : '[', world->names[below(world, MEMBERS)]);
}

/* Which of the ordered elements a range has: those from *first on, as many as it returns. */
static uint32_t say_ranks(struct world *world, uint32_t count, uint32_t *first)
{
    int64_t from = (int64_t)below(world, 24) - 8, to = (int64_t)below(world, 24) - 8;

    say(world, " %ld %ld", (long)from, (long)to);
    from = from < 0 ? from + count : from;
    to = to < 0 ? to + count : to;
    from = from < 0 ? 0 : from;
    to = to >= count ? (int64_t)count - 1 : to;
    *first = (uint32_t)from;
    return from > to ? 0 : (uint32_t)(to - from + 1);
}

static uint32_t say_scores(struct world *world, const struct twin_key *key, const uint32_t *order, uint32_t count,
                           uint32_t *first)
{
    double least = random_score(world), most = random_score(world);
    bool excludes_least = random_chance(&world->random, 3), excludes_most = random_chance(&world->random, 3);
    uint32_t found = 0;

    say(world, " %s%.17g %s%.17g", excludes_least ? "(" : "", least, excludes_most ? "(" : "", most);
    for (uint32_t i = 0; i < count; i++) {
        double score = key->score[order[i]];

        if (score < least || score > most || (score == least && excludes_least) || (score == most && excludes_most))
            continue;
        *first = found++ ? *first : i;
    }
    return found;
}

/* All scores are the same, or who knows what: the elements from the first that is not below on. */
static uint32_t say_texts(struct world *world, const uint32_t *order, uint32_t count, uint32_t *first)
{
    char least[LONG + 3], most[LONG + 3];
    bool excludes_least, excludes_most;
    uint32_t found = 0;

    say_lex_end(world, least, &excludes_least);
    say_lex_end(world, most, &excludes_most);
    say(world, " %s %s", least, most);
    for (uint32_t i = 0; i < count; i++) {
        int below_least = strcmp(world->names[order[i]], least + 1),
            above_most = strcmp(world->names[order[i]], most + 1);

        if (below_least < 0 || above_most > 0 || (!below_least && excludes_least) || (!above_most && excludes_most))
            continue;
        *first = found++ ? *first : i;
    }
    return found;
}

static void do_zremrange(struct world *world, uint32_t id)
{
    struct twin_key *key = &world->keys[id];
    uint32_t order[MEMBERS], count = twin_order(world, key, order), first = 0, found;

    if (random_chance(&world->random, 2)) {
        say(world, "zremrangebyrank k%u", id);
        found = say_ranks(world, count, &first);
    } else {
        say(world, "zremrangebyscore k%u", id);
        found = say_scores(world, key, order, count, &first);
    }
    while (found--)
        twin_remove(key, order[first++]);
}

/* A key all of whose scores are the same. */
static void do_zremrangebylex(struct world *world, uint32_t id)
{
    struct twin_key *key = &world->keys[id];
    uint32_t order[MEMBERS], count = twin_order(world, key, order), first = 0, found;

    if (!count || key->score[order[0]] != key->score[order[count - 1]]) {
        say(world, "del k%u", id);
        memset(key, 0, sizeof *key);
        for (uint32_t member = 0; member < 15; member++)
            twin_set(key, below(world, MEMBERS), 0);
        cell_say(world->cell, world->text);
        *world->text = '\0';
        say(world, "zadd k%u", id);
        for (uint32_t member = 0; member < MEMBERS; member++)
            if (key->has[member])
                say(world, " 0 %s", world->names[member]);
        return;
    }
    say(world, "zremrangebylex k%u", id);
    found = say_texts(world, order, count, &first);
    while (found--)
        twin_remove(key, order[first++]);
}

static void do_zpop(struct world *world, uint32_t id)
{
    struct twin_key *key = &world->keys[id];
    uint32_t order[MEMBERS], count = twin_order(world, key, order), popped = below(world, 5);
    bool from_end = random_chance(&world->random, 2);

    say(world, "%s k%u %u", from_end ? "zpopmax" : "zpopmin", id, popped);
    for (uint32_t i = 0; i < popped && i < count; i++)
        twin_remove(key, order[from_end ? count - 1 - i : i]);
}

/* How many bytes the texts of these elements are, with their scores. */
static uint64_t bytes_of(const struct world *world, const struct twin_key *key, const uint32_t *order, uint32_t count,
                         bool with_scores)
{
    uint64_t bytes = 0;
    char score[40];

    for (; count; count--, order++) {
        bytes += strlen(world->names[*order]);
        if (!with_scores)
            continue;
        for (int digits = 1; digits <= 17; digits++) {
            snprintf(score, sizeof score, "%.*g", digits, key->score[*order]);
            if (world->cell->redis->profile->scores_are_short && strtod(score, NULL) == key->score[*order] &&
                !strchr(score, 'e'))
                break;
        }
        bytes += strlen(score);
    }
    return bytes;
}

/* A range that is read. */
static void do_zrange(struct world *world, uint32_t id)
{
    const struct twin_key *key = &world->keys[id];
    uint32_t order[MEMBERS], count = twin_order(world, key, order), first = 0, found;
    bool reversed = random_chance(&world->random, 2), with_scores = random_chance(&world->random, 2);

    if (random_chance(&world->random, 2)) {
        say(world, "%s k%u", reversed ? "zrevrange" : "zrange", id);
        found = say_ranks(world, count, &first);
        if (found && reversed)
            first = count - first - found;
    } else {
        say(world, "zrange k%u", id);
        found = say_scores(world, key, order, count, &first);
        say(world, " byscore");
    }
    if (with_scores)
        say(world, " withscores");
    world->reads = true;
    world->expected = bytes_of(world, key, order + first, found, with_scores);
}

/* ---- several keys ---- */

static double aggregated(const char *aggregate, double score, double other)
{
    if (!strcmp(aggregate, "min"))
        return score < other ? score : other;
    if (!strcmp(aggregate, "max"))
        return score > other ? score : other;
    return score + other;
}

/* What two or three keys make together; a key beyond the sorted sets is a set, whose members have score 1. */
static void combine(const struct world *world, const char *how, const uint32_t *ids, const double *weights,
                    uint32_t count, const char *aggregate, struct twin_key *result)
{
    memset(result, 0, sizeof *result);
    for (uint32_t member = 0; member < MEMBERS; member++) {
        uint32_t has = 0;
        double score = 0;
        bool in_first = false;

        for (uint32_t i = 0; i < count; i++) {
            const struct twin_key *key = &world->keys[ids[i]];

            if (!key->has[member])
                continue;
            in_first |= i == 0;
            score =
                has++ ? aggregated(aggregate, score, weights[i] * key->score[member]) : weights[i] * key->score[member];
        }
        if (!strcmp(how, "union") ? has > 0 : !strcmp(how, "inter") ? has == count : in_first && has == 1)
            twin_set(result, member, score);
    }
}

static void do_combine(struct world *world, uint32_t id)
{
    static const char *const hows[] = {"union", "inter", "diff"}, *const aggregates[] = {"sum", "min", "max"};
    const char *how = hows[below(world, 3)], *aggregate = aggregates[below(world, 3)];
    uint32_t ids[3], count = 1 + below(world, 3);
    double weights[3] = {1, 1, 1};
    bool differs = !strcmp(how, "diff"), has_weights = !differs && random_chance(&world->random, 2);
    struct twin_key result;

    say(world, "z%sstore k%u %u", how, id, count);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = below(world, KEYS + SETS);
        say(world, " k%u", ids[i]);
    }
    if (has_weights)
        say(world, " weights");
    for (uint32_t i = 0; i < count && has_weights; i++) {
        weights[i] = (double)below(world, 8) / 4 - 1;
        say(world, " %g", weights[i]);
    }
    if (!differs)
        say(world, " aggregate %s", aggregate);
    combine(world, how, ids, weights, count, differs ? "sum" : aggregate, &result);
    world->keys[id] = result;
}

/* Likewise, replied. */
static void do_combine_read(struct world *world, uint32_t id)
{
    static const char *const hows[] = {"union", "inter", "diff"};
    const char *how = hows[below(world, 3)];
    uint32_t ids[2] = {id, below(world, KEYS + SETS)}, order[MEMBERS], count;
    double weights[2] = {1, 1};
    struct twin_key result;

    say(world, "z%s 2 k%u k%u withscores", how, ids[0], ids[1]);
    combine(world, how, ids, weights, 2, "sum", &result);
    count = twin_order(world, &result, order);
    world->reads = true;
    world->expected = bytes_of(world, &result, order, count, true);
}

static void do_zrangestore(struct world *world, uint32_t id)
{
    uint32_t from = below(world, KEYS), order[MEMBERS], count = twin_order(world, &world->keys[from], order), first = 0;
    uint32_t found;
    struct twin_key result = {0};

    say(world, "zrangestore k%u k%u", id, from);
    if (random_chance(&world->random, 2)) {
        found = say_ranks(world, count, &first);
    } else {
        found = say_scores(world, &world->keys[from], order, count, &first);
        say(world, " byscore");
    }
    for (; found; found--, first++)
        twin_set(&result, order[first], world->keys[from].score[order[first]]);
    world->keys[id] = result;
}

/* The first of two keys that is there gives elements. */
static void do_zmpop(struct world *world, uint32_t id)
{
    uint32_t other = below(world, KEYS), from = world->keys[id].count ? id : other;
    struct twin_key *key = &world->keys[from];
    uint32_t order[MEMBERS], count = twin_order(world, key, order), popped = 1 + below(world, 4);

    switch (below(world, 3)) {
    case 0:
        say(world, "zmpop 2 k%u k%u min count %u", id, other, popped);
        break;
    case 1:
        say(world, "bzmpop 1.5 2 k%u k%u min count %u", id, other, popped);
        break;
    default:
        popped = 1;
        say(world, "bzpopmin k%u k%u 0", id, other);
        break;
    }
    for (uint32_t i = 0; i < popped && i < count; i++)
        twin_remove(key, order[i]);
}

/* A set, which sorted sets are combined with. */
static void do_sadd(struct world *world, uint32_t id)
{
    uint32_t member = below(world, MEMBERS);
    bool adds = random_chance(&world->random, 2);

    id = KEYS + below(world, SETS);
    say(world, "%s k%u %s", adds ? "sadd" : "srem", id, world->names[member]);
    if (adds)
        twin_set(&world->keys[id], member, 1);
    else
        twin_remove(&world->keys[id], member);
}

static void do_del(struct world *world, uint32_t id)
{
    say(world, "del k%u", id);
    memset(&world->keys[id], 0, sizeof world->keys[id]);
}

static void do_copy(struct world *world, uint32_t id)
{
    uint32_t to = below(world, KEYS);

    if (to == id)
        to = (id + 1) % KEYS;
    say(world, "copy k%u k%u replace", id, to);
    if (world->keys[id].count)
        world->keys[to] = world->keys[id];
}

static void do_read(struct world *world, uint32_t id)
{
    static const char *const reads[] = {"zscore k%u %s", "zmscore k%u %s x", "zcard k%u"};

    say(world, reads[below(world, 3)], id, world->names[below(world, MEMBERS)]);
}

/* ---- comparing ---- */

static void compare_key(const struct world *world, uint32_t id)
{
    char name[8];
    const struct entry *entry;
    uint32_t order[MEMBERS], count = twin_order(world, &world->keys[id], order), slot;

    sprintf(name, "k%u", id);
    entry = entry_of(world->cell->redis, cell_id(world->cell, name));
    assert_int_equal(encodings[entry->encoding].type, count ? TYPE_ZSET : TYPE_ANY);
    if (!count)
        return;
    assert_int_equal(zset_of(entry)->count, count);
    slot = zset_at(entry, 0);
    for (uint32_t rank = 0; rank < count; rank++, slot = zset_next(entry, slot)) {
        assert_int_equal(zset_of(entry)->member[slot], cell_member(world->cell, world->names[order[rank]]));
        assert_true(collection_score(zset_of(entry), slot) == world->keys[id].score[order[rank]]);
    }
    assert_int_equal(slot, NO_SLOT);
}

static uint64_t encodings_of(const struct world *world)
{
    uint64_t seen = 0;

    for (uint32_t id = 0; id < world->cell->name_count; id++)
        seen |= UINT64_C(1) << entry_of(world->cell->redis, id)->encoding;
    return seen;
}

static void run_beside_the_twin(const char *server)
{
    static void (*const commands[])(struct world *, uint32_t) = {
        do_zadd,    do_zadd,         do_zadd,        do_zincrby, do_zrem,      do_read,
        do_zrange,  do_sadd,         do_zpop,        do_zmpop,   do_zremrange, do_zremrangebylex,
        do_combine, do_combine_read, do_zrangestore, do_copy,    do_del};
    struct world world = {.cell = cell_open((struct cell_setup){.server = server}),
                          .random = random_stream(random_seed())};
    uint64_t seen = 0;

    world.cell->redis->config.zset_max_listpack_entries = 20;
    name_members(&world);
    for (int i = 0; i < COMMANDS; i++) {
        uint32_t which = below(&world, sizeof commands / sizeof *commands);

        uint64_t before = world.cell->redis->counters.hit_bytes;

        if (which >= 8 && !random_chance(&world.random, 8))
            continue;
        world.reads = false;
        *world.text = '\0';
        commands[which](&world, below(&world, KEYS));
        cell_say(world.cell, world.text);
        if (world.reads)
            assert_true(world.cell->redis->counters.hit_bytes - before == world.expected);
        for (uint32_t id = 0; id < KEYS; id++)
            compare_key(&world, id);
        assert_true(world.cell->redis->used == recount_used_memory(world.cell->redis));
        seen |= encodings_of(&world);
    }
    assert_true(seen >> ENCODING_ZSET_LISTPACK & seen >> ENCODING_ZSET_SKIPLIST & 1);
    cell_say(world.cell, "flushall");
    assert_true(world.cell->redis->used == recount_used_memory(world.cell->redis));
    cell_close(world.cell);
}

static void members_order_and_memory_are_the_twins(void **state)
{
    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        if (servers[i].profile)
            run_beside_the_twin(servers[i].name);
}

/* One level with probability 3/4, two with 3/16, and so on: four thirds on average. */
static void levels_are_distributed_as_the_servers(void **state)
{
    enum { MANY = 20000 };
    struct cell *cell = cell_open((struct cell_setup){0});
    const struct entry *entry;
    uint32_t levels[SKIPLIST_LEVELS + 1] = {0}, sum = 0;
    char text[64];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "zadd key %d m%d", i * 7919 % MANY, i);
        cell_say(cell, text);
    }
    entry = entry_of(cell->redis, cell_id(cell, "key"));
    for (uint32_t slot = zset_at(entry, 0); slot != NO_SLOT; slot = zset_next(entry, slot)) {
        levels[skiplist_levels(zset_of(entry), slot)]++;
        sum += (uint32_t)skiplist_levels(zset_of(entry), slot);
    }
    assert_true(fabs((double)sum / MANY - 4.0 / 3) < 0.02);
    assert_true(fabs((double)levels[1] / MANY - 0.75) < 0.015);
    assert_true(fabs((double)levels[2] / MANY - 0.1875) < 0.015);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

/* golden/memory, zset_16 of composite_redis7up.csv: MEMORY USAGE less key and entry. */
static void listpacks_are_the_recorded_ones(void **state)
{
    static const struct {
        int count;
        uint64_t usage;
    } recorded[] = {{1, 88}, {2, 104}, {10, 280}, {50, 1080}, {100, 2104}, {128, 3128}};
    enum { OBJECT_KEY_AND_ENTRY = 16 + 16 + 24 };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++) {
        struct cell *cell = cell_open((struct cell_setup){0});
        const struct entry *entry;

        for (int member = 0; member < recorded[i].count; member++) {
            snprintf(text, sizeof text, "zadd key %d m%015d", member, member);
            cell_say(cell, text);
        }
        entry = entry_of(cell->redis, cell_id(cell, "key"));
        assert_int_equal(entry->encoding, ENCODING_ZSET_LISTPACK);
        assert_int_equal(listpack_bytes(cell->redis, entry->structure), recorded[i].usage - OBJECT_KEY_AND_ENTRY);
        cell_close(cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_order_and_memory_are_the_twins),
        cmocka_unit_test(levels_are_distributed_as_the_servers),
        cmocka_unit_test(listpacks_are_the_recorded_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
