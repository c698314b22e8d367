/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_capture.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "sim/input/source.h"
#include "traces/commands/queue.h"

#include <sha1.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { INFOS = 100, LOOK = 1 << 20 };

/* Calls what its arguments say, each with the number of its words before it. An error of the command does not stop it; a full memory
 * does, as it stops a script that does not look for errors. */
static const char script_text[] = "local i = 1\n"
                                  "while i <= #ARGV do\n"
                                  "  local n = tonumber(ARGV[i])\n"
                                  "  local reply = redis.pcall(unpack(ARGV, i + 1, i + n))\n"
                                  "  if type(reply) == 'table' and reply.err and string.find(reply.err, 'OOM') then\n"
                                  "    return reply\n"
                                  "  end\n"
                                  "  i = i + n + 1\n"
                                  "end\n"
                                  "return 1\n";

struct words {
    struct argument *list; /* owned */
    size_t count, capacity;
};

/* A line of the capture. */
struct call {
    int64_t time_us;
    uint64_t db;
    struct argument client;
    struct words words; /* of the line that was read last */
};

/* A connection. 0 is that of who asks for INFO, which the capture does not show. */
struct client {
    struct argument address;
    uint64_t db;      /* that it has selected */
    bool is_queueing; /* behind MULTI, and until EXEC */
};

struct conversion {
    const char *name; /* of the capture */
    char *text;       /* owned: all of it; words are decoded where they stand */
    size_t bytes;
    uint64_t line;              /* read last */
    int64_t begin_us, first_us; /* of the capture, of what the client sends */
    const char *script_path;
    struct script_options options;
    double stretch;
    struct script_writer *writer; /* NULL until there is something to send */
    struct error *error;          /* why there is none then */
    FILE *trace;
    struct capture_summary summary;
    /* The script that is being collected: its call, and the words of what it calls. */
    bool has_script, knows_script;
    uint32_t scripting; /* who called it */
    struct call script;
    struct words arguments;
    size_t *lengths; /* owned: words of each of its calls */
    size_t length_count, length_capacity;
    struct client *clients; /* owned */
    uint32_t client_count;
};

static void add_word(struct words *words, struct argument word)
{
    if (words->count == words->capacity) {
        words->capacity = words->capacity ? 2 * words->capacity : 64;
        words->list = xrealloc(words->list, words->capacity * sizeof *words->list);
    }
    words->list[words->count++] = word;
}

static struct argument word_of(const char *text)
{
    return (struct argument){text, (uint32_t)strlen(text)};
}

static bool is_word(const struct argument *word, const char *text)
{
    return word->bytes == strlen(text) && !strncasecmp(word->text, text, word->bytes);
}

static bool is_one_of(const struct argument *word, const char *const *texts)
{
    while (*texts && !is_word(word, *texts))
        texts++;
    return *texts;
}

/* ---- the capture ---- */

static int read_all(struct conversion *conversion, struct error *error)
{
    struct source *source = source_open(conversion->name, error);
    const char *at = NULL;
    size_t bytes = 0;

    while (source && (at = source_peek(source, LOOK, &bytes, error)) && bytes) {
        conversion->text = xrealloc(conversion->text, conversion->bytes + bytes + 1);
        memcpy(conversion->text + conversion->bytes, at, bytes);
        conversion->bytes += bytes;
        source_consume(source, bytes);
    }
    source_close(source);
    return source && at ? 0 : -1;
}

/* Decodes the word behind the quote at `text`, where it stands. Returns what is behind its closing quote; NULL when it is damaged. */
static char *take_word(char *text, const char *end, struct argument *word)
{
    static const char letters[] = "\\\"nrtab", meanings[] = "\\\"\n\r\t\a\b";
    char *to = ++text;

    word->text = to;
    for (; text < end && *text != '"'; text++) {
        const char *letter = *text == '\\' && end - text > 1 ? strchr(letters, text[1]) : NULL;

        if (*text != '\\') {
            *to++ = *text;
        } else if (letter && *letter) {
            *to++ = meanings[letter - letters];
            text++;
        } else if (end - text > 3 && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
                   isxdigit((unsigned char)text[3])) {
            *to++ = (char)strtoul((char[]){text[2], text[3], '\0'}, NULL, 16);
            text += 3;
        } else {
            return NULL;
        }
    }
    word->bytes = (uint32_t)(to - word->text);
    return text < end ? text + 1 : NULL;
}

