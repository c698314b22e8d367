/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/commands/words.h"

#include "sim/alloc.h"
#include "sim/digits.h"
#include "sim/elementary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool argument_is(const struct argument *argument, const char *word)
{
    return strlen(word) == argument->bytes && !strncasecmp(argument->text, word, argument->bytes);
}

bool argument_double(const struct argument *argument, double *number)
{
    char short_text[64], *text = argument->bytes < sizeof short_text ? short_text : xcalloc(argument->bytes + 1, 1);
    char *end;
    bool is_number;

    memcpy(text, argument->text, argument->bytes);
    text[argument->bytes] = '\0';
    *number = strtod(text, &end);
    is_number = argument->bytes && end == text + argument->bytes && !strchr(" \t\n\v\f\r", *text) && !isnan(*number);
    if (text != short_text)
        free(text);
    return is_number;
}

struct named_element *words_take_named(struct words *words)
{
    struct named_element *named = queue_element(words->queue, &words->queue->records[words->record]);

    named->element.value_len = words->list[words->next++].bytes;
    return named;
}

struct element *words_take(struct words *words)
{
    return &words_take_named(words)->element;
}

bool words_take_name(struct words *words, const struct named_word *names, size_t count, enum word *word)
{
    for (size_t i = 0; words_left(words) && i < count; i++)
        if (argument_is(&words->list[words->next], names[i].text)) {
            struct element *element = words_take(words);

            element->flags = ELEMENT_WORD;
            element->number = *word = names[i].word;
            return true;
        }
    return false;
}

void words_take_key(struct words *words)
{
    words->queue->records[words->record].flags |= REQUEST_MORE;
    queue_key(words->queue, words->row, &words->list[words->next++]);
    words->record = words->queue->count - 1;
}

bool words_take_double(struct words *words, double *number)
{
    const struct argument *argument = &words->list[words->next];
    struct element *element = words_take(words);

    if (!argument_double(argument, number))
        return false;
    element_set_double(element, *number);
    return true;
}

bool words_take_integer(struct words *words, int64_t *number)
{
    const struct argument *argument = &words->list[words->next];
    struct element *element = words_take(words);

    element->flags = ELEMENT_INTEGER;
    if (!digits_canonical(argument->text, argument->text + argument->bytes, number))
        return false;
    element->number = *number;
    return true;
}

struct element *words_take_member(struct words *words)
{
    const struct argument *member = &words->list[words->next++];
    struct named_element *named = queue_element(words->queue, &words->queue->records[words->record]);

    named->text = member->text;
    named->bytes = member->bytes;
    return &named->element;
}

void element_set_value(struct element *element, const struct argument *value)
{
    int64_t digits, places;
    double number;

    element->value_len = value->bytes;
    if (digits_canonical(value->text, value->text + value->bytes, &element->number)) {
        element->flags |= ELEMENT_INTEGER;
    } else if (digits_float(value->text, value->text + value->bytes, &digits, &places)) {
        number = (double)digits / elementary_pow(10, (double)places);
        memcpy(&element->number, &number, sizeof number);
        element->flags |= ELEMENT_DECIMAL;
    }
}

void element_set_double(struct element *element, double number)
{
    memcpy(&element->number, &number, sizeof number);
}
