/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua_chunk: a parser that counts.
 *
 * An expression is kept as lcode.c keeps it (expdesc), but for registers and jumps: of those it matters only whether there are any, and
 * whether one comes from a comparison, since then the value itself has to be loaded.
 *
 * Source: lparser.c, lcode.c, lobject.h, lmem.c of Lua 5.1.5; luaCreateFunction (eval.c). */
#include "traces/commands/lua_chunk.h"

#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/elementary.h"
#include "traces/commands/lua_tokens.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum {
    PROTO = 120,
    CLOSURE = 40, /* without upvalues: the main function has none */
    STRING = 24 + 1,
    INSTRUCTION = 4,
    LINE = 4,
    CONSTANT = 16,
    POINTER = 8,
    LOCAL = 16,
    NAME = 42, /* f_ and the SHA1, in the registry */
    LOCALS_MOST = 200,
    NODE = 40,      /* of the registry, whose table doubles when it is full: */
    MEAN_NODE = 58, /* it has in the mean 1.44 times as many as it needs, */
    MEAN_SLOT = 12, /* and so has the interpreter's table of strings, of 8 bytes */
    UPVALUES_MOST = 60,
    DEPTH_MOST = 200,
    FIELDS_PER_FLUSH = 50,
    CONSTANTS_IN_PLACE = 256, /* MAXINDEXRK: those that come later have to be loaded */
    QUANTUM = 16,
    NO_LOCAL = LOCALS_MOST,
};

enum kind {
    NOTHING,
    NIL,
    TRUE_VALUE,
    FALSE_VALUE,
    TEXT,     /* a constant */
    NUMERAL,  /* not yet one */
    VARIABLE, /* a local */
    UPVALUE,
    GLOBAL,
    INDEXED,
    COMPARED,    /* a comparison and its jump */
    RELOCATABLE, /* an instruction that wants a register */
    PLACED,      /* in a register of its own */
    CALLED,
    VARARGS,
};

/* Jumps that leave an expression for where it is true, or false. */
struct jumps {
    bool any, needs_value;
};

struct expression {
    enum kind kind;
    uint32_t constant; /* TEXT: where */
    uint32_t local;    /* VARIABLE: which */
    double number;
    bool is_not; /* RELOCATABLE: of a NOT, which a condition swallows */
    struct jumps when_true, when_false;
};

struct text_at {
    const char *text;
    size_t bytes;
};

/* A constant of a function, or a string of the chunk. */
struct item {
    uint32_t owner; /* function, from 1; 0 a string of the chunk */
    char type;      /* s n t f - */
    double number;
    char *text; /* owned */
    size_t bytes;
    uint32_t place;
};

struct scope {
    struct scope *around;
    uint32_t locals;
    bool is_captured, is_loop;
};

struct function {
    struct function *around;
    uint32_t id;
    struct scope *scope;
    uint32_t instructions, constants, functions, variables; /* variables: all that it ever has */
    uint32_t locals, upvalues;
    struct item *local[LOCALS_MOST]; /* those in scope: strings of the chunk */
    struct item *upvalue[UPVALUES_MOST];
    bool is_vararg;
    uint32_t
        nil_at; /* where another LOADNIL would only lengthen the last: behind that instruction; UINT32_MAX nowhere */
};

struct parser {
    struct lua_tokens tokens;
    struct function *function;
    struct item **items; /* owned: a hash table, NULL where free */
    uint32_t slots, count, function_count;
    uint32_t depth;
    bool failed;
    struct lua_chunk chunk;
};

/* ---- what it weighs ---- */

static uint64_t class_of(uint64_t bytes)
{
    uint64_t step = QUANTUM;

    if (!bytes)
        return 0;
    while (bytes > 8 * step)
        step *= 2;
    return (bytes + step - 1) / step * step;
}

static void weigh(struct parser *parser, uint64_t bytes)
{
    parser->chunk.asked_bytes += bytes;
    parser->chunk.block_bytes += class_of(bytes);
}

static void weigh_string(struct parser *parser, uint64_t bytes)
{
    weigh(parser, STRING + bytes);
    parser->chunk.block_bytes += MEAN_SLOT;
}

/* ---- strings and constants ---- */

