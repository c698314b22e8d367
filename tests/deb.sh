#!/bin/sh
# Builds the Debian package of the version in .release/version, in build/deb, and lets lintian look at it. What is Debian's own
# is in .debian; the changelog follows from .release/CHANGELOG.md.
set -eu
export LC_ALL=C
version=$(cat .release/version)
released=$(sed -n "s/^## $version - //p" .release/CHANGELOG.md)
[ -n "$released" ] || { echo "deb: .release/CHANGELOG.md has no day for version $version: ## $version - 2026-01-31" >&2; exit 1; }
maintainer=$(sed -n 's/^Maintainer: //p' .debian/control)
source=build/deb/evsim-$version
rm -rf build/deb
mkdir -p "$source"
cp -R sim traces policies reports tests Makefile README.md LICENSE .release "$source"
cp -R .debian "$source/debian"
printf 'evsim (%s) unstable; urgency=medium\n\n  * Version %s: see CHANGELOG.md.\n\n -- %s  %s\n' \
    "$version" "$version" "$maintainer" "$(date -u -R -d "$released")" > "$source/debian/changelog"
(cd "$source" && dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary)
lintian --fail-on error,warning --info --tag-display-limit 0 build/deb/evsim_"$version"_*.changes
rm -rf "$source"
ls build/deb/*.deb
