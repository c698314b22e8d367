/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen: writes a synthetic trace to standard output or to a file. */
#include "sim/cli/cli.h"

#include "sim/alloc.h"
#include "sim/cli/gen_like.h"
#include "sim/cli/gen_options.h"
#include "sim/cli/gen_settle.h"
#include "sim/cli/note.h"
#include "sim/generate/generate.h"
#include "sim/generate/presets.h"
#include "sim/output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void print_help(const struct option_set *set)
{
    printf("usage: evsim gen [options]\n\nWrites a synthetic trace. The same options give the same bytes.\n\n");
    options_print(set, stdout);
    printf("\n  evsim gen --requests 5000000 --keys 500000 --ttl-share 0.3 | zstd > trace.csv.zst\n");
}

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

/* A pipe or a device is written to directly: renaming a file would replace it. */
static int generate_in_place(const struct generate_params *params, const struct generate_target *target,
                             const char *path, struct error *error)
{
    FILE *out = fopen(path, "w");
    int status;

    if (!out)
        return error_set(error, ERROR_OUTPUT, "%s: cannot open: %s", path, strerror(errno));
    status = write_trace(params, target, out, error);
    if (fclose(out) && !status)
        status = error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    return status;
}

/* The trace is written beside the file and renamed, so it is whole or not there at all. */
static int generate_file(const struct generate_params *params, const struct generate_target *target, const char *path,
                         struct error *error)
{
    struct output output;
    struct stat about;

    if (!stat(path, &about) && !S_ISREG(about.st_mode))
        return generate_in_place(params, target, path, error);
    if (output_open_path(&output, path, error))
        return -1;
    write_trace(params, target, output.file, error);
    return output_close(&output, error);
}

static void list_presets(void)
{
    for (size_t i = 0; i < preset_count(); i++) {
        struct preset preset = preset_at(i);
        printf("%s\n    source: %s\n    matches: %s\n", preset.name, preset.source, preset.matches);
    }
}

static int write_to(const struct gen_options *user, struct error *error)
{
    const struct generate_target *target = generate_targets[user->format];

    for (size_t i = 0; user->preset && i < preset_count(); i++)
        if (!strcmp(preset_at(i).name, user->preset))
            note("note: %s: its source is %s; it matches %s", user->preset, preset_at(i).source, preset_at(i).matches);
    if (user->preset && target->reads_only)
        note("note: %s holds neither operations nor ttls: every request of the preset is a row of it", target->name);
    if (strcmp(user->output, "-"))
        return generate_file(&user->params, target, user->output, error);
    return write_trace(&user->params, target, stdout, error);
}

/* The stand-in is written beside the file and renamed, then read again. */
static int write_like(const struct catalog *catalog, const struct gen_options *user, struct error *error)
{
    struct output output;
    struct stat about;

    if (!strcmp(user->output, "-") || (!stat(user->output, &about) && !S_ISREG(about.st_mode)))
        return error_set(error, ERROR_USAGE, "--like needs --output FILE: it is read again to be compared");
    if (output_open_path(&output, user->output, error))
        return -1;
    gen_like_write(catalog, user->like, user->params.seed, generate_targets[user->format], output.file, error);
    if (output_close(&output, error))
        return -1;
    return gen_like_compare(catalog, user->like, user->output, error);
}

static int gen_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct gen_options user;
    struct option_set set = {.groups = gen_groups, .group_count = GEN_GROUPS, .target = &user};
    int status;

    gen_options_init(&user);
    gen_put_preset_first(argc, argv);
    char **given = xmalloc(((size_t)argc + 1) * sizeof *given); /* parsing moves operands to the front */
    memcpy(given, argv, (size_t)argc * sizeof *given);
    status = options_parse(&set, "gen", argc, argv, error);
    free(set.command);
    if (!status && set.help) {
        print_help(&set);
    } else if (!status && set.operands) {
        status = error_set(error, ERROR_USAGE, "gen takes options only: '%s'", argv[0]);
    } else if (!status && user.list_presets) {
        list_presets();
    } else if (!status && user.like) {
        status = gen_check_like(argc, given, error);
        if (!status)
            status = write_like(catalog, &user, error);
    } else if (!status) {
        status = gen_settle(&user, error);
        if (!status)
            status = write_to(&user, error);
    }
    gen_options_release(&user);
    free(given);
    return status;
}

const struct subcommand subcommand_gen = {
    .name = "gen",
    .summary = "a synthetic trace: popularity, sizes, ttls, operations, arrivals",
    .options = gen_groups,
    .option_groups = GEN_GROUPS,
    .run = gen_main,
};
