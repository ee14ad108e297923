/* Runs when dadoo is built: prints, as a C header, the filter that leaves dadoo no more system calls than it makes while it
 * waits for its process and after that. Made here so that libseccomp need not be in every dadoo there is. */
#include "common/base/filter.h"
#include "common/base/say.h"
#include "common/base/text.h"
#include "dadoo/pidfdinfo.h"

#include <sys/ioctl.h>

/* A call that is missing here costs a process's exit status: under a sanitizer, which makes calls of its own, and for tests
 * that look for such calls, it is only logged. */
#ifdef SANITIZED
#define OTHERWISE SCMP_ACT_LOG
#else
#define OTHERWISE SCMP_ACT_KILL_PROCESS
#endif

/* Where an architecture or its C library has another call for the same, both are named; what it does not have is ignored. */
static const int allowed[] = {
	/* the loop; restart_syscall is what poll becomes when dadoo is stopped and continued */
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(wait4),
	/* streams and what is reported */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	/* the files of the process directory, a zombie in /proc */
	SCMP_SYS(openat),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlinkat),
	SCMP_SYS(faccessat),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(fstatat64),
	SCMP_SYS(statx),
	SCMP_SYS(capget),
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* the end */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const unsigned long requests[] = { FIONREAD, TIOCSWINSZ, PIDFD_GET_INFO };

int main(void)
{
	scmp_filter_ctx filter;

	progname = "dadoo-filter";
	filter = filter_begin(OTHERWISE);
	filter_add(filter, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));
	filter_allow_mappings(filter);
	/* The C library hands a request on as a signed number, so only the lower half is sure. */
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		filter_allow_where(filter, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, requests[i]));
	filter_print(filter, "dadoo/gen/filter.c");
	return 0;
}
