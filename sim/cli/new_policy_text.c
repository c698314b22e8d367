/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/new_policy_text.h"

/* A text is its lines, in which @ is the policy's name, ` the program and ~ the folder of the headers, each as a word of a
 * shell. */

/* A queue whose keys may come round again: little, but it has a parameter, an entry, and the hooks that most policies
 * need. */
static const char *const source[] = {
    "/* @: the key that came first goes, unless it was read since: then it comes round once more.",
    " *",
    " * A skeleton by evsim new-policy, which works: put your idea in its place. sim/policy.h says what each hook may "
    "do",
    " * and when it is called; a hook that is not needed can go. */",
    "#include \"sim/policy_plugin.h\"",
    "",
    "#include \"policies/queue.h\"",
    "",
    "enum { ROUNDS }; /* the parameters, in the order of the table below */",
    "",
    "/* Kept for each key, zeroed before it first comes, and kept when it goes. */",
    "struct entry {",
    "    uint32_t place;  /* in the queue, which wants it first */",
    "    uint32_t rounds; /* that its reads have earned */",
    "};",
    "",
    "/* Kept once. */",
    "struct state {",
    "    struct queue queue;",
    "};",
    "",
    "static struct queue *queue_of(const struct policy_context *context)",
    "{",
    "    return &((struct state *)context->state)->queue;",
    "}",
    "",
    "static int init(struct policy_context *context, struct error *error)",
    "{",
    "    (void)error; /* error_set(error, ERROR_USAGE, ...) and return -1 if parameters do not go together */",
    "    queue_init(queue_of(context), 0);",
    "    return 0;",
    "}",
    "",
    "static void release(struct policy_context *context)",
    "{",
    "    queue_release(queue_of(context));",
    "}",
    "",
    "static void added(struct policy_context *context, uint32_t id)",
    "{",
    "    struct entry *entry = policy_entry(context, id);",
    "",
    "    entry->rounds = 0;",
    "    queue_push(context, queue_of(context), id);",
    "}",
    "",
    "static void read_key(struct policy_context *context, uint32_t id)",
    "{",
    "    struct entry *entry = policy_entry(context, id);",
    "",
    "    if (entry->rounds < (uint32_t)context->parameters[ROUNDS])",
    "        entry->rounds++;",
    "}",
    "",
    "/* A victim is gone, or a key was deleted or has expired. */",
    "static void removed(struct policy_context *context, uint32_t id)",
    "{",
    "    queue_take(context, queue_of(context), id);",
    "}",
    "",
    "static uint32_t victim(struct policy_context *context)",
    "{",
    "    for (;;) {",
    "        uint32_t id = queue_oldest(context, queue_of(context));",
    "        struct entry *entry;",
    "",
    "        if (id == NO_KEY)",
    "            return NO_KEY;",
    "        entry = policy_entry(context, id);",
    "        if (!entry->rounds)",
    "            return id;",
    "        entry->rounds--;",
    "        queue_renew(context, queue_of(context), id);",
    "    }",
    "}",
    "",
    "static const struct policy_parameter parameters[] = {",
    "    [ROUNDS] = {\"rounds\", 1, 0, 1000, \"that a key's reads can earn it at most\"},",
    "    {0},",
    "};",
    "",
    "static const struct policy policy_@ = {",
    "    .name = \"@\",",
    "    .summary = \"first in, first out, but what was read comes round again\",",
    "    .scope = SCOPE_ALLKEYS,",
    "    .parameters = parameters,",
    "    .state_size = sizeof(struct state),",
    "    .entry_size = sizeof(struct entry),",
    "    .init = init,",
    "    .release = release,",
    "    .added = added,",
    "    .read = read_key,",
    "    .removed = removed,",
    "    .victim = victim,",
    "};",
    "",
    "POLICY_PLUGIN(policy_@);",
};

static const char *const test[] = {
    "#!/bin/sh",
    "# test_@: compiles @.c, checks the laws that hold for every policy, and who goes in worked examples.",
    "set -eu",
    "evsim=${EVSIM:-`}",
    "include=${EVSIM_INCLUDE:-~}",
    "here=$(cd \"$(dirname \"$0\")\" && pwd)",
    "",
    "${CC:-cc} -shared -fPIC -O2 -Wall -Wextra -I\"$include\" -o \"$here/@.so\" \"$here/@.c\"",
    "\"$evsim\" check-policy \"$here/@.so\"",
    "",
    "# expect PARAMETERS REQUESTS VICTIMS: keys that are asked for, in a cache of three, and those that go, in their "
    "order.",
    "expect() {",
    "    victims=$(for key in $2; do echo \"0,$key,get\"; done |",
    "        \"$evsim\" run - --columns time=1,key=2,op=3 --server flat --unit-sizes --maxmemory 3 \\",
    "            --policy \"$here/@.so$1\" --explain evictions | sed -n 's/.* evicted \\([^:]*\\):.*/\\1/p')",
    "    victims=$(echo $victims)",
    "    if [ \"$victims\" != \"$3\" ]; then",
    "        echo \"BROKEN  @$1: $2: '$victims' went, not '$3'\"",
    "        exit 1",
    "    fi",
    "}",
    "expect ''          'a b c d'            'a'",
    "expect ''          'a b c a d'          'b'",
    "expect ''          'a b c a a d e f'    'b c a'",
    "expect ':rounds=2' 'a b c a a d e f'    'b c d'",
    "expect ':rounds=0' 'a b c a d'          'a'",
    "echo 'ok      the worked examples'",
};

/* In single quotes, as a shell takes any text. */
static void put_quoted(const char *text, FILE *out)
{
    putc('\'', out);
    for (; *text; text++)
        fprintf(out, *text == '\'' ? "'\\''" : "%c", *text);
    putc('\'', out);
}

static void put(const struct new_policy *policy, const char *const *lines, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        for (const char *c = lines[i]; *c; c++) {
            if (*c == '@')
                fputs(policy->name, out);
            else if (*c == '`')
                put_quoted(policy->evsim, out);
            else if (*c == '~')
                put_quoted(policy->include, out);
            else
                putc(*c, out);
        }
        putc('\n', out);
    }
}

void new_policy_put_source(const struct new_policy *policy, FILE *out)
{
    put(policy, source, sizeof source / sizeof *source, out);
}

void new_policy_put_test(const struct new_policy *policy, FILE *out)
{
    put(policy, test, sizeof test / sizeof *test, out);
}
