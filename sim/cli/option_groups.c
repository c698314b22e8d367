/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/option_groups.h"

#include "sim/alloc.h"
#include "sim/cli/note.h"

#include <string.h>
#include <unistd.h>

static const char *const size_zero_words[] = {"auto", "unknown", "empty", NULL};

static int set_growth(void *group, const struct option *option, const char *value, struct error *error)
{
    (void)option;
    return forecast_scan(&((struct trace_request *)group)->forecast, value, error);
}

static char *show_growth(const void *group, const struct option *option)
{
    (void)option;
    return forecast_print(&((const struct trace_request *)group)->forecast);
}

static int set_horizon(void *group, const struct option *option, const char *value, struct error *error)
{
    (void)option;
    return forecast_scan_horizon(&((struct trace_request *)group)->forecast, value, error);
}

static char *show_horizon(const void *group, const struct option *option)
{
    (void)option;
    return forecast_print_horizon(&((const struct trace_request *)group)->forecast);
}

static int check_preload(const char *path, struct error *error)
{
    return trace_is_rereadable(path) ? 0
                                     : error_set(error, ERROR_USAGE, "'%s' must be a file, for it is read twice", path);
}

const struct option trace_options[TRACE_OPTIONS] = {
    {.name = "format",
     .letter = 'f',
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .values = VALUES_FORMATS,
     .brief = "if the trace's first bytes do not tell",
     .help = "trace format; by default the first bytes of the trace tell",
     OPTION_IN(struct trace_request, format)},
    {.name = "columns",
     .letter = 'c',
     .kind = OPTION_TEXT,
     .argument = "MAP",
     .brief = "csv: time=1,key=2,op=3,value-size=4",
     .help = "csv, jsonl: time=1,key=2,op=3,value-size=4,ttl=5 (numbers, or names)",
     OPTION_IN(struct trace_request, options.columns)},
    {.name = "lenient",
     .kind = OPTION_SWITCH,
     .brief = "skip bad rows, and count them",
     .help = "skip and count bad rows instead of stopping",
     OPTION_IN(struct trace_request, options.lenient)},
    {.name = "sort-window",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     .initial = "0",
     .help = "rows that come up to this much too late are put in order of time, and counted; 0: they are bad rows",
     OPTION_IN(struct trace_request, options.sort_window_us)},
    {.name = "size-zero",
     .kind = OPTION_CHOICE,
     .words = size_zero_words,
     .initial = "auto",
     .help = "what size 0 of a read means: an empty value, or an unknown size; auto: empty in oracleGeneral, unknown "
             "in twitter and csv",
     OPTION_IN(struct trace_request, options.size_zero)},
    {.name = "block-size",
     .kind = OPTION_SIZE,
     .argument = "BYTES",
     .help = "traces of blocks, or of ids without sizes: what a key is; 0: 4kb, in arc 512",
     OPTION_IN(struct trace_request, options.block_bytes)},
    {.name = "row-requests",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = UINT32_MAX,
     .help = "a row with a count, or of many blocks, stands for so many requests at most: more is taken for damage; 0: "
             "10000000, of disks 256 MB",
     OPTION_IN(struct trace_request, options.row_requests)},
    {.name = "pipeline-gap",
     .kind = OPTION_DURATION,
     .argument = "DURATION",
     .initial = "10us",
     .help = "monitor: commands of one client that follow each other within this came as a pipeline; 0: none did",
     OPTION_IN(struct trace_request, options.pipeline_gap_us)},
    {.name = "grow",
     .kind = OPTION_CUSTOM,
     .argument = "WHAT=F[,...]",
     .repeats = true,
     .help = "a forecast: keys=2x as many keys, each used as before, rate=1.5x as fast, sizes=1.2x as large values; "
             "keys=1.5x/month with --horizon; may be repeated",
     .set = set_growth,
     .print = show_growth},
    {.name = "horizon",
     .kind = OPTION_CUSTOM,
     .argument = "TIME",
     .help = "how far ahead --grow per day, week, month or year looks: '6 months', 90d",
     .set = set_horizon,
     .print = show_horizon},
};

const struct option preload_options[PRELOAD_OPTIONS] = {
    {.name = "preload",
     .kind = OPTION_TEXT,
     .argument = "DUMP.RDB",
     .check = check_preload,
     .values = VALUES_FILES,
     .help = "what is there before the first request: the keys of an RDB file, with their values, ttls and ages",
     OPTION_IN(struct trace_request, preload)},
};

int trace_request_operand(struct trace_request *request, const struct option_set *set, char **argv, const char *usage,
                          struct error *error)
{
    if (!set->operands || !*argv[0])
        return error_set(error, ERROR_USAGE, "no trace given: %s", usage);
    request->path = argv[0];
    if (set->operands > 1) {
        request->paths = (const char *const *)argv;
        request->path_count = (size_t)set->operands;
    }
    if (request->preload && forecast_is_any(&request->forecast))
        return error_set(error, ERROR_USAGE, "--grow: of the keys of --preload there are no copies");
    return forecast_check(&request->forecast, error);
}

