/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pcap: packets of Redis traffic as tcpdump -w and Wireshark write them, pcap or pcapng, read by libpcap.
 *
 * Requests and replies are both there: so what a read found is known, its size or that it was absent, and what the server
 * refused. The connections' bytes are put together (capture/flow.h), cut into commands and replies, which are matched
 * (capture/connection.h), and every command becomes a row as one of MONITOR does: in the order of execution, what is behind
 * MULTI with its EXEC, and only if that executed it. Times are those of the packets that completed the commands.
 *
 * libpcap reads from a FILE: here one over the source, so that a capture may be compressed, come by a pipe, or be several
 * files, over which connections go on. The "line" of messages is a packet. */
#include "sim/format.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "sim/host_memory.h"
#include "sim/input/closings.h"
#include "traces/capture/connection.h"
#include "traces/commands/arrival.h"
#include "traces/commands/command.h"

#include <ctype.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATE_MOST_US = 60000000 };

struct pcap_reader {
    struct source *source;
    const struct format_options *options;
    struct intake *intake;
    struct queue queue;
    struct arrival arrival;
    struct capture capture;
    struct exchange *spent; /* the queued records point into them */
    pcap_t *pcap;           /* NULL: the file is not open yet */
    struct error source_error;
    bool source_ended; /* libpcap has been told so */
    uint64_t packet;   /* of the file, from 1 */
    uint64_t asked;    /* bytes of memory that may be taken, as far as it was asked */
    int64_t last_us;
    bool begun, ended, is_over; /* there was a row; the file is at its end; no packet comes any more */
};

/* ---- the file ---- */

/* What libpcap reads from: cookie_io_functions_t.read. */
static ssize_t read_source(void *cookie, char *to, size_t room)
{
    struct pcap_reader *reader = cookie;
    size_t bytes;
    const char *text = source_peek(reader->source, 1, &bytes, &reader->source_error);

    if (!text)
        return -1;
    if (bytes > room)
        bytes = room;
    memcpy(to, text, bytes);
    source_consume(reader->source, bytes);
    reader->source_ended |= !bytes;
    return (ssize_t)bytes;
}

/* The file cannot be read on: an error, or its end under lenient. */
static int fault(struct pcap_reader *reader, struct error *error, const char *what, const char *remedy)
{
    int status;

    reader->ended = true;
    if (error_is_set(&reader->source_error)) {
        *error = reader->source_error;
        return -1;
    }
    reader->intake->rows++;
    status = intake_bad_row(reader->intake, reader->options, reader->source, reader->packet + 1, error, "%.120s: %s",
                            what, remedy);
    reader->intake->has_refused = false; /* it is no row: each fault names its own remedy */
    return status;
}

/* The last packet is not all there, as when tcpdump was killed: said as rows that lenient skips, but no error. */
static void say_cut_off(struct pcap_reader *reader)
{
    struct intake *intake = reader->intake;

    reader->ended = true;
    intake->rows++;
    if (!intake->skipped++)
        snprintf(intake->first_skipped, sizeof intake->first_skipped, "%.160s:%ju: the last packet is cut off",
                 source_name(reader->source), (uintmax_t)reader->packet + 1);
}

static int open_file(struct pcap_reader *reader, struct error *error)
{
    static const cookie_io_functions_t from_source = {.read = read_source};
    char why[PCAP_ERRBUF_SIZE] = "";
    size_t bytes;
    FILE *file;

    if (!source_peek(reader->source, 1, &bytes, error))
        return -1;
    if (!bytes) {
        reader->ended = true;
        return 0;
    }
    file = fopencookie(reader, "r", from_source);
    if (!file)
        return error_set(error, ERROR_INTERNAL, "%s: no stream for it", source_name(reader->source));
    reader->pcap = pcap_fopen_offline(file, why);
    if (!reader->pcap) {
        fclose(file);
        return fault(reader, error, why, "tcpdump -w and Wireshark write what libpcap reads (pcap, pcapng)");
    }
    if (!segment_knows_link(pcap_datalink(reader->pcap))) {
        const char *name = pcap_datalink_val_to_name(pcap_datalink(reader->pcap));

        snprintf(why, sizeof why, "packets of a link layer that is not read (%s)", name ? name : "unknown");
        return fault(reader, error, why, "capture on an Ethernet device, on lo, or with tcpdump -i any");
    }
    return 0;
}

static void close_file(struct pcap_reader *reader)
{
    if (reader->pcap)
        pcap_close(reader->pcap);
    reader->pcap = NULL;
    reader->packet = 0;
    reader->ended = reader->source_ended = false;
}

/* ---- rows ---- */

/* It does not become a row: said with the commands that the model does not execute, by name and why. */
static void leave_out(struct pcap_reader *reader, const struct exchange *exchange)
{
    const struct argument *name = &exchange->arguments[0];
    char text[2 * UNKNOWN_NAME];
    size_t shown = name->bytes < UNKNOWN_NAME ? name->bytes : UNKNOWN_NAME, length;

    memcpy(text, name->text, shown);
    length = shown + (size_t)snprintf(text + shown, sizeof text - shown, " (%s)", exchange->word);
    intake_unknown(reader->intake, text, length);
}

