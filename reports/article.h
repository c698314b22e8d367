/* SPDX-License-Identifier: GPL-3.0-or-later */
/* article: what is to be read, as paragraphs and tables, written once and put in one of three forms: text for a terminal of 80
 * columns, Markdown, or the sections of a page (html_page.h).
 *
 *     article_section(&article, "servers", "Without a limit");
 *     article_paragraph(&article, "verdict", 9, text);
 *     article_table(&article, &table);            a cell at a time, row by row, as many as it has columns
 *     article_cell(&article, "allkeys-lru");
 *     article_number(&article, "2.02 MiB", 2118123);
 *     article_table_end(&article);
 *
 * Text is escaped here for where it stands. */
#ifndef REPORTS_ARTICLE_H
#define REPORTS_ARTICLE_H

#include "sim/column_choice.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum article_form { ARTICLE_TEXT, ARTICLE_MARKDOWN, ARTICLE_HTML };

/* Of text: blanks before the column, and how wide it is besides; a field that is wider moves those behind it, but in the first
 * column it has a line of its own. In HTML `explains` is seen on hovering over the title; NULL: nothing is. */
struct article_column {
    const char *title;
    int gap, width;
    bool is_text; /* at the left; a number is at the right */
    const char *explains;
};

struct article_table {
    const char *caption; /* of HTML */
    const struct article_column *columns;
    size_t count;
};

struct article {
    FILE *out;
    enum article_form form;
    int columns;                        /* of the terminal that shows text; 0: lines are as long as they are */
    const struct column_choice *chosen; /* columns of tables that have one of them; NULL: tables are as they are */
    const struct article_table *table;  /* that is open, as it is shown; NULL: none is */
    struct narrowed *narrowed;          /* what is kept of it where columns were chosen; NULL: all of it */
    size_t column;                      /* of the next cell that is shown */
    int pending;                        /* blanks that are due before it, of text */
    bool in_section;
};

/* A heading, and what follows up to the next: of Markdown and HTML, where `id` is what links name. Text has none. */
void article_section(struct article *article, const char *id, const char *title);
/* Closes the last section. */
void article_end(struct article *article);

/* Text has the label, and behind `indent` columns lines of 80; the others have it in bold, if it is not "". */
void article_paragraph(struct article *article, const char *label, int indent, const char *text);
/* Lines as they are, such as commands: "Set it:  CONFIG SET ...". They are cut at the line feeds of `lines`. */
void article_lines(struct article *article, const char *lines);
/* A paragraph whose lines are broken already, for text; the others have it as one. `lines` are changed. */
void article_prose(struct article *article, char *lines);
/* Lines that begin with a word and blanks up to `indent`, as reading.h and table_words.h write them: text has them as they are, the
 * others a paragraph for each, with the word as its label. `lines` are cut. */
void article_labelled(struct article *article, char *lines, int indent);
/* An empty line, of text alone: the others have one between any two parts. */
void article_gap(struct article *article);
/* Those of a run, each with its code. */
void article_warnings(struct article *article, const struct warning *warnings, size_t count, int indent);

/* Where columns are chosen, a table that has one of them shows those, in that order, behind its first column; a column without a title
 * goes with the one before it. */
void article_table(struct article *article, const struct article_table *table);
void article_cell(struct article *article, const char *text);
/* A number as text, and what it is exactly, by which a table is sorted. */
void article_number(struct article *article, const char *text, double value);
void article_table_end(struct article *article);

#endif
