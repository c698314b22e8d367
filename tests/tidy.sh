#!/bin/sh
# clang-tidy and cppcheck over the product: no findings, or each suppressed with a reason, where it is or in .clang-tidy.
# Usage: tests/tidy.sh [FILE...]: all files of the product. Other versions than Debian 12's, 14 and 2.10, may find other things.
flags="-std=gnu11 -I. -D_GNU_SOURCE -DGSL_RANGE_CHECK_OFF"
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || exit 1
status=0
[ $# -gt 0 ] || set -- sim traces policies reports
# A boolean counts tables in a loop (compareBoolExpressionWithInt); calls through `a ? f : g` are not followed, and what
# they fill seems uninitialized, as does a struct after a branch that returns early ((legacy)Uninitvar: gcc looks for
# that too); two variables may begin alike (duplicateAssignExpression).
cppcheck --quiet -j "$(nproc)" --std=c11 -I. -D_GNU_SOURCE --inline-suppr --error-exitcode=1 \
    --enable=warning,portability,performance --suppress=missingIncludeSystem --suppress=compareBoolExpressionWithInt \
    --suppress=duplicateAssignExpression --suppress=uninitvar --suppress=legacyUninitvar \
    "$@" || status=1
# shellcheck disable=SC2086
find "$@" -name '*.c' | LC_ALL=C sort |
    xargs -n 8 -P "$(nproc)" sh -c '"$0" -quiet "$@" -- '"$flags"' 2>/dev/null' "$tidy" || status=1
[ $status -eq 0 ] && echo "tidy: ok"
exit $status