static void select_database(const struct exchange *exchange, const struct reply_item *items)
{
    const struct argument *number = &exchange->arguments[exchange->count - 1];
    bool worked = items ? items->type == '+' : !exchange->is_known || !strcmp(exchange->word, "OK");
    uint64_t db;

    if (exchange->op == OP_RESET)
        connection_select(exchange->connection, 0);
    else if (exchange->op == OP_SELECT && exchange->count == 2 && worked &&
             digits_scan(number->text, number->text + number->bytes, &db) && db < DB_MAX)
        connection_select(exchange->connection, (uint8_t)db);
}

/* The records from `first` of the queue on learn what the server replied. */
static void add_sizes(struct pcap_reader *reader, size_t first, enum op op, const struct reply_item *items,
                      size_t count)
{
    for (size_t i = first; items && i < reader->queue.count; i++) {
        uint32_t size;
        bool is_nil;

        if (!exchange_size(op, items, count, i - first, &size, &is_nil) || reader->queue.records[i].op != op)
            continue;
        reader->intake->capture_hits += !is_nil && op != OP_STRLEN;
        reader->intake->capture_misses += is_nil;
        if (!is_nil)
            reader->queue.records[i].value_len = size;
    }
}

/* Queues the records of a command. `items`: the reply to it, within its transaction's; NULL: it stands for itself. */
static void queue_command(struct pcap_reader *reader, const struct exchange *exchange, const struct exchange *in,
                          const struct reply_item *items, size_t count)
{
    struct record row = {.line = in->packet, .time_us = in->time_us};
    size_t first = reader->queue.count;
    struct argument client;

    reader->intake->rows++;
    reader->intake->capture_unanswered += !in->is_known;
    if (exchange->may_lack_select)
        connection_assume_db(exchange->connection);
    if (!exchange_is_whole(exchange)) {
        if (exchange->op == OP_SELECT || exchange->op == OP_COUNT)
            connection_assume_db(exchange->connection);
        reader->intake->capture_damaged++;
        return;
    }
    if (exchange == in && exchange_is_refused(exchange)) {
        leave_out(reader, exchange);
        return;
    }
    reader->intake->capture_refused += exchange == in && !strcmp(exchange->word, "OOM");
    row.db = connection_db(exchange->connection);
    reader->intake->capture_assumed_db +=
        connection_db_is_assumed(exchange->connection) && exchange->op != OP_SELECT && exchange->op != OP_RESET;
    client.text = connection_client(exchange->connection, &client.bytes);
    arrival_note(&reader->arrival, &row, &client, reader->options, reader->intake);
    connection_set_number(exchange->connection, row.client);
    /* Packets were captured in another order than sent in, or it was waited for some that did not come. */
    if (reader->begun && row.time_us < reader->last_us && reader->last_us - row.time_us <= LATE_MOST_US) {
        reader->intake->late_rows++;
        row.time_us = reader->last_us;
    }
    reader->last_us = row.time_us;
    reader->begun = true;
    command_queue(&reader->queue, &row, exchange->arguments, exchange->count, reader->intake);
    reader->intake->scripts_unseen += queue_has_script(&reader->queue, first);
    add_sizes(reader, first, exchange->op, items, count);
    select_database(exchange, exchange == in ? NULL : items);
}

/* The client is gone behind its last command, if that has not been taken to come with a later one. */
static void note_closing(struct pcap_reader *reader, const struct exchange *closing)
{
    uint32_t client = connection_number(closing->connection);

    if (client != UINT32_MAX && reader->begun)
        closings_add(reader->intake->closings, closing->time_us > reader->last_us ? closing->time_us : reader->last_us,
                     client);
}

/* Queues what an exchange comes to, and keeps it for the records that point to it. */
static void queue_exchange(struct pcap_reader *reader, struct exchange *exchange)
{
    bool worked =
        !exchange->is_known || (exchange->item_count && exchange->items->type == '*' && !exchange->items->is_nil);
    size_t index = 0;

    for (struct exchange *command = exchange->transaction; command && worked; command = command->later, index++) {
        size_t count = 0;
        const struct reply_item *items = exchange_reply_of(exchange, index, &count);

        queue_command(reader, command, exchange, items, count);
    }
    if (exchange->is_closing)
        note_closing(reader, exchange);
    else
        queue_command(reader, exchange, exchange, exchange->op == OP_EXEC ? NULL : exchange->items,
                      exchange->item_count);
    exchange->later = reader->spent;
    reader->spent = exchange;
}

static void forget_spent(struct pcap_reader *reader)
{
    while (reader->spent) {
        struct exchange *first = reader->spent;

        reader->spent = first->later;
        exchange_done(first);
    }
}

/* ---- packets ---- */

