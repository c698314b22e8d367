/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/explain.h"

#include "sim/cli/explain_json.h"
#include "sim/cli/explain_words.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_SHOWN = 8 }; /* of a command with many keys */

int explain_choose(const char *text, struct explain_request *request, struct error *error)
{
    *request = (struct explain_request){.what = EXPLAIN_KEY, .key = text};
    if (!strcmp(text, "evictions"))
        request->what = EXPLAIN_EVICTIONS;
    else if (scan_uint64(text, &request->number))
        request->what = EXPLAIN_COMMAND;
    else if (!strncmp(text, "key:", 4))
        request->key = text + 4;
    if (request->what == EXPLAIN_COMMAND && !request->number)
        return error_set(error, ERROR_USAGE, "--explain: requests are counted from 1; a key of that name is key:0");
    if (!*text)
        return error_set(error, ERROR_USAGE, "--explain takes a key, the number of a request, or evictions");
    return 0;
}

/* ---- the report as text ---- */

static void put_name(FILE *out, const struct explain *explain, uint32_t id)
{
    char *name = explain_shown_name(explain, id);

    fputs(name, out);
    free(name);
}

static void put_count(FILE *out, const char *before, uint64_t count, const char *after)
{
    char text[UNITS_TEXT];

    fprintf(out, "%s%s%s", before, print_count(text, count), after);
}

static void put_time(FILE *out, int64_t time_us)
{
    fprintf(out, "%" PRId64 ".%06" PRId64, time_us / 1000000, time_us % 1000000);
}

static void begin_line(FILE *out, const struct moment *moment)
{
    char number[32] = "-";

    if (moment->command)
        snprintf(number, sizeof number, "#%" PRIu64, moment->command);
    fprintf(out, "%8" PRId64 ".%06" PRId64 "  %-10s", moment->time_us / 1000000, moment->time_us % 1000000, number);
    if (moment->kind != MOMENT_COMMAND)
        fprintf(out, "%s", moment->fill ? "    fill: " : "    ");
}

/* Writes a comma and an outcome, with its count if the command has several keys. Writes nothing if the count is 0. */
static void put_outcome(FILE *out, uint64_t count, uint64_t of, const char *one, const char *many)
{
    if (!count)
        return;
    if (of == 1)
        fprintf(out, ", %s", one);
    else
        put_count(out, ", ", count, many);
}

static void put_command(FILE *out, const struct explain *explain, const struct moment *moment)
{
    const struct batch *batch = moment->batch;
    const struct counters *change = moment->change;
    enum op op = (enum op)batch->op[moment->first];
    uint32_t shown = moment->rows > KEYS_SHOWN ? KEYS_SHOWN : moment->rows, size = batch->value_len[moment->first];

    fprintf(out, "%s", op_name(op));
    for (uint32_t row = moment->first; row < moment->first + shown; row++) {
        if (batch->id[row] == NO_KEY)
            continue;
        putc(' ', out);
        put_name(out, explain, batch->id[row]);
    }
    if (shown < moment->rows)
        put_count(out, " and ", moment->rows - shown, " more");
    if (moment->rows == 1 && command_takes(op, 'v') && size != VALUE_UNKNOWN)
        put_count(out, " (", size, " bytes)");
    put_outcome(out, change->hits, moment->rows, "hit", " hits");
    put_outcome(out, change->misses, moment->rows, "miss", " misses");
    if (moment->rows > 1 && moment->found >= 0)
        fprintf(out, ", the key was %s", moment->found ? "there" : "not there");
    if (!change->oom_rejections && moment->rows == 1 && change->fills && size != VALUE_UNKNOWN)
        put_count(out, ", filled with ", size, " bytes");
    else if (!change->oom_rejections)
        put_outcome(out, change->fills, moment->rows, "filled", " filled");
    put_outcome(out, change->unfilled_misses, moment->rows, "not filled: no size is known",
                " not filled: no size is known");
    put_outcome(out, change->not_admitted, moment->rows, "not admitted", " not admitted");
    put_outcome(out, change->oom_rejections, 1, change->fills ? "the fill is refused (OOM)" : "refused (OOM)", "");
    put_outcome(out, change->command_errors, 1, "an error reply", "");
    put_count(out, "; used ", moment->used_before, "");
    put_count(out, " -> ", moment->used_after, "\n");
}

