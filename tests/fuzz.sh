#!/bin/sh
# Runs every fuzzer of a build folder for some seconds: tests/fuzz.sh BUILD SECONDS. The texts that the tests use are
# where they begin; what they find interesting is kept in build/corpus, and what fails is left there too.
build=$1 seconds=$2 status=0
for fuzzer in "$build"/tests/fuzz/fuzz_*; do
    case $fuzzer in *.o | *.d) continue ;; esac
    name=${fuzzer##*/fuzz_}
    mkdir -p "build/corpus/$name"
    "$fuzzer" -max_total_time="$seconds" -max_len=4096 -timeout=20 -print_final_stats=1 \
        -artifact_prefix="build/corpus/$name-" "build/corpus/$name" tests/data tests/golden \
        >"build/corpus/$name.log" 2>&1 || status=1
    awk -v name="$name" '/number_of_executed_units/ { runs = $2 } / cov: / { cover = $4 }
        END { printf "%-12s %9d inputs, %5d branches seen\n", name, runs, cover }' "build/corpus/$name.log"
    grep -E 'ERROR|SUMMARY|Test unit written' "build/corpus/$name.log" >&2
done
exit $status
