/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_order_policies: policies that keep keys in an order, against naive twins: plain arrays, searched and summed
 * from the front, as the papers describe the policies. A flat cache with random reads, writes, deletions and ttls asks
 * the policy for victims. The twin gets the same calls and must name the same victims.
 *
 * EVSIM_TEST_STEPS sets the number of operations. A failing run gives its step, which is the shortest run of that seed
 * that fails. */
#include "policies/registry.h"
#include "sim/hooks.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 150, CAPACITY = 1000, LARGEST = 60, STEPS = 400000, LISTS = 17, NOWHERE = -1 };

/* The oldest first. */
struct list {
    uint32_t ids[KEYS];
    int count;
};

static struct {
    struct list lists[LISTS];
    uint32_t bytes[KEYS], uses[KEYS];
    uint64_t last[KEYS], since[KEYS], history[KEYS][4];
    uint64_t distances[64];
    uint64_t now;
    double p, q;
    bool is_short[KEYS]; /* cart: the filter bit */
    int found;           /* arc: the list of ghosts that the arriving key was in */
    bool forgets;        /* arc: the victim leaves no ghost */
    bool returns[KEYS];  /* it arrived, and was found among the ghosts */
    struct list due;     /* slru: victims of a hit */
    uint64_t incoming;   /* bytes of the key that arrives */
    uint32_t hand;       /* sieve: 1 + the key it stands at; 0: at the oldest */
} twin;

/* What a policy should do. Hooks that are NULL do nothing. */
struct twin_policy {
    const char *name;
    double parameters[POLICY_PARAMETERS]; /* its own first ones, for both */
    int parameter_count;
    void (*arriving)(uint32_t id);
    void (*added)(uint32_t id);
    void (*used)(uint32_t id);
    void (*gone)(uint32_t id, bool evicted);
    uint32_t (*victim)(void);
};

static const struct twin_policy *naive;

static double parameter(int i)
{
    return naive->parameters[i];
}

/* ---- lists ---- */

static int list_of(uint32_t id)
{
    for (int list = 0; list < LISTS; list++)
        for (int i = 0; i < twin.lists[list].count; i++)
            if (twin.lists[list].ids[i] == id)
                return list;
    return NOWHERE;
}

static uint64_t bytes_of(int list)
{
    uint64_t bytes = 0;

    for (int i = 0; i < twin.lists[list].count; i++)
        bytes += twin.bytes[twin.lists[list].ids[i]];
    return bytes;
}

static void leave(uint32_t id)
{
    struct list *list = &twin.lists[list_of(id)];
    int i = 0;

    while (list->ids[i] != id)
        i++;
    memmove(&list->ids[i], &list->ids[i + 1], (size_t)(--list->count - i) * sizeof *list->ids);
}

static void enter(int list, uint32_t id)
{
    twin.lists[list].ids[twin.lists[list].count++] = id;
}

static void move(int list, uint32_t id)
{
    leave(id);
    enter(list, id);
}

static uint32_t oldest(int list)
{
    return twin.lists[list].count ? twin.lists[list].ids[0] : NO_KEY;
}

static void drop_oldest(int list)
{
    leave(oldest(list));
}

static uint32_t oldest_of_lowest(void)
{
    for (int list = 0; list < LISTS; list++)
        if (twin.lists[list].count)
            return oldest(list);
    return NO_KEY;
}

/* The key came in; until then it weighs, as a ghost, what it did. */
static void weigh(uint32_t id)
{
    twin.bytes[id] = (uint32_t)twin.incoming;
}

static void enter_first(uint32_t id)
{
    weigh(id);
    enter(0, id);
}

static void leave_for_good(uint32_t id, bool evicted)
{
    (void)evicted;
    leave(id);
}

static void touch(uint32_t id)
{
    move(list_of(id), id);
}

/* ---- fifo, lru, mru, clock, second-chance ---- */

static uint32_t newest(void)
{
    return twin.lists[0].count ? twin.lists[0].ids[twin.lists[0].count - 1] : NO_KEY;
}

static void enter_unused(uint32_t id)
{
    twin.uses[id] = 0;
    enter_first(id);
}

static void count_use(uint32_t id)
{
    if (twin.uses[id] < pow(2, parameter(0)) - 1)
        twin.uses[id]++;
}

static void set_bit(uint32_t id)
{
    twin.uses[id] = 1;
}

