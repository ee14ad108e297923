/* Giving up what a program no longer needs: capabilities first, then every system call outside its steady state. */
#ifndef COMMON_BASE_CONFINE_H
#define COMMON_BASE_CONFINE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* No new privileges, and an empty bounding, ambient, inheritable, permitted and effective set but for keep (a bit mask as in
 * capget(2), kept in permitted and effective). 0, or -1 with errno. */
int confine_capabilities(uint64_t keep);

/* Installs a seccomp filter made at build time. Under the sanitizers the filter was made to log instead of to kill. */
int confine_calls(const struct sock_filter *program, size_t length);

#endif
