/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sanitizer: HAS_SANITIZER is defined where the program is built with one that brings an allocator of its own. */
#ifndef SIM_SANITIZER_H
#define SIM_SANITIZER_H

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define HAS_SANITIZER
#endif

#endif
