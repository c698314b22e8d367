/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/version.h"

#include "sim/policy_plugin.h"
#include "sim/result_file.h"

#include <archive.h>
#include <csv.h>
#include <gsl/gsl_version.h>
#include <hiredis/hiredis.h>
#include <jansson.h>
#include <liblzf/lzf.h>
#include <lua5.1/lua.h>
#include <lzma.h>
#include <pcap/pcap.h>
#include <sqlite3.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#include <stdio.h>
#include <string.h>

#define TEXT_OF(number)  #number
#define DOTTED(...)      DOTTED_(__VA_ARGS__)
#define DOTTED_(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

/* The word behind the name in "libpcap version 1.10.3 (...)", "libarchive 3.6.2": how libraries call themselves. */
static const char *number_in(const char *text, char number[32])
{
    size_t at = strcspn(text, "0123456789");

    snprintf(number, 32, "%.*s", (int)strcspn(text + at, " "), text + at);
    return number;
}

/* Where a library can be asked, the one that is loaded answers; else it is what evsim was compiled against. libmd says
 * neither. */
void version_print(const char *version, FILE *out)
{
    size_t length = strcspn(version, "+");
    char pcap[32], archive[32], lua[32];
    unsigned xxhash = XXH_versionNumber();

    fprintf(out, "evsim %.*s", (int)length, version);
    if (version[length])
        fprintf(out, " (%s)", version + length + 1);
    fprintf(out, "\npolicies of your own: policy.h %d; results: format %d\n\n", POLICY_ABI, RESULT_FILE_FORMAT);
    fprintf(out, "gsl         %s\n", gsl_version);
    fprintf(out, "libarchive  %s\n", number_in(archive_version_string(), archive));
    fprintf(out, "libcsv      %s\n", DOTTED(CSV_MAJOR, CSV_MINOR, CSV_RELEASE));
    fprintf(out, "libhiredis  %s\n", DOTTED(HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH));
    fprintf(out, "jansson     %s\n", jansson_version_str());
    fprintf(out, "liblzf      %x.%x\n", LZF_VERSION >> 8, LZF_VERSION & 0xff);
    fprintf(out, "liblzma     %s\n", lzma_version_string());
    fprintf(out, "libpcap     %s\n", number_in(pcap_lib_version(), pcap));
    fprintf(out, "lua         %s\n", number_in(LUA_RELEASE, lua));
    fprintf(out, "sqlite3     %s\n", sqlite3_libversion());
    fprintf(out, "xxhash      %u.%u.%u\n", xxhash / 10000, xxhash / 100 % 100, xxhash % 100);
    fprintf(out, "zlib        %s\n", zlibVersion());
    fprintf(out, "zstd        %s\n", ZSTD_versionString());
    fprintf(out, "compiler    %s\n", __VERSION__);
}
