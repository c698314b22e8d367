/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script: the cache of scripts, the libraries of functions, and the script that is running.
 *
 * A server keeps the text of every script that EVAL or SCRIPT LOAD brings, by its SHA1, until SCRIPT FLUSH. Redis since 7.4
 * and Valkey since 8.0 keep only the 500 that EVAL used last; what SCRIPT LOAD brings stays. Lua keeps what it has compiled,
 * which counts in used_memory where Lua allocates like everybody else (server_profile.counts_lua): how much depends on the
 * code, which whoever reads the trace has weighed (lua_chunk.h); where there is none, and of libraries, it is an estimate.
 *
 * Source: luaCreateFunction, luaScriptsLRUAdd (eval.c), scriptPrepareForRun, scriptCall (script.c). */
#ifndef SIM_SERVER_SCRIPT_H
#define SIM_SERVER_SCRIPT_H

#include "sim/request.h"
#include "sim/server/profile.h"
#include "sim/server/tables/slots.h"

#include <stdbool.h>
#include <stdint.h>

enum { SCRIPT_NONE = -1 };

struct cached_script {
    bool is_cached;
    bool is_listed;        /* EVAL brought it: it goes when it has not been used for long */
    uint8_t flags;         /* enum script_flag */
    uint64_t bytes;        /* what it weighs, its node in the list included */
    int64_t before, after; /* in the list, oldest first: members; SCRIPT_NONE */
};

struct script_cache {
    struct cached_script *scripts; /* owned; by the member that names it, its SHA1 */
    uint32_t capacity;
    uint32_t count, listed;
    int64_t oldest, newest;
    struct slots table;
};

/* ---- libraries of functions: libraries.h ---- */

struct library {
    bool is_loaded;
    uint32_t *functions; /* owned: their names' members */
    uint32_t count;
    uint64_t bytes; /* all that it weighs, but for the two dicts' slots */
};

struct library_function {
    bool is_loaded;
    uint8_t flags; /* enum script_flag */
};

/* Zeroed to begin with. */
struct libraries {
    struct library *list; /* owned; by the member that names it, as are: */
    struct library_function *functions;
    uint32_t capacity, function_capacity;
    uint32_t count, function_count;
    struct slots table, function_table;
    uint64_t bytes; /* of all of it: part of used_memory */
    bool was_used;  /* a library has been compiled, or all were flushed */
};

/* ---- the script that is running ---- */

/* One that runs: from EVAL's row to the first row that it does not call. */
struct running_script {
    bool is_open;
    bool is_stopped;  /* a call was refused: nothing more of it runs */
    bool may_exceed;  /* its calls are never refused (allow-oom) */
    bool has_written; /* once it has, it may go on */
    bool found_full;  /* there was no room when it began */
    bool is_unknown;  /* EVALSHA of what is not in the cache, FCALL of what is in no library */
    bool is_function;
    uint32_t calls;
    uint64_t arguments; /* EVAL's, which are in used_memory meanwhile */
    uint64_t reply;     /* bytes */
};

enum { SCRIPT_ARGUMENTS = 32 };

/* What is kept of the arguments of scripts' calls: see script_arguments.h. Zeroed to begin with. */
struct script_arguments {
    struct kept_argument {
        uint32_t bytes;    /* of memory; 0: there is none */
        uint32_t capacity; /* an argument so long can use it */
    } kept[SCRIPT_ARGUMENTS];
    uint64_t vector_count; /* places of the vector, 0: there is none */
    uint64_t bytes;        /* of all of it: part of used_memory */
};

/* What the cache knows of the script; zeroes if nothing. */
struct cached_script script_known(const struct script_cache *cache, uint32_t member);

/* EVAL (is_listed), or SCRIPT LOAD, of a text of so many bytes. Returns how much more the cache weighs then. */
int64_t script_cache_add(struct script_cache *cache, const struct server_profile *profile,
                         const struct allocator *allocator, const struct element *script, uint64_t text_bytes,
                         bool is_listed);
/* SCRIPT FLUSH: returns what the cache weighed. */
uint64_t script_cache_flush(struct script_cache *cache);
/* What it weighs. */
uint64_t script_cache_bytes(const struct script_cache *cache);
void script_cache_release(struct script_cache *cache);

#endif
