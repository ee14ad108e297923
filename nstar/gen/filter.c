/* Runs when nstar is built: prints, as a C header, the filter that leaves nstar the system calls with which the C library and
 * libarchive read, make and change files. Made here so that libseccomp need not be in nstar.
 *
 * What is not allowed is as if the kernel did not have it, since newer C libraries try newer calls first. What an intruder
 * would need to get further, and nstar never does, kills. */
#include "common/base/filter.h"
#include "common/base/say.h"
#include "common/base/text.h"

#include <errno.h>
#include <sys/stat.h>

/* The sanitizers make calls of their own; and a rule may not say what holds anyway. */
#ifdef SANITIZED
#define OTHERWISE SCMP_ACT_LOG
#define FATAL SCMP_ACT_ERRNO(ENOSYS)
#else
#define OTHERWISE SCMP_ACT_ERRNO(ENOSYS)
#define FATAL SCMP_ACT_KILL_PROCESS
#endif

/* Where an architecture or its C library has another call for the same, both are named; what it does not have is ignored. */
static const int allowed[] = {
	/* the stream; restart_syscall is what poll becomes when nstar is stopped and continued */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigreturn),
	/* open files */
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64),
	SCMP_SYS(lseek),
	SCMP_SYS(_llseek),
	SCMP_SYS(pread64),
	SCMP_SYS(sendfile),
	SCMP_SYS(sendfile64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(ftruncate64),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(fchmod),
	SCMP_SYS(flistxattr),
	SCMP_SYS(fgetxattr),
	SCMP_SYS(fsetxattr),
	SCMP_SYS(getdents64),
	/* files by name */
	SCMP_SYS(stat),
	SCMP_SYS(stat64),
	SCMP_SYS(lstat),
	SCMP_SYS(lstat64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(fstatat64),
	SCMP_SYS(statx),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(symlink),
	SCMP_SYS(symlinkat),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rmdir),
	SCMP_SYS(chmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(utimensat),
	SCMP_SYS(utimensat_time64),
	SCMP_SYS(lsetxattr),
	SCMP_SYS(chdir),
	SCMP_SYS(fchdir),
	SCMP_SYS(umask),
	/* memory and time */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(geteuid),
	SCMP_SYS(geteuid32),
	/* the end, also that of abort */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(gettid),
	SCMP_SYS(tkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const int fatal[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(socket),
	SCMP_SYS(socketcall),
	SCMP_SYS(socketpair),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(kill),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(chown),
	SCMP_SYS(fchown),
	SCMP_SYS(lchown),
	SCMP_SYS(fchownat),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(add_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(reboot),
};

int main(void)
{
	scmp_filter_ctx filter;

	progname = "nstar-filter";
	filter = filter_begin(OTHERWISE);
	filter_add(filter, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));
	filter_add(filter, FATAL, fatal, ARRAY_SIZE(fatal));
	filter_allow_mappings(filter);
	/* FIFOs, no devices. */
	filter_allow_where(filter, SCMP_SYS(mknod), SCMP_A1(SCMP_CMP_MASKED_EQ, S_IFMT, S_IFIFO));
	filter_allow_where(filter, SCMP_SYS(mknodat), SCMP_A2(SCMP_CMP_MASKED_EQ, S_IFMT, S_IFIFO));
	filter_print(filter, "nstar/gen/filter.c");
	return 0;
}
