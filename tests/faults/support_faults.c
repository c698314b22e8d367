/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/faults/support_faults.h"

#include "sim/alloc.h"
#include "tests/faults/support_file_tree.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 300000, WORDS = 48, MAX_STATUS = 127 };

const char *const verdict_names[VERDICTS] = {"right", "refused",  "wrong", "crashed",
                                             "hung",  "leftover", "half",  "mixed"};

#define FIGURE " --figures hit-ratio --figure-format svg "
#define RUN    "run in/t.csv -m 1mb -p allkeys-lru,noeviction -j 1 "
#define SWEEP                                                                                                          \
    "run in/long.csv -m 1mb,2mb,4mb,8mb -p allkeys-lru,allkeys-lfu,volatile-ttl,noeviction,sieve -j 2 -o out" FIGURE

const struct fault_command fault_commands[] = {
    {"run", "run in/t.csv -m 1mb,2mb -p allkeys-lru,noeviction,volatile-ttl,sieve -j 1", NULL, FAULT_COMMAND_QUICK},
    {"run-json", RUN "--json", NULL, 0},
    {"run-csv", RUN "--print csv", NULL, 0},
    {"run-markdown", RUN "--print markdown", NULL, 0},
    {"run-o", RUN "--interval 2s --seed 2 -o out" FIGURE, RUN "--interval 2s -o out" FIGURE, FAULT_COMMAND_QUICK},
    {"run-units", RUN "--seed 2 --unit-cells 1 -o out" FIGURE, RUN "-o out" FIGURE, 0},
    {"run-sqlite", RUN "--seed 2 --sqlite out.db", RUN "--sqlite out.db", 0},
    {"run-scenario", RUN "--scenario in/scenario --config in/redis.conf", NULL, 0},
    {"run-by", RUN "--by prefix --json", NULL, 0},
    {"run-shards", RUN "--shards 3", NULL, 0},
    {"run-what-if", RUN "--what-if in:maxmemory=2mb --grow keys=2x --warmup 10%", NULL, 0},
    {"run-bounds", "run in/t.csv -m 20kb -s flat -p lru,belady,s3fifo,lirs,arc --bounds --json -j 1", NULL, 0},
    {"run-jobs", "run in/t.csv -m 1mb,2mb -p allkeys-lru,sieve --seeds 2 -j 3", NULL, 0},
    {"run-explain", "run in/t.csv -m 1mb -p allkeys-lru -j 1 --explain evictions", NULL, 0},
    {"run-gz", "run in/t.csv.gz -m 1mb -p allkeys-lru -j 1", NULL, 0},
    {"run-zst", "run in/t.csv.zst -m 1mb -p allkeys-lru -j 1", NULL, 0},
    {"run-evt", "run in/t.evt -m 1mb -p allkeys-lru,sieve -j 1", NULL, 0},
    {"run-monitor", "run in/t.monitor -m 1mb -p allkeys-lru -j 1", NULL, 0},
    {"run-stdin", "run - -m 1mb -p allkeys-lru -j 1 <in/t.csv", NULL, 0},
    {"run-plugin", "run in/t.csv -m 10kb -s flat -p in/largest.so -j 1", NULL, 0},
    {"mrc", "mrc in/t.csv -p lru,s3fifo -j 1 --json", NULL, 0},
    {"mrc-o", "mrc in/t.csv -p lru --sample 0.5 -j 1 -o out --figure-format svg",
     "mrc in/t.csv -p lru -j 1 -o out --figure-format svg", 0},
    {"mrc-server", "mrc in/t.csv -s redis-7.0.15 -p allkeys-lru --points 3 -j 1", NULL, 0},
    {"size", "size in/t.csv -g hit_ratio>=0.4 -p allkeys-lru -j 1 --json", NULL, 0},
    {"size-o", "size in/t.csv -g hit_ratio>=0.4 -p allkeys-lru -j 1 -o out --figure-format svg",
     "size in/t.csv -g hit_ratio>=0.3 -p allkeys-lru -j 1 -o out --figure-format svg", 0},
    {"doctor", "doctor in/t.csv -m 1mb -p noeviction -j 1", NULL, 0},
    {"doctor-o", "doctor in/t.csv -m 1mb -p noeviction -j 1 -o out --figures memory-by-part --figure-format svg",
     "doctor in/t.csv -m 2mb -p noeviction -j 1 -o out --figures memory-by-part --figure-format svg", 0},
    {"inspect", "inspect in/t.csv -j 1", NULL, 0},
    {"inspect-o", "inspect in/t.csv -j 1 -o out --figures popularity --figure-format svg",
     "inspect in/u.csv -j 1 -o out --figures popularity --figure-format svg", 0},
    {"report", "report in/a --json", NULL, 0},
    {"report-o", "report in/a in/b -o out" FIGURE, "report in/a -o out" FIGURE, 0},
    {"report-page", "report in/a in/b --side-by-side -o out", "report in/a in/c --side-by-side -o out", 0},
    {"export", "export in/a --sqlite out.db --openmetrics out.om", "export in/b --sqlite out.db --openmetrics out.om",
     0},
    {"diff", "diff in/a in/c", NULL, 0},
    {"diff-o", "diff in/a in/c -o out --figure-format svg", "diff in/c in/a -o out --figure-format svg", 0},
    {"plan", "plan in/t.csv -m 1mb,2mb -p allkeys-lru,noeviction --unit-cells 2", NULL, 0},
    {"unit", "unit in/plan -i 1 -o out -j 1", "unit in/plan -i 0 -o out -j 1", 0},
    {"merge", "merge in/plan in/units -o out" FIGURE, RUN "-o out" FIGURE, 0},
    {"convert-evt", "convert in/t.csv out.evt", "convert in/u.csv out.evt", 0},
    {"convert-csv", "convert in/t.evt out.csv --anonymize secret", "convert in/u.csv out.csv", 0},
    {"convert-resp", "convert in/t.csv out.resp --to resp", "convert in/u.csv out.resp --to resp", 0},
    {"convert-sqlite", "convert in/t.csv out.db --to sqlite", "convert in/u.csv out.db --to sqlite", 0},
    {"convert-stdin", "convert - out.evt <in/t.csv", "convert - out.evt <in/u.csv", 0},
    {"convert-stdout", "convert in/t.evt - --to csv", NULL, 0},
    {"gen", "gen -n 300 -k 40", NULL, FAULT_COMMAND_QUICK},
    {"gen-o", "gen -n 300 -k 40 --ttl-share 0.3 --seed 2 -o out.csv", "gen -n 200 -k 40 -o out.csv", 0},
    {"gen-evt", "gen -n 300 -k 40 -o out.evt", "gen -n 200 -k 40 -o out.evt", 0},
    {"gen-like", "gen --like in/t.csv -o out.csv", "gen -n 200 -k 40 -o out.csv", 0},
    {"policies", "policies --json", NULL, 0},
    {"servers", "servers", NULL, 0},
    {"new-policy", "new-policy mine -o out", NULL, 0},
    {"check-policy", "check-policy fifo", NULL, FAULT_COMMAND_MASKED},
    {"check-plugin", "check-policy in/largest.so", NULL, FAULT_COMMAND_MASKED},
    {"score", "score lru in/largest.so --traces in/t.csv", NULL, FAULT_COMMAND_MASKED},
    {"version", "--version", NULL, 0},
    {"completion", "completion bash", NULL, 0},
    {"man", "man -o out", "man -o out", 0},
    {"help", "run --help", NULL, 0},
    {"sweep", SWEEP, RUN "-o out" FIGURE, FAULT_COMMAND_LONG},
    {"sweep-units", SWEEP "--unit-cells 2", RUN "-o out" FIGURE, FAULT_COMMAND_LONG},
};
const size_t fault_command_count = sizeof fault_commands / sizeof *fault_commands;

