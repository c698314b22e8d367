#!/bin/sh
# Runs every test program of a build folder, quietly unless one fails, and ends with the totals.
build=$1
export EVSIM="$build/evsim" EVSIM_PLUGINS="$build/tests/plugins" EVSIM_SHARED="${EVSIM_SHARED:-../shared}"
passed=0 failed=0 skipped=0

# The number in cmocka's closing line "[  WORD  ] N test(s)...": FAILED, SKIPPED. PASSED has one without a list. Newer
# ones (Debian 13) name the group: "[  SKIPPED ] tests: N test(s)...".
total() {
    printf '%s\n' "$out" | sed -n "s/^\[  $1 *\] \([a-z]*: \)\{0,1\}\([0-9][0-9]*\) test(s).*/\2/p" | tail -n 1
}

for program in "$build"/tests/test_* "$build"/tests/laws_* "$build"/tests/model_*; do
    case $program in *.o|*.d|*\**) continue ;; esac
    start=$(date +%s)
    out=$(timeout 600 "$program" 2>&1)
    status=$?
    ok=$(total PASSED) no=$(total FAILED) skip=$(total SKIPPED)
    printf '%-28s %4d passed %4d skipped  %3ds\n' "$(basename "$program")" "${ok:-0}" "${skip:-0}" $(($(date +%s) - start))
    printf '%s\n' "$out" | grep '^skipped:' | sort -u
    passed=$((passed + ${ok:-0})) skipped=$((skipped + ${skip:-0}))
    if [ $status -ne 0 ]; then
        printf '%s\n' "$out" | grep -v '^\[\( RUN  \|       OK\)' >&2
        failed=$((failed + ${no:-1}))
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
