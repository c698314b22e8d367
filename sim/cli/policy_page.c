/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/policy_page.h"

#include "sim/alloc.h"
#include "sim/json_text.h"
#include "sim/printable.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 32 };

static const char *print_number(double number, char text[NUMBER_BYTES])
{
    if (number == floor(number) && fabs(number) < 1e15)
        snprintf(text, NUMBER_BYTES, "%.0f", number);
    else
        snprintf(text, NUMBER_BYTES, "%.15g", number);
    return text;
}

void policy_put_number(double number, FILE *out)
{
    char text[NUMBER_BYTES];

    fputs(print_number(number, text), out);
}

const char *policy_scope_name(enum scope scope)
{
    return scope == SCOPE_NONE ? "none" : scope == SCOPE_ALLKEYS ? "allkeys" : "volatile";
}

/* Whether @volatile may stand behind its name. */
static bool is_narrowable(const struct policy *policy)
{
    return !policy->redis && policy->scope == SCOPE_ALLKEYS;
}

static const char *source_of(const struct policy *policy)
{
    return policy->source ? policy->source : policy->redis ? "Redis and Valkey, as their servers do it" : NULL;
}

/* ---- as words ---- */

static void put_line(const char *label, const char *text, FILE *out)
{
    fprintf(out, "%-9s", label);
    printable_put(text, out);
    fputc('\n', out);
}

static void put_parameters(const struct policy_parameter *parameters, FILE *out)
{
    char initial[NUMBER_BYTES], least[NUMBER_BYTES], most[NUMBER_BYTES];

    for (size_t i = 0; parameters && parameters[i].name; i++)
        fprintf(out, "%-9s%s=%s  %s; from %s to %s\n", i ? "" : "set", parameters[i].name,
                print_number(parameters[i].initial, initial), parameters[i].summary,
                print_number(parameters[i].least, least), print_number(parameters[i].most, most));
}

static const char *scope_words(const struct policy *policy)
{
    return policy->scope == SCOPE_NONE       ? "none: nothing is evicted"
           : policy->scope == SCOPE_VOLATILE ? "volatile: keys with a ttl only"
                                             : "allkeys: every key";
}

static const char *worlds_words(const struct policy *policy)
{
    if (policy->redis)
        return "every server, as it does it itself; flat, as a yardstick";
    if (policy->offline)
        return "every server, and flat; it knows the future: the trace must be a file, and evsim mrc does not take it";
    if (policy->admits)
        return "flat; every server too, but a server stores what it is told to: there the policy may turn away nothing";
    return "flat, as in the paper; every server, which then evicts what this policy says";
}

/* "s3fifo:small=0.1" of a policy that has parameters and was named without. */
static char *spelled(const struct choice *choice)
{
    const struct policy_parameter *first = choice->policy->parameters;
    const char *name = choice->path ? choice->path : choice->label;
    char number[NUMBER_BYTES], *text;

    if (!first || !first->name || strchr(choice->label, ':'))
        return xstrdup(name);
    if (asprintf(&text, "%s:%s=%s", name, first->name, print_number(first->initial, number)) < 0)
        abort();
    return text;
}

/* Command lines that try it, one at a time; NULL behind the last. To be freed. */
static char *example_of(const struct choice *choice, int i)
{
    char *name = spelled(choice), *line = NULL;
    int status = 0;

    if (i == 0)
        status = asprintf(&line, "evsim run trace.csv.zst -m 64mb,256mb -p %s", name);
    else if (i == 1 && !choice->policy->offline && choice->policy->scope != SCOPE_NONE)
        status = asprintf(&line, "evsim mrc trace.csv.zst -p lru,%s", name);
    else if (i == 1 && choice->policy->offline)
        status = asprintf(&line, "evsim run trace.csv.zst -s flat -m 64mb -p lru,%s", name);
    if (status < 0)
        abort();
    free(name);
    return line;
}

