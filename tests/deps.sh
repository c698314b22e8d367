#!/bin/sh
# Installs the Debian packages named as arguments that are missing; elsewhere names them and stops.
set -eu
if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    # Not Debian: what matters is whether the pieces are there.
    missing=
    for tool in cc make pkg-config gnuplot; do
        command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
    done
    for header in gsl/gsl_rng.h csv.h zstd.h zlib.h jansson.h xxhash.h cmocka.h; do
        printf '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\n' "$header" |
            ${CC:-cc} -E -x c - >/dev/null 2>&1 || missing="$missing $header"
    done
    [ -z "$missing" ] && exit 0
    echo "evsim: missing here:$missing" >&2
    echo "evsim: install them (GSL, libcsv, zstd, zlib, jansson, xxhash, cmocka, gnuplot) and try again" >&2
    exit 1
fi
missing=
for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
install="apt-get install --yes --no-install-recommends$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
    sudo=$(command -v sudo) || {
        echo "evsim: missing packages, and neither root nor sudo to install them. As root:" >&2
        echo "    $install" >&2
        exit 1
    }
fi
echo "evsim: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
    echo "evsim: that did not work. By hand:" >&2
    echo "    $install" >&2
    exit 1
}
