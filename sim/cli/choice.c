/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/choice.h"

#include "sim/alloc.h"
#include "sim/plugin.h"
#include "sim/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *policy_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->policies[i]->name;
}

static int unknown_policy(const struct catalog *catalog, const char *name, struct error *error)
{
    const char *nearest = nearest_name(name, policy_name, catalog, catalog->policy_count);

    if (nearest)
        return error_set(error, ERROR_USAGE, "unknown policy '%s': did you mean '%s'? (see evsim policies)", name,
                         nearest);
    return error_set(error, ERROR_USAGE, "unknown policy '%s': see evsim policies", name);
}

static const struct policy *find(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (!strcmp(catalog->policies[i]->name, name))
            return catalog->policies[i];
    return NULL;
}

static int append(struct choice_list *list, const struct policy *policy, const char *label, struct error *error)
{
    struct choice *choice;

    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->choices[i].label, label))
            return 0;
    if (list->count == CHOICES)
        return error_set(error, ERROR_USAGE, "more than %d policies", CHOICES);
    choice = &list->choices[list->count++];
    choice->policy = policy;
    choice->label = xstrdup(label);
    for (size_t i = 0; policy->parameters && policy->parameters[i].name; i++)
        choice->parameters[i] = policy->parameters[i].initial;
    return 0;
}

/* The names of a policy's parameters, for a message. */
static void name_parameters(const struct policy *policy, char *text, size_t bytes)
{
    size_t used = 0;

    *text = '\0';
    for (size_t i = 0; policy->parameters && policy->parameters[i].name && used < bytes; i++)
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", i ? ", " : "", policy->parameters[i].name);
}

/* "small=0.2" */
static int set_parameter(struct choice *choice, const char *text, struct error *error)
{
    const struct policy_parameter *parameters = choice->policy->parameters;
    size_t length = strcspn(text, "=");
    char names[256], *end;
    double value;

    for (size_t i = 0; parameters && parameters[i].name; i++) {
        if (strlen(parameters[i].name) != length || strncmp(parameters[i].name, text, length) != 0)
            continue;
        value = text[length] ? strtod(text + length + 1, &end) : 0;
        if (!text[length] || end == text + length + 1 || *end || !isfinite(value))
            return error_set(error, ERROR_USAGE, "'%s': %s takes a number, as in %s=%g", text, parameters[i].name,
                             parameters[i].name, parameters[i].initial);
        if (value < parameters[i].least || value > parameters[i].most)
            return error_set(error, ERROR_USAGE, "'%s': %s is between %g and %g", text, parameters[i].name,
                             parameters[i].least, parameters[i].most);
        choice->parameters[i] = value;
        return 0;
    }
    name_parameters(choice->policy, names, sizeof names);
    if (!*names)
        return error_set(error, ERROR_USAGE, "'%s': policy %s has no parameters", text, choice->policy->name);
    return error_set(error, ERROR_USAGE, "'%s': the parameters of %s are %s", text, choice->policy->name, names);
}

static int set_parameters(struct choice *choice, const char *text, struct error *error)
{
    char *copy = xstrdup(text), *rest = copy, *item;
    int status = 0;

    while (!status && (item = strsep(&rest, ",")))
        status = set_parameter(choice, item, error);
    free(copy);
    return status;
}

/* "allkeys" or "volatile", as in sieve@volatile. */
static int scan_scope(const char *text, enum scope *scope, struct error *error)
{
    if (strcmp(text, "allkeys") && strcmp(text, "volatile"))
        return error_set(error, ERROR_USAGE, "unknown scope '%s': it is allkeys or volatile", text);
    *scope = strcmp(text, "allkeys") ? SCOPE_VOLATILE : SCOPE_ALLKEYS;
    return 0;
}

static int set_scope(struct choice *choice, const char *said, enum scope scope, struct error *error)
{
    if (said && scan_scope(said, &scope, error))
        return -1;
    if (said && choice->policy->is_redis)
        return error_set(error, ERROR_USAGE, "%s has a scope of its own: '@%s' is for the literature's policies",
                         choice->policy->name, said);
    if (choice->policy->is_redis || scope != SCOPE_VOLATILE)
        return 0;
    scope_narrow(choice->policy, &choice->narrowed);
    choice->policy = &choice->narrowed;
    return 0;
}

/* The policy of that name, or in the shared object of that path. NULL, with an error. */
static const struct policy *find_or_load(const struct catalog *catalog, const char *name, struct error *error)
{
    const struct policy *policy = plugin_is_path(name) ? plugin_load(name, error) : find(catalog, name);

    if (!policy && !error_is_set(error))
        unknown_policy(catalog, name, error);
    return policy;
}

/* What the user wrote, with a policy's name for the path of its object. To be freed. */
static char *label_of(const struct catalog *catalog, const struct policy *policy, const char *spec)
{
    size_t path = strcspn(spec, "@:");
    char *label;

    if (!memchr(spec, '/', path) || find(catalog, policy->name))
        return xstrdup(spec);
    label = xmalloc(strlen(policy->name) + strlen(spec + path) + 1);
    strcpy(label, policy->name);
    return strcat(label, spec + path);
}

/* name[@scope][:parameters] */
static int append_spec(struct choice_list *list, const struct catalog *catalog, const char *spec, enum scope scope,
                       struct error *error)
{
    size_t length = strcspn(spec, ":"), before = list->count;
    char *name = strndup(spec, length), *at = strrchr(name, '@'), *label;
    const struct policy *policy;
    int status;

    if (at)
        *at++ = '\0';
    policy = find_or_load(catalog, name, error);
    label = policy ? label_of(catalog, policy, spec) : NULL;
    status = policy ? append(list, policy, label, error) : -1;
    free(label);
    if (!status && list->count > before) {
        status = set_scope(&list->choices[before], at, scope, error);
        if (!status && spec[length])
            status = set_parameters(&list->choices[before], spec + length + 1, error);
    }
    free(name);
    return status;
}

static int append_all(struct choice_list *list, const struct catalog *catalog, struct error *error)
{
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (catalog->policies[i]->is_redis && append(list, catalog->policies[i], catalog->policies[i]->name, error))
            return -1;
    return 0;
}

/* How much of `text` names one policy: up to the next ',' that is not before another parameter. */
static size_t spec_length(const char *text)
{
    size_t length = strcspn(text, ",");

    if (!memchr(text, ':', length))
        return length;
    while (text[length] == ',') {
        const char *item = text + length + 1;
        size_t more = strcspn(item, ",");

        if (!memchr(item, '=', more) || memchr(item, ':', more))
            break;
        length += 1 + more;
    }
    return length;
}

int choice_list_add(struct choice_list *list, const struct catalog *catalog, const char *text, enum scope scope,
                    struct error *error)
{
    const char *whole = text;

    for (;;) {
        size_t length = spec_length(text);
        char *spec = strndup(text, length);
        int status = !length               ? error_set(error, ERROR_USAGE, "empty item in '%s'", whole)
                     : !strcmp(spec, "all") ? append_all(list, catalog, error)
                                            : append_spec(list, catalog, spec, scope, error);

        free(spec);
        if (status)
            return -1;
        if (!text[length])
            return 0;
        text += length + 1;
    }
}

void choice_list_release(struct choice_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->choices[i].label);
    list->count = 0;
}
