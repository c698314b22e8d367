/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_lines.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = -1 };

struct figure_lines figure_lines_new(const char *const *policies, size_t policy_count)
{
    return (struct figure_lines){.policies = policies, .policy_count = policy_count};
}

static void release_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts && i < count; i++)
        free(texts[i]);
    free(texts);
}

void figure_lines_release(struct figure_lines *lines)
{
    for (size_t i = 0; i < lines->panel_count; i++) {
        free(lines->panels[i].lines);
        free(lines->panels[i].behind);
    }
    free(lines->panels);
    release_texts(lines->said_titles, lines->said_count);
    release_texts(lines->titles, lines->panel_count);
    release_texts(lines->notes, lines->panel_count);
    release_texts(lines->names, lines->entry_count);
    free(lines->styles);
    free(lines->said);
    free(lines->said_in);
}

void figure_lines_panel(struct figure_lines *lines, const char *title)
{
    lines->said_titles = xrealloc(lines->said_titles, (lines->said_count + 1) * sizeof *lines->said_titles);
    lines->said_titles[lines->said_count++] = xstrdup(title);
}

void figure_lines_add(struct figure_lines *lines, size_t policy)
{
    figure_lines_add_block(lines, lines->line_count, policy);
}

void figure_lines_add_block(struct figure_lines *lines, size_t block, size_t policy)
{
    size_t i = lines->line_count++;

    lines->said = xrealloc(lines->said, lines->line_count * sizeof *lines->said);
    lines->said_in = xrealloc(lines->said_in, lines->line_count * sizeof *lines->said_in);
    lines->said[i] = (struct figure_line){block, policy};
    lines->said_in[i] = lines->said_count - 1;
}

/* ---- which lines are the same ---- */

/* The data of a figure, block by block; a block is what is behind its lines of comment. */
struct blocks {
    char *text;
    const char **starts; /* each ends with a zero */
    size_t count;
};

static struct blocks read_blocks(void (*write)(const void *what, FILE *out), const void *what)
{
    struct blocks blocks = {0};
    size_t bytes;
    FILE *out = open_memstream(&blocks.text, &bytes);
    char *at;

    assert(out);
    write(what, out);
    fclose(out);
    at = blocks.text;
    while (at && *at) {
        char *end = strstr(at, "\n\n\n");

        if (end)
            *end = '\0';
        while (*at == '#' && strchr(at, '\n'))
            at = strchr(at, '\n') + 1;
        blocks.starts = xrealloc(blocks.starts, (blocks.count + 1) * sizeof *blocks.starts);
        blocks.starts[blocks.count++] = at;
        at = end ? end + 3 : NULL;
    }
    return blocks;
}

/* Whether both have the same numbers; the last block ends with a newline, the others do not. */
static bool same_block(const struct blocks *blocks, size_t a, size_t b)
{
    const char *left = blocks->starts[a], *right = blocks->starts[b];

    while (*left && *left == *right) {
        left++;
        right++;
    }
    return left[strspn(left, "\n")] == '\0' && right[strspn(right, "\n")] == '\0';
}

/* The place of the policy's line in the panel as said; NONE. */
static long line_in(const struct figure_lines *lines, size_t panel, size_t policy)
{
    for (size_t i = 0; i < lines->line_count; i++)
        if (lines->said_in[i] == panel && lines->said[i].policy == policy)
            return (long)i;
    return NONE;
}

static bool same_line(const struct figure_lines *lines, const struct blocks *blocks, long a, long b)
{
    return a != NONE && b != NONE && same_block(blocks, lines->said[a].block, lines->said[b].block);
}

/* Whether the policies are the same wherever one of them is. */
static bool same_policy(const struct figure_lines *lines, const struct blocks *blocks, size_t a, size_t b)
{
    bool is_anywhere = false;

    for (size_t panel = 0; panel < lines->said_count; panel++) {
        long left = line_in(lines, panel, a), right = line_in(lines, panel, b);

        if (left == NONE && right == NONE)
            continue;
        if (!same_line(lines, blocks, left, right))
            return false;
        is_anywhere = true;
    }
    return is_anywhere;
}

