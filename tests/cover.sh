#!/bin/sh
# What share of each folder's lines and branches the tests executed: tests/cover.sh BUILD, after they ran there. Fails if it is below
# 90 % of the lines of all that reads what others have written: traces/ and sim/input/. File by file in BUILD/cover.csv, the lines that were
# not executed in BUILD/missed.txt (README.md says which those are); an HTML page per file with gcovr --html-details.
build=$1 least=90
gcovr --root . --object-directory "$build" --filter 'sim/' --filter 'traces/' --filter 'policies/' --filter 'reports/' \
    --csv "$build/cover.csv" --txt "$build/missed.txt" || exit 1
awk -F, -v least="$least" 'NR == 1 { next }
    {
        folder = $1
        sub(/\/[^\/]*$/, "", folder)
        lines[folder] += $2; hit[folder] += $3; branches[folder] += $5; taken[folder] += $6
        lines["all"] += $2; hit["all"] += $3; branches["all"] += $5; taken["all"] += $6
        if ($1 ~ /^(traces|sim\/input)\//) { of_readers += $2; hit_of_readers += $3 }
    }
    END {
        printf "%-24s %7s %9s %9s\n", "folder", "lines", "executed", "branches"
        for (folder in lines)
            printf "%-24s %7d %7.1f %% %7.1f %%\n", folder, lines[folder], 100 * hit[folder] / lines[folder],
                100 * taken[folder] / (branches[folder] ? branches[folder] : 1) | "sort"
        close("sort")
        printf "traces/ and sim/input/: %.1f %% of %d lines, at least %d %% are asked for\n",
            100 * hit_of_readers / of_readers, of_readers, least
        exit 100 * hit_of_readers < least * of_readers
    }' "$build/cover.csv"
status=$?
echo "most lines that were not executed (all of them: $build/missed.txt):"
awk -F, 'NR > 1 && $2 > $3 { printf "%-40s %5d of %5d\n", $1, $2 - $3, $2 }' "$build/cover.csv" | sort -k2,2nr | head -n 15
exit $status