static int set_figure_size(void *group, const struct option *option, const char *value, struct error *error)
{
    (void)option;
    return figure_wishes_size(&((struct output_request *)group)->figures, value, error);
}

static int set_figure_format(void *group, const struct option *option, const char *value, struct error *error)
{
    (void)option;
    return figure_wishes_forms(&((struct output_request *)group)->figures, value, error);
}

static const char *const none_words[] = {"none", NULL}; /* for completion */
static const char *const picture_words[] = {"svg", "png", "pdf", NULL};
static const char *const form_words[] = {"auto", "table", "json", "csv", "markdown", NULL};
static const char *const color_words[] = {"auto", "always", "never", NULL};

/* One row, of two structs. */
#define QUIET_ROW(type)                                                                                                \
    {                                                                                                                  \
        .name = "quiet", .letter = 'q', .kind = OPTION_SWITCH, .role = OPTION_OF_OUTPUT,                               \
        .help = "no progress and no notes; warnings and errors stay", OPTION_IN(type, quiet)                           \
    }

const struct option quiet_options[QUIET_OPTIONS] = {QUIET_ROW(struct quiet_request)};

void quiet_request_settle(const struct quiet_request *request)
{
    if (request->quiet)
        notes_silence();
}

const struct option output_options[OUTPUT_OPTIONS] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "DIR",
     .values = VALUES_FOLDERS,
     .brief = "write CSV, JSON and figures there",
     .help = "write CSV, JSON and figures there",
     OPTION_IN(struct output_request, directory)},
    {.name = "sqlite",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "FILE",
     .values = VALUES_FILES,
     .help = "write a database: runs, cells, curves, groups ...",
     OPTION_IN(struct output_request, sqlite)},
    {.name = "figures",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "NAME[,NAME...]",
     .words = none_words,
     .values = VALUES_FIGURES,
     .shown = "all",
     .joins = true,
     .help = "of --output, these figures alone: their names, or patterns (*-by-maxmemory), or none",
     OPTION_IN(struct output_request, figures.names)},
    {.name = "figure-size",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "MM[xMM]",
     .shown = "80",
     .help =
         "how wide figures are in print, in millimetres, and how high; text is 6 points in any: 80 is a column of a "
         "paper, 170 a page",
     .set = set_figure_size},
    {.name = "figure-format",
     .kind = OPTION_CUSTOM,
     .role = OPTION_OF_OUTPUT,
     .argument = "FORM[,FORM...]",
     .words = picture_words,
     .shown = "svg,png",
     .repeats = true,
     .help = "what figures are written as: svg, png (300 dots per inch), pdf",
     .set = set_figure_format},
    {.name = "no-figure-footer",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "figures without the line that says of what, of which trace, of when and by which version they are",
     OPTION_IN(struct output_request, figures.no_footer)},
    {.name = "print",
     .kind = OPTION_CHOICE,
     .role = OPTION_OF_OUTPUT,
     .words = form_words,
     .argument = "FORM",
     .initial = "auto",
     .help = "what standard output gets: table, json, csv (the file that --output writes), markdown (the table); auto: "
             "the table, or with --json that",
     .brief = "table, json, csv or markdown",
     OPTION_IN(struct output_request, form)},
    {.name = "json",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "the same as --print json",
     OPTION_IN(struct output_request, json)},
    {.name = "csv-safe",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "CSV for a spreadsheet: a name that begins with =, +, - or @ has a ' in front, so that it is no formula",
     OPTION_IN(struct output_request, csv_safe)},
    {.name = "wide",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "every column of the table, though the terminal is narrower; through a pipe it has them anyway",
     OPTION_IN(struct output_request, wide)},
    {.name = "width",
     .kind = OPTION_NUMBER,
     .role = OPTION_OF_OUTPUT,
     .argument = "COLUMNS",
     .shown = "the terminal's",
     .least = 40,
     .most = 1000,
     .help = "lines for a terminal of so many columns: the table's less important ones are left out",
     OPTION_IN(struct output_request, columns)},
    {.name = "columns-of",
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "NAME[,NAME...]",
     .joins = true,
     .help = "of tables, or of CSV, these columns alone, in this order: policy,hit-ratio,oom; of several tables each "
             "that has "
             "one of them, behind its rows' names (the others stay whole); a name that is not there is answered with "
             "those that are; not for the table of mrc, which has a column for each --policy",
     OPTION_IN(struct output_request, columns_of)},
    QUIET_ROW(struct output_request),
    {.name = "color",
     .kind = OPTION_CHOICE,
     .role = OPTION_OF_OUTPUT,
     .words = color_words,
     .initial = "auto",
     .help = "the best of a block in bold; auto: on a terminal, unless NO_COLOR is set or TERM is dumb",
     OPTION_IN(struct output_request, color)},
    {.name = "strict",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "a warning is an error: nothing is written, and the exit status is 3",
     OPTION_IN(struct output_request, strict)},
};

