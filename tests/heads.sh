#!/bin/sh
# Every file begins alike: line 1 is the licence's tag, line 2 begins the essay, "/* name: what it is". A .c file that has
# a header of its name may leave the essay to that, and go on with including it. The name is the file's, or in policies/
# the policy's. A header's include guard is its path. Files over 500 lines say why, in sim/README.md.
bad=$(find sim traces policies reports tests -name '*.[ch]' | LC_ALL=C sort | xargs awk '
    function fault(what) { print file ": " what }
    # summary_csv is summary.csv, oracle_general oracleGeneral.
    function plain(name) { gsub(/[-_.]/, "", name); return tolower(name) }
    function stem(path) { sub(/.*\//, "", path); sub(/\.[ch]$/, "", path); return path }
    function check_essay(line,   names, n, i) {
        if (line !~ /^\/\* [A-Za-z0-9_.-]+(, [A-Za-z0-9_.-]+)*: /)
            return fault("line 2 does not begin as \"/* " stem(file) ": \" does")
        if (file ~ /^policies\/.*\.c$/)
            return
        sub(/^\/\* /, "", line)
        sub(/: .*/, "", line)
        n = split(line, names, ", ")
        for (i = 1; i <= n; i++)
            if (plain(names[i]) == plain(stem(file)))
                return
        fault("line 2 is about " line ", not " stem(file))
    }
    FNR == 1 {
        file = FILENAME
        own = file
        sub(/\.c$/, ".h", own)
        has_own = own != file && (getline dummy < own) > 0
        close(own)
        guard = toupper(file)
        gsub(/[^A-Z0-9]/, "_", guard)
        guarded = 0
        if ($0 != "/* SPDX-License-Identifier: GPL-3.0-or-later */")
            fault("line 1 is not the SPDX tag")
    }
    FNR == 2 && !(has_own && $0 == "#include \"" own "\"") { check_essay($0) }
    file ~ /\.h$/ && !guarded && /^#/ {
        guarded = 1
        if ($0 != "#ifndef " guard)
            fault("the include guard is not " guard)
    }
')
if [ -n "$bad" ]; then
    echo "heads: these files do not begin as the others do:" >&2
    echo "$bad" >&2
    exit 1
fi

# Product files over 500 lines have a row in sim/README.md, which says why, and nothing else has one.
long=$(find sim traces policies reports -name '*.[ch]' | xargs wc -l | awk '$1 > 500 && $2 != "total" { print $2 }' | LC_ALL=C sort)
listed=$(sed -n '/^## Files over 500 lines/,$ s/^| `\([^`]*\)` .*/\1/p' sim/README.md | LC_ALL=C sort)
if [ "$long" != "$listed" ]; then
    echo "heads: of these files, sim/README.md (Files over 500 lines) and the tree say different things:" >&2
    printf '%s\n%s\n' "$long" "$listed" | LC_ALL=C sort | uniq -u >&2
    exit 1
fi
echo "heads: ok"
