/* SPDX-License-Identifier: GPL-3.0-or-later */
/* choice: a policy as the user names it, with its parameters and its scope.
 *
 *     s3fifo    s3fifo:small=0.2    s3fifo:small=0.2,ghost=1    s3fifo@volatile    ./mine.so    all
 *
 * In a list, "a:x=1,y=2,b" is two choices: an item with '=' and no ':' belongs to the one before it. */
#ifndef SIM_CLI_CHOICE_H
#define SIM_CLI_CHOICE_H

#include "sim/cli/cli.h"
#include "sim/model.h"

enum { CHOICES = 256 };

struct choice {
    const struct policy *policy;
    struct policy narrowed; /* what policy points at, with scope volatile */
    double parameters[POLICY_PARAMETERS];
    char *label; /* how results name it: as the user wrote it */
    char *path;  /* of the shared object it comes from; NULL: none */
};

struct choice_list {
    struct choice choices[CHOICES];
    size_t count;
    bool libcachesim;                    /* set it first: parameters start as policy->libcachesim says */
    const struct server *const *servers; /* likewise: "all" is what each of these has; */
    size_t server_count;                 /* 0: all of Redis's own */
};

/* Adds what `text` names, leaving out what is in the list already. `scope` is for those that have none of their own
 * and say none. 0, or -1 with a usage error. */
int choice_list_add(struct choice_list *list, const struct catalog *catalog, const char *text, enum scope scope,
                    struct error *error);
/* As cells take them, into CHOICES of them; they point into the list. How many. */
size_t choice_list_name(const struct choice_list *list, struct named_policy *policies);
void choice_list_release(struct choice_list *list);

/* "allkeys" or "volatile"; false for anything else. */
bool scan_scope(const char *text, enum scope *scope);

/* The admission rule in front of the policies: size, size:most=64kb ... */
struct admission_choice {
    const struct admission *admission; /* NULL: none */
    double parameters[POLICY_PARAMETERS];
};

/* 0, or -1 with a usage error. */
int admission_choose(struct admission_choice *choice, const struct catalog *catalog, const char *text,
                     struct error *error);

#endif
