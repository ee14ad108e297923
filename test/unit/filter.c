/* What nstar's filter makes of a call, for nstar.bats: "filter CALL" makes it, and prints the errno if it fails. */
#include "common/base/confine.h"
#include "common/base/error.h"
#include "common/base/text.h"

#include "nstar-filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct {
	const char *name;
	long number, arguments[4];
} calls[] = {
	{ "exec", SYS_execve, { (long)"/bin/true" } },
	{ "fork", SYS_clone, { 17 } },
	{ "socket", SYS_socket, { 1, 1 } },
	{ "ptrace", SYS_ptrace, { 16, 1 } },
	{ "mount", SYS_mount, { 0 } },
	{ "setns", SYS_setns, { 0 } },
	{ "chroot", SYS_chroot, { (long)"/" } },
	{ "unshare", SYS_unshare, { 0 } },
	{ "chown", SYS_fchown, { 0 } },
	{ "keyctl", SYS_keyctl, { 0 } },
	{ "bpf", SYS_bpf, { 0 } },
	{ "sysinfo", SYS_sysinfo, { 0 } },
	{ "unknown", 100000, { 0 } },
	{ "device", SYS_mknodat, { -1, (long)"x", S_IFCHR | 0600, 0x103 } },
	{ "disk", SYS_mknodat, { -1, (long)"x", S_IFBLK | 0600, 0x700 } },
	{ "fifo", SYS_mknodat, { -1, (long)"x", S_IFIFO | 0600, 0 } },
	{ "executable", SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS } },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(calls); i++) {
		const long *arg = calls[i].arguments;

		if (strcmp(argv[1], calls[i].name) != 0)
			continue;
		if (confine_capabilities(0) < 0 || confine_calls(filter, ARRAY_SIZE(filter)) < 0)
			return 2;
		if (syscall(calls[i].number, arg[0], arg[1], arg[2], arg[3], -1, 0) >= 0)
			return 0;
		dprintf(1, "%s\n", errno_text(errno));
		return 1;
	}
	return 2;
}
