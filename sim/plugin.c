/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plugin.h"

#include "sim/crash.h"
#include "sim/policy_plugin.h"

#include <dlfcn.h>
#include <string.h>

bool plugin_is_path(const char *name)
{
    return strchr(name, '/') != NULL;
}

static int check_versions(const char *path, const struct policy_plugin *plugin, struct error *error)
{
    if (plugin->abi != POLICY_ABI)
        return error_set(error, ERROR_USAGE, "%s: made for version %u of policy.h, this evsim has %u: compile it again",
                         path, plugin->abi, (unsigned)POLICY_ABI);
    if (plugin->policy_bytes != sizeof(struct policy) || plugin->context_bytes != sizeof(struct policy_context) ||
        plugin->view_bytes != sizeof(struct keyspace_view))
        return error_set(error, ERROR_USAGE, "%s: made with another policy.h than this evsim: compile it again", path);
    return 0;
}

/* Checks the rules that all registered policies follow and the program relies on. */
static int check_form(const char *path, const struct policy *policy, struct error *error)
{
    const char *fault = NULL;
    size_t parameters = 0;

    while (policy && policy->parameters && parameters <= POLICY_PARAMETERS && policy->parameters[parameters].name)
        parameters++;
    if (!policy || !policy->name || !*policy->name)
        fault = "the policy has no name";
    else if (strpbrk(policy->name, ",:@/ "))
        fault = "the policy's name has one of ',', ':', '@', '/' or a space in it";
    else if (policy->scope != SCOPE_NONE && policy->scope != SCOPE_ALLKEYS && policy->scope != SCOPE_VOLATILE)
        fault = "the policy's scope is none of SCOPE_NONE, SCOPE_ALLKEYS and SCOPE_VOLATILE";
    else if (!policy->victim && policy->scope != SCOPE_NONE)
        fault = "the policy has no victim()";
    else if (policy->candidates && !policy->score)
        fault = "the policy has candidates(), but does not say what their score is";
    else if (policy->redis || policy->inner || policy->owner)
        fault = "redis, inner and owner are not for policies of your own";
    else if (parameters > POLICY_PARAMETERS)
        fault = "the policy has too many parameters";
    return fault ? error_set(error, ERROR_USAGE, "%s: %s", path, fault) : 0;
}

const struct policy *plugin_load(const char *path, struct error *error)
{
    const struct policy_plugin *plugin;
    void *object;

    crash_watch();
    crash_blame(path); /* loading may run code of the object */
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    crash_blame(NULL);
    if (!object) {
        const char *cause = dlerror();

        if (!strncmp(cause, path, strlen(path)) && !strncmp(cause + strlen(path), ": ", 2))
            cause += strlen(path) + 2;
        error_set(error, ERROR_USAGE, "%s: cannot load: %s", path, cause);
        return NULL;
    }
    plugin = dlsym(object, "evsim_policy_plugin");
    if (!plugin) {
        error_set(error, ERROR_USAGE, "%s: no policy in it: does it end in POLICY_PLUGIN(...)?", path);
    } else if (!check_versions(path, plugin, error) && !check_form(path, plugin->policy, error)) {
        return plugin->policy;
    }
    dlclose(object);
    return NULL;
}
