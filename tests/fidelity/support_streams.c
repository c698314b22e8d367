/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_streams.h"

#include "sim/alloc.h"
#include "tests/fidelity/support_stream_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const rule_names[RULES] = {
    [RULE_EXACT] = "exact",     [RULE_SKIPLIST] = "skiplist",   [RULE_TABLE] = "table",
    [RULE_BUCKETS] = "buckets", [RULE_REHASHING] = "rehashing", [RULE_NODES] = "nodes",
};
const char *const type_names[8] = {"none", "string", "hash", "list", "set", "zset", "stream", "other"};

/* ---- comparing ---- */

struct comparing {
    const struct twins *twins;
    const struct plan *plan;
    const struct answer *server, *model;
    struct tally *tally;
    struct difference *difference;
    int64_t bucket_bytes; /* of this server; 0: chained tables */
    int64_t zero[2];      /* used_memory at the start */
    int64_t allowed;      /* by which MEMORY USAGE was allowed to differ, since the last INFO */
    int64_t rounded;      /* to within so many bytes: MEMORY USAGE averages in floating point */
    const char *type;     /* of the key at hand */
};

static const char *name_of(const struct act *act, char *text, size_t room)
{
    const struct argument *word = &act->words[act->kind == ACT_TYPE ? 1 : 2];

    if (act->kind >= ACT_INFO || act->word_count < 2)
        return "";
    snprintf(text, room, word->bytes > 40 ? "%.12s...%u" : "%.40s", word->text, word->bytes);
    return text;
}

static const char *what_of(enum act_kind kind)
{
    return kind == ACT_TYPE       ? "TYPE"
           : kind == ACT_ENCODING ? "OBJECT ENCODING"
           : kind == ACT_MEMORY   ? "MEMORY USAGE"
           : kind == ACT_INFO     ? "used_memory"
           : kind == ACT_BUFFER   ? "the reply buffer"
                                  : "the reply";
}

static void note(struct comparing *comparing, size_t i, const char *server, const char *model)
{
    const struct act *act = &comparing->plan->acts[i];
    struct difference *difference = comparing->difference;
    char name[64];

    *difference = (struct difference){.found = true, .kind = act->kind, .stream = act->stream, .step = act->step};
    if (act->kind == ACT_COMMAND)
        snprintf(difference->text, sizeof difference->text, "the reply to %.20s: %s %s, evsim %s", act->words[0].text,
                 comparing->twins->program.server, server, model);
    else
        snprintf(difference->text, sizeof difference->text, "%s%s%s: %s %s, evsim %s", what_of(act->kind),
                 act->kind == ACT_INFO ? "" : " ", name_of(act, name, sizeof name), comparing->twins->program.server,
                 server, model);
    snprintf(difference->key, sizeof difference->key, "%s %.24s", what_of(act->kind),
             act->kind == ACT_COMMAND ? act->words[0].text
             : act->kind == ACT_INFO  ? ""
                                      : comparing->type);
}

static void note_numbers(struct comparing *comparing, size_t i, int64_t server, int64_t model)
{
    char texts[2][32];

    snprintf(texts[0], sizeof texts[0], "%" PRId64, server);
    snprintf(texts[1], sizeof texts[1], "%" PRId64, model);
    note(comparing, i, texts[0], texts[1]);
}

static bool is_whole_table(int64_t bytes)
{
    uint64_t slots = (uint64_t)(bytes < 0 ? -bytes : bytes) / 8;

    return bytes % 8 == 0 && slots >= 4 && (slots & (slots - 1)) == 0;
}

/* By which rule the bytes of a value agree; RULES when they do not. */
static enum rule rule_of_value(const struct comparing *comparing, const char *encoding, int64_t gap)
{
    bool has_table = !strcmp(encoding, "hashtable") || !strcmp(encoding, "skiplist");

