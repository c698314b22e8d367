/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/laws.h"

#include "sim/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Each law sends random traffic to a cell with too little memory for it, and watches the policy. Laws cannot run in
 * several threads: the watcher's notes are static. */

enum { KEYS = 400, REQUESTS = 20000 };

#define LAW(name) static int name(const struct trial *trial, struct error *error)

/* ---- a cell and its traffic ---- */

struct subject {
    const struct model *model;
    struct simulation_options options;
    struct cell_config config;
    void *state;
    struct batch *batch;
    gsl_rng *rng;
    struct error error; /* the model's error about a wrong answer of the policy */
    int64_t now_us;
    int64_t rows; /* rows that were sent */
    uint64_t reads, writes;
};

/* A maxmemory at which this traffic must evict. A server needs most of it for itself. */
static uint64_t tight_maxmemory(const struct trial *trial)
{
    return trial->server->profile ? 1100000 : 20000;
}

static int subject_open(struct subject *subject, const struct trial *trial, const struct policy *policy,
                        uint64_t maxmemory, struct error *error)
{
    /* A cell without a limit is a cache that loads what it misses. */
    *subject = (struct subject){.model = trial->server->model};
    redis_config_init(&subject->options.redis);
    subject->options.start_unix_us = INT64_C(1700000000000000);
    subject->options.interval_us = INT64_C(1) << 60;
    subject->options.fill = !maxmemory;
    subject->config = (struct cell_config){
        .server = trial->server,
        .policy = policy,
        .parameters = trial->parameters,
        .maxmemory = maxmemory,
        .seed = trial->seed,
        .options = &subject->options,
    };
    subject->rng = gsl_rng_alloc(gsl_rng_taus2);
    gsl_rng_set(subject->rng, (unsigned long)trial->seed + 1);
    subject->batch = xcalloc(1, sizeof *subject->batch);
    subject->batch->key_count = KEYS;
    subject->state = xcalloc(1, subject->model->state_size);
    return subject->model->init(subject->state, &subject->config, error);
}

static void subject_close(struct subject *subject)
{
    subject->model->release(subject->state);
    free(subject->state);
    batch_release(subject->batch);
    free(subject->batch);
    gsl_rng_free(subject->rng);
}

static void flush(struct subject *subject)
{
    subject->batch->first_row = subject->rows;
    subject->rows += subject->batch->count;
    if (!error_is_set(&subject->error))
        subject->model->replay(subject->state, subject->batch, &subject->error);
    subject->batch->count = 0;
}

/* The counters are all zero if the model has failed: see check_answers. */
static struct counters finish(struct subject *subject)
{
    struct counters counters;
    struct result result = {0};

    flush(subject);
    if (!error_is_set(&subject->error))
        subject->model->finish(subject->state, subject->now_us, &result, &subject->error);
    counters = result.counters;
    result_release(&result);
    return counters;
}

/* Returns -1 if the policy gave the model a wrong answer, else 0. */
static int check_answers(const struct subject *subject, struct error *error)
{
    return error_is_set(&subject->error) ? error_set(error, ERROR_LAW, "%s", subject->error.text) : 0;
}

struct request {
    enum op op;
    uint32_t id, value_len;
    int64_t ttl_ms;  /* 0: no ttl */
    int64_t then_us; /* time until the next request */
    int64_t next_access;
};

static void send_request(struct subject *subject, const struct request *request)
{
    struct batch *batch = subject->batch;
    uint32_t row = batch->count++;

    batch->time_us[row] = subject->now_us;
    batch->op[row] = (uint16_t)request->op;
    batch->id[row] = request->id;
    batch->key_len[row] = 4 + request->id % 30;
    batch->value_len[row] = request->value_len;
    batch->flags[row] = request->ttl_ms ? REQUEST_TTL | REQUEST_MILLIS : 0;
    batch->ttl_ms[row] = request->ttl_ms;
    batch->next_access[row] = request->next_access;
    subject->now_us += request->then_us;
    subject->reads += request->op == OP_GET;
    subject->writes += request->op == OP_SET;
    if (batch->count == BATCH_CAPACITY)
        flush(subject);
}

/* Sends all requests and frees them. Each has the next request of its key, for policies that know the future. */
static void send_all(struct subject *subject, struct request *requests, int count)
{
    int64_t next[KEYS];

    flush(subject);
    for (int id = 0; id < KEYS; id++)
        next[id] = NEXT_NEVER;
    for (int i = count - 1; i >= 0; i--) {
        requests[i].next_access = next[requests[i].id];
        next[requests[i].id] = requests[i].op == OP_DEL ? NEXT_NEVER : subject->rows + i;
    }
    for (int i = 0; i < count; i++)
        send_request(subject, &requests[i]);
    flush(subject);
    free(requests);
}

