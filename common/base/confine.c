#include "common/base/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS _LINUX_CAPABILITY_U32S_3

static int empty_bounding_set(void)
{
	int held;

	/* -1 with EINVAL ends the list: the kernel knows no more. */
	for (unsigned long capability = 0; (held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0)) >= 0; capability++)
		if (held && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return -1;
	return 0;
}

int confine_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[WORDS];

	/* The bounding set is emptied first, for that takes a capability (CAP_SETPCAP). */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || empty_bounding_set() < 0 ||
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 || syscall(SYS_capget, &header, sets) < 0)
		return -1;
	for (unsigned word = 0; word < WORDS; word++) {
		/* What we do not have cannot be kept; to ask for it would be an error. */
		sets[word].permitted &= (uint32_t)(keep >> (32 * word));
		sets[word].effective = sets[word].permitted;
		sets[word].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &header, sets);
}

int confine_calls(const struct sock_filter *program, size_t length)
{
	/* The kernel only reads it; the structure comes without const. */
	struct sock_fprog filter = { .len = (unsigned short)length,
		.filter = (struct sock_filter *)(uintptr_t)program };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}
