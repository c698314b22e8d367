/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugin: policies in shared objects. */
#ifndef SIM_PLUGIN_H
#define SIM_PLUGIN_H

#include "sim/policy.h"

/* Whether a policy's name is the path of a shared object. */
bool plugin_is_path(const char *name);
/* The policy in the object, which stays loaded until the end. NULL, with a usage error that names the file: it cannot
 * be loaded, has no policy, was made for another version of policy.h, or breaks the form of a policy. */
const struct policy *plugin_load(const char *path, struct error *error);

#endif
