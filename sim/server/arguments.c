/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/arguments.h"

#include "sim/server/values/sds.h"

#include "sim/alloc.h"
#include "sim/server/values/resp.h"

#include <string.h>

static void receive(struct argument_list *list, uint64_t length)
{
    struct adoptions *long_ones = list->adoptions;
    struct adopted adopted = client_receive_argument(list->reception, length, argument_bytes(list->redis, length));

    if (length < LONG_ARGUMENT)
        return;
    if (long_ones->count == long_ones->capacity)
        long_ones->list = xgrow(long_ones->list, &long_ones->capacity, long_ones->count + 1, sizeof *long_ones->list);
    long_ones->list[long_ones->count++] = adopted;
    if (adopted.capacity)
        list->memory += adopted.bytes - sds_bytes(list->redis->allocator, length);
}

/* The argument that was just counted. */
static void note(struct argument_list *list, uint64_t length)
{
    if (list->feeds)
        replication_feed_argument(list->feeds, length);
    if (list->lengths && list->count <= SCRIPT_ARGUMENTS)
        list->lengths[list->count - 1] = (uint32_t)length;
    if (list->reception)
        receive(list, length);
}

void arguments_add(struct argument_list *list, uint64_t length)
{
    list->count++;
    list->wire_bytes += resp_bulk_bytes(length);
    if (length > list->longest)
        list->longest = length;
    if (list->is_noted)
        note(list, length);
    list->memory += argument_bytes(list->redis, length);
}

static uint64_t ttl_length(const struct call *call)
{
    return decimal_length(call->flags & REQUEST_MILLIS ? call->ttl_ms : call->ttl_ms / 1000);
}

/* Options of commands on elements. */
static void add_element_options(struct argument_list *list, const struct call *call)
{
    if (call->second) {
        arguments_add(list, 5); /* COUNT, LIMIT */
        arguments_add(list, decimal_length(call->second));
    }
}

/* Options of COPY and LCS. MINMATCHLEN and similar options are not counted. */
static void add_other_options(struct argument_list *list, const struct call *call)
{
    if (command_table[call->op].options == OPTIONS_COPY && call->row && call->batch->db[call->row - 1] != call->db) {
        arguments_add(list, 2); /* DB */
        arguments_add(list, decimal_length(call->db));
    }
    if (call->flags & REQUEST_REPLACE)
        arguments_add(list, 7);
    if (call->flags & REQUEST_LEN)
        arguments_add(list, 3);
}

static void add_lpos_options(struct argument_list *list, const struct call *call)
{
    static const uint16_t words[] = {REQUEST_RANK, REQUEST_COUNT, REQUEST_MAXLEN};
    const int64_t numbers[] = {call->number, call->second, call->batch->list[call->first_element].number};
    static const uint8_t lengths[] = {4, 5, 6};

    for (size_t i = 0; i < 3; i++)
        if (call->flags & words[i]) {
            arguments_add(list, lengths[i]);
            arguments_add(list, decimal_length(numbers[i]));
        }
}

static void add_options(struct argument_list *list, const struct call *call)
{
    uint16_t flags = call->flags;

    if (command_table[call->op].options == OPTIONS_LPOS) {
        add_lpos_options(list, call);
        return;
    }
    if (command_table[call->op].type > TYPE_STRING) { /* where the flags have other meanings */
        add_element_options(list, call);
        return;
    }
    for (uint32_t i = 0; command_table[call->op].options == OPTIONS_SET && i < call->elements; i++) {
        const struct element *element = &call->batch->list[call->first_element + i];

        arguments_add(list, element->flags & ELEMENT_DIGEST ? strlen("IFDEQ") : strlen("IFEQ"));
        arguments_add(list, element->value_len);
    }
    if (command_table[call->op].options == OPTIONS_FLUSH) {
        if (flags & (REQUEST_SYNC | REQUEST_ASYNC))
            arguments_add(list, flags & REQUEST_SYNC ? strlen("SYNC") : strlen("ASYNC"));
        return;
    }
    if (flags & REQUEST_TTL && command_table[call->op].options != OPTIONS_EXPIRE) {
        arguments_add(list, flags & REQUEST_ABSOLUTE ? 4 : 2); /* EXAT, EX */
        arguments_add(list, ttl_length(call));
    }
    for (unsigned bit = REQUEST_NX; bit <= REQUEST_LT; bit <<= 1)
        if (flags & bit)
            arguments_add(list, 2);
    if (flags & (REQUEST_KEEPTTL | REQUEST_PERSIST))
        arguments_add(list, 7);
    if (flags & REQUEST_GET)
        arguments_add(list, 3);
    if (flags & (REQUEST_REPLACE | REQUEST_LEN) || command_table[call->op].options == OPTIONS_COPY)
        add_other_options(list, call);
}