static uint32_t clock_victim(void)
{
    while (twin.uses[oldest(0)]) {
        twin.uses[oldest(0)]--;
        move(0, oldest(0));
    }
    return oldest(0);
}

/* ---- sieve ---- */

static int place_in_first(uint32_t id)
{
    int place = 0;

    while (twin.lists[0].ids[place] != id)
        place++;
    return place;
}

static uint32_t sieve_victim(void)
{
    const struct list *list = &twin.lists[0];
    int place = twin.hand ? place_in_first(twin.hand - 1) : 0;

    for (; twin.uses[list->ids[place]]; place = (place + 1) % list->count)
        twin.uses[list->ids[place]] = 0;
    twin.hand = list->ids[place] + 1;
    return list->ids[place];
}

static void sieve_gone(uint32_t id, bool evicted)
{
    int next = place_in_first(id) + 1;

    (void)evicted;
    if (twin.hand == id + 1)
        twin.hand = next < twin.lists[0].count ? twin.lists[0].ids[next] + 1 : 0;
    leave(id);
}

/* ---- adaptive-climb: `p` is the jump, `hand` is set once it has begun; the top is the newest. `distances` count
 * how often the jump was short and long: it must go both ways ---- */

enum { CLIMB_CAPACITY = 2 * CAPACITY };

static double climb_most(void)
{
    uint64_t bytes = bytes_of(0);

    return bytes ? fmax(twin.lists[0].count, floor((double)CLIMB_CAPACITY * twin.lists[0].count / (double)bytes))
                 : UINT32_MAX;
}

static void climb_put(uint32_t id, double below)
{
    struct list *list = &twin.lists[0];
    int place = below < 0 ? 0 : below < list->count ? (int)below : list->count;

    memmove(&list->ids[place + 1], &list->ids[place], (size_t)(list->count++ - place) * sizeof *list->ids);
    list->ids[place] = id;
}

static void climb_added(uint32_t id)
{
    double most;

    enter_first(id);
    most = climb_most();
    leave(id);
    twin.p = twin.hand ? fmin(most, twin.p + 1) : most;
    twin.hand = 1;
    climb_put(id, twin.lists[0].count - (most - twin.p));
}

static void climb_used(uint32_t id)
{
    int place = place_in_first(id);

    twin.p = fmax(1, fmin(climb_most(), twin.p) - 1);
    twin.distances[0] += twin.p < 5;
    twin.distances[1] += twin.p > 20;
    if (place == twin.lists[0].count - 1)
        return;
    leave(id);
    climb_put(id, place + twin.p);
}

/* ---- fifo-merge: exam, keep; `returns` are those that are to go, `due` their order ---- */

static double merge_worth(uint32_t id)
{
    return (twin.uses[id] + 0.05) / (twin.bytes[id] > 1 ? twin.bytes[id] : 1);
}

static void merge_added(uint32_t id)
{
    twin.returns[id] = false;
    enter_unused(id);
}

static void merge_used(uint32_t id)
{
    twin.uses[id]++;
}

static void merge_gone(uint32_t id, bool evicted)
{
    twin.returns[id] = false;
    sieve_gone(id, evicted);
}

/* The least worth of those from this place on, round the queue, which are not to go yet. */
static uint32_t merge_worst(int place)
{
    const struct list *list = &twin.lists[0];
    uint32_t worst = NO_KEY;

    for (int i = 0; i < (int)parameter(0); i++) {
        uint32_t id = list->ids[(place + i) % list->count];

        if (!twin.returns[id] && (worst == NO_KEY || merge_worth(id) < merge_worth(worst)))
            worst = id;
    }
    return worst;
}

static uint32_t merge_victim(void)
{
    const struct list *list = &twin.lists[0];
    int exam = (int)parameter(0), place = twin.hand ? place_in_first(twin.hand - 1) : 0;

    while (twin.due.count) {
        if (twin.returns[twin.due.ids[0]])
            return twin.due.ids[0];
        memmove(twin.due.ids, twin.due.ids + 1, (size_t)--twin.due.count * sizeof *twin.due.ids);
    }
    if (list->count <= exam) {
        twin.hand = 0;
        return oldest(0);
    }
    for (int i = exam - (int)parameter(1); i > 0; i--) {
        uint32_t id = merge_worst(place);

        twin.returns[id] = true;
        twin.due.ids[twin.due.count++] = id;
    }
    twin.hand = place + exam == list->count ? 0 : list->ids[(place + exam) % list->count] + 1;
    return twin.due.ids[0];
}

