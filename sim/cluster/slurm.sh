#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The units of a plan as a Slurm array, and the merge behind it. The folder must be one that all nodes see.
#
#     evsim plan trace.evt -m 256mb,512mb,1gb > grid.plan
#     sh slurm.sh grid.plan units out
#
# A task whose node fails is put back into the queue by Slurm, and one that is killed by a signal puts itself back, three
# times at most; a unit that has ended is not replayed again. After an error of evsim's own the merge is not tried: the
# task's log says why. A task asks for the memory that the plan forecasts for its largest unit. What else sbatch should
# know (partition, account, time) may be in its own variables, SBATCH_PARTITION and the like. EVSIM names the program.
set -eu
plan=$1
directory=$2
out=$3
evsim=${EVSIM:-evsim}
last=$(($(wc -l <"$plan") - 2))
memory=$(sed -n 's/.*"memory":\([0-9]*\).*/\1/p' "$plan" | sort -n | tail -n 1)
task=$(cat <<END
'$evsim' unit '$plan' --index "\$SLURM_ARRAY_TASK_ID" -o '$directory' -j 1 --quiet
status=\$?
if [ "\$status" -gt 128 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt 3 ]; then
    exec scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\$SLURM_ARRAY_TASK_ID"
fi
exit "\$status"
END
)
array=$(sbatch --parsable --job-name=evsim --array="0-$last" --ntasks=1 --cpus-per-task=1 --requeue \
    --mem="$((memory / 1048576 + 1))M" --output="$directory-%a.log" --open-mode=append --wrap "$task")
sbatch --job-name=evsim-merge --dependency="afterok:$array" --kill-on-invalid-dep=yes --output="$directory-merge.log" \
    --wrap "exec '$evsim' merge '$plan' '$directory' -o '$out'"
