/* Moves files into or out of a container: joins its namespaces, becomes one of its users, gives up everything else, and
 * unpacks or packs a tar archive there. README.md says how it is called. */
#include "common/base/confine.h"
#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/base/text.h"
#include "nstar/enter.h"
#include "nstar/extract.h"
#include "nstar/names.h"
#include "nstar/pack.h"
#include "nstar/report.h"

#include "nstar-filter.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Large enough that whoever is at the other end works on one part while we do on another. */
#define PIPE_SIZE (256 << 10)

enum { TAR = 1, PID, USER, DESTINATION, MEMBER };

/* Packing holds a descriptor for each level of directories. */
static void allow_many_descriptors(void)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &most) == 0) {
		most.rlim_cur = most.rlim_max;
		setrlimit(RLIMIT_NOFILE, &most); /* or it is less deep */
	}
}

static void load_names(struct names *users, struct names *groups)
{
	autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	names_load(users, root, ACCOUNTS_USERS);
	names_load(groups, root, ACCOUNTS_GROUPS);
}

int main(int argc, char **argv)
{
	const char *member = argc > MEMBER ? argv[MEMBER] : NULL;
	struct stream stream = { .fd = member ? 1 : 0 };
	struct names users = { 0 }, groups = { 0 };
	autouser struct user user = { 0 };

	progname = "nstar";
	fd_standard_open();
	(void)syscall(SYS_close_range, 3, ~0u, 0); /* what a careless caller left open stays out of the container */
	if (argc <= DESTINATION) {
		fprintf(stderr, "Usage: %s <tar path> <pid> <user> <destination> [member]\n", argv[0]);
		return STATUS_UNABLE;
	}
	/* In a UTF-8 locale libarchive packs names as text, else it marks them as binary. Set now, since some C libraries read
	 * files for it, and they must not be the container's. */
	if (member)
		setlocale(LC_CTYPE, "C.UTF-8");
	(void)fcntl(stream.fd, F_SETPIPE_SZ, PIPE_SIZE); /* what is no pipe, or may grow no more, is only slower */
	stream.container = enter_container(argv[PID]);
	enter_find_user(argv[USER], &user);
	enter_home(&user);
	if (!member)
		enter_make(argv[DESTINATION], &user);
	enter_directory(argv[DESTINATION]);
	if (member)
		load_names(&users, &groups);
	allow_many_descriptors();
	enter_user(&user);
	if (confine_calls(filter, ARRAY_SIZE(filter)) < 0)
		unable("confine");
	if (member)
		pack(member, &users, &groups, &stream);
	else
		extract(&stream);
	names_free(&users);
	names_free(&groups);
	return report_status();
}
