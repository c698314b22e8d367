#!/bin/sh
# The goals and whether they are met (bench/goals.sh); then replay rates of this machine: million requests per second of user time, median
# of three runs, decoding included; and what a key costs the host. Usage: sh tests/bench.sh build/release/evsim [REQUESTS [OTHER]]
#
# OTHER is another evsim, to compare with in pairs: that of the tree before a change.
set -eu
evsim=$1
requests=${2:-20000000}
other=${3:-}
keys=$((requests / 20))
folder=build/bench
mkdir -p "$folder"

. tests/bench/measures.sh

sh tests/bench/goals.sh "$evsim" "$requests"
echo

# rate NAME ARGUMENTS: one line of the table, for a run of one cell on one thread.
rate() {
    name=$1
    shift
    seconds=$(median "$evsim" run "$@" --json -j 1)
    "$evsim" run "$@" --json -j 1 >"$folder/out"
    awk -v name="$name" -v seconds="$seconds" '
        /"requests"/ { requests = $2 + 0 }
        /"hit_ratio"/ { misses = 100 * (1 - $2) }
        END { printf "%-48s %7.1f Mreq/s %6.1f s %6.1f %% misses\n", name, requests / seconds / 1e6, seconds, misses }
    ' "$folder/out"
}

# paired NAME A B: two shell lines in turn, seven times, and the median of the ratios of their user seconds.
paired() {
    for i in 1 2 3 4 5 6 7; do
        echo "$(user_seconds sh -c "$2") $(user_seconds sh -c "$3")"
    done | awk '{ print $1 / $2, $1 }' | sort -n | awk -v name="$1" 'NR == 4 {
        printf "%-64s %6.3f %6.2f s\n", name, $1, $2 }'
}

tag=$requests-$keys
trace "oracle-$tag.bin" --format oracleGeneral
trace "twitter-$tag.csv" --reads 95 --writes 5 --value-mean 200 --ttl-share 0.3

echo "$requests requests, Zipf(1.0) over $keys keys; user time, median of 3, one thread"
rate "flat lru, room for 10 % of the keys" "$folder/oracle-$tag.bin" --server flat --unit-sizes \
    --policy lru --maxmemory $((keys / 10))
rate "flat lru, room for all keys" "$folder/oracle-$tag.bin" --server flat --unit-sizes \
    --policy lru --maxmemory "$keys"
rate "oracleGeneral, flat noeviction, no limit: ingest" "$folder/oracle-$tag.bin" --server flat --unit-sizes \
    --policy noeviction --maxmemory 0
[ -f "$folder/oracle-$tag.evt" ] || "$evsim" convert "$folder/oracle-$tag.bin" "$folder/oracle-$tag.evt" >"$folder/out"
for policy in lru fifo clock sieve; do
    rate "compiled form, flat $policy, room for 10 %" "$folder/oracle-$tag.evt" --server flat --unit-sizes \
        --policy "$policy" --maxmemory $((keys / 10))
done
rate "redis-7.0.15 allkeys-lru, about 20 % misses" "$folder/oracle-$tag.bin" --server redis-7.0.15 \
    --policy allkeys-lru --maxmemory $((keys * 50))
rate "Twitter CSV, redis-7.0.15 noeviction, no limit" "$folder/twitter-$tag.csv" --server redis-7.0.15 \
    --policy noeviction --maxmemory 0
rate "Twitter CSV, flat noeviction, no limit: ingest" "$folder/twitter-$tag.csv" --server flat \
    --policy noeviction --maxmemory 0

# A grid in one reading, against its cells one by one; user and system time.
grid() {
    "$evsim" run "$folder/oracle-$tag.evt" --server flat --unit-sizes --json -j 1 --policy "$1" --maxmemory "$2"
}

sizes=
for percent in 1 2 5 10 20 30 40 50; do
    sizes=$sizes${sizes:+,}$((keys * percent / 100))
