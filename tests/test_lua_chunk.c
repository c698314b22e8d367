/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lua_chunk: what Lua keeps of scripts. Instructions, constants and functions are what luac 5.1.5 lists; bytes are what
 * used_memory_vm_eval of Redis 8.0.6 has grown by for each of some thousand such scripts. */
#include "traces/commands/lua_chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* instructions, constants, functions: luac -l */
static const struct {
    const char *text;
    uint32_t instructions, constants, functions;
} listed[] = {
    {"return 1", 3, 1, 1},
    {"return redis.call('GET', KEYS[1])", 8, 5, 1},
    {"local v = redis.call('GET', KEYS[1]) if v then redis.call('SET', KEYS[1], v + 1) end return v", 17, 6, 1},
    {"if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end", 21, 8, 1},
    {"local current = redis.call('INCR', KEYS[1])\n"
     "if tonumber(current) == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end\n"
     "return current",
     21, 8, 1},
    {"local key = KEYS[1]\n"
     "local now = tonumber(ARGV[1])\n"
     "local window = tonumber(ARGV[2])\n"
     "local limit = tonumber(ARGV[3])\n"
     "redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)\n"
     "local count = redis.call('ZCARD', key)\n"
     "if count < limit then\n"
     "  redis.call('ZADD', key, now, now .. ':' .. math.random())\n"
     "  redis.call('PEXPIRE', key, window)\n"
     "  return {1, limit - count - 1}\n"
     "end\n"
     "return {0, 0}",
     58, 17, 1},
    {"local tokens_key = KEYS[1]\n"
     "local timestamp_key = KEYS[2]\n"
     "local rate = tonumber(ARGV[1])\n"
     "local capacity = tonumber(ARGV[2])\n"
     "local now = tonumber(ARGV[3])\n"
     "local requested = tonumber(ARGV[4])\n"
     "local fill_time = capacity/rate\n"
     "local ttl = math.floor(fill_time*2)\n"
     "local last_tokens = tonumber(redis.call(\"get\", tokens_key))\n"
     "if last_tokens == nil then\n"
     "  last_tokens = capacity\n"
     "end\n"
     "local last_refreshed = tonumber(redis.call(\"get\", timestamp_key))\n"
     "if last_refreshed == nil then\n"
     "  last_refreshed = 0\n"
     "end\n"
     "local delta = math.max(0, now-last_refreshed)\n"
     "local filled_tokens = math.min(capacity, last_tokens+(delta*rate))\n"
     "local allowed = filled_tokens >= requested\n"
     "local new_tokens = filled_tokens\n"
     "if allowed then\n"
     "  new_tokens = filled_tokens - requested\n"
     "end\n"
     "redis.call(\"setex\", tokens_key, ttl, new_tokens)\n"
     "redis.call(\"setex\", timestamp_key, ttl, now)\n"
     "return { allowed, new_tokens }",
     84, 17, 1},
    {"local r = {}\n"
     "for i, k in ipairs(KEYS) do r[i] = redis.call('HGETALL', k) end\n"
     "return r",
     15, 5, 1},
    {"local sum = 0\n"
     "for i = 1, #KEYS do local v = tonumber(redis.call('get', KEYS[i])) or 0 sum = sum + v end\n"
     "return sum",
     21, 7, 1},
    {"local i = 0\n"
     "while i < 10 do i = i + 1 if i == 5 then break end end\n"
     "repeat i = i - 1 until i <= 0\n"
     "return i",
     13, 4, 1},
    {"local function add(a, b) return a + b end\n"
     "local function mul(a, b) return a * b end\n"
     "return add(1, mul(2, 3))",
     17, 3, 3},
    {"local t = {a = 1, b = 'two', [3] = KEYS[1], 4, 5, 6; nested = {x = {y = 1}}}\n"
     "return cjson.encode(t)",
     21, 14, 1},
    {"local x = ARGV[1] or 'default'\n"
     "local y = ARGV[2] and ARGV[3] or ARGV[4]\n"
     "local z = not (x == y)\n"
     "local w = x == y and 1 or 0\n"
     "return {x, y, z and 1 or 0, w, #x, -1, -tonumber(x), 2^10, 7 % 3}",
     46, 10, 1},
    {"local a, b, c = 1, 2\n"
     "a, b = b, a\n"
     "a = a == b\n"
     "local d = a ~= b\n"
     "return {a, b, d, nil, true, false}",
     24, 2, 1},
    {"local f = function(...) local n = select('#', ...) return n, ... end\n"
     "local t = {f(1, 2, 3)}\n"
     "return unpack(t)",
     21, 6, 2},
    {"local counter = 0\n"
     "local function inc() counter = counter + 1 return counter end\n"
     "for j = 1, 3 do local k = j; local g = function() return k + counter end; inc(); g() end\n"
     "return inc()",
     32, 4, 3},
    {"local s = string.format(\"%s:%s\", KEYS[1], ARGV[1])\n"
     "if s:find('x') ~= nil and s:len() > 3 or s:sub(1,1) == 'k' then return s:upper() .. '-' .. s:lower() .. '-' .. "
     "#s end\n"
     "return redis.error_reply('bad key\\n')",
     38, 19, 1},
    {"for k, v in pairs({a=1,b=2}) do if not v then return k elseif v > 1 and v < 3 then return v else "
     "redis.log(redis.LOG_NOTICE, k) end end",
     25, 9, 1},
    {"local ok, err = pcall(redis.call, 'GET', KEYS[1])\n"
     "if not ok then return redis.status_reply('FAILED') end\n"
     "if type(err) == 'table' and err['err'] then return err.err end\n"
     "return [[long\n"
     "string]]",
     27, 12, 1},
    {"local bulk = function (k) return redis.call('HMGET', k, 'a', 'b', 'c') end\n"
     "local M = {}\n"
     "function M.get(k) return bulk(k)[1] end\n"
     "function M:all() for _, k in ipairs(KEYS) do self[k] = M.get(k) end return self end\n"
     "M:all()\n"
     "return cmsgpack.pack(M)",
     45, 14, 4},
    {"local v = redis.call('GET', KEYS[1]); if (not v) or tonumber(v) < tonumber(ARGV[1]) then redis.call('SET', "
     "KEYS[1], ARGV[1], 'PX', ARGV[2]); return 1; end; return 0;",
     33, 11, 1},
    {"-- queue\n"
     "local job = redis.call('RPOPLPUSH', KEYS[1], KEYS[2])\n"
     "if job == false then return nil end\n"
     "redis.call('HSET', KEYS[3], job, ARGV[1])\n"
     "redis.call('ZADD', KEYS[4], ARGV[1] + 30000, job)\n"
     "return job",
     33, 13, 1},
    {"local l = redis.call('LRANGE', KEYS[1], 0, -1)\n"
     "local out = {}\n"
     "for i = #l, 1, -1 do\n"
     "  local item = cjson.decode(l[i])\n"
     "  if item and item.status == 'done' and (item.retries or 0) <= 3 then\n"
     "    out[#out + 1] = item.id\n"
     "    redis.call('LREM', KEYS[1], 1, l[i])\n"
     "  end\n"
     "end\n"
     "table.sort(out, function(a, b) return a < b end)\n"
     "return out",
     54, 17, 2},
    {"return {KEYS[1],KEYS[2],ARGV[1],ARGV[2]}", 12, 4, 1},
    {"local a = "
     "{1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,"
     "41,42,43,44,45,46,47,48,49,50,51,52}\n"
     "return #a",
     58, 52, 1},
    {"local x\n"
     "local y = nil\n"
     "if not x and not y then x = not y end\n"
     "x = x or (y and not x) or nil\n"
     "return x and 1",
     20, 1, 1},
    {"return (function() return redis.call('PING') end)()", 10, 3, 2},
    {"local n = 0\n"
     "do local m = 5; n = n + m; do local q = m * 2; n = n .. q end end\n"
     "return tostring(n) .. \"\\065\\n\" .. [==[it]]s]==]",
     15, 6, 1},
    {"return ARGV[1] + 1 - 2 * 3 / 4 % 5 ^ 2 < 10 and 'yes' or 'no'", 12, 6, 1},
    {"local id = redis.call('INCR', KEYS[1] .. ':next') local k = KEYS[1] .. ':' .. id redis.call('HSET', k, 'id', id, "
     "'created', ARGV[1], 'name', ARGV[2]) redis.call('SADD', KEYS[1] .. ':all', id) redis.call('EXPIRE', k, 3600) "
     "return id",
     43, 17, 1},
};

