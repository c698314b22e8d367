#!/bin/sh
# How near sampling comes to exact lru: one run with several maxmemory-samples on a long trace, and a figure of the points
# of hit ratio that are missing, by samples. Leaves both in out/samples.
set -eu
evsim=$1
out=out/samples
mkdir -p $out
"$evsim" gen --format oracleGeneral --requests 4000000 --keys 100000 --zipf 0.9 --rate 10 --output $out/trace.bin
policies=lru
for samples in 1 2 3 5 10 20 64; do
    policies=$policies,allkeys-lru:samples=$samples
done
"$evsim" run $out/trace.bin --server flat --unit-sizes --maxmemory 1000,5000,20000 --policy $policies --output $out
# lru comes first in each block. Column 2 has the policy, 3 maxmemory, 5 the hit ratio.
awk -F, '$2 == "lru" { exact = $5; if (blocks++) print "\n"; print "\"" $3 " of 100,000 keys\"" }
         sub("allkeys-lru:samples=", "", $2) { print $2, 100 * (exact - $5) }' $out/summary.csv >$out/samples.dat
cat >$out/samples.gp <<'G'
set terminal svg size 720,420 font 'DejaVu Sans,13' background rgb 'white'
set output 'samples.svg'
set logscale xy
set xlabel 'maxmemory-samples'
set ylabel 'points of hit ratio below exact lru'
set xtics (1, 2, 3, 5, 10, 20, 64)
set format y '%g'
set grid
set key autotitle columnheader
plot for [block = 0:2] 'samples.dat' index block using 1:($2 > 0 ? $2 : NaN) with steps lw 1 dt 3 lc block + 1 notitle, \
     for [block = 0:2] 'samples.dat' index block using 1:($2 > 0 ? $2 : NaN) with points pt 5 + 2 * block ps 0.8 lc block + 1
G
# A logarithmic axis has no place for them.
awk 'NF == 2 && $2 <= 0 { print "not drawn, for it is not below exact lru: " $2 " points at " $1 " samples" }' $out/samples.dat
(cd $out && gnuplot samples.gp)
rm $out/trace.bin
echo
echo "figure: $(pwd)/$out/samples.svg"