done
policies=lru,s3fifo,sieve,lfu
together=$(cpu_seconds grid "$policies" "$sizes")
alone=$(for policy in $(echo "$policies" | tr , ' '); do
    for size in $(echo "$sizes" | tr , ' '); do cpu_seconds grid "$policy" "$size"; done
done | awk '{ sum += $1 } END { print sum }')
echo
awk -v together="$together" -v alone="$alone" -v n="$requests" 'BEGIN {
    printf "4 policies x 8 sizes in one reading: %.1f M cell-requests per CPU second; %.0f %% of the time of 32 readings\n",
        32 * n / together / 1e6, 100 * together / alone }'

# How time grows: with requests over the same keys (the first of the trace), with cells, with keys; beside what the memory of
# this machine would take at its slowest, one load after the other for each request, over 24 bytes a key.
echo
echo "how time grows: user seconds, median of 3; x is the ratio to the line before"
: >"$folder/growth.dat"
grow() { # WHAT AMOUNT COMMAND...
    what=$1
    amount=$2
    shift 2
    echo "$what $amount $(median "$@")" >>"$folder/growth.dat"
}
flat() { "$evsim" run "$@" --server flat --unit-sizes --json -j 1; }
for part in 100 10 1; do
    n=$((requests / part))
    head -c $((n * 24)) "$folder/oracle-$tag.bin" >"$folder/part.bin"
    grow requests $n flat "$folder/part.bin" --policy lru --maxmemory $((keys / 10))
done
size=$((keys / 10))
list=$size
for cells in 1 4 16; do
    while [ "$(echo "$list" | tr , '\n' | wc -l)" -lt $cells ]; do
        size=$((size + keys / 40))
        list=$list,$size
    done
    grow cells $cells flat "$folder/oracle-$tag.evt" --policy lru --maxmemory "$list"
done
for part in 100 10 1; do
    n=$((keys / part))
    "$evsim" gen --format oracleGeneral --zipf 1.0 --requests "$requests" --keys $n --output "$folder/part.bin"
    grow keys $n flat "$folder/part.bin" --policy lru --maxmemory $((n / 10))
    "$(dirname "$evsim")/tests/bench/memory_speed" $((n * 24)) |
        awk -v n=$n -v requests="$requests" '{ print "load", n, $1 * requests / 1e9, $1; print "stream", n, 24 * requests / $2 / 1e9, $2 }' \
            >>"$folder/growth.dat"
done
awk '$1 == "load" { printf "memory    %10d keys of 24 bytes: %.1f ns a load that waits for the one before", $2, $4; next }
    $1 == "stream" { printf ", %.1f GB/s in a row\n", $4; next }
    { printf "%-9s %10d %8.2f s", $1, $2, $3
      if (what == $1 && seconds >= 0.05) printf "  x %.1f for x %.0f", $3 / seconds, $2 / amount
      print ""; what = $1; amount = $2; seconds = $3 }' "$folder/growth.dat"
gnuplot <<END
set terminal svg size 900,320 noenhanced
set output '$folder/growth.svg'
set multiplot layout 1,3
set logscale xy
set key top left
set ylabel 'user seconds'
set yrange [0.01:*]
f(what) = '< grep ^' . what . ' $folder/growth.dat'
set xlabel 'requests'
plot f('requests') using 2:3 with linespoints title 'flat lru'
set xlabel 'cells'
plot f('cells') using 2:3 with linespoints title 'flat lru, sizes'
set xlabel 'keys'
plot f('keys') using 2:3 with linespoints title 'flat lru', f('load') using 2:3 with lines title 'a load a request', \\
    f('stream') using 2:3 with lines title '24 bytes a request'
END
echo "$folder/growth.svg shows it"
rm -f "$folder/part.bin"