static char *joined(char *names, const char *name)
{
    size_t used = strlen(names), more = strlen(name);

    names = xrealloc(names, used + more + 4);
    memcpy(names + used, " = ", 3);
    memcpy(names + used + 3, name, more + 1);
    return names;
}

/* The legend: a policy that is the same as an earlier one stands beside it. */
static void name_entries(struct figure_lines *lines, const struct blocks *blocks)
{
    lines->names = xcalloc(lines->policy_count + 1, sizeof *lines->names);
    lines->styles = xcalloc(lines->policy_count + 1, sizeof *lines->styles);
    for (size_t policy = 0; policy < lines->policy_count; policy++) {
        size_t entry = 0;

        while (entry < lines->entry_count && !same_policy(lines, blocks, lines->styles[entry], policy))
            entry++;
        if (entry < lines->entry_count) {
            lines->names[entry] = joined(lines->names[entry], lines->policies[policy]);
            continue;
        }
        lines->names[entry] = xstrdup(lines->policies[policy]);
        lines->styles[entry] = policy;
        lines->entry_count++;
    }
}

/* ---- what is drawn ---- */

/* The entries of a part: first to end. */
static size_t part_first(const struct figure_lines *lines, size_t part)
{
    return (lines->entry_count * part + lines->parts - 1) / lines->parts;
}

/* Adds a line to `list` unless one that is there, or in the list before it, is the same; the place in `list` of that one, else NONE. */
static long add_line(struct figure_line *list, size_t *count, struct figure_line line, const struct blocks *blocks)
{
    for (size_t i = 0; i < *count; i++)
        if (same_block(blocks, list[i].block, line.block))
            return (long)i;
    list[(*count)++] = line;
    return NONE;
}

static char *note_of(char **same, const size_t *members, size_t lines, size_t policies)
{
    char *note = xstrdup("");
    char text[64];

    if (lines == 1 && policies > 3) {
        snprintf(text, sizeof text, "these %zu are one line", policies);
        free(note);
        return xstrdup(text);
    }
    for (size_t i = 0; i < lines; i++)
        if (members[i] > 1) {
            size_t used = strlen(note), more = strlen(same[i]);

            note = xrealloc(note, used + more + 3);
            snprintf(note + used, more + 3, "%s%s", used ? "; " : "", same[i]);
        }
    return note;
}

/* A panel that has no title is named for its part of the legend. */
static char *title_of(const struct figure_lines *lines, size_t source, size_t part)
{
    size_t end = part + 1 < lines->parts ? part_first(lines, part + 1) : lines->entry_count;
    char text[64];

    if (*lines->said_titles[source] || lines->parts == 1)
        return xstrdup(lines->said_titles[source]);
    snprintf(text, sizeof text, "the legend's %zu to %zu", part_first(lines, part) + 1, end);
    return xstrdup(text);
}

