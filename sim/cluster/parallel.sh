#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The units of a plan on this machine's cores, by GNU parallel; called again after a crash, it goes on where it was.
#
#     evsim plan trace.evt -m 256mb,512mb,1gb > grid.plan
#     sh parallel.sh grid.plan units
#     evsim merge grid.plan units -o out
#
# With `--sshloginfile FILE` in PARALLEL, units run on other machines, too: those that see the same files by the same
# paths. EVSIM names the program.
set -eu
plan=$1
directory=$2
mkdir -p "$directory"
seq 0 "$(($(wc -l <"$plan") - 2))" |
    parallel --joblog "$directory/parallel.log" --resume-failed --halt soon,fail=1 --line-buffer \
        "${EVSIM:-evsim}" unit "$plan" --index {} -o "$directory" -j 1 --quiet
