#!/bin/sh
# The same command says the same to the last byte, however evsim was built and wherever it runs: tests/determinism.sh EVSIM PACKAGES [WAY...].
#
# Each line of determinism/ways.txt is a way to build or to run it, each of determinism/commands.txt a command line, which runs in a
# folder of its own. What a way prints and writes (standard output and error, status, every file) is compared with what EVSIM does, as the first
# way has it. build/determinism keeps both. PACKAGES are Debian's of the libraries; with WAYs only these are tried, besides the first.
set -u
evsim=$PWD/$1 packages=$2 table=tests/determinism work=$PWD/build/determinism tree=$PWD status=0
shift 2
mkdir -p "$work"

# Unpacks Debian's packages of another architecture into a folder, with all that they need: nothing is installed. Returns 1 if they are not to be had.
unpack_foreign()
{
    root=$work/root-$1 apt=$work/apt-$1
    [ -e "$root/complete" ] && return
    rm -rf "$root" "$apt"
    mkdir -p "$root" "$apt/lists/partial" "$apt/archives/partial"
    : >"$apt/status"
    settings="-qq -o APT::Architecture=$1 -o APT::Architectures=$1 -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Dir::State=$apt
        -o Dir::State::status=$apt/status -o Dir::State::lists=$apt/lists -o Dir::Cache=$apt -o Dir::Cache::archives=$apt/archives"
    apt-get $settings update >/dev/null 2>&1
    apt-get $settings install --yes --no-install-recommends --download-only $packages >"$apt/log" 2>&1 || return 1
    for package in "$apt"/archives/*.deb; do
        dpkg-deb --extract "$package" "$root" || return 1
    done
    rm -rf "$apt"
    touch "$root/complete"
}

# A qsort that leaves equal elements in another order, and a locale with other numbers, which no package brings alone.
make_surroundings()
{
    cc -O1 -shared -fPIC -o "$work/unstable.so" $table/unstable_qsort.c || exit 1
    mkdir -p "$work/locale"
    [ -d "$work/locale/de_DE.utf8" ] || localedef -i de_DE -f UTF-8 "$work/locale/de_DE.utf8" 2>/dev/null || :
}

# The traces that the commands read.
make_inputs()
{
    rm -rf "$work/in"
    mkdir -p "$work/in"
    "$evsim" gen -n 20000 -k 3000 --duration 20m --ttl-share 0.5 --ttl-max 10m --writes 3 --deletes 0.3 --value-sigma 1.2 -q -o "$work/in/t.csv"
    "$evsim" gen --preset twitter:cluster52 -n 20000 -q -o "$work/in/cluster.csv"
    "$evsim" gen -n 4000 -k 300 --op zadd=1 --op incr=1 --op hset=1 --op lpush=1 --op sadd=1 --op get=3 -f monitor -q -o "$work/in/ops.monitor"
}

# Runs every command, as many at a time as there are cores, and lists the digests of what they left: run_commands WAY LEFT_OUT.
run_commands()
{
    at=$work/$1 EVSIM=$work/$1.sh
    export EVSIM
    rm -rf "$at"
    mkdir -p "$at"
    awk '!/^#/ && NF { print $1 }' $table/commands.txt | grep -vxF -e "${2:-none}" | xargs -P "$(nproc)" -I NAME sh -c '
        line=$(sed -n "s/^NAME  *//p" tests/determinism/commands.txt)
        mkdir "$1/NAME" && cd "$1/NAME" || exit 1
        ln -s "$2/tests/data" data && ln -s "$3/in" in
        case $1 in */place) umask 077 ;; *) umask 022 ;; esac
        sh -c "$line" >stdout 2>stderr </dev/null
        echo $? >status' run "$at" "$tree" "$work"
    (cd "$at" && find . -type f | LC_ALL=C sort | xargs sha256sum) >"$at.sums"
}

# Says how a way differs from the first: compare WAY LEFT_OUT.
compare()
{
    commands=$(find "$work/$1" -mindepth 1 -maxdepth 1 | wc -l)
    grep -v " ./${2:-none}/" "$work/$first.sums" | diff - "$work/$1.sums" | sed -n 's|^[<>] [0-9a-f]*  ./||p' | sort -u >"$work/$1.differ"
    if [ -s "$work/$1.differ" ]; then
        status=1
        printf '%-9s %d commands, %d files: %d DIFFER\n' "$1" "$commands" "$(wc -l <"$work/$1.sums")" "$(wc -l <"$work/$1.differ")"
        sed 's/^/          /' "$work/$1.differ"
    else
        printf '%-9s %d commands, %d files: the same bytes%s\n' "$1" "$commands" "$(wc -l <"$work/$1.sums")" "${2:+ (without $2)}"
    fi
}

make_surroundings
first=
while IFS='|' read -r name variables runner without; do
    case $name in '#'* | '') continue ;; esac
    name=$(echo $name) without=$(echo $without) program=$evsim
    [ -z "$first" ] || [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    case $variables$runner in *ROOT*)
        if ! command -v aarch64-linux-gnu-gcc >/dev/null || ! command -v qemu-aarch64 >/dev/null || ! unpack_foreign arm64; then
            echo "$name      not tried: there is no cross compiler, no qemu-user, or no library of that architecture"
            continue
        fi ;;
    esac
    variables=$(echo $variables | sed "s|ROOT|$work/root-arm64|")
    runner=$(echo $runner | sed "s|ROOT|$work/root-arm64|; s|LOCALE|de_DE.UTF-8 LOCPATH=$work/locale|; s|UNSTABLE|$work/unstable.so|")
    if [ -n "$variables" ]; then
        variant=determinism/build-$name
        program=$tree/build/$variant/evsim
        eval "make --no-print-directory -j$(nproc) VARIANT=$variant $variables" >"$work/$name.log" 2>&1 ||
            { echo "$name      it does not build: see build/determinism/$name.log" && status=1 && continue; }
    fi
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$runner" "$program" >"$work/$name.sh"
    chmod +x "$work/$name.sh"
    if [ -z "$first" ]; then
        first=$name
        make_inputs
        run_commands "$name" ""
        failed=$(cd "$work/$name" && grep -Lx 0 */status | sed 's|/status||')
        [ -z "$failed" ] || { echo "determinism: commands that fail:" $failed && status=1; }
        printf '%-9s %d commands, %d files\n' "$name" "$(ls "$work/$name" | wc -l)" "$(wc -l <"$work/$name.sums")"
        continue
    fi
    run_commands "$name" "$without"
    compare "$name" "$without"
done <$table/ways.txt
exit $status