# A structure: every hash gets its 20 fields, then fields are written and read by turns.
hashes=$((requests / 20))
[ -f "$folder/hashes-$hashes.txt" ] || awk -v hashes="$hashes" 'BEGIN {
    for (h = 0; h < hashes; h++) {
        printf "%.6f [0 127.0.0.1:5000] \"hset\" \"h%d\"", 1700000000 + h / 1e5, h
        for (f = 0; f < 20; f++) printf " \"f%d\" \"value-%d\"", f, f
        print ""
    }
    srand(1)
    for (i = 0; i < 4 * hashes; i++) {
        at = 1700000000 + (hashes + i) / 1e5; h = int(rand() * hashes); f = int(rand() * 20)
        if (i % 2) printf "%.6f [0 127.0.0.1:5000] \"hget\" \"h%d\" \"f%d\"\n", at, h, f
        else printf "%.6f [0 127.0.0.1:5000] \"hset\" \"h%d\" \"f%d\" \"value-%d\"\n", at, h, f, f
    }
}' >"$folder/hashes-$hashes.txt"
head -n "$hashes" "$folder/hashes-$hashes.txt" >"$folder/loading.txt"
echo
for i in 1 2 3; do
    for file in "loading" "hashes-$hashes"; do
        "$evsim" run "$folder/$file.txt" -s redis-7.0.15 -p noeviction -m 0 --json -j 1 --timing 2>&1 >"$folder/out" |
            awk '/replay:/ { for (i = 1; i <= NF; i++) if ($i ~ /^s,?$/) print $(i - 1) }'
    done | tr '\n' ' '
    echo
done | awk -v n="$((4 * hashes))" -v hashes="$hashes" '{ print n / ($2 - $1) / 1e6 }' | sort -n | sed -n 2p |
    awk -v hashes="$hashes" '{ printf "HSET and HGET, %d hashes of 20 fields, the replay alone  %6.1f Mreq/s\n", hashes, $1 }'
rm "$folder/loading.txt"

# What an option costs, in pairs.
echo
echo "user seconds with the option, as a multiple of those without it; median of 7 pairs"
plain="$evsim run $folder/twitter-$tag.csv -s redis-7.0.15 -p allkeys-lru -m $((keys * 100)) --json -j 1"
paired "--by prefix" "$plain --by prefix" "$plain"
paired "--miss-cost 5ms" "$plain --miss-cost 5ms" "$plain"

# Strings against another evsim, in pairs.
if [ -n "$other" ]; then
    echo
    echo "user seconds of this evsim, as a multiple of the other's; median of 7 pairs"
    trace "writes-$tag.csv" --reads 50 --writes 40 --deletes 10 --value-mean 200
    for file in "twitter-$tag" "writes-$tag"; do
        for cell in "noeviction -m 0" "allkeys-lru -m $((keys * 100))" "volatile-ttl -m $((keys * 100))"; do
            paired "$file, $cell" "$evsim run $folder/$file.csv -s redis-7.0.15 -p $cell --json -j 1" \
                "$other run $folder/$file.csv -s redis-7.0.15 -p $cell --json -j 1"
        done
    done
fi

