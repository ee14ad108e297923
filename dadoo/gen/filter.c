/* Runs when dadoo is built: prints, as a C header, the filter that leaves dadoo no more system calls than it makes while it
 * waits for its process and after that. Made here so that libseccomp need not be in every dadoo there is. */
#include "dadoo/pidfdinfo.h"

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

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

static const int mappings[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect) };

static const unsigned long requests[] = { FIONREAD, TIOCSWINSZ, PIDFD_GET_INFO };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "dadoo-filter: fatal: %s\n", strerror(-result));
	exit(1);
}

static scmp_filter_ctx make_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(OTHERWISE);

	check(filter ? 0 : -ENOMEM);
	for (size_t i = 0; i < COUNT(allowed); i++)
		check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0));
	for (size_t i = 0; i < COUNT(mappings); i++)
		check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, mappings[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
	/* The C library hands a request on as a signed number, so only the lower half is sure. */
	for (size_t i = 0; i < COUNT(requests); i++)
		check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, requests[i])));
	return filter;
}

int main(void)
{
	scmp_filter_ctx filter = make_filter();
	struct sock_filter step;
	FILE *program = tmpfile();

	check(program ? 0 : -errno);
	check(seccomp_export_bpf(filter, fileno(program)));
	rewind(program);
	puts("/* Made by dadoo/gen/filter.c. */\n#include <linux/filter.h>\n\nstatic const struct sock_filter filter[] = {");
	while (fread(&step, sizeof step, 1, program) == 1)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", step.code, step.jt, step.jf, step.k);
	puts("};");
	seccomp_release(filter);
	return 0;
}