    if (!gap)
        return RULE_EXACT;
    if (!strcmp(encoding, "skiplist"))
        return RULE_SKIPLIST;
    if (has_table && comparing->bucket_bytes && (llabs(gap) + 1) % comparing->bucket_bytes <= 2)
        return RULE_BUCKETS; /* the mean of the members may be rounded up */
    if (has_table && !comparing->bucket_bytes && is_whole_table(gap))
        return RULE_TABLE;
    return RULES;
}

/* What a stream's skip lists, or dicts, differ by is one observation: a list is asked about again and again while it lives, and differs
 * by the same each time. */
static void end_observation(struct chance *chance)
{
    chance->sum += chance->of_stream;
    chance->squares += chance->of_stream * chance->of_stream;
    chance->of_stream = 0;
}

static void observe(struct chance *chance, uint32_t stream, double gap)
{
    if (stream != chance->stream)
        end_observation(chance);
    chance->stream = stream;
    chance->of_stream += gap;
}

double chance_z(const struct chance *chance)
{
    return chance->squares > 0 ? chance->sum / sqrt(chance->squares) : 0;
}

static bool compare_memory(struct comparing *comparing, size_t i)
{
    const struct answer *server = &comparing->server[i], *model = &comparing->model[i];
    const char *encoding = comparing->server[i - 1].word; /* the question before */
    int64_t gap = server->bytes - model->bytes;
    enum rule rule = rule_of_value(comparing, encoding, gap);

    if (rule == RULES) {
        note_numbers(comparing, i, server->bytes, model->bytes);
        return false;
    }
    comparing->tally->by_rule[rule] += server->bytes != 0;
    comparing->allowed += gap;
    comparing->rounded += rule == RULE_BUCKETS && gap % comparing->bucket_bytes;
    if (!strcmp(encoding, "skiplist")) {
        observe(&comparing->tally->levels, comparing->plan->acts[i].stream, (double)gap);
        comparing->rounded++;
    }
    return true;
}

/* used_memory without the reply buffer, which is the next answer. */
static int64_t used_of(const struct answer *answers, size_t i)
{
    return answers[i].bytes - answers[i + 1].bytes;
}

static bool compare_used(struct comparing *comparing, size_t i)
{
    const struct answer *model = &comparing->model[i];
    int64_t used[2] = {used_of(comparing->server, i) - comparing->zero[0],
                       used_of(comparing->model, i) - comparing->zero[1]};
    int64_t gap = used[0] - used[1] - comparing->allowed;
    int64_t buckets = model->bucket_bytes;
    enum rule rule = RULE_EXACT;

    if (llabs(gap) <= comparing->rounded)
        gap = 0;
    comparing->allowed = comparing->rounded = 0;
    if (gap && model->is_rehashing) {
        rule = RULE_REHASHING;
    } else if (gap && buckets && gap % buckets == 0 && llabs(gap) <= buckets * model->buckets) {
        rule = RULE_BUCKETS;
    } else if (gap && gap % (4 * 8) == 0 && llabs(gap) < model->library_slots) {
        rule = RULE_TABLE;
    } else if (gap && model->node_bytes && gap % model->node_bytes == 0 &&
               llabs(gap) <= model->node_bytes * model->bare_members) {
        rule = RULE_NODES;
        observe(&comparing->tally->nodes, comparing->plan->acts[i].stream, (double)gap);
    } else if (gap) {
        note_numbers(comparing, i, used[0], used[1]);
        return false;
    }
    comparing->tally->by_rule[rule]++;
    comparing->tally->comparisons++;
    return true;
}

static bool compare_words(struct comparing *comparing, size_t i)
{
    const struct answer *server = &comparing->server[i], *model = &comparing->model[i];

    if (strcmp(server->word, model->word)) {
        note(comparing, i, *server->word ? server->word : "nil", *model->word ? model->word : "nil");
        return false;
    }
    return true;
}

static void count_type(struct comparing *comparing, const char *type)
{
    size_t i = 0;

    while (i < 7 && strcmp(type_names[i], type))
        i++;
    comparing->type = type_names[i];
    comparing->tally->types[i]++;
    comparing->tally->keys += i > 0;
}

