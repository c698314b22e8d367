/* SPDX-License-Identifier: GPL-3.0-or-later */
/* generate: synthetic traces from GSL's distributions.
 *
 * The rank of a request comes from gsl_ran_discrete, Walker's alias method: it is exact for any weights and takes one
 * random number and one table entry per draw, whatever the exponent. A shuffled array maps ranks to keys; drift
 * exchanges two of its entries now and then.
 *
 * The draws of a request have a fixed order (gap, drift, key, operation), and the traits of the keys have a generator
 * of their own. So more requests make a trace longer without changing its beginning. */
#include "sim/generate.h"

#include "sim/alloc.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_BYTES = 256 }; /* more than the longest row */

struct traits {
    uint32_t value_bytes;
    uint32_t ttl_s; /* 0: no ttl */
    uint8_t name;   /* index of its prefix */
};

enum action { READ, WRITE, DELETE };

struct generator {
    const struct generate_params *params;
    gsl_rng *rng;
    gsl_ran_discrete_t *ranks;
    uint32_t *key_of_rank;
    struct traits *traits; /* indexed by key */
    size_t prefix_bytes[GENERATE_NAMES];
    uint64_t request;  /* number of the next request */
    double elapsed_us; /* only for Poisson arrivals: time of the last request */
};

struct request {
    int64_t time_us;
    uint32_t key;
    enum action action;
};

void generate_defaults(struct generate_params *params)
{
    *params = (struct generate_params){
        .requests = 1000000,
        .keys = 100000,
        .zipf_exponent = 1.0,
        .seed = 1,
        .rate_per_s = 1000,
        .poisson = true,
        .read_share = 0.9,
        .write_share = 0.1,
        .value_mean_bytes = 300,
        .value_sigma = 1.0,
        .value_min_bytes = 1,
        .value_max_bytes = 1 << 20,
        .ttl_share = 0.5,
        .ttl_min_s = 60,
        .ttl_max_s = 86400,
        .name_count = 3,
        .names = {{"user:", 0.5}, {"session:", 0.3}, {"cart:item:", 0.2}},
    };
}

void generate_set_duration(struct generate_params *params, int64_t duration_us)
{
    params->rate_per_s = (double)params->requests * 1e6 / (double)duration_us;
}

/* ---- checking the parameters ---- */

static bool is_share(double value)
{
    return value >= 0 && value <= 1;
}

static bool is_weight(double value)
{
    return value >= 0 && isfinite(value);
}

/* The fault of the parameters, for a message; NULL if there is none. */
static const char *find_fault(const struct generate_params *params)
{
    double names = 0;

    if (!params->requests || !params->keys)
        return "requests and keys must be at least 1";
    if (!is_weight(params->zipf_exponent) || params->zipf_exponent > 100)
        return "the Zipf exponent must be between 0 and 100";
    if (!is_share(params->drift) || !is_share(params->ttl_share))
        return "drift and ttl share must be between 0 and 1";
    if (!(params->rate_per_s > 0) || (double)params->requests / params->rate_per_s > 9e12)
        return "the rate must be positive, and the trace shorter than 292,000 years";
    if (!is_weight(params->read_share) || !is_weight(params->write_share) || !is_weight(params->delete_share) ||
        !(params->read_share + params->write_share + params->delete_share > 0))
        return "the shares of reads, writes and deletes must not be negative, nor all zero";
    if (!(params->value_mean_bytes > 0) || !isfinite(params->value_mean_bytes) || !is_weight(params->value_sigma) ||
        params->value_min_bytes > params->value_max_bytes)
        return "the value size needs a positive mean, and a minimum below the maximum";
    if (params->ttl_share > 0 && (!params->ttl_min_s || params->ttl_min_s > params->ttl_max_s))
        return "the ttl needs a minimum of 1 second or more, and below the maximum";
    if (params->name_count < 1 || params->name_count > GENERATE_NAMES)
        return "there must be between 1 and 8 kinds of key names";
    for (int i = 0; i < params->name_count; i++) {
        const char *prefix = params->names[i].prefix;
        if (!is_weight(params->names[i].share) || !memchr(prefix, '\0', GENERATE_NAME_BYTES) || strpbrk(prefix, "\r\n"))
            return "a kind of key names needs a share that is not negative, and one short line";
        names += params->names[i].share;
    }
    return names > 0 ? NULL : "the shares of the key names must not all be zero";
}

/* ---- keys ---- */

static uint32_t draw_value_bytes(const struct generate_params *params, gsl_rng *rng)
{
    double sigma = params->value_sigma;
    double zeta = log(params->value_mean_bytes) - sigma * sigma / 2; /* gives the mean that was asked for */
    double bytes = round(gsl_ran_lognormal(rng, zeta, sigma));

    if (bytes < params->value_min_bytes)
        return params->value_min_bytes;
    return bytes > params->value_max_bytes ? params->value_max_bytes : (uint32_t)bytes;
}

