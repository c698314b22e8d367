/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_heat: who evicts whom, with --by: one panel per cell in which keys were evicted, all seeds together.
 *
 * A row is the group whose command ran while keys were evicted, a column the group that lost them, a square the share of
 * all evicted keys. The squares of a panel add up to 100 %. A page shows MOST_PANELS, from the smallest maxmemory on;
 * the caption says that there were more. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/json_values.h"
#include "sim/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The plan's first groups, all others together, and what no command does. */
enum { MOST_PANELS = 12, GROUPS = 8, OTHERS = GROUPS, NO_COMMAND, PLACES, NAME_SHOWN = 9 };

/* Shares up to so much have a colour, light to dark; a share of 0 has none. */
static const struct {
    double up_to;
    const char *name, *colour, *text_colour;
} shades[] = {
    {0.01, "up to 1 %", "#FFF4D6", "#000000"},   {0.1, "1 to 10 %", "#FBC17B", "#000000"},
    {0.25, "10 to 25 %", "#F07F4C", "#000000"},  {0.5, "25 to 50 %", "#C8403A", "#FFFFFF"},
    {2, "more than 50 %", "#6E1A33", "#FFFFFF"},
};
enum { SHADES = sizeof shades / sizeof *shades };

struct matrix {
    uint64_t keys[PLACES][PLACES]; /* evicted: [for whom][whose] */
    uint64_t sum;
};

static size_t place_of(const struct plan *plan, const char *name)
{
    size_t place;

    if (!strcmp(name, "(no key)"))
        return NO_COMMAND;
    place = plan_group(plan, name);
    return place < plan->group_count && place < GROUPS ? place : OTHERS;
}

static struct matrix matrix_of(const struct plan *plan, const struct cell *cell)
{
    struct matrix matrix = {.sum = 0};

    for (size_t seed = 0; seed < cell->count; seed++) {
        const struct result *result = &cell->results[seed];

        for (size_t i = 0; i < result->evicted_for_count; i++) {
            const struct group_eviction *eviction = &result->evicted_for[i];

            matrix.keys[place_of(plan, result->groups[eviction->by].name)]
                       [place_of(plan, result->groups[eviction->of].name)] += eviction->evicted_keys;
            matrix.sum += eviction->evicted_keys;
        }
    }
    return matrix;
}

/* The cells that are drawn, from the smallest maxmemory on. */
struct choice {
    const struct cell *cells[MOST_PANELS];
    size_t count, left_out;
};

static struct choice choose(const struct plan *plan)
{
    struct choice choice = {.count = 0};

    for (size_t size = 0; size < plan->table.size_count; size++)
        for (size_t i = 0; i < plan->list.count; i++) {
            const struct cell *cell = &plan->list.cells[i];

            if (cell->results->maxmemory != plan->table.sizes[size] || !matrix_of(plan, cell).sum)
                continue;
            if (choice.count == MOST_PANELS)
                choice.left_out++;
            else
                choice.cells[choice.count++] = cell;
        }
    return choice;
}

/* Which places have anything in some panel. Returns how many. */
static size_t find_places(const struct plan *plan, const struct choice *choice, size_t *places)
{
    bool is_used[PLACES] = {false};
    size_t count = 0;

    for (size_t i = 0; i < choice->count; i++) {
        struct matrix matrix = matrix_of(plan, choice->cells[i]);

        for (size_t by = 0; by < PLACES; by++)
            for (size_t of = 0; of < PLACES; of++)
                if (matrix.keys[by][of])
                    is_used[by] = is_used[of] = true;
    }
    for (size_t place = 0; place < PLACES; place++)
        if (is_used[place])
            places[count++] = place;
    return count;
}

static const char *name_of(const struct plan *plan, size_t place)
{
    if (place == OTHERS)
        return "all others";
    return place == NO_COMMAND ? "(no command)" : plan->groups[place];
}

static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    struct choice choice = choose(plan);
    size_t places[PLACES], count = find_places(plan, &choice, places);

    for (size_t i = 0; i < choice.count; i++) {
        const struct result *result = choice.cells[i]->results;
        struct matrix matrix = matrix_of(plan, choice.cells[i]);

        fprintf(out, "%s# %s %s maxmemory %" PRIu64 "\n# column row %s evicted_keys\n", i ? "\n\n" : "", result->server,
                result->policy, result->maxmemory, figure->column);
        for (size_t by = 0; by < count; by++)
            for (size_t of = 0; of < count; of++) {
                uint64_t keys = matrix.keys[places[by]][places[of]];

                if (!keys)
                    continue;
                fprintf(out, "%zu %zu ", of, by);
                figure_put_value(out, (double)keys / (double)matrix.sum);
                fprintf(out, " %" PRIu64 "\n", keys);
            }
    }
}

/* Rows and columns are the same in all panels: those at the left and at the bottom have the names. */
static void put_names(const struct plan *plan, const struct page *page, const size_t *places, size_t count)
{
    FILE *out = page->out;
    char name[NAME_SHOWN + 4];

    for (const char *axis = "xy"; *axis; axis++) {
        fprintf(out, "set %ctics %s(", *axis, *axis == 'x' ? "rotate by -40 left " : "");
        for (size_t i = 0; i < count; i++) {
            const char *whole = name_of(plan, places[i]);

            snprintf(name, sizeof name, "%.*s%s", NAME_SHOWN, whole, strlen(whole) > NAME_SHOWN ? ".." : "");
            fputs(i ? ", " : "", out);
            page_tick(page, *axis, name, (double)i);
        }
        fputs(")\n", out);
    }
    fprintf(out, "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n", count - 1, count - 1);
}

