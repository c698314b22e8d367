/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/comparison_verdict.h"

#include "reports/comparison_words.h"
#include "sim/alloc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sentence {
    char *text;
    size_t bytes;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *sentence, const char *format, ...)
{
    char *more, *both;
    size_t bytes;
    FILE *stream = open_memstream(&more, &bytes);
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stream, format, arguments);
    va_end(arguments);
    fclose(stream);
    both = xmalloc(sentence->bytes + bytes + 1);
    if (sentence->bytes)
        memcpy(both, sentence->text, sentence->bytes);
    memcpy(both + sentence->bytes, more, bytes + 1);
    free(sentence->text);
    free(more);
    sentence->text = both;
    sentence->bytes += bytes;
}

/* In how many cells the hit ratio is another, beyond noise, and by how much in all of these together. */
struct effect {
    size_t higher, lower;
    double sum;
};

static struct effect effect_of(const struct variant *variant)
{
    struct effect effect = {0};

    for (size_t i = 0; i < variant->pair_count; i++) {
        const struct compared_measure *ratio = compared_measure(&variant->pairs[i], "hit_ratio");

        if (!comparison_is(ratio, "differs"))
            continue;
        effect.higher += ratio->difference > 0;
        effect.lower += ratio->difference < 0;
        effect.sum += ratio->difference;
    }
    return effect;
}

/* The one that raises the hit ratio most; NULL: none does, beyond noise. */
static const struct variant *raises_most(const struct comparison *comparison)
{
    const struct variant *best = NULL;

    for (size_t i = 0; i < comparison->variant_count; i++) {
        const struct variant *variant = &comparison->variants[i];
        double sum = effect_of(variant).sum;

        if (sum > 0 && (!best || sum > effect_of(best).sum))
            best = variant;
    }
    return best;
}

/* "raises the hit ratio: from 68.72 % to 82.77 %, +14.05 ± 0.07 points". */
static void say_effect(struct sentence *sentence, const struct variant *variant, const char *does)
{
    struct effect effect = effect_of(variant);
    const struct compared_measure *ratio;
    char from[COMPARISON_FIELD], to[COMPARISON_FIELD], by[COMPARISON_FIELD];

    say(sentence, "'%s' %s: ", variant->name, does);
    if (variant->pair_count > 1) {
        say(sentence, "higher in %zu and lower in %zu of %zu cells, by %+.2f points on average in these.",
            effect.higher, effect.lower, variant->pair_count,
            100 * effect.sum / (double)(effect.higher + effect.lower));
        return;
    }
    ratio = compared_measure(variant->pairs, "hit_ratio");
    comparison_value(from, ratio->a, true, false);
    comparison_value(to, ratio->b, true, false);
    comparison_difference(by, ratio, false, false);
    say(sentence, "from %s to %s, %s.", from, to, by);
}

static void say_hits(struct sentence *sentence, const struct comparison *comparison)
{
    const struct variant *best = raises_most(comparison);
    size_t lower = 0;

    for (size_t i = 0; i < comparison->variant_count; i++)
        lower += effect_of(&comparison->variants[i]).sum < 0;
    if (best)
        say_effect(sentence, best,
                   comparison->variant_count > 1 ? "raises the hit ratio most" : "raises the hit ratio");
    else if (comparison->variant_count == 1 && lower)
        say_effect(sentence, comparison->variants, "lowers the hit ratio");
    else if (comparison->variant_count == 1)
        say(sentence, "It does not change the hit ratio beyond noise.");
    else
        say(sentence, "None of them raises the hit ratio beyond noise; %zu of %zu lower it.", lower,
            comparison->variant_count);
}

/* The sum over the cells of OOM rejections, as it is or with the what-if. */
static double refusals(const struct variant *variant, bool with)
{
    double sum = 0;

    for (size_t i = 0; i < variant->pair_count; i++) {
        const struct compared_measure *refused = compared_measure(&variant->pairs[i], "oom_rejections");

        sum += with ? refused->b : refused->a;
    }
    return sum;
}

static void say_refusals(struct sentence *sentence, const struct comparison *comparison)
{
    size_t ends = 0, begins = 0;

    for (size_t i = 0; i < comparison->variant_count; i++) {
        const struct variant *variant = &comparison->variants[i];

        if (refusals(variant, false) > 0 && refusals(variant, true) == 0)
            say(sentence, "%s'%s'", ends++ ? ", " : " OOM rejections end with ", variant->name);
    }
    if (ends)
        say(sentence, ".");
    else if (comparison->variant_count && refusals(comparison->variants, false) > 0)
        say(sentence, " OOM rejections do not end.");
    for (size_t i = 0; i < comparison->variant_count; i++) {
        const struct variant *variant = &comparison->variants[i];

        if (refusals(variant, false) == 0 && refusals(variant, true) > 0)
            say(sentence, "%s'%s'", begins++ ? ", " : " Writes are refused with ", variant->name);
    }
    if (begins)
        say(sentence, ".");
}

/* Whether every number of every cell has this verdict, or "same". */
static bool is_all(const struct variant *variant, const char *verdict)
{
    for (size_t i = 0; i < variant->pair_count; i++)
        for (size_t m = 0; m < variant->pairs[i].measure_count; m++) {
            const struct compared_measure *measure = &variant->pairs[i].measures[m];

            if (!comparison_is(measure, verdict) && !comparison_is(measure, "same") && !isnan(measure->difference))
                return false;
        }
    return true;
}

static void say_without_effect(struct sentence *sentence, const struct comparison *comparison)
{
    size_t idle = 0, noise = 0, rules = 0;

    for (size_t i = 0; i < comparison->variant_count; i++)
        rules += comparison_is_one_rule(&comparison->variants[i]) && is_all(&comparison->variants[i], "same");
    if (rules)
        say(sentence, " %zu rule%s by %s nothing at all.", rules, rules == 1 ? " changes" : "s change",
            rules == 1 ? "itself" : "themselves");
    for (size_t i = 0; i < comparison->variant_count; i++)
        if (is_all(&comparison->variants[i], "same") && !comparison_is_one_rule(&comparison->variants[i]))
            say(sentence, "%s'%s'", idle++ ? ", " : " Nothing at all is changed by ", comparison->variants[i].name);
    if (idle)
        say(sentence, ".");
    for (size_t i = 0; i < comparison->variant_count; i++)
        if (!is_all(&comparison->variants[i], "same") && is_all(&comparison->variants[i], "noise"))
            say(sentence, "%s'%s'", noise++ ? ", " : " Nothing beyond noise is changed by ",
                comparison->variants[i].name);
    if (noise)
        say(sentence, ".");
}

void comparison_verdict_put(const struct comparison *comparison, struct article *to)
{
    struct sentence sentence = {0};
    bool has_one_seed = false;

    for (size_t i = 0; i < comparison->variant_count; i++)
        for (size_t p = 0; p < comparison->variants[i].pair_count; p++)
            has_one_seed |= comparison->variants[i].pairs[p].seeds < 2;
    if (has_one_seed)
        say(&sentence, "There is one seed, so what is noise is not known: run with --seeds 5.");
    else
        say_hits(&sentence, comparison);
    say_refusals(&sentence, comparison);
    say_without_effect(&sentence, comparison);
    article_paragraph(to, "", 0, sentence.text);
    free(sentence.text);
}
