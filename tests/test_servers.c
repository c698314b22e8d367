/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_servers: what is said of the servers' differences is all that there is; and one takes another's rules, group by group. */
#include "sim/server/availability.h"
#include "sim/server/registry.h"
#include "tests/support_server.h"

#include "sim/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t told;

static void count_line(void *owner, const char *line)
{
    (void)owner;
    assert_true(strlen(line) > 8 && strchr("+- ", line[0]) && line[1] == ' ');
    told++;
}

/* All groups of a server's rules put into another make it the first: no field is in no group. */
static void all_groups_together_are_the_whole_profile(void **state)
{
    (void)state;
    for (size_t i = 0; i < server_count; i++)
        for (size_t j = 0; j < server_count; j++) {
            const struct server *a = &servers[i], *b = &servers[j];
            const struct model_rules *rules = a->model->rules;
            void *copy;

            if (!rules || !b->model->rules)
                continue;
            copy = xmalloc(rules->profile_size);
            memcpy(copy, a->profile, rules->profile_size);
            for (size_t group = 0; rules->group_name(group); group++)
                rules->groups.exchange(copy, b->profile, group);
            assert_memory_equal(copy, b->profile, rules->profile_size);
            free(copy);
        }
}

/* And what is said of a group is nothing when it has been exchanged, and something where it differed. */
static void a_group_that_was_exchanged_does_not_differ(void **state)
{
    const struct model_rules *rules = servers[0].model->rules;
    void *copy = xmalloc(rules->profile_size);
    size_t differing = 0;
    bool any;

    (void)state;
    for (size_t i = 0; i + 1 < server_count && servers[i + 1].profile; i++)
        for (size_t group = 0; rules->group_name(group); group++) {
            memcpy(copy, servers[i].profile, rules->profile_size);
            told = 0;
            any = rules->differences(copy, servers[i + 1].profile, group, count_line, NULL);
            assert_int_equal(any, told > 0);
            differing += told > 0;
            rules->groups.exchange(copy, servers[i + 1].profile, group);
            assert_false(rules->differences(copy, servers[i + 1].profile, group, NULL, NULL));
        }
    assert_true(differing > 20);
    free(copy);
}

/* Valkey 9.2 keeps 4 bytes more of every key when it may save without a fork. */
static void forkless_metadata_are_four_bytes_of_every_object(void **state)
{
    static const struct {
        const char *commands;
        unsigned long plain, forkless;
    } cases[] = {
        {"set kkkk 16", 40, 40}, /* 8 + 3 + 16 + 1, 1 + 1 + 4 + 1: 35, and 39 */
        {"set kkkk 20", 40, 48}, /* 39, and 43 */
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct cell *plain = cell_open((struct cell_setup){.server = "valkey-9.2"});
        struct cell *forkless = cell_open((struct cell_setup){.server = "valkey-9.2-forkless"});
        uint64_t bytes[2];

        cell_run(plain, cases[i].commands);
        cell_run(forkless, cases[i].commands);
        bytes[0] = entry_key_bytes(plain->redis, 0);
        bytes[1] = entry_key_bytes(forkless->redis, 0);
        assert_int_equal(bytes[0], cases[i].plain);
        assert_int_equal(bytes[1], cases[i].forkless);
        assert_int_equal(forkless->redis->used, recount_used_memory(forkless->redis));
        cell_close(plain);
        cell_close(forkless);
    }
}

/* COMMAND DOCS of Valkey 9.1.2 says since when each is there, and Redis's the same; what comes later is of release notes. */
static void each_server_knows_the_commands_of_its_version(void **state)
{
    static const struct {
        enum op op;
        const char *servers; /* the first of each family that know it, and those behind it do too; "" none */
    } cases[] = {
        {OP_GET, "redis-7.0 valkey-8.0 redict-7.3"},
        {OP_HEXPIRE, "redis-7.4 valkey-9.0"},
        {OP_HTTL, "redis-7.4 valkey-9.0"},
        {OP_HGETEX, "redis-8.0 valkey-9.0"},
        {OP_HSETEX, "redis-8.0 valkey-9.0"},
        {OP_HGETDEL, "redis-8.0 valkey-9.1"},
        {OP_DELIFEQ, "valkey-9.0"},
        {OP_MSETEX, "redis-8.4 valkey-9.1"},
        {OP_DELEX, "redis-8.4 valkey-9.2"},
        {OP_DIGEST, "redis-8.4"},
        {OP_BLESS_SET, "redis-8.12"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct server *known = NULL;

        for (size_t j = 0; j < server_count && servers[j].profile; j++) {
            const char *family = strchr(servers[j].name, '-');
            size_t length = (size_t)(family - servers[j].name);

            if (known && strncmp(known->name, servers[j].name, length + 1))
                known = NULL;
            for (const char *word = cases[i].servers; *word && !known;
                 word += strcspn(word, " "), word += *word == ' ') {
                char name[32] = {0};

                memcpy(name, word, strcspn(word, " "));
                if (server_find(name) == &servers[j] ||
                    (servers[j].profile && !strncmp(servers[j].name, name, strlen(name))))
                    known = &servers[j];
            }
            if (command_is_unknown(servers[j].profile, cases[i].op) != !known)
                fail_msg("%s %s %s", servers[j].name, known ? "does not know" : "knows",
                         command_table[cases[i].op].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_groups_together_are_the_whole_profile),
        cmocka_unit_test(a_group_that_was_exchanged_does_not_differ),
        cmocka_unit_test(forkless_metadata_are_four_bytes_of_every_object),
        cmocka_unit_test(each_server_knows_the_commands_of_its_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