/* `1700000000.123456 [0 127.0.0.1:51234] "GET" "k"`. */
static bool take_line(char *text, char *end, struct call *call)
{
    char *bracket = memmem(text, (size_t)(end - text), " [", 2);
    char *space = bracket ? memchr(bracket + 2, ' ', (size_t)(end - bracket - 2)) : NULL;
    char *close = space ? memmem(space, (size_t)(end - space), "] \"", 3) : NULL;
    struct argument word;

    text += *text == '+';
    if (!close || !digits_decimal(text, bracket, 6, &call->time_us) || !digits_scan(bracket + 2, space, &call->db))
        return false;
    call->client = (struct argument){space + 1, (uint32_t)(close - space - 1)};
    call->words.count = 0;
    for (text = close + 2; text && text < end && *text == '"'; text += text && *text == ' ') {
        text = take_word(text, end, &word);
        if (!text)
            return false;
        add_word(&call->words, word);
    }
    return text == end;
}

/* ---- what the client sends ---- */

static void print_word(FILE *out, struct argument word)
{
    static const char letters[] = "\\\"nrtab", meanings[] = "\\\"\n\r\t\a\b";

    fputs(" \"", out);
    for (size_t i = 0; i < word.bytes; i++) {
        unsigned char byte = (unsigned char)word.text[i];
        const char *meaning = byte ? strchr(meanings, byte) : NULL;

        if (meaning)
            fprintf(out, "\\%c", letters[meaning - meanings]);
        else if (byte < 32 || byte > 126)
            fprintf(out, "\\x%02x", byte);
        else
            putc(byte, out);
    }
    putc('"', out);
}

static void print_call(struct conversion *conversion, int64_t time_us, uint64_t db, struct argument client,
                       const struct argument *words, size_t count)
{
    fprintf(conversion->trace, "%" PRId64 ".%06" PRId64 " [%" PRIu64 " %.*s]", time_us / 1000000, time_us % 1000000, db,
            (int)client.bytes, client.text);
    for (size_t i = 0; i < count; i++)
        print_word(conversion->trace, words[i]);
    putc('\n', conversion->trace);
}

/* Whether it waits when there is nothing for it: BLPOP and its kin, and XREAD with BLOCK. */
static bool may_wait(const struct argument *words, size_t count)
{
    static const char *const names[] = {"blpop",      "brpop",  "bzpopmin", "bzpopmax", "blmove",
                                        "brpoplpush", "blmpop", "bzmpop",   NULL};

    if (is_word(words, "xread") || is_word(words, "xreadgroup"))
        for (size_t i = 1; i < count && !is_word(&words[i], "streams"); i++)
            if (is_word(&words[i], "block"))
                return true;
    return is_one_of(words, names);
}

/* The client sends it: a turn of the server, and a line of the trace. */
static void send(struct conversion *conversion, int64_t time_us, uint32_t client, const struct argument *words,
                 size_t count)
{
    struct script_step step = {.kind = may_wait(words, count) ? TURN_WAIT : TURN_COMMAND, .client = client};

    if (!conversion->writer)
        return;
    step.at_us = time_us - conversion->first_us;
    step.flushes = is_word(words, "flushall") || is_word(words, "flushdb");
    for (size_t i = 0; i < count; i++)
        wire_text(&step.command, words[i].text, words[i].bytes);
    wire_end(&step.command);
    script_add(conversion->writer, step);
    print_call(conversion, time_us, conversion->clients[client].db, conversion->clients[client].address, words, count);
    conversion->summary.calls++;
    conversion->summary.duration_us = step.at_us;
}

static void add_client(struct conversion *conversion, struct argument address)
{
    size_t room = conversion->client_count + 1;

    conversion->clients = xrealloc(conversion->clients, room * sizeof *conversion->clients);
    conversion->clients[conversion->client_count++] = (struct client){.address = address};
}

/* The capture begins: who asks for INFO speaks first, so that it is the first client of the trace, too. What it says are the commands
 * by which the library ends waits (virtual_time.c): a command's first call allocates its histogram. */
static void begin(struct conversion *conversion, int64_t time_us)
{
    static const struct argument id[] = {{"client", 6}, {"id", 2}};
    static const struct argument unblock[] = {{"client", 6}, {"unblock", 7}, {"0", 1}};

    conversion->first_us = time_us;
    conversion->writer = script_open(conversion->script_path, &conversion->options, time_us, conversion->error);
    add_client(conversion, (struct argument){"observer", 8});
    send(conversion, time_us, 0, id, 2);
    send(conversion, time_us, 0, unblock, 3);
}