/* Names that every interpreter of a server has. */
static bool is_known(struct text_at name)
{
    static const char names[] =
        " _G _VERSION __index __newindex __gc __mode __eq __add __sub __mul __div __mod __pow __unm __len __lt __le "
        "__concat __call "
        "KEYS ARGV redis call pcall error_reply status_reply sha1hex log LOG_DEBUG LOG_VERBOSE LOG_NOTICE LOG_WARNING "
        "setresp "
        "set_repl REPL_NONE REPL_AOF REPL_SLAVE REPL_REPLICA REPL_ALL replicate_commands breakpoint debug "
        "acl_check_cmd "
        "REDIS_VERSION REDIS_VERSION_NUM server err ok table string math cjson cmsgpack struct bit os "
        "assert collectgarbage dofile error getfenv getmetatable gcinfo ipairs load loadfile loadstring next newproxy "
        "pairs print rawequal rawget rawset require select setfenv setmetatable tonumber tostring type unpack xpcall "
        "coroutine "
        "create resume running status wrap yield concat foreach foreachi getn insert maxn remove setn sort byte char "
        "dump find format gfind gmatch gsub len lower match rep reverse sub upper abs acos asin atan atan2 ceil cos "
        "cosh deg exp "
        "floor fmod frexp huge ldexp log10 max min mod modf pi pow rad random randomseed sin sinh sqrt tan tanh "
        "encode decode encode_sparse_array encode_max_depth decode_max_depth encode_number_precision "
        "encode_keep_buffer "
        "encode_invalid_numbers decode_invalid_numbers decode_array_with_array_mt null new pack unpack_one "
        "unpack_limit size tobit "
        "bnot band bor bxor lshift rshift arshift rol ror bswap tohex clock arg self n "
        "number boolean nil function userdata thread k v kv (for index) (for limit) (for step) (for generator) (for "
        "state) (for control) ";
    char text[32];

    if (name.bytes > sizeof text - 3)
        return false;
    text[0] = ' ';
    memcpy(text + 1, name.text, name.bytes);
    memcpy(text + 1 + name.bytes, " ", 2);
    if (memmem(names, sizeof names - 1, text, name.bytes + 2))
        return true;
    text[1 + name.bytes] = '\0';
    for (size_t i = 0; i < sizeof lua_keywords / sizeof *lua_keywords; i++)
        if (!strcmp(lua_keywords[i], text + 1))
            return true;
    for (size_t op = 0; op < OP_COUNT; op++)
        if (command_table[op].name_bytes == name.bytes && !strncasecmp(command_table[op].name, text + 1, name.bytes))
            return true;
    return false;
}

static uint32_t hash_of(const struct item *item)
{
    uint64_t hash = 14695981039346656037U ^ item->owner ^ (uint64_t)item->type << 32, bits;

    memcpy(&bits, &item->number, sizeof bits);
    hash = (hash ^ bits) * 1099511628211U;
    for (size_t i = 0; i < item->bytes; i++)
        hash = (hash ^ (uint8_t)item->text[i]) * 1099511628211U;
    return (uint32_t)(hash ^ hash >> 32);
}

static bool is_same(const struct item *a, const struct item *b)
{
    return a->owner == b->owner && a->type == b->type && !memcmp(&a->number, &b->number, sizeof a->number) &&
           a->bytes == b->bytes && (!a->bytes || !memcmp(a->text, b->text, a->bytes));
}

static struct item **slot_of(struct item **items, uint32_t slots, const struct item *item)
{
    uint32_t at = hash_of(item) & (slots - 1);

    while (items[at] && !is_same(items[at], item))
        at = (at + 1) & (slots - 1);
    return &items[at];
}

static void grow(struct parser *parser)
{
    uint32_t slots = parser->slots ? 2 * parser->slots : 64;
    struct item **items = xcalloc(slots, sizeof(struct item *));

    for (uint32_t i = 0; i < parser->slots; i++)
        if (parser->items[i])
            *slot_of(items, slots, parser->items[i]) = parser->items[i];
    free(parser->items);
    parser->items = items;
    parser->slots = slots;
}

static struct item *intern(struct parser *parser, struct item wanted, bool *is_new)
{
    struct item **slot, *item;

    if (2 * parser->count >= parser->slots)
        grow(parser);
    slot = slot_of(parser->items, parser->slots, &wanted);
    *is_new = !*slot;
    if (*slot)
        return *slot;
    item = xmalloc(sizeof *item);
    *item = wanted;
    item->text = NULL;
    if (wanted.bytes) {
        item->text = xmalloc(wanted.bytes);
        memcpy(item->text, wanted.text, wanted.bytes);
    }
    *slot = item;
    parser->count++;
    return item;
}

static struct item *string_of(struct parser *parser, struct text_at text)
{
    bool is_new;
    struct item *item =
        intern(parser, (struct item){.type = 's', .text = (char *)text.text, .bytes = text.bytes}, &is_new);

    if (is_new && !is_known(text))
        weigh_string(parser, text.bytes);
    return item;
}

static uint32_t constant_of(struct parser *parser, struct item wanted)
{
    bool is_new;
    struct item *item;

    wanted.owner = parser->function->id;
    item = intern(parser, wanted, &is_new);
    if (is_new)
        item->place = parser->function->constants++;
    return item->place;
}

static uint32_t text_constant(struct parser *parser, const struct item *string)
{
    return constant_of(parser, (struct item){.type = 's', .text = string->text, .bytes = string->bytes});
}

/* ---- code ---- */

static void emit(struct parser *parser, uint32_t instructions)
{
    parser->function->instructions += instructions;
}

/* luaK_nil: a function begins with locals that are nil, and what follows another LOADNIL lengthens it. */
static void load_nils(struct parser *parser)
{
    struct function *function = parser->function;

    if (function->nil_at == function->instructions)
        return;
    emit(parser, 1);
    function->nil_at = function->instructions;
}

/* A jump leads to here: a LOADNIL is one of its own. */
static void label(struct parser *parser)
{
    parser->function->nil_at = UINT32_MAX;
}

static bool has_jumps(const struct expression *e)
{
    return e->when_true.any || e->when_false.any;
}

static void join(struct jumps *to, struct jumps more)
{
    to->any |= more.any;
    to->needs_value |= more.needs_value;
}

