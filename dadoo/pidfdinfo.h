/* What a pidfd tells about its process, from linux/pidfd.h, which older kernel headers lack or have without the exit
 * information (Linux 6.15). */
#ifndef DADOO_PIDFDINFO_H
#define DADOO_PIDFDINFO_H

#include <stdint.h>
#include <sys/ioctl.h>

struct pidfd_info {
	uint64_t mask; /* in: what is asked for; out: what was known */
	uint64_t cgroup;
	uint32_t pid, thread_group, parent;
	uint32_t ids[8];
	int32_t exit_code; /* a wait status */
};

#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info)
#define PIDFD_INFO_EXIT (1u << 3)

#endif
