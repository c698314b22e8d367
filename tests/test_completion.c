/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_completion: what bash, fish and zsh offer behind a command line, asked in these shells themselves (completion/ask.*). */
#include "policies/registry.h"
#include "sim/cli/registry.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- words ---- */

struct words {
    char **list;
    size_t count;
};

static void add(struct words *words, const char *word, size_t bytes)
{
    words->list = xrealloc(words->list, (words->count + 1) * sizeof *words->list);
    words->list[words->count++] = strndup(word, bytes);
}

static void add_all(struct words *words, const char *text)
{
    while (*(text += strspn(text, " "))) {
        add(words, text, strcspn(text, " "));
        text += strcspn(text, " ");
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a b c", sorted, each once; the words are released. */
static char *joined(struct words *words)
{
    char *text;
    size_t bytes;
    FILE *memory = open_memstream(&text, &bytes);

    if (words->count)
        qsort(words->list, words->count, sizeof *words->list, by_name);
    for (size_t i = 0; i < words->count; i++)
        if (!i || strcmp(words->list[i], words->list[i - 1]) != 0)
            fprintf(memory, "%s%s", i ? " " : "", words->list[i]);
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i]);
    free(words->list);
    fclose(memory);
    return text;
}

/* ---- a shell that is asked ---- */

struct shell {
    const char *name;
    const char
        *asks; /* what runs its program in tests/completion, whose path follows, with the script in this folder */
    const char *offers; /* the one file in the folder that it completes in */
};

static const struct shell bash = {"bash", "bash --norc", "<default>"}, fish = {"fish", "fish --no-config", "trace.csv"},
                          zsh = {"zsh", "zsh -f", "trace.csv"};

/* What is typed, and what must be offered behind it: "FILE" is the file, or that the shell is to look for files. */
struct question {
    char *line, *wanted;
};

struct questions {
    struct question list[64];
    size_t count;
};

static void ask_for(struct questions *questions, const char *line, char *wanted)
{
    assert_true(questions->count < sizeof questions->list / sizeof *questions->list);
    questions->list[questions->count++] = (struct question){xstrdup(line), wanted};
}

/* Skips the test where there is no such shell. */
static void need(const struct shell *shell)
{
    char *found = command_output_of(".", "command -v %s || true", shell->name);
    bool is_there = *found;

    free(found);
    if (is_there)
        return;
    printf("skipped: there is no %s here\n", shell->name);
    skip();
}

/* What the shell printed; to be freed. */
static char *answers_of(const struct shell *shell, const struct questions *questions)
{
    char *folder = support_directory(), *path = path_join(folder, "lines"),
         *programs = realpath("tests/completion", NULL), *answers;
    FILE *lines = fopen(path, "w");

    assert_non_null(programs);
    for (size_t i = 0; i < questions->count; i++)
        fprintf(lines, "%s\n", questions->list[i].line);
    fclose(lines);
    answers = command_output_of(folder,
                                "\"$EVSIM\" completion %s > script && mkdir in && touch in/trace.csv && cd in && "
                                "HOME=$PWD timeout 120 %s '%s/ask.%s' ../script '%s' < ../lines",
                                shell->name, shell->asks, programs, shell->name, folder);
    free(programs);
    free(path);
    support_remove(folder);
    free(folder);
    return answers;
}

/* Takes the answer to the next question. */
static void check_answer(const struct shell *shell, const struct question *question, char **answers)
{
    char *head, *offered, *wanted;
    struct words words = {0}, wishes = {0};

    if (asprintf(&head, "> %s\n", question->line) < 0)
        abort();
    if (strncmp(*answers, head, strlen(head)) != 0)
        fail_msg("%s: '%s' was not answered, but: %.80s", shell->name, question->line, *answers);
    *answers += strlen(head);
    while (**answers && strncmp(*answers, "> ", 2) != 0) {
        size_t bytes = strcspn(*answers, "\n");

        add(&words, *answers, bytes);
        *answers += bytes + ((*answers)[bytes] == '\n');
    }
    offered = joined(&words);
    add_all(&wishes, strcmp(question->wanted, "FILE") ? question->wanted : shell->offers);
    wanted = joined(&wishes);
    if (strcmp(offered, wanted) != 0)
        fail_msg("%s: behind '%s' it offers\n%s\nnot\n%s", shell->name, question->line, offered, wanted);
    free(wanted);
    free(offered);
    free(head);
}

static void check(const struct shell *shell, struct questions *questions)
{
    char *answers = answers_of(shell, questions), *rest = answers;

    for (size_t i = 0; i < questions->count; i++) {
        check_answer(shell, &questions->list[i], &rest);
        free(questions->list[i].line);
        free(questions->list[i].wanted);
    }
    free(answers);
}

/* ---- examples ---- */

