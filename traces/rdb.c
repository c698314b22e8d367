/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdb: a server's dump: dump.rdb, or the base of an append-only file.
 *
 *     "REDIS0011"  AUX...  SELECTDB 0  RESIZEDB  { [EXPIRETIME] [IDLE | FREQ] type key value } ...  EOF  CRC64
 *
 * Each key is a row: a RESTORE with the ttl's end, the idle time and the counter that the file has, and what the value holds
 * behind them (rdb/payload.h). No client sent it: it is what the server finds as it starts (REQUEST_LOADED). Keys have no time, so
 * all of them are there before the first request.
 *
 * Read are versions up to 12 of Redis and 80 of Valkey 9. A value that is not known (a module's)
 * is skipped and counted if its end can be found; else the file is refused. The checksum is compared at the end; 0 is that of a
 * server that makes none (rdbchecksum no).
 *
 * Source: rdbLoadRioWithLoadingCtx, rdbLoadObject (rdb.c) of Redis 7.0 to 8.0. */
#include "sim/format.h"

#include "sim/digits.h"
#include "sim/units.h"
#include "traces/rdb/crc64.h"
#include "traces/rdb/payload.h"
#include "traces/rdb/payload_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum opcode {
    OPCODE_SLOT_INFO = 244,
    OPCODE_FUNCTION_2 = 245,
    OPCODE_FUNCTION_PRE_GA = 246,
    OPCODE_MODULE_AUX = 247,
    OPCODE_IDLE = 248,
    OPCODE_FREQ = 249,
    OPCODE_AUX = 250,
    OPCODE_RESIZEDB = 251,
    OPCODE_EXPIRETIME_MS = 252,
    OPCODE_EXPIRETIME = 253,
    OPCODE_SELECTDB = 254,
    OPCODE_EOF = 255,
};

enum {
    HEADER = 9,
    MAGIC_REDIS = 5,
    MAGIC_VALKEY = 6,
    OLDEST = 5, /* that ends with a checksum */
    NEWEST_REDIS = 12,
    NEWEST_VALKEY = 80,
    DATABASES = 256,
    TYPE_MODULE_2 = 7,
    FOOTER = 10, /* of a payload: what RESTORE's argument would have more than the value */
};

/* What stands before a key. */
struct preface {
    bool has_ttl, has_idle, has_freq;
    int64_t expire_ms;
    uint64_t idle_s;
    uint8_t freq;
};

struct rdb {
    struct source *source;
    const struct format_options *options;
    struct intake *intake;
    struct queue queue;
    struct crc64 crc64;
    unsigned version;
    uint64_t keys, database;
    struct preface preface;
    bool begun, ended;
};

/* The file cannot be read on. An error; or, under lenient, its end. */
static int fault(struct rdb *rdb, struct error *error, const char *what)
{
    int status;

    rdb->ended = true;
    rdb->intake->rows++;
    status = intake_bad_row(rdb->intake, rdb->options, rdb->source, rdb->keys + 1, error, "byte %" PRIu64 ": %s",
                            source_consumed(rdb->source), what);
    rdb->intake->has_refused = false; /* it is no row: each fault names its own remedy */
    return status;
}

static void consume(struct rdb *rdb, const unsigned char *begin, const unsigned char *end)
{
    crc64_add(&rdb->crc64, begin, (size_t)(end - begin));
    source_consume(rdb->source, (size_t)(end - begin));
}

/* ---- the head ---- */

/* Its version; 0: it is no RDB file. */
static unsigned version_of(const char *head, size_t bytes)
{
    bool is_valkey = bytes >= HEADER && !memcmp(head, "VALKEY", MAGIC_VALKEY);
    const char *digits = head + (is_valkey ? MAGIC_VALKEY : MAGIC_REDIS);
    uint64_t version;

    if (bytes < HEADER || (!is_valkey && memcmp(head, "REDIS", MAGIC_REDIS)) ||
        !digits_scan(digits, head + HEADER, &version))
        return 0;
    return (unsigned)version;
}

