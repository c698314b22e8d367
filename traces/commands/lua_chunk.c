/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua_chunk: the script is compiled twice. What the second time takes, which finds the strings of the first, tells how many of the first's
 * blocks are strings: each has a slot in the interpreter's table of them, too.
 *
 * Source: lua_load, luaS_newlstr, lmem.c of Lua 5.1.5; luaCreateFunction (eval.c). */
#include "traces/commands/lua_chunk.h"

#include "sim/alloc.h"
#include "sim/command.h"

#include <ctype.h>
#include <lua5.1/lauxlib.h>
#include <lua5.1/lua.h>
#include <stdbool.h>
#include <string.h>
#include <xxhash.h>

enum {
    NAME = 24 + 1 + 42, /* the string f_ and the SHA1, in the registry */
    NODE = 40,          /* of the registry, whose table doubles when it is full: */
    MEAN_NODE = 58,     /* it has in the mean 1.44 times as many as it needs, */
    MEAN_SLOT = 12,     /* and so has the interpreter's table of strings, of 8 bytes */
    QUANTUM = 16,
    REMEMBERED = 256, /* scripts */
};

/* What an interpreter has asked for and not given back. */
struct heap {
    uint64_t asked_bytes, block_bytes, blocks;
};

/* Names that every interpreter of a server has. */
static const char names[] =
    "@user_script _G _VERSION __index __newindex __gc __mode __eq __add __sub __mul __div __mod __pow __unm __len __lt "
    "__le __concat __call "
    "KEYS ARGV redis call pcall error_reply status_reply sha1hex log LOG_DEBUG LOG_VERBOSE LOG_NOTICE LOG_WARNING "
    "setresp set_repl REPL_NONE REPL_AOF REPL_SLAVE REPL_REPLICA REPL_ALL replicate_commands breakpoint debug "
    "acl_check_cmd REDIS_VERSION REDIS_VERSION_NUM server err ok table string math cjson cmsgpack struct bit os "
    "assert collectgarbage dofile error getfenv getmetatable gcinfo ipairs load loadfile loadstring next newproxy "
    "pairs print rawequal rawget rawset require select setfenv setmetatable tonumber tostring type unpack xpcall "
    "coroutine create resume running status wrap yield concat foreach foreachi getn insert maxn remove setn sort byte "
    "char dump find format gfind gmatch gsub len lower match rep reverse sub upper abs acos asin atan atan2 ceil cos "
    "cosh deg exp floor fmod frexp huge ldexp log10 max min mod modf pi pow rad random randomseed sin sinh sqrt tan "
    "tanh encode decode encode_sparse_array encode_max_depth decode_max_depth encode_number_precision "
    "encode_keep_buffer encode_invalid_numbers decode_invalid_numbers decode_array_with_array_mt null new pack "
    "unpack_one unpack_limit size tobit bnot band bor bxor lshift rshift arshift rol ror bswap tohex clock arg self n "
    "number boolean nil function userdata thread k v kv";
/* Those of loops, which have blanks in them. */
static const char *const hidden_names[] = {"(for index)",     "(for limit)", "(for step)",
                                           "(for generator)", "(for state)", "(for control)"};

static uint64_t class_of(uint64_t bytes)
{
    uint64_t step = QUANTUM;

    if (!bytes)
        return 0;
    while (bytes > 8 * step)
        step *= 2;
    return (bytes + step - 1) / step * step;
}

static void *allocate(void *owner, void *memory, size_t old, size_t bytes)
{
    struct heap *heap = owner;

    heap->asked_bytes += bytes - old;
    heap->block_bytes += class_of(bytes) - class_of(old);
    heap->blocks += (bytes != 0) - (uint64_t)(old != 0);
    if (bytes)
        return xrealloc(memory, bytes);
    free(memory);
    return NULL;
}

/* ---- the interpreter ---- */

/* Into the table on top of the stack, so that no collection takes it. */
static void know(lua_State *lua, const char *name, size_t bytes)
{
    lua_pushlstring(lua, name, bytes);
    lua_pushboolean(lua, true);
    lua_rawset(lua, -3);
}

/* Commands are written in either case. */
static void know_command(lua_State *lua, const char *name, size_t bytes)
{
    char text[64];

    for (int is_lower = 0; is_lower < 2; is_lower++) {
        for (size_t i = 0; i < bytes && i < sizeof text; i++)
            text[i] = (char)(is_lower ? tolower((unsigned char)name[i]) : toupper((unsigned char)name[i]));
        know(lua, text, bytes < sizeof text ? bytes : sizeof text);
    }
}

static lua_State *interpreter_new(struct heap *heap)
{
    lua_State *lua = lua_newstate(allocate, heap);

    lua_gc(lua, LUA_GCSTOP, 0);
    lua_newtable(lua);
    for (const char *name = names, *end; *name; name = end + (*end == ' ')) {
        end = strchrnul(name, ' ');
        know(lua, name, (size_t)(end - name));
    }
    for (size_t i = 0; i < sizeof hidden_names / sizeof *hidden_names; i++)
        know(lua, hidden_names[i], strlen(hidden_names[i]));
    for (size_t op = 0; op < OP_COUNT; op++)
        know_command(lua, command_table[op].name, command_table[op].name_bytes);
    return lua;
}

/* Compiles it, keeps the function and frees all else. Returns what it has added to the heap. */
static struct heap load(lua_State *lua, struct heap *heap, const char *text, size_t bytes, bool *compiles)
{
    struct heap before;

    lua_gc(lua, LUA_GCCOLLECT, 0);
    before = *heap;
    *compiles = !luaL_loadbuffer(lua, text, bytes, "@user_script");
    lua_gc(lua, LUA_GCCOLLECT, 0);
    return (struct heap){heap->asked_bytes - before.asked_bytes, heap->block_bytes - before.block_bytes,
                         heap->blocks - before.blocks};
}

static struct lua_chunk weigh(const char *text, size_t bytes)
{
    struct heap heap = {0}, first, second;
    struct lua_chunk chunk = {0};
    lua_State *lua = interpreter_new(&heap);
    bool compiles;

    first = load(lua, &heap, text, bytes, &compiles);
    if (compiles) {
        second = load(lua, &heap, text, bytes, &compiles);
        chunk.asked_bytes = first.asked_bytes + NAME + NODE;
        chunk.block_bytes =
            first.block_bytes + (first.blocks - second.blocks + 1) * MEAN_SLOT + class_of(NAME) + MEAN_NODE;
    }
    lua_close(lua);
    return chunk;
}

/* ---- scripts that come again ---- */

struct lua_chunk lua_chunk_weigh(const char *text, size_t bytes)
{
    static _Thread_local struct {
        XXH128_hash_t hash; /* of the text */
        struct lua_chunk chunk;
    } remembered[REMEMBERED];
    XXH128_hash_t hash;

    if (bytes >= 2 && !memcmp(text, "#!", 2)) {
        const char *line = memchr(text, '\n', bytes);

        bytes = line ? bytes - (size_t)(line - text) : 0;
        text = line ? line : "";
    }
    if (bytes > LUA_TEXT_MOST || (bytes && *text == LUA_SIGNATURE[0]))
        return (struct lua_chunk){0};
    hash = XXH3_128bits(text, bytes);
    if (!XXH128_isEqual(remembered[hash.low64 % REMEMBERED].hash, hash)) {
        remembered[hash.low64 % REMEMBERED].chunk = weigh(text, bytes);
        remembered[hash.low64 % REMEMBERED].hash = hash;
    }
    return remembered[hash.low64 % REMEMBERED].chunk;
}