/* Writes the gate once, before the first of its victims. */
static void put_gate(FILE *out, struct explain_printer *printer, const struct moment *moment)
{
    const struct gate *gate = &moment->gate;

    if (moment->surplus || gate->number == printer->gate)
        return;
    printer->gate = gate->number;
    begin_line(out, moment);
    put_count(out, "gate: used ", gate->used, "");
    if (gate->wanted)
        put_count(out, " and ", gate->wanted, " to come");
    put_count(out, " of ", gate->maxmemory, "");
    put_count(out, ", to free ", explain_to_free(gate), "\n");
}

static void put_candidates(FILE *out, const struct explain *explain, const struct moment *moment)
{
    const struct moment_candidate *candidates = explain_candidates(explain, moment);

    if (!moment->candidate_count)
        return;
    begin_line(out, moment);
    fprintf(out, "candidates by %s:", moment->score);
    for (int i = 0; i < moment->candidate_count; i++) {
        fprintf(out, "%s", i ? ", " : " ");
        put_name(out, explain, candidates[i].id);
        fprintf(out, " %.15g%s", candidates[i].score, candidates[i].is_gone ? " (gone)" : "");
    }
    putc('\n', out);
}

static void put_victim(FILE *out, struct explain_printer *printer, const struct explain *explain,
                       const struct moment *moment)
{
    put_gate(out, printer, moment);
    put_candidates(out, explain, moment);
    begin_line(out, moment);
    fprintf(out, "%s ", !moment->is_evicted ? "victim" : moment->surplus ? "evicted (surplus)" : "evicted");
    put_name(out, explain, moment->id);
    put_count(out, ": ", moment->bytes, explain_cell(explain)->options->unit_sizes ? "" : " bytes");
    fprintf(out, ", last access at ");
    put_time(out, moment->last_us);
    if (!moment->is_evicted) {
        fprintf(out, "; it stays: the admission rule was told of it, and lets nobody in\n");
        return;
    }
    put_count(out, "; used ", moment->used_before, "");
    put_count(out, " -> ", moment->used_after, "\n");
}

static void put_key(FILE *out, const struct explain *explain, const struct moment *moment, const char *what)
{
    begin_line(out, moment);
    fprintf(out, "%s ", what);
    put_name(out, explain, moment->id);
    if (moment->kind == MOMENT_ADDED || moment->kind == MOMENT_WRITTEN)
        put_count(out, ": ", moment->bytes, " bytes");
    putc('\n', out);
}

static void put_retimed(FILE *out, const struct explain *explain, const struct moment *moment)
{
    begin_line(out, moment);
    fprintf(out, "retimed ");
    put_name(out, explain, moment->id);
    if (moment->expire_ms == INT64_MAX) {
        fprintf(out, ": no ttl any more\n");
        return;
    }
    fprintf(out, ": expires at ");
    put_time(out, moment->expire_ms * 1000 - explain_cell(explain)->options->start_unix_us);
    putc('\n', out);
}

static void put_cell(FILE *out, const struct cell_config *cell)
{
    char maxmemory[UNITS_TEXT];

    fprintf(out, "# %s, %s, maxmemory %s, seed %" PRIu64 ", on-miss %s; seconds, request, what happens\n",
            cell->server->name, explain_label(cell), print_maxmemory(maxmemory, cell->maxmemory), cell->seed,
            explain_on_miss(cell));
}

