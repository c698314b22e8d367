/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size.json: an array with one object per server and policy: the smallest maxmemory that meets the goals, and what was
 * found there.
 *
 * maxmemory is null where no size meets them; then nearest_maxmemory is the smallest that comes within 0.1 % of the best,
 * and the values are of that one. The name of each goal is a key, whose value is the mean over the seeds. */
#include "reports/json_values.h"
#include "reports/reading.h"
#include "reports/size_words.h"
#include "sim/report.h"

static json_t *from_size(uint64_t size)
{
    return size ? json_from_count(size) : json_null();
}

static json_t *goal_object(const struct sized_goal *goal, const struct sized_value *value)
{
    json_t *object = json_object();

    json_object_set_new(object, "goal", json_from_text(goal->text));
    json_object_set_new(object, "name", json_from_text(goal->name));
    json_object_set_new(object, "target", json_from_real(goal->target));
    json_object_set_new(object, "mean", json_from_real(value->mean));
    json_object_set_new(object, "half_width", json_from_real(value->half_width));
    json_object_set_new(object, "least", json_from_real(value->least));
    json_object_set_new(object, "most", json_from_real(value->most));
    json_object_set_new(object, "further_seed", json_from_real(value->further));
    json_object_set_new(object, "seeds_met", json_from_count(value->seeds_met));
    json_object_set_new(object, "meets", json_boolean(value->meets_with_more));
    return object;
}

/* What a point says: its seeds, the goals' values by name, and each goal with its interval. */
static void add_point(json_t *object, const struct sizing *sizing, const struct sized_point *point)
{
    json_t *goals = json_array();

    json_object_set_new(object, "seeds", json_from_count(point->seeds));
    json_object_set_new(object, "seeds_met", json_from_count(point->seeds_met));
    json_object_set_new(object, "hit_ratio", json_from_real(point->hit_ratio));
    json_object_set_new(object, "used_memory_peak", json_from_real(point->used_memory));
    json_object_set_new(object, "keys_peak", json_from_real(point->keys));
    for (size_t g = 0; g < sizing->goal_count; g++) {
        json_object_set_new(object, sizing->goals[g].name, json_from_real(point->values[g].mean));
        json_array_append_new(goals, goal_object(&sizing->goals[g], &point->values[g]));
    }
    json_object_set_new(object, "goals", goals);
}

static json_t *point_object(const struct sizing *sizing, const struct sized_point *point)
{
    json_t *object = json_object();

    json_object_set_new(object, "maxmemory", json_from_count(point->maxmemory));
    json_object_set_new(object, "meets", json_boolean(point->meets));
    add_point(object, sizing, point);
    return object;
}

static json_t *window_object(const struct sized_window *window)
{
    json_t *object = json_object();

    json_object_set_new(object, "from_s", json_from_real((double)window->from_us / 1e6));
    json_object_set_new(object, "to_s", json_from_real((double)window->to_us / 1e6));
    json_object_set_new(object, "maxmemory", from_size(window->maxmemory));
    return object;
}