static uint32_t draw_ttl_s(const struct generate_params *params, gsl_rng *rng)
{
    double least = log(params->ttl_min_s), most = log(params->ttl_max_s);
    double position = gsl_rng_uniform(rng);

    return (uint32_t)round(exp(least + (most - least) * position));
}

static uint8_t draw_name(const struct generate_params *params, gsl_rng *rng)
{
    double sum = 0;
    int name;

    for (name = 0; name < params->name_count; name++)
        sum += params->names[name].share;
    double left = gsl_rng_uniform(rng) * sum;
    for (name = 0; name < params->name_count - 1 && left >= params->names[name].share; name++)
        left -= params->names[name].share;
    return (uint8_t)name;
}

static void draw_traits(struct generator *generator)
{
    const struct generate_params *params = generator->params;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

    gsl_rng_set(rng, params->seed ^ 0x5bd1e995u);
    generator->traits = xcalloc(params->keys, sizeof *generator->traits);
    generator->key_of_rank = xmalloc(params->keys * sizeof *generator->key_of_rank);
    for (uint32_t key = 0; key < params->keys; key++) {
        struct traits *traits = &generator->traits[key];
        bool has_ttl = gsl_rng_uniform(rng) < params->ttl_share;

        generator->key_of_rank[key] = key;
        traits->name = draw_name(params, rng);
        traits->value_bytes = draw_value_bytes(params, rng);
        traits->ttl_s = has_ttl ? draw_ttl_s(params, rng) : 0;
    }
    gsl_ran_shuffle(rng, generator->key_of_rank, params->keys, sizeof *generator->key_of_rank);
    gsl_rng_free(rng);
}

static gsl_ran_discrete_t *zipf(uint32_t keys, double exponent)
{
    double *weights = xmalloc(keys * sizeof *weights);

    for (uint32_t rank = 0; rank < keys; rank++)
        weights[rank] = pow(rank + 1.0, -exponent);
    gsl_ran_discrete_t *table = gsl_ran_discrete_preproc(keys, weights);
    free(weights);
    return table;
}

static int start(struct generator *generator, const struct generate_params *params, struct error *error)
{
    const char *fault = find_fault(params);

    *generator = (struct generator){.params = params};
    if (fault)
        return error_set(error, ERROR_USAGE, "cannot generate a trace: %s", fault);
    for (int i = 0; i < params->name_count; i++)
        generator->prefix_bytes[i] = strlen(params->names[i].prefix);
    draw_traits(generator);
    generator->ranks = zipf(params->keys, params->zipf_exponent);
    generator->rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (!generator->ranks || !generator->rng)
        return error_set(error, ERROR_INTERNAL, "out of memory");
    gsl_rng_set(generator->rng, params->seed);
    return 0;
}

static void stop(struct generator *generator)
{
    if (generator->ranks)
        gsl_ran_discrete_free(generator->ranks);
    if (generator->rng)
        gsl_rng_free(generator->rng);
    free(generator->key_of_rank);
    free(generator->traits);
}

/* ---- requests ---- */

static int64_t next_time_us(struct generator *generator)
{
    const struct generate_params *params = generator->params;
    double gap_us = 1e6 / params->rate_per_s;

    if (!params->poisson) /* multiplied instead of added up, so that rounding errors do not grow */
        return (int64_t)((double)generator->request * 1e6 / params->rate_per_s);
    generator->elapsed_us += gsl_ran_exponential(generator->rng, gap_us);
    return (int64_t)generator->elapsed_us;
}

static void drift(struct generator *generator)
{
    uint32_t *keys = generator->key_of_rank;
    size_t a = gsl_rng_uniform_int(generator->rng, generator->params->keys);
    size_t b = gsl_rng_uniform_int(generator->rng, generator->params->keys);
    /* NOLINTNEXTLINE(clang-analyzer-core.*): start() succeeded, so there are keys */
    uint32_t key = keys[a];

    keys[a] = keys[b];
    keys[b] = key;
}

static enum action draw_action(struct generator *generator)
{
    const struct generate_params *params = generator->params;
    double sum = params->read_share + params->write_share + params->delete_share;

    if (params->read_share == sum)
        return READ;
    double draw = gsl_rng_uniform(generator->rng) * sum;
    return draw < params->read_share ? READ : draw < params->read_share + params->write_share ? WRITE : DELETE;
}

static struct request next_request(struct generator *generator)
{
    struct request request = {.time_us = next_time_us(generator)};

    if (generator->params->drift > 0 && gsl_rng_uniform(generator->rng) < generator->params->drift)
        drift(generator);
    /* NOLINTNEXTLINE(clang-analyzer-core.*): start() succeeded, so there are keys */
    request.key = generator->key_of_rank[gsl_ran_discrete(generator->rng, generator->ranks)];
    request.action = draw_action(generator);
    generator->request++;
    return request;
}

/* ---- writing rows ---- */