/* ---- s3fifo: small, ghost, threshold, skip, ghost-uses, main-uses, fill-main; `last`, `now` count keys in small,
 * `hand` is set once a victim was asked for ---- */

enum { S3_SMALL, S3_MAIN, S3_GHOST };

static void s3fifo_arriving(uint32_t id)
{
    twin.returns[id] = list_of(id) == S3_GHOST && twin.uses[id] >= parameter(4);
    if (list_of(id) == S3_GHOST)
        leave(id);
}

static void s3fifo_added(uint32_t id)
{
    bool fills = parameter(6) != 0 && !twin.hand && bytes_of(S3_SMALL) >= (uint64_t)(CAPACITY * parameter(0));

    weigh(id);
    assert_true(twin.bytes[id] <= CAPACITY * parameter(0));
    twin.uses[id] = 0;
    enter(twin.returns[id] || fills ? S3_MAIN : S3_SMALL, id);
    if (list_of(id) == S3_SMALL)
        twin.last[id] = ++twin.now;
}

static void s3fifo_used(uint32_t id)
{
    bool is_main = list_of(id) == S3_MAIN;
    double share = floor(CAPACITY * parameter(0)) * parameter(3);
    double later = (double)(twin.now - twin.last[id]);

    if (twin.uses[id] >= (is_main ? parameter(5) : 3))
        return;
    if (is_main || later * (double)bytes_of(S3_SMALL) >= share * twin.lists[S3_SMALL].count)
        twin.uses[id]++;
}

static uint32_t s3fifo_victim(void)
{
    twin.hand = 1;
    if (bytes_of(S3_MAIN) <= CAPACITY - (uint64_t)(CAPACITY * parameter(0)))
        while (twin.lists[S3_SMALL].count) {
            uint32_t id = oldest(S3_SMALL);

            if (twin.uses[id] < parameter(2))
                return id;
            twin.uses[id] = 0;
            move(S3_MAIN, id);
        }
    while (twin.lists[S3_MAIN].count && twin.uses[oldest(S3_MAIN)]) {
        twin.uses[oldest(S3_MAIN)]--;
        move(S3_MAIN, oldest(S3_MAIN));
    }
    return oldest(S3_MAIN);
}

static void s3fifo_gone(uint32_t id, bool evicted)
{
    bool remembered = evicted && list_of(id) == S3_SMALL && twin.bytes[id] <= CAPACITY * parameter(1);

    leave(id);
    if (remembered)
        enter(S3_GHOST, id);
    while (bytes_of(S3_GHOST) > CAPACITY * parameter(1))
        drop_oldest(S3_GHOST);
}

/* ---- slru: segments, protected, rigid ---- */

static uint64_t segment_room(int segment)
{
    double upper = parameter(1) / (parameter(0) - 1);

    return (uint64_t)(CAPACITY * (segment ? upper : 1 - parameter(1)));
}

static void slru_added(uint32_t id)
{
    int segment = 0;

    weigh(id);
    assert_true(twin.bytes[id] <= segment_room(0));
    if (parameter(2) != 0) {
        while (segment < parameter(0) && bytes_of(segment) + twin.bytes[id] > segment_room(segment))
            segment++;
        if (segment == (int)parameter(0))
            segment = 0;
    }
    enter(segment, id);
}

/* The oldest falls; who is pushed out below falls in turn, and out of the lowest of a rigid one, is evicted. */
static void cool(int segment)
{
    uint32_t id = oldest(segment);

    if (segment == 0) {
        twin.due.ids[twin.due.count++] = id;
        leave(id);
        return;
    }
    move(segment - 1, id);
    while (bytes_of(segment - 1) > segment_room(segment - 1) && (segment > 1 || parameter(2) != 0))
        cool(segment - 1);
}

static void slru_used(uint32_t id)
{
    int top = (int)parameter(0) - 1, to = list_of(id) < top ? list_of(id) + 1 : top;

    move(to, id);
    while (bytes_of(to) > segment_room(to))
        cool(to);
}

/* A due victim has left the lists already. */
static void slru_gone(uint32_t id, bool evicted)
{
    (void)evicted;
    if (list_of(id) == NOWHERE)
        memmove(twin.due.ids, twin.due.ids + 1, (size_t)--twin.due.count * sizeof *twin.due.ids);
    else
        leave(id);
}

