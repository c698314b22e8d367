#!/bin/sh
# Runs every test program of a build folder, quietly unless one fails, and ends with the totals.
build=$1
export EVSIM="$build/evsim" EVSIM_SHARED="${EVSIM_SHARED:-../shared}"
passed=0 failed=0 skipped=0
for program in "$build"/tests/test_* "$build"/tests/laws_* "$build"/tests/model_*; do
    case $program in *.o|*.d|*\**) continue ;; esac
    start=$(date +%s)
    out=$(timeout 600 "$program" 2>&1)
    status=$?
    ok=$(printf '%s\n' "$out" | grep -c '^\[       OK')
    no=$(printf '%s\n' "$out" | grep -c '^\[  FAILED  \] .*[a-z]' )
    skip=$(printf '%s\n' "$out" | grep -c '^\[  SKIPPED \]')
    printf '%-28s %4d passed %4d skipped  %3ds\n' "$(basename "$program")" "$ok" "$skip" $(($(date +%s) - start))
    printf '%s\n' "$out" | grep '^skipped:' | sort -u
    passed=$((passed + ok)) skipped=$((skipped + skip))
    if [ $status -ne 0 ]; then
        printf '%s\n' "$out" | grep -v '^\[\( RUN  \|       OK\)' >&2
        [ "$no" -gt 0 ] || no=1
        failed=$((failed + no))
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
