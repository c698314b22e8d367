/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen_options: what gen takes, in groups. */
#ifndef SIM_CLI_GEN_OPTIONS_H
#define SIM_CLI_GEN_OPTIONS_H

#include "sim/cli/options.h"

enum { GEN_GROUPS = 7 };
extern const struct option_group gen_groups[GEN_GROUPS];

#endif