static const struct {
    const char *line, *wanted;
} examples[] = {
    {"evsim doc", "doctor"},
    {"evsim help spee", "speed"},
    {"evsim completion ", "bash fish zsh"},
    {"evsim run --pol", "--policy"},
    {"evsim run --scope ", "allkeys volatile"},
    {"evsim run --scope=v", "--scope=volatile"},
    {"evsim run --latency-tracking ", "no yes"},
    {"evsim run -m 1mb --policy siev", "sieve"},
    {"evsim run --policy lru,siev", "lru,sieve"},
    {"evsim run --policy=lru,siev", "--policy=lru,sieve"},
    {"evsim run --maxmemory-policy lru,arc,clock", "lru,arc,clock lru,arc,clock-pro"},
    {"evsim mrc -p allkeys-r", "allkeys-random"},
    {"evsim run -p s3fifo:s", "s3fifo:skip= s3fifo:small="},
    {"evsim run --policy=lru,s3fifo:gh", "--policy=lru,s3fifo:ghost= --policy=lru,s3fifo:ghost-uses="},
    {"evsim run -s redis-7.0,valkey-9",
     "redis-7.0,valkey-9.0 redis-7.0,valkey-9.1 redis-7.0,valkey-9.1.2-debian redis-7.0,valkey-9.2 "
     "redis-7.0,valkey-9.2-forkless"},
    {"evsim run --admission t", "tinylfu"},
    {"evsim run --format stand", "standardBinIII standardBinIQIBH standardBinIQQ"},
    {"evsim gen --preset twitter:cluster5",
     "twitter:cluster5 twitter:cluster50 twitter:cluster51 twitter:cluster52 twitter:cluster53 twitter:cluster54"},
    {"evsim gen --preset=twitter:cluster53", "--preset=twitter:cluster53"},
    {"evsim convert --op get,getex", "get,getex"},
    {"evsim convert --to tw", "twitter"},
    {"evsim gen --format o", "oracleGeneral"},
    {"evsim size --rule memory", "memorystore memorystore-cluster"},
    {"evsim run --seeds ", "auto"},
    {"evsim run --config ", "FILE"},
    {"evsim run --config t", "FILE"},
    {"evsim run -m 1mb ", "FILE"},
    {"evsim report t", "FILE"},
    {"evsim servers x", ""},
    {"evsim run -m ", ""},
};

static void check_examples(const struct shell *shell)
{
    struct questions questions = {0};

    need(shell);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        ask_for(&questions, examples[i].line, xstrdup(examples[i].wanted));
    check(shell, &questions);
}

static void bash_completes_by_example(void **state)
{
    (void)state;
    check_examples(&bash);
}

static void fish_completes_by_example(void **state)
{
    (void)state;
    check_examples(&fish);
}

static void zsh_completes_by_example(void **state)
{
    (void)state;
    check_examples(&zsh);
}

/* ---- laws ---- */

static void add_option(struct words *words, const struct option *option)
{
    char name[80];

    if (option->letter)
        add(words, (char[]){'-', option->letter}, 2);
    snprintf(name, sizeof name, "--%s", option->name);
    add(words, name, strlen(name));
    if (!option->alias)
        return;
    snprintf(name, sizeof name, "--%s", option->alias);
    add(words, name, strlen(name));
}

static char *options_of(const struct subcommand *subcommand)
{
    struct words words = {0};

    add_all(&words, "-h --help");
    for (size_t g = 0; g < subcommand->option_groups; g++)
        for (size_t i = 0; i < subcommand->options[g].count; i++)
            add_option(&words, &subcommand->options[g].options[i]);
    return joined(&words);
}

static char *subcommand_names(const char *besides)
{
    struct words words = {0};

    add_all(&words, besides);
    for (size_t s = 0; s < subcommand_count; s++)
        add_all(&words, subcommands[s]->name);
    return joined(&words);
}

static char *policy_names(void)
{
    struct words words = {0};

    add_all(&words, "all");
    for (size_t i = 0; i < policy_count; i++)
        add_all(&words, policies[i]->name);
    return joined(&words);
}

/* All options of all subcommands, all subcommands, all policies, and nothing else. */
static void check_laws(const struct shell *shell)
{
    struct questions questions = {0};
    char line[80];

    need(shell);
    ask_for(&questions, "evsim help ", subcommand_names(""));
    ask_for(&questions, "evsim run --policy ", policy_names());
    for (size_t s = 0; s < subcommand_count; s++) {
        snprintf(line, sizeof line, "evsim %s -", subcommands[s]->name);
        ask_for(&questions, line, options_of(subcommands[s]));
    }
    check(shell, &questions);
}

static void bash_offers_every_option(void **state)
{
    (void)state;
    check_laws(&bash);
}

static void fish_offers_every_option(void **state)
{
    (void)state;
    check_laws(&fish);
}

static void zsh_offers_every_option(void **state)
{
    (void)state;
    check_laws(&zsh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bash_completes_by_example), cmocka_unit_test(fish_completes_by_example),
        cmocka_unit_test(zsh_completes_by_example),  cmocka_unit_test(bash_offers_every_option),
        cmocka_unit_test(fish_offers_every_option),  cmocka_unit_test(zsh_offers_every_option),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
