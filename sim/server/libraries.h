/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libraries: the libraries of functions that FUNCTION LOAD brings, which FCALL calls.
 *
 *     a dict: name -> library | name | text | dict: name -> function |        a dict of all functions: name -> function
 *
 * Lua keeps what it has compiled, as of a script (script.h): that is an estimate, where it counts.
 *
 * Source: functionLibCreateFunction, libraryLink, libraryUnlink (functions.c), luaEngineCreate (function_lua.c) of Redis 7.0.15. */
#ifndef SIM_SERVER_LIBRARIES_H
#define SIM_SERVER_LIBRARIES_H

#include "sim/server/state.h"

/* The function of that name; zeroes if there is none, or it is not known. */
struct library_function libraries_function(const struct libraries *libraries, uint32_t member);
bool libraries_has(const struct libraries *libraries, uint32_t member);

/* Loads the library that the elements describe: itself, and `count` - 1 functions (traces/commands/library.h). One of that name goes first
 * if it is replaced. False: it is there, or another has one of its functions; then nothing has changed. */
bool libraries_load(struct redis *redis, const struct element *elements, uint32_t count, bool replaces);
/* False: there is none. */
bool libraries_delete(struct redis *redis, uint32_t member);
void libraries_flush(struct redis *redis);
/* FCALL looks for its function. */
void libraries_looked(struct redis *redis);
void libraries_release(struct libraries *libraries);

#endif