static bool compare_act(struct comparing *comparing, size_t i)
{
    const struct answer *server = &comparing->server[i], *model = &comparing->model[i];

    switch (comparing->plan->acts[i].kind) {
    case ACT_COMMAND:
        comparing->tally->commands++;
        comparing->tally->errors += server->failed;
        if (server->failed == model->failed)
            return true;
        note(comparing, i, server->failed ? server->word : "no error", model->failed ? "an error" : "no error");
        return false;
    case ACT_TYPE:
        count_type(comparing, server->word);
        return compare_words(comparing, i);
    case ACT_ENCODING:
        return compare_words(comparing, i);
    case ACT_MEMORY:
        return compare_memory(comparing, i);
    case ACT_INFO:
        return compare_used(comparing, i);
    case ACT_BUFFER:
    case ACT_WAKE:
    case ACT_SELECT:
        break;
    }
    return true;
}

/* The second INFO is the start. */
static void find_zero(struct comparing *comparing, size_t *from)
{
    int seen = 0;

    for (*from = 0; *from < comparing->plan->count && seen < 2; ++*from)
        if (comparing->plan->acts[*from].kind == ACT_INFO && ++seen == 2) {
            comparing->zero[0] = used_of(comparing->server, *from);
            comparing->zero[1] = used_of(comparing->model, *from);
            comparing->bucket_bytes = comparing->model[*from].bucket_bytes;
        }
}

static void log_answers(const struct comparing *comparing)
{
    char name[64];

    for (size_t i = 0; i < comparing->plan->count; i++) {
        const struct act *act = &comparing->plan->acts[i];
        const struct answer *server = &comparing->server[i], *model = &comparing->model[i];
        bool is_info = act->kind == ACT_INFO;

        if (act->kind == ACT_COMMAND)
            fprintf(comparing->twins->log, "%-12s %24s %24s\n", act->words[0].text,
                    server->failed ? server->word : "ok", model->failed ? "an error" : "ok");
        else if (act_is_question(act->kind))
            fprintf(comparing->twins->log, "    %s %s: %s%" PRId64 ", %s%" PRId64 "\n", what_of(act->kind),
                    name_of(act, name, sizeof name), server->word,
                    is_info ? used_of(comparing->server, i) - comparing->zero[0] : server->bytes, model->word,
                    is_info ? used_of(comparing->model, i) - comparing->zero[1] : model->bytes);
    }
}

static void compare_all(struct comparing *comparing)
{
    size_t from;

    find_zero(comparing, &from);
    if (comparing->twins->log)
        log_answers(comparing);
    for (size_t i = from; i < comparing->plan->count; i++)
        if (!compare_act(comparing, i))
            break;
    end_observation(&comparing->tally->levels);
    end_observation(&comparing->tally->nodes);
}

int streams_compare(const struct twins *twins, const struct stream *streams, size_t count, struct tally *tally,
                    struct difference *difference, struct error *error)
{
    struct plan plan;
    struct answer *server, *model;
    struct tally own = {0};
    int status;

    *difference = (struct difference){0};
    streams_plan(&plan, streams, count);
    server = xcalloc(plan.count, sizeof *server);
    model = xcalloc(plan.count, sizeof *model);
    status = twins_play_server(twins, &plan, server, error);
    if (!status)
        status = twins_play_model(twins, &plan, model, error);
    if (!status)
        compare_all(&(struct comparing){.twins = twins,
                                        .plan = &plan,
                                        .server = server,
                                        .model = model,
                                        .tally = tally ? tally : &own,
                                        .difference = difference,
                                        .type = ""});
    free(server);
    free(model);
    streams_plan_release(&plan);
    return status;
}

/* ---- shrinking ---- */

enum { SHRINKING_PLAYS = 500 };

struct shrinking {
    const struct twins *twins;
    struct difference difference; /* the last that was found */
    char key[sizeof((struct difference){0}).key];
    struct error *error;
    int status;
    int plays_left; /* then it is short enough */
    void **blocks;  /* words of its own, of commands that were shortened */
    size_t block_count;
};

