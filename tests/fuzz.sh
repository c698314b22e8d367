#!/bin/sh
# Runs every fuzzer of a build folder for some seconds: tests/fuzz.sh BUILD SECONDS [FORMAT...]. fuzz_formats is one for each format
# of traces, and one for what recognizes them; with FORMATs only these are run. They begin with what is in tests/fuzz/corpus, and the dumps and
# captures that tests use; what they find interesting is kept in build/corpus, and what fails is left there too.
build=$1 seconds=$2 status=0
shift 2

# Runs one: run PROGRAM NAME.
run()
{
    mkdir -p "build/corpus/$2"
    "$1" -max_total_time="$seconds" -max_len=16384 -timeout=5 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$PWD/build/corpus/$2-" "build/corpus/$2" "tests/fuzz/corpus/$2" tests/data \
        >"build/corpus/$2.log" 2>&1 || status=1
    awk -v name="$2" '/number_of_executed_units/ { runs = $2 } / cov: / { cover = $4 }
        END { printf "%-22s %9d inputs, %5d branches seen\n", name, runs, cover }' "build/corpus/$2.log"
    grep -E 'ERROR|SUMMARY|Test unit written' "build/corpus/$2.log" >&2
}

[ $# -gt 0 ] || for fuzzer in "$build"/tests/fuzz/fuzz_*; do
    case $fuzzer in *.o | *.d | *_formats) continue ;; esac
    run "$fuzzer" "${fuzzer##*/fuzz_}"
done
[ $# -gt 0 ] || run "$build/tests/fuzz/fuzz_formats" formats
[ $# -gt 0 ] || set -- $(sed -n 's/^    \.name = "\(.*\)",$/\1/p' traces/*.c)
for format; do
    export EVSIM_FUZZ_FORMAT="$format"
    run "$build/tests/fuzz/fuzz_formats" "format-$format"
done
exit $status
