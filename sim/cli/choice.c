/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/choice.h"

#include "sim/alloc.h"
#include "sim/cli/names.h"
#include "sim/glob.h"
#include "sim/plugin.h"
#include "sim/scope.h"
#include "sim/units.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int unknown_policy(const struct catalog *catalog, const char *name, struct error *error)
{
    const char *nearest = nearest_name(name, catalog_policy_name, catalog, catalog->policy_count);

    if (nearest)
        return error_set(error, ERROR_USAGE, "unknown policy '%s': did you mean '%s'? (see evsim policies)", name,
                         nearest);
    return error_set(error, ERROR_USAGE, "unknown policy '%s': see evsim policies", name);
}

/* Joins the names of the parameters, for a message. */
static void name_parameters(const struct policy_parameter *parameters, char *text, size_t bytes)
{
    size_t used = 0;

    *text = '\0';
    for (size_t i = 0; parameters && parameters[i].name && used < bytes; i++)
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", i ? ", " : "", parameters[i].name);
}

/* Reads a number, "0.2", or a size, "64kb". */
static bool scan_value(const char *text, double *value)
{
    uint64_t bytes;
    char *end;

    *value = strtod(text, &end);
    if (end != text && !*end && isfinite(*value))
        return true;
    if (!scan_bytes(text, &bytes))
        return false;
    *value = (double)bytes;
    return true;
}

/* Sets a parameter from "small=0.2". `name` is the policy or the admission rule, for messages. */
static int set_parameter(const char *name, const struct policy_parameter *parameters, double *values, const char *text,
                         struct error *error)
{
    size_t length = strcspn(text, "=");
    char names[256];
    double value;

    for (size_t i = 0; parameters && parameters[i].name; i++) {
        if (strlen(parameters[i].name) != length || strncmp(parameters[i].name, text, length) != 0)
            continue;
        if (!text[length] || !scan_value(text + length + 1, &value))
            return error_set(error, ERROR_USAGE, "'%s': %s takes a number, as in %s=%g", text, parameters[i].name,
                             parameters[i].name, parameters[i].initial);
        if (value < parameters[i].least || value > parameters[i].most)
            return error_set(error, ERROR_USAGE, "'%s': %s is between %g and %g", text, parameters[i].name,
                             parameters[i].least, parameters[i].most);
        values[i] = value;
        return 0;
    }
    name_parameters(parameters, names, sizeof names);
    if (!*names)
        return error_set(error, ERROR_USAGE, "'%s': policy %s has no parameters", text, name);
    return error_set(error, ERROR_USAGE, "'%s': the parameters of %s are %s", text, name, names);
}

static int set_parameters(const char *name, const struct policy_parameter *parameters, double *values, const char *text,
                          struct error *error)
{
    char *copy = xstrdup(text), *rest = copy, *item;
    int status = 0;

    while (!status && (item = strsep(&rest, ",")))
        status = set_parameter(name, parameters, values, item, error);
    free(copy);
    return status;
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
    if (!list->libcachesim || !policy->libcachesim)
        return 0;
    return set_parameters(policy->name, policy->parameters, choice->parameters, policy->libcachesim, error);
}

bool scan_scope(const char *text, enum scope *scope)
{
    *scope = strcasecmp(text, "volatile") ? SCOPE_ALLKEYS : SCOPE_VOLATILE;
    return *scope == SCOPE_VOLATILE || !strcasecmp(text, "allkeys");
}

static int set_scope(struct choice *choice, const char *scope_text, enum scope scope, struct error *error)
{
    if (scope_text && !scan_scope(scope_text, &scope))
        return error_set(error, ERROR_USAGE, "unknown scope '%s': it is allkeys or volatile", scope_text);
    if (scope_text && choice->policy->redis)
        return error_set(error, ERROR_USAGE, "%s has a scope of its own: '@%s' is for the literature's policies",
                         choice->policy->name, scope_text);
    if (choice->policy->redis || scope != SCOPE_VOLATILE)
        return 0;
    scope_narrow(choice->policy, &choice->narrowed);
    choice->policy = &choice->narrowed;
    return 0;
}

/* Finds the policy by its name, or loads the shared object of that path. NULL with an error. */
static const struct policy *find_or_load(const struct catalog *catalog, const char *name, struct error *error)
{
    const struct policy *policy = plugin_is_path(name) ? plugin_load(name, error) : catalog_policy(catalog, name);

    if (!policy && !error_is_set(error))
        unknown_policy(catalog, name, error);
    return policy;
}

/* The label is the user's text. But a name in another case, or the path of a shared object, is replaced by the policy's
 * own name, and the scope is in small letters. If the catalog has a policy of the same name, the object keeps its path
 * as its label. The caller frees it. */
