/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/like.h"

#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/generate/population.h"
#include "sim/generate/recency.h"
#include "sim/generate/urn.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

enum {
    MOST_PHASES = 64,
    PHASE_REQUESTS = 200, /* a phase has at least so many */
    CLASS_KEYS = 50,
    OPERATIONS = 32, /* that can be told apart: more than operations[] has for strings */
    STEPS = 32,      /* of depth, in an octave */
    DEPTHS = 2048,   /* 0: a new key */
    POWERS = 33,
    TTL_POWERS = 12,
    FREQUENCIES = 24,
    CLASSES = POWERS * TTL_POWERS * FREQUENCIES,
};

/* What is known of a key after the first reading. */
struct liked_key {
    uint32_t requests, value_bytes, ttl_s, class;
    uint16_t key_bytes;
    bool is_sized;
};

struct phase {
    struct symbol *symbols; /* a hash table, then a list */
    uint32_t capacity, count;
    uint64_t requests;
    int64_t end_us;
};

struct like {
    const struct trace_request *request;
    format_choose_fn *choose;
    gsl_rng *rng;
    struct liked_key *keys; /* by id */
    uint32_t key_count, key_capacity, class_count;
    uint64_t requests; /* rows with a key */
    struct phase phases[MOST_PHASES];
    uint32_t phase_count;
    struct recency recency;
    uint64_t row; /* of the reading */
    /* Of the writing: keys by class, those of class c from firsts[c] on, in any order. */
    uint32_t *of_class, *firsts, *taken;
    /* By how many more requests were for keys deeper than each depth, in steps, than were to be: of reads, of others. */
    int64_t excess[2][DEPTHS];
    struct like_summary *summary;
};

/* ---- reading ---- */

static int read_all(struct like *like, reader_see_fn *see, struct error *error)
{
    struct intake intake = {0};
    struct trace trace;
    int status;

    if (trace_open(&trace, like->choose, like->request, &intake, error))
        return -1;
    status = reader_read_all(trace.reader, see, like, error);
    trace_close(&trace);
    return status;
}

static void note_key(struct like *like, const struct batch *batch, uint32_t row)
{
    uint32_t id = batch->id[row];

    if (id >= like->key_capacity)
        like->keys = xgrow(like->keys, &like->key_capacity, id + 1, sizeof *like->keys);
    struct liked_key *key = &like->keys[id];
    if (id >= like->key_count)
        like->key_count = id + 1;
    key->requests += key->requests < UINT32_MAX;
    key->key_bytes = (uint16_t)(batch->key_len[row] < GENERATE_KEY_BYTES ? batch->key_len[row] : GENERATE_KEY_BYTES);
    if (!key->is_sized && batch->value_len[row] != VALUE_UNKNOWN && command_takes((enum op)batch->op[row], 'v')) {
        key->value_bytes = batch->value_len[row];
        key->is_sized = true;
    }
    if (!key->is_sized && batch->value_len[row] != VALUE_UNKNOWN && batch->value_len[row]) {
        key->value_bytes = batch->value_len[row];
        key->is_sized = true;
    }
    if (batch->flags[row] & REQUEST_TTL && !(batch->flags[row] & REQUEST_ABSOLUTE) && batch->ttl_ms[row] > 0)
        key->ttl_s = (uint32_t)fmin(UINT32_MAX, ceil((double)batch->ttl_ms[row] / 1000));
    like->requests++;
}

static int see_keys(void *like, const struct batch *batch, struct error *error)
{
    (void)error;
    for (uint32_t row = 0; row < batch->count; row++)
        if (command_takes((enum op)batch->op[row], 'k'))
            note_key(like, batch, row);
    return 0;
}

static uint32_t power_of(uint32_t number)
{
    return number ? 32 - (uint32_t)__builtin_clz(number) : 0;
}

/* Numbers the classes that there are, of so many powers of two each. */
static void number_classes(struct like *like, uint32_t powers)
{
    uint32_t *number_of = xcalloc(CLASSES, sizeof *number_of);

    like->class_count = 0;
    for (uint32_t id = 0; id < like->key_count; id++) {
        struct liked_key *key = &like->keys[id];
        uint32_t size = power_of(key->value_bytes) / powers,
                 ttl = (power_of(key->ttl_s) + 3 * powers - 1) / (3 * powers);
        uint32_t frequency = power_of(key->requests) / powers;
        frequency = frequency < FREQUENCIES ? frequency : FREQUENCIES - 1;
        uint32_t *number = &number_of[(size * TTL_POWERS + ttl) * FREQUENCIES + frequency];
        if (key->requests && !*number)
            *number = ++like->class_count;
        key->class = key->requests ? *number - 1 : 0;
    }
    free(number_of);
}