/* The client's number; 0: there are too many. */
static uint32_t number_client(struct conversion *conversion, const struct argument *address)
{
    uint32_t i = 1;

    while (i < conversion->client_count &&
           (conversion->clients[i].address.bytes != address->bytes ||
            memcmp(conversion->clients[i].address.text, address->text, address->bytes) != 0))
        i++;
    if (i == CLIENTS)
        return 0;
    if (i == conversion->client_count)
        add_client(conversion, *address);
    return i;
}

/* A database that the client selected before the capture began, or within a script. */
static void select_db(struct conversion *conversion, int64_t time_us, uint32_t client, uint64_t db)
{
    char number[24];

    if (db == conversion->clients[client].db)
        return;
    snprintf(number, sizeof number, "%" PRIu64, db);
    send(conversion, time_us, client, (struct argument[]){word_of("select"), word_of(number)}, 2);
    conversion->clients[client].db = db;
}

/* ---- scripts ---- */

static void begin_script(struct conversion *conversion, const struct call *call, uint32_t client)
{
    conversion->has_script = true;
    conversion->scripting = client;
    conversion->script = (struct call){.time_us = call->time_us, .db = call->db};
    conversion->arguments.count = conversion->length_count = 0;
}

static void add_to_script(struct conversion *conversion, const struct call *call)
{
    if (conversion->length_count == conversion->length_capacity) {
        conversion->length_capacity = conversion->length_capacity ? 2 * conversion->length_capacity : 16;
        conversion->lengths = xrealloc(conversion->lengths, conversion->length_capacity * sizeof *conversion->lengths);
    }
    for (size_t i = 0; i < call->words.count; i++)
        add_word(&conversion->arguments, call->words.list[i]);
    conversion->lengths[conversion->length_count++] = call->words.count;
}

/* EVAL at first, EVALSHA afterwards, and what it calls, all at one time: the server's clock stands still meanwhile. */
static void send_script(struct conversion *conversion)
{
    char digest[SHA1_DIGEST_STRING_LENGTH], *numbers = xcalloc(conversion->length_count + 1, 24);
    const struct argument *words = conversion->arguments.list;
    struct words all = {0};

    SHA1Data((const uint8_t *)script_text, strlen(script_text), digest);
    add_word(&all, word_of(conversion->knows_script ? "evalsha" : "eval"));
    add_word(&all, word_of(conversion->knows_script ? digest : script_text));
    add_word(&all, word_of("0"));
    for (size_t i = 0; i < conversion->length_count; i++) {
        char *number = numbers + 24 * i;

        snprintf(number, 24, "%zu", conversion->lengths[i]);
        add_word(&all, word_of(number));
        for (size_t j = 0; j < conversion->lengths[i]; j++)
            add_word(&all, *words++);
    }
    conversion->has_script = false;
    send(conversion, conversion->script.time_us, conversion->scripting, all.list, all.count);
    words = conversion->arguments.list;
    for (size_t i = 0; i < conversion->length_count; words += conversion->lengths[i++])
        print_call(conversion, conversion->script.time_us, conversion->script.db, word_of("lua"), words,
                   conversion->lengths[i]);
    conversion->summary.scripted += conversion->length_count;
    conversion->knows_script = true;
    free(all.list);
    free(numbers);
}

/* ---- calls ---- */

/* What only says who the client is. */
static bool introduces(const struct words *words)
{
    static const char *const parts[] = {"id", "getname", "setname", "setinfo", NULL};

    return is_word(&words->list[0], "hello")
               ? words->count <= 2
               : is_word(&words->list[0], "client") && words->count > 1 && is_one_of(&words->list[1], parts);
}

