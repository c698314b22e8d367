/* SPDX-License-Identifier: GPL-3.0-or-later */
/* new_policy: writes the skeleton of a policy and its test, and says what to type next. */
#include "sim/alloc.h"
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/new_policy_text.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/output.h"
#include "sim/printable.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 64, PATH_BYTES = 4096 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* The struct, and what the shared object is called, are made of it. */
static int check_name(const char *name, struct error *error)
{
    if (!*name || strspn(name, LETTERS "0123456789") != strlen(name) || !strspn(name, LETTERS))
        return error_set(error, ERROR_USAGE, "bad name '%s': letters, digits and _, not a digit first, as in lru_2",
                         name);
    if (strlen(name) > NAME_BYTES)
        return error_set(error, ERROR_USAGE, "bad name '%s': more than %d letters", name, NAME_BYTES);
    return 0;
}

/* ---- where this evsim is, and what belongs to it ---- */

/* The program's path; "evsim" where /proc does not say. */
static const char *find_program(char path[PATH_BYTES])
{
    ssize_t bytes = readlink("/proc/self/exe", path, PATH_BYTES - 1);

    if (bytes <= 0)
        return strcpy(path, "evsim");
    path[bytes] = '\0';
    return path;
}

/* The file of these that is there, below PREFIX of PREFIX/bin/evsim, or below TREE of TREE/build/release/evsim. "": neither
 * is. */
static const char *find_beside(const char *program, const char *installed, const char *in_tree, char path[PATH_BYTES])
{
    const char *const names[] = {installed, in_tree};

    for (int i = 0; i < 2; i++) {
        const char *end = program + strlen(program);

        for (int levels = 2 + i; levels && end; levels--)
            end = memrchr(program, '/', (size_t)(end - program));
        if (!end)
            continue;
        snprintf(path, PATH_BYTES, "%.*s/%s", (int)(end - program), program, names[i]);
        if (!access(path, R_OK))
            return path;
    }
    *path = '\0';
    return path;
}

/* The path from the working directory, over those above it if need be: what a user would type; the path as it is where that is no
 * longer. Below PATH_BYTES bytes. */
static const char *shorten(const char *path, char shorter[PATH_BYTES])
{
    char here[PATH_BYTES];
    size_t same = 0, bytes = 0;

    if (*path != '/' || !getcwd(here, sizeof here))
        return path;
    for (size_t i = 0; path[i] == here[i] || (path[i] == '/' && !here[i]); i++) {
        if (path[i] == '/')
            same = i;
        if (!here[i])
            break;
    }
    for (const char *at = here + same; at[0] && at[1] && bytes + strlen("../") < PATH_BYTES; at++)
        if (*at == '/')
            bytes += (size_t)snprintf(shorter + bytes, PATH_BYTES - bytes, "../");
    snprintf(shorter + bytes, PATH_BYTES - bytes, "%s", path + same + 1);
    return strlen(shorter) < strlen(path) ? shorter : path;
}

/* Whether a shell that looks for evsim finds this program. */
static bool is_on_path(const char *program)
{
    const char *folder = getenv("PATH");

    while (folder) {
        size_t bytes = strcspn(folder, ":");
        char path[PATH_BYTES], *real;
        bool is_it;

        snprintf(path, sizeof path, "%.*s/evsim", (int)bytes, folder);
        if (!access(path, X_OK)) {
            real = realpath(path, NULL);
            is_it = real && !strcmp(real, program);
            free(real);
            return is_it;
        }
        folder = folder[bytes] ? folder + bytes + 1 : NULL;
    }
    return false;
}

/* ---- the two files ---- */

struct user {
    const char *directory;
};

static const struct option new_policy_options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "DIR",
     .values = VALUES_FOLDERS,
     .initial = ".",
     .brief = "where to write them",
     .help = "where to write them; made if need be",
     OPTION_IN(struct user, directory)},
};

static const struct option_group groups[] = {{OPTIONS_OF(new_policy_options)}};

static char *path_of(const char *directory, const char *before, const char *name, const char *after)
{
    bool is_here = !strcmp(directory, ".");
    size_t bytes = strlen(directory) + strlen(before) + strlen(name) + strlen(after) + 2;
    char *text = xmalloc(bytes);

    snprintf(text, bytes, "%s%s%s%s%s", is_here ? "" : directory, is_here ? "" : "/", before, name, after);
    return text;
}