/* luaK_dischargevars. A local stays one: it is in a register. */
static void discharge(struct parser *parser, struct expression *e)
{
    if (e->kind == UPVALUE || e->kind == GLOBAL || e->kind == INDEXED) {
        emit(parser, 1);
        e->kind = RELOCATABLE;
        e->is_not = false;
    } else if (e->kind == CALLED) {
        e->kind = PLACED;
    } else if (e->kind == VARARGS) {
        e->kind = RELOCATABLE;
        e->is_not = false;
    }
}

/* discharge2reg: into a local's register, or NO_LOCAL: one that is free, or which it is in. */
static void place(struct parser *parser, struct expression *e, uint32_t local)
{
    discharge(parser, e);
    switch ((int)e->kind) {
    case NIL:
        load_nils(parser);
        break;
    case NUMERAL:
        constant_of(parser, (struct item){.type = 'n', .number = e->number});
        emit(parser, 1);
        break;
    case TRUE_VALUE:
    case FALSE_VALUE:
    case TEXT:
        emit(parser, 1);
        break;
    case VARIABLE:
        emit(parser, e->local != local);
        break;
    case PLACED:
        emit(parser, local != NO_LOCAL);
        break;
    default: /* RELOCATABLE; COMPARED has none yet */
        return;
    }
    e->kind = PLACED;
}

/* exp2reg. */
static void settle(struct parser *parser, struct expression *e, uint32_t local)
{
    place(parser, e, local);
    if (e->kind == COMPARED)
        join(&e->when_true, (struct jumps){true, true});
    if (has_jumps(e)) {
        if (e->when_true.needs_value || e->when_false.needs_value) {
            emit(parser, e->kind == COMPARED ? 2 : 3);
        }
        label(parser);
    }
    e->when_true = e->when_false = (struct jumps){0};
    e->kind = PLACED;
}

static void to_next_register(struct parser *parser, struct expression *e)
{
    settle(parser, e, NO_LOCAL);
}

static void to_any_register(struct parser *parser, struct expression *e)
{
    discharge(parser, e);
    if ((e->kind == VARIABLE || e->kind == PLACED) && !has_jumps(e))
        return;
    settle(parser, e, NO_LOCAL);
}

/* luaK_exp2val. */
static void to_value(struct parser *parser, struct expression *e)
{
    if (has_jumps(e))
        to_any_register(parser, e);
    else
        discharge(parser, e);
}

/* luaK_exp2RK: a constant may stand in the instruction. */
static void to_operand(struct parser *parser, struct expression *e)
{
    uint32_t constant = UINT32_MAX;

    to_value(parser, e);
    if (e->kind == TEXT)
        constant = e->constant;
    else if (e->kind == NUMERAL && parser->function->constants < CONSTANTS_IN_PLACE)
        constant = constant_of(parser, (struct item){.type = 'n', .number = e->number});
    else if ((e->kind == NIL || e->kind == TRUE_VALUE || e->kind == FALSE_VALUE) &&
             parser->function->constants < CONSTANTS_IN_PLACE)
        constant = constant_of(parser, (struct item){.type = e->kind == NIL ? '-' : e->kind == TRUE_VALUE ? 't' : 'f'});
    if (constant < CONSTANTS_IN_PLACE) {
        e->kind = TEXT;
        e->constant = constant;
        return;
    }
    to_any_register(parser, e);
}

/* jumponcond: TEST or TESTSET and a jump, in place of a NOT. */
static struct jumps jump_on(struct parser *parser, struct expression *e)
{
    if (e->kind == RELOCATABLE && e->is_not) {
        emit(parser, 1);
        return (struct jumps){true, true};
    }
    if (e->kind != VARIABLE && e->kind != PLACED)
        place(parser, e, NO_LOCAL);
    emit(parser, 2);
    return (struct jumps){true, false};
}

/* luaK_goiftrue, and luaK_goiffalse. */
static void go_if(struct parser *parser, struct expression *e, bool is_true)
{
    struct jumps jump = {0};

    discharge(parser, e);
    if (e->kind == COMPARED)
        jump = (struct jumps){true, true};
    else if (is_true ? e->kind != TEXT && e->kind != NUMERAL && e->kind != TRUE_VALUE
                     : e->kind != NIL && e->kind != FALSE_VALUE)
        jump = jump_on(parser, e);
    join(is_true ? &e->when_false : &e->when_true, jump);
    if (is_true ? e->when_true.any : e->when_false.any)
        label(parser);
    *(is_true ? &e->when_true : &e->when_false) = (struct jumps){0};
}

static void negate(struct parser *parser, struct expression *e)
{
    struct jumps kept = e->when_true;

    discharge(parser, e);
    if (e->kind == NIL || e->kind == FALSE_VALUE) {
        e->kind = TRUE_VALUE;
    } else if (e->kind == TEXT || e->kind == NUMERAL || e->kind == TRUE_VALUE) {
        e->kind = FALSE_VALUE;
    } else if (e->kind != COMPARED) {
        if (e->kind != VARIABLE)
            place(parser, e, NO_LOCAL);
        emit(parser, 1);
        e->kind = RELOCATABLE;
        e->is_not = true;
        e->constant = 0;
    }
    e->when_true = e->when_false;
    e->when_false = kept;
    e->when_true.needs_value = e->when_true.any; /* removevalues */
    e->when_false.needs_value = e->when_false.any;
}

