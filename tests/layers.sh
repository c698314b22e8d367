#!/bin/sh
# Who uses whom: arrows between rooms are those of tests/layers.txt, and files form no circles. A file, its header with
# it, uses what it includes and what its object takes from another's: functions, data. Usage: tests/layers.sh BUILD,
# where every object is built.
build=$1
arrows=$(mktemp) && symbols=$(mktemp) || exit 1
trap 'rm -f "$arrows" "$symbols"' EXIT

# "sim/stop stop_asked T ...": file, name, U where it is another's. All objects at once: a process for each takes minutes.
find sim traces policies reports -name '*.c' | sed "s|^\(.*\)\.c\$|$build/\1.o|" | xargs ls 2>/dev/null |
    xargs nm -A -P -g | sed "s|^$build/\(.*\)\.o: |\1 |" >"$symbols"
{
    grep '^#include "' -r sim traces policies reports --include='*.[ch]' |
        sed -E 's/^(.*)\.[ch]:#include "(.*)\.h".*/\1 \2/'
    awk '
        $3 == "U" { user[++uses] = $1; used[uses] = $2; next }
        # What stands in for functions of the C library is used as that is, by everybody.
        $1 !~ /^sim\/host_(malloc|exit)$/ { home[$2] = $1 }
        END { for (i = 1; i <= uses; i++) if (used[i] in home) print user[i], home[used[i]] }' "$symbols"
} | awk '$1 != $2' | sort -u >"$arrows"

# Every arrow between rooms is in the table, and every line of the table is about something.
bad=$(awk '
    function room(file) { if (file == "sim/main") return "main"; sub(/\/[^\/]*$/, "", file); return file }
    FNR == NR {
        if ($0 ~ /^#/ || !NF || $1 == "circle")
            next
        if ($2 == "->")
            single[$1 " " $3] = 1
        else
            for (i = 2; i <= NF; i++)
                allowed[$1 " " $i] = 1
        next
    }
    {
        from = room($1); to = room($2)
        if (from == to || from == "main" || $1 " " $2 in single)
            seen[$1 " " $2] = 1
        else if (from " " to in allowed)
            seen[from " " to] = 1
        else
            print $1 " uses " $2
    }
    $2 ~ /registry$/ && room($1) != "main" && room($1) != room($2) { print $1 " uses a registry, " $2 }
    END {
        for (arrow in allowed) if (!(arrow in seen)) print "nobody needs the arrow " arrow
        for (arrow in single) if (!(arrow in seen)) print "nobody needs the arrow " arrow
    }' tests/layers.txt "$arrows")

# Circles, but for the arrows that are known to close one; of those, each still does.
known=$(awk '$1 == "circle" { print $2 " " $4 }' tests/layers.txt)
circles_without()
{
    printf '%s\n' "$1" | grep -vxFf - "$arrows" | tsort 2>&1 >/dev/null |
        sed -e 's/.*contains a loop.*/a circle of files:/' -e 's/^tsort: /    /'
}
circles=$(circles_without "$known")
stale=$(printf '%s\n' "$known" | grep . | while read -r arrow; do
    others=$(printf '%s\n' "$known" | grep -vxF "$arrow")
    [ -n "$(circles_without "$others")" ] || echo "no circle needs the line: circle ${arrow% *} -> ${arrow#* }"
done)

if [ -n "$bad$circles$stale" ]; then
    echo "layers: tests/layers.txt does not say what the tree does:" >&2
    printf '%s\n' "$bad" "$circles" "$stale" | grep . >&2
    exit 1
fi

# What is not the same to the last bit on every machine, and has a twin that is, in sim/elementary.h, sim/statistics.h or sim/draws.h.
inexact='a?(sin|cos|tan)h?|atan2|exp(2|10|m1)?|log(2|10|1p)?|pow|cbrt|hypot|erfc?|[lt]gamma|fmaf?'
inexact="($inexact)[fl]?|gsl_(stats|cdf|sf|min|fit|integration)_.*|gsl_ran_(exponential|lognormal|pareto|gaussian.*)"
uses=$(awk '$3 == "U" { print $1 ".c uses " $2 }' "$symbols" | grep -E " ($inexact)\$")
if [ -n "$uses" ]; then
    echo "layers: results of these differ by the machine; sim/elementary.h, sim/statistics.h or sim/draws.h has the like:" >&2
    printf '%s\n' "$uses" >&2
    exit 1
fi
echo "layers: ok"
