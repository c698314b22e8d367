#!/bin/sh
# Runs every test program of a build folder, as many at a time as there are cores, quietly unless one fails, and ends with the
# totals. With a program's path behind the folder it runs this one.
build=$1
export EVSIM="$build/evsim" EVSIM_PLUGINS="$build/tests/plugins" EVSIM_SHARED="${EVSIM_SHARED:-../shared}"

# Seconds for one program: sanitizers and counters (asan, tsan, cover ...) take several times as long as what users have.
case $build in */release | */debug) limit=600 ;; *) limit=3600 ;; esac

# The number in cmocka's closing line "[  WORD  ] N test(s)...": FAILED, SKIPPED. PASSED has one without a list. Newer
# ones (Debian 13) name the group: "[  SKIPPED ] tests: N test(s)...".
total() {
    printf '%s\n' "$out" | sed -n "s/^\[  $1 *\] \([a-z]*: \)\{0,1\}\([0-9][0-9]*\) test(s).*/\2/p" | tail -n 1
}

# Says what became of a program, in one piece, and leaves its totals in a file.
run_one() {
    name=$(basename "$1") start=$(date +%s)
    out=$(timeout $limit "$1" 2>&1)
    status=$?
    ok=$(total PASSED) no=$(total FAILED) skip=$(total SKIPPED)
    [ $status -eq 0 ] && no=0
    echo "${ok:-0} ${no:-1} ${skip:-0}" > "$build/tests/totals/$name"
    said=$(printf '%-28s %4d passed %4d skipped  %3ds' "$name" "${ok:-0}" "${skip:-0}" $(($(date +%s) - start))
        printf '%s\n' "$out" | grep '^skipped:' | sort -u | sed 's/^/\n/')
    printf '%s\n' "$said"
    [ $status -eq 0 ] || printf '%s\n' "$out" | grep -v '^\[\( RUN  \|       OK\)' >&2
}

if [ $# -gt 1 ]; then
    run_one "$2"
    exit 0
fi

# Those that take long go first, so that the others fill what is left.
LONG="test_golden test_doctor laws_combinations laws_format test_size test_figures test_size_live laws_result_file test_determinism test_units laws_options laws_help laws_report"
rm -rf "$build/tests/totals" && mkdir -p "$build/tests/totals" || exit 1
for name in $LONG; do
    echo "$build/tests/$name"
done > "$build/tests/order"
ls "$build"/tests/test_* "$build"/tests/laws_* "$build"/tests/model_* | grep -v '\.[od]$' |
    grep -vxFf "$build/tests/order" >> "$build/tests/order"
xargs -P "$(nproc)" -n 1 sh "$0" "$build" < "$build/tests/order" || exit 1
cat "$build"/tests/totals/* | awk '{ ok += $1; no += $2; skip += $3 }
    END { printf "%d passed, %d failed, %d skipped\n", ok, no, skip; exit !(ok > 0 && no == 0) }'