static void become(struct expression *e, enum kind kind)
{
    *e = (struct expression){.kind = kind};
}

/* ---- tokens ---- */

static void fail(struct parser *parser)
{
    parser->failed = true;
    parser->tokens.token = TOKEN_BAD;
}

static bool is_sign(const struct parser *parser, char sign)
{
    return parser->tokens.token == TOKEN_SIGN && parser->tokens.sign == sign;
}

static bool take(struct parser *parser, enum token token)
{
    if (parser->tokens.token != token)
        return false;
    lua_tokens_next(&parser->tokens);
    return true;
}

static bool take_sign(struct parser *parser, char sign)
{
    if (!is_sign(parser, sign))
        return false;
    lua_tokens_next(&parser->tokens);
    return true;
}

static void want(struct parser *parser, enum token token)
{
    if (!take(parser, token))
        fail(parser);
}

static void want_sign(struct parser *parser, char sign)
{
    if (!take_sign(parser, sign))
        fail(parser);
}

static struct item *take_name(struct parser *parser)
{
    struct item *name;

    if (parser->tokens.token != TOKEN_NAME) {
        fail(parser);
        return string_of(parser, (struct text_at){"", 0});
    }
    name = string_of(parser, (struct text_at){parser->tokens.text, parser->tokens.bytes});
    lua_tokens_next(&parser->tokens);
    return name;
}

/* ---- variables ---- */

/* Another local; the parser's name of it is looked for from now on. */
static void declare(struct parser *parser, struct item *name)
{
    struct function *function = parser->function;

    if (function->locals == LOCALS_MOST) {
        fail(parser);
        return;
    }
    function->local[function->locals++] = name;
    function->variables++;
}

static void declare_hidden(struct parser *parser, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        declare(parser, string_of(parser, (struct text_at){names[i], strlen(names[i])}));
}

static bool captures(struct parser *parser, struct function *function, const struct item *name, uint32_t *local)
{
    for (uint32_t i = function->locals; i-- > 0;)
        if (function->local[i] == name) {
            struct scope *scope = function->scope;

            while (scope && scope->locals > i)
                scope = scope->around;
            if (scope && function != parser->function)
                scope->is_captured = true;
            *local = i;
            return true;
        }
    *local = NO_LOCAL;
    if (!function->around)
        return false;
    for (uint32_t i = 0; i < function->upvalues; i++)
        if (function->upvalue[i] == name)
            return true;
    if (!captures(parser, function->around, name, local))
        return false;
    if (function->upvalues == UPVALUES_MOST)
        fail(parser);
    else
        function->upvalue[function->upvalues++] = (struct item *)name;
    *local = NO_LOCAL;
    return true;
}

static void variable(struct parser *parser, struct expression *e)
{
    struct item *name = take_name(parser);
    uint32_t local;

    if (captures(parser, parser->function, name, &local)) {
        become(e, local == NO_LOCAL ? UPVALUE : VARIABLE);
        e->local = local;
        return;
    }
    become(e, GLOBAL);
    text_constant(parser, name);
}

static void enter(struct parser *parser, struct scope *scope, bool is_loop)
{
    *scope = (struct scope){.around = parser->function->scope, .locals = parser->function->locals, .is_loop = is_loop};
    parser->function->scope = scope;
}

static void leave(struct parser *parser)
{
    struct scope *scope = parser->function->scope;

    parser->function->scope = scope->around;
    parser->function->locals = scope->locals;
    if (scope->is_captured)
        emit(parser, 1); /* CLOSE */
    label(parser);
}

/* ---- expressions ---- */

static void expression(struct parser *parser, struct expression *e);
static void subexpression(struct parser *parser, struct expression *e, uint32_t limit);
static void statements(struct parser *parser);

static bool descends(struct parser *parser)
{
    if (++parser->depth > DEPTH_MOST)
        fail(parser);
    return !parser->failed;
}

/* The name behind a point or a colon, which an instruction has. */
static void take_key(struct parser *parser)
{
    struct expression key = {.kind = TEXT};

    lua_tokens_next(&parser->tokens);
    key.constant = text_constant(parser, take_name(parser));
    to_operand(parser, &key);
}

static void field(struct parser *parser, struct expression *e)
{
    to_any_register(parser, e);
    take_key(parser);
    become(e, INDEXED);
}

static void index_of(struct parser *parser, struct expression *e)
{
    want_sign(parser, '[');
    expression(parser, e);
    to_value(parser, e);
    want_sign(parser, ']');
}

/* The function's blocks, when it is whole. */
static void weigh_function(struct parser *parser, const struct function *function)
{
    weigh(parser, PROTO);
    weigh(parser, (uint64_t)INSTRUCTION * function->instructions);
    weigh(parser, (uint64_t)LINE * function->instructions);
    weigh(parser, (uint64_t)CONSTANT * function->constants);
    weigh(parser, (uint64_t)POINTER * function->functions);
    weigh(parser, (uint64_t)LOCAL * function->variables);
    weigh(parser, (uint64_t)POINTER * function->upvalues);
    parser->chunk.instructions += function->instructions;
    parser->chunk.constants += function->constants;
    parser->chunk.functions++;
}