/* Of two powers where else there are too few keys in a class, on average, to choose from. */
static void make_classes(struct like *like)
{
    number_classes(like, 1);
    if (like->class_count * CLASS_KEYS > like->key_count)
        number_classes(like, 2);
}

/* ---- what is counted ---- */

static void count_symbol(struct phase *phase, uint64_t what, uint64_t by)
{
    if (4 * (phase->count + 1ull) > 3 * (uint64_t)phase->capacity) {
        struct phase larger = {.capacity = phase->capacity ? 2 * phase->capacity : 64};
        larger.symbols = xcalloc(larger.capacity, sizeof *larger.symbols);
        for (uint32_t i = 0; i < phase->capacity; i++)
            if (phase->symbols[i].count)
                count_symbol(&larger, phase->symbols[i].what, phase->symbols[i].count);
        free(phase->symbols);
        phase->symbols = larger.symbols;
        phase->capacity = larger.capacity;
    }
    uint32_t at = (uint32_t)(((what + 1) * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (phase->capacity - 1);
    while (phase->symbols[at].count && phase->symbols[at].what != what)
        at = (at + 1) & (phase->capacity - 1);
    phase->count += !phase->symbols[at].count;
    phase->symbols[at].what = what;
    phase->symbols[at].count += by;
}

static uint32_t bin_of(uint64_t depth)
{
    return depth ? 1 + (uint32_t)(STEPS * elementary_log2((double)depth)) : 0;
}

static uint64_t weight_of_key(const struct liked_key *key)
{
    return key->value_bytes ? key->value_bytes : 1;
}

/* The generator's operation of the row; none of its own: get for who only looks, else set. */
static uint32_t operation_of(struct like *like, enum op op, uint16_t flags)
{
    const struct command *command = &command_table[op];

    if (op == OP_SET && flags & (REQUEST_NX | REQUEST_XX))
        return (uint32_t)(operation_find(flags & REQUEST_NX ? "add" : "replace", flags & REQUEST_NX ? 3 : 7) -
                          operations);
    if (command->deletes)
        return (uint32_t)(operation_find("delete", 6) - operations);
    for (uint32_t i = 0; i < operation_count && i < OPERATIONS && !*operations[i].infix; i++)
        if (!strcasecmp(operations[i].name, command->name))
            return i;
    like->summary->replaced++;
    like->summary->replaced_of[op]++;
    like->summary->structured += command->type > TYPE_STRING && command->type != TYPE_HLL;
    const char *name = command->sets || command->change || command->adds || command->denyoom ? "set" : "get";
    return (uint32_t)(operation_find(name, 3) - operations);
}

static uint32_t phase_of(const struct like *like, uint64_t row)
{
    return (uint32_t)((double)row * like->phase_count / (double)like->requests);
}

static void note_request(struct like *like, const struct batch *batch, uint32_t row)
{
    const struct liked_key *key = &like->keys[batch->id[row]];
    struct phase *phase = &like->phases[phase_of(like, like->row++)];
    uint64_t depth = recency_depth(&like->recency, batch->id[row]);
    uint32_t bin = bin_of(depth);
    uint32_t operation = operation_of(like, (enum op)batch->op[row], batch->flags[row]);

    count_symbol(phase, ((uint64_t)key->class * OPERATIONS + operation) * DEPTHS + bin, 1);
    phase->requests++;
    phase->end_us = batch->time_us[row];
    recency_touch(&like->recency, batch->id[row], 0, weight_of_key(key));
}

static int see_requests(void *like, const struct batch *batch, struct error *error)
{
    (void)error;
    for (uint32_t row = 0; row < batch->count; row++)
        if (command_takes((enum op)batch->op[row], 'k'))
            note_request(like, batch, row);
    return 0;
}

static int by_symbol(const void *a, const void *b)
{
    uint64_t x = ((const struct symbol *)a)->what, y = ((const struct symbol *)b)->what;

    return (x > y) - (x < y);
}

/* From a table to a list. */
static void list_symbols(struct phase *phase)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < phase->capacity; i++)
        if (phase->symbols[i].count)
            phase->symbols[count++] = phase->symbols[i];
    phase->count = count;
    if (count)
        qsort(phase->symbols, count, sizeof *phase->symbols, by_symbol);
}