static void put_moment(FILE *out, struct explain_printer *printer, const struct explain *explain,
                       const struct moment *moment)
{
    switch (moment->kind) {
    case MOMENT_CELL:
        put_cell(out, explain_cell(explain));
        break;
    case MOMENT_COMMAND:
        begin_line(out, moment);
        put_command(out, explain, moment);
        break;
    case MOMENT_VICTIM:
        put_victim(out, printer, explain, moment);
        break;
    case MOMENT_NOBODY:
        put_gate(out, printer, moment);
        begin_line(out, moment);
        fprintf(out, "the policy names nobody\n");
        break;
    case MOMENT_ADDED:
        put_key(out, explain, moment, "added");
        break;
    case MOMENT_WRITTEN:
        put_key(out, explain, moment, "written");
        break;
    case MOMENT_RETIMED:
        put_retimed(out, explain, moment);
        break;
    case MOMENT_EXPIRED:
        put_key(out, explain, moment, "expired");
        break;
    case MOMENT_REMOVED:
        put_key(out, explain, moment, "removed");
        break;
    }
}

/* Hands the lines of a moment's text to `put`, one by one, which may write to them. */
typedef void put_line_fn(const struct explain_printer *printer, const struct moment *moment, char *line);

static void put_lines(struct explain_printer *printer, const struct explain *explain, const struct moment *moment,
                      put_line_fn *put)
{
    char *text = NULL, *rest, *line;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    put_moment(file, printer, explain, moment);
    fclose(file);
    rest = text;
    while ((line = strsep(&rest, "\n")) && *line)
        put(printer, moment, line);
    free(text);
}

/* ---- on a terminal ---- */

enum { TEXT_BEGINS = 27, HEADER_BEGINS = 2 }; /* columns, of begin_line() and of put_cell() */

/* A line, broken between words, further lines below the text of the first. What is in it is ASCII. */
static void put_broken_line(const struct explain_printer *printer, const struct moment *moment, char *line)
{
    int begins = *line == '#' ? HEADER_BEGINS : TEXT_BEGINS, column = 0;

    (void)moment;
    while (*line) {
        int blanks = (int)strspn(line, " "), width = (int)strcspn(line + blanks, " ");

        if (column > begins && column + blanks + width > printer->columns) {
            printf("\n%*s", begins, "");
            column = begins;
            line += blanks;
            blanks = 0;
        }
        printf("%.*s", blanks + width, line);
        column += blanks + width;
        line += blanks + width;
    }
    putchar('\n');
}

/* ---- the report as Markdown ---- */

/* A line of the text: seconds, request, what happens. */
static void put_markdown_line(const struct explain_printer *printer, const struct moment *moment, char *line)
{
    char *time = line + strspn(line, " "), *number, *rest;

    (void)printer;
    if (moment->kind == MOMENT_CELL) {
        printf("%.*s\n\n| seconds | request | what happens |\n|---:|---|---|\n", (int)strcspn(line, ";"), line);
        return;
    }
    time[strcspn(time, " ")] = '\0';
    number = time + strlen(time) + 1;
    number += strspn(number, " ");
    rest = number + strcspn(number, " ");
    if (*rest)
        *rest++ = '\0';
    rest += strspn(rest, " ");
    printf("| %s | %s | ", time, number);
    for (; *rest; rest++) {
        if (strchr("*|_<`\\", *rest))
            putchar('\\');
        putchar(*rest);
    }
    printf(" |\n");
}

void explain_print(void *owner, const struct explain *explain, const struct moment *moment)
{
    struct explain_printer *printer = owner;

    switch (printer->form) {
    case EXPLAIN_LINES:
        if (printer->columns)
            put_lines(printer, explain, moment, put_broken_line);
        else
            put_moment(stdout, printer, explain, moment);
        break;
    case EXPLAIN_JSON:
        explain_json_put(explain, moment);
        break;
    case EXPLAIN_CSV:
        if (moment->kind == MOMENT_CELL)
            explain_csv_titles();
        else
            explain_csv_put(explain, moment);
        break;
    case EXPLAIN_MARKDOWN:
        put_lines(printer, explain, moment, put_markdown_line);
        break;
    }
}