/* printf would take longer than all the rest together. */
static char *put_number(char *to, uint64_t number)
{
    char digits[20];
    int count = 0;

    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

static char *put_time(char *to, int64_t time_us)
{
    uint32_t us = (uint32_t)(time_us % 1000000);

    to = put_number(to, (uint64_t)(time_us / 1000000));
    *to++ = '.';
    for (int i = 5; i >= 0; i--, us /= 10)
        to[i] = (char)('0' + us % 10);
    return to + 6;
}

static char *put_text(char *to, const char *text, size_t bytes)
{
    memcpy(to, text, bytes);
    return to + bytes;
}

/* Columns: time,key,key size,value size,client,op,ttl */
static char *put_row(char *to, const struct generator *generator, const struct request *request)
{
    static const char *const verbs[] = {[READ] = "get", [WRITE] = "set", [DELETE] = "delete"};
    const struct traits *traits = &generator->traits[request->key];
    bool has_value = request->action != DELETE;

    to = put_time(to, request->time_us);
    *to++ = ',';
    char *key = to;
    to = put_text(to, generator->params->names[traits->name].prefix, generator->prefix_bytes[traits->name]);
    to = put_number(to, request->key);
    size_t key_bytes = (size_t)(to - key);
    *to++ = ',';
    to = put_number(to, key_bytes);
    *to++ = ',';
    to = put_number(to, has_value ? traits->value_bytes : 0);
    to = put_text(to, ",0,", 3);
    to = put_text(to, verbs[request->action], strlen(verbs[request->action]));
    *to++ = ',';
    to = put_number(to, has_value ? traits->ttl_s : 0);
    *to++ = '\n';
    return to;
}

static int write_error(struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "cannot write the trace: %s", strerror(errno));
}

int generate_twitter(const struct generate_params *params, FILE *out, struct error *error)
{
    struct generator generator;
    char row[ROW_BYTES];
    int status = start(&generator, params, error);

    for (uint64_t i = 0; status == 0 && i < params->requests; i++) {
        struct request request = next_request(&generator);
        size_t bytes = (size_t)(put_row(row, &generator, &request) - row);
        if (fwrite_unlocked(row, 1, bytes, out) != bytes)
            status = write_error(error);
    }
    if (status == 0 && fflush(out))
        status = write_error(error);
    stop(&generator);
    return status;
}

/* One 24-byte record; see traces/oracle_general.c. */
static int put_record(FILE *out, uint32_t time_s, uint64_t object, uint32_t bytes, int64_t next)
{
    char record[24];
    uint32_t time_le = htole32(time_s), bytes_le = htole32(bytes);
    uint64_t object_le = htole64(object), next_le = htole64((uint64_t)next);

    memcpy(record, &time_le, 4);
    memcpy(record + 4, &object_le, 8);
    memcpy(record + 12, &bytes_le, 4);
    memcpy(record + 16, &next_le, 8);
    return fwrite_unlocked(record, sizeof record, 1, out) == 1 ? 0 : -1;
}

/* next[i] is the index of the next request of keys[i], or -1 for the last one. */
static void find_next(const uint32_t *keys, uint64_t count, uint32_t key_count, int64_t *next)
{
    int64_t *seen = xmalloc(key_count * sizeof *seen);

    for (uint32_t key = 0; key < key_count; key++)
        seen[key] = -1;
    for (uint64_t i = count; i-- > 0;) {
        next[i] = seen[keys[i]];
        seen[keys[i]] = (int64_t)i;
    }
    free(seen);
}

/* All requests are drawn before the first is written, because each record has the time of its object's next request. */
static int write_oracle_general(struct generator *generator, FILE *out, struct error *error)
{
    uint64_t count = generator->params->requests;
    uint32_t *keys = xmalloc(count * sizeof *keys), *times_s = xmalloc(count * sizeof *times_s);
    int64_t *next = xmalloc(count * sizeof *next);
    int status = 0;

    for (uint64_t i = 0; i < count; i++) {
        struct request request = next_request(generator);
        keys[i] = request.key;
        times_s[i] = (uint32_t)(request.time_us / 1000000);
    }
    find_next(keys, count, generator->params->keys, next);
    for (uint64_t i = 0; status == 0 && i < count; i++)
        if (put_record(out, times_s[i], keys[i] + 1ull, generator->traits[keys[i]].value_bytes, next[i]) < 0)
            status = write_error(error);
    if (status == 0 && fflush(out))
        status = write_error(error);
    free(keys);
    free(times_s);
    free(next);
    return status;
}

int generate_oracle_general(const struct generate_params *params, FILE *out, struct error *error)
{
    struct generator generator;

    if (params->write_share > 0 || params->delete_share > 0 || params->ttl_share > 0)
        return error_set(error, ERROR_USAGE,
                         "cannot generate a trace: "
                         "oracleGeneral has no writes, deletes or ttls, their shares must be 0");
    if (params->rate_per_s > 0 && (double)params->requests / params->rate_per_s > UINT32_MAX)
        return error_set(error, ERROR_USAGE,
                         "cannot generate a trace: "
                         "oracleGeneral counts seconds in 32 bits, the trace would be longer");
    int status = start(&generator, params, error);
    if (status == 0)
        status = write_oracle_general(&generator, out, error);
    stop(&generator);
    return status;
}
