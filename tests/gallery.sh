#!/bin/sh
# Draws the figures that the READMEs show, of the bundled sample, into reports/example.
set -eu
evsim=$1 sample=tests/data/sample.csv.zst out=out/gallery
draw() { # FIGURE FOLDER COMMAND...: keeps its SVG
    figure=$1 folder=$out/$2 command=$3
    shift 3
    "$evsim" "$command" "$@" --figures "$figure" --figure-format svg -o "$folder" -q >/dev/null
    find "$folder" -name "$figure.svg" -exec cp '{}' reports/example/ ';'
}
draw remedies doctor doctor $sample -m 2mb -p noeviction
draw hit-ratio run run $sample -m 1536kb,2mb,3mb --interval 2m
draw hit-ratio-by-maxmemory sizes run $sample -m 1100kb..2800kb:+100kb -p noeviction,allkeys-lru,allkeys-lfu,volatile-ttl
draw memory-by-part parts run $sample -m 2mb -p noeviction,allkeys-lru --interval 2m
draw who-evicts-whom groups run $sample -m 2mb -p allkeys-lru,volatile-ttl --by prefix
draw mrc mrc mrc $sample -p lru,sieve,s3fifo,lfu
draw size size size $sample -g 'hit_ratio>=0.7,oom_rejections=0'
draw differences what-if run $sample -m 2mb -p noeviction,allkeys-lru --seeds 5 --what-if 'maxmemory x1.5' --what-if 'EXPIRE * 10m'
draw popularity popularity inspect $sample
ls -l reports/example