static char *label_of(const struct catalog *catalog, const struct policy *policy, const char *spec)
{
    size_t name_length = strcspn(spec, "@:");
    const char *name = memchr(spec, '/', name_length) && catalog_policy(catalog, policy->name) ? NULL : policy->name;
    char *label;

    if (!name)
        return xstrdup(spec);
    label = xmalloc(strlen(name) + strlen(spec + name_length) + 1);
    strcpy(label, name);
    strcat(label, spec + name_length);
    for (char *c = label + strlen(name); *c && *c != ':'; c++)
        *c = (char)tolower((unsigned char)*c);
    return label;
}

/* spec: name[@scope][:parameters] */
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
        list->choices[before].path = plugin_is_path(name) ? xstrdup(name) : NULL;
        status = set_scope(&list->choices[before], at, scope, error);
        if (!status && spec[length])
            status = set_parameters(policy->name, policy->parameters, list->choices[before].parameters,
                                    spec + length + 1, error);
    }
    free(name);
    return status;
}

static bool every_server_has(const struct choice_list *list, const struct policy *policy)
{
    for (size_t i = 0; i < list->server_count; i++)
        if (!list->servers[i]->model->has_policy(list->servers[i], policy))
            return false;
    return policy->redis;
}

static int append_all(struct choice_list *list, const struct catalog *catalog, struct error *error)
{
    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        if (every_server_has(list, policy) && append(list, policy, policy->name, error))
            return -1;
    }
    return 0;
}

/* Those of Redis's policies that not every server has are left out, unless `elsewhere`. Returns how many match, -1 on error. */
static int append_matching(struct choice_list *list, const struct catalog *catalog, const char *small, bool elsewhere,
                           struct error *error)
{
    int count = 0;

    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        if (!glob_matches(small, strlen(small), policy->name, strlen(policy->name)) ||
            (policy->redis && !elsewhere && !every_server_has(list, policy)))
            continue;
        if (append(list, policy, policy->name, error))
            return -1;
        count++;
    }
    return count;
}

/* All policies whose name, in small letters as theirs are, matches the pattern, in the order of the registry. One of Redis's
 * that a server does not have is a what-if, which nobody has asked for by name: it comes only if nothing else matches. */
static int append_matches(struct choice_list *list, const struct catalog *catalog, const char *pattern,
                          struct error *error)
{
    size_t bytes = strlen(pattern);
    char small[64];
    int count = 0;

    if (bytes < sizeof small) {
        for (size_t i = 0; i <= bytes; i++)
            small[i] = (char)tolower((unsigned char)pattern[i]);
        count = append_matching(list, catalog, small, false, error);
        if (!count)
            count = append_matching(list, catalog, small, true, error);
    }
    if (!count)
        return error_set(error, ERROR_USAGE, "no policy matches '%s': see evsim policies", pattern);
    return count < 0 ? -1 : 0;
}

/* Whether the text is a pattern of names, and no file's path. */
static bool is_pattern(const char *spec)
{
    return strpbrk(spec, "*?[") && !plugin_is_path(spec);
}

/* The length of the first policy in `text`. It ends at a ',' that is not followed by another parameter. */
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
        int status = !length                    ? error_set(error, ERROR_USAGE, "empty item in '%s'", whole)
                     : !strcasecmp(spec, "all") ? append_all(list, catalog, error)
                     : is_pattern(spec)         ? append_matches(list, catalog, spec, error)
                                                : append_spec(list, catalog, spec, scope, error);

        free(spec);
        if (status)
            return -1;
        if (!text[length])
            return 0;
        text += length + 1;
    }
}

size_t choice_list_name(const struct choice_list *list, struct named_policy *policies)
{
    for (size_t i = 0; i < list->count; i++)
        policies[i] = (struct named_policy){
            .policy = list->choices[i].policy,
            .parameters = list->choices[i].parameters,
            .label = list->choices[i].label,
            .path = list->choices[i].path,
        };
    return list->count;
}

void choice_list_release(struct choice_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->choices[i].label);
        free(list->choices[i].path);
    }
    list->count = 0;
}

/* text: name[:parameters] */
int admission_choose(struct admission_choice *choice, const struct catalog *catalog, const char *text,
                     struct error *error)
{
    size_t length = strcspn(text, ":");
    char names[256];

    for (size_t i = 0; i < catalog->admission_count; i++)
        if (!strncasecmp(catalog->admissions[i]->name, text, length) && !catalog->admissions[i]->name[length])
            choice->admission = catalog->admissions[i];
    if (!choice->admission) {
        join_names(names, sizeof names, catalog_admission_name, catalog, catalog->admission_count);
        return error_set(error, ERROR_USAGE, "unknown admission rule '%.*s': it is one of %s", (int)length, text,
                         names);
    }
    for (size_t i = 0; choice->admission->parameters && choice->admission->parameters[i].name; i++)
        choice->parameters[i] = choice->admission->parameters[i].initial;
    if (!text[length])
        return 0;
    return set_parameters(choice->admission->name, choice->admission->parameters, choice->parameters, text + length + 1,
                          error);
}