/* ---- 2q: kin, kout ---- */

enum { A1IN, A1OUT, AM };

static void two_q_arriving(uint32_t id)
{
    if (list_of(id) == NOWHERE)
        return;
    twin.returns[id] = true;
    leave(id);
}

static void two_q_added(uint32_t id)
{
    weigh(id);
    assert_true(twin.bytes[id] <= CAPACITY * parameter(0));
    enter(twin.returns[id] ? AM : A1IN, id);
    twin.returns[id] = false;
}

static void two_q_used(uint32_t id)
{
    if (list_of(id) == AM)
        touch(id);
}

static uint32_t two_q_victim(void)
{
    return oldest(bytes_of(A1IN) > CAPACITY * parameter(0) || !twin.lists[AM].count ? A1IN : AM);
}

static void two_q_gone(uint32_t id, bool evicted)
{
    bool remembered = evicted && list_of(id) == A1IN && twin.bytes[id] <= CAPACITY * parameter(1);

    leave(id);
    if (remembered)
        enter(A1OUT, id);
    while (bytes_of(A1OUT) > CAPACITY * parameter(1))
        drop_oldest(A1OUT);
}

/* ---- arc: by-bytes; car ---- */

enum { T1, T2, B1, B2 };

/* The paper's delta, for a hit in B1 or B2. */
static double delta(int hit, int other, uint32_t id, bool by_bytes)
{
    double ratio = bytes_of(hit) ? fmax(1, (double)bytes_of(other) / (double)bytes_of(hit)) : 1;

    return by_bytes ? ratio * twin.bytes[id] : ratio;
}

static void adapt(uint32_t id, bool by_bytes)
{
    if (list_of(id) == B1)
        twin.p = fmin(CAPACITY, twin.p + delta(B1, B2, id, by_bytes));
    else
        twin.p = fmax(0, twin.p - delta(B2, B1, id, by_bytes));
}

static uint64_t directory(void)
{
    return bytes_of(T1) + bytes_of(T2) + bytes_of(B1) + bytes_of(B2);
}

/* Case IV: A, or B. True when a ghost went. */
static bool arc_forgets_ghost(void)
{
    if (bytes_of(T1) + bytes_of(B1) + twin.incoming > CAPACITY) {
        if (!twin.lists[B1].count)
            return false;
        drop_oldest(B1);
        return true;
    }
    if (directory() < 2 * CAPACITY || !twin.lists[B2].count)
        return false;
    drop_oldest(B2);
    return true;
}

static void arc_arriving(uint32_t id)
{
    bool by_bytes = parameter(0) != 0;

    twin.found = list_of(id);
    twin.returns[id] = twin.returns[id] || twin.found != NOWHERE;
    if (twin.found != NOWHERE) {
        adapt(id, by_bytes);
        leave(id);
    } else if (by_bytes) {
        while (arc_forgets_ghost())
            ;
    }
}

static void arc_added(uint32_t id)
{
    weigh(id);
    enter(twin.returns[id] ? T2 : T1, id);
    twin.returns[id] = false;
    twin.found = NOWHERE;
}

static void arc_used(uint32_t id)
{
    move(T2, id);
}

static uint32_t arc_victim(void)
{
    bool t1_first;

    twin.forgets = false;
    if (twin.found == NOWHERE) {
        twin.forgets = !twin.lists[B1].count && twin.lists[T1].count && bytes_of(T1) + twin.incoming > CAPACITY;
        if (twin.forgets)
            return oldest(T1);
        if (parameter(0) == 0)
            arc_forgets_ghost();
    }
    t1_first = (double)bytes_of(T1) > twin.p || (twin.found == B2 && (double)bytes_of(T1) == twin.p);
    return (twin.lists[T1].count && t1_first) || !twin.lists[T2].count ? oldest(T1) : oldest(T2);
}

static void arc_gone(uint32_t id, bool evicted)
{
    int list = list_of(id);

    leave(id);
    if (evicted && !twin.forgets)
        enter(list == T1 ? B1 : B2, id);
}

