/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/portrait.h"

#define FIELDS_OF struct spread
const struct layout spread_layout = LAYOUT("spread", SPREAD_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct op_share
const struct layout op_share_layout = LAYOUT("op_share", OP_SHARE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct mix
const struct layout mix_layout = LAYOUT("mix", MIX_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct rate
const struct layout rate_layout = LAYOUT("rate", RATE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct rate_point
const struct layout rate_point_layout = LAYOUT("rate_point", RATE_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct working_set
const struct layout working_set_layout = LAYOUT("working_set", WORKING_SET_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct working_set_point
const struct layout working_set_point_layout = LAYOUT("working_set_point", WORKING_SET_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct misfit
const struct layout misfit_layout = LAYOUT("misfit", MISFIT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct popularity_point
const struct layout popularity_point_layout = LAYOUT("popularity_point", POPULARITY_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct popularity
const struct layout popularity_layout = LAYOUT("popularity", POPULARITY_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct fills
const struct layout fills_layout = LAYOUT("fills", FILLS_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct reuse_cell
const struct layout reuse_cell_layout = LAYOUT("reuse_cell", REUSE_CELL_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct size_point
const struct layout size_point_layout = LAYOUT("size_point", SIZE_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct held_key
const struct layout held_key_layout = LAYOUT("held_key", HELD_KEY_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct held_type
const struct layout held_type_layout = LAYOUT("held_type", HELD_TYPE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct held_encoding
const struct layout held_encoding_layout = LAYOUT("held_encoding", HELD_ENCODING_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct held_part
const struct layout held_part_layout = LAYOUT("held_part", HELD_PART_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct held_prefix
const struct layout held_prefix_layout = LAYOUT("held_prefix", HELD_PREFIX_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct holdings
const struct layout holdings_layout = LAYOUT("holdings", HOLDINGS_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct hot_key
const struct layout hot_key_layout = LAYOUT("hot_key", HOT_KEY_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct portrait
const struct layout portrait_layout = LAYOUT("portrait", PORTRAIT_FIELDS);
#undef FIELDS_OF

void portrait_release(struct portrait *portrait)
{
    fields_release(&portrait_layout, portrait);
}

int portrait_check(const struct portrait *portrait, struct error *error)
{
    if (!*portrait->verdict)
        return error_set(error, ERROR_INPUT, "a portrait without a verdict");
    return run_check(&portrait->run, error);
}