static uint64_t id_length(const struct element *id)
{
    uint64_t ms = decimal_length(id->number), bracket = !!(id->flags & ELEMENT_EXCLUDES);

    if (id->flags & ELEMENT_INVALID)
        return id->value_len;
    switch ((int)element_id_form(id)) {
    case ID_WHOLE:
        return bracket + ms + 1 + decimal_length((int64_t)element_seq(id));
    case ID_MS:
        return bracket + ms;
    case ID_AUTO_SEQ:
        return ms + 2;
    default:
        return 1;
    }
}

/* Adds an element of a command with words. */
static void add_word(struct argument_list *list, const struct call *call, const struct element *element)
{
    bool is_member = element->member != NO_MEMBER && !(element->flags & (ELEMENT_BOUND | ELEMENT_SCRIPT));
    bool is_scored =
        command_table[call->op].type == TYPE_ZSET; /* a score is before its member, a value behind its field */

    if (element->flags & ELEMENT_CONTENT)
        return;
    if (element->flags & ELEMENT_ID) {
        arguments_add(list, id_length(element));
        return;
    }
    if (!is_member || (element->flags & ELEMENT_SCORED && is_scored))
        arguments_add(list, element->value_len);
    if (is_member)
        arguments_add(list, member_of(call->batch->members, element->member)->length);
    if (is_member && element->flags & ELEMENT_SCORED && !is_scored)
        arguments_add(list, element->value_len);
}

/* Adds the argument that a letter stands for, for one element. */
static void add_of_element(struct argument_list *list, const struct call *call, const struct element *element,
                           char letter)
{
    switch (letter) {
    case 'w':
        add_word(list, call, element);
        break;
    case 'm':
        arguments_add(list, member_of(call->batch->members, element->member)->length);
        break;
    case 'v':
        arguments_add(list, element->value_len);
        break;
    case 'n':
        arguments_add(list, decimal_length(call->number));
        break;
    default:
        arguments_add(list, call->value_len);
        break;
    }
}

/* Adds the arguments of all elements. `letters` come after the ':'. */
static void add_elements(struct argument_list *list, const struct call *call, const char *letters)
{
    const struct element *elements =
        call->sent_elements ? call->sent_elements : &call->batch->list[call->first_element];

    for (uint32_t i = 0; i < call->elements; i++)
        for (const char *letter = letters; *letter; letter++)
            add_of_element(list, call, &elements[i], *letter);
}

/* Of arguments that the model does not use, only the sum is known, and they are taken to be of equal lengths; but if they come
 * in several reads each is known. */
static void add_any(struct argument_list *list, const struct call *call)
{
    uint64_t bytes = call->value_len;

    if (call->elements) {
        add_elements(list, call, "w");
        return;
    }
    for (int64_t left = call->number; left > 0; left--) {
        uint64_t share = bytes / (uint64_t)left;

        arguments_add(list, share);
        bytes -= share;
    }
}

/* The letters of the row. The rows of a command with several keys begin at their own key. */
static const char *letters_of(const struct call *call, uint32_t key)
{
    const char *letters = command_table[call->op].arguments;

    if (key && (strchr(letters, '+') || *letters == 'w'))
        return letters;
    if (key && strchr(letters, '#'))
        return strchr(letters, '#') + 1;
    if (key && strstr(letters, ":k"))
        return strchr(letters, ':') + 1;
    for (; key && *letters; key--)
        letters += 1 + strcspn(letters + 1, "kd");
    return *letters ? letters : "kw"; /* a key among the words: SORT ... STORE, BZPOPMIN */
}

/* The length of LEFT or RIGHT, BEFORE or AFTER. */
static uint64_t side_length(const struct call *call, bool is_second)
{
    bool is_right = call->flags & (is_second ? REQUEST_TO_RIGHT : REQUEST_RIGHT);

    return call->op == OP_LINSERT ? (is_right ? 5 : 6) : (is_right ? 5 : 4);
}

/* How many keys the command has, from the row's on. */
static int64_t keys_from(const struct call *call)
{
    int64_t keys = 1;

    for (uint32_t row = call->row; call->batch->flags[row] & REQUEST_MORE; row++)
        keys++;
    return keys;
}