static void car_added(uint32_t id)
{
    int list = list_of(id);
    uint64_t bytes = twin.incoming;

    if (list != NOWHERE) {
        adapt(id, true);
        leave(id);
    }
    weigh(id);
    if (list == NOWHERE && bytes_of(T1) + bytes_of(B1) + bytes > CAPACITY) {
        while (twin.lists[B1].count && bytes_of(T1) + bytes_of(B1) + bytes > CAPACITY)
            drop_oldest(B1);
    } else if (list == NOWHERE) {
        while (twin.lists[B2].count && directory() + bytes > 2 * CAPACITY)
            drop_oldest(B2);
    }
    twin.uses[id] = 0;
    enter(list == NOWHERE ? T1 : T2, id);
}

static uint32_t car_victim(void)
{
    for (;;) {
        bool from_t1 = (double)bytes_of(T1) >= fmax(1, twin.p) || !twin.lists[T2].count;
        uint32_t id = oldest(from_t1 && twin.lists[T1].count ? T1 : T2);

        if (id == NO_KEY || !twin.uses[id])
            return id;
        twin.uses[id] = 0;
        move(T2, id);
    }
}

static void car_gone(uint32_t id, bool evicted)
{
    int list = list_of(id);

    leave(id);
    if (evicted)
        enter(list == T1 ? B1 : B2, id);
}

/* ---- cart: the paper's figure 3, a step of p or q being the key's bytes ---- */

static uint64_t short_bytes(void)
{
    uint64_t bytes = 0;

    for (int i = 0; i < twin.lists[T1].count; i++)
        if (twin.is_short[twin.lists[T1].ids[i]])
            bytes += twin.bytes[twin.lists[T1].ids[i]];
    return bytes;
}

static void cart_raise_q(uint32_t id)
{
    if (bytes_of(T2) + bytes_of(B2) + bytes_of(T1) - short_bytes() >= CAPACITY)
        twin.q = fmin(twin.q + twin.bytes[id], 2.0 * CAPACITY - (double)bytes_of(T1));
}

static void cart_added(uint32_t id)
{
    int list = list_of(id);
    double short_keys = (double)short_bytes(), long_keys = (double)(bytes_of(T1) + bytes_of(T2)) - short_keys;

    if (list == B1)
        twin.p = fmin(CAPACITY, twin.p + fmax(1, short_keys / (double)bytes_of(B1)) * twin.bytes[id]);
    if (list == B2)
        twin.p = fmax(0, twin.p - fmax(1, long_keys / (double)bytes_of(B2)) * twin.bytes[id]);
    if (list != NOWHERE)
        leave(id);
    while (bytes_of(B1) + bytes_of(B2) > CAPACITY)
        drop_oldest((double)bytes_of(B1) > twin.q || !twin.lists[B2].count ? B1 : B2);
    twin.uses[id] = 0;
    twin.is_short[id] = list == NOWHERE;
    weigh(id);
    enter(T1, id);
    if (list == B2)
        cart_raise_q(id);
}

static uint32_t cart_victim(void)
{
    uint32_t id;

    while ((id = oldest(T2)) != NO_KEY && twin.uses[id]) {
        twin.uses[id] = 0;
        move(T1, id);
        cart_raise_q(id);
    }
    while ((id = oldest(T1)) != NO_KEY && (twin.uses[id] || !twin.is_short[id])) {
        if (!twin.uses[id]) {
            move(T2, id);
            twin.q = fmax(twin.q - twin.bytes[id], CAPACITY - (double)bytes_of(T1));
            continue;
        }
        twin.uses[id] = 0;
        move(T1, id);
        if ((double)bytes_of(T1) >= fmin(twin.p + twin.bytes[id], (double)bytes_of(B1)))
            twin.is_short[id] = false;
    }
    return (double)bytes_of(T1) >= fmax(1, twin.p) || oldest(T2) == NO_KEY ? oldest(T1) : oldest(T2);
}

/* ---- mq: queues, out, life ---- */

enum { OUT = 16 };

static uint64_t lifetime(void)
{
    int peak = twin.found;

    if (parameter(2) != 0)
        return (uint64_t)parameter(2);
    return peak == NOWHERE ? UINT64_MAX : UINT64_C(2) << peak;
}

static void note_distance(uint64_t distance)
{
    int power = 0;

    while (distance >> (power + 1))
        power++;
    if (++twin.distances[power] > (twin.found == NOWHERE ? 0 : twin.distances[twin.found]))
        twin.found = power;
}

