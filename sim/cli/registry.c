/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/registry.h"

/* One line per subcommand. */
#define SUBCOMMAND_LIST(X)                                                                                             \
    X(run)                                                                                                             \
    X(inspect)                                                                                                         \
    X(doctor)                                                                                                          \
    X(size)                                                                                                            \
    X(mrc)                                                                                                             \
    X(report)                                                                                                          \
    X(export)                                                                                                          \
    X(plan)                                                                                                            \
    X(unit)                                                                                                            \
    X(merge)                                                                                                           \
    X(diff)                                                                                                            \
    X(convert)                                                                                                         \
    X(gen)                                                                                                             \
    X(policies)                                                                                                        \
    X(new_policy)                                                                                                      \
    X(check_policy)                                                                                                    \
    X(score)                                                                                                           \
    X(servers)                                                                                                         \
    X(speed)                                                                                                           \
    X(completion)                                                                                                      \
    X(man)

#define X(symbol) extern const struct subcommand subcommand_##symbol;
SUBCOMMAND_LIST(X)
#undef X

const struct subcommand *const subcommands[] = {
#define X(symbol) &subcommand_##symbol,
    SUBCOMMAND_LIST(X)
#undef X
};
const size_t subcommand_count = sizeof subcommands / sizeof *subcommands;