/* What a command does without a fault, from nothing and from its old files. */
struct expected {
    struct file_tree old, fresh[2]; /* [1]: the old ones were there */
    struct text {
        char *bytes;
        size_t count;
    } said[2];
    long run_ms; /* 0: not yet known */
};

/* `at` is a folder with in/, which commands see as in/ in theirs. */
struct faults {
    char *at, *program, *shim;
    char *trial, *results;     /* folders of a worker's */
    struct expected *expected; /* of each command */
};

static char *path_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *path_of(const char *format, ...)
{
    va_list args;
    char *path;

    va_start(args, format);
    if (vasprintf(&path, format, args) < 0)
        abort();
    va_end(args);
    return path;
}

static void make_inputs(const char *at)
{
    char *plugin = path_of("cp \"$EVSIM_PLUGINS/largest.so\" in/");
    const char *const lines[] = {
        "mkdir in",
        plugin,
        "printf '1s CONFIG SET maxmemory 2mb\\n' >in/scenario",
        "printf 'maxmemory-samples 7\\nhz 20\\nlfu-log-factor 5\\n' >in/redis.conf",
        "\"$EVSIM\" gen -n 300 -k 60 --rate 100 --ttl-share 0.3 --value-mean 8kb -o in/t.csv",
        "\"$EVSIM\" gen -n 200 -k 40 --value-mean 8kb --seed 2 -o in/u.csv",
        "gzip -k in/t.csv; zstd -q in/t.csv",
        "\"$EVSIM\" convert in/t.csv in/t.evt 2>&1",
        "\"$EVSIM\" gen -f monitor -n 300 -k 60 --value-mean 1kb -o in/t.monitor",
        "\"$EVSIM\" run in/t.csv -m 1mb -p allkeys-lru -o in/a" FIGURE "2>&1",
        "\"$EVSIM\" run in/t.csv -m 1mb -p noeviction -o in/b" FIGURE "2>&1",
        "\"$EVSIM\" run in/t.csv -m 2mb -p allkeys-lru -o in/c" FIGURE "2>&1",
        "\"$EVSIM\" plan in/t.csv -m 1mb,2mb -p allkeys-lru,noeviction --unit-cells 2 >in/plan",
        "for i in 0 1; do \"$EVSIM\" unit in/plan -i $i -o in/units 2>&1; done",
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        free(command_output(at, lines[i]));
    free(plugin);
}

/* A trace that takes seconds. */
static void make_long_trace(const char *at)
{
    free(command_output(at, "test -e in/long.csv || \"$EVSIM\" gen -n 400000 -k 30000 --rate 1000 --ttl-share 0.3 "
                            "--value-mean 1kb -o in/long.csv"));
}

static void make_worker(struct faults *faults)
{
    free(faults->trial);
    free(faults->results);
    faults->trial = path_of("%s/trial-%d", faults->at, (int)getpid());
    faults->results = path_of("%s/results-%d", faults->at, (int)getpid());
    folder_empty(faults->results);
}

struct faults *faults_begin(void)
{
    struct faults *faults = xcalloc(1, sizeof *faults);
    const char *program = getenv("EVSIM"), *slash = strrchr(program, '/'), *shim = getenv("EVSIM_FAULTS");

    faults->at = support_directory();
    faults->program = xstrdup(program);
    faults->shim =
        shim ? realpath(shim, NULL) : path_of("%.*s/tests/faults/fail_malloc.so", (int)(slash - program), program);
    faults->expected = xcalloc(fault_command_count, sizeof *faults->expected);
    make_inputs(faults->at);
    make_worker(faults);
    return faults;
}

/* ---- one run ---- */

/* What is to happen to a run: as a fault, but at one place, or after some time. */
struct strike {
    struct fault fault;
    long at; /* 0: nothing happens */
    long after_us;
    const char *count_file; /* where fail_malloc says how many there were */
};

static void redirect(const char *folder, const char *name, int flags, int to)
{
    char *path = folder ? path_of("%s/%s", folder, name) : xstrdup(name);
    int fd = open(path, flags | O_CLOEXEC, 0666);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(126);
    free(path);
}

static void become(const struct faults *faults, const char *line, const struct strike *strike, volatile int *slot,
                   const struct stream_ends *ends)
{
    char *words = xstrdup(line), *arguments[WORDS] = {faults->program}, *save = NULL, number[32];
    size_t count = 1;
    const char *input = "/dev/null";

    setpgid(0, 0);
    if (chdir(faults->trial))
        _exit(126);
    for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        if (*word == '<')
            input = word + 1;
        else if (!strncmp(word, "in:", 3)) { /* a blank within a word */
            *strchr(word, '=') = ' ';
            arguments[count++] = word + 3;
        } else
            arguments[count++] = word;
    }
    redirect(NULL, input, O_RDONLY, STDIN_FILENO);
    redirect(faults->results, "stdout", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(faults->results, "stderr", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    if (strike && strike->fault.kind <= FAULT_MEMORY_ON) {
        snprintf(number, sizeof number, "%ld", strike->at);
        setenv("LD_PRELOAD", faults->shim, 1);
        setenv("FAIL_AT", number, 1);
        if (strike->count_file)
            setenv("FAIL_COUNT", strike->count_file, 1);
        if (strike->fault.kind == FAULT_MEMORY_ON)
            setenv("FAIL_ON", "1", 1);
    }
    if (slot && call_fault_begin(strike->fault.call, slot))
        _exit(126);
    if (ends && stream_fault_begin(strike->fault.stream, ends))
        _exit(126);
    execv(faults->program, arguments);
    _exit(126);
}

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void nap(long us)
{
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}, NULL);
}