void policy_page(const struct choice *choice, FILE *out)
{
    const struct policy *policy = choice->policy;
    char *line;

    put_line("policy", choice->label, out);
    put_line("evicts", policy->summary ? policy->summary : "", out);
    if (source_of(policy))
        put_line("source", source_of(policy), out);
    fprintf(out, "%-9s%s", "scope", scope_words(policy));
    if (is_narrowable(policy))
        fprintf(out, "; %s@volatile: keys with a ttl only", policy->name);
    fputc('\n', out);
    put_line("worlds", worlds_words(policy), out);
    fprintf(out, "%-9s%zu bytes of this machine for each key in each cell\n", "memory", policy->entry_size);
    put_parameters(policy->parameters, out);
    if (policy->libcachesim)
        fprintf(out, "%-9swith --compat libcachesim: %s\n", "", policy->libcachesim);
    for (int i = 0; (line = example_of(choice, i)); i++) {
        put_line(i ? "" : "try", line, out);
        free(line);
    }
}

static char *admission_example(const struct admission *admission)
{
    const struct policy_parameter *first = admission->parameters;
    char number[NUMBER_BYTES], *line;

    if (asprintf(&line, "evsim run trace.csv.zst -m 64mb -p allkeys-lru --admission %s%s%s%s%s", admission->name,
                 first ? ":" : "", first ? first->name : "", first ? "=" : "",
                 first ? print_number(first->initial, number) : "") < 0)
        abort();
    return line;
}

void policy_page_admission(const struct admission *admission, FILE *out)
{
    char *line = admission_example(admission);

    fprintf(out, "%-9s%s, of admission\n", "rule", admission->name);
    put_line("lets in", admission->summary, out);
    if (admission->source)
        put_line("source", admission->source, out);
    put_line("worlds",
             "flat: in front of every key; every server: the application's, which keeps it from sending a SET "
             "after a missed read",
             out);
    put_parameters(admission->parameters, out);
    put_line("try", line, out);
    free(line);
}

/* ---- as JSON ---- */

static json_t *parameters_json(const struct policy_parameter *parameters)
{
    json_t *list = json_array();

    for (size_t i = 0; parameters && parameters[i].name; i++)
        json_array_append_new(list, json_pack("{s:o, s:f, s:f, s:f, s:o}", "name", json_from_text(parameters[i].name),
                                              "default", parameters[i].initial, "least", parameters[i].least, "most",
                                              parameters[i].most, "summary", json_from_text(parameters[i].summary)));
    return list;
}

json_t *policy_page_json(const struct choice *choice)
{
    const struct policy *policy = choice->policy;
    json_t *page = json_object(), *examples = json_array();
    char *line;

    json_object_set_new(page, "name", json_from_text(choice->label));
    json_object_set_new(page, "summary", json_from_text(policy->summary));
    json_object_set_new(page, "source", json_from_text(policy->source));
    json_object_set_new(page, "redis", json_boolean(policy->redis));
    json_object_set_new(page, "scope", json_string(policy_scope_name(policy->scope)));
    json_object_set_new(page, "takes_volatile", json_boolean(is_narrowable(policy)));
    json_object_set_new(page, "offline", json_boolean(policy->offline));
    json_object_set_new(page, "admits", json_boolean(policy->admits));
    json_object_set_new(page, "worlds", json_pack("[s, s]", "flat", "server"));
    json_object_set_new(page, "bytes_per_key", json_integer((json_int_t)policy->entry_size));
    json_object_set_new(page, "parameters", parameters_json(policy->parameters));
    json_object_set_new(page, "libcachesim", json_from_text(policy->libcachesim));
    for (int i = 0; (line = example_of(choice, i)); i++) {
        json_array_append_new(examples, json_from_text(line));
        free(line);
    }
    json_object_set_new(page, "examples", examples);
    return page;
}

json_t *policy_page_admission_json(const struct admission *admission)
{
    json_t *page = json_object();
    char *line = admission_example(admission);

    json_object_set_new(page, "name", json_from_text(admission->name));
    json_object_set_new(page, "summary", json_from_text(admission->summary));
    json_object_set_new(page, "source", json_from_text(admission->source));
    json_object_set_new(page, "parameters", parameters_json(admission->parameters));
    json_object_set_new(page, "examples", json_pack("[o]", json_from_text(line)));
    free(line);
    return page;
}