static void take_call(struct conversion *conversion, const struct call *call)
{
    static const char *const own[] = {"hello",     "auth",   "client", "reset",    "monitor",  "select",
                                      "replconf",  "psync",  "wait",   "waitaof",  "shutdown", "readonly",
                                      "readwrite", "asking", "script", "function", "debug",    NULL};
    static const char *const scripts[] = {"eval", "evalsha", "fcall", "eval_ro", "evalsha_ro", "fcall_ro", NULL};
    const struct argument *name = &call->words.list[0];
    uint32_t client;

    if (is_word(&call->client, "lua") && conversion->has_script) {
        add_to_script(conversion, call);
        return;
    }
    if (conversion->has_script)
        send_script(conversion);
    if (is_one_of(name, own) && !introduces(&call->words)) {
        conversion->summary.left_out++;
        return;
    }
    if (!conversion->writer && !error_is_set(conversion->error))
        begin(conversion, call->time_us);
    client = number_client(conversion, &call->client);
    if (!client) {
        error_set(conversion->error, ERROR_INPUT, "%s:%" PRIu64 ": it has %d clients and more", conversion->name,
                  conversion->line, CLIENTS);
        return;
    }
    if (!conversion->clients[client].is_queueing)
        select_db(conversion, call->time_us, client, call->db);
    if (is_one_of(name, scripts))
        begin_script(conversion, call, client);
    else
        send(conversion, call->time_us, client, call->words.list, call->words.count);
    if (is_word(name, "multi"))
        conversion->clients[client].is_queueing = true;
    else if (is_word(name, "exec") || is_word(name, "discard"))
        conversion->clients[client].is_queueing = false;
}

/* ---- all ---- */

static int64_t stretched(const struct conversion *conversion, int64_t time_us)
{
    return conversion->begin_us + (int64_t)(conversion->stretch * (double)(time_us - conversion->begin_us));
}

static void take_time(struct conversion *conversion, const char *text, const char *end)
{
    const char *space = memchr(text, ' ', (size_t)(end - text));
    int64_t time_us;

    if (!space || !digits_decimal(text + (*text == '+'), space, 6, &time_us))
        return;
    conversion->begin_us = conversion->begin_us ? conversion->begin_us : time_us;
    conversion->summary.duration_us = stretched(conversion, time_us) - conversion->begin_us;
}

/* All lines, in order; with only_times, how long the capture lasts. */
static int take_lines(struct conversion *conversion, bool only_times, struct error *error)
{
    char *end = conversion->text + conversion->bytes, *next;
    struct call call = {0};
    int status = 0;

    conversion->line = 0;
    for (char *text = conversion->text; !status && !error_is_set(error) && text < end; text = next) {
        char *newline = memchr(text, '\n', (size_t)(end - text)), *stop = newline ? newline : end;

        next = newline ? newline + 1 : end;
        stop -= stop > text && stop[-1] == '\r';
        conversion->line++;
        if (stop == text || !strncmp(text, "+OK", 3) || !strncmp(text, "OK", 2))
            continue;
        if (only_times) {
            take_time(conversion, text, stop);
        } else if (take_line(text, stop, &call)) {
            call.time_us = stretched(conversion, call.time_us);
            take_call(conversion, &call);
        } else {
            status = error_set(error, ERROR_INPUT, "%s:%" PRIu64 ": not a line of MONITOR", conversion->name,
                               conversion->line);
        }
    }
    if (conversion->has_script && !status)
        send_script(conversion);
    free(call.words.list);
    return status || error_is_set(error) ? -1 : 0;
}

int capture_convert(const char *capture, double stretch, const char *script, const char *trace,
                    const struct script_options *options, int64_t *info_every_us, struct capture_summary *summary,
                    struct error *error)
{
    struct conversion conversion = {
        .name = capture,
        .stretch = stretch,
        .script_path = script,
        .options = *options,
        .error = error,
    };
    int status = read_all(&conversion, error);

    if (!status)
        status = take_lines(&conversion, true, error);
    if (!conversion.options.info_every_us)
        conversion.options.info_every_us = conversion.summary.duration_us / INFOS + 1;
    if (!status && !(conversion.trace = fopen(trace, "w")))
        status = error_set(error, ERROR_OUTPUT, "%s: %s", trace, strerror(errno));
    if (!status)
        status = take_lines(&conversion, false, error);
    if (!status && !conversion.writer)
        status = error_set(error, ERROR_INPUT, "%s: it has no command", capture);
    if (conversion.writer && script_close(conversion.writer, status ? &(struct error){0} : error))
        status = -1;
    if (conversion.trace && fclose(conversion.trace) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: %s", trace, strerror(errno));
    *info_every_us = conversion.options.info_every_us;
    conversion.summary.clients = conversion.client_count ? conversion.client_count - 1 : 0;
    *summary = conversion.summary;
    free(conversion.clients);
    free(conversion.arguments.list);
    free(conversion.lengths);
    free(conversion.text);
    return status;
}