/* Waits with a limit. Returns the status; -1: it was killed because its time was over. */
static int wait_for(pid_t child, long limit_ms)
{
    int64_t end = now_us() + limit_ms * 1000;
    int status;

    while (!waitpid(child, &status, WNOHANG)) {
        if (now_us() > end) {
            kill(-child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        nap(300);
    }
    return status;
}

/* Returns its status as waitpid() has it, -1 if it hung; *places is how many calls there were, of FAULT_CALL. */
static int run_line(const struct faults *faults, const char *line, const struct strike *strike, long *places)
{
    bool serves = strike && strike->fault.kind == FAULT_CALL, streams = strike && strike->fault.kind == FAULT_STREAM;
    struct stream_ends ends;
    volatile int *slot =
        serves ? mmap(NULL, sizeof *slot, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) : NULL;
    long count = 0;
    pid_t child;
    int status;

    if (streams)
        ends = stream_fault_open(strike->fault.stream);
    fflush(NULL);
    child = fork();
    if (child < 0)
        abort();
    if (!child)
        become(faults, line, strike, slot, streams ? &ends : NULL);
    setpgid(child, child);
    if (serves) {
        count = call_fault_serve(strike->fault.call, child, slot, faults->program, strike->at, LIMIT_MS, &status);
        munmap((void *)(uintptr_t)slot, sizeof *slot);
    } else if (streams) {
        char *arrived = path_of("%s/stdout", faults->results);

        status = stream_fault_serve(strike->fault.stream, &ends, child, strike->at, LIMIT_MS, arrived);
        free(arrived);
    } else if (strike && strike->fault.kind >= FAULT_KILL) {
        nap(strike->after_us);
        kill(child, strike->fault.kind == FAULT_KILL ? SIGKILL : SIGTERM);
        status = wait_for(child, strike->fault.kind == FAULT_KILL ? LIMIT_MS : 2000);
        if (strike->fault.kind == FAULT_KILL)
            kill(-child, SIGKILL); /* what it had started */
    } else
        status = wait_for(child, LIMIT_MS);
    if (places)
        *places = count;
    return status;
}

/* ---- what is right ---- */

/* Each number as one 9. Returns how many bytes are left. */
static size_t mask_numbers(char *text, size_t bytes)
{
    size_t kept = 0;
    bool was_number = false;

    for (size_t i = 0; i < bytes; i++) {
        bool is_number = isdigit((unsigned char)text[i]) || (text[i] == '.' && was_number);

        if (!is_number || !was_number)
            text[kept++] = is_number ? '9' : text[i];
        was_number = is_number;
    }
    return kept;
}

static struct text text_of_output(const struct faults *faults, const struct fault_command *command)
{
    struct text text = {0};

    text.bytes = support_read_file(faults->results, "stdout", &text.count);
    if (command->kind & FAULT_COMMAND_MASKED)
        text.count = mask_numbers(text.bytes, text.count);
    return text;
}

/* Whether that arrived; *is_part: or its beginning, at least. */
static bool output_is(const struct faults *faults, const struct fault_command *command, const struct text *expected,
                      bool *is_part)
{
    struct text now = text_of_output(faults, command);
    bool is = now.count == expected->count && !memcmp(now.bytes, expected->bytes, now.count);

    *is_part = now.count <= expected->count && !memcmp(now.bytes, expected->bytes, now.count);
    free(now.bytes);
    return is;
}

/* The worker's folder, as it is before the command: with its old files, or without. */
static void prepare(const struct faults *faults, const struct fault_command *command, bool has_old)
{
    char *in = path_of("%s/in", faults->at), *link = path_of("%s/in", faults->trial), *old;

    folder_empty(faults->trial);
    if (has_old) {
        old = path_of("%s/old-%s", faults->at, command->name);
        folder_copy(old, faults->trial);
        free(old);
    } else if (symlink(in, link))
        abort();
    free(in);
    free(link);
}

static void expect_success(const struct faults *faults, const char *line)
{
    int status = run_line(faults, line, NULL, NULL);
    char *said;

    if (!status)
        return;
    said = support_read_file(faults->results, "stderr", NULL);
    fprintf(stderr, "evsim %s: status %d without a fault: %s", line, status, said);
    exit(1);
}

static void expect(const struct faults *faults, const struct fault_command *command, struct expected *expected)
{
    int64_t begin;

    for (int has_old = 0; has_old <= (command->before != NULL); has_old++) {
        if (has_old) {
            char *old = path_of("%s/old-%s", faults->at, command->name);

            prepare(faults, command, false);
            expect_success(faults, command->before);
            folder_empty(old);
            folder_copy(faults->trial, old);
            expected->old = file_tree_of(old);
            free(old);
        }
        prepare(faults, command, has_old);
        begin = now_us();
        expect_success(faults, command->line);
        expected->run_ms = (now_us() - begin) / 1000 + 1;
        expected->fresh[has_old] = file_tree_of(faults->trial);
        expected->said[has_old] = text_of_output(faults, command);
    }
}

/* Found out once. */
static const struct expected *expected_of(const struct faults *faults, const struct fault_command *command)
{
    struct expected *expected = &faults->expected[command - fault_commands];

    if (expected->run_ms)
        return expected;
    if (command->kind & FAULT_COMMAND_LONG)
        make_long_trace(faults->at);
    expect(faults, command, expected);
    return expected;
}

static void expected_release(struct expected *expected)
{
    file_tree_release(&expected->old);
    for (int has_old = 0; has_old < 2; has_old++) {
        file_tree_release(&expected->fresh[has_old]);
        free(expected->said[has_old].bytes);
    }
}

void faults_end(struct faults *faults)
{
    support_remove(faults->at);
    for (size_t i = 0; i < fault_command_count; i++)
        expected_release(&faults->expected[i]);
    free(faults->expected);
    free(faults->at);
    free(faults->program);
    free(faults->shim);
    free(faults->trial);
    free(faults->results);
    free(faults);
}

/* ---- the judge ---- */

/* The line that says why: the last one. */
static bool says_why(const struct faults *faults, char *why, size_t size)
{
    char *said = support_read_file(faults->results, "stderr", NULL), *last;
    size_t length = said ? strlen(said) : 0;
    bool says;

    while (length && said[length - 1] == '\n')
        said[--length] = '\0';
    last = said ? strrchr(said, '\n') : NULL;
    last = last ? last + 1 : said;
    snprintf(why, size, "%s", last ? last : "");
    says = last && (!strncmp(last, "evsim: ", 7) || strstr(last, "error while loading shared libraries") ||
                    strstr(last, "cannot allocate memory") || strstr(last, "libc fatal"));
    free(said);
    return says;
}

/* Of several policies, evsim score says which could not be loaded, and has scores of the others: status 0. */
static bool leaves_out_policy(const struct faults *faults, const struct fault_command *command)
{
    char *said = support_read_file(faults->results, "stdout", NULL);
    bool says = said && !strncmp(command->line, "score ", strlen("score ")) && strstr(said, "\"error\":\"load\"");

    free(said);
    return says;
}

/* Everything is new but for pictures, and that was said. */
static bool lacks_pictures(const struct file_tree *now, const struct file_tree *fresh, const char *why)
{
    size_t pictures = 0, kept = 0;

    for (size_t i = 0; i < now->count; i++) {
        const struct tree_file *after = file_tree_find(fresh, now->files[i].path);

        if (!strncmp(now->files[i].path, "out/cells-", strlen("out/cells-"))) {
            kept++;
            continue;
        }
        if (!after || after->digest != now->files[i].digest)
            return false;
    }
    for (size_t i = 0; i < fresh->count; i++)
        pictures += strstr(fresh->files[i].path, ".svg") && !file_tree_find(now, fresh->files[i].path);
    return strstr(why, "gnuplot") && now->count - kept + pictures == fresh->count;
}

/* What tells a reader that a folder is complete. */
static bool is_index(const char *path)
{
    const char *suffix = strrchr(path, '.');

    return suffix && !strcmp(suffix, ".results") && !strncmp(path, "out/", 4) && !strchr(path + 4, '/') &&
           strncmp(path, "out/cells-", strlen("out/cells-")) != 0;
}

static enum fault_verdict judge_files(const struct faults *faults, const struct expected *expected, bool has_old,
                                      bool may_leave, const char *why, const char **which)
{
    static char name[256];
    static const struct file_tree none;
    struct file_tree now = file_tree_of(faults->trial);
    const struct file_tree *old = has_old ? &expected->old : &none, *fresh = &expected->fresh[has_old];
    bool is_mixed = !file_trees_equal(&now, old) && !file_trees_equal(&now, fresh), has_index = false;
    enum fault_verdict verdict = VERDICT_REFUSED;

    *which = name;
    *name = '\0';
    for (size_t i = 0; i < now.count && verdict == VERDICT_REFUSED; i++) {
        const struct tree_file *file = &now.files[i], *before = file_tree_find(old, file->path),
                               *after = file_tree_find(fresh, file->path);

        has_index |= is_index(file->path);
        if (strstr(file->path, ".part"))
            verdict = may_leave ? VERDICT_REFUSED : VERDICT_LEFTOVER;
        else if (!strncmp(file->path, "out/cells-", strlen("out/cells-")))
            continue; /* what a killed run goes on from */
        else if (!(before && before->digest == file->digest) && !(after && after->digest == file->digest))
            verdict = VERDICT_HALF;
        if (verdict != VERDICT_REFUSED)
            snprintf(name, sizeof name, "%s", file->path);
    }
    if (verdict == VERDICT_REFUSED && is_mixed && has_index && !lacks_pictures(&now, fresh, why)) {
        size_t others = 0, olds = 0;

        /* temporary files alone do not make a mixture, nor do the cells of a run that ended behind its last file */
        for (size_t i = 0; i < now.count; i++) {
            const struct tree_file *before = file_tree_find(old, now.files[i].path),
                                   *after = file_tree_find(fresh, now.files[i].path);

            if (strncmp(now.files[i].path, "out/cells-", strlen("out/cells-")) == 0 ||
                strstr(now.files[i].path, ".part"))
                continue;
            olds += !(after && after->digest == now.files[i].digest);
            if (!(before && before->digest == now.files[i].digest)) {
                others++;
                snprintf(name, sizeof name, "%s", now.files[i].path);
            }
        }
        for (size_t i = 0; i < old->count; i++)
            if (!file_tree_find(&now, old->files[i].path) && file_tree_find(fresh, old->files[i].path))
                others++;
        for (size_t i = 0; i < fresh->count; i++)
            olds += !file_tree_find(&now, fresh->files[i].path);
        if (others && olds)
            verdict = VERDICT_MIXED;
    }
    file_tree_release(&now);
    return verdict;
}

/* Whether nobody can be told why. */
static bool is_deaf(struct fault fault)
{
    return fault.kind == FAULT_STREAM && fault.stream->err != STREAM_USUAL;
}

/* A filter whose reader has gone ends without a word, by SIGPIPE or with the status that a shell has for it. */
static bool ends_as_filter(struct fault fault, int status)
{
    bool no_reader =
        fault.kind == FAULT_STREAM &&
        (fault.stream->out == STREAM_GONE || fault.stream->out == STREAM_LEAVES || fault.stream->err == STREAM_GONE);

    return no_reader && ((WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) ||
                         (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE));
}

/* With status 0: whether all that it prints has come, or lies in a pipe whose reader has left it there. */
static bool prints_all(const struct faults *faults, const struct fault_command *command, const struct text *expected,
                       const struct strike *strike)
{
    bool leaves = strike->fault.kind == FAULT_STREAM && strike->fault.stream->out == STREAM_LEAVES, is_part,
         is_all = output_is(faults, command, expected, &is_part);

    return is_all || (leaves && is_part && expected->count <= (size_t)strike->at * STREAM_STEP + STREAM_PIPE_BYTES);
}

static enum fault_verdict judge(const struct faults *faults, const struct fault_command *command,
                                const struct expected *expected, const struct strike *strike, bool has_old, int status,
                                char *why, size_t size)
{
    struct fault fault = strike->fault;
    bool is_killed = fault.kind == FAULT_KILL && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    bool is_terminated =
        fault.kind == FAULT_TERMINATE && ((WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM) ||
                                          (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
    bool is_filter = ends_as_filter(fault, status), is_part;
    struct file_tree now;
    const char *which = "";
    enum fault_verdict verdict;
    bool is_new;

    says_why(faults, why, size);
    if (status == -1)
        return VERDICT_HUNG;
    if (WIFSIGNALED(status) && !is_killed && !is_terminated && !is_filter) {
        snprintf(why, size, "%s", strsignal(WTERMSIG(status)));
        return VERDICT_CRASHED;
    }
    if (WIFEXITED(status) && !WEXITSTATUS(status)) {
        now = file_tree_of(faults->trial);
        is_new = file_trees_equal(&now, &expected->fresh[has_old]);
        file_tree_release(&now);
        if (is_new && prints_all(faults, command, &expected->said[has_old], strike))
            return VERDICT_RIGHT;
        if (is_new && leaves_out_policy(faults, command))
            return VERDICT_REFUSED;
        snprintf(why, size, "status 0, %s", is_new ? "other output" : "other files");
        return VERDICT_WRONG;
    }
    if (!is_killed && !is_terminated && !is_filter && !is_deaf(fault) && !says_why(faults, why, size))
        return VERDICT_WRONG;
    if (is_filter && strstr(why, "cannot write")) /* a filter is quiet about it */
        return VERDICT_WRONG;
    if (fault.kind == FAULT_STREAM && fault.stream->out == STREAM_LEAVES &&
        !output_is(faults, command, &expected->said[has_old], &is_part) && !is_part) {
        snprintf(why, size, "other output");
        return VERDICT_WRONG;
    }
    verdict = judge_files(faults, expected, has_old, is_killed, why, &which);
    if (verdict != VERDICT_REFUSED)
        snprintf(why + strlen(why), size - strlen(why), " [%s]", which);
    return verdict;
}

static enum fault_verdict strike_once(const struct faults *faults, const struct fault_command *command,
                                      const struct expected *expected, const struct strike *strike, bool has_old,
                                      char *why, size_t size)
{
    static const struct strike none;
    enum fault_verdict verdict;
    int status;

    prepare(faults, command, has_old);
    status = run_line(faults, command->line, strike, NULL);
    verdict = judge(faults, command, expected, strike, has_old, status, why, size);
    if (strike->fault.kind >= FAULT_KILL && verdict <= VERDICT_REFUSED) { /* the same command mends it */
        char ignored[64];

        status = run_line(faults, command->line, NULL, NULL);
        verdict = judge(faults, command, expected, &none, has_old, status, ignored, sizeof ignored);
        snprintf(why, size, "run again: %s", ignored);
        if (verdict == VERDICT_REFUSED)
            verdict = VERDICT_WRONG;
    }
    return verdict;
}

/* ---- all of them ---- */

/* How many such calls there are before main(): those are the loader's. */
static long count_of_loader(const struct faults *faults, struct fault fault)
{
    const struct strike nothing = {.fault = fault};
    long places = 0;

    if (fault.kind != FAULT_CALL)
        return 0;
    prepare(faults, NULL, false);
    run_line(faults, "no-such-command", &nothing, &places);
    return places;
}

static long count_places(const struct faults *faults, const struct fault_command *command,
                         const struct expected *expected, struct fault fault)
{
    char *count = path_of("%s/count", faults->results), *text;
    const struct strike nothing = {.fault = fault, .count_file = count};
    long places = 0;

    prepare(faults, command, command->before != NULL);
    if (fault.kind == FAULT_STREAM) {
        free(count);
        return stream_fault_places(fault.stream, expected->said[0].count);
    }
    if (run_line(faults, command->line, &nothing, &places) != 0) {
        fprintf(stderr, "evsim %s: fails while its places are counted\n", command->line);
        exit(1);
    }
    if (fault.kind <= FAULT_MEMORY_ON) {
        text = support_read_file(faults->results, "count", NULL);
        places = text ? strtol(text, NULL, 10) : 0;
        free(text);
    }
    free(count);
    return places;
}

struct shared {
    struct tally tally;
    long next, told;
};

static void work(const struct faults *faults, const struct fault_command *command, const struct expected *expected,
                 struct fault fault, long stride, long told, struct shared *shared)
{
    unsigned seed = (unsigned)getpid();
    long at;

    while ((at = __atomic_fetch_add(&shared->next, stride, __ATOMIC_SEQ_CST)) <= shared->tally.places) {
        bool has_old = command->before && ((at / stride) & 1);
        struct strike strike = {.fault = fault, .at = at};
        char why[512] = "";
        enum fault_verdict verdict;

        strike.after_us = rand_r(&seed) % (expected->run_ms * 1000);
        verdict = strike_once(faults, command, expected, &strike, has_old, why, sizeof why);
        __atomic_fetch_add(&shared->tally.verdicts[verdict], 1, __ATOMIC_SEQ_CST);
        if (verdict > VERDICT_REFUSED && __atomic_fetch_add(&shared->told, 1, __ATOMIC_SEQ_CST) < told)
            fprintf(stderr, "  %s %ld%s: %s: %s\n", command->name, at, has_old ? " (old files)" : "",
                    verdict_names[verdict], why);
    }
}

static void forget_worker(const struct faults *faults)
{
    support_remove(faults->trial);
    support_remove(faults->results);
}

struct tally faults_run(struct faults *faults, const struct fault_command *command, struct fault fault, long stride,
                        long told)
{
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long workers = sysconf(_SC_NPROCESSORS_ONLN);
    const struct expected *expected = expected_of(faults, command);
    struct tally tally;

    shared->tally.places = fault.kind >= FAULT_KILL ? stride : count_places(faults, command, expected, fault);
    shared->next = 1 + count_of_loader(faults, fault);
    if (fault.kind >= FAULT_KILL)
        stride = 1;
    else if (stride < 0)
        stride = (shared->tally.places - shared->next + 1) / -stride + 1;
    fflush(NULL);
    for (long i = 0; i < workers; i++) {
        if (fork())
            continue;
        make_worker(faults);
        work(faults, command, expected, fault, stride, told, shared);
        forget_worker(faults);
        _exit(0);
    }
    while (wait(NULL) > 0)
        ;
    tally = shared->tally;
    munmap(shared, sizeof *shared);
    return tally;
}

enum fault_verdict faults_run_one(struct faults *faults, const struct fault_command *command, struct fault fault,
                                  long at)
{
    const struct strike strike = {.fault = fault, .at = at, .after_us = at};
    const struct expected *expected = expected_of(faults, command);
    enum fault_verdict verdict;
    char why[512] = "";

    verdict = strike_once(faults, command, expected, &strike, command->before != NULL, why, sizeof why);
    printf("%s %ld: %s: %s\nin %s, %s\n", command->name, at, verdict_names[verdict], why, faults->trial,
           faults->results);
    return verdict;
}