/* ---- writing ---- */

/* Keys by class, shuffled: new ones take their traits from there. */
static void deal_keys(struct like *like)
{
    like->of_class = xmalloc((like->key_count + 1ull) * sizeof *like->of_class);
    like->firsts = xcalloc(like->class_count + 1ull, sizeof *like->firsts);
    like->taken = xcalloc(like->class_count + 1ull, sizeof *like->taken);
    for (uint32_t id = 0; id < like->key_count; id++)
        if (like->keys[id].requests)
            like->firsts[like->keys[id].class + 1]++;
    for (uint32_t class = 0; class < like->class_count; class ++)
        like->firsts[class + 1] += like->firsts[class];
    for (uint32_t id = 0; id < like->key_count; id++)
        if (like->keys[id].requests)
            like->of_class[like->firsts[like->keys[id].class] + like->taken[like->keys[id].class]++] = id;
    for (uint32_t class = 0; class < like->class_count; class ++) {
        uint32_t first = like->firsts[class], count = like->firsts[class + 1] - first;
        gsl_ran_shuffle(like->rng, like->of_class + first, count, sizeof *like->of_class);
        like->taken[class] = 0;
    }
}

/* The key whose traits a new one of the class has; UINT32_MAX: there are as many of them as there were. */
static uint32_t next_of_class(struct like *like, uint32_t class)
{
    uint32_t first = like->firsts[class], count = like->firsts[class + 1] - first;

    return like->taken[class] < count ? like->of_class[first + like->taken[class]++] : UINT32_MAX;
}

/* What it adds to the squares of the excesses, if a request that is to be for this depth is for that one. */
static double cost_of(const int64_t *excess, uint32_t wanted, uint32_t got)
{
    double cost = 0;

    for (uint32_t bin = wanted; bin < got; bin++) /* deeper than these, but was not to be */
        cost += 2 * (double)excess[bin] + 1;
    for (uint32_t bin = got; bin < wanted; bin++)
        cost += 1 - 2 * (double)excess[bin];
    return cost;
}

static void note_depth(int64_t *excess, uint32_t wanted, uint32_t got)
{
    for (uint32_t bin = wanted; bin < got; bin++)
        excess[bin]++;
    for (uint32_t bin = got; bin < wanted; bin++)
        excess[bin]--;
}

/* The class's key for a request that is to be for this depth: of the two next to it, the one with which the depths of all
 * requests so far come nearer to what they were to be. So what one misses, the next makes good. */
static uint32_t choose_key(struct like *like, uint32_t class, uint64_t depth, uint32_t bin, bool reads)
{
    struct recency_pair pair = recency_near(&like->recency, class, depth);
    int64_t *excess = like->excess[reads];

    if (pair.deeper == UINT32_MAX || pair.higher == UINT32_MAX)
        return pair.deeper == UINT32_MAX ? pair.higher : pair.deeper;
    uint32_t deeper = bin_of(recency_depth(&like->recency, pair.deeper));
    uint32_t higher = bin_of(recency_depth(&like->recency, pair.higher));
    return cost_of(excess, bin, deeper) <= cost_of(excess, bin, higher) ? pair.deeper : pair.higher;
}

/* Draws what comes next and takes it out of the urn. Its key. */
static uint32_t draw(struct like *like, struct urn *urn, uint32_t *operation)
{
    uint32_t at = urn_look(urn, like->rng), key = UINT32_MAX;
    uint64_t what = urn->symbols[at].what;
    uint32_t class = (uint32_t)(what / DEPTHS / OPERATIONS), bin = (uint32_t)(what % DEPTHS);
    uint64_t depth = bin ? (uint64_t)elementary_exp2((bin - 1 + gsl_rng_uniform(like->rng)) / STEPS) : 0;

    if (bin) {
        bool reads = operations[what / DEPTHS % OPERATIONS].effect == EFFECT_NONE;
        key = choose_key(like, class, depth, bin, reads);
        if (key != UINT32_MAX)
            note_depth(like->excess[reads], bin, bin_of(recency_depth(&like->recency, key)));
        if (key == UINT32_MAX && urn_find(urn, (uint64_t) class * OPERATIONS * DEPTHS, (uint64_t)OPERATIONS * DEPTHS,
                                          DEPTHS) < urn->count) /* its first request comes before the others */
            at = urn_find(urn, (uint64_t) class * OPERATIONS * DEPTHS, (uint64_t)OPERATIONS * DEPTHS, DEPTHS);
    }
    if (key == UINT32_MAX)
        key = next_of_class(like, class);
    if (key == UINT32_MAX)
        key = recency_at(&like->recency, depth);
    *operation = (uint32_t)(urn->symbols[at].what / DEPTHS % OPERATIONS);
    urn_add(urn, at, -1ull);
    return key;
}