/* Whether the steps still differ in the same way. */
static bool still_differs(struct shrinking *shrinking, const struct stream *stream)
{
    struct difference difference;

    if (shrinking->status || shrinking->plays_left-- <= 0)
        return false;
    shrinking->status = streams_compare(shrinking->twins, stream, 1, NULL, &difference, shrinking->error);
    if (shrinking->status || !difference.found || strcmp(difference.key, shrinking->key))
        return false;
    shrinking->difference = difference;
    return true;
}

static void cut(struct stream *stream, size_t first, size_t count)
{
    memmove(&stream->steps[first], &stream->steps[first + count],
            (stream->count - first - count) * sizeof *stream->steps);
    stream->count -= count;
}

/* Behind the step that differs nothing is needed. */
static void keep_prefix(struct stream *stream, const struct difference *difference)
{
    if (difference->step + 1 < stream->count)
        stream->count = difference->step + 1;
}

/* Leaves out pieces of `size` steps, each that is not needed. Whether there was one. */
static bool leave_out(struct shrinking *shrinking, struct stream *stream, size_t size)
{
    bool any = false;

    for (size_t end = stream->count; end > 0;) {
        size_t first = end > size ? end - size : 0;
        struct stream shorter = stream_part(stream);

        cut(&shorter, first, end - first);
        if (shorter.count && still_differs(shrinking, &shorter)) {
            keep_prefix(&shorter, &shrinking->difference);
            stream_release_part(stream);
            *stream = shorter;
            any = true;
        } else {
            stream_release_part(&shorter);
        }
        end = first < stream->count ? first : stream->count;
    }
    return any;
}

/* Leaves out pieces of `size` words of a command, as fields with their values; its name and key stay. */
static bool leave_out_words(struct shrinking *shrinking, struct stream *stream, size_t i, size_t size)
{
    bool any = false;

    for (size_t end = stream->steps[i].word_count; end > 2 + size;) {
        const struct step *step = &stream->steps[i];
        size_t first = end - size;
        struct stream shorter = stream_part(stream);
        struct argument *words = xcalloc(step->word_count, sizeof *words);

        memcpy(words, step->words, first * sizeof *words);
        memcpy(words + first, step->words + end, (step->word_count - end) * sizeof *words);
        shorter.steps[i].words = words;
        shorter.steps[i].word_count = step->word_count - size;
        shrinking->blocks = xrealloc(shrinking->blocks, (shrinking->block_count + 1) * sizeof *shrinking->blocks);
        shrinking->blocks[shrinking->block_count++] = words;
        if (still_differs(shrinking, &shorter)) {
            stream_release_part(stream);
            *stream = shorter;
            any = true;
        } else {
            stream_release_part(&shorter);
        }
        end = first;
    }
    return any;
}

static void shorten_commands(struct shrinking *shrinking, struct stream *stream)
{
    for (size_t i = 0; i < stream->count; i++) {
        for (size_t size = stream->steps[i].word_count / 4 * 2; size > 1; size = size / 4 * 2)
            leave_out_words(shrinking, stream, i, size);
        if (stream->steps[i].word_count <= 8)
            leave_out_words(shrinking, stream, i, 1);
    }
}

static void leave_out_settings(struct shrinking *shrinking, struct stream *stream)
{
    for (size_t i = stream->setting_count; i-- > 0;) {
        struct stream shorter = stream_part(stream);

        memmove(&shorter.settings[i], &shorter.settings[i + 1],
                (shorter.setting_count - i - 1) * sizeof *shorter.settings);
        shorter.setting_count--;
        if (still_differs(shrinking, &shorter)) {
            stream_release_part(stream);
            *stream = shorter;
        } else {
            stream_release_part(&shorter);
        }
    }
}

