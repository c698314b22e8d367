#!/bin/sh
# What share of each folder's lines and branches the tests executed: tests/cover.sh BUILD, after they ran there. File by
# file in BUILD/cover.csv; an HTML page per file with gcovr --html-details.
build=$1
gcovr --root . --object-directory "$build" --filter 'sim/' --filter 'traces/' --filter 'policies/' --filter 'reports/' \
    --csv --output "$build/cover.csv" || exit 1
awk -F, 'NR == 1 { next }
    {
        folder = $1
        sub(/\/[^\/]*$/, "", folder)
        lines[folder] += $2; hit[folder] += $3; branches[folder] += $5; taken[folder] += $6
        lines["all"] += $2; hit["all"] += $3; branches["all"] += $5; taken["all"] += $6
    }
    END {
        printf "%-24s %7s %9s %9s\n", "folder", "lines", "executed", "branches"
        for (folder in lines)
            printf "%-24s %7d %7.1f %% %7.1f %%\n", folder, lines[folder], 100 * hit[folder] / lines[folder],
                100 * taken[folder] / (branches[folder] ? branches[folder] : 1) | "sort"
    }' "$build/cover.csv"
