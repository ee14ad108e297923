/* Descriptors: released at the end of their scope, written whole, read whole. Every function here keeps O_NONBLOCK as it
 * is, for it belongs to the open file and perhaps to somebody else too. */
#ifndef COMMON_BASE_FD_H
#define COMMON_BASE_FD_H

#include <stddef.h>
#include <sys/types.h>

/* A descriptor that is closed when it goes out of scope; -1 is none. errno survives. */
#define autoclose __attribute__((cleanup(fd_cleanup)))
void fd_cleanup(int *fd);

/* Closes *fd if it is open and sets it to -1. */
void fd_close(int *fd);

/* Takes the descriptor out of an autoclose variable: `return fd_take(&fd);`. */
int fd_take(int *fd);

/* Writes all of data; waits in poll where the descriptor is non-blocking and full. 0, or -1 with errno. */
int fd_write_all(int fd, const void *data, size_t len);

/* Reads up to len bytes, and returns fewer only at end of file. -1 with errno. */
ssize_t fd_read_full(int fd, void *data, size_t len);

/* Opens /dev/null where 0, 1 or 2 is closed, so that no file opened later gets one of those numbers. */
void fd_standard_open(void);

#endif