static void mq_used(uint32_t id)
{
    int queue = 0;

    twin.uses[id]++;
    while (twin.uses[id] >> (queue + 1) && queue + 1 < parameter(0))
        queue++;
    twin.last[id] = twin.since[id] = twin.now;
    move(queue, id);
    twin.now++;
    for (int k = 1; k < parameter(0); k++) {
        uint32_t head = oldest(k);

        if (head == NO_KEY || twin.now - twin.since[head] <= lifetime())
            continue;
        twin.since[head] = twin.now;
        move(k - 1, head);
    }
}

static void mq_added(uint32_t id)
{
    if (list_of(id) == OUT) {
        note_distance(twin.now - twin.last[id]);
        leave(id);
    } else {
        twin.uses[id] = 0;
    }
    enter_first(id);
    mq_used(id);
}

static void mq_gone(uint32_t id, bool evicted)
{
    leave(id);
    if (evicted)
        enter(OUT, id);
    while (bytes_of(OUT) > CAPACITY * parameter(1))
        drop_oldest(OUT);
}

/* ---- lru-k: k, correlated, retained ---- */

static void note_reference(uint32_t id, uint64_t correlation_period)
{
    for (int i = 3; i > 0; i--)
        twin.history[id][i] = twin.history[id][i - 1] ? twin.history[id][i - 1] + correlation_period : 0;
    twin.history[id][0] = twin.now;
}

static void lru_k_added(uint32_t id)
{
    twin.now++;
    if (parameter(2) != 0 && (double)(twin.now - twin.last[id]) > parameter(2))
        memset(twin.history[id], 0, sizeof twin.history[id]);
    note_reference(id, 0);
    twin.last[id] = twin.now;
    enter_first(id);
}

static void lru_k_used(uint32_t id)
{
    twin.now++;
    if ((double)(twin.now - twin.last[id]) > parameter(1))
        note_reference(id, twin.last[id] - twin.history[id][0]);
    twin.last[id] = twin.now;
}

static bool goes_before(uint32_t id, uint32_t other)
{
    int k = (int)parameter(0) - 1;
    bool is_safe = (double)(twin.now + 1 - twin.last[id]) <= parameter(1);
    bool other_is_safe = (double)(twin.now + 1 - twin.last[other]) <= parameter(1);

    if (is_safe != other_is_safe)
        return other_is_safe;
    if (!is_safe && twin.history[id][k] != twin.history[other][k])
        return twin.history[id][k] < twin.history[other][k];
    return twin.last[id] < twin.last[other];
}

static uint32_t lru_k_victim(void)
{
    uint32_t first = oldest(0);

    for (int i = 1; i < twin.lists[0].count; i++)
        if (goes_before(twin.lists[0].ids[i], first))
            first = twin.lists[0].ids[i];
    return first;
}

static void lru_k_gone(uint32_t id, bool evicted)
{
    leave(id);
    if (!evicted)
        memset(twin.history[id], 0, sizeof twin.history[id]);
}

/* ---- the policy under test, watched ---- */

static const struct policy *real;
static uint64_t victims, surpluses, removals, step;

static void arriving(struct policy_context *context, uint32_t id)
{
    twin.incoming = context->arriving_bytes;
    policy_call(context, real->arriving, id);
    if (naive->arriving)
        naive->arriving(id);
}

