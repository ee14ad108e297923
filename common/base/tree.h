/* Whole directory trees: removed, without ever leaving them. */
#ifndef COMMON_BASE_TREE_H
#define COMMON_BASE_TREE_H

/* Removes dir/name, a directory with everything below it or any other entry. Links are removed, never followed; a
 * directory that something is mounted on is an error (EXDEV), so that nothing behind a mount is ever lost. Entries that
 * appear meanwhile are removed too, for a while. 0 also when it is not there; -1 with errno. */
int tree_remove(int dir, const char *name);

#endif
