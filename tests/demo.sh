#!/bin/sh
# Replays the bundled sample through Redis's eight policies at three sizes; leaves figures in out/demo.
set -eu
evsim=$1
"$evsim" run tests/data/sample.csv.zst --maxmemory 1536kb,2mb,3mb --output out/demo
echo
echo "figures: $(pwd)/out/demo/figures"
ls out/demo/figures/*.svg | sed 's/^/    /'
