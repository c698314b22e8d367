/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen: writes a synthetic trace to standard output or to a file. */
#include "sim/cli/cli.h"
#include "sim/cli/help.h"

#include "sim/alloc.h"
#include "sim/cli/gen_convert.h"
#include "sim/cli/gen_like.h"
#include "sim/cli/gen_options.h"
#include "sim/cli/gen_settle.h"
#include "sim/cli/note.h"
#include "sim/generate/generate.h"
#include "sim/generate/presets.h"
#include "sim/output.h"
#include "sim/stop.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the trace ---- */

/* A ratio that the other options leave no room for is not met: who asked for it is told. */
static void note_miss_ratio(const struct generate_params *params, const struct generate_summary *summary)
{
    double wanted = params->mix.miss_ratio, got = (double)summary->misses / (double)summary->reads;

    double chance = 4 * sqrt(wanted * (1 - wanted) / (double)summary->reads);

    if (wanted >= 0 && summary->reads && fabs(got - wanted) > 0.02 * wanted + chance)
        note("note: the miss ratio is %.4f, not %.4f: %s; other keys, ttls or shares change that", got, wanted,
             got < wanted ? "too few requests are for absent keys" : "too few are for keys that are there");
}

static int write_trace(const struct generate_params *params, const struct generate_target *target, FILE *out,
                       struct error *error)
{
    struct generate_summary summary;
    int status = generate_trace(params, target, out, &summary, error);

    if (!status && !target->reads_only)
        note_miss_ratio(params, &summary);
    return status;
}

/* gen_write_fn */
static int write_text(void *owner, FILE *out, struct error *error)
{
    const struct gen_options *user = owner;

    return write_trace(&user->params, generate_targets[user->format], out, error);
}

static struct gen_converted converted_as(const struct catalog *catalog, const struct gen_options *user, FILE *out,
                                         const char *file)
{
    return (struct gen_converted){.catalog = catalog,
                                  .writer = user->writer,
                                  .format = generate_targets[user->format]->name,
                                  .out = out,
                                  .target = user->output,
                                  .file = file};
}

/* Into a file, which has this name meanwhile, or into a pipe. */
static int write_into(const struct catalog *catalog, struct gen_options *user, FILE *out, const char *file,
                      struct error *error)
{
    struct gen_converted converted = converted_as(catalog, user, out, file);

    if (!user->writer)
        return write_text(user, out, error);
    if (user->writer->needs_file && !file)
        return error_set(error, ERROR_USAGE, "%s is written to a file, not to a pipe: --output FILE",
                         user->writer->name);
    return gen_convert(&converted, write_text, user, error);
}