static int write_phase(struct like *like, uint32_t number, int64_t begin_us, uint32_t *number_of,
                       const struct generate_target *target, void *state)
{
    const struct phase *phase = &like->phases[number];
    double span_us = (double)(phase->end_us - begin_us);
    struct urn urn;
    int status = 0;

    urn_init(&urn, phase->symbols, phase->count);
    for (uint64_t i = 0; !status && i < phase->requests; i++) {
        struct generate_row row = {.prefix = "like:", .prefix_bytes = 5};
        uint32_t operation, key = draw(like, &urn, &operation);
        const struct liked_key *traits = &like->keys[key];

        recency_touch(&like->recency, key, traits->class, weight_of_key(traits));
        if (!number_of[key])
            number_of[key] = ++like->summary->keys;
        row.time_us =
            begin_us + (int64_t)(span_us * ((double)i + gsl_rng_uniform(like->rng)) / (double)phase->requests);
        row.operation = &operations[operation];
        row.number = number_of[key] - 1;
        row.key = key;
        row.value_bytes = traits->value_bytes;
        row.ttl_s = traits->ttl_s;
        row.key_bytes = traits->key_bytes;
        status = target->put(state, &row);
        like->summary->requests += !status;
    }
    urn_release(&urn);
    return status;
}

static int write_error(struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "cannot write the trace: %s", strerror(errno));
}

static int write_all(struct like *like, const struct generate_target *target, FILE *out, struct error *error)
{
    struct generate_plan plan = {.requests = like->requests,
                                 .keys = like->key_count,
                                 .seconds = (double)like->phases[like->phase_count - 1].end_us / 1e6};
    uint32_t *number_of = xcalloc(like->key_count + 1ull, sizeof *number_of);
    void *state = xcalloc(1, target->state_size);
    int status = target->begin(state, &plan, out, error);

    for (uint32_t i = 0; !status && i < like->phase_count; i++)
        if (write_phase(like, i, i ? like->phases[i - 1].end_us : 0, number_of, target, state))
            status = write_error(error);
    if (target->end(state, status != 0))
        status = write_error(error);
    free(state);
    free(number_of);
    return status;
}

static int read_twice(struct like *like, struct error *error)
{
    if (!trace_is_rereadable(like->request->path))
        return error_set(error, ERROR_INPUT, "%s: cannot be read twice: --like wants a file", like->request->path);
    if (read_all(like, see_keys, error))
        return -1;
    if (!like->requests)
        return error_set(error, ERROR_INPUT, "%s: there is no request for a key in it", like->request->path);
    make_classes(like);
    like->phase_count = (uint32_t)fmin(MOST_PHASES, fmax(1, (double)like->requests / PHASE_REQUESTS));
    recency_init(&like->recency, like->key_count, 1);
    if (read_all(like, see_requests, error))
        return -1;
    recency_release(&like->recency);
    for (uint32_t i = 0; i < like->phase_count; i++)
        list_symbols(&like->phases[i]);
    return 0;
}

int like_write(const struct trace_request *request, format_choose_fn *choose, uint32_t seed,
               const struct generate_target *target, FILE *out, struct like_summary *summary, struct error *error)
{
    struct like *like = xcalloc(1, sizeof *like);
    int status;

    *summary = (struct like_summary){0};
    like->request = request;
    like->choose = choose;
    like->summary = summary;
    like->rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(like->rng, seed);
    status = read_twice(like, error);
    if (!status) {
        summary->classes = like->class_count;
        summary->phases = like->phase_count;
        deal_keys(like);
        recency_init(&like->recency, like->key_count, like->class_count);
        status = write_all(like, target, out, error);
    }
    recency_release(&like->recency);
    for (uint32_t i = 0; i < MOST_PHASES; i++)
        free(like->phases[i].symbols);
    gsl_rng_free(like->rng);
    free(like->keys);
    free(like->of_class);
    free(like->firsts);
    free(like->taken);
    free(like);
    return status;
}
