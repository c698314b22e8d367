/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contract: what one room promises another, looked at where it enters. A broken promise is a bug of evsim's, after which no number can be
 * believed: the program says which one, in a line, and ends by abort(), so that nothing half-written stays and no status is 0.
 *
 *     CONTRACT          always there. A comparison or two for each batch, sample, round or run, never for each request
 *     CONTRACT_DEBUG    for each request or key, in constant time: make VARIANT=debug, the sanitizers, the fuzzers
 *     CONTRACT_DEAR     a walk over all that there is: make VARIANT=debug, the fuzzers
 *
 * Where a room checks itself it uses assert(), which is always there, too. What a file, a user or a policy does wrong is no broken contract
 * but an error (error.h, hooks.h). The conditions have no effects: they may not be evaluated. */
#ifndef SIM_CONTRACT_H
#define SIM_CONTRACT_H

/* 0: CONTRACT alone, 1: CONTRACT_DEBUG besides, 2: all. */
#ifndef EVSIM_CONTRACTS
#define EVSIM_CONTRACTS 0
#endif

/* One line on standard error, "evsim: bug: FILE:LINE: PROMISE (CONDITION): please report it", what was unfinished is removed, and abort(). */
_Noreturn void contract_broken(const char *file, int line, const char *promise, const char *condition);

#define CONTRACT_AT(strength, condition, promise)                                                                      \
    do {                                                                                                               \
        if ((strength) <= EVSIM_CONTRACTS && __builtin_expect(!(condition), 0))                                        \
            contract_broken(__FILE__, __LINE__, promise, #condition);                                                  \
    } while (0)

/* `promise` is a sentence without a full stop: "ids of a batch are below the number of keys". */
#define CONTRACT(condition, promise)       CONTRACT_AT(0, condition, promise)
#define CONTRACT_DEBUG(condition, promise) CONTRACT_AT(1, condition, promise)
#define CONTRACT_DEAR(condition, promise)  CONTRACT_AT(2, condition, promise)

#endif
