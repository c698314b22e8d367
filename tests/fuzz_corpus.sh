#!/bin/sh
# Chooses what fuzzers begin with: tests/fuzz_corpus.sh BUILD FILES TARGET... writes tests/fuzz/corpus/TARGET anew. Of what is there, in
# build/corpus/TARGET (make fuzz) and in tests/data it takes, by turns, the input of up to 16 KiB that has for its size most branches
# which none before it has, until there are FILES of them, or the next one would add less than a hundredth. Files whose name is not a
# digest, which somebody made, stay.
set -eu
build=$1 most=$2
shift 2
work=build/corpus.choice

for target; do
    kept=tests/fuzz/corpus/$target
    case $target in
    format-*) program=formats EVSIM_FUZZ_FORMAT=${target#format-} && export EVSIM_FUZZ_FORMAT ;;
    *) program=$target && unset EVSIM_FUZZ_FORMAT ;;
    esac
    rm -rf $work
    mkdir -p $work/in $work/out "$kept"
    cp "$kept"/* $work/in 2>/dev/null || :
    find "build/corpus/$target" tests/data -type f -size -33 2>/dev/null | while read -r file; do
        cp "$file" "$work/in/$(sha1sum <"$file" | cut -c1-12)"
    done
    "$build/tests/fuzz/fuzz_$program" -set_cover_merge=1 -max_len=16384 -merge_control_file=$work/control $work/out $work/in >$work/log 2>&1
    # The control file: how many files, how many of them are in out already, their names; then for each its size and its branches.
    awk -v most="$most" '
        NR <= 2 { if (NR == 1) files = $1; next }
        NR <= 2 + files { name[NR - 3] = $0; next }
        $1 == "STARTED" { size[$2] = $3 }
        $1 == "FT" { for (i = 3; i <= NF; i++) has[$2] = has[$2] " " $i }
        function gain(f,   branches, n, i, sum) {
            n = split(has[f], branches, " ")
            for (i = 1; i <= n; i++)
                sum += !(branches[i] in seen)
            return sum
        }
        END {
            for (;;) {
                best = highest = -1
                for (f in has) {
                    if (f in chosen || size[f] > 16384)
                        continue
                    more = gain(f)
                    worth = name[f] !~ /\/[0-9a-f]+$/ ? 1000 : more * 100 < count ? -1 : more / (size[f] + 4096)
                    if (worth > highest && worth) { best = f; highest = worth }
                }
                if (best < 0 || (highest < 1000 && turn++ == most))
                    break
                chosen[best]
                n = split(has[best], branches, " ")
                for (i = 1; i <= n; i++)
                    if (!(branches[i] in seen)) { count++; seen[branches[i]] }
                print name[best]
            }
        }' $work/control >$work/chosen
    rm -rf "$kept"
    mkdir -p "$kept"
    while read -r file; do
        cp "$file" "$kept"
    done <$work/chosen
    printf '%-24s %3d files %6d bytes\n' "$target" "$(ls "$kept" | wc -l)" "$(cat "$kept"/* | wc -c)"
done
rm -rf $work