static void parameters(struct parser *parser, bool has_self)
{
    static const char *const self[] = {"self"}, *const arg[] = {"arg"};

    want_sign(parser, '(');
    if (has_self)
        declare_hidden(parser, self, 1);
    if (!is_sign(parser, ')'))
        do {
            if (take(parser, TOKEN_DOTS)) {
                declare_hidden(parser, arg, 1); /* as Lua 5.0 had it */
                parser->function->is_vararg = true;
                break;
            }
            declare(parser, take_name(parser));
        } while (take_sign(parser, ','));
    want_sign(parser, ')');
}

static void body(struct parser *parser, struct expression *e, bool has_self)
{
    struct function *function, *around = parser->function;

    become(e, RELOCATABLE);
    if (!descends(parser))
        return;
    function = xcalloc(1, sizeof *function);
    function->around = around;
    function->id = ++parser->function_count;
    parser->function = function;
    parameters(parser, has_self);
    statements(parser);
    want(parser, TOKEN_END);
    emit(parser, 1); /* RETURN */
    weigh_function(parser, function);
    parser->function = around;
    around->functions++;
    emit(parser, 1 + function->upvalues);
    free(function);
    parser->depth--;
}

/* Returns how many; the last is not settled. */
static uint32_t expressions(struct parser *parser, struct expression *last)
{
    uint32_t count = 1;

    expression(parser, last);
    while (take_sign(parser, ',')) {
        to_next_register(parser, last);
        expression(parser, last);
        count++;
    }
    return count;
}

static bool has_many(const struct expression *e)
{
    return e->kind == CALLED || e->kind == VARARGS;
}

static void record_field(struct parser *parser)
{
    struct expression key, value;

    if (is_sign(parser, '[')) {
        index_of(parser, &key);
    } else {
        become(&key, TEXT);
        key.constant = text_constant(parser, take_name(parser));
    }
    want_sign(parser, '=');
    to_operand(parser, &key);
    expression(parser, &value);
    to_operand(parser, &value);
    emit(parser, 1); /* SETTABLE */
}

/* Whether "name =" is next: the tokens are looked at without being taken. */
static bool is_named_field(const struct parser *parser)
{
    struct lua_tokens ahead = {.at = parser->tokens.at, .end = parser->tokens.end};
    bool is_named;

    if (parser->tokens.token != TOKEN_NAME)
        return false;
    lua_tokens_next(&ahead);
    is_named = ahead.token == TOKEN_SIGN && ahead.sign == '=';
    lua_tokens_release(&ahead);
    return is_named;
}

static void constructor(struct parser *parser, struct expression *e)
{
    struct expression item = {.kind = NOTHING};
    uint32_t pending = 0;

    want_sign(parser, '{');
    emit(parser, 1); /* NEWTABLE */
    while (!parser->failed && !is_sign(parser, '}')) {
        if (item.kind != NOTHING) {
            to_next_register(parser, &item);
            item.kind = NOTHING;
            if (pending == FIELDS_PER_FLUSH) {
                emit(parser, 1);
                pending = 0;
            }
        }
        if (is_sign(parser, '[') || is_named_field(parser)) {
            record_field(parser);
        } else {
            expression(parser, &item);
            pending++;
        }
        if (!take_sign(parser, ',') && !take_sign(parser, ';'))
            break;
    }
    want_sign(parser, '}');
    if (item.kind != NOTHING && !has_many(&item))
        to_next_register(parser, &item);
    emit(parser, pending > 0); /* SETLIST */
    become(e, PLACED);
}

/* The function is in a register. */
static void arguments(struct parser *parser, struct expression *e)
{
    struct expression last = {.kind = NOTHING};

    if (parser->tokens.token == TOKEN_STRING) {
        last.kind = TEXT;
        last.constant =
            text_constant(parser, string_of(parser, (struct text_at){parser->tokens.text, parser->tokens.bytes}));
        lua_tokens_next(&parser->tokens);
    } else if (is_sign(parser, '{')) {
        constructor(parser, &last);
    } else {
        want_sign(parser, '(');
        if (!is_sign(parser, ')'))
            expressions(parser, &last);
        want_sign(parser, ')');
    }
    if (last.kind != NOTHING && !has_many(&last))
        to_next_register(parser, &last);
    emit(parser, 1); /* CALL */
    become(e, CALLED);
}

static void prefix(struct parser *parser, struct expression *e)
{
    if (!take_sign(parser, '(')) {
        variable(parser, e);
        return;
    }
    expression(parser, e);
    want_sign(parser, ')');
    discharge(parser, e);
}

static void primary(struct parser *parser, struct expression *e)
{
    prefix(parser, e);
    while (!parser->failed) {
        if (is_sign(parser, '.')) {
            field(parser, e);
        } else if (is_sign(parser, '[')) {
            struct expression key;

            to_any_register(parser, e);
            index_of(parser, &key);
            to_operand(parser, &key);
            become(e, INDEXED);
        } else if (is_sign(parser, ':')) {
            to_any_register(parser, e);
            take_key(parser);
            emit(parser, 1); /* SELF */
            arguments(parser, e);
        } else if (is_sign(parser, '(') || is_sign(parser, '{') || parser->tokens.token == TOKEN_STRING) {
            to_next_register(parser, e);
            arguments(parser, e);
        } else {
            return;
        }
    }
}

