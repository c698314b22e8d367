/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream_words: the words that the arguments of the stream commands have. Elements name them by number (ELEMENT_WORD). */
#ifndef SIM_STREAM_WORDS_H
#define SIM_STREAM_WORDS_H

/* W(name in C, as it is written) */
#define STREAM_WORDS(W)                                                                                                \
    W(NOMKSTREAM, "nomkstream")                                                                                        \
    W(MAXLEN, "maxlen")                                                                                                \
    W(MINID, "minid")                                                                                                  \
    W(APPROXIMATELY, "~")                                                                                              \
    W(EXACTLY, "=")                                                                                                    \
    W(LIMIT, "limit")                                                                                                  \
    W(COUNT, "count")                                                                                                  \
    W(BLOCK, "block")                                                                                                  \
    W(STREAMS, "streams")                                                                                              \
    W(GROUP, "group")                                                                                                  \
    W(NOACK, "noack")                                                                                                  \
    W(MKSTREAM, "mkstream")                                                                                            \
    W(ENTRIESREAD, "entriesread")                                                                                      \
    W(ENTRIESADDED, "entriesadded")                                                                                    \
    W(MAXDELETEDID, "maxdeletedid")                                                                                    \
    W(IDLE, "idle")                                                                                                    \
    W(TIME, "time")                                                                                                    \
    W(RETRYCOUNT, "retrycount")                                                                                        \
    W(FORCE, "force")                                                                                                  \
    W(JUSTID, "justid")                                                                                                \
    W(LASTID, "lastid")                                                                                                \
    W(FULL, "full")

enum stream_word {
#define W(name, word) STREAM_##name,
    STREAM_WORDS(W)
#undef W
        STREAM_WORD_COUNT
};

#endif
