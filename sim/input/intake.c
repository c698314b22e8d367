/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intake: what every format does with a row that it cannot use: it stops with an error, or skips and counts the row. */
#include "sim/input/intake.h"

#include "sim/command.h"
#include "sim/input/source.h"
#include "sim/printable.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_OF struct unknown_command
const struct layout unknown_command_layout = LAYOUT("unknown_command", UNKNOWN_COMMAND_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct skip_reason
const struct layout skip_reason_layout = LAYOUT("skip_reason", SKIP_REASON_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct ignored_column
const struct layout ignored_column_layout = LAYOUT("ignored_column", IGNORED_COLUMN_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct intake
const struct layout intake_layout = LAYOUT("intake", INTAKE_FIELDS);
#undef FIELDS_OF

/* What a message says of every such row: up to what it quotes or explains, and with an N for each number. */
static void print_reason(char *reason, const char *why)
{
    size_t length = 0;

    for (; *why && !strchr("':;(", *why) && length + 1 < SKIP_REASON; why++)
        if (!isdigit((unsigned char)*why))
            reason[length++] = *why;
        else if (!length || reason[length - 1] != 'N')
            reason[length++] = 'N';
    while (length && reason[length - 1] == ' ')
        length--;
    reason[length] = '\0';
    if (!length)
        snprintf(reason, SKIP_REASON, "bad row");
}

/* The slot of the reason, or the last one. */
static struct skip_reason *find_reason(struct intake *intake, const char *name)
{
    int slot = 0;

    while (slot < SKIP_REASONS - 1 && intake->reasons[slot].count && strcmp(intake->reasons[slot].name, name))
        slot++;
    if (!intake->reasons[slot].count)
        snprintf(intake->reasons[slot].name, SKIP_REASON, "%s", slot == SKIP_REASONS - 1 ? "other reasons" : name);
    return &intake->reasons[slot];
}

static void note_reason(struct intake *intake, const char *why, const char *file, uint64_t line)
{
    char name[SKIP_REASON], place[SKIP_PLACE];
    struct skip_reason *reason;
    size_t length = strlen(file), most = SKIP_PLACE - 24;

    print_reason(name, why);
    reason = find_reason(intake, name);
    snprintf(place, sizeof place, "%s%.*s:%ju", length > most ? "..." : "", (int)most,
             length > most ? file + length - most : file, (uintmax_t)line);
    if (!reason->count++)
        memcpy(reason->first, place, sizeof place);
}

int intake_bad_row(struct intake *intake, const struct format_options *options, const struct source *source,
                   uint64_t line, struct error *error, const char *format, ...)
{
    char why[256], text[sizeof error->text];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    printable(why);
    snprintf(text, sizeof text, "%s:%ju: %s", source_name(source), (uintmax_t)line, why);
    if (source_line_is_open(source) && intake->rows > 1)
        snprintf(text, sizeof text, "%s:%ju: the last line is cut off: %s", source_name(source), (uintmax_t)line, why);
    else if (!options->lenient) {
        intake->has_refused = true;
        return error_set(error, ERROR_INPUT, "%s", text);
    }
    note_reason(intake, why, source_name(source), line);
    if (!intake->skipped++)
        snprintf(intake->first_skipped, sizeof intake->first_skipped, "%.*s", (int)sizeof intake->first_skipped - 1,
                 text);
    return 0;
}

/* Names are stored, and compared, in lower case, printable and cut to UNKNOWN_NAME. */
static void kept_name(char kept[UNKNOWN_NAME], const char *name, size_t length)
{
    size_t i;

    for (i = 0; i < length && i < UNKNOWN_NAME - 1; i++)
        kept[i] = isprint((unsigned char)name[i]) ? (char)tolower((unsigned char)name[i]) : '?';
    kept[i] = '\0';
}

void intake_unknown(struct intake *intake, const char *name, size_t length)
{
    char kept[UNKNOWN_NAME];
    int slot = 0;

    enum op op = op_find(name, length);

    intake->skipped_writes += op != OP_COUNT && command_table[op].denyoom;
    kept_name(kept, name, length);
    while (slot < UNKNOWN_COMMANDS - 1 && intake->unknown[slot].count && strcmp(intake->unknown[slot].name, kept))
        slot++;
    if (!intake->unknown[slot].count)
        snprintf(intake->unknown[slot].name, UNKNOWN_NAME, "%s", slot == UNKNOWN_COMMANDS - 1 ? "(others)" : kept);
    intake->unknown[slot].count++;
    intake->unknown_commands++;
}

void intake_ignored_column(struct intake *intake, const char *name, size_t length)
{
    if (intake->ignored_columns < IGNORED_COLUMNS)
        printable_copy(intake->ignored[intake->ignored_columns].name, IGNORED_NAME, name, length);
    intake->ignored_columns++;
}

static void add_unknown(struct intake *intake, const struct unknown_command *unknown)
{
    int slot = 0;

    while (slot < UNKNOWN_COMMANDS - 1 && intake->unknown[slot].count &&
           strcmp(intake->unknown[slot].name, unknown->name))
        slot++;
    if (!intake->unknown[slot].count)
        snprintf(intake->unknown[slot].name, UNKNOWN_NAME, "%s",
                 slot == UNKNOWN_COMMANDS - 1 ? "(others)" : unknown->name);
    intake->unknown[slot].count += unknown->count;
}

/* By what a field is: counts are summed, what holds of one holds of all, of the rest the first or the largest is kept. */
static void add_bool(bool *field, bool found)
{
    *field |= found;
}

static void add_uint64(uint64_t *field, uint64_t found)
{
    *field += found;
}

static void add_uint32(uint32_t *field, uint32_t found)
{
    *field = found > *field ? found : *field;
}

static void add_int64(int64_t *field, int64_t found)
{
    *field = found > *field ? found : *field;
}

static void add_chars(char *text, const char *found, size_t size)
{
    if (!*text)
        memcpy(text, found, size);
}

void intake_add(struct intake *intake, const struct intake *found)
{
    uint64_t line = found->longest_gap_us > intake->longest_gap_us ? found->gap_line : intake->gap_line;
    bool first = !intake->ignored_columns;

#define ADD_VALUE(type, name)                                                                                          \
    _Generic((type)0, bool                                                                                             \
             : add_bool, uint64_t                                                                                      \
             : add_uint64, uint32_t                                                                                    \
             : add_uint32, int64_t                                                                                     \
             : add_int64)(&intake->name, found->name);
#define ADD_CHARS(size, name)      add_chars(intake->name, found->name, size);
#define ADD_FIXED(tag, name, size) /* below */
#define X(kind, ...)               ADD_##kind(__VA_ARGS__)
    INTAKE_FIELDS(X)
#undef X
#undef ADD_VALUE
#undef ADD_CHARS
#undef ADD_FIXED
    intake->gap_line = line;
    for (int i = 0; i < SKIP_REASONS && found->reasons[i].count; i++) {
        struct skip_reason *reason = find_reason(intake, found->reasons[i].name);

        if (!reason->count)
            memcpy(reason->first, found->reasons[i].first, sizeof reason->first);
        reason->count += found->reasons[i].count;
    }
    for (int i = 0; i < UNKNOWN_COMMANDS && found->unknown[i].count; i++)
        add_unknown(intake, &found->unknown[i]);
    if (first)
        memcpy(intake->ignored, found->ignored, sizeof intake->ignored);
}