static void simple(struct parser *parser, struct expression *e)
{
    struct lua_tokens *tokens = &parser->tokens;

    become(e, NIL);
    switch ((int)tokens->token) {
    case TOKEN_NUMBER:
        e->kind = NUMERAL;
        e->number = tokens->number;
        break;
    case TOKEN_STRING:
        e->kind = TEXT;
        e->constant = text_constant(parser, string_of(parser, (struct text_at){tokens->text, tokens->bytes}));
        break;
    case TOKEN_NIL:
        break;
    case TOKEN_TRUE:
        e->kind = TRUE_VALUE;
        break;
    case TOKEN_FALSE:
        e->kind = FALSE_VALUE;
        break;
    case TOKEN_DOTS:
        if (parser->function->around && !parser->function->is_vararg)
            fail(parser);
        emit(parser, 1);
        e->kind = VARARGS;
        break;
    case TOKEN_FUNCTION:
        lua_tokens_next(tokens);
        body(parser, e, false);
        return;
    default:
        if (is_sign(parser, '{'))
            constructor(parser, e);
        else
            primary(parser, e);
        return;
    }
    lua_tokens_next(tokens);
}

/* ---- operators ---- */

enum operator{ ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO, POWER, CONCAT, COMPARE, EQUALS, AND, OR, NO_OPERATOR };

static const struct {
    uint8_t left, right;
} priority[] = {{6, 6}, {6, 6}, {7, 7}, {7, 7}, {7, 7}, {10, 9}, {5, 4}, {3, 3}, {3, 3}, {2, 2}, {1, 1}};

enum { UNARY = 8 };

static enum operator operator_at(const struct parser *parser)
{
    static const char signs[] = "+-*/%^";
    const char *found;

    switch ((int)parser->tokens.token) {
    case TOKEN_CONCAT:
        return CONCAT;
    case TOKEN_EQUAL:
    case TOKEN_UNEQUAL:
        return EQUALS;
    case TOKEN_AT_MOST:
    case TOKEN_AT_LEAST:
        return COMPARE;
    case TOKEN_AND:
        return AND;
    case TOKEN_OR:
        return OR;
    case TOKEN_SIGN:
        if (parser->tokens.sign == '<' || parser->tokens.sign == '>')
            return COMPARE;
        found = strchr(signs, parser->tokens.sign);
        return found ? (enum operator)(found - signs) : NO_OPERATOR;
    default:
        return NO_OPERATOR;
    }
}

static bool is_numeral(const struct expression *e)
{
    return e->kind == NUMERAL && !has_jumps(e);
}

/* constfolding: neither division by zero nor what is no number. */
static bool folds(enum operator op, struct expression *a, const struct expression *b)
{
    double x = a->number, y = b->number, value;

    if (!is_numeral(a) || !is_numeral(b) || (y == 0 && (op == DIVIDE || op == MODULO)))
        return false;
    switch ((int)op) {
    case ADD:
        value = x + y;
        break;
    case SUBTRACT:
        value = x - y;
        break;
    case MULTIPLY:
        value = x * y;
        break;
    case DIVIDE:
        value = x / y;
        break;
    case MODULO:
        value = x - floor(x / y) * y;
        break;
    default:
        value = elementary_pow(x, y);
    }
    if (isnan(value))
        return false;
    a->number = value;
    return true;
}

static void begin_operator(struct parser *parser, enum operator op, struct expression *e)
{
    if (op == AND || op == OR)
        go_if(parser, e, op == AND);
    else if (op == CONCAT)
        to_next_register(parser, e);
    else if (op == COMPARE || op == EQUALS || !is_numeral(e))
        to_operand(parser, e);
}

static void end_operator(struct parser *parser, enum operator op, struct expression *a, struct expression *b)
{
    if (op == AND || op == OR) {
        discharge(parser, b);
        join(op == AND ? &b->when_false : &b->when_true, op == AND ? a->when_false : a->when_true);
        *a = *b;
    } else if (op == CONCAT) {
        to_value(parser, b);
        if (b->kind == RELOCATABLE && b->constant == UINT32_MAX) { /* another CONCAT, which takes one more */
            *a = *b;
            return;
        }
        to_next_register(parser, b);
        emit(parser, 1);
        become(a, RELOCATABLE);
        a->constant = UINT32_MAX;
    } else if (op == COMPARE || op == EQUALS) {
        to_operand(parser, b);
        to_operand(parser, a);
        emit(parser, 2);
        become(a, COMPARED);
    } else if (!folds(op, a, b)) {
        to_operand(parser, b);
        to_operand(parser, a);
        emit(parser, 1);
        become(a, RELOCATABLE);
    }
}

static void unary(struct parser *parser, struct expression *e)
{
    char sign = parser->tokens.token == TOKEN_SIGN ? parser->tokens.sign : 'n';

    lua_tokens_next(&parser->tokens);
    subexpression(parser, e, UNARY);
    if (sign == 'n') {
        negate(parser, e);
        return;
    }
    if (sign == '-' && is_numeral(e)) {
        e->number = -e->number;
        return;
    }
    to_any_register(parser, e);
    emit(parser, 1);
    become(e, RELOCATABLE);
}

