/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/glob.h"

#include <stdint.h>

struct span {
    const char *at, *end;
};

static bool is_empty(const struct span *span)
{
    return span->at >= span->end;
}

/* Whether the byte is in the set at pattern->at, behind its '['. Moves to the last byte of the set. */
static bool is_in_set(struct span *pattern, char byte)
{
    bool negates = !is_empty(pattern) && *pattern->at == '^', found = false;

    pattern->at += negates;
    for (;; pattern->at++) {
        if (pattern->end - pattern->at >= 2 && *pattern->at == '\\') {
            pattern->at++;
            found |= *pattern->at == byte;
        } else if (is_empty(pattern)) {
            pattern->at--; /* a set that is not closed ends with the pattern */
            break;
        } else if (*pattern->at == ']') {
            break;
        } else if (pattern->end - pattern->at >= 3 && pattern->at[1] == '-') {
            unsigned char first = (unsigned char)pattern->at[0], last = (unsigned char)pattern->at[2];
            unsigned char least = first < last ? first : last, most = first < last ? last : first;

            found |= (unsigned char)byte >= least && (unsigned char)byte <= most;
            pattern->at += 2;
        } else {
            found |= *pattern->at == byte;
        }
    }
    return found != negates;
}

/* Whether one byte matches the next element of the pattern, which is no star. Moves to the element's last byte. */
static bool one_matches(struct span *pattern, char byte)
{
    switch (*pattern->at) {
    case '?':
        return true;
    case '[':
        pattern->at++;
        return is_in_set(pattern, byte);
    case '\\':
        pattern->at += pattern->end - pattern->at >= 2;
        return *pattern->at == byte;
    default:
        return *pattern->at == byte;
    }
}

/* The last star is tried at one byte later whenever what follows it does not match: earlier stars need not move. */
bool glob_matches(const char *pattern_text, size_t pattern_bytes, const char *text, size_t text_bytes)
{
    struct span pattern = {pattern_text, pattern_text + pattern_bytes}, rest = {text, text + text_bytes};
    struct span behind_star = {NULL, NULL}, retry = rest;

    while (!is_empty(&rest) || !is_empty(&pattern)) {
        if (!is_empty(&pattern) && *pattern.at == '*') {
            pattern.at++;
            behind_star = pattern;
            retry = rest;
            continue;
        }
        if (!is_empty(&pattern) && !is_empty(&rest) && one_matches(&pattern, *rest.at)) {
            pattern.at++;
            rest.at++;
            continue;
        }
        if (!behind_star.end || is_empty(&retry))
            return false;
        retry.at++;
        rest = retry;
        pattern = behind_star;
    }
    return true;
}
