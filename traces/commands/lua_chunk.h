/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua_chunk: what Lua 5.1 keeps in memory of a script that it has compiled.
 *
 * Lua's own compiler compiles it, in an interpreter with the strings that a server's has, and its allocations are counted: prototypes with
 * their instructions, lines, constants and names, a closure, and the strings that are new. Nothing is run.
 * Of strings those are taken to be there that a script finds (names of libraries, words of the language) and the names of
 * Redis's commands, which the first scripts bring for all that follow. What two scripts share besides counts twice, and what a
 * collection has not freed yet does not count. Blocks are of jemalloc's classes, 16 bytes apart. */
#ifndef TRACES_COMMANDS_LUA_CHUNK_H
#define TRACES_COMMANDS_LUA_CHUNK_H

#include <stdint.h>
#include <stdlib.h>

/* Bytes of a script that is weighed: compiling takes some twenty times as much memory. */
enum { LUA_TEXT_MOST = 1 << 20 };

struct lua_chunk {
    uint64_t asked_bytes; /* as used_memory_vm_eval counts */
    uint64_t block_bytes; /* as used_memory does */
};

/* A first line that begins with "#!" is left out. Zeros: it does not compile, is longer than LUA_TEXT_MOST, or is no text but compiled.
 * Of a text that has come lately the answer is remembered; another takes some 0.2 ms. */
struct lua_chunk lua_chunk_weigh(const char *text, size_t bytes);

#endif
