/* The FIFOs of a process directory: made in the order of the contract, each end opened rightly. */
#ifndef COMMON_BASE_FIFO_H
#define COMMON_BASE_FIFO_H

#include <sys/types.h>

/* Makes the FIFO dir/name, mode 0600, owned by uid and gid. 0, or -1 with errno (EEXIST when the name is taken). */
int fifo_make(int dir, const char *name, uid_t uid, gid_t gid);

/* Opens dir/name if it is a FIFO (EINVAL otherwise), close-on-exec, without ever waiting for the other end (so opening for
 * writing alone is ENXIO while there is no reader). The first leaves the open file non-blocking, the second makes it
 * blocking afterwards. -1 with errno. */
int fifo_open(int dir, const char *name, int flags);
int fifo_open_blocking(int dir, const char *name, int flags);

/* 1 while somebody holds the FIFO open for writing, as dadoo does with `exit`; 0 when nobody does; -1 on error. A read
 * says EAGAIN, or end of file; poll will not do: it keeps quiet about a holder that left before we opened. Only for FIFOs
 * that carry no bytes. */
int fifo_held(int dir, const char *name);

/* Bytes waiting to be read, by any descriptor of the FIFO. -1 with errno. */
int fifo_pending(int fd);

#endif
