/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua_chunk: what Lua 5.1 keeps in memory of a script that it has compiled.
 *
 * The script is parsed as luaY_parser does it, and the code that would be generated is counted, not made: a prototype for each function with
 * its instructions, lines, constants, names of locals and upvalues, a closure, and the strings that the interpreter did not have.
 * Of strings those are taken to be there that a script finds (names of libraries, words of the language) and the names of
 * Redis's commands, which the first scripts bring for all that follow. What two scripts share besides counts twice, and what a
 * collection has not freed yet does not count. Blocks are of jemalloc's classes, 16 bytes apart. */
#ifndef TRACES_COMMANDS_LUA_CHUNK_H
#define TRACES_COMMANDS_LUA_CHUNK_H

#include <stdint.h>
#include <stdlib.h>

struct lua_chunk {
    uint64_t asked_bytes; /* as used_memory_vm_eval counts */
    uint64_t block_bytes; /* as used_memory does */
    uint32_t instructions, constants, functions;
};

/* A first line that begins with "#!" is left out. No instructions: it does not compile. */
struct lua_chunk lua_chunk_weigh(const char *text, size_t bytes);

#endif
