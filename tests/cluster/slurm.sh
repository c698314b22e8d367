#!/bin/sh
# A Slurm of one node (Debian's slurm-wlm, munge), in a folder of its own and with ports of its own, runs sim/cluster/slurm.sh: an array of
# units, of which one is killed by a signal, which the script puts back, and one is put back by Slurm as it would be after its node has
# failed. The merge must be what one process finds: sh tests/cluster/slurm.sh EVSIM. As root. Status 77: what it needs is not there.
set -eu
evsim=$(readlink -f "$1")
scripts=$PWD/sim/cluster
for program in munged slurmctld slurmd sbatch scontrol; do
    command -v "$program" >/dev/null || { echo "skipped: no $program: apt-get install slurm-wlm munge"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: a slurmd of one's own takes root"; exit 77; }
folder=$(mktemp -d /tmp/evsim-slurm.XXXXXX)
munged= slurmctld= slurmd=
end() {
    for pid in $slurmd $slurmctld $munged; do kill "$pid" 2>/dev/null || true; done
    for pid in $slurmd $slurmctld $munged; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM
cd "$folder"
mkdir state spool work
chmod 755 .
dd if=/dev/urandom of=key bs=128 count=1 2>/dev/null
chmod 400 key
munged --foreground --force --key-file="$folder/key" --socket="$folder/munge" --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" \
    --seed-file="$folder/seed" 2>/dev/null &
munged=$!
host=$(hostname -s)
port=$((20000 + $$ % 20000))
cat >slurm.conf <<END
ClusterName=evsim
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge
CryptoType=crypto/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2
KillWait=1
ReturnToService=2
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$folder/slurm.conf
until [ -S munge ]; do kill -0 "$munged"; sleep 0.1; done
slurmctld -D 2>slurmctld.err &
slurmctld=$!
slurmd -D -N "$host" 2>slurmd.err &
slurmd=$!
tries=0
until scontrol show node "$host" 2>/dev/null | grep -q 'State=IDLE'; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { echo "slurm: the node does not come up"; tail -n 3 slurmctld.err slurmd.err; exit 1; }
    sleep 0.1
done

# Every call of evsim leaves its process id, and so how often each task was begun; the first call of task 1 kills itself while it replays, as
# the kernel would that is out of memory.
cat >work/evsim <<END
#!/bin/sh
[ "\$1" = unit ] || exec '$evsim' "\$@"
n=\$SLURM_ARRAY_TASK_ID.\${SLURM_RESTART_COUNT:-0}
if [ "\$n" = 1.0 ]; then
    '$evsim' "\$@" &
    echo \$! >begun.\$n
    sleep 0.5
    kill -9 \$!
    wait \$!
    exit
fi
echo \$\$ >begun.\$n
[ "\$n" != 2.0 ] || sleep 30
exec '$evsim' "\$@"
END
chmod +x work/evsim
cd work
"$evsim" gen --seed 1 -n 2000000 -k 100000 --ttl-share 0.3 -o trace.csv 2>/dev/null
grid="trace.csv -m 4mb,8mb -p allkeys-lru,allkeys-lfu,volatile-ttl"
"$evsim" run $grid -j 1 --json --quiet >whole.json
"$evsim" plan $grid --unit-cells 1 >grid.plan 2>/dev/null
units=$(($(wc -l <grid.plan) - 1))
EVSIM=$PWD/evsim sh "$scripts/slurm.sh" grid.plan units out >submitted
array=$(squeue --noheader --array --format=%F --name=evsim | sort -u)
tries=0
until [ -e begun.2.0 ]; do # then its node fails, as far as the controller can tell
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo "slurm: task 2 does not begin"; squeue; exit 1; }
    sleep 0.1
done
scontrol requeue "${array}_2"
until [ -e out/run.results ]; do
    tries=$((tries + 1))
    [ $tries -lt 6000 ] || { echo "slurm: no merge"; squeue; tail -n 3 units-*.log; exit 1; }
    sleep 0.1
done
until [ -z "$(squeue --noheader)" ]; do sleep 0.1; done
for again in 1.1 2.1; do
    [ -e "begun.$again" ] || { echo "slurm: task $again was not begun again: $(ls begun.* | tr '\n' ' ')"; exit 1; }
done
"$evsim" merge grid.plan units --json --quiet >merged.json
cmp whole.json merged.json
"$evsim" report out --json --quiet >reported.json
cmp whole.json reported.json
echo "slurm: an array of $units units, one killed by a signal and one put back by Slurm, both begun again; merged: the bytes of one process"
