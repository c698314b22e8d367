/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_inspect.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/inspect/inspect.h"
#include "sim/server/registry.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect_agreement(const struct format *format, const struct portrait *portrait)
{
    const struct mix *mix = &portrait->mix;
    const struct holdings *server = portrait->servers;
    uint64_t listed = 0, keys = 0, bytes = 0;

    for (size_t i = 0; i < mix->command_count; i++)
        listed += mix->commands[i].count;
    assert_true(listed == portrait->requests);
    assert_true(mix->reads + mix->writes + mix->deletes + mix->others == listed);
    assert_true(format->loads ? !portrait->requests && portrait->keys : portrait->requests && portrait->keys);
    assert_true(portrait->first_requests + portrait->reuse_us.count == portrait->popularity.requests);
    assert_true(portrait->first_requests == portrait->popularity.keys);
    assert_true(portrait->popularity.keys <= portrait->keys && *portrait->verdict);
    for (size_t i = 0; i < server->prefix_count; i++) {
        keys += server->prefixes[i].keys;
        bytes += server->prefixes[i].bytes;
    }
    assert_true(keys == server->keys && bytes == server->bytes && server->key_bytes.count == keys);
    for (size_t i = 0; i < server->type_count; i++) {
        keys -= server->types[i].keys;
        bytes -= server->types[i].bytes;
    }
    assert_true(!keys && !bytes);
    for (size_t i = 0; i < server->part_count; i++)
        bytes += server->parts[i].bytes;
    for (size_t i = 0; i < server->encoding_count; i++)
        bytes -= server->encodings[i].bytes;
    assert_true(!bytes);
}

void expect_inspected(const struct format *format, const char *path)
{
    const struct server *server = server_find("redis-7.0.15");
    struct error error = {0};
    struct portrait portrait = {.version = xstrdup(""), .run = {.version = xstrdup(""), .command = xstrdup("")}};
    struct inspect_request request = {.plan = {.trace = {.path = path, .format = format->name, .options.lenient = true},
                                               .choose_format = format_choose,
                                               .on_miss = ON_MISS_AUTO,
                                               .workers = 1},
                                      .servers = &server,
                                      .server_count = 1,
                                      .noeviction = policy_find("noeviction"),
                                      .separator = ":"};

    redis_config_init(&request.plan.options.redis);
    if (inspect_make(&request, &portrait, &error))
        fail_msg("%s: %s", format->name, error.text);
    expect_agreement(format, &portrait);
    portrait_release(&portrait);
}
