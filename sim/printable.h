/* SPDX-License-Identifier: GPL-3.0-or-later */
/* printable: text from outside (a trace, a file's name, an option, another program) on its way to a terminal.
 *
 * A control byte may move the cursor, end the line or change what the terminal does with the next one. Each becomes
 * '?': 0x00 to 0x1f and 0x7f; 0x80 to 0x9f where they are not part of a UTF-8 character, for terminals that take
 * single bytes; and the two bytes of U+0080 to U+009F. Letters of any language stay as they are. */
#ifndef SIM_PRINTABLE_H
#define SIM_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/* Masks text[0 .. bytes - 1] in place; its length stays. */
void printable_mask(char *text, size_t bytes);
/* Masks a string in place. */
void printable(char *text);
/* At most size - 1 bytes of the text, masked, and a terminating 0. */
void printable_copy(char *copy, size_t size, const char *text, size_t bytes);
/* The string, masked. */
void printable_put(const char *text, FILE *out);

/* Text that goes into files, and onto a terminal where one asks for it: what must not reach a terminal is escaped there, so that names
 * stay apart. JSON, as jansson writes it: \u009b. */
void printable_put_json(const char *text, FILE *out);
/* A field of CSV: in quotes if it must be, and control bytes as \x1b. */
void printable_put_csv(const char *text, FILE *out);
/* From now on a field that a spreadsheet would take for a formula, since it begins with =, +, - or @, has a ' in front. Before anything is
 * printed. Fields that are numbers do not pass here. */
void printable_csv_has_no_formulas(void);

#endif
