/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/write/resp_command.h"

#include "sim/alloc.h"
#include "sim/policy.h"
#include "traces/write/rows.h"

#include <stdlib.h>
#include <string.h>

/* ---- arguments ---- */

static void begin_argument(struct resp_command *command, size_t bytes)
{
    line_char(&command->arguments, '$');
    line_number(&command->arguments, bytes);
    line_text(&command->arguments, "\r\n");
    command->argument_count++;
}

static void add_bytes(struct resp_command *command, const char *bytes, size_t count)
{
    begin_argument(command, count);
    line_bytes(&command->arguments, bytes, count);
    line_text(&command->arguments, "\r\n");
}

static void add_text(struct resp_command *command, const char *text)
{
    add_bytes(command, text, strlen(text));
}

static void add_number(struct resp_command *command, int64_t number)
{
    char text[24];

    add_bytes(command, text, (size_t)snprintf(text, sizeof text, "%jd", (intmax_t)number));
}

/* A value of so many bytes, or the number that it is. */
static void add_value(struct resp_command *command, bool is_integer, int64_t number, uint32_t bytes)
{
    static const char filling[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    if (is_integer) {
        add_number(command, number);
        return;
    }
    bytes = bytes == VALUE_UNKNOWN ? 0 : bytes;
    begin_argument(command, bytes);
    for (uint32_t left = bytes; left;) {
        uint32_t piece = left < sizeof filling - 1 ? left : (uint32_t)sizeof filling - 1;

        line_bytes(&command->arguments, filling, piece);
        left -= piece;
    }
    line_text(&command->arguments, "\r\n");
}

static void add_key(struct resp_command *command, const struct record *record, struct omissions *omissions)
{
    struct line name = {0};

    row_key(&name, record);
    if (record->key_len != name.bytes)
        omissions_add(omissions, "lengths of keys that are not those of their names", 1);
    add_bytes(command, name.bytes ? name.text : "", name.bytes);
    free(name.text);
}

/* EX 60, PXAT 1700000000000 */
static void add_expiry(struct resp_command *command, const struct record *record)
{
    bool absolute = record->flags & REQUEST_ABSOLUTE, millis = record->flags & REQUEST_MILLIS;
    bool whole = record->ttl_ms % 1000 == 0 && !millis;

    if (!(record->flags & REQUEST_TTL))
        return;
    add_text(command, whole ? absolute ? "EXAT" : "EX" : absolute ? "PXAT" : "PX");
    add_number(command, whole ? record->ttl_ms / 1000 : record->ttl_ms);
}

static void add_options(struct resp_command *command, const struct record *record)
{
    static const struct {
        uint16_t flag;
        const char *of, *word; /* for which kinds of options, a letter each */
    } words[] = {
        {REQUEST_NX, "SE", "NX"},          {REQUEST_XX, "SE", "XX"},          {REQUEST_GT, "E", "GT"},
        {REQUEST_LT, "E", "LT"},           {REQUEST_KEEPTTL, "S", "KEEPTTL"}, {REQUEST_GET, "S", "GET"},
        {REQUEST_PERSIST, "G", "PERSIST"}, {REQUEST_REPLACE, "C", "REPLACE"}, {REQUEST_SYNC, "F", "SYNC"},
        {REQUEST_ASYNC, "F", "ASYNC"},     {REQUEST_LEN, "L", "LEN"},
    };
    static const char letters[] = {[OPTIONS_SET] = 'S',  [OPTIONS_GETEX] = 'G', [OPTIONS_EXPIRE] = 'E',
                                   [OPTIONS_COPY] = 'C', [OPTIONS_LCS] = 'L',   [OPTIONS_FLUSH] = 'F'};
    unsigned options = command_table[record->op].options;
    char letter = options < sizeof letters ? letters[options] : '\0';

    if (letter == 'S' || letter == 'G')
        add_expiry(command, record);
    for (size_t i = 0; letter && i < sizeof words / sizeof *words; i++)
        if (strchr(words[i].of, letter) && record->flags & words[i].flag)
            add_text(command, words[i].word);
}

static const struct named_element *element_of(const struct record *record, uint32_t i)
{
    return &record->named[record->first_element + i];
}

static void add_member(struct resp_command *command, const struct named_element *named)
{
    add_bytes(command, named->text ? named->text : "", named->text ? named->bytes : 0);
}

/* Members, each with its value if the command has one. */
static void add_members(struct resp_command *command, const struct record *record, const char *letters)
{
    bool valued = letters[0] == 'm' && letters[1] == 'v';

    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = element_of(record, i);

        add_member(command, named);
        if (valued)
            add_value(command, named->element.flags & ELEMENT_INTEGER, named->element.number, named->element.value_len);
    }
}

