/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry: the servers that --server takes, the flat cache among them. Only main puts them into the catalog;
 * everything else is given the servers that it works with. */
#ifndef SIM_SERVER_REGISTRY_H
#define SIM_SERVER_REGISTRY_H

#include "sim/model.h"

#include <stddef.h>

extern const struct server servers[];
extern const size_t server_count;
const struct server *server_find(const char *name); /* by name or alias; NULL for an unknown one */

#endif
