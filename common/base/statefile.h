/* Small files that another program reads: there whole or not at all. */
#ifndef COMMON_BASE_STATEFILE_H
#define COMMON_BASE_STATEFILE_H

#include <stddef.h>
#include <sys/types.h>

/* Replaces dir/name by the bytes given, with mode (before umask): writes ".name" beside it and renames. One writer at a
 * time, which is why a fixed name does. No fsync: what is in a depot does not outlive a power cut anyway.
 * 0, or -1 with errno; then the old file is untouched and nothing is left beside it. */
int statefile_write(int dir, const char *name, const void *data, size_t len, mode_t mode);

/* The same by a path. */
int statefile_replace(const char *path, const void *data, size_t len, mode_t mode);

/* All of a regular file as a string, at most max bytes (more is EFBIG); the caller frees it. *len may be NULL. A FIFO or a
 * device in its place is refused with EINVAL, without waiting for it. NULL with errno. */
char *statefile_read(int dir, const char *name, size_t max, size_t *len);

/* A file whose whole content is a decimal number (one newline behind it is allowed). 0, or -1 with errno: ENODATA for an
 * empty file, EINVAL for anything else that is no number. */
int statefile_read_number(int dir, const char *name, long long *number);

#endif
