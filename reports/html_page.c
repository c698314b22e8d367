/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html_page.h"

#include "reports/html_text.h"

#include <sha256.h>

#include <string.h>

/* The Makefile makes each from the file of reports/html/ in its name. Scripts run in this order. */
#define HTML_SOURCES(X)                                                                                                \
    X(page_css, "page.css")                                                                                            \
    X(numbers_js, "numbers.js")                                                                                        \
    X(table_js, "table.js")                                                                                            \
    X(chart_js, "chart.js")                                                                                            \
    X(figures_js, "figures.js")                                                                                        \
    X(page_js, "page.js")

#define X(symbol, name) extern const unsigned char html_##symbol[];
HTML_SOURCES(X)
#undef X

const struct html_source html_sources[] = {
#define X(symbol, name) {name, html_##symbol},
    HTML_SOURCES(X)
#undef X
        {0}};

enum { STYLE = 0, FIRST_SCRIPT };

enum { HASH = 32 };

/* 32 bytes as base64: ten times three, and two that are left. */
static void put_base64(const unsigned char *bytes, FILE *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (int i = 0; i < HASH; i += 3) {
        unsigned second = i + 1 < HASH ? bytes[i + 1] : 0, third = i + 2 < HASH ? bytes[i + 2] : 0;
        unsigned all = (unsigned)bytes[i] << 16 | second << 8 | third;

        putc(digits[all >> 18], out);
        putc(digits[all >> 12 & 63], out);
        putc(i + 1 < HASH ? digits[all >> 6 & 63] : '=', out);
        putc(i + 2 < HASH ? digits[all & 63] : '=', out);
    }
}

static void put_hash(const struct html_source *source, FILE *out)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;

    SHA256Init(&context);
    SHA256Update(&context, source->text, strlen((const char *)source->text));
    SHA256Final(hash, &context);
    fputs(" 'sha256-", out);
    put_base64(hash, out);
    putc('\'', out);
}

static void put_policy(FILE *out)
{
    fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; base-uri 'none'; "
          "form-action 'none'; style-src",
          out);
    put_hash(&html_sources[STYLE], out);
    fputs("; script-src", out);
    for (int i = FIRST_SCRIPT; html_sources[i].name; i++)
        put_hash(&html_sources[i], out);
    fputs("\">\n", out);
}

void html_page_begin(const char *title, const char *version, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", out);
    put_policy(out);
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"evsim ",
          out);
    html_put(version, out);
    fputs("\">\n<link rel=\"icon\" href=\"data:,\">\n<title>", out);
    html_put(title, out);
    fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", (const char *)html_sources[STYLE].text);
}

void html_page_begin_data(FILE *out)
{
    fputs("<script type=\"application/json\" id=\"data\">", out);
}

void html_page_end(FILE *out)
{
    fputs("</script>\n", out);
    for (int i = FIRST_SCRIPT; html_sources[i].name; i++)
        fprintf(out, "<script>%s</script>\n", (const char *)html_sources[i].text);
    fputs("</body>\n</html>\n", out);
}