int streams_shrink(const struct twins *twins, struct stream *stream, struct difference *difference, struct error *error)
{
    struct shrinking shrinking = {
        .twins = twins, .difference = *difference, .error = error, .plays_left = SHRINKING_PLAYS};
    struct stream part = stream_part(stream), whole = {0};

    strcpy(shrinking.key, difference->key);
    keep_prefix(&part, difference);
    for (size_t size = part.count / 2; size > 1; size /= 2)
        leave_out(&shrinking, &part, size);
    while (leave_out(&shrinking, &part, 1))
        continue;
    leave_out_settings(&shrinking, &part);
    shorten_commands(&shrinking, &part);
    stream_append(&whole, &part);
    stream_release_part(&part);
    for (size_t i = 0; i < shrinking.block_count; i++)
        free(shrinking.blocks[i]);
    free(shrinking.blocks);
    stream_release(stream);
    *stream = whole;
    *difference = shrinking.difference;
    return shrinking.status;
}

/* ---- many ---- */

void streams_draw(const struct streams_options *options, uint64_t number, struct stream *stream)
{
    struct random settings = random_stream(options->seed * 1000003 + number / options->streams_of_process);
    struct random random = random_stream(options->seed * 1000003 + number * 7919 + 104729);
    const struct drawing drawing = {.types = options->types,
                                    .server = options->twins.program.server,
                                    .commands = options->commands,
                                    .compare_every = options->compare_every};

    *stream = (struct stream){0};
    draw_settings(&settings, options->twins.program.server, stream);
    draw_stream(&random, &drawing, stream);
}

static bool is_known(const struct streams_report *report, const struct difference *difference)
{
    for (size_t i = 0; i < report->finding_count; i++)
        if (!strcmp(report->findings[i].difference.key, difference->key))
            return true;
    return false;
}

static void show(const struct streams_options *options, const struct finding *finding)
{
    if (!options->out)
        return;
    fprintf(options->out, "\nstream %" PRIu64 " of seed %" PRIu64 ": %s\n", finding->number, options->seed,
            finding->difference.text);
    stream_print(&finding->stream, options->out);
    fflush(options->out);
}

static int shrink_and_keep(const struct streams_options *options, struct streams_report *report,
                           const struct stream *stream, struct difference *difference, uint64_t number,
                           struct error *error)
{
    struct finding finding = {.number = number};
    int status;

    stream_append(&finding.stream, stream);
    status = streams_shrink(&options->twins, &finding.stream, difference, error);
    finding.difference = *difference;
    report->findings = xrealloc(report->findings, (report->finding_count + 1) * sizeof *report->findings);
    report->findings[report->finding_count++] = finding;
    show(options, &finding);
    return status;
}

/* How long streams last, with their comparisons. */
static int64_t duration_ms(const struct stream *streams, size_t count)
{
    struct plan plan;
    int64_t ms;

    streams_plan(&plan, streams, count);
    ms = plan.acts[plan.count - 1].at_us / 1000;
    streams_plan_release(&plan);
    return ms;
}

/* A way to play the stream again: alone; as late as it was, for buffers are looked at every few seconds; behind those
 * before it. */
enum replay { REPLAY_ALONE, REPLAY_LATE, REPLAY_BEHIND, REPLAYS };

static void arrange(enum replay replay, const struct stream *streams, size_t last, struct stream *arranged)
{
    if (replay == REPLAY_LATE && last)
        stream_wait(arranged, duration_ms(streams, last));
    for (size_t i = 0; replay == REPLAY_BEHIND && i < last; i++) {
        stream_append(arranged, &streams[i]);
        stream_add(arranged, &(const struct argument){"flushall", 8}, 1);
    }
    stream_append(arranged, &streams[last]);
}

/* Finds out how the difference comes again, and shrinks that. */
static int look_closer(const struct streams_options *options, struct streams_report *report,
                       const struct stream *streams, const struct difference *found, uint64_t number,
                       struct error *error)
{
    struct difference difference = {0};
    struct stream again = {0};
    int status = 0;

    for (int replay = 0; !status && !difference.found && replay < REPLAYS; replay++) {
        stream_release(&again);
        arrange((enum replay)replay, streams, found->stream, &again);
        status = streams_compare(&options->twins, &again, 1, NULL, &difference, error);
    }
    if (!status && !difference.found && options->out)
        fprintf(options->out, "\nstream %" PRIu64 ": differed once, and not again: %s\n", number, found->text);
    if (!status && difference.found && !is_known(report, &difference))
        status = shrink_and_keep(options, report, &again, &difference, number, error);
    stream_release(&again);
    return status;
}

