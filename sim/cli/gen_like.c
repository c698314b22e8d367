/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/gen_like.h"

#include "sim/alloc.h"
#include "sim/cli/note.h"
#include "sim/elementary.h"
#include "sim/generate/like.h"
#include "sim/mrc/curves.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES = 20 };

enum { REPLACED_SHOWN = 5 };

/* What the stand-in leaves out of the trace's commands, by the most frequent ones. */
static void note_replaced(const struct like_summary *summary)
{
    uint64_t below = UINT64_MAX;
    char names[256] = "";
    int shown = 0, all = 0, last = -1;

    if (!summary->replaced)
        return;
    for (int op = 0; op < OP_COUNT; op++)
        all += summary->replaced_of[op] != 0;
    while (shown < REPLACED_SHOWN && shown < all) {
        int most = -1;

        for (int op = 0; op < OP_COUNT; op++) { /* of equals in the order of commands */
            uint64_t count = summary->replaced_of[op];

            if (count && (count < below || (count == below && op > last)) &&
                (most < 0 || count > summary->replaced_of[most]))
                most = op;
        }
        assert(most >= 0); /* fewer were shown than there are */
        below = summary->replaced_of[most];
        last = most;
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s %" PRIu64, shown++ ? ", " : "",
                 op_name((enum op)most), below);
    }
    note("note: %" PRIu64 " requests do what a stand-in does not: they are get or set in it: %s%s", summary->replaced,
         names, all > shown ? ", ..." : "");
    if (summary->structured)
        note("note: %" PRIu64 " of them are commands on hashes, lists, sets, sorted sets or streams: their keys are "
             "strings in it, without elements, so what they weigh in a server is not like the original; hits and "
             "misses of keys are",
             summary->structured);
}

int gen_like_write(const struct catalog *catalog, const char *like, uint32_t seed, const struct generate_target *target,
                   FILE *out, struct error *error)
{
    struct trace_request request = {.path = like};
    struct like_summary summary;

    if (like_write(&request, catalog->choose_format, seed, target, out, &summary, error))
        return -1;
    note("note: %" PRIu64 " requests, %" PRIu32 " keys of %" PRIu32 " classes, %" PRIu32 " phases; names are new",
         summary.requests, summary.keys, summary.classes, summary.phases);
    note_replaced(&summary);
    return 0;
}

/* Curves of one trace, at these sizes; or if there are none, at sizes that are found in it. */
static int make_curve(const struct catalog *catalog, const char *path, const uint64_t *sizes, bool unit_sizes,
                      struct mrc *mrc, struct error *error)
{
    struct mrc_request *request = xcalloc(1, sizeof *request);
    const struct policy *lru = catalog_policy(catalog, "lru");
    struct named_policy policy = {.policy = lru, .label = "lru"};
    int status;

    *request = (struct mrc_request){.trace = {.path = path},
                                    .choose_format = catalog->choose_format,
                                    .policies = &policy,
                                    .policy_count = 1,
                                    .cache = catalog_server(catalog, "flat"),
                                    .lru = lru,
                                    .method = &mrc_exact,
                                    .points = SIZES,
                                    .salts = 1,
                                    .seed = 1,
                                    .rate = 1,
                                    .options.unit_sizes = unit_sizes};
    if (sizes) {
        memcpy(request->sizes, sizes, SIZES * sizeof *sizes);
        request->size_count = SIZES;
    }
    status = mrc_make(request, mrc, error);
    free(request);
    return status;
}

/* Evenly in the logarithm, from a thousandth of the footprint to all of it: where a curve bends. */
static void choose_sizes(uint64_t footprint, uint64_t sizes[SIZES])
{
    for (int i = 0; i < SIZES; i++) {
        uint64_t size = (uint64_t)((double)footprint * elementary_pow(1000, (double)(i + 1 - SIZES) / (SIZES - 1)));
        uint64_t least = i ? sizes[i - 1] + 1 : 1;
        sizes[i] = size < least ? least : size;
    }
}

int gen_like_compare(const struct catalog *catalog, const char *like, const char *output, struct error *error)
{
    struct mrc first = {0}, original = {0}, standin = {0};
    uint64_t sizes[SIZES];
    double most = 0, sum = 0;
    bool unit_sizes = false;
    int status = make_curve(catalog, like, NULL, unit_sizes, &first, error);

    if (status && error->code == ERROR_INPUT) { /* no size is known; else it fails again */
        unit_sizes = true;
        *error = (struct error){0};
        mrc_release(&first);
        first = (struct mrc){0};
        status = make_curve(catalog, like, NULL, unit_sizes, &first, error);
    }
    if (status && error->code == ERROR_INPUT) { /* nothing is read: the stand-in is written all the same */
        note("note: there are no curves to compare: %s", error->text);
        *error = (struct error){0};
        mrc_release(&first);
        return 0;
    }
    if (!status) {
        choose_sizes(first.footprint, sizes);
        status = make_curve(catalog, like, sizes, unit_sizes, &original, error);
    }
    if (!status)
        status = make_curve(catalog, output, sizes, unit_sizes, &standin, error);
    for (int i = 0; !status && i < SIZES; i++) {
        double a = original.curves[0].points[i].miss_ratio, b = standin.curves[0].points[i].miss_ratio;
        note("lru of %12" PRIu64 " %s: miss ratio %.4f, stand-in %.4f, %+.2f points", sizes[i],
             unit_sizes ? "objects" : "bytes", a, b, 100 * (b - a));
        most = fmax(most, fabs(a - b));
        sum += fabs(a - b);
    }
    if (!status)
        note("miss-ratio curves of lru differ by up to %.2f points, %.2f on average, over %d sizes", 100 * most,
             100 * sum / SIZES, SIZES);
    mrc_release(&first);
    mrc_release(&original);
    mrc_release(&standin);
    return status;
}