static void code_is_counted_as_luac_lists_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++) {
        struct lua_chunk chunk = lua_chunk_weigh(listed[i].text, strlen(listed[i].text));

        if (chunk.instructions != listed[i].instructions || chunk.constants != listed[i].constants ||
            chunk.functions != listed[i].functions)
            fail_msg("%u instructions, %u constants, %u functions: %s", chunk.instructions, chunk.constants,
                     chunk.functions, listed[i].text);
    }
}

static void bytes_are_what_the_server_asked_for(void **state)
{
    static char text[1200] = "return '";
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"return 123", 307},
        {"return redis.call('GET', KEYS[1])", 411},
        {"if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end", 563},
        {"return {KEYS[1],KEYS[2],ARGV[1],ARGV[2]}", 427},
        {text, 1357}, /* a string of 1,025 bytes */
    };

    (void)state;
    memset(text + 8, 'x', 1025);
    strcpy(text + 8 + 1025, "'");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(lua_chunk_weigh(cases[i].text, strlen(cases[i].text)).asked_bytes, cases[i].bytes);
}

static void what_does_not_compile_weighs_nothing(void **state)
{
    static const char *const texts[] = {"return (",      "x",         "x = ", "for i = 1 do end", "local 1",
                                        "break",         "return 'a", "--[[", "f() = 1",          "goto x",
                                        "a, f() = 1, 2", "return 0x", "\"",   "x = \\",           "return 1 return 2"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (lua_chunk_weigh(texts[i], strlen(texts[i])).block_bytes)
            fail_msg("it compiles: %s", texts[i]);
}

/* Nested as deep as anybody likes. */
static void depth_has_an_end(void **state)
{
    static char text[100000];

    (void)state;
    memset(text, '(', sizeof text);
    assert_int_equal(lua_chunk_weigh(text, sizeof text).block_bytes, 0);
    memset(text, '{', sizeof text);
    assert_int_equal(lua_chunk_weigh(text, sizeof text).block_bytes, 0);
    memset(text, '-', sizeof text);
    assert_int_equal(lua_chunk_weigh(text, sizeof text).instructions, 1); /* a comment */
}

static void a_first_line_with_flags_is_left_out(void **state)
{
    static const char text[] = "#!lua flags=no-writes\nreturn 1", plain[] = "\nreturn 1";

    (void)state;
    assert_int_equal(lua_chunk_weigh(text, sizeof text - 1).asked_bytes,
                     lua_chunk_weigh(plain, sizeof plain - 1).asked_bytes);
    assert_int_equal(lua_chunk_weigh("#!lua", 5).instructions, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_counted_as_luac_lists_it),     cmocka_unit_test(bytes_are_what_the_server_asked_for),
        cmocka_unit_test(what_does_not_compile_weighs_nothing), cmocka_unit_test(depth_has_an_end),
        cmocka_unit_test(a_first_line_with_flags_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
