/* SPDX-License-Identifier: GPL-3.0-or-later */
/* convert: writes a trace as another kind of file, and says what that cannot hold. */
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/convert_tell.h"
#include "sim/cli/names.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/progress.h"

#include "sim/alloc.h"
#include "sim/input/conversion.h"
#include "sim/output.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum compression { COMPRESSION_ZSTD, COMPRESSION_NONE };

struct user {
    const struct catalog *catalog;
    struct trace_request trace;
    const char *target, *to;
    enum compression compression;
    bool drops_names, foresees, json;
    struct quiet_request quiet;

    struct selection selection;
    const char *commands, *anonymize, *separator;
};

static const char *const compression_words[] = {"zstd", "none", NULL};

#define AT(member) OPTION_IN(struct user, member)

static const struct option convert_options[] = {
    {.name = "to",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "NAME",
     .values = VALUES_WRITERS,
     .brief = "evt, csv, monitor, resp: or OUT's suffix",
     .help = "what OUT is to be; by default its suffix says it, and .csv is twitter of a trace of twitter, else csv",
     AT(to)},
    {.name = "compression",
     .kind = OPTION_CHOICE,
     .role = OPTION_OF_OUTPUT,
     .words = compression_words,
     .initial = "zstd",
     .help = "of an .evt's columns: zstd packs those that become smaller; none is larger, and faster to read",
     AT(compression)},
    {.name = "drop-names",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "evt: keys have their sizes and hashes alone, no names",
     AT(drops_names)},
    {.name = "next-access",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help =
         "evt: each row says when its key is requested next, for policies that know the future (belady), which else "
         "read the trace twice",
     AT(foresees)},
    {.name = "json",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "say what was read, not chosen, lost and written as one JSON object; on standard error if OUT is -",
     AT(json)},
};

/* ---- which requests, and under which names ---- */

static int add_command(void *group, const char *item, struct error *error)
{
    struct user *user = group;
    enum op op = op_find(item, strlen(item));

    if (op == OP_COUNT)
        return error_set(error, ERROR_USAGE, "'%s' is no command", item);
    user->selection.commands[op] = user->selection.by_command = true;
    return 0;
}

static const char *const anonymize_words[] = {"random", NULL}; /* for completion */

static int check_separator(const char *value, struct error *error)
{
    return *value ? 0 : error_set(error, ERROR_USAGE, "a separator is a text");
}

static const struct option choice_options[] = {
    {.name = "from",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .brief = "from this time on: 90s, 2h",
     .help = "requests from this time on, counted from the trace's first: 90s, 2h",
     AT(selection.from_us)},
    {.name = "until",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .least = 1,
     .brief = "before this time",
     .help = "requests before this time, counted likewise",
     AT(selection.until_us)},
    {.name = "sample",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .highest = 1,
     .above_lowest = true,
     .brief = "all requests of a share of the keys",
     .help = "all requests of a share of the keys: those whose names hash below it, the same ones in every trace",
     AT(selection.share)},
    {.name = "prefix",
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .brief = "keys that begin with it",
     .help = "requests for keys that begin with it, and those without a key",
     AT(selection.prefix)},
    {.name = "op",
     .kind = OPTION_LIST,
     .argument = "NAME[,NAME...]",
     .add = add_command,
     .values = VALUES_COMMANDS,
     .brief = "these commands: get,set",
     .help = "these commands, by Redis's names: get,set",
     AT(commands)},
    {.name = "anonymize",
     .kind = OPTION_TEXT,
     .argument = "SECRET",
     .words = anonymize_words,
     .brief = "other names for keys; random draws a secret",
     .help = "other names for keys (lengths stay, and prefixes to the separator), members, tenants and clients, by "
             "HMAC-SHA256; the "
             "same SECRET gives the same names; 'random' draws one, and prints it",
     AT(anonymize)},
    {.name = "separator",
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .initial = ":",
     .check = check_separator,
     .help = "what ends a prefix",
     AT(separator)},
};

static const struct option_group convert_groups[] = {
    {.heading = "What is written", OPTIONS_OF(convert_options)},
    {OPTIONS_OF(quiet_options), .offset = offsetof(struct user, quiet)},
    {.heading = "Which requests, and under which names", OPTIONS_OF(choice_options)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, trace)},
    {OPTIONS_OF(memory_options), .offset = offsetof(struct user, trace)},
};
enum { CONVERT_GROUPS = sizeof convert_groups / sizeof *convert_groups };