static void added(struct policy_context *context, uint32_t id)
{
    policy_call(context, real->added, id);
    twin.incoming = policy_size(context, id);
    naive->added(id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    policy_call(context, real->read, id);
    if (naive->used)
        naive->used(id);
}

static void written(struct policy_context *context, uint32_t id)
{
    policy_call(context, real->written, id);
    twin.bytes[id] = (uint32_t)policy_size(context, id);
    if (naive->used)
        naive->used(id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    policy_call(context, real->removed, id);
    naive->gone(id, false);
    removals++;
}

static void evicted(struct policy_context *context, uint32_t id)
{
    policy_call(context, real->evicted ? real->evicted : real->removed, id);
    naive->gone(id, true);
}

static void expect_same(uint32_t id, uint32_t expected)
{
    if (id != expected)
        fail_msg("%s: step %lu: %u should go, and %u goes", naive->name, step, expected, id);
}

static uint32_t victim(struct policy_context *context)
{
    uint32_t id = real->victim(context);

    expect_same(id, naive->victim());
    victims++;
    return id;
}

static uint32_t surplus(struct policy_context *context)
{
    uint32_t id = real->surplus(context);

    expect_same(id, twin.due.count ? twin.due.ids[0] : NO_KEY);
    surpluses += id != NO_KEY;
    return id;
}

/* ---- traffic ---- */

/* Some keys are hot, some come round in loops larger than the cache. */
static uint32_t random_id(struct random *random)
{
    static const uint32_t loops[] = {KEYS, KEYS / 2};
    double u = random_unit(random);

    if (step / 2000 % 3 < 2 || random_chance(random, 50))
        return (uint32_t)(u * u * KEYS);
    return (uint32_t)(step % loops[step / 6000 % 2]);
}

static struct row random_row(struct random *random)
{
    static const enum op ops[] = {OP_GET, OP_GET, OP_GET, OP_GET, OP_GET, OP_GET, OP_SET, OP_SET, OP_SET, OP_DEL};
    uint64_t largest = random_chance(random, 3) ? 6 * LARGEST : LARGEST;
    struct row row = {.op = ops[random_below(random, 10)],
                      .id = random_id(random),
                      .key_len = 4,
                      .value_len = (uint32_t)random_below(random, largest + 1)};

    if (row.op == OP_SET && random_chance(random, 10)) {
        row.flags = REQUEST_TTL;
        row.ttl_ms = (int64_t)random_below(random, 100);
    }
    return row;
}

static uint64_t steps(void)
{
    const char *text = getenv("EVSIM_TEST_STEPS");

    return text ? strtoull(text, NULL, 10) : STEPS;
}

static void compare(const struct twin_policy *policy)
{
    struct random random = random_stream(random_seed());
    struct policy_parameter parameters[POLICY_PARAMETERS + 1] = {{0}};
    struct policy watched = *policy_find(policy->name);
    struct cell *cell;

    naive = policy;
    real = policy_find(policy->name);
    for (int i = 0; real->parameters && real->parameters[i].name; i++) {
        parameters[i] = real->parameters[i];
        if (i < policy->parameter_count)
            parameters[i].initial = policy->parameters[i];
    }
    watched.parameters = parameters;
    watched.arriving = arriving;
    watched.added = added;
    watched.read = read_key;
    watched.written = written;
    watched.removed = removed;
    watched.evicted = evicted;
    watched.victim = victim;
    watched.surplus = real->surplus ? surplus : NULL;
    memset(&twin, 0, sizeof twin);
    twin.found = NOWHERE;
    victims = surpluses = removals = 0;
    cell = cell_open((struct cell_setup){
        .server = "flat",
        .wrapped = &watched,
        .maxmemory = policy->added == climb_added ? CLIMB_CAPACITY : CAPACITY,
        .options = {.fill = true, .interval_us = INT64_C(1) << 60},
    });
    for (step = 0; step < steps(); step++) {
        cell_do(cell, random_row(&random));
        cell->now_us += 1000;
    }
    printf("%s: %lu victims, %lu more though there was room, %lu removed\n", policy->name, victims, surpluses,
           removals);
    assert_true(victims > step / 10 && removals > step / 100);
    if (policy->added == slru_added && policy->parameters[2] != 0)
        assert_true(surpluses > step / 1000);
    if (policy->added == climb_added)
        assert_true(twin.distances[0] > step / 20 && twin.distances[1] > step / 20);
    cell_finish(cell, NULL);
    cell_close(cell);
}

/* ---- tests ---- */

#define TEST(name, ...)                                                                                                \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        compare(&(const struct twin_policy){__VA_ARGS__});                                                             \
    }

TEST(fifo, .name = "fifo", .added = enter_first, .gone = leave_for_good, .victim = oldest_of_lowest)
TEST(lru, .name = "lru", .added = enter_first, .used = touch, .gone = leave_for_good, .victim = oldest_of_lowest)
TEST(mru, .name = "mru", .added = enter_first, .used = touch, .gone = leave_for_good, .victim = newest)
TEST(adaptive_climb, .name = "adaptive-climb", .added = climb_added, .used = climb_used, .gone = leave_for_good,
     .victim = oldest_of_lowest)
TEST(second_chance, .name = "second-chance", .added = enter_unused, .used = set_bit, .gone = leave_for_good,
     .victim = clock_victim)

TEST(sieve, .name = "sieve", .added = enter_unused, .used = set_bit, .gone = sieve_gone, .victim = sieve_victim)

static void s3fifo(void **state)
{
    static const double parameters[][7] = {{0.1, 0.9, 2, 0, 0, 3, 0}, {0.3, 0.2, 1, 0.5, 1, 1, 1}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct twin_policy policy = {"s3fifo",     {0},         7,           s3fifo_arriving,
                                     s3fifo_added, s3fifo_used, s3fifo_gone, s3fifo_victim};

        memcpy(policy.parameters, parameters[i], sizeof parameters[i]);
        compare(&policy);
    }
}

static void clocks(void **state)
{
    (void)state;
    for (int bits = 1; bits <= 3; bits++)
        compare(&(const struct twin_policy){
            "clock", {bits}, 1, NULL, enter_unused, count_use, leave_for_good, clock_victim});
}

static void fifo_merge(void **state)
{
    static const double parameters[][2] = {{10, 5}, {20, 3}, {2, 1}, {7, 6}, {5, 0}, {140, 70}};

    (void)state;
    for (int i = 0; i < 6; i++)
        compare(&(const struct twin_policy){"fifo-merge",
                                            {parameters[i][0], parameters[i][1]},
                                            2,
                                            NULL,
                                            merge_added,
                                            merge_used,
                                            merge_gone,
                                            merge_victim});
}

/* At both ends no lots are drawn: lru, fifo. */
static void lru_prob(void **state)
{
    (void)state;
    compare(
        &(const struct twin_policy){"lru-prob", {1}, 1, NULL, enter_first, touch, leave_for_good, oldest_of_lowest});
    compare(&(const struct twin_policy){"lru-prob", {0}, 1, NULL, enter_first, NULL, leave_for_good, oldest_of_lowest});
}

static void slru(void **state)
{
    static const double parameters[][3] = {{4, 0.75, 0}, {4, 0.75, 1}, {2, 0.6, 0}, {7, 0.5, 1}};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct twin_policy policy = {"slru", {0}, 3, NULL, slru_added, slru_used, slru_gone, oldest_of_lowest};

        memcpy(policy.parameters, parameters[i], sizeof parameters[i]);
        compare(&policy);
    }
}