/* A pipe or a device is written to directly: renaming a file would replace it. */
static int generate_in_place(const struct catalog *catalog, struct gen_options *user, struct error *error)
{
    FILE *out = fopen(user->output, "w");
    int status;

    if (!out)
        return error_set(error, ERROR_OUTPUT, "%s: cannot open: %s", user->output, strerror(errno));
    status = write_into(catalog, user, out, NULL, error);
    if (fclose(out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", user->output, strerror(errno));
    return status;
}

static bool is_file(const char *path)
{
    struct stat about;

    return strcmp(path, "-") != 0 && (stat(path, &about) || S_ISREG(about.st_mode));
}

/* The trace is written beside the file and renamed, so it is whole or not there at all. */
static int generate_file(const struct catalog *catalog, struct gen_options *user, struct error *error)
{
    struct output output;

    if (!is_file(user->output))
        return generate_in_place(catalog, user, error);
    if (output_open_path(&output, user->output, error))
        return -1;
    write_into(catalog, user, output.file, output.temporary, error);
    return output_close(&output, error);
}

static void list_presets(void)
{
    for (size_t i = 0; i < preset_count(); i++) {
        struct preset preset = preset_at(i);
        printf("%s\n    source: %s\n    matches: %s\n", preset.name, preset.source, preset.matches);
    }
}

static int write_to(const struct catalog *catalog, struct gen_options *user, struct error *error)
{
    const struct generate_target *target = generate_targets[user->format];

    for (size_t i = 0; user->preset && i < preset_count(); i++)
        if (!strcmp(preset_at(i).name, user->preset))
            note("note: %s: its source is %s; it matches %s", user->preset, preset_at(i).source, preset_at(i).matches);
    if (user->preset && target->reads_only)
        note("note: %s holds neither operations nor ttls: every request of the preset is a row of it", target->name);
    if (strcmp(user->output, "-"))
        return generate_file(catalog, user, error);
    return write_into(catalog, user, stdout, NULL, error);
}

/* ---- a stand-in ---- */

static int copy(FILE *from, FILE *to, const char *name, struct error *error)
{
    char block[1 << 16];
    size_t bytes;

    rewind(from);
    while ((bytes = fread(block, 1, sizeof block, from)) > 0)
        if (fwrite(block, 1, bytes, to) != bytes)
            return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", name, strerror(errno));
    if (fflush(to))
        return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", name, strerror(errno));
    return 0;
}

/* The stand-in, which is in the text at the path, goes to where the user wants it. */
static int deliver(const struct catalog *catalog, const struct gen_options *user, FILE *text, const char *path,
                   struct error *error)
{
    const char *name = strcmp(user->output, "-") ? user->output : "standard output";
    struct gen_converted converted = converted_as(catalog, user, stdout, NULL);
    struct output output;
    int status;

    if (user->writer && is_file(user->output)) {
        if (output_open_path(&output, user->output, error))
            return -1;
        converted.out = output.file;
        converted.file = output.temporary;
        gen_convert_file(&converted, path, error);
        return output_close(&output, error);
    }
    if (user->writer && user->writer->needs_file)
        return error_set(error, ERROR_USAGE, "%s is written to a file, not to a pipe: --output FILE",
                         user->writer->name);
    if (strcmp(user->output, "-"))
        converted.out = fopen(user->output, "w");
    if (!converted.out)
        return error_set(error, ERROR_OUTPUT, "%s: cannot open: %s", name, strerror(errno));
    status = user->writer ? gen_convert_file(&converted, path, error) : copy(text, converted.out, name, error);
    if (converted.out != stdout && fclose(converted.out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", name, strerror(errno));
    return status;
}

/* What is not a file of its own in the end is written as text to one that has no name, and compared there. */
static int write_like_by_file(const struct catalog *catalog, const struct gen_options *user, struct error *error)
{
    FILE *text = tmpfile();
    char path[32];
    int status;

    if (!text)
        return error_set(error, ERROR_OUTPUT, "no temporary file for the stand-in: %s", strerror(errno));
    snprintf(path, sizeof path, "/dev/fd/%d", fileno(text));
    status = gen_like_write(catalog, user->like, user->params.seed, generate_targets[user->format], text, error);
    if (!status && fflush(text))
        status = error_set(error, ERROR_OUTPUT, "cannot write the stand-in: %s", strerror(errno));
    if (!status)
        status = deliver(catalog, user, text, path, error);
    if (!status)
        status = gen_like_compare(catalog, user->like, path, error);
    fclose(text);
    return status;
}

/* The stand-in is written beside the file and renamed, then read again. */
static int write_like(const struct catalog *catalog, const struct gen_options *user, struct error *error)
{
    struct output output;

    if (user->writer || !is_file(user->output))
        return write_like_by_file(catalog, user, error);
    if (output_open_path(&output, user->output, error))
        return -1;
    gen_like_write(catalog, user->like, user->params.seed, generate_targets[user->format], output.file, error);
    if (output_close(&output, error))
        return -1;
    return gen_like_compare(catalog, user->like, user->output, error);
}

static int gen_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                    struct error *error)
{
    struct gen_options user;
    struct option_set set = {.groups = gen_groups, .group_count = GEN_GROUPS, .target = &user};
    int status;

    stop_on_signals();
    gen_options_init(&user);
    gen_put_preset_first(argc, argv);
    char **given = xmalloc(((size_t)argc + 1) * sizeof *given); /* parsing moves operands to the front */
    memcpy(given, argv, (size_t)argc * sizeof *given);
    status = options_parse(&set, self->name, argc, argv, error);
    options_release(&set);
    quiet_request_settle(&user.quiet);
    if (!status && set.help) {
        help_print(self, catalog, &set, stdout);
    } else if (!status && set.operands) {
        status = error_set(error, ERROR_USAGE, "gen takes options only: '%s'", argv[0]);
    } else if (!status && user.list_presets) {
        list_presets();
    } else if (!status && user.like) {
        status = gen_check_like(argc, given, error);
        if (!status)
            status = gen_choose_format(&user, catalog, error);
        user.format = user.format < 0 ? FORMAT_TWITTER : user.format;
        if (!status)
            status = write_like(catalog, &user, error);
    } else if (!status) {
        status = gen_choose_format(&user, catalog, error);
        if (!status)
            status = gen_settle(&user, error);
        if (!status)
            status = write_to(catalog, &user, error);
    }
    gen_options_release(&user);
    free(given);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim gen -n 500000 -k 50000 --ttl-share 0.3 -o a.csv", "some ttls"},
    {"evsim gen --preset twitter:cluster52 | zstd > b.csv.zst", "published"},
    {"evsim gen --like trace.csv.zst -o c.csv", "to share"},
    {0},
};

const struct subcommand subcommand_gen = {
    .name = "gen",
    .summary = "a synthetic trace: popularity, sizes, ttls, operations, arrivals",
    .usage = "evsim gen [options]",
    .about = "Writes a synthetic trace. The same options give the same bytes.",
    .examples = examples,
    .options = gen_groups,
    .option_groups = GEN_GROUPS,
    .run = gen_main,
};