static int check_absent(const char *path, struct error *error)
{
    struct stat status;

    if (!lstat(path, &status))
        return error_set(error, ERROR_OUTPUT, "%s: it is there already: move it away, or choose another name", path);
    return 0;
}

static int write_file(const char *path, void (*put)(const struct new_policy *policy, FILE *out),
                      const struct new_policy *policy, struct error *error)
{
    struct output output;

    if (output_open_path(&output, path, error))
        return -1;
    put(policy, output.file);
    return output_close(&output, error);
}

static void print_next(const struct new_policy *policy, const char *directory, const char *source, const char *test)
{
    char found[PATH_BYTES], shorter[PATH_BYTES];
    const char *sample =
        find_beside(policy->evsim, "share/doc/evsim/examples/sample.csv.zst", "tests/data/sample.csv.zst", found);

    printable_put(source, stdout);
    printf(" is the policy, ");
    printable_put(test, stdout);
    printf(" its test. Next:\n\n  sh ");
    printable_put(test, stdout);
    printf("\n  ");
    printable_put(is_on_path(policy->evsim) ? "evsim" : shorten(policy->evsim, shorter), stdout);
    printf(" run ");
    printable_put(*sample ? shorten(sample, shorter) : "TRACE", stdout);
    printf(" \\\n      --maxmemory %s --policy allkeys-lru,%s", *sample ? "1500kb" : "SIZE",
           *directory == '/' ? "" : "./");
    if (strcmp(directory, ".")) {
        printable_put(directory, stdout);
        printf("/");
    }
    printf("%s.so\n", policy->name);
}

/* Both or none. */
static int write_both(const struct new_policy *policy, const char *source, const char *test, struct error *error)
{
    if (check_absent(source, error) || check_absent(test, error) ||
        write_file(source, new_policy_put_source, policy, error))
        return -1;
    if (!write_file(test, new_policy_put_test, policy, error))
        return 0;
    unlink(source);
    return -1;
}

static int write_policy(const char *directory, const char *name, struct error *error)
{
    char program[PATH_BYTES], header[PATH_BYTES];
    struct new_policy policy = {.name = name, .evsim = find_program(program), .include = header};
    char *source = path_of(directory, "", name, ".c"), *test = path_of(directory, "test_", name, ".sh");
    int status = output_make_directory(directory, error);

    find_beside(program, "include/evsim/sim/policy_plugin.h", "sim/policy_plugin.h", header);
    if (*header)
        header[strlen(header) - strlen("/sim/policy_plugin.h")] = '\0';
    if (!status)
        status = write_both(&policy, source, test, error);
    if (!status && !*header)
        note("no sim/policy_plugin.h beside this evsim: EVSIM_INCLUDE=DIR in front of the first command says where");
    if (!status)
        print_next(&policy, directory, source, test);
    free(source);
    free(test);
    return status;
}

static int new_policy_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                           struct error *error)
{
    struct user user = {0};
    struct option_set set = {.groups = groups, .group_count = sizeof groups / sizeof *groups, .target = &user};
    int status = options_parse(&set, self->name, argc, argv, error);

    options_release(&set);
    if (status)
        return -1;
    if (set.help) {
        help_print(self, catalog, &set, stdout);
        return 0;
    }
    if (set.operands != 1)
        return error_set(error, ERROR_USAGE, "new-policy takes one name, as evsim new-policy mine");
    return check_name(argv[0], error) ? -1 : write_policy(user.directory, argv[0], error);
}

static const struct cli_example examples[] = {
    {"evsim new-policy mine", "mine.c and test_mine.sh, here"},
    {0},
};

const struct subcommand subcommand_new_policy = {
    .name = "new-policy",
    .summary = "write a policy of your own that works, and its test",
    .usage = "evsim new-policy NAME [options]",
    .about = "Writes NAME.c, a policy of your own that compiles and works, and test_NAME.sh, which compiles it, runs "
             "evsim check-policy over it and tries worked examples. Says which two commands to type next. Nothing is "
             "overwritten. policies/README.md goes on from there.",
    .examples = examples,
    .options = groups,
    .option_groups = sizeof groups / sizeof *groups,
    .run = new_policy_main,
};