const struct option memory_options[MEMORY_OPTIONS] = {
    {.name = "memory-limit",
     .kind = OPTION_SIZE,
     .role = OPTION_OF_HOST,
     .argument = "SIZE",
     .initial = "0",
     .help = "no line, frame, header or number of keys of the trace makes evsim ask for more of this machine's memory: "
             "that "
             "is an error; 0: what the machine has",
     OPTION_IN(struct trace_request, memory_limit)},
};

const struct option jobs_options[JOBS_OPTIONS] = {
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_NUMBER,
     .role = OPTION_OF_HOST,
     .argument = "N",
     .initial = "cores",
     .zero = "cores",
     .least = 1,
     .most = 1024,
     .brief = "worker threads",
     .help = "worker threads; results do not depend on it",
     OPTION_IN(struct jobs_request, jobs)},
};

int jobs_workers(const struct jobs_request *request)
{
    return request->jobs ? (int)request->jobs : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

const struct option config_options[CONFIG_OPTIONS] = {
    {.name = "config",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .values = VALUES_FILES,
     .brief = "what a redis.conf sets",
     .help = "a redis.conf: maxmemory, maxmemory-policy and the options below; the command line wins",
     OPTION_IN(struct redis_request, path)},
};

/* ---- the options of Redis ---- */

static const struct redis_option *redis_option_of(const struct option *option)
{
    return &redis_options[option - redis_request_options];
}

/* The default is accepted in the form that --help shows, even if the server would reject it: repl-backlog-size has 0,
 * which means the server's own. */
static int set(void *group, const struct option *option, const char *value, struct error *error)
{
    struct redis_request *request = group;
    const struct redis_option *of = redis_option_of(option);
    size_t i = (size_t)(option - redis_request_options);
    int status = 0;

    if (!strcmp(value, of->initial))
        redis_option_reset(&request->given_config, of);
    else
        status = redis_option_set(&request->given_config, of, value, error);
    request->given[i] = value;
    request->is_clamped[i] = status > 0;
    return status < 0 ? -1 : 0;
}

static char *print(const void *group, const struct option *option)
{
    const struct redis_request *request = group;
    char text[REDIS_OPTION_TEXT];

    return xstrdup(redis_option_print(&request->in_force, redis_option_of(option), text));
}

static const char *const yes_no[] = {"yes", "no", NULL}; /* for completion */

/* The order is that of redis_options. */
const struct option redis_request_options[REDIS_OPTIONS] = {
#define X(field, key, kind_of_value, initial_value, low, high, least, most, text)                                      \
    {.name = key,                                                                                                      \
     .kind = OPTION_CUSTOM,                                                                                            \
     .argument = kind_of_value == REDIS_FLAG                                   ? "yes|no"                              \
                 : kind_of_value == REDIS_SIZE || kind_of_value == REDIS_SHARE ? "SIZE"                                \
                 : kind_of_value == REDIS_LIMITS                               ? "LIMITS"                              \
                                                                               : "N",                                                                \
     .shown = initial_value,                                                                                           \
     .words = kind_of_value == REDIS_FLAG ? yes_no : NULL,                                                             \
     .help = text,                                                                                                     \
     .set = set,                                                                                                       \
     .print = print},
    REDIS_OPTION_LIST(X)
#undef X
};

int redis_request_settle(struct redis_request *request, uint64_t memory_limit, struct error *error)
{
    redis_config_init(&request->in_force);
    if (request->path && redis_conf_read(request->path, memory_limit, &request->in_force, &request->file, error))
        return -1;
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        if (request->given[i] && redis_options[i].kind == REDIS_LIMITS) /* classes not named here are the file's */
            redis_option_set(&request->in_force, &redis_options[i], request->given[i], error);
        else if (request->given[i])
            redis_option_copy(&request->in_force, &request->given_config, &redis_options[i]);
    return 0;
}

static void note_clamped(const struct redis_request *request, size_t i)
{
    char works[REDIS_OPTION_TEXT];

    redis_option_print(&request->in_force, &redis_options[i], works);
    if (request->is_clamped[i])
        note("--%s %s: the server works with %s", redis_options[i].name, request->given[i], works);
    else if (!request->given[i] && request->file.clamped[i])
        note("%s: the server works with %s", request->file.clamped[i], works);
}

void redis_request_note(const struct redis_request *request)
{
    char *names = redis_conf_not_modeled(&request->file);

    if (*names)
        note("%s: not modeled, without effect: %s", request->path, names);
    free(names);
    for (size_t i = 0; i < REDIS_OPTIONS; i++)
        note_clamped(request, i);
}

void redis_request_release(struct redis_request *request)
{
    redis_conf_file_release(&request->file);
}