static int begin(struct rdb *rdb, struct error *error)
{
    size_t bytes;
    const char *head = source_peek(rdb->source, HEADER, &bytes, error);
    char what[160];
    bool is_valkey;

    if (!head)
        return -1;
    rdb->begun = true;
    rdb->ended = !bytes;
    if (!bytes)
        return 0;
    rdb->version = version_of(head, bytes);
    is_valkey = *head == 'V';
    if (rdb->version < OLDEST || rdb->version > (is_valkey ? NEWEST_VALKEY : NEWEST_REDIS)) {
        snprintf(
            what, sizeof what,
            "RDB version %u, and evsim reads %d to %d of Redis and %d of Valkey: let a server that has loaded it dump "
            "it in one of these",
            rdb->version, OLDEST, NEWEST_REDIS, NEWEST_VALKEY);
        return fault(rdb, error, rdb->version ? what : "no RDB file: it does not begin with REDIS and a version");
    }
    consume(rdb, (const unsigned char *)head, (const unsigned char *)head + HEADER);
    return 0;
}

/* What the dump has and the model does not. */
static void count_unknown(struct rdb *rdb, const char *what)
{
    rdb->intake->rows++;
    intake_unknown(rdb->intake, what, strlen(what));
}

/* ---- what stands between keys ---- */

/* What a module wrote, word by word; to its end. */
static void skip_module_words(struct reading *reading)
{
    enum { WORD_EOF, WORD_SINT, WORD_UINT, WORD_FLOAT, WORD_DOUBLE, WORD_STRING };

    for (;;) {
        uint64_t word = payload_take_count(reading);

        if (reading->is_bad || word == WORD_EOF)
            return;
        if (word == WORD_SINT || word == WORD_UINT)
            payload_take_count(reading);
        else if (word == WORD_FLOAT || word == WORD_DOUBLE)
            payload_take(reading, word == WORD_FLOAT ? sizeof(float) : sizeof(double));
        else if (word == WORD_STRING)
            payload_take_string(reading);
        else
            reading->is_bad = true;
    }
}

static int64_t take_number(struct reading *reading, int bytes)
{
    const unsigned char *taken = payload_take(reading, (uint64_t)bytes);

    return taken ? payload_signed_of(payload_little_endian(taken, bytes), bytes) : 0;
}

/* A pair of texts about the file. The time at which it was written is where the trace begins, if that says no date. */
static void note_aux(struct rdb *rdb, struct reading *reading)
{
    struct text_read name = payload_take_string(reading), value = payload_take_string(reading);
    uint64_t seconds;

    if (!reading->is_bad && name.bytes == strlen("ctime") && !memcmp(name.text, "ctime", name.bytes) &&
        digits_scan(value.text, value.text + value.bytes, &seconds) && seconds < INT64_MAX / 1000000)
        rdb->intake->dumped_us = (int64_t)seconds * 1000000;
}

/* Takes what the opcode has behind it. False: it is no opcode that is known. */
static bool take_opcode(struct rdb *rdb, struct reading *reading, unsigned opcode)
{
    struct preface *preface = &rdb->preface;

    switch ((enum opcode)opcode) {
    case OPCODE_SLOT_INFO:
        for (int i = 0; i < 3; i++) /* slot, keys, ttls */
            payload_take_count(reading);
        return true;
    case OPCODE_FUNCTION_2:
        payload_take_string(reading);
        if (!reading->is_bad)
            count_unknown(rdb, "function (in the dump)");
        return true;
    case OPCODE_MODULE_AUX:
        for (int i = 0; i < 3; i++) /* module, word, when */
            payload_take_count(reading);
        skip_module_words(reading);
        return true;
    case OPCODE_IDLE:
        preface->idle_s = payload_take_count(reading);
        preface->has_idle = true;
        return true;
    case OPCODE_FREQ:
        preface->freq = (uint8_t)take_number(reading, 1);
        preface->has_freq = true;
        return true;
    case OPCODE_AUX:
        note_aux(rdb, reading);
        return true;
    case OPCODE_RESIZEDB:
        payload_take_count(reading);
        payload_take_count(reading);
        return true;
    case OPCODE_EXPIRETIME_MS:
        preface->expire_ms = take_number(reading, 8);
        preface->has_ttl = true;
        return true;
    case OPCODE_EXPIRETIME:
        preface->expire_ms = take_number(reading, 4) * 1000;
        preface->has_ttl = true;
        return true;
    case OPCODE_SELECTDB:
        rdb->database = payload_take_count(reading);
        reading->is_bad |= !reading->is_bad && rdb->database >= DATABASES;
        return true;
    case OPCODE_FUNCTION_PRE_GA:
    case OPCODE_EOF:
        break;
    }
    return false;
}