static void subexpression(struct parser *parser, struct expression *e, uint32_t limit)
{
    enum operator op;

    become(e, NIL);
    if (!descends(parser))
        return;
    if (parser->tokens.token == TOKEN_NOT || is_sign(parser, '-') || is_sign(parser, '#'))
        unary(parser, e);
    else
        simple(parser, e);
    while ((op = operator_at(parser)) != NO_OPERATOR && priority[op].left > limit && !parser->failed) {
        struct expression right;

        lua_tokens_next(&parser->tokens);
        begin_operator(parser, op, e);
        subexpression(parser, &right, priority[op].right);
        end_operator(parser, op, e, &right);
    }
    parser->depth--;
}

static void expression(struct parser *parser, struct expression *e)
{
    subexpression(parser, e, 0);
}

/* ---- statements ---- */

static bool ends_block(const struct parser *parser)
{
    enum token token = parser->tokens.token;

    return token == TOKEN_NONE || token == TOKEN_BAD || token == TOKEN_ELSE || token == TOKEN_ELSEIF ||
           token == TOKEN_END || token == TOKEN_UNTIL;
}

static void block(struct parser *parser)
{
    struct scope scope;

    enter(parser, &scope, false);
    statements(parser);
    leave(parser);
}

/* adjust_assign: of more variables than values the rest are nil. */
static void adjust(struct parser *parser, uint32_t variables, uint32_t values, struct expression *last)
{
    if (values && has_many(last)) {
        last->kind = PLACED;
        return;
    }
    if (values)
        to_next_register(parser, last);
    if (variables > values)
        load_nils(parser);
}

static void condition(struct parser *parser)
{
    struct expression e;

    expression(parser, &e);
    if (e.kind == NIL)
        e.kind = FALSE_VALUE;
    go_if(parser, &e, true);
}

static void if_statement(struct parser *parser)
{
    do {
        lua_tokens_next(&parser->tokens); /* if, elseif */
        condition(parser);
        want(parser, TOKEN_THEN);
        block(parser);
        if (parser->tokens.token == TOKEN_ELSE || parser->tokens.token == TOKEN_ELSEIF)
            emit(parser, 1);
        label(parser);
    } while (parser->tokens.token == TOKEN_ELSEIF);
    if (take(parser, TOKEN_ELSE))
        block(parser);
    want(parser, TOKEN_END);
    label(parser);
}

static void while_statement(struct parser *parser)
{
    struct scope loop;

    lua_tokens_next(&parser->tokens);
    label(parser);
    condition(parser);
    enter(parser, &loop, true);
    want(parser, TOKEN_DO);
    block(parser);
    emit(parser, 1);
    want(parser, TOKEN_END);
    leave(parser);
}

static void break_statement(struct parser *parser)
{
    bool is_captured = false;
    const struct scope *scope = parser->function->scope;

    lua_tokens_next(&parser->tokens);
    for (; scope && !scope->is_loop; scope = scope->around)
        is_captured |= scope->is_captured;
    if (!scope)
        fail(parser);
    emit(parser, 1 + is_captured);
}

static void repeat_statement(struct parser *parser)
{
    struct scope loop, inner;

    lua_tokens_next(&parser->tokens);
    label(parser);
    enter(parser, &loop, true);
    enter(parser, &inner, false);
    statements(parser);
    want(parser, TOKEN_UNTIL);
    condition(parser);
    if (inner.is_captured)
        emit(parser, 3); /* CLOSE and JMP of a break, JMP; leave has another CLOSE */
    leave(parser);
    leave(parser);
}

static void for_statement(struct parser *parser)
{
    static const char *const counting[] = {"(for index)", "(for limit)", "(for step)"};
    static const char *const walking[] = {"(for generator)", "(for state)", "(for control)"};
    struct scope loop, inner;
    struct item *names[LOCALS_MOST];
    uint32_t count = 1;
    struct expression e;
    bool counts;

    lua_tokens_next(&parser->tokens);
    enter(parser, &loop, true);
    names[0] = take_name(parser);
    counts = take_sign(parser, '=');
    if (counts) {
        expression(parser, &e);
        to_next_register(parser, &e);
        want_sign(parser, ',');
        expression(parser, &e);
        to_next_register(parser, &e);
        if (take_sign(parser, ',')) {
            expression(parser, &e);
        } else {
            become(&e, NUMERAL);
            e.number = 1;
        }
        to_next_register(parser, &e);
    } else {
        while (take_sign(parser, ',') && count < LOCALS_MOST)
            names[count++] = take_name(parser);
        want(parser, TOKEN_IN);
        adjust(parser, 3, expressions(parser, &e), &e);
    }
    declare_hidden(parser, counts ? counting : walking, 3);
    want(parser, TOKEN_DO);
    emit(parser, 1); /* FORPREP, or a jump */
    label(parser);
    enter(parser, &inner, false);
    for (uint32_t i = 0; i < count; i++)
        declare(parser, names[i]);
    block(parser);
    leave(parser);
    emit(parser, counts ? 1 : 2); /* FORLOOP, or TFORLOOP and a jump */
    want(parser, TOKEN_END);
    leave(parser);
}