static void two_q(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        compare(&(const struct twin_policy){"2q",
                                            {i ? 0.6 : 0.25, i ? 0.1 : 0.5},
                                            2,
                                            two_q_arriving,
                                            two_q_added,
                                            two_q_used,
                                            two_q_gone,
                                            two_q_victim});
}

static void arc(void **state)
{
    (void)state;
    for (int by_bytes = 0; by_bytes < 2; by_bytes++)
        compare(
            &(const struct twin_policy){"arc", {by_bytes}, 1, arc_arriving, arc_added, arc_used, arc_gone, arc_victim});
}

TEST(car, .name = "car", .added = car_added, .used = set_bit, .gone = car_gone, .victim = car_victim)
TEST(cart, .name = "cart", .added = cart_added, .used = set_bit, .gone = car_gone, .victim = cart_victim)

static void mq(void **state)
{
    static const double parameters[][3] = {{8, 4, 0}, {3, 0.5, 0}, {8, 4, 40}};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct twin_policy policy = {"mq", {0}, 3, NULL, mq_added, mq_used, mq_gone, oldest_of_lowest};

        memcpy(policy.parameters, parameters[i], sizeof parameters[i]);
        compare(&policy);
    }
}

static void lru_k(void **state)
{
    static const double parameters[][3] = {{2, 0, 0}, {2, 5, 300}, {4, 12, 0}, {3, 30, 1000}, {1, 0, 0}};

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct twin_policy policy = {"lru-k", {0}, 3, NULL, lru_k_added, lru_k_used, lru_k_gone, lru_k_victim};

        memcpy(policy.parameters, parameters[i], sizeof parameters[i]);
        compare(&policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifo),           cmocka_unit_test(lru),   cmocka_unit_test(mru),    cmocka_unit_test(clocks),
        cmocka_unit_test(second_chance),  cmocka_unit_test(sieve), cmocka_unit_test(s3fifo), cmocka_unit_test(slru),
        cmocka_unit_test(two_q),          cmocka_unit_test(arc),   cmocka_unit_test(car),    cmocka_unit_test(mq),
        cmocka_unit_test(adaptive_climb), cmocka_unit_test(cart),  cmocka_unit_test(lru_k),  cmocka_unit_test(lru_prob),
        cmocka_unit_test(fifo_merge),
    };

    random_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
