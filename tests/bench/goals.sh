#!/bin/sh
# The goals that evsim sets itself in speed, memory and sameness, as a table: what is measured, the bound, and whether it is met on this
# machine now. User time unless it is said otherwise, medians of three. Usage: sh tests/bench/goals.sh build/release/evsim [REQUESTS]
#
# KILLS=100 kills a sweep so often (10). LARGE=1 also replays 200 million requests of 50 million keys, through a pipe (many minutes, 9 GB of memory).
set -eu
evsim=$1
requests=${2:-20000000}
keys=$((requests / 20))
folder=build/bench/goals
mkdir -p "$folder"
. tests/bench/measures.sh

# row WHAT VALUE UNIT '>=' BOUND
row() {
    awk -v what="$1" -v value="$2" -v unit="$3" -v op="$4" -v bound="$5" 'BEGIN {
        is = op == ">=" ? value >= bound : op == "<" ? value < bound : value <= bound
        printf "%-66s %8.2f %-6s %2s %6.2f  %s\n", what, value, unit, op, bound, is ? "met" : "not met" }'
}
same() { # WHAT FILE FILE...: all equal the first
    what=$1 first=$2 answer=met
    shift 2
    for file in "$@"; do cmp -s "$first" "$file" || answer="not met"; done
    printf '%-66s %25s  %s\n' "$what" 'identical bytes' "$answer"
}
divide() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.6f", a / b }'; }
rate() { # million requests (or cell-requests, N of them) per user second of a run: rate CELLS ARGUMENTS
    cells=$1
    shift
    divide "$(awk -v n="$requests" -v c="$cells" 'BEGIN { print n * c / 1e6 }')" "$(median "$evsim" run "$@" --json -j 1)"
}
flat() { "$evsim" run "$@" --server flat --unit-sizes --json; }
elapsed() { # seconds of the clock
    from=$(date +%s%N)
    "$@" >"$folder/out"
    awk -v ns="$(($(date +%s%N) - from))" 'BEGIN { print ns / 1e9 }'
}
median_elapsed() { for i in 1 2 3; do elapsed "$@"; done | sort -n | sed -n 2p; }

oracle=$folder/oracle-$requests.bin evt=$folder/oracle-$requests.evt served=$folder/served-$requests.evt tenth=$((keys / 10))
if [ ! -f "$served" ]; then
    trace "served-$requests.csv" --reads 95 --writes 5 --value-mean 200 --ttl-share 1 --ttl-min 1h --ttl-max 24h
    "$evsim" convert "$folder/served-$requests.csv" "$served" >"$folder/out"
    rm "$folder/served-$requests.csv"
fi
trace "oracle-$requests.bin" --format oracleGeneral
[ -f "$evt" ] || "$evsim" convert "$oracle" "$evt" >"$folder/out"

echo "$requests requests, Zipf(1.0) over $keys keys; $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg)"
for goal in lru:60 fifo:80 clock:80 sieve:80; do
    row "1 compiled form, flat ${goal%:*}, room for 10 %" \
        "$(rate 1 "$evt" -s flat --unit-sizes -p "${goal%:*}" -m $tenth)" Mreq/s '>=' "${goal#*:}"
done
row "1 oracleGeneral, flat lru, everything included" "$(rate 1 "$oracle" -s flat --unit-sizes -p lru -m $tenth)" Mreq/s '>=' 25

policies=lru,s3fifo,sieve,lfu
sizes=$(for percent in 1 2 5 10 20 30 40 50; do echo $((keys * percent / 100)); done | paste -sd ,)
together=$(for i in 1 2 3; do cpu_seconds flat "$evt" -j 1 -p $policies -m "$sizes"; done | sort -n | sed -n 2p)
alone=$(for policy in $(echo $policies | tr , ' '); do
    for size in $(echo "$sizes" | tr , ' '); do cpu_seconds flat "$evt" -j 1 -p "$policy" -m "$size"; done
done | awk '{ sum += $1 } END { print sum }')
row "2 4 policies x 8 sizes, cell-requests of CPU time" "$(awk -v n="$requests" -v s="$together" 'BEGIN { print 32 * n / 1e6 / s }')" M/s '>=' 40
row "2 the same: CPU time, of that of 32 single runs" "$(divide "$together" "$alone")" '' '<=' 0.5
one=$(median_elapsed flat "$evt" -j 1 -p $policies -m "$sizes")
two=$(median_elapsed flat "$evt" -j 2 -p $policies -m "$sizes")
row "2 the same: two threads, times as fast as one" "$(divide "$one" "$two")" '' '>=' 1.8

for goal in allkeys-lru:10 allkeys-lfu:10 volatile-ttl:10 allkeys-random:12; do
    value=$(rate 1 "$served" -s redis-7.0.15 -p "${goal%:*}" -m $((900000 + keys * 85)))
    "$evsim" run "$served" -s redis-7.0.15 -p "${goal%:*}" -m $((900000 + keys * 85)) -j 1 --json --quiet >"$folder/out"
    misses=$(awk '/"hit_ratio"/ { printf "%.0f", 100 * (1 - $2) }' "$folder/out")
    row "3 redis-7.0.15 ${goal%:*}, keys with ttls, $misses % misses" "$value" Mreq/s '>=' "${goal#*:}"
done
sizes=$((keys * 60)),$((900000 + keys * 85)),$((keys * 110)),$((keys * 140))
row "3 redis-7.0.15, its 8 policies x 4 sizes in one pass, cell-requests" "$(awk -v n="$requests" \
    -v s="$(user_seconds "$evsim" run "$served" -s redis-7.0.15 -m $sizes -j 1 --json)" 'BEGIN { print 32 * n / 1e6 / s }')" M/s '>=' 12

