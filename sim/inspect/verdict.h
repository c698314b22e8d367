/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict: what a portrait comes to, in a few sentences. */
#ifndef SIM_INSPECT_VERDICT_H
#define SIM_INSPECT_VERDICT_H

#include "sim/inspect/portrait.h"

/* Of a portrait that is filled but for it; to be freed. Each number of it is one of the portrait's. */
char *inspect_verdict(const struct portrait *portrait);

#endif