static json_t *headroom_array(const struct sized_line *line)
{
    json_t *array = json_array();

    for (size_t i = 0; i < line->headroom_count; i++) {
        const struct sized_headroom *part = &line->headroom[i];
        json_t *object = json_object();

        json_object_set_new(object, "name", json_from_text(part->name));
        json_object_set_new(object, "bytes", json_from_count(part->bytes));
        json_object_set_new(object, "counts_in_maxmemory", json_boolean(part->is_counted));
        json_object_set_new(object, "assumes", json_from_text(part->assumes));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *instance_object(const struct sized_instance *instance)
{
    json_t *object = json_object();

    if (!instance->rule) {
        json_decref(object);
        return json_null();
    }
    json_object_set_new(object, "rule", json_from_text(instance->rule));
    json_object_set_new(object, "source", json_from_text(instance->source));
    json_object_set_new(object, "reserve", json_from_real(instance->reserve));
    json_object_set_new(object, "needs", json_from_count(instance->needs));
    json_object_set_new(object, "name", json_from_text(instance->name));
    json_object_set_new(object, "memory", json_from_count(instance->memory));
    json_object_set_new(object, "machines", json_from_count(instance->machines));
    json_object_set_new(object, "cost", json_from_real(instance->cost));
    return object;
}

/* Of a cluster, the settings that make it. */
static void add_cluster(json_t *object, const struct sizing *sizing)
{
    static const char *const names[] = {"shards", "slots"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = run_setting(&sizing->run, names[i]);

        if (value && *value) {
            json_object_set_new(object, names[i], json_from_text(value));
            json_object_set_new(object, "maxmemory_of", json_from_text(run_setting(&sizing->run, "maxmemory-of")));
        }
    }
}

/* What was replayed, and how often: the same in each object, for each is an answer of its own. */
static json_t *trace_object(const struct run *run)
{
    json_t *object = json_object();

    json_object_set_new(object, "path", json_from_text(run->trace));
    json_object_set_new(object, "format", json_from_text(run->format));
    json_object_set_new(object, "commands", json_from_count(run->commands));
    json_object_set_new(object, "keys", json_from_count(run->key_count));
    json_object_set_new(object, "duration_s", json_from_real((double)run->duration_us / 1e6));
    json_object_set_new(object, "start_unix_us", json_integer(run->start_unix_us));
    json_object_set_new(object, "warmup_s", json_from_real((double)run->warmup_us / 1e6));
    json_object_set_new(object, "grow", json_from_text(*run->intake.grown ? run->intake.grown : NULL));
    json_object_set_new(object, "assumed", reading_object(&run->intake, run->start_assumed));
    return object;
}

static json_t *search_object(const struct sizing *sizing)
{
    json_t *object = json_object();

    json_object_set_new(object, "simulations", json_from_count(sizing->simulations));
    json_object_set_new(object, "readings", json_from_count(sizing->readings));
    json_object_set_new(object, "seeds", json_from_count(sizing->seeds));
    json_object_set_new(object, "precision", json_from_real(sizing->precision));
    return object;
}

/* About a tenth more memory; null: no such size was tried. */
static json_t *with_more(const struct sized_line *line)
{
    const struct sized_point *more = size_point_with_more(line, 0.1);
    json_t *object;

    if (!more)
        return json_null();
    object = json_object();
    json_object_set_new(object, "maxmemory", json_from_count(more->maxmemory));
    json_object_set_new(object, "hit_ratio", json_from_real(more->hit_ratio));
    return object;
}

static json_t *line_object(const struct sizing *sizing, const struct sized_line *line)
{
    json_t *object = json_object(), *tried = json_array(), *windows = json_array();
    const struct sized_point *answer = size_answer(line);
    char text[UNITS_TEXT];

    json_object_set_new(object, "server", json_from_text(line->server));
    add_cluster(object, sizing);
    json_object_set_new(object, "policy", json_from_text(line->policy));
    json_object_set_new(object, "maxmemory", from_size(line->found ? line->maxmemory : 0));
    json_object_set_new(object, "maxmemory_text",
                        line->found ? json_from_text(size_text(text, sizing, line->maxmemory)) : json_null());
    if (line->shard_maxmemory) {
        json_object_set_new(object, "shard_maxmemory", json_from_count(line->shard_maxmemory));
        json_object_set_new(object, "shard_maxmemory_text",
                            json_from_text(size_text(text, sizing, line->shard_maxmemory)));
    }
    if (!line->found)
        json_object_set_new(object, "nearest_maxmemory", from_size(line->maxmemory));
    if (answer)
        add_point(object, sizing, answer);
    json_object_set_new(object, "precision", json_from_real(sizing->precision));
    json_object_set_new(object, "trace", trace_object(&sizing->run));
    json_object_set_new(object, "search", search_object(sizing));
    json_object_set_new(object, "least_tried", from_size(line->least_tried));
    json_object_set_new(object, "most_tried", from_size(line->most_tried));
    json_object_set_new(object, "memory_is_least", json_boolean(line->memory_is_least));
    json_object_set_new(object, "oom_is_least", json_boolean(line->oom_is_least));
    json_object_set_new(object, "misses_again_at", from_size(line->misses_again));
    json_object_set_new(object, "hit_ratio_per_100mb_more", json_from_real(line->gain_per_100mb));
    json_object_set_new(object, "hit_ratio_per_100mb_less", json_from_real(line->loss_per_100mb));
    json_object_set_new(object, "with_10_percent_more", with_more(line));
    json_object_set_new(object, "headroom_shard", json_from_text(line->headroom_shard));
    json_object_set_new(object, "headroom", headroom_array(line));
    json_object_set_new(object, "needed_memory", from_size(line->needed_memory));
    json_object_set_new(object, "instance", instance_object(&line->instance));
    for (size_t i = 0; i < line->point_count; i++)
        json_array_append_new(tried, point_object(sizing, &line->points[i]));
    json_object_set_new(object, "tried", tried);
    for (size_t i = 0; i < line->window_count; i++)
        json_array_append_new(windows, window_object(&line->windows[i]));
    if (line->window_count)
        json_object_set_new(object, "windows", windows);
    else
        json_decref(windows);
    json_object_set_new(object, "warnings", json_from_warnings(sizing->warnings, sizing->warning_count, false));
    return object;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct sizing *sizing = outcome->sizing;
    json_t *array = json_array();

    for (size_t i = 0; i < sizing->line_count; i++)
        json_array_append_new(array, line_object(sizing, &sizing->lines[i]));
    return json_write(array, out, error);
}

const struct report report_size_json = {
    .name = "size.json",
    .summary = "an array of one object per server and policy: the answer, and every size that was tried (also --json)",
    .takes = OUTCOME_SIZING,
    .print = PRINT_JSON,
    .write = write,
};
