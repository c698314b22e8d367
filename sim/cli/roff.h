/* SPDX-License-Identifier: GPL-3.0-or-later */
/* roff: text in the language of man pages, so that every character is printed as it is: no dash becomes a hyphen, no quote is
 * turned, no line is taken for a macro. */
#ifndef SIM_CLI_ROFF_H
#define SIM_CLI_ROFF_H

#include <stddef.h>
#include <stdio.h>

/* Words that are filled into lines: blanks and ends of lines in the text do not matter. Ends with the end of a line. */
void roff_put_words(const char *text, size_t bytes, FILE *out);

/* One line, as it is, with its blanks; without its end. */
void roff_put_line(const char *text, size_t bytes, FILE *out);

#endif