/* luaK_storevar. */
static void store(struct parser *parser, const struct expression *to, struct expression *value)
{
    if (to->kind == VARIABLE) {
        settle(parser, value, to->local);
        return;
    }
    if (to->kind == INDEXED)
        to_operand(parser, value);
    else
        to_any_register(parser, value);
    emit(parser, 1);
}

static void function_statement(struct parser *parser)
{
    struct expression e, function;
    bool has_self = false;

    lua_tokens_next(&parser->tokens);
    variable(parser, &e);
    while (is_sign(parser, '.'))
        field(parser, &e);
    if (is_sign(parser, ':')) {
        field(parser, &e);
        has_self = true;
    }
    body(parser, &function, has_self);
    store(parser, &e, &function);
}

static void local_statement(struct parser *parser)
{
    struct item *names[LOCALS_MOST];
    struct expression last;
    uint32_t count = 0, values = 0;

    if (take(parser, TOKEN_FUNCTION)) {
        declare(parser, take_name(parser));
        body(parser, &last, false);
        return;
    }
    do {
        if (count == LOCALS_MOST) {
            fail(parser);
            return;
        }
        names[count++] = take_name(parser);
    } while (take_sign(parser, ','));
    if (take_sign(parser, '='))
        values = expressions(parser, &last);
    adjust(parser, count, values, &last);
    for (uint32_t i = 0; i < count; i++)
        declare(parser, names[i]);
}

static void return_statement(struct parser *parser)
{
    struct expression last;
    uint32_t count;

    lua_tokens_next(&parser->tokens);
    if (!ends_block(parser) && !is_sign(parser, ';')) {
        count = expressions(parser, &last);
        if (!has_many(&last)) {
            if (count == 1)
                to_any_register(parser, &last);
            else
                to_next_register(parser, &last);
        }
    }
    emit(parser, 1);
}

/* The first of so many, and those behind it. */
static void assign(struct parser *parser, struct expression *first, uint32_t count)
{
    struct expression e, next;
    uint32_t values;

    if (first->kind < VARIABLE || first->kind > INDEXED || !descends(parser)) {
        fail(parser);
        return;
    }
    if (take_sign(parser, ',')) {
        primary(parser, &next);
        assign(parser, &next, count + 1);
    } else {
        want_sign(parser, '=');
        values = expressions(parser, &e);
        if (values == count) {
            if (has_many(&e))
                discharge(parser, &e);
            store(parser, first, &e);
            parser->depth--;
            return;
        }
        adjust(parser, count, values, &e);
    }
    become(&e, PLACED);
    store(parser, first, &e);
    parser->depth--;
}

static void expression_statement(struct parser *parser)
{
    struct expression e;

    primary(parser, &e);
    if (e.kind != CALLED)
        assign(parser, &e, 1);
}

/* False: it was the block's last. */
static bool statement(struct parser *parser)
{
    switch ((int)parser->tokens.token) {
    case TOKEN_IF:
        if_statement(parser);
        return true;
    case TOKEN_WHILE:
        while_statement(parser);
        return true;
    case TOKEN_DO:
        lua_tokens_next(&parser->tokens);
        block(parser);
        want(parser, TOKEN_END);
        return true;
    case TOKEN_FOR:
        for_statement(parser);
        return true;
    case TOKEN_REPEAT:
        repeat_statement(parser);
        return true;
    case TOKEN_FUNCTION:
        function_statement(parser);
        return true;
    case TOKEN_LOCAL:
        lua_tokens_next(&parser->tokens);
        local_statement(parser);
        return true;
    case TOKEN_RETURN:
        return_statement(parser);
        return false;
    case TOKEN_BREAK:
        break_statement(parser);
        return false;
    default:
        expression_statement(parser);
        return true;
    }
}

static void statements(struct parser *parser)
{
    bool goes_on = descends(parser);

    while (goes_on && !ends_block(parser)) {
        goes_on = statement(parser);
        take_sign(parser, ';');
    }
    parser->depth--;
}

/* ---- the chunk ---- */

static void release(struct parser *parser)
{
    for (uint32_t i = 0; i < parser->slots; i++)
        if (parser->items[i]) {
            free(parser->items[i]->text);
            free(parser->items[i]);
        }
    free(parser->items);
    lua_tokens_release(&parser->tokens);
}

struct lua_chunk lua_chunk_weigh(const char *text, size_t bytes)
{
    struct parser parser = {.function_count = 1};
    struct function main = {.id = 1, .is_vararg = true};
    const char *line;

    if (bytes >= 2 && !memcmp(text, "#!", 2)) {
        line = memchr(text, '\n', bytes);
        bytes = line ? bytes - (size_t)(line - text) : 0;
        text = line ? line : "";
    }
    parser.function = &main;
    lua_tokens_init(&parser.tokens, text, bytes);
    statements(&parser);
    emit(&parser, 1);
    if (parser.failed || parser.tokens.token != TOKEN_NONE)
        parser.chunk = (struct lua_chunk){0};
    else {
        weigh_function(&parser, &main);
        weigh(&parser, CLOSURE);
        weigh_string(&parser, NAME);
        parser.chunk.asked_bytes += NODE;
        parser.chunk.block_bytes += MEAN_NODE;
    }
    release(&parser);
    return parser.chunk;
}