/* Squares by shade, and in each the share in percent. */
static void put_squares(size_t block, FILE *out)
{
    double from = 0;

    for (size_t shade = 0; shade < SHADES; shade++) {
        fprintf(out,
                "%s data index %zu using ($3 > %g && $3 <= %g ? $1 : NaN):2:($1-0.48):($1+0.48):($2-0.46):($2+0.46) "
                "with boxxyerror fs solid 1 noborder lc rgb '%s' notitle",
                shade ? ", \\\n    " : "plot", block, from, shades[shade].up_to, shades[shade].colour);
        from = shades[shade].up_to;
    }
    from = 0;
    for (size_t shade = 0; shade < SHADES; shade++) {
        fprintf(out,
                ", \\\n     data index %zu using 1:($3 > %g && $3 <= %g ? $2 : NaN):"
                "(sprintf($3 < 0.0995 ? '%%.1f' : '%%.0f', $3*100)) with labels textcolor rgb '%s' notitle",
                block, from, shades[shade].up_to, shades[shade].text_colour);
        from = shades[shade].up_to;
    }
    putc('\n', out);
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    struct choice choice = choose(plan);
    size_t places[PLACES], count = find_places(plan, &choice, places);
    const char *names[SHADES], *colours[SHADES], *titles[MOST_PANELS];
    char texts[MOST_PANELS][2 * FIGURE_TEXT];
    struct sheet sheet = {
        .name = figure->name,
        .comment = figure->subject,
        .y_name = "who evicts whom, in % of all evicted keys",
        .x_name = figure->along,
        .panels = choice.count,
        .titles = titles,
        .legend = {.names = names, .entries = SHADES, .colours = colours},
        .left = 78,
        .low = 50,
        .height_of_width = 0.09 * (double)count + 0.1,
    };
    struct page page;

    for (size_t shade = 0; shade < SHADES; shade++) {
        names[shade] = shades[shade].name;
        colours[shade] = shades[shade].colour;
    }
    for (size_t i = 0; i < choice.count; i++) {
        char title[FIGURE_TEXT];

        plan_panel_name(plan, choice.cells[i]->results, title);
        snprintf(texts[i], sizeof texts[i], "%s, %s", choice.cells[i]->results->policy, title);
        titles[i] = texts[i];
    }
    page = page_begin(out, &sheet, plan->frame);
    for (size_t i = 0; i < choice.count; i++) {
        page_panel(&page, i);
        put_names(plan, &page, places, count);
        put_squares(i, out);
    }
    page_end(&page);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    struct choice choice = choose(plan);

    fprintf(
        out,
        "%s: who evicts whom: rows: the group whose command ran; columns: the group whose keys were evicted; in %% of "
        "all evicted keys; %d groups, the largest, have a row and a column of their own: evicted_for.csv has all",
        figure->name, GROUPS);
    if (choice.left_out)
        fprintf(out, "; %d panels, from the smallest maxmemory on", MOST_PANELS);
    if (plan->run->seed_count > 1)
        fprintf(out, "; %zu seeds together", plan->run->seed_count);
    figure_put_warmup(plan->run, out);
    fputs("\n", out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    if (!plan->group_count)
        return "--by did not ask for groups of keys";
    return choose(plan).count ? NULL : figure->when_zero;
}

static json_t *shades_array(void)
{
    json_t *array = json_array();

    for (size_t i = 0; i < SHADES; i++) {
        json_t *object = json_object();

        json_object_set_new(object, "up_to", json_from_real(shades[i].up_to));
        json_object_set_new(object, "colour", json_from_text(shades[i].colour));
        json_object_set_new(object, "text_colour", json_from_text(shades[i].text_colour));
        json_array_append_new(array, object);
    }
    return array;
}

/* "names" are those of rows and columns, to which the data's numbers point. */
static json_t *layout(const struct plan *plan, const struct figure *figure)
{
    struct choice choice = choose(plan);
    size_t places[PLACES], count = find_places(plan, &choice, places);
    json_t *layout = figure_layout(figure->subject, figure->along, ""), *names = json_array();
    char title[FIGURE_TEXT], panel[2 * FIGURE_TEXT];

    for (size_t i = 0; i < count; i++)
        json_array_append_new(names, json_from_text(name_of(plan, places[i])));
    json_object_set_new(layout, "names", names);
    json_object_set_new(layout, "shades", shades_array());
    for (size_t i = 0; i < choice.count; i++) {
        plan_panel_title(choice.cells[i]->results, title);
        snprintf(panel, sizeof panel, "%s, %s", title, choice.cells[i]->results->policy);
        figure_layout_panel(layout, panel);
    }
    return layout;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption, "heat", layout};

const struct figure figures_heat[FIGURES_HEAT] = {
    {.kind = &kind,
     .name = "who-evicts-whom",
     .subject = "who evicts whom",
     .along = "rows: whose command ran; columns: whose keys went",
     .column = "share",
     .when_zero = "nothing was evicted"},
};
