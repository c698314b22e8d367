/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output_stage: files of a folder that are replaced together.
 *
 * A run's files belong together: a table of one run beside the curves of another would be taken for one. So all of them are written
 * into a folder within the folder, and get their places when all are complete. Until then the older ones are as they were, and
 * whatever ends the program leaves them so (sudden_end.h; after SIGKILL the inner folder stays, and the next run removes it).
 *
 * One of them is the index. It goes first and comes back last, so that a reader who finds it finds files of one run, even where the
 * machine stopped in between. Nothing is removed or replaced but files of the names that were written or asked for, and no symbolic link is followed
 * out of the folder. One stage at a time. */
#ifndef SIM_OUTPUT_STAGE_H
#define SIM_OUTPUT_STAGE_H

#include "sim/error.h"

#include <stddef.h>

#define OUTPUT_STAGE_NAME ".evsim.part"

struct output_stage {
    char *directory; /* owned, as the other paths: where files will be, */
    char *path;      /* and where they are written meanwhile, by output_open() or another program */
    char **stale;    /* paths below: files of earlier runs that are to go if there are no new ones */
    size_t stale_count;
    struct unfinished *unfinished;
};

/* Makes the folder and the one within. 0; or -1, and there is no stage. */
int output_stage_begin(struct output_stage *stage, const char *directory, struct error *error);

/* Gives all files their places, `index` last; or, where an error is set, removes them. Releases the stage. 0 or -1, with an error that
 * names files where they would have been. */
int output_stage_end(struct output_stage *stage, const char *index, struct error *error);

/* Makes an error name files where they would have been: one that was kept while output_stage_end() did not see it. */
void output_stage_name_places(struct error *error);

/* Removes "directory/name", if it is there: within a stage, when that ends well, and unless it was written meanwhile. */
void output_stale(const char *directory, const char *name);

#endif