# All keys are held by each of five equal cells, or by one.
"$evsim" gen --seed 1 --format oracleGeneral --zipf 0 --requests $((keys * 6)) --keys "$keys" --output "$folder/keys.bin"
for goal in flat:24:lru redis-7.0.15:48:allkeys-lru; do
    server=${goal%%:*} policy=${goal##*:} bound=${goal#*:}
    few=$(peak_kb "$folder/keys.bin" -s "$server" -p "$policy" -m 0 --json -j 1)
    many=$(peak_kb "$folder/keys.bin" -s "$server" -p "$policy" -m 0 --json -j 1 --seeds 5)
    row "4 host memory per key and cell, $server $policy" "$(awk -v a="$few" -v b="$many" -v n="$keys" 'BEGIN { print (b - a) * 1024 / 4 / n }')" B '<=' "${bound%:*}"
done
rm "$folder/keys.bin"
stream() { # peak memory in MB of a sweep over a trace that comes through a pipe: REQUESTS KEYS
    rm -f "$folder/pipe"
    mkfifo "$folder/pipe"
    "$evsim" gen --seed 1 --requests "$1" --keys "$2" --zipf 0.6 --format oracleGeneral --output - >"$folder/pipe" 2>/dev/null &
    exec 4<"$folder/pipe"
    "$evsim" run - -s flat --unit-sizes -p lru,sieve -m $(($2 / 50)),$(($2 / 10)) -j 1 --json <&4 >"$folder/out" &
    exec 4<&-
    peak=0
    while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$!/status" 2>/dev/null) && [ -n "$now" ]; do
        peak=$now
        sleep 0.05
    done
    wait
    awk -v kb="$peak" 'BEGIN { print kb / 1024 }'
}
short=$(stream $((keys * 4)) "$keys")
long=$(stream $((keys * 40)) "$keys")
row "4 a stream 10 times longer over the same keys, its peak memory, times" "$(divide "$long" "$short")" '' '<=' 1.05
[ -z "${LARGE:-}" ] || row "4 200 M requests, 50 M keys, 2 policies x 2 sizes: peak memory" \
    "$(divide "$(stream 200000000 50000000)" 1024)" GiB '<=' 8

head -c $((requests / 10 * 24)) "$oracle" >"$folder/part.bin"
few=$(median flat "$folder/part.bin" -j 1 -p lru -m $tenth)
many=$(median flat "$oracle" -j 1 -p lru -m $tenth)
row "5 10 times the requests: user time, times" "$(divide "$many" "$few")" '' '<=' 11.5
row "5 the same" "$(divide "$many" "$few")" '' '>=' 8.5
rm "$folder/part.bin"
one=$(median flat "$evt" -j 1 -p lru -m $tenth)
four=$(median flat "$evt" -j 1 -p lru -m $tenth,$((tenth * 2)),$((tenth * 3)),$((tenth * 4)))
row "5 4 times the cells: user time, times" "$(divide "$four" "$one")" '' '<' 4

# A sweep that keeps what has ended is killed at random moments, and called again.
head -c $((200000 * 24)) "$oracle" >"$folder/short.bin"
begin_sweep() { # ends the shell
    cd "$folder/$1"
    exec "$evsim_path" run ../short.bin -s flat --unit-sizes -p lru,sieve,lfu,fifo,arc -m 1000..20000:+1000 --unit-cells 10 \
        -o out --figures hit-ratio --figure-format svg --quiet >table 2>/dev/null
}
sweep() { (begin_sweep "$1"); }
evsim_path=$(readlink -f "$evsim")
rm -rf "$folder/alone" "$folder/killed"
mkdir "$folder/alone"
whole=$(elapsed sweep alone)
kills=0 equal=0
while [ $kills -lt "${KILLS:-10}" ]; do
    rm -rf "$folder/killed"
    mkdir "$folder/killed"
    begin_sweep killed &
    sleep "$(awk -v s="$whole" -v seed="$kills$$" 'BEGIN { srand(seed); printf "%.3f", s * rand() }')"
    kill -9 $! 2>/dev/null || true
    status=0
    wait $! 2>/dev/null || status=$?
    [ $status = 137 ] || continue
    kills=$((kills + 1))
    sweep killed
    ! diff -r "$folder/alone" "$folder/killed" >/dev/null || equal=$((equal + 1))
done
row "6 killed at random moments and called again: the same bytes, of $kills" $equal '' '>=' $kills

grid="$folder/short.bin -s flat,redis-7.0.15 -p lru,sieve -m 2mb,4mb --seeds 2"
"$evsim" run $grid -j 1 --json --quiet >"$folder/one.json"
"$evsim" run $grid -j 2 --json --quiet >"$folder/two.json"
rm -rf "$folder/units"
"$evsim" plan $grid --unit-cells 3 2>/dev/null >"$folder/grid.plan"
for unit in $(seq 0 $(($(wc -l <"$folder/grid.plan") - 2))); do "$evsim" unit "$folder/grid.plan" -i "$unit" -o "$folder/units" --quiet; done
"$evsim" merge "$folder/grid.plan" "$folder/units" --json --quiet >"$folder/merged.json"
same "7 -j 1, -j 2, plan, unit and merge" "$folder/one.json" "$folder/two.json" "$folder/merged.json"
printf '%-66s %25s  %s\n' "7 ThreadSanitizer" "" "make tsan"
printf '%-66s %25s  %s\n' "8 time against requests, keys, cells and the memory's limits" "" "below"
rm -rf "$folder/alone" "$folder/killed" "$folder/units" "$folder"/*.json "$folder/grid.plan" "$folder/pipe" "$folder/short.bin" "$folder/out" "$folder/err"