static void make_panel(struct figure_lines *lines, const struct blocks *blocks, size_t source, size_t part)
{
    struct figure_panel panel = {.source = source};
    size_t end = part + 1 < lines->parts ? part_first(lines, part + 1) : lines->entry_count, policies = 0;
    char **same = xcalloc(lines->entry_count + 1, sizeof *same);
    size_t *members = xcalloc(lines->entry_count + 1, sizeof *members);

    panel.lines = xcalloc(lines->entry_count + 1, sizeof *panel.lines);
    panel.behind = xcalloc(lines->entry_count + 1, sizeof *panel.behind);
    for (size_t i = part_first(lines, part); i < end; i++) {
        long line = line_in(lines, source, lines->styles[i]), as;

        if (line == NONE)
            continue;
        policies++;
        as = add_line(panel.lines, &panel.line_count, lines->said[line], blocks);
        if (as == NONE)
            same[panel.line_count - 1] = xstrdup(lines->names[i]);
        else
            same[as] = joined(same[as], lines->names[i]);
        members[as == NONE ? panel.line_count - 1 : (size_t)as]++;
    }
    for (size_t i = 0; i < lines->entry_count; i++) {
        long line = line_in(lines, source, lines->styles[i]);
        bool is_there = line == NONE;

        for (size_t j = 0; j < panel.line_count && !is_there; j++)
            is_there = same_block(blocks, panel.lines[j].block, lines->said[line].block);
        if (!is_there)
            add_line(panel.behind, &panel.behind_count, lines->said[line], blocks);
    }
    lines->titles[lines->panel_count] = title_of(lines, source, part);
    lines->notes[lines->panel_count] = note_of(same, members, panel.line_count, policies);
    lines->panels[lines->panel_count++] = panel;
    release_texts(same, lines->entry_count);
    free(members);
}

static bool has_lines(const struct figure_lines *lines, size_t panel)
{
    for (size_t i = 0; i < lines->line_count; i++)
        if (lines->said_in[i] == panel)
            return true;
    return false;
}

void figure_lines_arrange(struct figure_lines *lines, void (*write)(const void *what, FILE *out), const void *what)
{
    struct blocks blocks = read_blocks(write, what);
    size_t most;

    assert(blocks.count >= lines->line_count);
    name_entries(lines, &blocks);
    lines->parts = (lines->entry_count + FIGURE_MOST_POLICIES - 1) / FIGURE_MOST_POLICIES;
    lines->parts = lines->parts ? lines->parts : 1;
    most = lines->said_count * lines->parts + 1;
    lines->panels = xcalloc(most, sizeof *lines->panels);
    lines->titles = xcalloc(most, sizeof *lines->titles);
    lines->notes = xcalloc(most, sizeof *lines->notes);
    for (size_t source = 0; source < lines->said_count; source++)
        for (size_t part = 0; part < lines->parts && has_lines(lines, source); part++)
            make_panel(lines, &blocks, source, part);
    free(blocks.starts);
    free(blocks.text);
}

void figure_lines_put_sheet(const struct figure_lines *lines, struct sheet *sheet)
{
    sheet->panels = lines->panel_count;
    sheet->titles = (const char *const *)lines->titles;
    sheet->notes = (const char *const *)lines->notes;
    sheet->in_a_row = lines->said_count > 1 ? lines->parts : 0;
    sheet->legend = (struct legend){
        .names = (const char *const *)lines->names,
        .entries = lines->entry_count,
        .styles = lines->styles,
        .policies = lines->policies,
        .policy_count = lines->policy_count,
        .columns = lines->parts > 1 && lines->said_count > 1 ? (int)lines->parts : 0,
    };
}

static void plot_line(const char **before, figure_element_fn *element, const char *look, struct figure_line line,
                      const void *what, FILE *out)
{
    fprintf(out, "%s data index %zu ", *before, line.block);
    element(what, look, line, out);
    *before = ", \\\n    ";
}

void figure_lines_plot(const struct figure_lines *lines, size_t index, figure_element_fn *const *elements, size_t count,
                       size_t behind_count, const void *what, FILE *out)
{
    const struct figure_panel *panel = &lines->panels[index];
    const char *before = "plot";
    char look[32];

    for (size_t e = 0; e < behind_count; e++)
        for (size_t i = 0; i < panel->behind_count; i++)
            plot_line(&before, elements[e], "lc rgb '#C9C9C9' lw 0.9 dt solid",
                      (struct figure_line){panel->behind[i].block, FIGURE_BEHIND}, what, out);
    for (size_t e = 0; e < count; e++)
        for (size_t i = 0; i < panel->line_count; i++) {
            snprintf(look, sizeof look, "ls %zu", panel->lines[i].policy + 1);
            plot_line(&before, elements[e], look, panel->lines[i], what, out);
        }
}
