# SPDX-License-Identifier: GPL-3.0-or-later
# What bench.sh and goals.sh measure with; they set evsim, requests, keys and folder.

# A trace is made once; its name says what is in it.
trace() {
    [ -f "$folder/$1" ] && return
    file=$1
    shift
    "$evsim" gen --seed 1 --requests "$requests" --keys "$keys" --zipf 1.0 --output "$folder/$file" "$@"
}

# User seconds of a command: of what has ended in a subshell, the third number of `times` is its children's.
user_seconds() {
    (
        "$@" >"$folder/out" 2>"$folder/err" || { cat "$folder/err" >&2; exit 1; }
        times
    ) | awk 'NR == 2 { split($1, t, /[ms]/); print t[1] * 60 + t[2] }'
}

# User and system seconds.
cpu_seconds() {
    (
        "$@" >"$folder/out" 2>"$folder/err" || { cat "$folder/err" >&2; exit 1; }
        times
    ) | awk 'NR == 2 { split($1, u, /[ms]/); split($2, s, /[ms]/); print u[1] * 60 + u[2] + s[1] * 60 + s[2] }'
}

median() {
    for i in 1 2 3; do user_seconds "$@"; done | sort -n | sed -n 2p
}

# Most memory of a run over a trace, in kB: the kernel's own count, read while the run has taken everything
# and waits for more.
peak_kb() {
    file=$1
    shift
    rm -f "$folder/pipe"
    mkfifo "$folder/pipe"
    "$evsim" run - "$@" <"$folder/pipe" >"$folder/out" &
    exec 3>"$folder/pipe"
    cat "$file" >&3
    sleep 1
    awk '/^VmHWM/ { print $2 }' "/proc/$!/status"
    exec 3>&-
    wait $!
}
