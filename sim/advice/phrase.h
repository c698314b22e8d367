/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phrase: the sentences of a diagnosis. */
#ifndef SIM_ADVICE_PHRASE_H
#define SIM_ADVICE_PHRASE_H

/* A text that is made as printf makes it, of 1023 bytes at most; to be freed. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