/* ---- keys ---- */

static struct element *add_element(struct rdb *rdb, struct record *record, uint32_t flags, int64_t number)
{
    struct element *element = &queue_element(&rdb->queue, record)->element;

    element->flags = flags;
    element->number = number;
    return element;
}

static void add_number(struct rdb *rdb, struct record *record, int64_t number)
{
    char digits[24];

    add_element(rdb, record, ELEMENT_INTEGER, number)->value_len =
        (uint32_t)snprintf(digits, sizeof digits, "%" PRId64, number);
}

static void add_word(struct rdb *rdb, struct record *record, enum word word, const char *name)
{
    add_element(rdb, record, ELEMENT_WORD, word)->value_len = (uint32_t)strlen(name);
}

/* RESTORE key ttl payload [ABSTTL] [IDLETIME s] [FREQ n]. Returns where the payload's element is. */
static uint32_t add_arguments(struct rdb *rdb, struct record *record)
{
    const struct preface *preface = &rdb->preface;
    uint32_t payload;

    record->ttl_ms = preface->has_ttl ? preface->expire_ms : 0;
    if (preface->has_ttl)
        record->flags |= REQUEST_TTL | REQUEST_MILLIS | REQUEST_ABSOLUTE;
    add_number(rdb, record, record->ttl_ms);
    payload = rdb->queue.named_count;
    add_element(rdb, record, 0, 0);
    if (preface->has_ttl)
        add_word(rdb, record, WORD_ABSTTL, "absttl");
    if (preface->has_idle) {
        add_word(rdb, record, WORD_IDLETIME, "idletime");
        add_number(rdb, record, (int64_t)preface->idle_s);
    } else if (preface->has_freq) {
        add_word(rdb, record, WORD_FREQ, "freq");
        add_number(rdb, record, preface->freq);
    }
    return payload;
}

static void take_back(struct rdb *rdb, const struct record *record)
{
    rdb->queue.named_count -= record->elements;
    rdb->queue.count--;
}

/* A key and its value. Returns false if the type is none that is known. */
static bool take_key(struct rdb *rdb, struct reading *reading, unsigned type)
{
    struct text_read key = payload_take_string(reading);
    const unsigned char *begins = reading->at;
    struct record row = {.op = OP_RESTORE,
                         .flags = REQUEST_LOADED,
                         .db = (uint8_t)rdb->database,
                         .value_len = VALUE_UNKNOWN,
                         .line = rdb->keys + 1};
    struct record *record = queue_key(&rdb->queue, &row, &(struct argument){key.text, key.bytes});
    uint32_t payload = add_arguments(rdb, record);
    enum payload_kind kind;

    reading->record = record;
    kind = reading->is_bad ? PAYLOAD_WRONG : payload_read_value(reading, type);
    if (kind == PAYLOAD_UNKNOWN && type == TYPE_MODULE_2) {
        payload_take_count(reading);
        skip_module_words(reading);
    }
    if (kind == PAYLOAD_UNKNOWN || kind == PAYLOAD_WRONG) {
        take_back(rdb, record);
        if (!reading->is_bad && type == TYPE_MODULE_2)
            count_unknown(rdb, "module (a value)");
        else if (!reading->is_bad && kind == PAYLOAD_WRONG)
            count_unknown(rdb, "empty (a value)");
        return reading->is_bad || kind == PAYLOAD_WRONG || type == TYPE_MODULE_2;
    }
    rdb->intake->rows++;
    rdb->queue.named[payload].element.number = (int64_t)kind | (int64_t)rdb->version << 8;
    rdb->queue.named[payload].element.value_len = (uint32_t)(reading->at - begins) + 1 + FOOTER;
    return true;
}

/* ---- the whole ---- */