# The replay alone of every policy of the literature, as --timing says it: median of three runs.
echo
echo "flat, $requests requests, Zipf(1.0) over $keys keys, room for 10 %, the replay alone; bytes per key of evsim itself"
"$evsim" policies >"$folder/policies"
for policy in $(awk '/^--policy all:/ { for (i = 3; i <= NF; i++) redis[$i] = 1 }
        /^[a-z0-9]/ && $3 ~ /^[0-9]+$/ { name[++n] = $1 } END { for (i = 1; i <= n; i++) if (!redis[name[i]]) print name[i] }' \
        "$folder/policies"); do
    for i in 1 2 3; do
        "$evsim" run "$folder/oracle-$tag.bin" --server flat --unit-sizes --policy "$policy" --maxmemory $((keys / 10)) \
            --json -j 1 --timing 2>&1 >"$folder/out" | awk '/replay:/ { print $(NF - 1) }'
    done | sort -n | sed -n 2p >"$folder/rate"
    awk -v name="$policy" -v rate="$(cat "$folder/rate")" '
        FILENAME ~ /policies$/ { if ($1 == name && $3 ~ /^[0-9]+$/) bytes = $3 + 8; next }
        /"hit_ratio"/ { misses = 100 * (1 - $2) }
        END { printf "%-16s %7.1f Mreq/s %6.2f %% misses %4d B\n", name, rate, misses, bytes }
    ' "$folder/policies" "$folder/out"
done

# Miss-ratio curves: how long they take, and how far a sample of 1 % of the keys is from the truth, at eight sizes from
# a thousandth of all keys to all.
echo
curve() { # NAME ARGUMENTS: user seconds; leaves $folder/mrc/mrc.csv
    name=$1
    shift
    seconds=$(user_seconds "$evsim" mrc "$folder/oracle-$tag.bin" --unit-sizes --points 8 --output "$folder/mrc" "$@")
    printf '%-48s %7.1f s\n' "mrc $name" "$seconds"
}
errors() { # mean absolute error of each curve of the second file against the same policy's in the first
    awk -F, 'FNR == 1 { file++; next } file == 1 { truth[$1, $3] = $4; next }
        { e = $4 - truth[$1, $3]; sum[$1] += e < 0 ? -e : e; n[$1]++; if (!seen[$1]++) order[++k] = $1 }
        END { for (i = 1; i <= k; i++) printf "    %-44s %7.4f mean absolute error\n", order[i], sum[order[i]] / n[order[i]] }' "$@"
}
curve "lru, exact" --policy lru
mv "$folder/mrc/mrc.csv" "$folder/truth.csv"
curve "lru, shards, 1 % of the keys, 10 salts" --policy lru --sample 0.01
errors "$folder/truth.csv" "$folder/mrc/mrc.csv"
curve "lru, shards, 8,000 keys, 10 salts" --policy lru --sample-keys 8000
errors "$folder/truth.csv" "$folder/mrc/mrc.csv"
policies=s3fifo,sieve,arc,allkeys-lru
curve "$policies, in full" --policy $policies --method miniature --sample 1 --salts 1
mv "$folder/mrc/mrc.csv" "$folder/truth.csv"
curve "$policies, miniature, 1 %, 10 salts" --policy $policies --sample 0.01
errors "$folder/truth.csv" "$folder/mrc/mrc.csv"
rm -rf "$folder/mrc" "$folder/truth.csv"

# A sweep decodes and interns once: 4 policies x 8 sizes against 32 runs.
echo
policies=allkeys-lru,allkeys-lfu,allkeys-random,volatile-ttl
sizes=
for i in 1 2 3 4 5 6 7 8; do sizes=$sizes,$((i * keys * 20)); done
sizes=${sizes#,}
few=$((requests / 10))
"$evsim" gen --requests "$few" --keys "$keys" --value-mean 200 --ttl-share 0.3 --output "$folder/sweep.csv"
cpu() { # user and system seconds of a shell line
    (sh -c "$1" >"$folder/out"; times) |
        awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += t[1] * 60 + t[2] } print s }'
}
together=$(cpu "$evsim run $folder/sweep.csv --json -p $policies -m $sizes")
apart=$(cpu "for p in $(echo $policies | tr , ' '); do for m in $(echo $sizes | tr , ' '); do
    $evsim run $folder/sweep.csv --json -j 1 -p \$p -m \$m; done; done")
awk -v one="$together" -v many="$apart" -v few="$few" 'BEGIN {
    printf "%d policies x %d sizes on %d requests: %.1f s of CPU in one run, %.1f s in 32: %.0f %%\n",
        4, 8, few, one, many, 100 * one / many }'

# Two traces that differ in nothing but their number of keys.
echo
for server in flat redis-7.0.15; do
    for n in $((keys / 10)) $keys; do
        "$evsim" gen --format oracleGeneral --zipf 0 --requests $((keys * 6)) --keys "$n" --output "$folder/keys.bin"
        unique=$("$evsim" run "$folder/keys.bin" --server $server -p lru -m 0 --json -j 1 |
            awk '/"keys"/ { print $2 + 0 }')
        echo "$server $unique $(peak_kb "$folder/keys.bin" --server $server -p lru -m 0 --json -j 1)"
    done
done | awk '{
    if ($1 == server)
        printf "%-48s %7.0f host bytes per key\n", server " lru, one cell", ($3 - kb) * 1024 / ($2 - keys)
    server = $1; keys = $2; kb = $3
}'
rm -f "$folder/keys.bin" "$folder/sweep.csv" "$folder/pipe" "$folder/out" "$folder/err" "$folder/policies" "$folder/rate"