/* What is begun on all connections, and waits, must have its place. 0, or -1. */
static int ask_for_memory(struct pcap_reader *reader, struct error *error)
{
    char place[64];
    const uint64_t memory = reader->capture.memory;

    if (memory <= reader->asked)
        return 0;
    reader->asked = memory + memory / 8;
    snprintf(place, sizeof place, "what its connections have begun up to packet %" PRIu64, reader->packet);
    return host_memory_ask(source_memory_limit(reader->source), memory, source_name(reader->source), place,
                           "cut the capture into parts (editcap -c 1000000)", error);
}

/* Takes the next packet. 1, 0 at the file's end, -1. */
static int next_packet(struct pcap_reader *reader, struct error *error)
{
    struct pcap_pkthdr *header;
    const u_char *packet;
    struct segment segment;
    int status = pcap_next_ex(reader->pcap, &header, &packet);

    if (status == PCAP_ERROR_BREAK) {
        reader->ended = true;
        return 0;
    }
    if (status < 0) {
        if (!error_is_set(&reader->source_error) && reader->source_ended) {
            say_cut_off(reader);
            return 0;
        }
        return fault(reader, error, pcap_geterr(reader->pcap),
                     "the capture is damaged here; --lenient takes what came before");
    }
    reader->packet++;
    reader->intake->capture_packets++;
    if (segment_read(&segment, pcap_datalink(reader->pcap), packet, header->caplen, header->len) != SEGMENT_TCP)
        return 1;
    segment.time_us = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec;
    segment.packet = reader->packet;
    capture_add(&reader->capture, &segment);
    return ask_for_memory(reader, error) ? -1 : 1;
}

/* Nothing in it is a command: an error that says what there was. */
static int refuse_all(struct pcap_reader *reader, struct error *error)
{
    const struct intake *intake = reader->intake;

    return error_set(error, ERROR_INPUT,
                     "%s:%ju: no command of Redis in its packets (%ju connections of TCP, %ju of them encrypted by "
                     "TLS): capture the server's port (tcpdump -i any -s 0 -w x.pcap port 6379), behind what decrypts",
                     source_name(reader->source), (uintmax_t)reader->packet, (uintmax_t)intake->capture_connections,
                     (uintmax_t)intake->capture_encrypted);
}

/* Hands out what has been queued, and what the next packets bring. */
static int read_pcap(void *state, struct record *records, int room, struct error *error)
{
    struct pcap_reader *reader = state;
    int count = queue_hand_out(&reader->queue, records, room);
    struct exchange *exchange;

    if (!count) {
        queue_begin(&reader->queue);
        forget_spent(reader);
    }
    if (!count && !reader->pcap && !reader->ended && open_file(reader, error))
        return -1;
    while (!count) {
        while (count < room && (exchange = capture_take(&reader->capture))) {
            queue_exchange(reader, exchange);
            count += queue_hand_out(&reader->queue, records + count, room - count);
        }
        if (count)
            break;
        if (!reader->ended) {
            if (next_packet(reader, error) < 0)
                return -1;
        } else if (!reader->is_over && !source_has_more_files(reader->source)) {
            capture_end(&reader->capture);
            reader->is_over = true;
        } else {
            break;
        }
    }
    if (!count && !source_has_more_files(reader->source) && !reader->intake->rows && reader->packet)
        return refuse_all(reader, error);
    return queue_end(&reader->queue, records, count);
}

static int open_pcap(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                     struct error *error)
{
    struct pcap_reader *reader = state;

    (void)error;
    reader->source = source;
    reader->options = options;
    reader->intake = reader->capture.intake = intake;
    reader->queue.clients = &reader->arrival.clients;
    reader->queue.spells = options->keeps_origin;
    intake->closings_shown = true;
    return 0;
}

/* Connections go on from one file to the next. */
static int next_pcap_file(void *state, struct error *error)
{
    (void)error;
    close_file(state);
    return 0;
}

static void close_pcap(void *state)
{
    struct pcap_reader *reader = state;

    close_file(reader);
    forget_spent(reader);
    capture_release(&reader->capture);
    arrival_release(&reader->arrival);
    queue_release(&reader->queue);
}

/* The magic numbers of pcap, in either byte order, of micro- and nanoseconds, and of pcapng. */
static enum format_sureness detect(const char *head, size_t bytes)
{
    static const char magic[][4] = {"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d",
                                    "\x0a\x0d\x0d\x0a"};

    for (size_t i = 0; bytes >= sizeof *magic && i < sizeof magic / sizeof *magic; i++)
        if (!memcmp(head, magic[i], sizeof *magic))
            return FORMAT_CERTAIN;
    return FORMAT_NO;
}

const struct format format_pcap = {
    .executed_only = true,
    .answered = true,
    .name = "pcap",
    .summary = "packets of Redis traffic: requests and replies, pcap or pcapng",
    .file_names = "pcap pcapng cap",
    .state_size = sizeof(struct pcap_reader),
    .detect = detect,
    .open = open_pcap,
    .read = read_pcap,
    .next_file = next_pcap_file,
    .close = close_pcap,
};
