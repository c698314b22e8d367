#!/bin/sh
# Replays the bundled sample through Redis's eight policies at three sizes; leaves report and figures in out/demo. Says last what to
# look at and what to type next: an indented line is a command (tests/test_demo.c types each).
set -eu
evsim=$1
"$evsim" run tests/data/sample.csv.zst --maxmemory 1536kb,2mb,3mb --output out/demo
cat <<E

Look at, below $(pwd):
  out/demo/report.html     all of it on one page, in a browser
  out/demo/figures/*.svg   $(find out/demo/figures -name '*.svg' | wc -l) figures; hit-ratio-by-maxmemory first

Type next, with a trace of yours instead of the sample:
  # why does a server refuse writes, and what would help?
    $evsim doctor tests/data/sample.csv.zst -m 2mb -p noeviction
  # how much memory is enough?
    $evsim size tests/data/sample.csv.zst -g oom_rejections=0
  # what else is there?
    $evsim -h
E