enum { CHANCE_SEEDS = 12 };

/* Whether it agrees with other seeds. */
static int is_chance(const struct streams_options *options, const struct stream *streams,
                     const struct difference *found, bool *chance, struct error *error)
{
    struct twins twins = options->twins;
    int status = 0;

    *chance = false;
    for (uint32_t seed = 1; !status && !*chance && seed <= CHANCE_SEEDS; seed++) {
        struct difference difference;

        twins.seed = options->twins.seed + seed;
        status = streams_compare(&twins, streams, found->stream + 1, NULL, &difference, error);
        *chance = !status && !difference.found;
    }
    return status;
}

/* One of the streams of a process differs. */
static int judge(const struct streams_options *options, struct streams_report *report, const struct stream *streams,
                 const struct difference *found, uint64_t number, struct error *error)
{
    bool chance;

    if (is_chance(options, streams, found, &chance, error))
        return -1;
    if (chance) {
        report->by_chance++;
        if (options->out)
            fprintf(options->out, "\nstream %" PRIu64 ": not with every seed: %s\n", number, found->text);
        return 0;
    }
    report->different++;
    return is_known(report, found) ? 0 : look_closer(options, report, streams, found, number, error);
}

/* The server may have faults of its own: a stream that it does not survive is named and left out. */
static bool has_died(const struct error *error)
{
    return strstr(error->text, "did not survive") != NULL;
}

/* The streams of one process, from `number` on. How many of them are done with; 0 with an error. */
static uint64_t run_process(const struct streams_options *all, struct streams_report *report, uint64_t number,
                            uint64_t count, struct error *error)
{
    struct streams_options of_process = *all;
    const struct streams_options *options = &of_process;
    struct stream *streams = xcalloc(count, sizeof *streams);
    struct difference difference;
    uint64_t done = count;

    /* The server draws levels and hashes anew in each process, and so does the model: what one seed begins with would be
     * in every process, and the sum of what skip lists differ by would not be about 0. */
    of_process.twins.seed += (uint32_t)number * (CHANCE_SEEDS + 1);
    for (uint64_t i = 0; i < count; i++)
        streams_draw(options, number + i, &streams[i]);
    if (streams_compare(&options->twins, streams, count, &report->tally, &difference, error)) {
        done = 0;
        difference.found = false;
    }
    if (!done && has_died(error) && count == 1) {
        if (options->out)
            fprintf(options->out, "\nstream %" PRIu64 ": %s\n", number, error->text);
        *error = (struct error){0};
        report->died++;
        done = 1;
    } else if (!done && has_died(error)) { /* which one it was */
        *error = (struct error){0};
        done = run_process(all, report, number, (count + 1) / 2, error);
    }
    if (done && difference.found) {
        done = difference.stream + 1;
        if (judge(options, report, streams, &difference, number + difference.stream, error))
            done = 0;
    }
    for (uint64_t i = 0; i < count; i++)
        stream_release(&streams[i]);
    free(streams);
    return done;
}

/* So many streams that differ, in few ways, are enough. */
enum { SAME_AGAIN = 40 };

int streams_run(const struct streams_options *options, struct streams_report *report, struct error *error)
{
    uint64_t number = options->first, end = options->first + options->count;

    *report = (struct streams_report){0};
    while (number < end && report->finding_count < options->most_shown && report->different < SAME_AGAIN) {
        uint64_t left = options->streams_of_process - number % options->streams_of_process;
        uint64_t done = run_process(options, report, number, left < end - number ? left : end - number, error);

        if (!done)
            return -1;
        number += done;
        report->streams += done;
    }
    return 0;
}

void streams_report_release(struct streams_report *report)
{
    for (size_t i = 0; i < report->finding_count; i++)
        stream_release(&report->findings[i].stream);
    free(report->findings);
    *report = (struct streams_report){0};
}
