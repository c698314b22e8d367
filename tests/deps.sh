#!/bin/sh
# Installs the Debian packages named as arguments that are missing; elsewhere names them and stops. A package with a
# question mark is left out where the distribution has none of that name.
set -eu
if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    # Not Debian: what matters is whether the pieces are there.
    missing=
    for tool in cc make gnuplot; do
        command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
    done
    case "$*" in *libcmocka*) cmocka=cmocka.h ;; *) cmocka= ;; esac
    for header in gsl/gsl_rng.h csv.h zstd.h zlib.h lzma.h jansson.h xxhash.h sha1.h $cmocka; do
        printf '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\n' "$header" |
            ${CC:-cc} -E -x c - >/dev/null 2>&1 || missing="$missing $header"
    done
    [ -z "$missing" ] && exit 0
    echo "evsim: missing here:$missing" >&2
    echo "evsim: install them (GSL, libcsv, zstd, zlib, liblzma, jansson, xxhash, libmd, hiredis, cmocka, gnuplot) and try again" >&2
    exit 1
fi
# The arguments that are not installed packages.
not_installed() {
    for package in "$@"; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$status" = installed ] || printf ' %s' "$package"
    done
}
# Those of the arguments that the distribution has, as far as it is known here.
available() {
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then printf ' %s' "$package"; fi
    done
}
wanted= optional=
for package in "$@"; do
    case $package in *\?) optional="$optional ${package%?}" ;; *) wanted="$wanted $package" ;; esac
done
# shellcheck disable=SC2086
missing=$(not_installed $wanted) optional=$(not_installed $optional)
sudo=
if [ "$(id -u)" != 0 ]; then
    sudo=$(command -v sudo) || {
        [ -z "$missing" ] && exit 0
        echo "evsim: missing packages, and neither root nor sudo to install them. As root:" >&2
        echo "    apt-get install --yes --no-install-recommends$missing" >&2
        exit 1
    }
fi
# Without anything that must be installed, what is known of the distribution is known well enough.
if [ -n "$missing" ]; then
    $sudo apt-get update -qq || true
fi
# shellcheck disable=SC2086
missing=$missing$(available $optional)
[ -z "$missing" ] && exit 0
echo "evsim: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
    echo "evsim: that did not work. By hand:" >&2
    echo "    apt-get install --yes --no-install-recommends$missing" >&2
    exit 1
}