/* ZADD and ZINCRBY: words, then scores with their members. False: something else is among them. */
static bool add_scores(struct resp_command *command, const struct record *record)
{
    static const char *const words[] = {
        [WORD_NX] = "NX", [WORD_XX] = "XX", [WORD_GT] = "GT", [WORD_LT] = "LT", [WORD_CH] = "CH", [WORD_INCR] = "INCR"};

    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = element_of(record, i);
        char text[32];
        double score;

        if (named->element.flags & ELEMENT_WORD && named->element.number >= 0 && named->element.number <= WORD_INCR) {
            add_text(command, words[named->element.number]);
            continue;
        }
        if (!(named->element.flags & ELEMENT_SCORED))
            return false;
        memcpy(&score, &named->element.number, sizeof score);
        if (named->element.flags & ELEMENT_INTEGER)
            add_number(command, named->element.number);
        else
            add_bytes(command, text, (size_t)snprintf(text, sizeof text, "%.17g", score));
        add_member(command, named);
    }
    return true;
}

/* ---- scripts ---- */

static bool *place_of_script(struct resp_command *command, const struct named_element *script)
{
    uint32_t id = member_index_element(&command->scripts, script);

    if (id >= command->loaded_count)
        command->loaded = xgrow(command->loaded, &command->loaded_count, id + 1, sizeof *command->loaded);
    return &command->loaded[id];
}

/* Whether the whole command is known: the server has the script, or its text is here, and so are its arguments. */
static bool knows_script(struct resp_command *command, const struct record *record)
{
    if (!command->writes_scripts || !record->elements || !element_of(record, 0)->text)
        return false;
    for (uint32_t i = 1; i < record->elements; i++)
        if (!(element_of(record, i)->element.flags & ELEMENT_SPELLED))
            return false;
    if (element_of(record, 0)->element.flags & ELEMENT_SCRIPT_TEXT)
        return true;
    return element_of(record, 0)->element.flags & ELEMENT_SCRIPT_SHA1 &&
           *place_of_script(command, element_of(record, 0));
}

/* EVAL, EVALSHA, SCRIPT LOAD. False: they are not known. */
static bool add_script(struct resp_command *command, const struct record *record)
{
    if (!knows_script(command, record))
        return false;
    if (element_of(record, 0)->element.flags & ELEMENT_SCRIPT_TEXT)
        *place_of_script(command, element_of(record, 0)) = true;
    for (uint32_t i = 0; i < record->elements; i++)
        add_member(command, element_of(record, i));
    command->in_script = command_table[record->op].runs_script;
    return true;
}

static bool is_script(enum op op)
{
    return command_table[op].runs_script || op == OP_SCRIPT_LOAD;
}

/* ---- a command ---- */

static void add_name(struct resp_command *command, enum op op)
{
    const char *name = op_name(op), *bar = strchr(name, '|');

    if (bar) {
        add_bytes(command, name, (size_t)(bar - name));
        add_text(command, bar + 1);
    } else {
        add_text(command, name);
    }
}

/* The arguments of this row, behind the name. False: they are not known as they were. */
bool resp_command_add(struct resp_command *command, const struct record *record, struct omissions *omissions)
{
    const char *letters = command_table[record->op].arguments;
    bool first = !command->argument_count, numbered = false;

    if (record->op == OP_SCRIPT_FLUSH && command->writes_scripts && !record->number) {
        memset(command->loaded, 0, command->loaded_count * sizeof *command->loaded);
        add_name(command, OP_SCRIPT_FLUSH);
        return true;
    }
    if (is_script((enum op)record->op)) {
        add_name(command, (enum op)record->op);
        return add_script(command, record);
    }
    if (strcspn(letters, "*#sbd") != strlen(letters) ||
        (strchr(letters, 'w') && record->op != OP_ZADD && record->op != OP_ZINCRBY) ||
        command_table[record->op].options == OPTIONS_LIMIT || command_table[record->op].options == OPTIONS_COUNT ||
        command_table[record->op].options == OPTIONS_LPOS || (record->op == OP_SET && record->elements))
        return false;
    if (first)
        add_name(command, (enum op)record->op);
    for (const char *letter = letters; *letter; letter++) {
        if (*letter == 'k' && letter > letters && letter[-1] == 'k')
            continue; /* RENAME a b: a row each */
        if (*letter == 'k') {
            add_key(command, record, omissions);
        } else if (*letter == 'v' && (letter == letters || letter[-1] != 'm')) {
            add_value(command, record->flags & REQUEST_INTEGER, record->number, record->value_len);
        } else if (*letter == 'n' && letter > letters && letter[-1] == '?') {
            if (record->second) /* LPOP key 3 */
                add_number(command, record->number);
        } else if (*letter == 'n') {
            add_number(command, numbered ? record->second : record->number);
            numbered = true;
        } else if (*letter == 't') {
            add_number(command, command_table[record->op].millis ? record->ttl_ms : record->ttl_ms / 1000);
        } else if (*letter == 'f') { /* NOLINT(bugprone-branch-clone): in the order of letters */
            return false;
        } else if (*letter == 'o' && !(record->flags & REQUEST_MORE)) {
            add_options(command, record);
        } else if (*letter == 'm') {
            add_members(command, record, letter);
        } else if (*letter == 'w' && !add_scores(command, record)) {
            return false;
        }
    }
    return true;
}

void resp_command_clear(struct resp_command *command)
{
    command->argument_count = 0;
    command->arguments.bytes = 0;
}

void resp_command_release(struct resp_command *command)
{
    free(command->arguments.text);
    free(command->loaded);
    member_index_release(&command->scripts);
}
