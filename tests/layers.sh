#!/bin/sh
# Includes point one way: traces/, policies/ and reports/ include sim/ and themselves, sim/ includes sim/,
# and only sim/main.c includes the registries.
bad=$(
    grep -n '^#include "\(traces\|policies\|reports\|tests\)/' -r sim --include='*.[ch]' | grep -v '^sim/main\.c:'
    grep -n '^#include "sim/.*registry\.h"' -r sim traces policies reports --include='*.[ch]' |
        grep -v '^sim/main\.c:\|/registry\.c:\|^sim/server/servers\.c:'
    for room in traces policies reports; do
        grep -n '^#include "' -r $room --include='*.[ch]' | grep -v "#include \"\(sim\|$room\)/"
    done
)
if [ -n "$bad" ]; then
    echo "layers: these includes point the wrong way:" >&2
    echo "$bad" >&2
    exit 1
fi
echo "layers: ok"