void arguments_add_row(struct argument_list *list, const struct call *call, uint32_t key)
{
    const char *letter = key ? letters_of(call, key) : command_table[call->op].arguments;
    bool has_key = false;
    const struct element *element = NULL;

    if (letter[0] == 'k' && !letter[1]) { /* the short path: most commands have only a key */
        arguments_add(list, call->key_len);
        return;
    }
    for (const char *first = letter; *letter; letter++) {
        switch (*letter) {
        case 'k':
        case 'd':
            if (has_key)
                return;
            has_key = true;
            arguments_add(list, *letter == 'k' ? call->key_len : decimal_length(call->db));
            break;
        case '#':
            arguments_add(list, decimal_length(letter[2] == 'v' ? keys_from(call) : call->number));
            break;
        case 'w':
            if (letter[1] == 'k') { /* each key has its own elements */
                arguments_add(list, call->key_len);
                add_elements(list, call, "w");
                return;
            }
            add_elements(list, call, letter);
            return;
        case ':':
            if (letter[1] == 'k')
                return;
            add_elements(list, call, letter + 1);
            return;
        case 'm':
            element = element ? element + 1 : &call->batch->list[call->first_element];
            add_of_element(list, call, element, 'm');
            break;
        case '+':
            if (call->flags & REQUEST_MORE)
                return;
            break;
        case 's':
            if (call->flags & REQUEST_MORE) /* comes after all keys */
                return;
            arguments_add(list, side_length(call, letter > first && letter[-1] == 's'));
            break;
        case 'v':
            arguments_add(list, element ? element->value_len : call->value_len);
            break;
        case 'f':
        case 'b':
            arguments_add(list, call->value_len);
            break;
        case 'n':
            arguments_add(list, decimal_length(letter > first && letter[-1] == 'n' ? call->second : call->number));
            break;
        case 't':
            arguments_add(list, ttl_length(call));
            break;
        case 'o':
            if (call->flags & REQUEST_MORE) /* comes after all keys */
                return;
            add_options(list, call);
            break;
        case '?':
            if (!call->second)
                return;
            break;
        case '*':
            add_any(list, call);
            break;
        default:
            break;
        }
    }
}

/* A skipped subcommand has its second word among its arguments; a refused command has all its words there. */
static void add_name(struct argument_list *list, enum op op)
{
    const struct command *command = &command_table[op];

    if (command->skipped) {
        if (!command->refused)
            arguments_add(list, strcspn(command->name, "|"));
    } else if (command->container) {
        arguments_add(list, command->container);
        arguments_add(list, command->name_bytes - command->container - 1u);
    } else {
        arguments_add(list, command->name_bytes);
    }
}

void arguments_begin(struct argument_list *list, const struct redis *redis, enum op op)
{
    *list = (struct argument_list){.redis = redis};
    add_name(list, op);
}

void arguments_begin_again(struct argument_list *list, struct redis *redis, struct reception *reception, enum op op)
{
    *list = (struct argument_list){
        .redis = redis, .is_noted = true, .reception = reception, .adoptions = &redis->adoptions};
    add_name(list, op);
}

/* Whether the command consists of its name, its key, perhaps its value, and no option but EX or PX: GET key, SET key value,
 * SET key value EX seconds. */
static bool is_plain(const struct command *command, const struct call *call)
{
    const uint16_t others =
        (uint16_t) ~(REQUEST_INTEGER | REQUEST_DECIMAL | REQUEST_UNTIMED | REQUEST_TTL | REQUEST_MILLIS);
    const char *letters = command->arguments;

    if (command->skipped || command->container || letters[0] != 'k' || call->elements)
        return false;
    letters += letters[1] == 'v' ? 2 : 1;
    return !letters[0] || (letters[0] == 'o' && !letters[1] && !(call->flags & others) &&
                           (command->options == OPTIONS_SET || !call->flags));
}

uint64_t arguments_vector_bytes(const struct redis *redis, uint64_t count)
{
    return redis->profile->keeps_vector ? 0 : allocator_class(redis->allocator, 8 * count);
}

uint64_t arguments_weigh(const struct redis *redis, const struct call *call)
{
    const struct command *command = &command_table[call->op];
    struct argument_list list;
    uint64_t bytes, count = 2;

    if (!is_plain(command, call)) {
        arguments_begin(&list, redis, (enum op)call->op);
        arguments_add_row(&list, call, 0);
        return list.memory + arguments_vector_bytes(redis, list.count);
    }
    bytes = argument_bytes(redis, command->name_bytes) + argument_bytes(redis, call->key_len);
    if (command->arguments[1] == 'v') {
        bytes += argument_bytes(redis, call->value_len);
        count++;
    }
    if (call->flags & REQUEST_TTL && command->options == OPTIONS_SET) {
        bytes += argument_bytes(redis, 2) + argument_bytes(redis, ttl_length(call));
        count += 2;
    }
    return bytes + arguments_vector_bytes(redis, count);
}
