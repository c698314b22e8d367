#!/bin/sh
# The quick test programs under valgrind, and the golden command lines, each of whose evsim runs under it: what is read
# before it was written, and what is lost. Usage: tests/valgrind.sh BUILD. What takes seconds by itself would take
# minutes here; the sanitizers run that.
build=$1
export EVSIM_PLUGINS="$build/tests/plugins" EVSIM_SHARED="${EVSIM_SHARED:-../shared}"
slow='_(fidelity.*|live_fidelity|determinism|published.*|sweep|golden|reports|options|report|format|policy|admission|mrc|keys)$'
check="valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect"
passed=0 failed=0

run() { # NAME COMMAND
    name=$1
    shift
    if out=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "$name: ok"
    else
        failed=$((failed + 1))
        printf '%s\n' "$out" | grep -v '^\[\( RUN  \|       OK\)' >&2
    fi
}

wrapper=$build/evsim-in-valgrind
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$check" "$(realpath "$build/evsim")" >"$wrapper"
chmod +x "$wrapper"
for program in "$build"/tests/test_* "$build"/tests/laws_*; do
    case $program in *.o | *.d) continue ;; esac
    # shellcheck disable=SC2086
    echo "$program" | grep -Eq "$slow" || run "${program##*/}" env EVSIM="$build/evsim" $check "$program"
done
for cmd in tests/golden/*/cmd; do
    name=$(basename "$(dirname "$cmd")")
    [ "$name" = mrc_json ] && continue # prints what is computed in long double, which valgrind takes for double
    run "golden/$name" env EVSIM="$wrapper" "$build/tests/test_golden" "$name"
done
echo "valgrind: $passed passed, $failed failed"
[ $failed -eq 0 ]
