/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_file_tree: what files a folder has, and what is in them, to be compared later. */
#ifndef TESTS_FAULTS_SUPPORT_FILE_TREE_H
#define TESTS_FAULTS_SUPPORT_FILE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A folder's files, in the order of their names. */
struct file_tree {
    struct tree_file {
        char *path; /* below the folder */
        uint64_t digest;
    } * files;
    size_t count;
};

/* Symbolic links are left out. */
struct file_tree file_tree_of(const char *folder);
void file_tree_release(struct file_tree *tree);

const struct tree_file *file_tree_find(const struct file_tree *tree, const char *path);
bool file_trees_equal(const struct file_tree *a, const struct file_tree *b);

/* The digest of one file; 0: there is none. */
uint64_t file_digest(const char *path);
/* Empties a folder, or makes it. */
void folder_empty(const char *folder);
/* Copies the files of a folder into another that has none, links as links. */
void folder_copy(const char *from, const char *to);

#endif