/* Low ids are requested more often. Half of the SETs have a ttl. */
static struct request random_request(gsl_rng *rng)
{
    double u = gsl_rng_uniform(rng);
    unsigned long kind = gsl_rng_uniform_int(rng, 100);
    int64_t ttl_ms = 1000 + (int64_t)gsl_rng_uniform_int(rng, 60000);
    struct request request = {.id = (uint32_t)(u * u * KEYS),
                              .value_len = VALUE_UNKNOWN,
                              .then_us = (int64_t)gsl_rng_uniform_int(rng, 20000)};

    if (kind < 40) {
        request.op = OP_SET;
        request.value_len = (uint32_t)gsl_rng_uniform_int(rng, 600);
        request.ttl_ms = kind % 2 ? ttl_ms : 0;
    } else {
        request.op = kind < 90 ? OP_GET : kind < 95 ? OP_DEL : kind < 97 ? OP_PERSIST : OP_PEXPIRE;
        request.ttl_ms = request.op == OP_PEXPIRE ? ttl_ms : 0;
    }
    return request;
}

static void send(struct subject *subject, int count)
{
    struct request *requests = xcalloc((size_t)count, sizeof *requests);

    for (int i = 0; i < count; i++)
        requests[i] = random_request(subject->rng);
    send_all(subject, requests, count);
}

static void delete_all(struct subject *subject)
{
    struct request *requests = xcalloc(KEYS, sizeof *requests);

    for (uint32_t id = 0; id < KEYS; id++)
        requests[id] = (struct request){.op = OP_DEL, .id = id, .value_len = VALUE_UNKNOWN};
    send_all(subject, requests, KEYS);
}

/* Sends GETs of random keys with the size to load. Returns the number of different keys. */
static uint64_t look_up(struct subject *subject, int count)
{
    struct request *requests = xcalloc((size_t)count, sizeof *requests);
    bool asked[KEYS] = {0};
    uint64_t distinct = 0;

    for (int i = 0; i < count; i++) {
        uint32_t id = (uint32_t)gsl_rng_uniform_int(subject->rng, KEYS);

        requests[i] = (struct request){.op = OP_GET, .id = id, .value_len = 1 + id, .then_us = 1000};
        distinct += !asked[id];
        asked[id] = true;
    }
    send_all(subject, requests, count);
    return distinct;
}

/* ---- the watcher ---- */

/* The answers of the policy that is watched. */
static struct {
    const struct policy *policy;
    struct policy_context *context;
    uint64_t victims, hash;
    const char *fault;
} watch;

static uint64_t candidates(const struct policy_context *context)
{
    uint64_t count = 0;

    for (int db = 0; db < context->database_count; db++)
        count += context->view->candidates(context->keyspace, db, context->scope);
    return count;
}

static uint32_t watched_victim(struct policy_context *context)
{
    uint64_t before = candidates(context);
    uint32_t id = watch.policy->victim(context);

    watch.context = context;
    watch.victims++;
    watch.hash = (watch.hash ^ id) * UINT64_C(0x100000001b3);
    if (id == NO_KEY && before)
        watch.fault = "there was no victim, though keys are in scope";
    else if (id != NO_KEY && id >= KEYS)
        watch.fault = "the victim is no key at all";
    else if (id != NO_KEY && !context->view->is_candidate(context->keyspace, id, context->scope))
        watch.fault = "the victim was not resident, or not in scope";
    else if (candidates(context) != before)
        watch.fault = "victim() changed the keyspace: it may only name a key";
    return watch.fault ? NO_KEY : id;
}

/* A cell without a limit asks for no victims, so watch.victims stays 0. A flat cache keeps its sets of keys only for
 * policies that sample; the watcher counts with them. */
static struct policy watched(const struct trial *trial)
{
    struct policy policy = *trial->policy;

    memset(&watch, 0, sizeof watch);
    watch.policy = trial->policy;
    policy.victim = watched_victim;
    policy.samples = true;
    return policy;
}

static int report_fault(const struct subject *subject, struct error *error)
{
    if (watch.fault)
        return error_set(error, ERROR_LAW, "%s (victim %" PRIu64 ")", watch.fault, watch.victims);
    return check_answers(subject, error);
}

/* ---- the laws ---- */

LAW(victims_are_resident)
{
    struct policy policy = watched(trial);
    struct subject subject;
    int status = subject_open(&subject, trial, &policy, tight_maxmemory(trial), error);

    if (!status) {
        send(&subject, REQUESTS);
        status = report_fault(&subject, error);
        if (!status && watch.victims < 100)
            status = error_set(error, ERROR_LAW, "the policy was asked for %" PRIu64 " victims only", watch.victims);
    }
    subject_close(&subject);
    return status;
}

/* The counters and the victims of a run. */
struct outcome {
    struct counters counters;
    uint64_t victims, hash;
};

static int run(const struct trial *trial, struct outcome *outcome, struct error *error)
{
    struct policy policy = watched(trial);
    struct subject subject;
    int status = subject_open(&subject, trial, &policy, tight_maxmemory(trial), error);

    if (!status) {
        send(&subject, REQUESTS);
        outcome->counters = finish(&subject);
        outcome->victims = watch.victims;
        outcome->hash = watch.hash;
        status = report_fault(&subject, error);
    }
    subject_close(&subject);
    return status;
}