/* ---- which kind of file ---- */

/* Whether the path ends with one of the suffixes, which have a blank between them. */
static bool has_suffix(const char *path, const char *suffixes)
{
    size_t length = strlen(path);

    while (*suffixes) {
        size_t bytes = strcspn(suffixes, " ");

        if (length > bytes && !strncasecmp(path + length - bytes, suffixes, bytes))
            return true;
        suffixes += bytes + (suffixes[bytes] == ' ');
    }
    return false;
}

/* Of two kinds with the suffix, the one that the trace was. */
static const struct trace_writer *writer_by_suffix(const struct user *user, const char *format)
{
    const struct trace_writer *found = NULL;

    for (size_t i = 0; i < user->catalog->trace_writer_count; i++) {
        const struct trace_writer *writer = user->catalog->trace_writers[i];

        if (!has_suffix(user->target, writer->suffixes))
            continue;
        if (!strcmp(writer->name, format))
            return writer;
        found = writer;
    }
    return found;
}

static const struct trace_writer *choose_writer(const struct user *user, const char *format, struct error *error)
{
    const struct catalog *catalog = user->catalog;
    const struct trace_writer *writer = user->to ? catalog_trace_writer(catalog, user->to) : NULL;
    const char *nearest;

    if (writer)
        return writer;
    if (user->to) {
        nearest = nearest_name(user->to, catalog_trace_writer_name, catalog, catalog->trace_writer_count);
        error_set(error, ERROR_USAGE, "--to: unknown kind '%s'%s%s%s: see evsim convert --help", user->to,
                  nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'" : "");
        return NULL;
    }
    writer = writer_by_suffix(user, format);
    if (!writer)
        error_set(error, ERROR_USAGE, "%s: its suffix does not say what it is to be: --to evt, --to csv ...",
                  user->target);
    return writer;
}

/* ---- the conversion ---- */

struct work {
    struct conversion conversion;
    struct progress progress;
};

static bool goes_on(void *owner)
{
    struct work *work = owner;
    const struct trace *trace = &work->conversion.trace;
    struct replay_progress done = {
        .commands = work->conversion.written + work->conversion.left_out,
        .position = source_position(trace->source),
        .size = source_size(trace->source),
    };

    return progress_show(&work->progress, &done);
}

static int write_file(struct work *work, const struct user *user, const struct trace_writer *writer, FILE *out,
                      const char *file, struct error *error)
{
    struct writer_options options = {
        .packs = user->compression == COMPRESSION_ZSTD, .drops_names = user->drops_names, .file = file};
    int status;

    work->progress.is_silent = out == stdout && isatty(STDOUT_FILENO);
    source_ask(work->conversion.trace.source, goes_on, work);
    status = conversion_write(&work->conversion, writer, &options, out, user->target, error);
    source_ask(work->conversion.trace.source, NULL, NULL);
    progress_end(&work->progress);
    if (status && stop_signal()) {
        *error = (struct error){0};
        stop_error(error);
    }
    return status;
}

/* A pipe or a device is written to directly: renaming a file would replace it. */
static int write_in_place(struct work *work, const struct user *user, const struct trace_writer *writer,
                          struct error *error)
{
    FILE *out = strcmp(user->target, "-") ? fopen(user->target, "w") : stdout;
    int status;

    if (writer->needs_file)
        status =
            error_set(error, ERROR_USAGE, "%s is written to a file, not to a pipe: it goes back in it", writer->name);
    else if (!out)
        return error_set(error, ERROR_OUTPUT, "%s: cannot open: %s", user->target, strerror(errno));
    else
        status = write_file(work, user, writer, out, NULL, error);
    if (out && out != stdout && fclose(out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", user->target, strerror(errno));
    return status;
}

static bool is_file(const char *path)
{
    struct stat about;

    return strcmp(path, "-") != 0 && (stat(path, &about) || S_ISREG(about.st_mode));
}

static int write_target(struct work *work, const struct user *user, const struct trace_writer *writer,
                        struct error *error)
{
    struct output output;

    if (!is_file(user->target))
        return write_in_place(work, user, writer, error);
    if (output_open_path(&output, user->target, error))
        return -1;
    write_file(work, user, writer, output.file, output.temporary, error);
    return output_close(&output, error);
}

/* A secret that nobody knows before: 32 hexadecimal digits. */
static int draw_secret(char secret[33], struct error *error)
{
    unsigned char bytes[16];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return error_set(error, ERROR_INTERNAL, "--anonymize: no random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static int foresee(struct work *work, const struct user *user, const struct trace_writer *writer, struct error *error)
{
    if (!user->foresees)
        return 0;
    if (!writer->foresees)
        return error_set(error, ERROR_USAGE, "--next-access: %s does not hold it, evt does", writer->name);
    return conversion_foresee(&work->conversion, user->catalog->choose_format, &user->trace, error);
}

static int change(struct work *work, const struct user *user, char secret[33], struct error *error)
{
    bool is_random = user->anonymize && !strcmp(user->anonymize, "random");

    if (is_random && draw_secret(secret, error))
        return -1;
    conversion_change(&work->conversion, &user->selection, is_random ? secret : user->anonymize, user->separator);
    return 0;
}

/* What is asked for by --json is said though notes are not. A secret that was drawn is said in any case: it cannot be had again. */
static void tell(const struct user *user, const struct conversion *done, const char *secret)
{
    const struct convert_tale tale = {done, &user->trace, user->target, secret};
    FILE *out = strcmp(user->target, "-") ? stdout : stderr;

    if (user->json)
        convert_tell_json(&tale, out);
    else if (!user->quiet.quiet)
        convert_tell(&tale, out);
    else
        convert_tell_secret(&tale, out);
}

static int convert(const struct user *user, struct error *error)
{
    char secret[33] = "";
    struct work *work = xcalloc(1, sizeof *work);
    const struct trace_writer *writer = NULL;
    int status = conversion_open(&work->conversion, user->catalog->choose_format, &user->trace, error);

    if (!status)
        status = change(work, user, secret, error);
    if (!status)
        writer = choose_writer(user, work->conversion.trace.format->name, error);
    if (!status)
        status = writer ? foresee(work, user, writer, error) : -1;
    if (!status)
        status = write_target(work, user, writer, error);
    if (!status)
        tell(user, &work->conversion, secret);
    conversion_close(&work->conversion);
    free(work);
    return status;
}

static int convert_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                        struct error *error)
{
    struct user user = {.catalog = catalog};
    struct option_set set = {.groups = convert_groups, .group_count = CONVERT_GROUPS, .target = &user};
    int status = options_parse(&set, self->name, argc, argv, error);

    if (!status)
        status = options_fill_lists(&set, error);
    options_release(&set);
    if (status)
        return -1;
    quiet_request_settle(&user.quiet);
    if (set.help) {
        help_print(self, catalog, &set, stdout);
        return 0;
    }
    if (set.operands < 2)
        return error_set(error, ERROR_USAGE, "%s given: evsim convert IN... OUT",
                         set.operands ? "one file is" : "no trace is");
    user.target = argv[--set.operands];
    if (trace_request_operand(&user.trace, &set, argv, "evsim convert IN... OUT", error))
        return -1;
    return convert(&user, error);
}

static void print_more(const struct catalog *catalog, FILE *out)
{
    fprintf(out, "\nOUT is one of\n");
    for (size_t i = 0; i < catalog->trace_writer_count; i++)
        fprintf(out, "  %-14s %-19s %s\n", catalog->trace_writers[i]->name, catalog->trace_writers[i]->suffixes,
                catalog->trace_writers[i]->summary);
}

static const struct cli_example examples[] = {
    {"evsim convert trace.csv.zst trace.evt", "compiled"},
    {"evsim convert monitor.txt requests.csv --anonymize random", "to share it"},
    {"evsim convert trace.csv.zst hour.evt --from 10m --until 70m", "an hour"},
    {0},
};

const struct subcommand subcommand_convert = {
    .name = "convert",
    .summary = "a trace as another kind of file: compiled, CSV ...",
    .usage = "evsim convert IN... OUT [options]",
    .about = "Writes the trace IN, of any format, as OUT, and says what OUT cannot hold, but with -q. OUT is there "
             "when it is "
             "complete, or not at all; - is standard output.",
    .examples = examples,
    .more = print_more,
    .options = convert_groups,
    .option_groups = CONVERT_GROUPS,
    .operands = VALUES_FILES,
    .run = convert_main,
};