/* Behind EOF: the checksum, and nothing else. */
static int end(struct rdb *rdb, struct error *error)
{
    enum { CHECKSUM = sizeof rdb->crc64.sum };
    size_t bytes;
    const char *text = source_peek(rdb->source, CHECKSUM, &bytes, error);
    uint64_t said;

    if (!text)
        return -1;
    rdb->ended = true;
    if (bytes < CHECKSUM)
        return fault(rdb, error, "the file ends within its checksum; --lenient takes its keys");
    said = payload_little_endian((const unsigned char *)text, CHECKSUM);
    if (said && said != rdb->crc64.sum)
        return fault(rdb, error,
                     "the checksum is wrong, so the file is damaged: redis-check-rdb says more, --lenient goes on");
    source_consume(rdb->source, CHECKSUM);
    if (!source_peek(rdb->source, 1, &bytes, error))
        return -1;
    return bytes ? fault(rdb, error,
                         "something stands behind the dump's end: commands, if it is an append-only file; --lenient "
                         "takes the dump")
                 : 0;
}

/* Takes what begins at reading->at: an opcode, or a key. 1; 0: there is not enough of it to see; -1. */
static int take_item(struct rdb *rdb, struct reading *reading, struct error *error)
{
    const unsigned char *begins = reading->at, *type = payload_take(reading, 1);
    char what[160];
    bool is_key;

    if (!type)
        return 0;
    is_key = *type < OPCODE_SLOT_INFO;
    if (*type == OPCODE_EOF) {
        consume(rdb, begins, reading->at);
        return end(rdb, error) ? -1 : 1;
    }
    if (!(is_key ? take_key(rdb, reading, *type) : take_opcode(rdb, reading, *type))) {
        snprintf(what, sizeof what,
                 is_key ? "a value of type %u, which evsim cannot skip; --lenient takes the keys before"
                        : "opcode %u, which is not known; --lenient takes the keys before",
                 *type);
        return fault(rdb, error, what) ? -1 : 1;
    }
    if (reading->is_short)
        return 0;
    if (reading->is_bad)
        return fault(rdb, error,
                     is_key ? "a key, or its value, that cannot be; --lenient takes the keys before"
                            : "what stands here cannot be; --lenient takes the keys before")
                   ? -1
                   : 1;
    consume(rdb, begins, reading->at);
    if (is_key) {
        rdb->keys++;
        rdb->preface = (struct preface){0};
    }
    return 1;
}

/* Whole items of the window, until there is room for no more rows. 1; 0: the window has none; -1. */
static int take_items(struct rdb *rdb, const char *text, size_t bytes, size_t room, struct error *error)
{
    struct reading reading = {
        .queue = &rdb->queue, .at = (const unsigned char *)text, .end = (const unsigned char *)text + bytes};
    int status = 0, any = 0;

    while (!rdb->ended && rdb->queue.count < room && (status = take_item(rdb, &reading, error)) > 0)
        any = 1;
    return status < 0 && !rdb->queue.count ? -1 : any;
}

static int read_rdb(void *state, struct record *records, int room, struct error *error)
{
    struct rdb *rdb = state;
    size_t wanted = 1, bytes;

    queue_begin(&rdb->queue);
    if (!rdb->begun && begin(rdb, error))
        return -1;
    while (!rdb->ended && !rdb->queue.count) {
        const char *text = source_peek(rdb->source, wanted, &bytes, error);
        int status = text ? take_items(rdb, text, bytes, (size_t)room, error) : -1;

        if (status < 0)
            return -1;
        if (!status && bytes < wanted &&
            fault(rdb, error, "the file ends here, before its end: it was cut off; --lenient takes the keys before"))
            return -1;
        wanted = status ? 1 : 2 * bytes + 1;
    }
    return queue_end(&rdb->queue, records, queue_hand_out(&rdb->queue, records, room));
}

static int open_rdb(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                    struct error *error)
{
    struct rdb *rdb = state;

    (void)error;
    rdb->source = source;
    rdb->options = options;
    rdb->intake = intake;
    crc64_begin(&rdb->crc64);
    return 0;
}

static void close_rdb(void *state)
{
    queue_release(&((struct rdb *)state)->queue);
}

static enum format_sureness detect(const char *head, size_t bytes)
{
    return version_of(head, bytes) ? FORMAT_CERTAIN : FORMAT_NO;
}

const struct format format_rdb = {
    .name = "rdb",
    .summary = "a dump of Redis or Valkey: keys that are there before the first request",
    .file_names = "rdb",
    .state_size = sizeof(struct rdb),
    .executed_only = true,
    .self_contained = true,
    .loads = true,
    .zero_is_empty = true,
    .detect = detect,
    .open = open_rdb,
    .read = read_rdb,
    .close = close_rdb,
};