LAW(runs_repeat)
{
    struct outcome first, second;

    if (run(trial, &first, error) || run(trial, &second, error))
        return -1;
    if (memcmp(&first, &second, sizeof first) != 0)
        return error_set(error, ERROR_LAW,
                         "two runs differ: %" PRIu64 " and %" PRIu64 " keys evicted (uninitialized state? a random "
                         "number that is not of context->rng?)",
                         first.counters.evicted_keys, second.counters.evicted_keys);
    return 0;
}

LAW(cells_share_nothing)
{
    struct trial other = *trial;
    struct subject alone, left, right;
    struct counters expected, seen;
    int status;

    other.seed++;
    status = subject_open(&alone, trial, trial->policy, tight_maxmemory(trial), error);
    status |= subject_open(&left, trial, trial->policy, tight_maxmemory(trial), error);
    status |= subject_open(&right, &other, trial->policy, tight_maxmemory(trial) + tight_maxmemory(trial) / 16, error);
    if (!status) {
        for (int i = 0; i < 20; i++)
            send(&alone, REQUESTS / 20);
        for (int i = 0; i < 20; i++) {
            send(&left, REQUESTS / 20);
            send(&right, REQUESTS / 20);
        }
        expected = finish(&alone);
        seen = finish(&left);
        if (check_answers(&alone, error) || check_answers(&left, error) || check_answers(&right, error))
            status = -1;
        else if (memcmp(&expected, &seen, sizeof seen) != 0)
            status =
                error_set(error, ERROR_LAW, "a cache changes what another one does: is there a global or a static?");
    }
    subject_close(&alone);
    subject_close(&left);
    subject_close(&right);
    return status;
}

LAW(counters_add_up)
{
    struct subject subject;
    struct counters counters;
    int status = subject_open(&subject, trial, trial->policy, tight_maxmemory(trial), error);

    if (!status) {
        send(&subject, REQUESTS);
        counters = finish(&subject);
        if (check_answers(&subject, error))
            status = -1;
        else if (counters.hits + counters.misses != subject.reads || counters.writes != subject.writes)
            status = error_set(error, ERROR_LAW, "hits and misses are not the reads");
        else if (!subject.config.server->profile && counters.used_memory_peak > tight_maxmemory(trial))
            status = error_set(error, ERROR_LAW, "memory went over its limit");
        else if (trial->policy->scope == SCOPE_ALLKEYS && counters.oom_rejections)
            status = error_set(error, ERROR_LAW, "%" PRIu64 " writes were refused though keys could go",
                               counters.oom_rejections);
    }
    subject_close(&subject);
    return status;
}

/* Once the keyspace is empty, the policy is asked for a victim in the context of its last one. */
LAW(emptied_policies_start_afresh)
{
    struct policy policy = watched(trial);
    struct subject subject;
    int status = subject_open(&subject, trial, &policy, tight_maxmemory(trial), error);

    for (int round = 0; round < 2 && !status; round++) {
        uint64_t before = watch.victims;

        send(&subject, REQUESTS / 4);
        status = report_fault(&subject, error);
        if (!status && watch.victims == before)
            status = error_set(error, ERROR_LAW, "emptied once, it evicts no more");
        delete_all(&subject);
        if (!status && watch.policy->victim(watch.context) != NO_KEY)
            status = error_set(error, ERROR_LAW, "every key is gone, and there is a victim");
    }
    subject_close(&subject);
    return status;
}

LAW(room_for_everything_means_compulsory_misses)
{
    struct policy policy = watched(trial);
    struct subject subject;
    struct counters counters;
    uint64_t distinct;
    int status = subject_open(&subject, trial, &policy, 0, error);

    if (!status) {
        distinct = look_up(&subject, REQUESTS);
        counters = finish(&subject);
        if (check_answers(&subject, error))
            status = -1;
        else if (counters.misses != distinct || counters.evicted_keys)
            status = error_set(error, ERROR_LAW,
                               "%" PRIu64 " misses of %" PRIu64 " keys, %" PRIu64 " evicted without a limit",
                               counters.misses, distinct, counters.evicted_keys);
    }
    subject_close(&subject);
    return status;
}

const struct law laws[] = {
    {"a victim is resident and in scope, and there is one while anything is", victims_are_resident},
    {"the same seed gives the same counters and victims", runs_repeat},
    {"caches side by side do not disturb one another", cells_share_nothing},
    {"hits and misses are the reads; no write is refused while a key may go", counters_add_up},
    {"after every key is gone there is no victim, and then it works again", emptied_policies_start_afresh},
    {"with room for everything there are compulsory misses only", room_for_everything_means_compulsory_misses},
};
const size_t law_count = sizeof laws / sizeof *laws;
